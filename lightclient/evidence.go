package lightclient

//go:generate go tool canoto $GOFILE

import (
	"fmt"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// MaxEvidenceBytes bounds encoded evidence.
	MaxEvidenceBytes = 2*MaxLightBlockBytes + 64

	evidenceVersion = 1
)

// Evidence is two different blocks of one height, each certified by the validator set that
// it commits to. Validators that are among the signers of both have signed what only one of
// can have been accepted.
type Evidence struct {
	First, Second *LightBlock
}

// evidenceWire is the encoding of evidence.
type evidenceWire struct {
	Version uint32 `canoto:"uint,1"`  // evidenceVersion
	First   []byte `canoto:"bytes,2"` // LightBlock
	Second  []byte `canoto:"bytes,3"` // LightBlock

	canotoData canotoData_evidenceWire
}

// Bytes returns the canonical encoding.
func (e *Evidence) Bytes() []byte {
	wire := evidenceWire{Version: evidenceVersion, First: e.First.Bytes(), Second: e.Second.Bytes()}
	return wire.MarshalCanoto()
}

// ParseEvidence decodes strictly. It verifies nothing.
func ParseEvidence(encoded []byte) (*Evidence, error) {
	if len(encoded) > MaxEvidenceBytes {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, fmt.Sprintf("evidence of at most %d bytes", MaxEvidenceBytes), len(encoded))
	}
	var wire evidenceWire
	if err := unmarshal(encoded, &wire); err != nil {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "canonically encoded evidence", err)
	}
	if wire.Version != evidenceVersion {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrVersion, fmt.Sprintf("evidence version %d", evidenceVersion), wire.Version)
	}
	first, err := ParseLightBlock(wire.First)
	if err != nil {
		return nil, err
	}
	second, err := ParseLightBlock(wire.Second)
	if err != nil {
		return nil, err
	}
	return &Evidence{First: first, Second: second}, nil
}

// Verify checks that the blocks are of one chain and height, differ, and are both certified
// by a quorum of their sets. Whether these sets were the chain's is not checked: that takes
// a trusted block to begin with.
func (e *Evidence) Verify(verifier *warp.Verifier) error {
	if e.First.Header.Height != e.Second.Header.Height || e.First.Header.ID() == e.Second.Header.ID() {
		return refusal.Wrap(ErrEvidence, refusal.ErrProof, "two blocks of one height",
			fmt.Sprintf("%s at %d and %s at %d", e.First.Header.ID(), e.First.Header.Height, e.Second.Header.ID(), e.Second.Header.Height))
	}
	for _, b := range []*LightBlock{e.First, e.Second} {
		if err := b.verifyCertificates(verifier); err != nil {
			return err
		}
	}
	return nil
}

// verifyCertificates checks all certificates that a block has by its own set, one at least.
func (b *LightBlock) verifyCertificates(verifier *warp.Verifier) error {
	if !b.certified() {
		return refusal.Wrap(ErrNoCertificate, refusal.ErrProof, "a certificate", "none")
	}
	if b.Certificate != nil {
		if _, err := verifier.VerifyCertificate(b.Certificate, b.Header, b.Validators); err != nil {
			return err
		}
	}
	if b.PostQuantum == nil || b.PostQuantum.Certificate == nil {
		return nil
	}
	if err := verifier.VerifySet(b.Header, b.Validators); err != nil {
		return err
	}
	keys, err := b.provenKeys()
	if err != nil {
		return err
	}
	_, err = verifier.VerifyPostQuantum(b.PostQuantum.Certificate, b.Header, keys, warp.TwoThirds)
	return err
}

// PostQuantum reports, of verified evidence, whether both blocks have ML-DSA-65 signatures. Else a quantum computer could
// have made it up.
func (e *Evidence) PostQuantum() bool { return e.First.attested() && e.Second.attested() }

func (b *LightBlock) attested() bool {
	return b.PostQuantum != nil && b.PostQuantum.Certificate != nil
}

// signers returns who has signed a block, with ML-DSA-65 if that counts.
func (b *LightBlock) signers(postQuantum bool) warp.Signers {
	switch {
	case postQuantum:
		return b.PostQuantum.Certificate.Signers
	case b.Certificate != nil:
		return b.Certificate.Signers
	default:
		return nil
	}
}

// DoubleSigners returns the BLS keys of those who have signed both blocks, of verified evidence: with ML-DSA-65, if both have
// such signatures.
func (e *Evidence) DoubleSigners() []*warp.PublicKey {
	var keys []*warp.PublicKey
	first, second := e.First.signers(e.PostQuantum()), e.Second.signers(e.PostQuantum())
	for _, i := range first.Indices() {
		key := e.First.Validators.Validator(i).PublicKey
		if second.Contains(e.Second.Validators.Index(key)) {
			keys = append(keys, key)
		}
	}
	return keys
}
