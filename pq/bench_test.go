package pq

import "testing"

const benchContext = "sessionvm/message/v1"

func BenchmarkSign(b *testing.B) {
	identity, message := testIdentity(b, 1), make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := identity.Sign(benchContext, message); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	identity, message := testIdentity(b, 1), make([]byte, 200)
	public, id := identity.Public().DSA, identity.ID()
	signature, err := identity.Sign(benchContext, message)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("uncached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := Verify(public, benchContext, message, signature); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cached", func(b *testing.B) {
		cache := NewVerifierCache(16)
		publicKey := func() ([]byte, error) { return public, nil }
		b.ReportAllocs()
		for b.Loop() {
			if err := cache.Verify(id, publicKey, benchContext, message, signature); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCheckKEMPublicKey(b *testing.B) {
	publicKey := testIdentity(b, 1).Public().KEM
	b.ReportAllocs()
	for b.Loop() {
		if err := CheckKEMPublicKey(publicKey); err != nil {
			b.Fatal(err)
		}
	}
}
