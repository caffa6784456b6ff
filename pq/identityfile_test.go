package pq

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/stretchr/testify/require"
)

const testPassphrase = "correct horse battery staple"

// encryptedIdentity returns an identity's file.
func encryptedIdentity(tb testing.TB, identity *Identity) []byte {
	tb.Helper()
	var file bytes.Buffer
	require.NoError(tb, EncryptIdentity(&file, identity, testPassphrase))
	return file.Bytes()
}

// ageFile encrypts any plaintext as an identity file is encrypted.
func ageFile(tb testing.TB, plaintext string, recipient age.Recipient) []byte {
	tb.Helper()
	var file bytes.Buffer
	armored := armor.NewWriter(&file)
	w, err := age.Encrypt(armored, recipient)
	require.NoError(tb, err)
	_, err = io.WriteString(w, plaintext)
	require.NoError(tb, err)
	require.NoError(tb, w.Close())
	require.NoError(tb, armored.Close())
	return file.Bytes()
}

func scryptRecipient(tb testing.TB, workFactor int) *age.ScryptRecipient {
	tb.Helper()
	recipient, err := age.NewScryptRecipient(testPassphrase)
	require.NoError(tb, err)
	recipient.SetWorkFactor(workFactor)
	return recipient
}

func TestIdentityFileRoundTrip(t *testing.T) {
	identity := testIdentity(t, 1)
	file := encryptedIdentity(t, identity)
	require.True(t, strings.HasPrefix(string(file), armor.Header))
	require.Less(t, len(file), MaxIdentityFileSize/4)
	require.NotEqual(t, file, encryptedIdentity(t, identity), "encryption is randomized")

	loaded, err := DecryptIdentity(bytes.NewReader(file), testPassphrase)
	require.NoError(t, err)
	require.Equal(t, identity.Public(), loaded.Public())
	require.Equal(t, *identity.secret.seed, *loaded.secret.seed)
	require.Len(t, identityPlaintext(identity), identityPlaintextSize)
}

// What users get: a second of scrypt for a file, and a bound on what a file may ask for.
func TestWorkFactors(t *testing.T) {
	require.Equal(t, 18, productionSaveWorkFactor)
	require.Equal(t, 20, productionMaxWorkFactor)
}

func TestDecryptIdentityRefuses(t *testing.T) {
	identity := testIdentity(t, 1)
	file := encryptedIdentity(t, identity)
	plaintext := string(identityPlaintext(identity))
	cheap := scryptRecipient(t, saveWorkFactor)
	x25519, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	replaced := func(old, new string) []byte {
		require.Contains(t, plaintext, old)
		return ageFile(t, strings.Replace(plaintext, old, new, 1), cheap)
	}
	for name, c := range map[string]struct {
		file       []byte
		passphrase string
		err        error
	}{
		"no passphrase":          {file, "", ErrPassphrase},
		"wrong passphrase":       {file, testPassphrase + " ", ErrPassphrase},
		"nothing":                {nil, testPassphrase, ErrIdentityFile},
		"not age":                {[]byte("hello"), testPassphrase, ErrIdentityFile},
		"cut in half":            {file[:len(file)/2], testPassphrase, ErrIdentityFile},
		"more behind it":         {append(bytes.Clone(file), "more"...), testPassphrase, ErrIdentityFile},
		"largest of other bytes": {make([]byte, MaxIdentityFileSize), testPassphrase, ErrIdentityFile},
		"too large":              {make([]byte, MaxIdentityFileSize+1), testPassphrase, ErrIdentityFileSize},
		"valid but too large":    {append(bytes.Clone(file), bytes.Repeat([]byte{'\n'}, MaxIdentityFileSize)...), testPassphrase, ErrIdentityFileSize},
		"too much work":          {ageFile(t, plaintext, scryptRecipient(t, maxWorkFactor+1)), testPassphrase, ErrWorkFactor},
		"for an age key":         {ageFile(t, plaintext, x25519.Recipient()), testPassphrase, ErrIdentityFile},
		"another program's":      {ageFile(t, "hello", cheap), testPassphrase, ErrIdentityFile},
		"empty inside":           {ageFile(t, "", cheap), testPassphrase, ErrIdentityFile},
		"version 2":              {replaced("-v1\n", "-v2\n"), testPassphrase, ErrIdentityFileVersion},
		"version 10":             {replaced("-v1\n", "-v10\n"), testPassphrase, ErrIdentityFileVersion},
		"the version alone":      {ageFile(t, identityFileV1, cheap), testPassphrase, ErrIdentityFile},
		"a line more":            {ageFile(t, plaintext+"\n", cheap), testPassphrase, ErrIdentityFile},
		"another seed":           {replaced("seed 01", "seed 02"), testPassphrase, ErrIdentityFile},
		"upper-case ID":          {replaced("id 07", "ID 07"), testPassphrase, ErrIdentityFile},
		"no hex in the seed":     {replaced("seed 01", "seed 0g"), testPassphrase, ErrIdentityFile},
	} {
		_, err := DecryptIdentity(bytes.NewReader(c.file), c.passphrase)
		require.ErrorIs(t, err, c.err, name)
		for _, other := range []error{ErrPassphrase, ErrIdentityFile, ErrIdentityFileSize, ErrIdentityFileVersion, ErrWorkFactor} {
			if other != c.err {
				require.NotErrorIs(t, err, other, name)
			}
		}
	}
	readErr := errors.New("the disk is gone")
	_, err = DecryptIdentity(io.MultiReader(bytes.NewReader(file[:10]), failingReader{readErr}), testPassphrase)
	require.ErrorIs(t, err, readErr)
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// No change of a byte gives another identity. (Armor allows CRLF and space around it, so
// some changes are the same file.)
func TestDamagedIdentityFile(t *testing.T) {
	identity := testIdentity(t, 1)
	file := encryptedIdentity(t, identity)
	for at := range file {
		damaged := bytes.Clone(file)
		damaged[at] ^= 0x01
		loaded, err := DecryptIdentity(bytes.NewReader(damaged), testPassphrase)
		require.Error(t, err, "byte %d", at)
		require.Nil(t, loaded)
	}
}

func TestEncryptIdentityRefuses(t *testing.T) {
	identity := testIdentity(t, 1)
	require.ErrorIs(t, EncryptIdentity(io.Discard, identity, ""), ErrPassphrase)
	full := errors.New("the disk is full")
	require.ErrorIs(t, EncryptIdentity(failingWriter{full}, identity, testPassphrase), full)
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestSaveAndLoadIdentity(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, "identity.age")
	identity := testIdentity(t, 1)
	require.NoError(t, SaveIdentity(path, identity, testPassphrase))

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	loaded, err := LoadIdentity(path, testPassphrase)
	require.NoError(t, err)
	require.Equal(t, identity.ID(), loaded.ID())

	_, err = LoadIdentity(path, "wrong")
	require.ErrorIs(t, err, ErrPassphrase)
	require.ErrorContains(t, err, path)
	_, err = LoadIdentity(filepath.Join(directory, "none"), testPassphrase)
	require.ErrorIs(t, err, fs.ErrNotExist)

	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	require.Len(t, entries, 1, "temporary files stay behind")
}

func TestSaveIdentityNeverOverwrites(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, "identity.age")
	require.NoError(t, SaveIdentity(path, testIdentity(t, 1), testPassphrase))
	require.ErrorIs(t, SaveIdentity(path, testIdentity(t, 2), testPassphrase), ErrIdentityFileExists)

	dangling := filepath.Join(directory, "link")
	require.NoError(t, os.Symlink(filepath.Join(directory, "nowhere"), dangling))
	require.ErrorIs(t, SaveIdentity(dangling, testIdentity(t, 2), testPassphrase), ErrIdentityFileExists)

	// A file that appears while scrypt runs.
	require.ErrorIs(t, writeNewFile(path, []byte("other")), fs.ErrExist)

	loaded, err := LoadIdentity(path, testPassphrase)
	require.NoError(t, err)
	require.Equal(t, testIdentity(t, 1).ID(), loaded.ID())
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	require.Len(t, entries, 2, "temporary files stay behind")
}

// Where a link is impossible (here: of a directory), the name comes from a rename, and still
// replaces nothing.
func TestPublishWithoutLinks(t *testing.T) {
	directory := t.TempDir()
	temporary, path := filepath.Join(directory, "temporary"), filepath.Join(directory, "path")
	require.NoError(t, os.Mkdir(temporary, 0o700))
	require.NoError(t, publish(temporary, path))
	require.NoDirExists(t, temporary)
	require.DirExists(t, path)

	require.NoError(t, os.Mkdir(temporary, 0o700))
	require.ErrorIs(t, publish(temporary, path), fs.ErrExist)
	require.DirExists(t, temporary)
}

func TestSaveIdentityWithoutDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "identity.age")
	require.ErrorIs(t, SaveIdentity(path, testIdentity(t, 1), testPassphrase), fs.ErrNotExist)
}

// Coverage differs a little from run to run, so give -fuzzminimizetime=5x: the fuzzer would
// spend its time on minimizing.
func FuzzDecryptIdentity(f *testing.F) {
	identity := testIdentity(f, 1)
	f.Add(encryptedIdentity(f, identity))
	f.Add(ageFile(f, "hello", scryptRecipient(f, saveWorkFactor)))
	f.Add(ageFile(f, identityFileV1+"\n", scryptRecipient(f, saveWorkFactor)))
	f.Add([]byte(armor.Header + "\n" + armor.Footer + "\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		loaded, err := DecryptIdentity(bytes.NewReader(file), testPassphrase)
		if err != nil {
			require.Nil(t, loaded)
			return
		}
		require.Equal(t, identity.ID(), loaded.ID())
	})
}

// The lines inside the encryption, which the fuzzer of whole files cannot reach.
func FuzzParseIdentityPlaintext(f *testing.F) {
	f.Add(identityPlaintext(testIdentity(f, 1)))
	f.Add([]byte(identityFileV1 + "\n"))
	f.Fuzz(func(t *testing.T, plaintext []byte) {
		identity, err := parseIdentityPlaintext(plaintext)
		if err != nil {
			require.Nil(t, identity)
			return
		}
		require.Equal(t, plaintext, identityPlaintext(identity))
	})
}
