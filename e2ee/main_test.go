package e2ee

import (
	"crypto/cipher"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/luxfi/session/pq"
)

var update = flag.Bool("update", false, "rewrite the golden vectors in testdata")

// keysSealedWith records every key that a cipher sealed with, and how often. Each seals once,
// unless an old copy of a state is used.
var keysSealedWith = struct {
	sync.Mutex
	on     bool
	counts map[string]int
}{counts: map[string]int{}}

type recordingAEAD struct {
	cipher.AEAD
	key string
}

func (a recordingAEAD) Seal(dst, nonce, plaintext, additionalData []byte) []byte {
	keysSealedWith.Lock()
	if keysSealedWith.on {
		keysSealedWith.counts[a.key]++
	}
	keysSealedWith.Unlock()
	return a.AEAD.Seal(dst, nonce, plaintext, additionalData)
}

func recordKeys(on bool) {
	keysSealedWith.Lock()
	defer keysSealedWith.Unlock()
	keysSealedWith.on, keysSealedWith.counts = on, map[string]int{}
}

// mostUsedKey returns how many keys sealed something, and how often the most used one did.
func mostUsedKey() (keys, most int) {
	keysSealedWith.Lock()
	defer keysSealedWith.Unlock()
	for _, count := range keysSealedWith.counts {
		most = max(most, count)
	}
	return len(keysSealedWith.counts), most
}

func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		newAEAD, newXAEAD = recording(chacha20poly1305.New), recording(chacha20poly1305.NewX)
	}
	os.Exit(m.Run())
}

func recording(make func([]byte) (cipher.AEAD, error)) func([]byte) (cipher.AEAD, error) {
	return func(key []byte) (cipher.AEAD, error) {
		aead, err := make(key)
		return recordingAEAD{aead, string(key)}, err
	}
}

// hexBytes is a byte string that JSON files write in hex.
type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.AppendDecode([]byte{}, text)
	return err
}

// identities are made once: they are the costly part of many tests.
var identities sync.Map

// testIdentity returns the identity whose seed is 32 times one byte.
func testIdentity(seedByte byte) *pq.Identity {
	if known, ok := identities.Load(seedByte); ok {
		return known.(*pq.Identity)
	}
	seed := make([]byte, pq.SeedSize)
	for i := range seed {
		seed[i] = seedByte
	}
	identity, err := pq.IdentityFromSeed(seed)
	if err != nil {
		panic(fmt.Sprintf("an identity from a seed: %v", err))
	}
	known, _ := identities.LoadOrStore(seedByte, identity)
	return known.(*pq.Identity)
}
