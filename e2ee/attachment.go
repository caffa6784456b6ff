package e2ee

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	// chunkHeader is the size of a chunk's header: kind, attachment ID, index.
	chunkHeader = 1 + attachmentIDSize + 4
	chunkStart  = chunkHeader + nonceSize
	// ChunkOverhead is what a chunk adds to its content: the header, the nonce and the
	// authentication tag, in bytes.
	ChunkOverhead = chunkStart + tagSize
)

// Place names where an attachment is sent: all its chunks are bound to it.
type Place struct {
	Chain, Session [32]byte
	Sender         ID
}

// Chunk is a chunk of an attachment, as it is on the chain: 1 kind (0x12), 16 attachment ID,
// 4 index, 24 nonce, the content, encrypted, and 16 bytes of tag.
type Chunk struct {
	// ID is that of the attachment it says it is of.
	ID AttachmentID
	// Index is its place in the attachment, from 0 on.
	Index uint32

	header     []byte // chunkHeader bytes
	nonce      []byte // nonceSize bytes
	ciphertext []byte // with the tag
}

// ParseChunk reads a chunk's header. It checks the chunk's bounds and nothing else.
func ParseChunk(encoded []byte) (Chunk, error) {
	if smallest := ChunkOverhead + 1; len(encoded) < smallest || encoded[0] != kindChunk {
		return Chunk{}, refuseAttachment(ErrMalformed, "expected a chunk of at least %d bytes, got %d", smallest, len(encoded))
	}
	if largest := ChunkOverhead + MaxContent; len(encoded) > largest {
		return Chunk{}, refuseAttachment(ErrMalformed, "expected a chunk of at most %d bytes, got %d", largest, len(encoded))
	}
	index := binary.BigEndian.Uint32(encoded[1+attachmentIDSize:])
	if index >= MaxChunks {
		return Chunk{}, refuseAttachment(ErrMalformed, "expected an index below %d, got %d", MaxChunks, index)
	}
	return Chunk{
		ID:         AttachmentID(encoded[1 : 1+attachmentIDSize]),
		Index:      index,
		header:     encoded[:chunkHeader],
		nonce:      encoded[chunkHeader:chunkStart],
		ciphertext: encoded[chunkStart:],
	}, nil
}

// SealChunk encrypts a chunk of the content that the manifest was made of. The same chunk of
// the same content gives the same bytes each time, so that sending it again after a crash is
// free; content that has changed gets a nonce of its own, and its readers will refuse it.
func (m *Manifest) SealChunk(place Place, index uint32, content io.ReaderAt) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if chunks := m.Chunks(); index >= chunks {
		return nil, refuseAttachment(ErrMalformed, "expected an index below %d, got %d", chunks, index)
	}
	id := m.ID()
	keys, err := deriveChunkKeys(m.Secret, id)
	if err != nil {
		return nil, err
	}
	defer keys.wipe()

	start, size, filled := m.span(index)
	encoded := make([]byte, chunkStart+size, chunkStart+size+tagSize)
	encoded[0] = kindChunk
	copy(encoded[1:], id[:])
	binary.BigEndian.PutUint32(encoded[1+attachmentIDSize:], index)
	plaintext := encoded[chunkStart:]
	if _, err := io.ReadFull(io.NewSectionReader(content, start, int64(filled)), plaintext[:filled]); err != nil {
		clear(plaintext)
		return nil, contentError(fmt.Sprintf("expected %d bytes at %d", filled, start), err)
	}
	associated := chunkAssociatedData(place, encoded[:chunkHeader])
	sealed, err := keys.sealAfter(encoded[:chunkHeader], plaintext, associated) // in place
	if err != nil {
		clear(plaintext)
		return nil, err
	}
	return sealed, nil
}

// deriveChunkKeys returns the keys of an attachment: HKDF-SHA-256 of its secret with its ID as
// salt and a label as info, for each. The ID commits to the whole manifest.
func deriveChunkKeys(secret [keySize]byte, id AttachmentID) (syntheticKeys, error) {
	defer clear(secret[:])
	pseudorandom, err := hkdf.Extract(sha256.New, secret[:], id[:])
	if err != nil {
		return syntheticKeys{}, fmt.Errorf("extracting an attachment's secret: %w", err)
	}
	defer clear(pseudorandom)
	return deriveSynthetic(pseudorandom, labelChunkKey, labelChunkNonce)
}

// openChunk decrypts a chunk. The nonce has to be the one that its text gives.
func openChunk(keys *syntheticKeys, place Place, chunk Chunk) ([]byte, error) {
	plaintext, err := keys.open(chunk.nonce, chunk.ciphertext, chunkAssociatedData(place, chunk.header))
	if err != nil {
		return nil, fmt.Errorf("%w: chunk %d: %w", ErrAttachment, chunk.Index, err)
	}
	return plaintext, nil
}

// chunkAssociatedData binds a chunk to its place, attachment and index:
// label || 0x00 || 32 chain || 32 session || 32 sender || the chunk's header.
func chunkAssociatedData(place Place, header []byte) []byte {
	associated := make([]byte, 0, len(labelChunk)+1+32+32+len(place.Sender)+chunkHeader)
	associated = append(associated, labelChunk...)
	associated = append(associated, 0)
	associated = append(associated, place.Chain[:]...)
	associated = append(associated, place.Session[:]...)
	associated = append(associated, place.Sender[:]...)
	return append(associated, header...)
}
