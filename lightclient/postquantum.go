package lightclient

//go:generate go tool canoto $GOFILE

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// Policy is which signatures a client demands of a block. It is part of what is trusted.
type Policy string

const (
	// PolicyBLS demands BLS signatures alone. It is what no policy means.
	PolicyBLS Policy = "bls"
	// PolicyMLDSA demands ML-DSA-65 signatures alone: what BLS signs counts for nothing.
	PolicyMLDSA Policy = "ml-dsa"
	// PolicyBoth demands both: who wants to deceive the client has to break both.
	PolicyBoth Policy = "both"
)

// Check refuses a policy that this software does not know.
func (p Policy) Check() error {
	switch p {
	case "", PolicyBLS, PolicyMLDSA, PolicyBoth:
		return nil
	default:
		return refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, fmt.Sprintf("policy %s, %s or %s", PolicyBLS, PolicyMLDSA, PolicyBoth), string(p))
	}
}

func (p Policy) bls() bool { return p != PolicyMLDSA }

// PostQuantum reports whether ML-DSA-65 signatures are demanded.
func (p Policy) PostQuantum() bool { return p == PolicyMLDSA || p == PolicyBoth }

// PostQuantum is what a light block has for a client that demands ML-DSA-65 signatures.
type PostQuantum struct {
	// Proofs are encoded ICS-23 proofs against the header's state root, one for each validator of the block's set, in its
	// order: of its chain.ValidatorKey, or that it has none.
	Proofs [][]byte
	// Certificate is signed by the validators, with these keys.
	Certificate *warp.PostQuantumCertificate

	// pinned are the keys of a checkpoint, which has no proofs: they are trusted by other means.
	pinned *warp.KeySet
}

// postQuantumWire is the encoding of a PostQuantum.
type postQuantumWire struct {
	Proofs      [][]byte `canoto:"repeated bytes,1"`
	Certificate []byte   `canoto:"bytes,2"`          // warp.PostQuantumCertificate; empty in a checkpoint
	Keys        [][]byte `canoto:"repeated bytes,3"` // of a checkpoint, in the set's order

	canotoData canotoData_postQuantumWire
}

func (p *PostQuantum) wire() *postQuantumWire {
	if p == nil {
		return nil
	}
	wire := &postQuantumWire{Proofs: p.Proofs}
	if p.Certificate != nil {
		wire.Certificate = p.Certificate.Bytes()
	}
	if p.pinned != nil {
		for i := range p.pinned.Len() {
			wire.Keys = append(wire.Keys, p.pinned.Key(i))
		}
	}
	return wire
}

func (w *postQuantumWire) decode(set *warp.ValidatorSet) (p *PostQuantum, err error) {
	if w == nil {
		return nil, nil
	}
	p = &PostQuantum{Proofs: w.Proofs}
	if len(w.Certificate) > 0 {
		if p.Certificate, err = warp.ParsePostQuantumCertificate(w.Certificate); err != nil {
			return nil, err
		}
	}
	if len(w.Keys) > 0 {
		if set == nil || p.Certificate != nil || len(p.Proofs) > 0 {
			return nil, refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "keys of a checkpoint alone, with its validators", "others")
		}
		if p.pinned, err = warp.NewKeySet(set, w.Keys); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// provenKeys returns the keys that a block's validators have in the block's own state. They are worth what the header is.
func (b *LightBlock) provenKeys() (*warp.KeySet, error) {
	if count := len(b.PostQuantum.Proofs); count != b.Validators.Len() {
		return nil, refusal.Wrap(ErrKeyProofs, refusal.ErrProof, fmt.Sprintf("a proof of the key, or of none, of each of %d validators", b.Validators.Len()), count)
	}
	keys := make([][]byte, b.Validators.Len())
	for i := range keys {
		value, err := proofs.Value(b.Header.StateRoot, chain.ValidatorKeyKey(b.validatorKeyID(i)), b.PostQuantum.Proofs[i])
		if err != nil {
			return nil, fmt.Errorf("%w: validator %d: %w", ErrKeyProofs, i, err)
		}
		if value == nil {
			continue
		}
		leaf, err := chain.ParseValidatorKey(value)
		if err != nil {
			return nil, fmt.Errorf("%w: validator %d: %w", ErrKeyProofs, i, err)
		}
		if err := leaf.Scheme.Check(); err != nil {
			return nil, fmt.Errorf("%w: validator %d: %w", ErrKeyProofs, i, err)
		}
		keys[i] = leaf.PublicKey
	}
	return warp.NewKeySet(b.Validators, keys)
}

// LeaveOutKeys leaves out of the proofs of keys what a reader has that knows other leaves: those that are the same, by their
// validators' chain.ValidatorKeyID; nil is none. PutInKeys puts them back.
func (b *LightBlock) LeaveOutKeys(known func(id ids.ID) ([]byte, error)) error {
	for i, proof := range b.PostQuantum.Proofs {
		leaf, err := known(b.validatorKeyID(i))
		if err != nil {
			return err
		}
		if b.PostQuantum.Proofs[i], err = proofs.LeaveOut(proof, leaf); err != nil {
			return err
		}
	}
	return nil
}

// PutInKeys puts the keys of another block back into the proofs that they are left out of, and checks all proofs. Whether the header
// that they are against is the chain's is not checked.
func (b *LightBlock) PutInKeys(from *LightBlock) error {
	if from != nil && from.PostQuantum != nil && len(from.PostQuantum.Proofs) == from.Validators.Len() && len(b.PostQuantum.Proofs) == b.Validators.Len() {
		for i, proof := range b.PostQuantum.Proofs {
			if at := from.Validators.Index(b.Validators.Validator(i).PublicKey); at >= 0 {
				b.PostQuantum.Proofs[i] = proofs.PutIn(proof, from.PostQuantum.Proofs[at])
			}
		}
	}
	_, err := b.provenKeys()
	return err
}

func (b *LightBlock) validatorKeyID(i int) ids.ID {
	return chain.ValidatorKeyID(b.Validators.Validator(i).PublicKey.Bytes())
}

// trustedKeys returns the keys of a trusted block's validators: pinned, or proven. An ErrNoKeys says that it is trusted on
// BLS signatures alone.
func (b *LightBlock) trustedKeys() (*warp.KeySet, error) {
	switch {
	case b.PostQuantum == nil:
		return nil, refusal.Wrap(ErrNoKeys, refusal.ErrProof, fmt.Sprintf("a trusted block %d with the ML-DSA-65 keys of its validators", b.Header.Height), "one without")
	case b.PostQuantum.pinned != nil:
		return b.PostQuantum.pinned, nil
	default:
		return b.provenKeys()
	}
}

// certified reports whether a block has a certificate of any kind; else it is a checkpoint.
func (b *LightBlock) certified() bool {
	return b.Certificate != nil || b.attested()
}

// postQuantumQuorum returns the part of a set's weight that has to have signed with ML-DSA-65.
func (r *Rules) postQuantumQuorum() warp.Threshold {
	if r.PostQuantumQuorum == (warp.Threshold{}) {
		return warp.TwoThirds
	}
	return r.PostQuantumQuorum
}

// verifyPostQuantum checks that a block rests on ML-DSA-65 signatures alone, as far as its header's form goes:
//
//	h) the block has a certificate of ML-DSA-65 signatures, and proofs of the keys that its validators have in its
//	   own state
//	i) validators that have the same BLS and ML-DSA-65 key in the trusted set are among the signers, with a given part
//	   of the trusted set's weight
//	j) a quorum of the block's own set has signed, each with its key
//
// What i) counts is signed with trusted keys, each by itself: no key can cancel out another, so no handover is needed.
// It comes first, because what the block says of its own keys counts once it is the chain's.
func verifyPostQuantum(rules *Rules, trusted, untrusted *LightBlock, part warp.Threshold) (warp.Weight, error) {
	known, err := trusted.trustedKeys()
	if err != nil {
		return warp.Weight{}, err
	}
	if !untrusted.attested() { // h)
		return warp.Weight{}, refusal.Wrap(ErrDowngrade, refusal.ErrProof, "ML-DSA-65 signatures of block "+untrusted.Header.ID().String(), "none")
	}
	keys, err := untrusted.provenKeys()
	if err != nil {
		return warp.Weight{}, err
	}
	certificate := untrusted.PostQuantum.Certificate
	if shared := known.Shared(keys, certificate.Signers); part.Verify(shared) != nil { // i)
		return warp.Weight{}, ErrNotEnoughTrust{From: trusted.Header.Height, To: untrusted.Header.Height, Weight: shared}
	}
	return rules.VerifyPostQuantum(certificate, untrusted.Header, keys, rules.postQuantumQuorum()) // j)
}

// without returns a block as a client keeps it that demands BLS signatures alone: what it has not verified is left out.
func (b *LightBlock) without() *LightBlock {
	if b.PostQuantum == nil {
		return b
	}
	kept := *b
	kept.PostQuantum = nil
	return &kept
}
