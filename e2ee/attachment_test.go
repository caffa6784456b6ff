package e2ee

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var errDisk = errors.New("the disk is full")

// memoryFile is a file in memory.
type memoryFile struct {
	bytes     []byte
	written   int // how often
	failWrite error
	failRead  error
	short     bool // writes a byte less than it should, and says so in the count alone
}

func (f *memoryFile) ReadAt(to []byte, offset int64) (int, error) {
	if f.failRead != nil {
		return 0, f.failRead
	}
	return bytes.NewReader(f.bytes).ReadAt(to, offset)
}

func (f *memoryFile) WriteAt(from []byte, offset int64) (int, error) {
	f.written++
	if f.failWrite != nil {
		return 0, f.failWrite
	}
	if f.short {
		from = from[:len(from)-1]
	}
	if end := int(offset) + len(from); end > len(f.bytes) {
		f.bytes = append(f.bytes, make([]byte, end-len(f.bytes))...)
	}
	return copy(f.bytes[offset:], from), nil
}

func testPlace() Place {
	return Place{Chain: testChain, Session: testSession, Sender: testIdentity(1).ID()}
}

// testContent is content that a name determines.
func testContent(name string, size int) []byte {
	content := make([]byte, size)
	_, _ = io.ReadFull(testRandom(name), content)
	return content
}

// attachment is content with its manifest and chunks.
type attachment struct {
	manifest *Manifest
	content  []byte
	chunks   [][]byte
}

func newAttachment(tb require.TestingT, name string, size int, chunkSize uint32) attachment {
	a := attachment{content: testContent(name, size)}
	var err error
	a.manifest, err = NewManifest(testRandom("secret of "+name), name, "application/octet-stream", bytes.NewReader(a.content), chunkSize)
	require.NoError(tb, err)
	for index := range a.manifest.Chunks() {
		a.chunks = append(a.chunks, a.sealed(tb, index))
	}
	return a
}

func (a attachment) sealed(tb require.TestingT, index uint32) []byte {
	chunk, err := a.manifest.SealChunk(testPlace(), index, bytes.NewReader(a.content))
	require.NoError(tb, err)
	return chunk
}

func (a attachment) download(tb require.TestingT) (*Download, *memoryFile) {
	file := &memoryFile{}
	d, err := NewDownload(a.manifest, testPlace(), file)
	require.NoError(tb, err)
	return d, file
}

// gather adds all chunks.
func (a attachment) gather(tb require.TestingT, d *Download) {
	for _, chunk := range a.chunks {
		added, err := d.Add(chunk)
		require.NoError(tb, err)
		require.True(tb, added)
	}
}

// refusesChunk checks that a chunk is refused for a reason, and that nothing changes.
func refusesChunk(tb testing.TB, d *Download, file *memoryFile, reason error, chunk []byte) {
	tb.Helper()
	state, written := d.State(), file.written
	added, err := d.Add(chunk)
	require.ErrorIs(tb, err, ErrAttachment)
	require.ErrorIs(tb, err, reason)
	require.False(tb, added)
	require.Equal(tb, state, d.State())
	require.Equal(tb, written, file.written)
}

// TestAttachmentRoundTrip: chunks in any order, repeated, with restarts between them, give the
// content; and nothing but all of them does.
func TestAttachmentRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 12_000).Draw(t, "size")
		chunkSize := rapid.Uint32Range(MinChunkSize, 3000).Draw(t, "chunk size")
		a := newAttachment(t, "content", size, chunkSize)
		m, err := ParseManifest(a.manifest.Bytes())
		require.NoError(t, err)
		require.Equal(t, a.manifest, m)

		d, file := a.download(t)
		have := map[uint32]bool{}
		for uint32(len(have)) < m.Chunks() {
			require.ErrorIs(t, d.Verify(), ErrAttachment)
			index := rapid.Uint32Range(0, m.Chunks()-1).Draw(t, "index")
			added, err := d.Add(a.chunks[index])
			require.NoError(t, err)
			require.Equal(t, !have[index], added)
			have[index] = true
			if rapid.Bool().Draw(t, "restart") {
				d, err = RestoreDownload(m, testPlace(), file, d.State())
				require.NoError(t, err)
			}
			require.Equal(t, len(have), int(d.Have()))
			for index := range m.Chunks() {
				require.Equal(t, have[index], d.has(index))
			}
		}
		require.NoError(t, d.Verify())
		require.Equal(t, string(a.content), string(file.bytes))
	})
}

// TestAttachmentIsPaddedAndSplit: the chunks have the padded size and nothing else to tell.
func TestAttachmentIsPaddedAndSplit(t *testing.T) {
	for _, test := range []struct {
		size      int
		chunkSize uint32
		chunks    []int // sizes of the plaintext
	}{
		{0, 1024, []int{64}},
		{64, 1024, []int{64}},
		{65, 1024, []int{72}},
		{1024, 1024, []int{1024}},
		{1025, 1024, []int{1024, 64}},
		{2500, 1024, []int{1024, 1024, 512}},
		{3969, 2048, []int{2048, 2048}},
		{33_000, 32_768, []int{32_768, 2048}},
		{34_900, 34_900, []int{34_900, 1964}}, // the last has padding alone
	} {
		a := newAttachment(t, "content", test.size, test.chunkSize)
		var sizes []int
		for _, chunk := range a.chunks {
			sizes = append(sizes, len(chunk)-ChunkOverhead)
		}
		require.Equal(t, test.chunks, sizes, "%d bytes in chunks of %d", test.size, test.chunkSize)
		d, file := a.download(t)
		a.gather(t, d)
		require.NoError(t, d.Verify())
		require.Equal(t, string(a.content), string(file.bytes))
	}
}

// TestAttachmentInASession: the manifest is the content of a message, and the chunks go beside.
func TestAttachmentInASession(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	a := newAttachment(t, "photo.jpg", 3000, 1024)
	sealed, err := pair[0].Seal(testNow, Seen{}, ContentManifest, a.manifest.Bytes())
	require.NoError(t, err)
	var opened Opened
	for _, wire := range sealed.wires() {
		opened, err = pair[1].Open(testNow, pair[0].Self(), wire)
		require.NoError(t, err)
	}
	require.Equal(t, ContentManifest, opened.Type)
	m, err := ParseManifest(opened.Content)
	require.NoError(t, err)
	require.Equal(t, "photo.jpg", m.Name)
	file := &memoryFile{}
	d, err := NewDownload(m, Place{testChain, testSession, opened.Sender}, file)
	require.NoError(t, err)
	for _, chunk := range a.chunks {
		refusedOpen(t, pair[1], ErrChunk, testNow, pair[0].Self(), chunk)
		header, err := ParseChunk(chunk)
		require.NoError(t, err)
		require.Equal(t, d.ID(), header.ID)
		_, err = d.Add(chunk)
		require.NoError(t, err)
	}
	require.NoError(t, d.Verify())
	require.Equal(t, a.content, file.bytes)
}

// TestSealingAgain: the same chunk gives the same bytes, and whatever differs gives another
// nonce.
func TestSealingAgain(t *testing.T) {
	a := newAttachment(t, "content", 3000, 1024)
	nonces := map[string]string{}
	seen := func(what string, chunk []byte) {
		nonce := string(chunk[chunkHeader:chunkStart])
		require.Empty(t, nonces[nonce], "%s", what)
		nonces[nonce] = what
	}
	for index, chunk := range a.chunks {
		require.Equal(t, chunk, a.sealed(t, uint32(index)))
		seen(fmt.Sprint("chunk ", index), chunk)
	}
	changed := a
	changed.content = bytes.Clone(a.content)
	changed.content[0] ^= 1
	seen("changed content", changed.sealed(t, 0))
	for name, change := range map[string]func(*Place){
		"chain":   func(p *Place) { p.Chain[31] ^= 1 },
		"session": func(p *Place) { p.Session[31] ^= 1 },
		"sender":  func(p *Place) { p.Sender[31] ^= 1 },
	} {
		place := testPlace()
		change(&place)
		chunk, err := a.manifest.SealChunk(place, 0, bytes.NewReader(a.content))
		require.NoError(t, err)
		seen(name, chunk)
	}
	// Chunks of the same content, one after the other, differ too.
	same := attachment{content: make([]byte, 4096)}
	var err error
	same.manifest, err = NewManifest(nil, "", "", bytes.NewReader(same.content), 1024)
	require.NoError(t, err)
	for index := range same.manifest.Chunks() {
		seen(fmt.Sprint("zeros ", index), same.sealed(t, index))
	}
}

// TestFailingFile: what could not be written is still missing, and can be added again.
func TestFailingFile(t *testing.T) {
	a := newAttachment(t, "content", 2500, 1024)
	d, file := a.download(t)
	state := d.State()
	for _, fail := range []func(){func() { file.failWrite = errDisk }, func() { file.short = true }} {
		fail()
		added, err := d.Add(a.chunks[1])
		require.ErrorIs(t, err, ErrContent)
		require.NotErrorIs(t, err, ErrAttachment)
		require.False(t, added)
		require.Equal(t, state, d.State())
		*file = memoryFile{}
	}
	a.gather(t, d)
	require.NoError(t, d.Verify())

	_, err := a.manifest.SealChunk(testPlace(), 0, &memoryFile{failRead: errDisk})
	require.ErrorIs(t, err, ErrContent)
	require.ErrorIs(t, err, errDisk)
	_, err = a.manifest.SealChunk(testPlace(), 2, bytes.NewReader(a.content[:2499]))
	require.ErrorIs(t, err, ErrContent)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = NewManifest(nil, "", "", io.MultiReader(strings.NewReader("start"), failingReader{}), 0)
	require.ErrorIs(t, err, ErrContent)
	require.ErrorIs(t, err, errDisk)
	_, err = NewManifest(failingRandom{}, "", "", strings.NewReader("content"), 0)
	require.ErrorIs(t, err, ErrRandom)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errDisk }

// zeros has no end.
type zeros struct{}

func (zeros) Read(to []byte) (int, error) { clear(to); return len(to), nil }

// TestAttachmentsPrintRedacted: no verb, log or encoding shows a secret or a name.
func TestAttachmentsPrintRedacted(t *testing.T) {
	a := newAttachment(t, "diagnosis.pdf", 100, 1024)
	d, _ := a.download(t)
	m := a.manifest
	printed := fmt.Sprintf("%v %+v %#v %s %x %d %v %+v %#v %s %x %d", m, m, *m, *m, m, *m, d, d, *d, *d, d, *d)
	for _, secret := range [][]byte{m.Secret[:4], d.keys.seal[:4], d.keys.nonce[:4]} {
		require.NotContains(t, printed, fmt.Sprintf("%x", secret))
		require.NotContains(t, printed, fmt.Sprint(secret[0], secret[1], secret[2]))
	}
	require.NotContains(t, printed, "diagnosis")
	require.Contains(t, printed, fmt.Sprintf("%x", m.ID()))
	require.NotContains(t, m.LogValue().String()+d.LogValue().String(), "diagnosis")
	for _, secret := range []any{m, *m, d, *d} {
		_, err := json.Marshal(secret)
		require.ErrorIs(t, err, ErrSecret)
	}
	keys := d.keys
	d.Wipe()
	m.Wipe()
	require.Equal(t, syntheticKeys{}, *keys)
	require.Equal(t, [32]byte{}, m.Secret)
	require.Nil(t, m.Bytes())
}
