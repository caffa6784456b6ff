package e2ee

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/luxfi/session/refusal"
)

// Labels of this version. Every hash and derivation starts with one, so that none can stand
// for another.
const (
	labelSession      = "sessionvm/e2ee/session/v1"
	labelAnnouncement = "sessionvm/e2ee/announcement/v1"
	labelWrap         = "sessionvm/e2ee/wrap/v1"
	labelChain        = "sessionvm/e2ee/chain/v1"
	labelReply        = "sessionvm/e2ee/reply/v1"
	labelReplyTo      = "sessionvm/e2ee/reply-to/v1"
	labelCommitment   = "sessionvm/e2ee/commitment/v1"
	labelMessage      = "sessionvm/e2ee/message/v1"
	labelMessageKey   = "sessionvm/e2ee/message-key/v1"
	labelMessageNonce = "sessionvm/e2ee/message-nonce/v1"
	labelAttachment   = "sessionvm/e2ee/attachment/v1"
	labelChunkKey     = "sessionvm/e2ee/chunk-key/v1"
	labelChunkNonce   = "sessionvm/e2ee/chunk-nonce/v1"
	labelChunk        = "sessionvm/e2ee/chunk/v1"

	labelInvitation           = "sessionvm/e2ee/invitation/v1"
	labelInvitationConfirm    = "sessionvm/e2ee/invitation-confirm/v1"
	labelInvitationKey        = "sessionvm/e2ee/invitation-key/v1"
	labelInvitationPrekey     = "sessionvm/e2ee/invitation-prekey/v1"
	labelInvitationCiphertext = "sessionvm/e2ee/invitation-ciphertext/v1"
	labelInvitationRest       = "sessionvm/e2ee/invitation-rest/v1"
)

const (
	hashSize = sha256.Size
	keySize  = chacha20poly1305.KeySize
	tagSize  = chacha20poly1305.Overhead
)

// newAEAD makes the cipher of a wrapping key. Each encrypts one secret and is made from a fresh
// encapsulation, even where an old copy of a state is used, so nonces are zero. Tests replace it
// to see every key that is used.
var newAEAD = chacha20poly1305.New

var zeroNonce [chacha20poly1305.NonceSize]byte

// sealOnce encrypts with a key that is used once, appending to start.
func sealOnce(start []byte, key, plaintext, associated []byte) ([]byte, error) {
	aead, err := aeadOf(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(start, zeroNonce[:], plaintext, associated), nil
}

// openOnce decrypts what sealOnce made.
func openOnce(key, ciphertext, associated []byte) ([]byte, error) {
	aead, err := aeadOf(key)
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(nil, zeroNonce[:], ciphertext, associated)
	if err != nil {
		return nil, refusal.Because(ErrAuthentication, "expected it as it was sealed: fetch it again")
	}
	return plaintext, nil
}

func aeadOf(key []byte) (cipher.AEAD, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, fmt.Errorf("ChaCha20-Poly1305: %w", err) // a key that is not 32 bytes
	}
	return aead, nil
}

// hashOf returns SHA-256(label || 0x00 || fields). Each field has a fixed size, or its size
// follows from one before it.
func hashOf(label string, fields ...[]byte) (sum [hashSize]byte) {
	h := sha256.New()
	h.Write([]byte(label))
	h.Write([]byte{0})
	for _, field := range fields {
		h.Write(field)
	}
	h.Sum(sum[:0])
	return sum
}

// step is the symmetric ratchet: HMAC-SHA-256(chain, label || 0x01) is the key to use now, and
// HMAC-SHA-256(chain, label || 0x02) replaces the chain.
func step(chain [keySize]byte, label string) (key, next [keySize]byte) {
	for position, out := range []*[keySize]byte{&key, &next} {
		h := hmac.New(sha256.New, chain[:])
		h.Write([]byte(label))
		h.Write([]byte{byte(position + 1)})
		h.Sum(out[:0])
	}
	return key, next
}

// epochSecrets are what derives from an announcement's secret.
type epochSecrets struct {
	chain      [keySize]byte  // the start of the sender's ratchet
	reply      [keySize]byte  // the root of what others mix in when they seal to the sender
	commitment [hashSize]byte // fixes the secret: all who open the announcement have the same
}

func (s *epochSecrets) wipe() {
	clear(s.chain[:])
	clear(s.reply[:])
}

// deriveEpoch returns the secrets of an announcement: HKDF-SHA-256 with the transcript as salt
// and a label as info, for each.
func deriveEpoch(secret []byte, transcript [hashSize]byte) (secrets epochSecrets, err error) {
	pseudorandom, err := hkdf.Extract(sha256.New, secret, transcript[:])
	if err != nil {
		return epochSecrets{}, fmt.Errorf("extracting an epoch's secret: %w", err)
	}
	defer clear(pseudorandom)
	for _, out := range []struct {
		label string
		to    *[32]byte
	}{{labelChain, &secrets.chain}, {labelReply, &secrets.reply}, {labelCommitment, &secrets.commitment}} {
		expanded, err := hkdf.Expand(sha256.New, pseudorandom, out.label, len(out.to))
		if err != nil {
			return epochSecrets{}, fmt.Errorf("expanding an epoch's secret: %w", err)
		}
		copy(out.to[:], expanded)
		clear(expanded)
	}
	return secrets, nil
}

// replyChain returns the start of the ratchet that one member mixes in when it seals to the
// member whose announcement gave the root.
func replyChain(root [keySize]byte, from ID) (chain [keySize]byte) {
	h := hmac.New(sha256.New, root[:])
	h.Write([]byte(labelReplyTo))
	h.Write([]byte{0})
	h.Write(from[:])
	h.Sum(chain[:0])
	return chain
}

// wrapContext is all that a wrapping key is bound to.
type wrapContext struct {
	context           [hashSize]byte
	sender, recipient ID
	epoch             uint32
	stanzaHead        []byte // mode and reference
	publicKeys        []byte // that were encapsulated to, one after the other
	ciphertexts       []byte
}

// wrappingKey derives the key that wraps an announcement's secret for one recipient. The keys
// shared through KEM are of 32 bytes each: one, or the prekey's and then the identity's. The reply
// key is zeros if there is none.
func wrappingKey(shared []byte, reply [keySize]byte, bound wrapContext) ([]byte, error) {
	var epoch [4]byte
	binary.BigEndian.PutUint32(epoch[:], bound.epoch)
	info := hashOf(labelWrap, bound.context[:], bound.sender[:], bound.recipient[:],
		epoch[:], bound.stanzaHead, bound.publicKeys, bound.ciphertexts)
	key, err := hkdf.Key(sha256.New, shared, reply[:], string(info[:]), keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving a wrapping key: %w", err)
	}
	return key, nil
}
