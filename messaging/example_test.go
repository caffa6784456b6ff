package messaging_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/pq"
)

// Two people, here both in one program. Files of several identities may share a folder.
func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "messaging-example-*")
	check(err)
	defer os.RemoveAll(folder)
	alice, bob := open(ctx, folder), open(ctx, folder)

	chat, err := alice.NewSession(ctx, bob.Self())
	check(err)
	defer chat.Close()
	_, err = chat.Send(ctx, []byte("Hi Bob, no quantum computer reads this."))
	check(err)

	joined, err := bob.Join(ctx, chat.ID())
	check(err)
	defer joined.Close()
	for last := uint64(0); last == 0; {
		events, err := joined.Receive(ctx)
		check(err)
		for _, event := range events {
			if event.Kind == messaging.KindMessage {
				fmt.Printf("#%d from Alice: %t: %s\n", event.Sequence, event.Sender == alice.Self(), event.Text())
				last = event.Sequence
			}
		}
	}
	check(joined.Acknowledge(ctx, 0))

	// Output: #1 from Alice: true: Hi Bob, no quantum computer reads this.
}

func open(ctx context.Context, folder string) *messaging.Messenger {
	identity, err := pq.GenerateIdentity() // pq.LoadIdentity reads a key file
	check(err)
	node, err := client.New(messaging.TestURL, client.Options{}) // http://127.0.0.1:9652/rpc
	check(err)
	m, err := messaging.Open(ctx, messaging.Config{Client: node, Identity: identity, Folder: folder})
	check(err)
	return m
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
