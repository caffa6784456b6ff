package proofs_test

import (
	"fmt"
	"os"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
)

// A proof file is checked without a network. Whether its block is one of the chain is a
// question of its own: compare BlockID with a trusted one.
func ExampleBundle_Verify() {
	file, err := os.ReadFile("testdata/delivery.json")
	if err != nil {
		panic(err)
	}
	bundle, err := proofs.Parse(file)
	if err != nil {
		panic(err)
	}
	shown, err := bundle.Verify(pq.Verify)
	if err != nil {
		panic(err)
	}
	fmt.Println("kind:", shown.Kind, "present:", shown.Present)
	fmt.Println("height:", shown.Height, "sequence:", shown.Message.Sequence)
	fmt.Println("signature checked:", shown.SignatureVerified)

	bundle.Header.Height++
	_, err = bundle.Verify(pq.Verify)
	fmt.Println("another header refused:", err != nil)
	// Output:
	// kind: message present: true
	// height: 9 sequence: 2
	// signature checked: true
	// another header refused: true
}
