package e2ee

import (
	"bytes"
	"io"

	"github.com/cloudflare/circl/kem/xwing"

	"github.com/luxfi/session/refusal"
)

// PrekeySeedSize is the size of a prekey's secret in bytes.
const PrekeySeedSize = xwing.SeedSize

// Prekey is the secret half of a prekey: an X-Wing key that a member publishes, so that others
// can start a session with it while it is away. What is sealed to a member first is sealed to its
// prekey and to its identity's ML-KEM-768 key together. A prekey is replaced from time to time and
// then erased, so that what was sealed to it stays secret. It prints as redacted text.
type Prekey struct {
	public []byte
	seed   *[]byte
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
	return &Prekey{public: publicXWing(seed), seed: &seed}, nil
}

// Public returns the public half, PrekeySize bytes, to be published.
func (k *Prekey) Public() []byte { return bytes.Clone(k.public) }

// Seed returns a copy of the secret, PrekeySeedSize bytes, to be stored encrypted.
func (k *Prekey) Seed() []byte { return bytes.Clone(*k.seed) }

// Wipe erases the secret. What was sealed to it can no longer be opened.
func (k *Prekey) Wipe() {
	clear(*k.seed)
	*k.seed = nil
}
