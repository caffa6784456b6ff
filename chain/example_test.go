package chain_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// A genesis determines the ID of a chain that runs by itself.
func ExampleParseGenesis() {
	genesis := chain.DefaultGenesis()
	genesis.SessionTTL = 3600 // an hour
	parsed, err := chain.ParseGenesis(genesis.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(parsed.SessionTTL, parsed.MaxMessages)
	fmt.Println(parsed.StandaloneChainID() != chain.DefaultGenesis().StandaloneChainID())
	// Output:
	// 3600 10000
	// true
}

// The sender signs SigningBytes with the body's Context. The bytes of a transaction are for one
// chain: on another one its ID is another.
func ExampleNewTransaction() {
	here, elsewhere := ids.ID{1}, ids.ID{2}
	message := &chain.SendMessage{Session: ids.ID{7}, Sender: ids.ID{8}, Ciphertext: []byte("sealed")}
	fmt.Println(message.Context(), len(chain.SigningBytes(here, message)))

	signature := make([]byte, chain.SignatureSize) // of the sender, with ML-DSA-65
	tx, err := chain.NewTransaction(here, message, signature)
	if err != nil {
		log.Fatal(err)
	}
	parsed, err := chain.ParseTransaction(here, tx.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(parsed.ID() == tx.ID(), chain.TransactionID(elsewhere, message) == tx.ID())
	// Output:
	// sessionvm/message/v1 128
	// true false
}

// A refusal is recognized by its Reason, also after it was wrapped.
func Example_refusal() {
	err := fmt.Errorf("sending: %w", refusal.New(refusal.ErrSessionClosed, "an open one", "closed"))
	fmt.Println(err)
	fmt.Println(errors.Is(err, refusal.ErrSessionClosed), errors.Is(err, refusal.ErrSessionExpired))
	// Output:
	// sending: session is closed: expected an open one, got closed
	// true false
}
