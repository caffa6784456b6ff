package pq

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// MaxRecipients is the largest number of recipients of one envelope.
const MaxRecipients = 128

// envelopeVersion1 names the format and its suite: ML-KEM-768, HKDF-SHA-256,
// ChaCha20-Poly1305. Another format or suite takes another first byte.
const envelopeVersion1 = 0x01

// Sizes of version 1, in bytes.
const (
	envelopeStart   = 2 // version, number of recipients
	recipientTag    = 4
	contentKeySize  = chacha20poly1305.KeySize
	wrappedKeySize  = contentKeySize + chacha20poly1305.Overhead
	stanzaSize      = recipientTag + KEMCiphertextSize + wrappedKeySize
	commitmentSize  = sha256.Size
	contentOverhead = chacha20poly1305.Overhead
)

// Labels of version 1.
const (
	labelSealTag        = "sessionvm/seal/tag/v1"
	labelSealWrap       = "sessionvm/seal/wrap/v1"
	labelSealTranscript = "sessionvm/seal/transcript/v1"
	labelSealContent    = "sessionvm/seal/content/v1"
)

// SealedSize returns the size of an envelope, in bytes, for a plaintext's size and a number
// of recipients: 50 bytes, 1140 for each recipient, and the plaintext.
func SealedSize(plaintext, recipients int) int {
	return envelopeStart + recipients*stanzaSize + commitmentSize + plaintext + contentOverhead
}

// stanza is one recipient's part of an envelope. Its fields are slices of the envelope.
type stanza struct {
	tag           []byte
	kemCiphertext []byte
	wrappedKey    []byte
}

func stanzaAt(table []byte, index int) stanza {
	at := table[envelopeStart+index*stanzaSize:][:stanzaSize]
	return stanza{
		tag:           at[:recipientTag],
		kemCiphertext: at[recipientTag : recipientTag+KEMCiphertextSize],
		wrappedKey:    at[recipientTag+KEMCiphertextSize:],
	}
}

// parsedEnvelope is an envelope cut into its parts, slices of the input.
type parsedEnvelope struct {
	table      []byte // version, number of recipients, stanzas
	recipients int
	commitment []byte
	content    []byte
}

func parseEnvelope(envelope []byte) (parsedEnvelope, error) {
	if len(envelope) == 0 {
		return parsedEnvelope{}, fmt.Errorf("%w: it is empty", ErrEnvelope)
	}
	if envelope[0] != envelopeVersion1 {
		return parsedEnvelope{}, fmt.Errorf("%w: want %#02x, got %#02x: a newer program may open it", ErrEnvelopeVersion, envelopeVersion1, envelope[0])
	}
	if smallest := SealedSize(0, 1); len(envelope) < smallest {
		return parsedEnvelope{}, fmt.Errorf("%w: want at least %d bytes, got %d", ErrEnvelope, smallest, len(envelope))
	}
	recipients := int(envelope[1])
	if recipients < 1 || recipients > MaxRecipients {
		return parsedEnvelope{}, fmt.Errorf("%w: want 1 to %d recipients, got %d", ErrEnvelope, MaxRecipients, recipients)
	}
	if smallest := SealedSize(0, recipients); len(envelope) < smallest {
		return parsedEnvelope{}, fmt.Errorf("%w: want at least %d bytes for %d recipients, got %d", ErrEnvelope, smallest, recipients, len(envelope))
	}
	tableSize := envelopeStart + recipients*stanzaSize
	return parsedEnvelope{
		table:      envelope[:tableSize],
		recipients: recipients,
		commitment: envelope[tableSize : tableSize+commitmentSize],
		content:    envelope[tableSize+commitmentSize:],
	}, nil
}

// tagOf returns the mark by which a recipient finds its stanza. It hides nothing: who knows
// the ID can compute it. Two IDs may share one.
func tagOf(id [IDSize]byte) [recipientTag]byte {
	h := sha256.New()
	h.Write([]byte(labelSealTag))
	h.Write([]byte{0})
	h.Write(id[:])
	var sum [sha256.Size]byte
	return [recipientTag]byte(h.Sum(sum[:0]))
}

// wrappingKey derives the key that wraps the content key for one recipient from the key
// shared with it. It is used once.
func wrappingKey(shared []byte, id [IDSize]byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, shared, nil, labelSealWrap+"\x00"+string(id[:]), chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("pq: deriving a wrapping key: %w", err)
	}
	return key, nil
}

// transcriptHash commits to the header and to the whole recipient table.
func transcriptHash(header, table []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(labelSealTranscript))
	var size [1 + 8]byte // 0x00, then the header's size
	binary.BigEndian.PutUint64(size[1:], uint64(len(header)))
	h.Write(size[:])
	h.Write(header)
	h.Write(table)
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

// contentSecrets derives, from the content key and the transcript, the key that encrypts
// the content and the commitment. ChaCha20-Poly1305 alone does not commit to its key: a
// sender could make one content that two keys open to two texts. The commitment fixes the
// content key (HMAC-SHA-256 resists collisions), so all who open an envelope read the same.
func contentSecrets(contentKey []byte, transcript [sha256.Size]byte) (encryption, commitment []byte, err error) {
	both, err := hkdf.Key(sha256.New, contentKey, nil, labelSealContent+"\x00"+string(transcript[:]), chacha20poly1305.KeySize+commitmentSize)
	if err != nil {
		return nil, nil, fmt.Errorf("pq: deriving a content key: %w", err)
	}
	return both[:chacha20poly1305.KeySize], both[chacha20poly1305.KeySize:], nil
}

// zeroNonce is the nonce of keys that encrypt one thing only.
var zeroNonce [chacha20poly1305.NonceSize]byte
