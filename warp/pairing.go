//go:build !js

package warp

import (
	"bytes"

	"github.com/cloudflare/circl/ecc/bls12381"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

// point is a point of G2: a signature. gnark-crypto computes with it in less than half of the
// time that circl takes. It would make a module for js/wasm larger: see pairing_js.go.
type point struct{ gnark.G2Affine }

// setBytes decodes a compressed point, and checks that it is on the curve and in the subgroup.
func (p *point) setBytes(encoded []byte) error {
	_, err := p.SetBytes(encoded)
	return err
}

func (p *point) isIdentity() bool { return p.IsInfinity() }

func (p *point) compressed() []byte {
	encoded := p.Bytes()
	return encoded[:]
}

func (p *point) add(other *point) { p.Add(&p.G2Affine, &other.G2Affine) }

func identity() point { return point{} } // the library's point at infinity

// pairs reports whether e(key, H(message)) == e(generator, signature).
func pairs(suite Ciphersuite, key *bls12381.G1, message []byte, signature *point) bool {
	var k gnark.G1Affine
	decoder := gnark.NewDecoder(bytes.NewReader(key.Bytes()), gnark.NoSubgroupChecks()) // it is a sum of checked keys
	if decoder.Decode(&k) != nil {
		return false
	}
	hashed, err := gnark.HashToG2(message, []byte(suite))
	if err != nil {
		return false
	}
	_, _, generator, _ := gnark.Generators()
	generator.Neg(&generator)
	ok, err := gnark.PairingCheck([]gnark.G1Affine{k, generator}, []gnark.G2Affine{hashed, signature.G2Affine})
	return err == nil && ok
}
