package e2ee_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

// Alice seals a message to Bob. The first one comes with an announcement of her keys, which Bob
// opens before it.
func Example() {
	const now = 1_800_000_000_000 // Unix milliseconds
	alice, bob := generate(), generate()
	prekey, err := e2ee.NewPrekey(nil) // Bob has published the public half
	check(err)
	open := func(secrets e2ee.Secrets) *e2ee.Session {
		session, err := e2ee.New(e2ee.Config{
			Chain: [32]byte{1}, Session: [32]byte{7}, Secrets: secrets,
			Members: []e2ee.ID{alice.ID(), bob.ID()},
		})
		check(err)
		return session
	}
	sender := open(e2ee.Secrets{Identity: alice})
	receiver := open(e2ee.Secrets{Identity: bob, Prekeys: []*e2ee.Prekey{prekey}})

	check(sender.SetPrekey(bob.ID(), bob.Public().KEM, prekey.Public()))
	sealed, err := sender.Seal(now, e2ee.Seen{}, e2ee.ContentText, []byte("Hi Bob"))
	check(err)
	for _, wire := range [][]byte{sealed.Announcement, sealed.Message} {
		opened, err := receiver.Open(now, alice.ID(), wire) // once Alice's signature is verified
		check(err)
		if opened.Announcement {
			fmt.Println("new keys of epoch", opened.Epoch)
			continue
		}
		fmt.Printf("%s\n", opened.Content)
	}

	// Keys are erased as messages are opened: the same bytes open once.
	_, err = receiver.Open(now, alice.ID(), sealed.Message)
	fmt.Println("again:", errors.Is(err, e2ee.ErrRepeated))
	// Output:
	// new keys of epoch 1
	// Hi Bob
	// again: true
}

func generate() *pq.Identity {
	identity, err := pq.GenerateIdentity()
	check(err)
	return identity
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
