package pq

import (
	"encoding/hex"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden vectors in testdata")

// Key files of tests are cheap. TestWorkFactors pins what users get.
var productionSaveWorkFactor, productionMaxWorkFactor int

func TestMain(m *testing.M) {
	flag.Parse()
	productionSaveWorkFactor, productionMaxWorkFactor = saveWorkFactor, maxWorkFactor
	saveWorkFactor, maxWorkFactor = 4, 8
	os.Exit(m.Run())
}

// hexBytes is a byte string that JSON files write in hex.
type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.AppendDecode([]byte{}, text)
	return err
}

// testIdentity returns the identity whose seed is 32 times one byte.
func testIdentity(tb testing.TB, seedByte byte) *Identity {
	tb.Helper()
	seed := make([]byte, SeedSize)
	for i := range seed {
		seed[i] = seedByte
	}
	identity, err := IdentityFromSeed(seed)
	if err != nil {
		tb.Fatal(err)
	}
	return identity
}
