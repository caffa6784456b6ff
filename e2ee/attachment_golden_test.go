package e2ee

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// goldenAttachment has all that a second implementation needs to make the same bytes. The
// secret is in the manifest, and here once more.
type goldenAttachment struct {
	Name      string     `json:"name"`
	MediaType string     `json:"mediaType"`
	Content   hexBytes   `json:"content"`
	ChunkSize uint32     `json:"chunkSize"`
	Secret    hexBytes   `json:"secret"`
	Chain     hexBytes   `json:"chain"`
	Session   hexBytes   `json:"session"`
	Sender    hexBytes   `json:"sender"`
	Manifest  hexBytes   `json:"manifest"`
	ID        hexBytes   `json:"id"`
	ChunkKey  hexBytes   `json:"chunkKey"`
	NonceKey  hexBytes   `json:"nonceKey"`
	Chunks    []hexBytes `json:"chunks"`
	State     hexBytes   `json:"state"` // of a download that has the first chunk alone
}

const goldenAttachments = "testdata/attachments.json"

func newGoldenAttachment(t *testing.T, name, mediaType string, content []byte, secret byte) goldenAttachment {
	t.Helper()
	m, err := NewManifest(bytes.NewReader(testSeed(secret, keySize)), name, mediaType, bytes.NewReader(content), MinChunkSize)
	require.NoError(t, err)
	id, place := m.ID(), testPlace()
	keys, err := deriveChunkKeys(m.Secret, id)
	require.NoError(t, err)
	record := goldenAttachment{
		Name: name, MediaType: mediaType, Content: content, ChunkSize: m.ChunkSize, Secret: m.Secret[:],
		Chain: place.Chain[:], Session: place.Session[:], Sender: place.Sender[:],
		Manifest: m.Bytes(), ID: id[:], ChunkKey: keys.seal[:], NonceKey: keys.nonce[:],
	}
	d, err := NewDownload(m, place, &memoryFile{})
	require.NoError(t, err)
	for index := range m.Chunks() {
		chunk, err := m.SealChunk(place, index, bytes.NewReader(content))
		require.NoError(t, err)
		record.Chunks = append(record.Chunks, chunk)
		if index == 0 {
			_, err := d.Add(chunk)
			require.NoError(t, err)
			record.State = d.State()
		}
	}
	return record
}

func TestGoldenAttachments(t *testing.T) {
	small := newGoldenAttachment(t, "note.txt", "text/plain; charset=utf-8", []byte("An attachment of one chunk."), 1)
	large := newGoldenAttachment(t, "", "application/octet-stream", testContent("three chunks", 2500), 2)
	require.Len(t, small.Chunks, 1)
	require.Len(t, large.Chunks, 3)
	encoded, err := json.MarshalIndent([]goldenAttachment{small, large}, "", " ")
	require.NoError(t, err)
	encoded = append(encoded, '\n')
	if *update {
		require.NoError(t, os.WriteFile(goldenAttachments, encoded, 0o644))
	}
	want, err := os.ReadFile(goldenAttachments)
	require.NoError(t, err)
	require.Equal(t, string(want), string(encoded))
}

// readGoldenAttachments returns what was recorded.
func readGoldenAttachments(tb testing.TB) (records []goldenAttachment) {
	tb.Helper()
	encoded, err := os.ReadFile(goldenAttachments)
	require.NoError(tb, err)
	require.NoError(tb, json.Unmarshal(encoded, &records))
	return records
}

// download starts one of a recorded attachment, from its manifest and place alone.
func (g goldenAttachment) download(tb testing.TB, state []byte) (*Download, *memoryFile, error) {
	tb.Helper()
	m, err := ParseManifest(g.Manifest)
	require.NoError(tb, err)
	file := &memoryFile{}
	place := Place{Chain: [32]byte(g.Chain), Session: [32]byte(g.Session), Sender: ID(g.Sender)}
	if state == nil {
		d, err := NewDownload(m, place, file)
		return d, file, err
	}
	d, err := RestoreDownload(m, place, file, state)
	return d, file, err
}

// TestGoldenAttachmentsOpen opens what was written once.
func TestGoldenAttachmentsOpen(t *testing.T) {
	for _, record := range readGoldenAttachments(t) {
		d, file, err := record.download(t, nil)
		require.NoError(t, err)
		for _, chunk := range record.Chunks {
			added, err := d.Add(chunk)
			require.NoError(t, err)
			require.True(t, added)
		}
		require.NoError(t, d.Verify())
		require.Equal(t, []byte(record.Content), file.bytes)
	}
}

// FuzzParseManifest gives a manifest of any bytes: what is taken has that one encoding.
func FuzzParseManifest(f *testing.F) {
	for _, record := range readGoldenAttachments(f) {
		f.Add([]byte(record.Manifest))
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		m, err := ParseManifest(encoded)
		if err != nil {
			require.ErrorIs(t, err, ErrAttachment)
			return
		}
		require.Equal(t, encoded, m.Bytes())
		require.NotZero(t, m.Chunks())
		require.LessOrEqual(t, m.Chunks(), uint32(MaxChunks))
	})
}

// FuzzDownload gives a download a state and a chunk of any bytes: what is taken of the first
// has that one encoding, of the second only what was sealed, and what is refused changes
// nothing.
func FuzzDownload(f *testing.F) {
	records := readGoldenAttachments(f)
	for _, record := range records {
		for _, chunk := range record.Chunks {
			f.Add([]byte(record.State), []byte(chunk))
		}
	}
	f.Fuzz(func(t *testing.T, state, chunk []byte) {
		for _, record := range records {
			d, file, err := record.download(t, append([]byte{}, state...))
			if err != nil {
				require.ErrorIs(t, err, ErrState)
				d, file, err = record.download(t, nil)
				require.NoError(t, err)
				state = d.State()
			}
			require.Equal(t, state, d.State())
			added, err := d.Add(chunk)
			if err != nil {
				require.ErrorIs(t, err, ErrAttachment)
				require.Equal(t, state, d.State())
				require.Zero(t, file.written)
				continue
			}
			header, err := ParseChunk(chunk)
			require.NoError(t, err)
			require.Equal(t, []byte(record.Chunks[header.Index]), chunk)
			require.Equal(t, added, !bytes.Equal(state, d.State()))
		}
	})
}
