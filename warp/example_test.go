package warp_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/warp"
)

func readHex(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	decoded, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		panic(err)
	}
	return decoded
}

// How another chain takes a delivery: parse the Warp message, verify it against the source
// chain's validators, and read the fields. The validators come from where the platform keeps
// them, never with the message.
func Example() {
	set, err := warp.ParseValidatorSet(readHex("testdata/validator-set.hex"))
	if err != nil {
		panic(err)
	}
	verifier := &warp.Verifier{
		NetworkID:   1337,
		ChainID:     ids.ID{'w', 'a', 'r', 'p'},
		Ciphersuite: warp.CiphersuitePOP,
	}

	message, err := warp.ParseMessage(readHex("testdata/delivery-message-pop.hex"))
	if err != nil {
		panic(err)
	}
	weight, err := verifier.VerifyMessage(message, set)
	if err != nil {
		panic(err)
	}
	delivery, err := message.Delivery()
	if err != nil {
		panic(err)
	}
	fmt.Println("signed weight:", weight)
	fmt.Printf("session %x, message %x, number %d of the session, from %x\n",
		delivery.Session[:2], delivery.Transaction[:2], delivery.Sequence, delivery.Sender[:2])

	message.Payload[len(message.Payload)-1]++ // the sequence
	_, err = verifier.VerifyMessage(message, set)
	fmt.Println("another sequence is refused:", err != nil)
	// Output:
	// signed weight: 140 of 150
	// session 0722, message 3300, number 42 of the session, from 4400
	// another sequence is refused: true
}
