package e2ee

import (
	"encoding/binary"

	"github.com/luxfi/session/refusal"
)

// First bytes of what goes onto the chain. 0x01 is not used.
const (
	kindAnnouncement = 0x10
	kindMessage      = 0x11
	kindChunk        = 0x12
)

// messageStart is the size of an ordinary message's header: kind, epoch, index.
const messageStart = 1 + 4 + 4

// MessageOverhead is what an ordinary message adds to its padded content: the header, the nonce
// and the authentication tag, in bytes.
const MessageOverhead = messageStart + nonceSize + tagSize

// ContentType says what the content of a message is. Types below 64 are this package's.
type ContentType uint8

const (
	// ContentText is whatever the application makes of it; people send UTF-8.
	ContentText ContentType = 0
	// ContentManifest is the manifest of an attachment.
	ContentManifest ContentType = 1
	// ContentProof is the proof of the identity behind a private session's.
	ContentProof ContentType = 2
	// ContentTitle is what its sender calls the session or the group, in UTF-8.
	ContentTitle ContentType = 3
	// ContentOffer, ContentSeats and ContentRoster are an Offer, Seats and a Roster of a private group.
	ContentOffer  ContentType = 4
	ContentSeats  ContentType = 5
	ContentRoster ContentType = 6
	// ContentAnswer is an Answer.
	ContentAnswer ContentType = 7
	// ContentGreeting is a Greeting.
	ContentGreeting ContentType = 8
)

// messageWire is an ordinary message: 1 kind (0x11), 4 epoch, 4 index, 24 nonce, then the
// content, padded, encrypted, and 16 bytes of tag.
type messageWire struct {
	epoch, index uint32
	header       []byte // messageStart bytes
	nonce        []byte // nonceSize bytes
	ciphertext   []byte // with the tag
}

func appendMessageHeader(start []byte, epoch, index uint32) []byte {
	start = append(start, kindMessage)
	start = binary.BigEndian.AppendUint32(start, epoch)
	return binary.BigEndian.AppendUint32(start, index)
}

func parseMessage(encoded []byte) (messageWire, error) {
	if smallest := MessageOverhead + smallestPadded; len(encoded) < smallest || encoded[0] != kindMessage {
		return messageWire{}, refusal.Because(ErrMalformed, "expected a message of at least %d bytes, got %d", smallest, len(encoded))
	}
	if largest := MessageOverhead + PaddedSize(MaxContent); len(encoded) > largest {
		return messageWire{}, refusal.Because(ErrMalformed, "expected a message of at most %d bytes, got %d", largest, len(encoded))
	}
	return messageWire{
		epoch:      binary.BigEndian.Uint32(encoded[1:]),
		index:      binary.BigEndian.Uint32(encoded[5:]),
		header:     encoded[:messageStart],
		nonce:      encoded[messageStart : messageStart+nonceSize],
		ciphertext: encoded[messageStart+nonceSize:],
	}, nil
}

// EpochOf returns the epoch that a message or an announcement says it is of, and false for
// what is neither. It checks nothing else.
func EpochOf(encoded []byte) (uint32, bool) {
	switch {
	case len(encoded) >= messageStart && encoded[0] == kindMessage:
		return binary.BigEndian.Uint32(encoded[1:]), true
	case len(encoded) >= announcementStart && encoded[0] == kindAnnouncement:
		return binary.BigEndian.Uint32(encoded[3:]), true
	default:
		return 0, false
	}
}

// associatedData binds a message to its session, sender, epoch and index, and through the
// transcript to everything that the epoch's announcement is bound to:
// label || 0x00 || 32 session || 32 sender || 32 transcript || the message's header.
func associatedData(session [32]byte, sender ID, transcript [hashSize]byte, header []byte) []byte {
	associated := make([]byte, 0, len(labelMessage)+1+32+len(sender)+hashSize+messageStart)
	associated = append(associated, labelMessage...)
	associated = append(associated, 0)
	associated = append(associated, session[:]...)
	associated = append(associated, sender[:]...)
	associated = append(associated, transcript[:]...)
	return append(associated, header...)
}

// sealMessage encrypts padded content with the ratchet's key of a message, after its header.
func sealMessage(header []byte, key [keySize]byte, padded, associated []byte) ([]byte, error) {
	defer clear(key[:])
	keys, err := deriveMessageKeys(key)
	if err != nil {
		return nil, err
	}
	defer keys.wipe()
	return keys.sealAfter(header, padded, associated)
}

// openMessage decrypts what sealMessage made.
func openMessage(wire messageWire, key [keySize]byte, associated []byte) ([]byte, error) {
	defer clear(key[:])
	keys, err := deriveMessageKeys(key)
	if err != nil {
		return nil, err
	}
	defer keys.wipe()
	return keys.open(wire.nonce, wire.ciphertext, associated)
}

// deriveMessageKeys returns what seals a message. Both keys come from the ratchet's key of that
// message, so that a key kept for a message that is late is still one key, and erasing it erases
// both.
func deriveMessageKeys(key [keySize]byte) (syntheticKeys, error) {
	defer clear(key[:])
	return deriveSynthetic(key[:], labelMessageKey, labelMessageNonce)
}
