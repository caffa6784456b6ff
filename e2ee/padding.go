package e2ee

import "math/bits"

const (
	// smallestPadded is the size that short content is padded to.
	smallestPadded = 64
	// MaxContent bounds the content of one message, in bytes. What is larger goes as an
	// attachment.
	MaxContent = 192 << 10
	// paddingMark ends the content; zeros follow it.
	paddingMark = 0x80
	// contentStart is the byte that says what the content is.
	contentStart = 1
)

// PaddedSize returns the size that content of a size is padded to, its type byte and the mark
// that ends it included.
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

// pad returns type || content || 0x80 || zeros, of PaddedSize bytes.
func pad(kind ContentType, content []byte) []byte {
	padded := make([]byte, PaddedSize(len(content)), PaddedSize(len(content))+tagSize)
	padded[0] = byte(kind)
	copy(padded[contentStart:], content)
	padded[contentStart+len(content)] = paddingMark
	return padded
}

// unpad returns what pad was given, as a slice of its input. One content has one padded form.
func unpad(padded []byte) (ContentType, []byte, error) {
	end := len(padded) - 1
	for end >= contentStart && padded[end] == 0 {
		end--
	}
	if end < contentStart || padded[end] != paddingMark {
		return 0, nil, wrapf(ErrMalformed, "want padding that starts with %#02x", paddingMark)
	}
	content := padded[contentStart:end]
	if want := PaddedSize(len(content)); len(padded) != want {
		return 0, nil, wrapf(ErrMalformed, "want %d bytes for a content of %d, got %d", want, len(content), len(padded))
	}
	return ContentType(padded[0]), content, nil
}
