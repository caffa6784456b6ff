package pq

import (
	"fmt"
	"testing"
)

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

func BenchmarkSealAndOpen(b *testing.B) {
	for _, count := range []int{1, 2, MaxRecipients} {
		identity := testIdentity(b, 1)
		recipients := make([]Recipient, count)
		for i := range recipients {
			recipients[i] = Recipient{ID: [IDSize]byte{byte(i)}, KEMPublicKey: identity.Public().KEM}
		}
		recipients[count-1] = recipientOf(identity)
		header, plaintext := make([]byte, 100), make([]byte, 1000)
		envelope, err := Seal(header, plaintext, recipients)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("Seal/recipients=%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Seal(header, plaintext, recipients); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("Open/recipients=%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Open(identity.KEM(), identity.ID(), header, envelope); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
