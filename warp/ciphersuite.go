package warp

import (
	"fmt"
	"slices"

	"github.com/luxfi/session/refusal"
)

// Ciphersuite is the tag with which a network hashes to the curve what its validators sign
// (RFC 9380; draft-irtf-cfrg-bls-signature, section 4). Public keys are in G1, signatures
// in G2. Nothing on the wire says which: it is part of what a verifier trusts.
type Ciphersuite string

const (
	// CiphersuitePOP is the scheme with proofs of possession, as AvalancheGo signs.
	CiphersuitePOP Ciphersuite = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"
	// CiphersuiteNUL is the basic scheme's tag, as luxfi/crypto v1.17.27 signs.
	CiphersuiteNUL Ciphersuite = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_"
)

// ciphersuites are all that there are.
var ciphersuites = []Ciphersuite{CiphersuitePOP, CiphersuiteNUL}

// Ciphersuites returns all that there are.
func Ciphersuites() []Ciphersuite { return slices.Clone(ciphersuites) }

// Check refuses a ciphersuite that this software does not know.
func (c Ciphersuite) Check() error {
	if !slices.Contains(ciphersuites, c) {
		return refusal.Wrap(ErrCiphersuite, refusal.ErrInvalidArgs, fmt.Sprintf("one of %s", ciphersuites), fmt.Sprintf("%q", string(c)))
	}
	return nil
}
