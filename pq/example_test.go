package pq_test

import (
	"fmt"
	"log"

	"github.com/luxfi/session/pq"
)

// Alice writes to Bob, and keeps her own message readable. Her signature over the envelope
// says that it is hers.
func Example() {
	alice, err := pq.GenerateIdentity()
	if err != nil {
		log.Fatal(err)
	}
	bob, err := pq.GenerateIdentity()
	if err != nil {
		log.Fatal(err)
	}

	header := []byte("chain, session, alice's ID")
	envelope, err := pq.Seal(header, []byte("hello"), []pq.Recipient{
		{ID: alice.ID(), KEMPublicKey: alice.Public().KEM},
		{ID: bob.ID(), KEMPublicKey: bob.Public().KEM},
	})
	if err != nil {
		log.Fatal(err)
	}
	signature, err := alice.Sign("example/message/v1", envelope)
	if err != nil {
		log.Fatal(err)
	}

	if err := pq.Verify(alice.Public().DSA, "example/message/v1", envelope, signature); err != nil {
		log.Fatal(err)
	}
	plaintext, err := pq.Open(bob.KEM(), bob.ID(), header, envelope)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s (%d bytes sealed)\n", plaintext, len(envelope))
	// Output: hello (2335 bytes sealed)
}
