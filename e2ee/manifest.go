package e2ee

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/luxfi/session/refusal"
)

// Bounds of an attachment.
const (
	// MaxChunks bounds the chunks of one attachment. With MaxContent bytes in each it is 12 GiB.
	MaxChunks = 1 << 16
	// MinChunkSize is the least that the chunks of an attachment may have, in bytes of content.
	// The most is MaxContent.
	MinChunkSize = 1 << 10
	// DefaultChunkSize is what a chunk has when nothing is said, in bytes of content.
	DefaultChunkSize = 128 << 10
	// MaxAttachmentName bounds the name of an attachment, in bytes.
	MaxAttachmentName = 255
	// MaxMediaType bounds the media type of an attachment, in bytes.
	MaxMediaType = 127

	manifestVersion1 = 0x01
	attachmentIDSize = 16
)

// AttachmentID names an attachment, and says nothing about it to who does not have its
// manifest.
type AttachmentID = [attachmentIDSize]byte

// Manifest describes an attachment: content that goes in chunks of its own, because it is
// larger than one message. The manifest is sealed as the content of an ordinary message, of
// the type ContentManifest; who has it can read the attachment. It prints as redacted text.
// In order, in bytes:
//
//	1       version, 0x01
//	1       size of the name
//	0-255   name
//	1       size of the media type
//	0-127   media type
//	8       size of the content
//	32      SHA-256 of the content
//	4       chunk size
//	32      secret
type Manifest struct {
	// Name is UTF-8 of at most 255 bytes, and may be empty. It has no slash or backslash, is
	// not "." or "..", and has no control characters, those that turn the direction of text
	// included. It is what the sender says: a reader that makes a file chooses where.
	Name string
	// MediaType is printable ASCII of at most 127 bytes, and may be empty.
	MediaType string
	// Size is that of the content, in bytes.
	Size uint64
	// Hash is the SHA-256 of the content.
	Hash [hashSize]byte
	// ChunkSize is how many bytes of padded content each chunk but the last has.
	ChunkSize uint32
	// Secret is what the attachment's keys derive from.
	Secret [keySize]byte
}

// NewManifest describes content, which it reads once, and draws a secret of 32 bytes for it.
// A random that is nil is the system's, a chunk size that is 0 the default. The content must
// stay as it is until every chunk is sealed.
func NewManifest(random io.Reader, name, mediaType string, content io.Reader, chunkSize uint32) (*Manifest, error) {
	if chunkSize == 0 {
		chunkSize = DefaultChunkSize
	}
	m := &Manifest{Name: name, MediaType: mediaType, ChunkSize: chunkSize}
	if err := m.bounded(); err != nil {
		return nil, err
	}
	hash := sha256.New()
	most := int64(chunkSize) * MaxChunks
	size, err := io.Copy(hash, io.LimitReader(content, most+1))
	if err != nil {
		return nil, contentError("reading it", err)
	}
	m.Size = uint64(size)
	hash.Sum(m.Hash[:0])
	if err := m.bounded(); err != nil {
		return nil, err
	}
	secret, err := readRandom(sourceOf(random), keySize)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	copy(m.Secret[:], secret)
	return m, nil
}

// check reports whether the manifest is within its bounds and has a secret.
func (m *Manifest) check() error {
	if err := m.bounded(); err != nil {
		return err
	}
	if m.Secret == [keySize]byte{} { // not by chance
		return refuseAttachment(ErrKeyErased, "expected a secret, got zeros")
	}
	return nil
}

// bounded reports whether the manifest is within its bounds.
func (m *Manifest) bounded() error {
	if err := checkName(m.Name); err != nil {
		return err
	}
	if len(m.MediaType) > MaxMediaType {
		return refuseAttachment(ErrMalformed, "expected a media type of at most %d bytes, got %d", MaxMediaType, len(m.MediaType))
	}
	if strings.ContainsFunc(m.MediaType, func(r rune) bool { return r < ' ' || r > '~' }) {
		return refuseAttachment(ErrMalformed, "expected a media type in printable ASCII, got %q", m.MediaType)
	}
	if m.ChunkSize < MinChunkSize || m.ChunkSize > MaxContent {
		return refuseAttachment(ErrMalformed, "expected chunks of %d to %d bytes, got %d", MinChunkSize, MaxContent, m.ChunkSize)
	}
	// The size before it is padded comes first: it bounds what padding calculates with.
	most := uint64(m.ChunkSize) * MaxChunks
	if m.Size > most || m.paddedSize() > most {
		return refuseAttachment(ErrSize, "expected at most %d bytes in chunks of %d, padded, got %d: use larger chunks", most, m.ChunkSize, m.Size)
	}
	return nil
}

func checkName(name string) error {
	switch {
	case len(name) > MaxAttachmentName:
		return refuseAttachment(ErrMalformed, "expected a name of at most %d bytes, got %d", MaxAttachmentName, len(name))
	case !utf8.ValidString(name):
		return refuseAttachment(ErrMalformed, "expected a name in UTF-8, got %q", name)
	case name == "." || name == ".." || strings.ContainsAny(name, `/\`):
		return refuseAttachment(ErrMalformed, "expected a name and no path, got %q", name)
	case strings.ContainsFunc(name, controls):
		return refuseAttachment(ErrMalformed, "expected a name without control characters, got %q", name)
	}
	return nil
}

// controls reports whether a character controls how text is shown: Unicode's category Cc, its
// property Bidi_Control (which can make "exe.png" of "gnp.exe"), and the separators of lines
// and paragraphs. These sets do not change between versions of Unicode.
func controls(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// paddedSize returns the size of the content with its padding, which is all that an observer
// learns: at least 64 bytes, then Padme.
func (m *Manifest) paddedSize() uint64 { return padme(m.Size) }

// Chunks returns how many chunks the attachment has: at least one, at most MaxChunks. It is 0
// for a manifest out of its bounds.
func (m *Manifest) Chunks() uint32 {
	if m.bounded() != nil {
		return 0
	}
	size := uint64(m.ChunkSize)
	return uint32((m.paddedSize() + size - 1) / size)
}

// span returns where a chunk starts in the padded content, how many bytes it has, and how
// many of them are content: those come first.
func (m *Manifest) span(index uint32) (start int64, size, content int) {
	first := uint64(index) * uint64(m.ChunkSize)
	end := min(first+uint64(m.ChunkSize), m.paddedSize())
	return int64(first), int(end - first), int(min(end, max(m.Size, first)) - first)
}

// ID returns the attachment's ID, the first 16 bytes of SHA-256(label || 0x00 || the
// manifest's encoding). The secret is in it, so that it tells nothing about the content.
func (m *Manifest) ID() AttachmentID {
	encoded := m.Bytes()
	defer clear(encoded)
	hash := hashOf(labelAttachment, encoded)
	return AttachmentID(hash[:attachmentIDSize])
}

// Bytes returns the encoding, with the secret: to be sealed, or stored encrypted. It is nil
// for a manifest out of its bounds, or wiped.
func (m *Manifest) Bytes() []byte {
	if m.check() != nil {
		return nil
	}
	encoded := make([]byte, 0, 1+1+len(m.Name)+1+len(m.MediaType)+8+hashSize+4+keySize)
	encoded = append(encoded, manifestVersion1, byte(len(m.Name)))
	encoded = append(encoded, m.Name...)
	encoded = append(encoded, byte(len(m.MediaType)))
	encoded = append(encoded, m.MediaType...)
	encoded = binary.BigEndian.AppendUint64(encoded, m.Size)
	encoded = append(encoded, m.Hash[:]...)
	encoded = binary.BigEndian.AppendUint32(encoded, m.ChunkSize)
	return append(encoded, m.Secret[:]...)
}

// ParseManifest decodes a manifest strictly: it is within its bounds, and has one encoding.
func ParseManifest(encoded []byte) (*Manifest, error) {
	read := cursor{rest: encoded}
	if version := read.uint8(); read.short || version != manifestVersion1 {
		return nil, refuseAttachment(ErrVersion, "expected a manifest of version %#02x, got %#02x", manifestVersion1, version)
	}
	m := &Manifest{
		Name:      string(read.bytes(int(read.uint8()))),
		MediaType: string(read.bytes(int(read.uint8()))),
		Size:      read.uint64(),
		Hash:      read.array32(),
		ChunkSize: read.uint32(),
		Secret:    read.array32(),
	}
	if !read.done() {
		m.Wipe()
		return nil, refuseAttachment(ErrMalformed, "expected a manifest that ends with its secret, got %d bytes", len(encoded))
	}
	if err := m.check(); err != nil {
		m.Wipe()
		return nil, err
	}
	return m, nil
}

// Wipe erases the secret. The manifest is of no use from then on.
func (m *Manifest) Wipe() { clear(m.Secret[:]) }

// refuseAttachment returns an error that is ErrAttachment and another reason.
func refuseAttachment(reason error, format string, arguments ...any) error {
	return fmt.Errorf("%w: %w", ErrAttachment, refusal.Because(reason, format, arguments...))
}

// contentError returns an error that is ErrContent and its cause.
func contentError(doing string, cause error) error {
	return fmt.Errorf("%w: %s: %w", ErrContent, doing, cause)
}
