package rpc

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// signing returns a context that ends with the wait for signatures.
func (r *request) signing(ctx context.Context, seconds client.Seconds) (context.Context, context.CancelFunc, error) {
	wait, err := r.wait(seconds, r.config.wait())
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	return ctx, cancel, nil
}

// uncertified reports whether an error is that nobody certifies a block, for now or for ever.
func uncertified(err error) bool {
	return errors.Is(err, refusal.ErrNoQuorum) || errors.Is(err, refusal.ErrWaitTimeout) || errors.Is(err, refusal.ErrValidatorSet)
}

// certificate returns the certificate of a block by a set. What the node does not keep it
// collects, as far as the client may still ask for that.
func (r *request) certificate(ctx context.Context, header *chain.Header, by namedSet) (*warp.Certificate, error) {
	collector, err := r.vm.Certificates()
	if err != nil {
		return nil, err
	}
	kept, err := collector.KeptCertificate(header, by.Validators)
	if err == nil || !errors.Is(err, refusal.ErrNotFound) {
		return kept, err
	}
	if err := r.client.collection(); err != nil {
		return nil, err
	}
	return pause(ctx, r, func(ctx context.Context) (*warp.Certificate, error) {
		return collector.Certificate(ctx, header, by.Validators)
	})
}

func (r *request) getCertificate(ctx context.Context, p *client.GetCertificateParams) (*client.GetCertificateResult, error) {
	header, err := r.header(&client.BlockParams{Height: p.Height, ID: p.BlockID})
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := r.signing(ctx, p.Wait)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if p.PostQuantum {
		return r.getPostQuantumCertificate(ctx, p, header)
	}
	by, err := r.signers(ctx, p, header)
	if err != nil {
		return nil, err
	}
	certificate, err := r.certificate(ctx, header, by)
	if err != nil {
		return nil, locate(err, client.ErrorData{BlockID: header.ID()})
	}
	weight, err := by.Weight(certificate.Signers)
	if err != nil {
		return nil, err
	}
	return &client.GetCertificateResult{
		Header:           headerAnswer(header),
		Certificate:      certificate.Bytes(),
		ValidatorSetHash: r.hash(by),
		PChainHeight:     by.pChainHeight,
		Weight:           client.Weight(weight),
	}, nil
}

// getPostQuantumCertificate answers with the ML-DSA-65 signatures of the block's own validators.
func (r *request) getPostQuantumCertificate(ctx context.Context, p *client.GetCertificateParams, header *chain.Header) (*client.GetCertificateResult, error) {
	if p.ValidatorSetHash != (chain.Hash{}) || p.TrustedHeight != 0 {
		return nil, refusal.New(refusal.ErrInvalidArgs, "no validatorSetHash and no trustedHeight: the block's own set has signed", "one")
	}
	certificate, keys, err := r.postQuantum(ctx, header)
	if err != nil {
		return nil, locate(err, client.ErrorData{BlockID: header.ID()})
	}
	weight, err := keys.Weight(certificate.Signers)
	if err != nil {
		return nil, err
	}
	answer := &client.GetCertificateResult{
		Header:           headerAnswer(header),
		Certificate:      certificate.Bytes(),
		Keys:             make([]client.Bytes, keys.Len()),
		ValidatorSetHash: header.ValidatorSetHash,
		PChainHeight:     header.PChainHeight,
		Weight:           client.Weight(weight),
	}
	for i := range answer.Keys {
		answer.Keys[i] = keys.Key(i)
	}
	return answer, nil
}

// certificates is POST /certificate: the post-quantum certificate of the block that the body names as GetHeader does, in its encoding,
// and without a copy of it.
func (s *service) certificates() endpoint {
	return endpoint{s, jsonType, s.config.MaxBodyBytes, (*request).answerCertificate}
}

func (r *request) answerCertificate(ctx context.Context, body []byte) response {
	r.named = []string{CertificatePath}
	began := time.Now()
	defer func() { r.metrics.seconds[CertificatePath].Observe(time.Since(began).Seconds()) }()
	certificate, err := r.wholeCertificate(ctx, body)
	if err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, refusal.ErrRateLimited) {
			status = http.StatusTooManyRequests
		}
		return response{status: status, parts: [][]byte{r.failure(ctx, CertificatePath, nil, err)}}
	}
	return response{status: http.StatusOK, parts: certificate.Parts(), mediaType: client.CertificateType}
}

func (r *request) wholeCertificate(ctx context.Context, body []byte) (certificate *warp.PostQuantumCertificate, err error) {
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	defer r.release()
	defer r.guard(CertificatePath, &err)
	p := new(client.BlockParams)
	if err := decodeParameters(body, p); err != nil {
		return nil, err
	}
	header, err := r.header(p)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := r.signing(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if certificate, _, err = r.postQuantum(ctx, header); err != nil {
		return nil, locate(err, client.ErrorData{BlockID: header.ID()})
	}
	return certificate, r.charge(int64(certificate.Size()))
}

// postQuantum returns the post-quantum certificate of a block by its own set, and the set's keys. It counts as a
// collection, because what is remembered is large too, and as another call for as many keys as proofs do.
func (r *request) postQuantum(ctx context.Context, header *chain.Header) (*warp.PostQuantumCertificate, *warp.KeySet, error) {
	collector, err := r.vm.Certificates()
	if err != nil {
		return nil, nil, err
	}
	if err := r.client.collection(); err != nil {
		return nil, nil, err
	}
	type answer struct {
		certificate *warp.PostQuantumCertificate
		keys        *warp.KeySet
	}
	got, err := pause(ctx, r, func(ctx context.Context) (answer, error) {
		certificate, keys, err := collector.PostQuantum(ctx, header)
		return answer{certificate, keys}, err
	})
	if err == nil {
		r.spend(got.keys.Len() / keysOfCall)
	}
	return got.certificate, got.keys, err
}

// signers returns the set that is to have signed a header.
func (r *request) signers(ctx context.Context, p *client.GetCertificateParams, header *chain.Header) (namedSet, error) {
	switch want := p.ValidatorSetHash; {
	case want != (chain.Hash{}) && p.TrustedHeight != 0:
		return namedSet{}, refusal.New(refusal.ErrInvalidArgs, "validatorSetHash or trustedHeight", "both")
	case p.TrustedHeight != 0:
		trusted, err := r.vm.HeaderAt(p.TrustedHeight)
		if err != nil {
			return namedSet{}, err
		}
		return r.setOf(ctx, trusted)
	case want == (chain.Hash{}) || want == header.ValidatorSetHash:
		return r.setOf(ctx, header)
	default:
		current, err := r.currentSet(ctx)
		if err == nil && r.hash(current) != want {
			err = refusal.New(refusal.ErrNotFound, "the hash of the block's own validator set, or of the one of now, "+r.hash(current).String(), want)
		}
		return current, err
	}
}

// lightBlock returns a block for a light client that trusts the one at another height (0:
// none), and how much of the block's own set has signed it; if it is to be post-quantum, with ML-DSA-65 signatures too.
func (r *request) lightBlock(ctx context.Context, header *chain.Header, trustedHeight uint64, postQuantum bool) (*lightclient.LightBlock, warp.Weight, error) {
	own, err := r.setOf(ctx, header)
	if err != nil {
		return nil, warp.Weight{}, err
	}
	certificate, err := r.certificate(ctx, header, own)
	if err != nil {
		return nil, warp.Weight{}, locate(err, client.ErrorData{BlockID: header.ID()})
	}
	weight, err := own.Weight(certificate.Signers)
	if err != nil {
		return nil, warp.Weight{}, err
	}
	b := &lightclient.LightBlock{Header: header, Validators: own.ValidatorSet, Certificate: certificate}
	if handover, err := r.handover(ctx, header, trustedHeight); err != nil {
		return nil, warp.Weight{}, err
	} else if handover != nil {
		b.Handovers = []lightclient.Handover{*handover}
	}
	if postQuantum {
		if b.PostQuantum, err = r.attested(ctx, header); err != nil {
			return nil, warp.Weight{}, locate(err, client.ErrorData{BlockID: header.ID()})
		}
	}
	return b, weight, nil
}

// attested returns the ML-DSA-65 signatures of a block, and the proofs of the keys that they are made with.
func (r *request) attested(ctx context.Context, header *chain.Header) (*lightclient.PostQuantum, error) {
	if kept, err := r.checkpoint(header); err != nil {
		return nil, err
	} else if kept != nil {
		return kept.PostQuantum, r.client.collection()
	}
	certificate, keys, err := r.postQuantum(ctx, header)
	if err != nil {
		return nil, err
	}
	proven, err := r.keyProofs(ctx, header, keys.ValidatorSet)
	return &lightclient.PostQuantum{Certificate: certificate, Proofs: proven}, err
}

// keyProofs returns the proofs of the keys that a set's validators have in the state after a block, in the set's order.
func (r *request) keyProofs(ctx context.Context, header *chain.Header, set *warp.ValidatorSet) ([][]byte, error) {
	return r.vm.KeyProofs(header, set, func(i int) error {
		if i%keysOfCall == 0 {
			r.spend(1)
		}
		return ctx.Err()
	})
}

// leaveOutKeys leaves out of a block's proofs the keys that have been the same in the state after a block that the client knows, if
// that is known here.
func (r *request) leaveOutKeys(ctx context.Context, b *lightclient.LightBlock, known uint64) error {
	if b.PostQuantum == nil {
		return nil
	}
	snapshot, err := r.vm.SnapshotAt(known)
	if errors.Is(err, refusal.ErrNotFound) || errors.Is(err, refusal.ErrPruned) {
		return nil
	} else if err != nil {
		return err
	}
	return b.LeaveOutKeys(func(id ids.ID) ([]byte, error) {
		key, err := snapshot.ValidatorKey(id)
		if errors.Is(err, refusal.ErrNotFound) {
			return nil, ctx.Err()
		} else if err != nil {
			return nil, err
		}
		return key.Bytes(), ctx.Err()
	})
}

// checkpoint returns what this node keeps of a block that is a checkpoint, nil if the block is none.
func (r *request) checkpoint(header *chain.Header) (*lightclient.LightBlock, error) {
	kept, err := r.vm.Checkpoint(header.Height)
	switch {
	case errors.Is(err, refusal.ErrNotFound), err == nil && kept.Header.ID() != header.ID():
		return nil, nil
	default:
		return kept, err
	}
}

// handover returns the certificate of a block by the set behind another one, if that is
// another set; nil, if it is not, or is not known here, or does not sign any more.
func (r *request) handover(ctx context.Context, header *chain.Header, trustedHeight uint64) (*lightclient.Handover, error) {
	if trustedHeight == 0 {
		return nil, nil
	}
	trusted, err := r.vm.HeaderAt(trustedHeight)
	if errors.Is(err, refusal.ErrNotFound) {
		return nil, nil // this node is behind the client
	} else if err != nil {
		return nil, err
	}
	if trusted.ValidatorSetHash == header.ValidatorSetHash || trusted.ValidatorSetHash == (chain.Hash{}) {
		return nil, nil
	}
	set, err := r.setOf(ctx, trusted)
	if err != nil {
		return nil, err
	}
	certificate, err := r.certificate(ctx, header, set)
	if uncertified(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return &lightclient.Handover{ValidatorSetHash: trusted.ValidatorSetHash, Certificate: certificate}, nil
}

func (r *request) getLightBlock(ctx context.Context, p *client.GetLightBlockParams) (*client.GetLightBlockResult, error) {
	if p.Keys && p.PostQuantum {
		return nil, refusal.New(refusal.ErrInvalidArgs, "postQuantum, which has the keys, or keys", "both")
	}
	ctx, cancel, err := r.signing(ctx, p.Wait)
	if err != nil {
		return nil, err
	}
	defer cancel()
	b, weight, err := r.lightBlockAt(ctx, p.Height, p.TrustedHeight, p.PostQuantum)
	if err == nil && p.Keys {
		b.PostQuantum = new(lightclient.PostQuantum)
		b.PostQuantum.Proofs, err = r.keyProofs(ctx, b.Header, b.Validators)
	}
	if err == nil && p.KnownKeys != 0 {
		err = r.leaveOutKeys(ctx, b, p.KnownKeys)
	}
	if err != nil {
		return nil, err
	}
	return &client.GetLightBlockResult{
		Height:     b.Header.Height,
		BlockID:    b.Header.ID(),
		LightBlock: b.Bytes(),
		Handover:   len(b.Handovers) > 0,
		Weight:     client.Weight(weight),
	}, nil
}

// lightBlockAt returns the block at a height, or, for 0, the latest one that is certified.
func (r *request) lightBlockAt(ctx context.Context, height, trustedHeight uint64, postQuantum bool) (*lightclient.LightBlock, warp.Weight, error) {
	if height != 0 {
		header, err := r.vm.HeaderAt(height)
		if err != nil {
			return nil, warp.Weight{}, err
		}
		return r.lightBlock(ctx, header, trustedHeight, postQuantum)
	}
	latest := r.vm.Snapshot().Header()
	b, weight, err := r.lightBlock(ctx, latest, trustedHeight, postQuantum)
	if !uncertified(err) {
		return b, weight, err
	}
	// Those who would have to sign it have left since. An earlier block may do.
	certified, certifiedErr := r.latestCertified(postQuantum)
	if certifiedErr != nil {
		return nil, warp.Weight{}, err
	}
	return r.lightBlock(ctx, certified, trustedHeight, postQuantum)
}

// latestCertified returns the header of the highest block whose certificates this node keeps: a checkpoint, if they are to be post-quantum.
func (r *request) latestCertified(postQuantum bool) (*chain.Header, error) {
	if !postQuantum {
		return r.vm.LatestCertified()
	}
	height, err := r.vm.LatestCheckpoint()
	if err == nil && height == 0 {
		err = refusal.New(refusal.ErrNotFound, "a post-quantum checkpoint", "none")
	}
	if err != nil {
		return nil, err
	}
	return r.vm.HeaderAt(height)
}
