package e2ee

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"io"
	"math/bits"

	"github.com/luxfi/session/refusal"
)

const (
	downloadVersion1 = 0x01
	downloadStart    = 1 + attachmentIDSize
)

// File is where an attachment's content is gathered: an *os.File, for one. It begins empty.
type File interface {
	io.ReaderAt
	io.WriterAt
}

// Download gathers the chunks of an attachment, in any order, and verifies the whole. It holds
// the attachment's keys and prints as redacted text. It is not for concurrent use. A call that
// returns an error has changed nothing but, maybe, bytes of a chunk that is still missing.
type Download struct {
	manifest Manifest // without the secret
	id       AttachmentID
	place    Place
	keys     *syntheticKeys // nil when wiped
	to       File
	chunks   uint32
	have     []byte // a bit for each chunk, the lowest first
	count    uint32
}

// NewDownload starts to gather an attachment that was sent in a place.
func NewDownload(m *Manifest, place Place, to File) (*Download, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	id := m.ID()
	keys, err := deriveChunkKeys(m.Secret, id)
	if err != nil {
		return nil, err
	}
	d := &Download{manifest: *m, id: id, place: place, keys: &keys, to: to, chunks: m.Chunks()}
	d.manifest.Wipe()
	d.have = make([]byte, (d.chunks+7)/8)
	return d, nil
}

// RestoreDownload goes on with a download whose State was stored, with the file that it has
// written to.
func RestoreDownload(m *Manifest, place Place, to File, state []byte) (*Download, error) {
	d, err := NewDownload(m, place, to)
	if err != nil {
		return nil, err
	}
	if err := d.restore(state); err != nil {
		d.Wipe()
		return nil, err
	}
	return d, nil
}

func (d *Download) restore(state []byte) error {
	read := cursor{rest: state}
	version, id, have := read.uint8(), read.bytes(attachmentIDSize), read.bytes(len(d.have))
	switch {
	case !read.done():
		return refuseAttachment(ErrState, "expected a download's state of %d bytes, got %d", downloadStart+len(d.have), len(state))
	case version != downloadVersion1:
		return refuseAttachment(ErrState, "expected a download's state of version %#02x, got %#02x", downloadVersion1, version)
	case !bytes.Equal(id, d.id[:]):
		return refuseAttachment(ErrState, "expected the state of the download of %x, got that of %x", d.id, id)
	}
	if over := d.chunks % 8; over != 0 && have[len(have)-1]>>over != 0 {
		return refuseAttachment(ErrState, "expected a download's state of %d chunks, got more", d.chunks)
	}
	copy(d.have, have)
	for _, eight := range d.have {
		d.count += uint32(bits.OnesCount8(eight))
	}
	return nil
}

// State returns what RestoreDownload needs to go on after a restart: a version byte 0x01, the
// attachment's ID and a bit for each chunk, the lowest first; 8 KiB at most. It has no secret.
// Let what was written reach the disk before it is stored.
func (d *Download) State() []byte {
	state := make([]byte, 0, downloadStart+len(d.have))
	state = append(state, downloadVersion1)
	state = append(state, d.id[:]...)
	return append(state, d.have...)
}

// ID returns the attachment's ID, which its chunks carry.
func (d *Download) ID() AttachmentID { return d.id }

// Chunks returns how many chunks the attachment has.
func (d *Download) Chunks() uint32 { return d.chunks }

// Have returns how many chunks are here.
func (d *Download) Have() uint32 { return d.count }

func (d *Download) has(index uint32) bool { return d.have[index/8]>>(index%8)&1 == 1 }

// Add opens a chunk and writes its content to its place in the file. It reports whether the chunk
// is a new one; one that is here already is not written again. The caller has verified, as for
// Session.Open, that the place's sender signed the transaction that carried it.
//
// ErrAttachment is final for this chunk. After ErrContent, when the file can't be written, Add
// it again.
func (d *Download) Add(encoded []byte) (bool, error) {
	chunk, err := ParseChunk(encoded)
	if err != nil {
		return false, err
	}
	if chunk.ID != d.id {
		return false, refuseAttachment(ErrAuthentication, "expected a chunk of attachment %x, got one of %x", d.id, chunk.ID)
	}
	if chunk.Index >= d.chunks {
		return false, refuseAttachment(ErrMalformed, "expected an index below %d, got %d", d.chunks, chunk.Index)
	}
	start, size, filled := d.manifest.span(chunk.Index)
	if want := ChunkOverhead + size; len(encoded) != want {
		return false, refuseAttachment(ErrMalformed, "expected %d bytes for chunk %d, got %d", want, chunk.Index, len(encoded))
	}
	if d.keys == nil {
		return false, refuseAttachment(ErrKeyErased, "expected a download that is not wiped")
	}
	plaintext, err := openChunk(d.keys, d.place, chunk)
	if err != nil {
		return false, err
	}
	defer clear(plaintext)
	if len(bytes.Trim(plaintext[filled:], "\x00")) > 0 {
		return false, refuseAttachment(ErrMalformed, "expected zeros after the content in chunk %d", chunk.Index)
	}
	if d.has(chunk.Index) {
		return false, nil
	}
	if filled > 0 {
		if written, err := d.to.WriteAt(plaintext[:filled], start); err != nil {
			return false, contentError("writing a chunk", err)
		} else if written != filled {
			return false, contentError("writing a chunk", io.ErrShortWrite)
		}
	}
	d.have[chunk.Index/8] |= 1 << (chunk.Index % 8)
	d.count++
	return true, nil
}

// Verify reads the file and checks that it is the attachment: all chunks are here, their
// content has the manifest's hash, and nothing follows it. The content must not be used
// before. ErrAttachment of a complete download is final: what was sent is not what the
// manifest says, or the file was changed. ErrContent says that the file can't be read.
func (d *Download) Verify() error {
	if d.count != d.chunks {
		return refusal.Because(ErrAttachment, "expected all %d chunks, got %d", d.chunks, d.count)
	}
	hash := sha256.New()
	size, err := io.Copy(hash, io.NewSectionReader(d.to, 0, int64(d.manifest.Size)))
	if err != nil {
		return contentError("reading it back", err)
	}
	if uint64(size) != d.manifest.Size {
		return refusal.Because(ErrAttachment, "expected a file of %d bytes, got %d", d.manifest.Size, size)
	}
	if !hmac.Equal(hash.Sum(nil), d.manifest.Hash[:]) {
		return refusal.Because(ErrAttachment, "expected the content that the manifest was made of, got another")
	}
	var more [1]byte
	switch read, err := d.to.ReadAt(more[:], size); {
	case read > 0:
		return refusal.Because(ErrAttachment, "expected a file of %d bytes, got a longer one", d.manifest.Size)
	case err != io.EOF:
		return contentError("reading to its end", err)
	}
	return nil
}

// Wipe erases the keys. The download takes no chunks from then on.
func (d *Download) Wipe() {
	if d.keys != nil {
		d.keys.wipe()
		d.keys = nil
	}
}
