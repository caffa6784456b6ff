package lightclient_test

import (
	"fmt"
	"os"
	"time"

	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/proofs"
)

// A delivery is checked offline: with a trust file, which came from a trusted source once,
// and a certified bundle, which came from anybody.
func ExampleVerifyOffline() {
	text, err := os.ReadFile("testdata/trust.json")
	if err != nil {
		panic(err)
	}
	trust, err := lightclient.ParseTrustOptions(text)
	if err != nil {
		panic(err)
	}
	file, err := os.ReadFile("testdata/delivery.bundle")
	if err != nil {
		panic(err)
	}
	bundle, err := proofs.Parse(file)
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 1, 1, 0, 0, 10, 0, time.UTC) // time.Now(), if the files were not as old as this example
	shown, err := lightclient.VerifyOffline(bundle, trust, now)
	if err != nil {
		panic(err)
	}
	fmt.Println("message", shown.Statement.Message.Sequence, "of its session was delivered")
	fmt.Println("signed by its sender (ML-DSA-65):", shown.Statement.SignatureVerified)
	fmt.Println(shown.Basis)

	bundle.Header.Timestamp++
	_, err = lightclient.VerifyOffline(bundle, trust, now)
	fmt.Println("another header is refused:", err != nil)
	bundle.Header.Timestamp--

	_, err = lightclient.VerifyOffline(bundle, trust, now.AddDate(0, 0, 1))
	fmt.Println(err)
	// Output:
	// message 2 of its session was delivered
	// signed by its sender (ML-DSA-65): true
	// block 4 of 2026-01-01T00:00:04Z, signed by 40 of 40 of the validators' weight (BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_, not post-quantum)
	// another header is refused: true
	// trusted block expired at 2026-01-01T00:16:41Z, now is 2026-01-02T00:00:10Z: take a new checkpoint
}
