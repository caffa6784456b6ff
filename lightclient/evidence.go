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

// maxDowngrades bounds the evidence of downgrades that a client keeps: whoever has the chain's certificates can show it many.
const maxDowngrades = 16

// Evidence is two blocks that do not go together. There are two kinds.
//
// Two different blocks of one height, each certified by the validator set that it commits to. Validators that are among the
// signers of both have signed what only one of can have been accepted.
//
// A downgrade: First is trusted with its validators' ML-DSA-65 keys, and Second, which is higher, was shown with the BLS
// signatures by which it follows, and no others. It shows that these signatures have been made. Nobody is at fault yet: anybody
// can leave out signatures. But if the chain has another block at that height, then validators with more than a third of the
// weight have signed what was not accepted, or somebody can forge BLS signatures.
type Evidence struct {
	First, Second *LightBlock
}

// Downgrade reports whether evidence is of a downgrade.
func (e *Evidence) Downgrade() bool { return e.First.Header.Height != e.Second.Header.Height }

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
// by their sets: by a quorum with BLS, and by more than a third with ML-DSA-65, of whom one at least is dishonest of one of them.
// Of a downgrade it checks that Second follows on First with BLS signatures. Whether First's set was the chain's is not checked:
// that takes a trusted block to begin with.
func (e *Evidence) Verify(verifier *warp.Verifier) error {
	if e.Downgrade() {
		return e.verifyDowngrade(verifier)
	}
	if id := e.First.Header.ID(); id == e.Second.Header.ID() {
		return refusal.Wrap(ErrEvidence, refusal.ErrProof, "two blocks of one height", "block "+id.String()+" twice")
	}
	for _, b := range []*LightBlock{e.First, e.Second} {
		if err := b.verifyCertificates(verifier); err != nil {
			return err
		}
	}
	return nil
}

// verifyDowngrade checks that First is certified, or a checkpoint that pins keys, and that Second is above it and certified as a
// client takes it that demands BLS alone.
func (e *Evidence) verifyDowngrade(verifier *warp.Verifier) error {
	keys, err := e.First.trustedKeys()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	if err := warp.OneThird.Verify(keys.Keyed()); err != nil {
		return fmt.Errorf("%w: validators with ML-DSA-65 keys: %w", ErrEvidence, err)
	}
	if e.Second.attested() || e.Second.Header.Height < e.First.Header.Height {
		return refusal.Wrap(ErrEvidence, refusal.ErrProof, "a later block without ML-DSA-65 signatures", fmt.Sprintf("block %s at %d", e.Second.Header.ID(), e.Second.Header.Height))
	}
	rules := &Rules{Verifier: *verifier}
	if e.First.attested() {
		err = e.First.verifyCertificates(verifier)
	} else {
		err = rules.VerifySet(e.First.Header, e.First.Validators)
	}
	if err == nil {
		err = checkComplete(rules, e.Second)
	}
	if err == nil {
		_, err = verifySigned(rules, e.First, e.Second, e.Second.Header.Time())
	}
	return err
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
	_, err = verifier.VerifyPostQuantum(b.PostQuantum.Certificate, b.Header, keys, warp.OneThird)
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
// such signatures. Of a downgrade there are none.
func (e *Evidence) DoubleSigners() []*warp.PublicKey {
	if e.Downgrade() {
		return nil
	}
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
