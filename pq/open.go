package pq

import (
	"bytes"
	"crypto/subtle"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Open decrypts an envelope with the KEM key of the recipient whose ID is self. The header
// must be the one it was sealed with.
//
// The errors: ErrEnvelopeVersion and ErrEnvelope for bytes that are not an envelope,
// ErrNotRecipient for one that is sealed to others, and ErrAuthentication if the envelope
// or the header was changed, or the key is not the one it was sealed to (an earlier
// epoch's, for example).
func Open(key *KEMKey, self [IDSize]byte, header, envelope []byte) ([]byte, error) {
	parsed, err := parseEnvelope(envelope)
	if err != nil {
		return nil, err
	}
	tag := tagOf(self)
	found := false
	for index := range parsed.recipients {
		candidate := stanzaAt(parsed.table, index)
		if !bytes.Equal(candidate.tag, tag[:]) {
			continue
		}
		found = true
		contentKey, ok, err := unwrapContentKey(key, self, candidate)
		if err != nil {
			return nil, err
		}
		if ok { // not another recipient whose ID has the same tag
			defer clear(contentKey)
			return openContent(contentKey, header, parsed)
		}
	}
	if !found {
		return nil, fmt.Errorf("%w: none of its %d recipients is %s", ErrNotRecipient, parsed.recipients, FormatID(self))
	}
	return nil, fmt.Errorf("%w: want the key and the envelope it was sealed with: try the session's earlier keys, or fetch it again", ErrAuthentication)
}

// unwrapContentKey tries a stanza. It is not ok if the stanza was not made for this key and
// ID, or was changed.
func unwrapContentKey(key *KEMKey, self [IDSize]byte, candidate stanza) (contentKey []byte, ok bool, err error) {
	shared, err := key.Decapsulate(candidate.kemCiphertext)
	if err != nil {
		return nil, false, err
	}
	defer clear(shared)
	wrapping, err := wrappingKey(shared, self)
	if err != nil {
		return nil, false, err
	}
	defer clear(wrapping)
	aead, err := chacha20poly1305.New(wrapping)
	if err != nil {
		return nil, false, fmt.Errorf("pq: unwrapping the content key: %w", err)
	}
	contentKey, err = aead.Open(nil, zeroNonce[:], candidate.wrappedKey, candidate.kemCiphertext)
	return contentKey, err == nil, nil
}

func openContent(contentKey, header []byte, parsed parsedEnvelope) ([]byte, error) {
	transcript := transcriptHash(header, parsed.table)
	encryption, commitment, err := contentSecrets(contentKey, transcript)
	if err != nil {
		return nil, err
	}
	defer clear(encryption)
	if subtle.ConstantTimeCompare(commitment, parsed.commitment) != 1 {
		return nil, fmt.Errorf("%w: want the header and the recipients it was sealed with", ErrAuthentication)
	}
	aead, err := chacha20poly1305.New(encryption)
	if err != nil {
		return nil, fmt.Errorf("pq: decrypting the content: %w", err)
	}
	plaintext, err := aead.Open(nil, zeroNonce[:], parsed.content, transcript[:])
	if err != nil {
		return nil, fmt.Errorf("%w: want the content it was sealed with: fetch it again", ErrAuthentication)
	}
	return plaintext, nil
}
