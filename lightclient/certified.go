package lightclient

import (
	"time"

	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// Certify adds the certificates of a bundle's block to the bundle, so that whoever has a trust
// file can verify it offline.
func Certify(bundle *proofs.Bundle, block *LightBlock) error {
	if id := block.Header.ID(); id != bundle.BlockID {
		return refusal.Wrap(ErrOtherBlock, refusal.ErrProof, "block "+bundle.BlockID.String(), id)
	}
	wire := block.certificates()
	bundle.Certificates = wire.MarshalCanoto()
	return nil
}

// BlockOf returns the light block that a certified bundle rests on, nil if the bundle has no
// certificates. It verifies no signature: only that keys are keys, and that the certificate is of the
// bundle's block.
func BlockOf(bundle *proofs.Bundle) (*LightBlock, error) {
	if len(bundle.Certificates) == 0 {
		return nil, nil
	}
	var wire certificatesWire
	if err := unmarshal(bundle.Certificates, &wire); err != nil {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "canonically encoded certificates", err)
	}
	block, err := wire.block(&bundle.Header, true)
	if err != nil {
		return nil, err
	}
	id := bundle.Header.ID()
	if !block.certified() {
		return nil, refusal.Wrap(ErrNoCertificate, refusal.ErrProof, "a certificate of block "+id.String(), "none")
	}
	if block.Certificate != nil && block.Certificate.BlockID != id {
		return nil, refusal.Wrap(warp.ErrWrongBlock, refusal.ErrProof, "a certificate of block "+id.String(), block.Certificate.BlockID)
	}
	return block, nil
}

// VerifyOffline checks a bundle against the options' checkpoint, without anybody else: its block
// is the checkpoint, or the bundle's certificates show that it follows from it, or was signed by
// its validators. Certificates that the policy does not ask for have to hold too. What the bundle shows is up to the
// caller to look at.
func VerifyOffline(bundle *proofs.Bundle, options *TrustOptions, now time.Time) (*Verified, error) {
	if err := options.Check(); err != nil {
		return nil, err
	}
	block, err := BlockOf(bundle)
	if err != nil {
		return nil, err
	}
	basis, err := options.offline(bundle, block, now)
	if err == nil && block != nil {
		err = options.verifyOwn(block)
	}
	if err != nil {
		return nil, err
	}
	return VerifyBundle(bundle, basis)
}

// offline returns why a bundle's block is trusted. It has no light block if the bundle has no
// certificates.
func (o *TrustOptions) offline(bundle *proofs.Bundle, block *LightBlock, now time.Time) (Basis, error) {
	trusted, height := o.Checkpoint.Block(), bundle.Header.Height
	if height == trusted.Header.Height {
		if id := trusted.Header.ID(); bundle.BlockID != id {
			return Basis{}, refusal.Wrap(ErrCheckpoint, refusal.ErrProof, "block "+id.String(), bundle.BlockID)
		}
		return newBasis(&o.Rules, &bundle.Header, trusted)
	}
	if block == nil {
		return Basis{}, refusal.Wrap(ErrNoCertificate, refusal.ErrProof, "a certified proof, or one of the checkpoint's block "+trusted.Header.ID().String(), "one of block "+bundle.BlockID.String())
	}
	verify := Verify
	if height < trusted.Header.Height {
		verify = VerifyEarlier
	}
	weight, err := verify(&o.Rules, trusted, block, now)
	return o.basis(&bundle.Header, height, weight), err
}

// verifyOwn checks the certificates that a block has of its own validators, whatever the policy asks for, so that nobody passes on a
// bundle with signatures that are none. Handovers are left out: the sets that they are of are not there.
func (r *Rules) verifyOwn(b *LightBlock) error {
	if err := r.VerifySet(b.Header, b.Validators); err != nil {
		return err
	}
	if b.Certificate != nil {
		if _, err := r.VerifyCertificateBy(b.Certificate, b.Header, b.Validators, warp.OneThird); err != nil {
			return err
		}
	}
	if b.PostQuantum == nil {
		return nil
	}
	if !b.attested() {
		return refusal.Wrap(ErrNoCertificate, refusal.ErrProof, "ML-DSA-65 signatures with the proofs of their keys", "none")
	}
	keys, err := b.provenKeys()
	if err == nil {
		_, err = r.VerifyPostQuantum(b.PostQuantum.Certificate, b.Header, keys, warp.OneThird)
	}
	return err
}

// unmarshalJSON decodes one JSON object strictly.
func unmarshalJSON(text []byte, maxBytes int, form any) error {
	if len(text) > maxBytes {
		return refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, "a shorter file", len(text))
	}
	if err := strictjson.UnmarshalKnown(text, form); err != nil {
		return refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "its JSON form", err)
	}
	return nil
}
