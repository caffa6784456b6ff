package e2ee

import (
	"bytes"
	"io"
	"sync"

	"github.com/cloudflare/circl/kem/xwing"

	"github.com/luxfi/session/internal/avx"
	"github.com/luxfi/session/refusal"
)

// PrekeySeedSize is the size of a prekey's secret in bytes.
const PrekeySeedSize = xwing.SeedSize

// Prekey is the secret half of a prekey: an X-Wing key that a member publishes, so that others
// can start a session with it while it is away. What is sealed to a member first is sealed to its
// prekey and to its identity's ML-KEM-768 key together. A prekey is replaced from time to time and
// then erased, so that what was sealed to it stays secret. It prints as redacted text. Several sessions
// may use one at the same time.
type Prekey struct {
	public []byte
	secret *prekeySecret
}

type prekeySecret struct {
	mu   sync.RWMutex
	seed []byte            // nil once it is erased
	key  *xwing.PrivateKey // that the seed expands to, which takes as long as using it
}

// NewPrekey makes a prekey. Random is the source of randomness, nil for the system's.
func NewPrekey(random io.Reader) (*Prekey, error) {
	seed, err := readRandom(sourceOf(random), PrekeySeedSize)
	if err != nil {
		return nil, err
	}
	return PrekeyFromSeed(seed)
}

// PrekeyFromSeed returns the prekey that Seed was called on. It keeps the seed. Errors wrap
// ErrPrekey.
func PrekeyFromSeed(seed []byte) (*Prekey, error) {
	if len(seed) != PrekeySeedSize {
		return nil, refusal.Because(ErrPrekey, "expected a seed of %d bytes, got %d", PrekeySeedSize, len(seed))
	}
	defer avx.Clear()
	key, unpacked := xwing.DeriveKeyPair(seed)
	public := make([]byte, PrekeySize)
	unpacked.Pack(public)
	return &Prekey{public, &prekeySecret{seed: seed, key: key}}, nil
}

// Public returns the public half, PrekeySize bytes, to be published.
func (k *Prekey) Public() []byte { return bytes.Clone(k.public) }

// Seed returns a copy of the secret, PrekeySeedSize bytes, to be stored encrypted.
func (k *Prekey) Seed() []byte {
	k.secret.mu.RLock()
	defer k.secret.mu.RUnlock()
	return bytes.Clone(k.secret.seed)
}

// decapsulate returns the shared key of a ciphertext, nil if the secret is erased.
func (k *Prekey) decapsulate(ciphertext []byte) []byte {
	k.secret.mu.RLock()
	defer k.secret.mu.RUnlock()
	if len(k.secret.seed) == 0 {
		return nil
	}
	defer avx.Clear()
	shared := make([]byte, xwing.SharedKeySize)
	k.secret.key.DecapsulateTo(shared, ciphertext)
	return shared
}

// Wipe erases the secret, in every session that has the prekey. What was sealed to it can no longer be
// opened.
func (k *Prekey) Wipe() {
	k.secret.mu.Lock()
	defer k.secret.mu.Unlock()
	clear(k.secret.seed)
	if k.secret.key != nil {
		*k.secret.key = xwing.PrivateKey{}
	}
	k.secret.seed = nil
}
