package ohttp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
)

// MaxKeysBytes bounds the key configurations of a gateway.
const MaxKeysBytes = 2 << 10

// KeySize is the size of a gateway's key in bytes: the seed of X-Wing.
const KeySize = 32

const (
	keyID         = 1    // of a gateway's only key
	publicKeySize = 1216 // bytes, X-Wing: draft-ietf-hpke-pq
	encSize       = 1120 // bytes of an encapsulated secret, X-Wing
	headerSize    = 7    // bytes: key ID, KEM, KDF, AEAD
)

// ErrKey is what does not open with a key: it was sealed to another one, or changed on its way.
var ErrKey = errors.New("it does not open with this key")

// suite is how messages are sealed once a secret is agreed on. The KDF is HKDF-SHA256.
type suite struct {
	aead    hpke.AEAD
	keySize int // bytes; also of an answer's nonce, as it is above the AEAD's
	cipher  func(key []byte) (cipher.AEAD, error)
}

// suites are taken by a gateway, the preferred one first.
var suites = []suite{
	{hpke.ChaCha20Poly1305(), chacha20poly1305.KeySize, chacha20poly1305.New},
	{hpke.AES128GCM(), 16, func(key []byte) (cipher.AEAD, error) {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return cipher.NewGCM(block)
	}},
}

// KeysHash is the SHA-256 hash of a gateway's key configurations, as it serves them.
type KeysHash [sha256.Size]byte

func (h KeysHash) String() string { return hex.EncodeToString(h[:]) }

// Key is a gateway's key. It is safe for concurrent use.
type Key struct {
	private hpke.PrivateKey
	encSize int
	keys    []byte
}

// GenerateKey returns a new key.
func GenerateKey() (*Key, error) {
	private, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, err
	}
	return newKey(private)
}

// ParseKey decodes a key from its KeySize bytes.
func ParseKey(encoded []byte) (*Key, error) {
	private, err := hpke.MLKEM768X25519().NewPrivateKey(encoded)
	if err != nil {
		return nil, err
	}
	return newKey(private)
}

// newKey takes any KEM, as RFC 9458 does.
func newKey(private hpke.PrivateKey) (*Key, error) {
	public := private.PublicKey()
	enc, _, err := hpke.NewSender(public, hpke.HKDFSHA256(), suites[0].aead, nil)
	if err != nil {
		return nil, err
	}
	config := binary.BigEndian.AppendUint16([]byte{keyID}, private.KEM().ID())
	config = append(config, public.Bytes()...)
	config = binary.BigEndian.AppendUint16(config, uint16(4*len(suites)))
	for _, suite := range suites {
		config = binary.BigEndian.AppendUint16(config, hpke.HKDFSHA256().ID())
		config = binary.BigEndian.AppendUint16(config, suite.aead.ID())
	}
	keys := append(binary.BigEndian.AppendUint16(nil, uint16(len(config))), config...)
	return &Key{private: private, encSize: len(enc), keys: keys}, nil
}

// Bytes returns the key's KeySize bytes, which are secret.
func (k *Key) Bytes() ([]byte, error) { return k.private.Bytes() }

// Keys returns the key configurations that a gateway serves (RFC 9458, section 3.2): one.
func (k *Key) Keys() []byte { return slices.Clone(k.keys) }

// Hash returns the hash by which programs know the key.
func (k *Key) Hash() KeysHash { return sha256.Sum256(k.keys) }

// PublicKey is a gateway's key as programs have it.
type PublicKey struct {
	header []byte // key ID, KEM, KDF, AEAD
	public hpke.PublicKey
	suite  *suite
}

// ParseKeys decodes a gateway's key configurations as Key.Keys returns them, if they have the hash that is expected. It
// takes the first algorithm that they have.
func ParseKeys(keys []byte, hash KeysHash) (*PublicKey, error) {
	if got := KeysHash(sha256.Sum256(keys)); got != hash {
		return nil, fmt.Errorf("the gateway's keys: expected the hash %s, got %s: ask its operator for the address anew, and do not take another's word for it", hash, got)
	}
	const begin, algorithms = 2 + 3, 2 + 3 + publicKeySize + 2
	invalid := errors.New("the gateway's keys: expected one of X-Wing (KEM 0x647a) with HKDF-SHA256 and ChaCha20-Poly1305 or AES-128-GCM, got another")
	kem := hpke.MLKEM768X25519()
	if len(keys) < algorithms+4 || int(binary.BigEndian.Uint16(keys)) != len(keys)-2 || binary.BigEndian.Uint16(keys[3:]) != kem.ID() {
		return nil, invalid
	}
	header := slices.Concat(keys[2:begin], keys[algorithms:algorithms+4])
	public, err := kem.NewPublicKey(keys[begin : begin+publicKeySize])
	if suite := suiteOf(header); err == nil && suite != nil {
		return &PublicKey{header: header, public: public, suite: suite}, nil
	}
	return nil, invalid
}

// suiteOf returns the suite that the header of a request names, nil if it is unknown.
func suiteOf(header []byte) *suite {
	if len(header) < headerSize || binary.BigEndian.Uint16(header[3:]) != hpke.HKDFSHA256().ID() {
		return nil
	}
	for i := range suites {
		if suites[i].aead.ID() == binary.BigEndian.Uint16(header[5:]) {
			return &suites[i]
		}
	}
	return nil
}
