package ohttp

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"slices"
)

// The media types of RFC 9458, section 9.
const (
	KeysType     = "application/ohttp-keys"
	RequestType  = "message/ohttp-req"
	ResponseType = "message/ohttp-res"
)

const (
	labelRequest  = "message/bhttp request"
	labelResponse = "message/bhttp response"

	tagSize    = 16                             // bytes, of all AEADs
	sealedRoom = headerSize + encSize + tagSize // bytes of a sealed request beside its message; of an answer fewer
	headRoom   = 1 << 10                        // bytes of a message beside its content; few are used
)

// SealedSize returns the largest size of a sealed request or answer with so many bytes of content.
func SealedSize(content int) int { return sealedRoom + padded(content+headRoom) }

// Exchange is a request and its answer, on either side. Its answer is sealed by a secret of the request's.
type Exchange struct {
	suite       *suite
	enc, secret []byte
}

// exporter is either side's HPKE context.
type exporter interface {
	Export(context string, length int) ([]byte, error)
}

func newExchange(suite *suite, enc []byte, context exporter) (*Exchange, error) {
	secret, err := context.Export(labelResponse, suite.keySize)
	if err != nil {
		return nil, err
	}
	return &Exchange{suite: suite, enc: enc, secret: secret}, nil
}

// info binds a request to its header: RFC 9458, section 4.3.
func info(header []byte) []byte { return slices.Concat([]byte(labelRequest), []byte{0}, header) }

// Seal seals a request's message to a gateway's key.
func (k *PublicKey) Seal(message []byte) ([]byte, *Exchange, error) {
	enc, sender, err := hpke.NewSender(k.public, hpke.HKDFSHA256(), k.suite.aead, info(k.header))
	if err != nil {
		return nil, nil, err
	}
	ciphertext, err := sender.Seal(nil, message)
	if err != nil {
		return nil, nil, err
	}
	exchange, err := newExchange(k.suite, enc, sender)
	return slices.Concat(k.header, enc, ciphertext), exchange, err
}

// Open opens a request. ErrKey says that it was not sealed to the key, or not as its header says.
func (k *Key) Open(sealed []byte) ([]byte, *Exchange, error) {
	if len(sealed) < headerSize+k.encSize+tagSize {
		return nil, nil, ErrKey
	}
	header, enc, ciphertext := sealed[:headerSize], sealed[headerSize:headerSize+k.encSize], sealed[headerSize+k.encSize:]
	suite := suiteOf(header)
	if suite == nil || !slices.Equal(header[:3], k.keys[2:5]) {
		return nil, nil, ErrKey
	}
	recipient, err := hpke.NewRecipient(enc, k.private, hpke.HKDFSHA256(), suite.aead, info(header))
	if err != nil {
		return nil, nil, ErrKey
	}
	message, err := recipient.Open(nil, ciphertext)
	if err != nil {
		return nil, nil, ErrKey
	}
	exchange, err := newExchange(suite, slices.Clone(enc), recipient)
	return message, exchange, err
}

// SealAnswer seals the message of an answer, and overwrites it. The sealed answer is the nonce and what follows it.
func (e *Exchange) SealAnswer(message []byte) (nonce, ciphertext []byte, err error) {
	nonce = make([]byte, e.suite.keySize)
	rand.Read(nonce) // never fails: without randomness it ends the program
	ciphertext, err = e.sealAnswer(nonce, message)
	return nonce, ciphertext, err
}

func (e *Exchange) sealAnswer(nonce, message []byte) ([]byte, error) {
	aead, iv, err := e.answerCipher(nonce)
	if err != nil {
		return nil, err
	}
	return aead.Seal(message[:0], iv, message, nil), nil
}

// OpenAnswer opens an answer, and overwrites it.
func (e *Exchange) OpenAnswer(sealed []byte) ([]byte, error) {
	if len(sealed) < e.suite.keySize+tagSize {
		return nil, ErrKey
	}
	nonce, ciphertext := sealed[:e.suite.keySize], sealed[e.suite.keySize:]
	aead, iv, err := e.answerCipher(nonce)
	if err != nil {
		return nil, err
	}
	message, err := aead.Open(ciphertext[:0], iv, ciphertext, nil)
	if err != nil {
		return nil, ErrKey
	}
	return message, nil
}

// answerCipher derives the key and the nonce of an answer: RFC 9458, section 4.4.
func (e *Exchange) answerCipher(nonce []byte) (aead cipher.AEAD, iv []byte, err error) {
	prk, err := hkdf.Extract(sha256.New, e.secret, slices.Concat(e.enc, nonce))
	if err != nil {
		return nil, nil, err
	}
	key, err := hkdf.Expand(sha256.New, prk, "key", e.suite.keySize)
	if err != nil {
		return nil, nil, err
	}
	if aead, err = e.suite.cipher(key); err != nil {
		return nil, nil, err
	}
	iv, err = hkdf.Expand(sha256.New, prk, "nonce", aead.NonceSize())
	return aead, iv, err
}
