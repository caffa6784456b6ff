package e2ee

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	// chunkHeader is the size of a chunk's header: kind, attachment ID, index.
	chunkHeader = 1 + attachmentIDSize + 4
	chunkNonce  = chacha20poly1305.NonceSizeX
	chunkStart  = chunkHeader + chunkNonce
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
	nonce      []byte // chunkNonce bytes
	ciphertext []byte // with the tag
}

// ParseChunk reads a chunk's header. It checks the chunk's bounds and nothing else.
func ParseChunk(encoded []byte) (Chunk, error) {
	if smallest := ChunkOverhead + 1; len(encoded) < smallest || encoded[0] != kindChunk {
		return Chunk{}, refuseAttachment(ErrMalformed, "want a chunk of at least %d bytes, got %d", smallest, len(encoded))
	}
	if largest := ChunkOverhead + MaxContent; len(encoded) > largest {
		return Chunk{}, refuseAttachment(ErrMalformed, "want a chunk of at most %d bytes, got %d", largest, len(encoded))
	}
	index := binary.BigEndian.Uint32(encoded[1+attachmentIDSize:])
	if index >= MaxChunks {
		return Chunk{}, refuseAttachment(ErrMalformed, "want an index below %d, got %d", MaxChunks, index)
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
		return nil, refuseAttachment(ErrMalformed, "want an index below %d, got %d", chunks, index)
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
		return nil, contentError(fmt.Sprintf("want %d bytes at %d", filled, start), err)
	}
	associated := chunkAssociatedData(place, encoded[:chunkHeader])
	nonce := keys.syntheticNonce(associated, plaintext)
	copy(encoded[chunkHeader:], nonce[:])
	aead, err := chunkAEAD(keys.seal[:])
	if err != nil {
		clear(plaintext)
		return nil, err
	}
	return aead.Seal(encoded[:chunkStart], nonce[:], plaintext, associated), nil // in place
}

// chunkKeys are what derives from an attachment's secret.
type chunkKeys struct {
	seal  [keySize]byte // encrypts every chunk, each with a nonce of its own
	nonce [keySize]byte // makes the nonces
}

func (k *chunkKeys) wipe() {
	clear(k.seal[:])
	clear(k.nonce[:])
}

// deriveChunkKeys returns the keys of an attachment: HKDF-SHA-256 of its secret with its ID as
// salt and a label as info, for each. The ID commits to the whole manifest.
func deriveChunkKeys(secret [keySize]byte, id AttachmentID) (keys chunkKeys, err error) {
	defer clear(secret[:])
	for _, out := range []struct {
		label string
		to    *[keySize]byte
	}{{labelChunkKey, &keys.seal}, {labelChunkNonce, &keys.nonce}} {
		derived, err := hkdf.Key(sha256.New, secret[:], id[:], out.label, len(out.to))
		if err != nil {
			return chunkKeys{}, fmt.Errorf("e2ee: deriving an attachment's keys: %w", err)
		}
		copy(out.to[:], derived)
		clear(derived)
	}
	return keys, nil
}

// syntheticNonce returns the nonce of a chunk: the first 24 bytes of HMAC-SHA-256(nonce key,
// associated data || plaintext). So one nonce never stands for two texts, or for one text in
// two places.
func (k *chunkKeys) syntheticNonce(associated, plaintext []byte) [chunkNonce]byte {
	h := hmac.New(sha256.New, k.nonce[:])
	h.Write(associated)
	h.Write(plaintext)
	return [chunkNonce]byte(h.Sum(nil))
}

// open decrypts a chunk. The nonce has to be the one that its text gives.
func (k *chunkKeys) open(place Place, chunk Chunk) ([]byte, error) {
	aead, err := chunkAEAD(k.seal[:])
	if err != nil {
		return nil, err
	}
	associated := chunkAssociatedData(place, chunk.header)
	plaintext, err := aead.Open(nil, chunk.nonce, chunk.ciphertext, associated)
	if err != nil {
		return nil, refuseAttachment(ErrAuthentication, "want chunk %d as it was sealed, of this attachment, in this place", chunk.Index)
	}
	if nonce := k.syntheticNonce(associated, plaintext); !hmac.Equal(nonce[:], chunk.nonce) {
		clear(plaintext)
		return nil, refuseAttachment(ErrAuthentication, "want the nonce that chunk %d's content gives", chunk.Index)
	}
	return plaintext, nil
}

func chunkAEAD(key []byte) (cipher.AEAD, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("e2ee: XChaCha20-Poly1305: %w", err) // a key that is not 32 bytes
	}
	return aead, nil
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
