package e2ee

import (
	"bytes"
	"crypto/sha256"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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
	require.Equal(t, []bool{false, true, false}, []bool{again.has(0), again.has(1), again.has(2)})
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
}
