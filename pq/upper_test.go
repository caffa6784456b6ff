package pq

import (
	"crypto/sha256"
	"testing"
)

// BenchmarkHashAfterSign signs, and hashes 3.6 kB a hundred times: a hash costs what it does alone.
func BenchmarkHashAfterSign(b *testing.B) {
	seed := make([]byte, SeedSize)
	identity, err := IdentityFromSeed(seed)
	if err != nil {
		b.Fatal(err)
	}
	message := make([]byte, 3600)
	for b.Loop() {
		if _, err := identity.SignDeterministic("", message); err != nil {
			b.Fatal(err)
		}
		for range 100 {
			sha256.Sum256(message)
		}
	}
}
