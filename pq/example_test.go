package pq_test

import (
	"fmt"
	"log"

	"github.com/luxfi/session/pq"
)

// Alice signs. Bob, who has her ID from herself, gets her keys from anybody: the ID says
// whether they are hers.
func Example() {
	alice, err := pq.GenerateIdentity()
	if err != nil {
		log.Fatal(err)
	}
	id, message := alice.ID(), []byte("hello")
	signature, err := alice.Sign("example/message/v1", message)
	if err != nil {
		log.Fatal(err)
	}

	keys, err := pq.NewPublicIdentity(alice.Public().KEM, alice.Public().DSA)
	if err != nil {
		log.Fatal(err)
	}
	if keys.ID() != id {
		log.Fatal("the keys are somebody else's")
	}
	fmt.Println(pq.Verify(keys.DSA, "example/message/v1", message, signature))
	fmt.Println(pq.Verify(keys.DSA, "example/other/v1", message, signature) == nil)
	// Output:
	// <nil>
	// false
}
