//go:build js

package warp

import "github.com/cloudflare/circl/ecc/bls12381"

// point is a point of G2: a signature.
type point struct{ bls12381.G2 }

// setBytes decodes a compressed point, and checks that it is on the curve and in the subgroup.
func (p *point) setBytes(encoded []byte) error { return p.SetBytes(encoded) }

func (p *point) isIdentity() bool { return p.IsIdentity() }

func (p *point) compressed() []byte { return p.BytesCompressed() }

func (p *point) add(other *point) { p.Add(&p.G2, &other.G2) }

func identity() (p point) {
	p.SetIdentity()
	return p
}

// pairs reports whether e(key, H(message)) == e(generator, signature).
func pairs(suite Ciphersuite, key *bls12381.G1, message []byte, signature *point) bool {
	hashed := new(bls12381.G2)
	hashed.Hash(message, []byte(suite))
	return bls12381.ProdPairFrac(
		[]*bls12381.G1{key, bls12381.G1Generator()},
		[]*bls12381.G2{hashed, &signature.G2},
		[]int{1, -1},
	).IsIdentity()
}
