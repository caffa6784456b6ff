// Package keyfile keeps a validator's ML-DSA-65 keys in its data folder.
package keyfile

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/pq"
)

const (
	// Name is the file's name.
	Name = "validator-pq.key"
	// maxKeys bounds the keys of a file.
	maxKeys = 16
)

// Load returns the keys of a folder's file, the one in use first, then those that it has replaced. The file
// has the seed of one key a line, in hex, and is for its owner alone. If it is missing, it is made, with a new key.
func Load(folder string) ([]*pq.DSAKey, error) {
	path := filepath.Join(folder, Name)
	encoded, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		encoded, err = prepend(path, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("the validator's ML-DSA-65 key: %w", err)
	}
	defer clear(encoded)
	return parse(path, encoded)
}

// Rotate puts a new key before those of a folder's file, and returns all of them. Who has loaded the file goes on with
// the old key; who loads it next has the new one, and the old one to consent to it. A crash at any moment leaves the file
// as it was, or as it is to be: no key is lost.
func Rotate(folder string) ([]*pq.DSAKey, error) {
	path := filepath.Join(folder, Name)
	old, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the validator's ML-DSA-65 key: %w", err)
	}
	defer clear(old)
	keys, err := parse(path, old)
	if err != nil {
		return nil, err
	}
	if len(keys) == maxKeys {
		return nil, fmt.Errorf("%s: expected fewer than %d lines: take out the last ones, of keys that were replaced longer ago than anybody trusts a block", path, maxKeys)
	}
	encoded, err := prepend(path, old)
	if err != nil {
		return nil, err
	}
	defer clear(encoded)
	return parse(path, encoded)
}

// prepend writes a file with a new key before what it had, and returns its content.
func prepend(path string, old []byte) ([]byte, error) {
	encoded := hex.AppendEncode(nil, pq.GenerateDSASeed())
	encoded = append(append(encoded, '\n'), old...)
	return encoded, sealedfile.Replace(path, encoded, 0o600)
}

// parse reads the content of the file at a path.
func parse(path string, encoded []byte) ([]*pq.DSAKey, error) {
	lines := bytes.Fields(encoded)
	if len(lines) == 0 || len(lines) > maxKeys {
		return nil, fmt.Errorf("%s: expected 1 to %d lines, a key each, got %d", path, maxKeys, len(lines))
	}
	keys := make([]*pq.DSAKey, len(lines))
	for i, line := range lines {
		seed, err := hex.AppendDecode(nil, line)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: expected %d bytes in hex", path, i+1, pq.DSASeedSize) // and not what is there
		}
		if keys[i], err = pq.DSAKeyFromSeed(seed); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, i+1, err)
		}
	}
	return keys, nil
}
