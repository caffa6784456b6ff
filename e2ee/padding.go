package e2ee

import (
	"encoding/binary"
	"io"
	"math/bits"

	"github.com/luxfi/session/refusal"
)

const (
	// smallestPadded is the size that short content is padded to.
	smallestPadded = 64
	// MaxContent bounds the content of one message, in bytes. What is larger goes as an
	// attachment.
	MaxContent = 192 << 10
	// paddingMark ends the content; zeros follow it.
	paddingMark = 0x80
	// saltSize is the size of the random bytes that make each message another one: what is sealed
	// twice under the same key, as from an old copy of a state, has another nonce.
	saltSize = 16
	// contentStart is what stands before the content: its type, the salt, and a Seen.
	contentStart = 1 + saltSize + 8 + hashSize
)

// Seen is how far the sender of a message had read the session: up to the message of a sequence, 0
// for none, after which the session has a transcript (chain.NextTranscript).
type Seen struct {
	Sequence   uint64
	Transcript [hashSize]byte
}

// PaddedSize returns the size that content of a size is padded to, what stands before it and
// the mark that ends it included.
func PaddedSize(content int) int {
	return int(padme(uint64(max(content, 0) + contentStart + 1)))
}

// padme returns the size that a size is padded to: at least 64 bytes, then Padme (Nikitin et
// al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", section
// 4): a size of L bytes keeps its top log2(log2(L)) bits and rounds up the rest, which adds at
// most 12 % and leaves O(log log L) bits for an observer.
func padme(size uint64) uint64 {
	if size <= smallestPadded {
		return smallestPadded
	}
	exponent := bits.Len64(size) - 1
	kept := bits.Len(uint(exponent))
	mask := uint64(1)<<(exponent-kept) - 1
	return (size + mask) &^ mask
}

// pad returns 1 type || 16 salt || 8 sequence || 32 transcript || content || 0x80 || zeros, of
// PaddedSize bytes. It reads the salt.
func pad(random io.Reader, seen Seen, kind ContentType, content []byte) ([]byte, error) {
	padded := make([]byte, PaddedSize(len(content)), PaddedSize(len(content))+tagSize)
	padded[0] = byte(kind)
	salt, err := readRandom(random, saltSize)
	if err != nil {
		return nil, err
	}
	copy(padded[1:], salt)
	binary.BigEndian.PutUint64(padded[1+saltSize:], seen.Sequence)
	copy(padded[1+saltSize+8:], seen.Transcript[:])
	copy(padded[contentStart:], content)
	padded[contentStart+len(content)] = paddingMark
	return padded, nil
}

// unpad returns what pad was given; the content is a slice of its input. One content has one
// padded form.
func unpad(padded []byte) (opened Opened, err error) {
	end := len(padded) - 1
	for end >= contentStart && padded[end] == 0 {
		end--
	}
	if end < contentStart || padded[end] != paddingMark {
		return Opened{}, refusal.Because(ErrMalformed, "expected padding that starts with %#02x", paddingMark)
	}
	content := padded[contentStart:end]
	if want := PaddedSize(len(content)); len(padded) != want {
		return Opened{}, refusal.Because(ErrMalformed, "expected %d bytes for a content of %d, got %d", want, len(content), len(padded))
	}
	read := cursor{rest: padded[1+saltSize:]}
	opened = Opened{Type: ContentType(padded[0]), Content: content}
	opened.Seen.Sequence, opened.Seen.Transcript = read.uint64(), read.array32()
	return opened, nil
}
