package warp

import (
	"fmt"

	"github.com/cloudflare/circl/ecc/bls12381"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// Verifier is what a verifier is configured with: whose messages it takes, and how they are
// signed. Nothing of it may come from the wire.
type Verifier struct {
	NetworkID   uint32
	ChainID     ids.ID
	Ciphersuite Ciphersuite
	// Quorum is the part of the weight that has to sign; DefaultQuorum, if it is left zero.
	Quorum Threshold
}

// Check refuses a configuration that makes no sense.
func (v *Verifier) Check() error {
	if v.ChainID == ids.Empty {
		return refusal.Wrap(ErrWrongChain, refusal.ErrInvalidArgs, "a chain ID", "none")
	}
	if err := v.Ciphersuite.Check(); err != nil {
		return err
	}
	return v.quorum().Check()
}

func (v *Verifier) quorum() Threshold {
	if v.Quorum == (Threshold{}) {
		return DefaultQuorum
	}
	return v.Quorum
}

// VerifyMessage checks that a message is of the network and the chain, and that a quorum of
// the set's weight has signed it. It returns how much has.
//
// Every key of the set must be known to have been registered with a proof of possession:
// see the package's documentation.
func (v *Verifier) VerifyMessage(m *Message, set *ValidatorSet) (Weight, error) {
	return v.VerifyMessageBy(m, set, v.quorum())
}

// VerifyMessageBy is VerifyMessage with another threshold than the quorum.
func (v *Verifier) VerifyMessageBy(m *Message, set *ValidatorSet, threshold Threshold) (Weight, error) {
	// a) It is of the network and the chain.
	if m.NetworkID != v.NetworkID {
		return Weight{}, refusal.Wrap(ErrWrongNetwork, refusal.ErrWrongChain, fmt.Sprintf("network %d", v.NetworkID), m.NetworkID)
	}
	if m.SourceChainID != v.ChainID {
		return Weight{}, refusal.Wrap(ErrWrongChain, refusal.ErrWrongChain, v.ChainID.String(), m.SourceChainID)
	}
	// b) The signers are in the set, each once, in the one encoding that there is.
	weight, err := set.Weight(m.Signers)
	if err != nil {
		return Weight{}, err
	}
	// c) They are enough.
	if err := threshold.Verify(weight); err != nil {
		return Weight{}, err
	}
	// d) The signature is a point, and the one of the sum of their keys.
	signature, err := signaturePoint(m.Signature)
	if err != nil {
		return Weight{}, err
	}
	key := set.sum(m.Signers)
	if err := verifyPoint(v.Ciphersuite, key, m.UnsignedMessage.Bytes(), signature); err != nil {
		return Weight{}, err
	}
	return weight, nil
}

// sum returns the sum of the signers' keys, which are in the set.
func (s *ValidatorSet) sum(signers Signers) *bls12381.G1 {
	sum := new(bls12381.G1)
	sum.SetIdentity()
	for _, i := range signers.Indices() {
		sum.Add(sum, &s.validators[i].PublicKey.point)
	}
	return sum
}
