package lightclient

import (
	"fmt"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/warp"
)

// Basis is what a result rests on: the block whose state it is about, and why that block is
// trusted.
type Basis struct {
	BlockID ids.ID    `json:"blockId"`
	Height  uint64    `json:"height"`
	Time    time.Time `json:"time"`

	// CertifiedHeight is the height of the block whose certificate counts: this block, or
	// one above it that headers lead back from.
	CertifiedHeight uint64 `json:"certifiedHeight"`
	// Weight is how much has signed that block. If it is the checkpoint, whose signatures
	// nobody has to see, nothing has.
	Weight warp.Weight `json:"weight"`
	// Checkpoint says that the certified block is the checkpoint itself.
	Checkpoint bool `json:"checkpoint"`
	// Scheme is how the block is signed: the ciphersuite of BLS, ML-DSA-65, or both.
	Scheme string `json:"scheme"`
	// PostQuantum reports whether these signatures, and all that lead to them from the trust file, stand a quantum
	// computer. BLS alone does not.
	PostQuantum bool `json:"postQuantum"`
}

// basis returns the basis of a header that rests on signatures of a block at a height.
func (r *Rules) basis(header *chain.Header, certified uint64, weight warp.Weight) Basis {
	return Basis{
		BlockID:         header.ID(),
		Height:          header.Height,
		Time:            header.Time(),
		CertifiedHeight: certified,
		Weight:          weight,
		Scheme:          r.scheme(),
		PostQuantum:     r.Policy.PostQuantum(),
	}
}

// scheme names the signatures that are demanded.
func (r *Rules) scheme() string {
	switch {
	case !r.Policy.PostQuantum():
		return string(r.Ciphersuite)
	case !r.Policy.bls():
		return chain.SchemeMLDSA65.String()
	default:
		return chain.SchemeMLDSA65.String() + " and " + string(r.Ciphersuite)
	}
}

// newBasis returns the basis of a header that rests on a trusted block.
func newBasis(rules *Rules, header *chain.Header, trusted *LightBlock) (Basis, error) {
	var signers warp.Signers
	switch {
	case rules.Policy.PostQuantum():
		if !trusted.attested() {
			break // a checkpoint
		}
		signers = trusted.PostQuantum.Certificate.Signers
	case trusted.certified():
		signers = trusted.Certificate.Signers
	}
	weight, err := trusted.Validators.Weight(signers)
	if err != nil {
		return Basis{}, err
	}
	b := rules.basis(header, trusted.Header.Height, weight)
	b.Checkpoint = signers == nil
	return b, nil
}

// String says it in a sentence.
func (b Basis) String() string {
	kind := "not post-quantum"
	if b.PostQuantum {
		kind = "post-quantum"
	}
	why := fmt.Sprintf("signed by %s of the validators' weight (%s, %s)", b.Weight, b.Scheme, kind)
	if b.Checkpoint {
		why = "the trusted checkpoint"
	}
	if b.CertifiedHeight != b.Height {
		why = fmt.Sprintf("below block %d, which is %s", b.CertifiedHeight, why)
	}
	return fmt.Sprintf("block %d of %s, %s", b.Height, b.Time.Format(time.RFC3339), why)
}
