package pq

import (
	"crypto/rand"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Recipient is somebody an envelope is sealed to.
type Recipient struct {
	// ID is the recipient's identity ID.
	ID [IDSize]byte
	// KEMPublicKey is the ML-KEM-768 key to seal to: the identity's own, or its key of the
	// session's current epoch.
	KEMPublicKey []byte
}

// Seal encrypts a plaintext to 1 to 128 recipients and returns the envelope, of SealedSize
// bytes. Opening it needs the same header, which is authenticated and not part of the
// envelope. Who wants to read their own messages lists themselves among the recipients.
//
// Seal hides and protects the content; it does not say who sealed it. That is what the
// sender's signature over the envelope is for. Put the chain, the session and the sender's
// ID into the header: then nobody can sign a copied envelope as their own message.
func Seal(header, plaintext []byte, recipients []Recipient) ([]byte, error) {
	if err := checkRecipients(recipients); err != nil {
		return nil, err
	}
	contentKey := make([]byte, contentKeySize)
	defer clear(contentKey)
	rand.Read(contentKey) // never fails: without randomness it ends the program
	envelope := make([]byte, 0, SealedSize(len(plaintext), len(recipients)))
	envelope = append(envelope, envelopeVersion1, byte(len(recipients)))
	for index, recipient := range recipients {
		var err error
		if envelope, err = appendStanza(envelope, recipient, contentKey); err != nil {
			return nil, fmt.Errorf("recipient %d (%s): %w", index, FormatID(recipient.ID), err)
		}
	}
	transcript := transcriptHash(header, envelope)
	encryption, commitment, err := contentSecrets(contentKey, transcript)
	if err != nil {
		return nil, err
	}
	defer clear(encryption)
	aead, err := chacha20poly1305.New(encryption)
	if err != nil {
		return nil, fmt.Errorf("pq: encrypting the content: %w", err)
	}
	envelope = append(envelope, commitment...)
	return aead.Seal(envelope, zeroNonce[:], plaintext, transcript[:]), nil
}

// appendStanza wraps the content key for one recipient: KEM, HKDF, AEAD with the KEM
// ciphertext as associated data.
func appendStanza(envelope []byte, recipient Recipient, contentKey []byte) ([]byte, error) {
	ciphertext, shared, err := Encapsulate(recipient.KEMPublicKey)
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	wrapping, err := wrappingKey(shared, recipient.ID)
	if err != nil {
		return nil, err
	}
	defer clear(wrapping)
	aead, err := chacha20poly1305.New(wrapping)
	if err != nil {
		return nil, fmt.Errorf("pq: wrapping the content key: %w", err)
	}
	tag := tagOf(recipient.ID)
	envelope = append(envelope, tag[:]...)
	envelope = append(envelope, ciphertext...)
	return aead.Seal(envelope, zeroNonce[:], contentKey, ciphertext), nil
}

func checkRecipients(recipients []Recipient) error {
	if len(recipients) < 1 || len(recipients) > MaxRecipients {
		return fmt.Errorf("%w: want 1 to %d, got %d", ErrRecipients, MaxRecipients, len(recipients))
	}
	seen := make(map[[IDSize]byte]struct{}, len(recipients))
	for _, recipient := range recipients {
		if _, ok := seen[recipient.ID]; ok {
			return fmt.Errorf("%w: %s is listed twice", ErrRecipients, FormatID(recipient.ID))
		}
		seen[recipient.ID] = struct{}{}
	}
	return nil
}
