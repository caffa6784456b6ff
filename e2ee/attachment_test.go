package e2ee

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
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
			missing := slices.Collect(d.Missing())
			require.Len(t, missing, int(m.Chunks())-len(have))
			for _, index := range missing {
				require.False(t, have[index])
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

// TestEveryFlippedByteOfAChunkIsRefused, whether the chunk is here or not.
func TestEveryFlippedByteOfAChunkIsRefused(t *testing.T) {
	a := newAttachment(t, "content", 2500, 1024)
	fresh, freshFile := a.download(t)
	full, fullFile := a.download(t)
	a.gather(t, full)
	for _, chunk := range a.chunks {
		for at := range chunk {
			changed := bytes.Clone(chunk)
			changed[at] ^= 1 << (at % 8)
			refusesChunk(t, fresh, freshFile, ErrAttachment, changed)
			refusesChunk(t, full, fullFile, ErrAttachment, changed)
		}
	}
	require.Zero(t, fresh.Have())
	require.NoError(t, full.Verify())
}

// TestEveryFlippedByteOfAManifestIsRefused: by ParseManifest, or by the chunks of the other
// attachment that it then describes.
func TestEveryFlippedByteOfAManifestIsRefused(t *testing.T) {
	a := newAttachment(t, "content", 2500, 1024)
	encoded := a.manifest.Bytes()
	for at := range encoded {
		changed := bytes.Clone(encoded)
		changed[at] ^= 1 << (at % 8)
		m, err := ParseManifest(changed)
		if err != nil {
			require.ErrorIs(t, err, ErrAttachment, "byte %d", at)
			continue
		}
		require.NotEqual(t, a.manifest.ID(), m.ID())
		file := &memoryFile{}
		d, err := NewDownload(m, testPlace(), file)
		require.NoError(t, err)
		for _, chunk := range a.chunks {
			refusesChunk(t, d, file, ErrAttachment, chunk)
			relabelled := bytes.Clone(chunk)
			id := m.ID()
			copy(relabelled[1:], id[:])
			refusesChunk(t, d, file, ErrAttachment, relabelled)
		}
		require.ErrorIs(t, d.Verify(), ErrAttachment)
	}
}

func TestChunkRefusals(t *testing.T) {
	a := newAttachment(t, "content", 2500, 1024)
	other := newAttachment(t, "another", 2500, 1024)
	d, file := a.download(t)
	chunk, last := a.chunks[0], a.chunks[2]
	withIndex := func(chunk []byte, index ...byte) []byte {
		changed := bytes.Clone(chunk)
		copy(changed[1+attachmentIDSize:], index)
		return changed
	}
	refusesChunk(t, d, file, ErrMalformed, nil)
	refusesChunk(t, d, file, ErrMalformed, chunk[:1])
	refusesChunk(t, d, file, ErrMalformed, chunk[:ChunkOverhead])
	refusesChunk(t, d, file, ErrMalformed, chunk[:len(chunk)-1])
	refusesChunk(t, d, file, ErrMalformed, last[:len(last)-1])
	refusesChunk(t, d, file, ErrMalformed, append(bytes.Clone(chunk), 0))
	refusesChunk(t, d, file, ErrMalformed, append(bytes.Clone(chunk), make([]byte, MaxContent)...))
	refusesChunk(t, d, file, ErrMalformed, withIndex(last, 0, 0, 0, 3))
	refusesChunk(t, d, file, ErrMalformed, withIndex(last, 0, 1, 0, 0))
	refusesChunk(t, d, file, ErrMalformed, withIndex(last, 255, 255, 255, 255))
	refusesChunk(t, d, file, ErrMalformed, withIndex(last, 0, 0, 0, 0)) // of another size
	refusesChunk(t, d, file, ErrAuthentication, withIndex(chunk, 0, 0, 0, 1))
	refusesChunk(t, d, file, ErrAuthentication, other.chunks[0])
	for name, change := range map[string]func(*Place){
		"chain":   func(p *Place) { p.Chain[0] ^= 1 },
		"session": func(p *Place) { p.Session[0] ^= 1 },
		"sender":  func(p *Place) { p.Sender[0] ^= 1 },
	} {
		place := testPlace()
		change(&place)
		elsewhere, err := a.manifest.SealChunk(place, 0, bytes.NewReader(a.content))
		require.NoError(t, err, name)
		refusesChunk(t, d, file, ErrAuthentication, elsewhere)
	}
	_, err := a.manifest.SealChunk(testPlace(), 3, bytes.NewReader(a.content))
	require.ErrorIs(t, err, ErrAttachment)

	// Who has the manifest still can't seal with a nonce of choice, or hide bytes in the padding.
	forge := func(plaintext []byte, nonce *[nonceSize]byte) []byte {
		encoded := bytes.Clone(last[:chunkStart])
		associated := chunkAssociatedData(testPlace(), encoded[:chunkHeader])
		if nonce == nil {
			synthetic := d.keys.syntheticNonce(associated, plaintext)
			nonce = &synthetic
		}
		copy(encoded[chunkHeader:], nonce[:])
		aead, err := xaeadOf(d.keys.seal[:])
		require.NoError(t, err)
		return aead.Seal(encoded, nonce[:], plaintext, associated)
	}
	plaintext := append(bytes.Clone(a.content[2048:]), make([]byte, 60)...)
	require.Equal(t, last, forge(plaintext, nil))
	refusesChunk(t, d, file, ErrAuthentication, forge(plaintext, &[nonceSize]byte{1}))
	plaintext[len(plaintext)-1] = 1
	refusesChunk(t, d, file, ErrMalformed, forge(plaintext, nil))
	require.Zero(t, file.written)

	d.Wipe()
	d.Wipe()
	refusesChunk(t, d, file, ErrKeyErased, chunk)
}

// TestVerifyRefusesWhatIsNotTheContent: too little, too much, or other bytes.
func TestVerifyRefusesWhatIsNotTheContent(t *testing.T) {
	a := newAttachment(t, "content", 2500, 1024)
	d, file := a.download(t)
	require.ErrorIs(t, d.Verify(), ErrAttachment)
	// A file that has the content already does not make up for chunks.
	file.bytes = bytes.Clone(a.content)
	require.ErrorIs(t, d.Verify(), ErrAttachment)
	a.gather(t, d)
	require.NoError(t, d.Verify())
	for name, change := range map[string]func(){
		"shorter": func() { file.bytes = file.bytes[:2499] },
		"longer":  func() { file.bytes = append(bytes.Clone(a.content), 0) },
		"changed": func() { file.bytes = bytes.Clone(a.content); file.bytes[1234] ^= 1 },
	} {
		change()
		require.ErrorIs(t, d.Verify(), ErrAttachment, name)
	}
	file.bytes, file.failRead = a.content, errDisk
	err := d.Verify()
	require.ErrorIs(t, err, ErrContent)
	require.ErrorIs(t, err, errDisk)
	require.NotErrorIs(t, err, ErrAttachment)

	// Content that changed between the manifest and a chunk.
	changed := a
	changed.content = bytes.Clone(a.content)
	changed.content[2100] ^= 1
	d, _ = a.download(t)
	for index := range uint32(3) {
		_, err := d.Add(changed.sealed(t, index))
		require.NoError(t, err)
	}
	require.ErrorIs(t, d.Verify(), ErrAttachment)
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

func TestManifestBounds(t *testing.T) {
	valid := func() *Manifest {
		return &Manifest{Name: "n", MediaType: "text/plain", Size: 5, Hash: sha256.Sum256([]byte("hello")), ChunkSize: 1024, Secret: [32]byte{1}}
	}
	require.NoError(t, valid().check())
	for name, test := range map[string]struct {
		reason error
		change func(*Manifest)
	}{
		"long name":             {ErrMalformed, func(m *Manifest) { m.Name = strings.Repeat("n", 256) }},
		"slash":                 {ErrMalformed, func(m *Manifest) { m.Name = "../x" }},
		"backslash":             {ErrMalformed, func(m *Manifest) { m.Name = `..\x` }},
		"this folder":           {ErrMalformed, func(m *Manifest) { m.Name = "." }},
		"the folder above":      {ErrMalformed, func(m *Manifest) { m.Name = ".." }},
		"not UTF-8":             {ErrMalformed, func(m *Manifest) { m.Name = "\xff" }},
		"a zero":                {ErrMalformed, func(m *Manifest) { m.Name = "a\x00b" }},
		"a line":                {ErrMalformed, func(m *Manifest) { m.Name = "a\nb" }},
		"a C1 control":          {ErrMalformed, func(m *Manifest) { m.Name = "a\u0085b" }},
		"text turned around":    {ErrMalformed, func(m *Manifest) { m.Name = "x\u202egnp.exe" }},
		"a line separator":      {ErrMalformed, func(m *Manifest) { m.Name = "a\u2028b" }},
		"long media type":       {ErrMalformed, func(m *Manifest) { m.MediaType = strings.Repeat("t", 128) }},
		"media type, a line":    {ErrMalformed, func(m *Manifest) { m.MediaType = "text/plain\n" }},
		"media type, not ASCII": {ErrMalformed, func(m *Manifest) { m.MediaType = "é" }},
		"media type, not UTF-8": {ErrMalformed, func(m *Manifest) { m.MediaType = "\xff" }},
		"no chunk size":         {ErrMalformed, func(m *Manifest) { m.ChunkSize = 0 }},
		"small chunks":          {ErrMalformed, func(m *Manifest) { m.ChunkSize = MinChunkSize - 1 }},
		"large chunks":          {ErrMalformed, func(m *Manifest) { m.ChunkSize = MaxContent + 1 }},
		"largest chunks":        {ErrMalformed, func(m *Manifest) { m.ChunkSize = math.MaxUint32 }},
		"one byte too many":     {ErrSize, func(m *Manifest) { m.Size = 1024*MaxChunks + 1 }},
		"too many when padded":  {ErrSize, func(m *Manifest) { m.ChunkSize = 1025; m.Size = 1025 * MaxChunks }},
		"overflow when padded":  {ErrSize, func(m *Manifest) { m.Size = math.MaxUint64 }},
		"overflow when signed":  {ErrSize, func(m *Manifest) { m.Size = 1 << 63 }},
		"overflow of chunks":    {ErrSize, func(m *Manifest) { m.Size = 1 << 42; m.ChunkSize = MaxContent }},
		"no secret":             {ErrKeyErased, func(m *Manifest) { m.Wipe() }},
	} {
		m := valid()
		test.change(m)
		calls := map[string]func() error{
			"download": func() error { _, err := NewDownload(m, testPlace(), &memoryFile{}); return err },
			"seal":     func() error { _, err := m.SealChunk(testPlace(), 0, strings.NewReader("hello")); return err },
		}
		if len(m.Name) <= 255 && len(m.MediaType) <= 255 {
			encoded := encodeUnchecked(m)
			calls["parse"] = func() error { _, err := ParseManifest(encoded); return err }
		}
		if test.reason == ErrMalformed && m.ChunkSize != 0 { // which is the default's
			calls["new"] = func() error {
				_, err := NewManifest(nil, m.Name, m.MediaType, strings.NewReader("hello"), m.ChunkSize)
				return err
			}
		}
		require.Nil(t, m.Bytes(), name)
		for call, do := range calls {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := do()
			runtime.ReadMemStats(&after)
			require.ErrorIs(t, err, ErrAttachment, "%s, %s", name, call)
			require.ErrorIs(t, err, test.reason, "%s, %s", name, call)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10), "%s, %s", name, call)
		}
	}
	_, err := NewManifest(nil, "", "", zeros{}, MinChunkSize)
	require.ErrorIs(t, err, ErrSize)

	for name, change := range map[string]func(*Manifest){
		"empty":          func(m *Manifest) { m.Name, m.MediaType, m.Size = "", "", 0 },
		"longest":        func(m *Manifest) { m.Name, m.MediaType = strings.Repeat("n", 255), strings.Repeat("t", 127) },
		"another script": func(m *Manifest) { m.Name = "מסמך ファイル 👩‍🚀.txt" },
		"largest":        func(m *Manifest) { m.Size, m.ChunkSize = MaxContent*MaxChunks, MaxContent },
	} {
		m := valid()
		change(m)
		parsed, err := ParseManifest(m.Bytes())
		require.NoError(t, err, name)
		require.Equal(t, m, parsed, name)
		d, err := NewDownload(m, testPlace(), &memoryFile{})
		require.NoError(t, err, name)
		require.Equal(t, m.Chunks(), d.Chunks(), name)
	}
	encoded := valid().Bytes()
	for size := range encoded {
		_, err := ParseManifest(encoded[:size])
		require.ErrorIs(t, err, ErrAttachment, "%d bytes", size)
	}
	_, err = ParseManifest(append(encoded, 0))
	require.ErrorIs(t, err, ErrMalformed)
	encoded[0] = 2
	_, err = ParseManifest(encoded)
	require.ErrorIs(t, err, ErrVersion)
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(to []byte) (int, error) { clear(to); return len(to), nil }

// encodeUnchecked encodes a manifest that Bytes may not.
func encodeUnchecked(m *Manifest) []byte {
	ok := Manifest{ChunkSize: 1024, Secret: [32]byte{1}}
	encoded := ok.Bytes()
	tail := encoded[len(encoded)-(8+32+4+32):]
	for i := range 8 {
		tail[i] = byte(m.Size >> (56 - 8*i))
	}
	copy(tail[8:], m.Hash[:])
	for i := range 4 {
		tail[40+i] = byte(m.ChunkSize >> (24 - 8*i))
	}
	copy(tail[44:], m.Secret[:])
	head := append([]byte{manifestVersion1, byte(len(m.Name))}, m.Name...)
	head = append(append(head, byte(len(m.MediaType))), m.MediaType...)
	return append(head, tail...)
}

// TestRestoreDownloadRefusals: a state is of this attachment, whole, and has one encoding.
func TestRestoreDownloadRefusals(t *testing.T) {
	a := newAttachment(t, "content", 2500, 1024)
	d, file := a.download(t)
	_, err := d.Add(a.chunks[1])
	require.NoError(t, err)
	state := d.State()
	again, err := RestoreDownload(a.manifest, testPlace(), file, state)
	require.NoError(t, err)
	require.Equal(t, []uint32{0, 2}, slices.Collect(again.Missing()))
	change := func(at int, to byte) []byte {
		changed := bytes.Clone(state)
		changed[at] = to
		return changed
	}
	for name, state := range map[string][]byte{
		"none": nil, "short": state[:len(state)-1], "long": append(bytes.Clone(state), 0), "version": change(0, 2),
		"another attachment": change(1, state[1]^1), "a fourth chunk": change(len(state)-1, 0x0a),
	} {
		_, err := RestoreDownload(a.manifest, testPlace(), file, state)
		require.ErrorIs(t, err, ErrAttachment, name)
		require.ErrorIs(t, err, ErrState, name)
	}
	// What a caller does with what it is given does not reach the download.
	state[len(state)-1] = 0xff
	require.Equal(t, uint32(1), d.Have())
	// Going through what is missing can stop.
	for index := range d.Missing() {
		require.Zero(t, index)
		break
	}
}

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
