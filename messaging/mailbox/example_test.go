package mailbox_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
)

// Two people, here both in one program: the chain shows nothing of either. Files of several identities may share a folder.
func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "mailbox-example-*")
	check(err)
	defer os.RemoveAll(folder)
	alice, bob := open(ctx, folder), open(ctx, folder)
	check(alice.Add(ctx, "bob", bob.Self(), false))
	check(bob.Add(ctx, "alice", alice.Self(), false))

	peer, err := alice.Find(ctx, "bob")
	check(err)
	_, _, err = alice.Send(ctx, peer, e2ee.ContentText, []byte("Hi Bob."))
	check(err)

	peer, err = bob.Find(ctx, "alice")
	check(err)
	conversation, err := bob.Latest(ctx, peer)
	check(err)
	defer conversation.Close()
	entries, err := conversation.Fetch(ctx)
	check(err)
	for _, entry := range entries {
		if entry.Kind == messaging.KindMessage {
			fmt.Printf("%s: %s\n", bob.NameOf(entry.From()), entry.Text())
		}
	}

	// Output: alice: Hi Bob.
}

func open(ctx context.Context, folder string) *mailbox.Mailbox {
	identity, err := pq.GenerateIdentity() // pq.LoadIdentity reads a key file
	check(err)
	node, err := client.New(mailbox.TestURL, client.Options{}) // http://127.0.0.1:9652/rpc
	check(err)
	m, err := mailbox.Open(ctx, mailbox.Config{Config: messaging.Config{Client: node, Identity: identity, Folder: folder}})
	check(err)
	return m
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
