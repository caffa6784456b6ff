// Package keyfile keeps a validator's ML-DSA-65 keys in its data folder.
package keyfile

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
		encoded = []byte(hex.EncodeToString(pq.GenerateDSASeed()) + "\n")
		err = sealedfile.Replace(path, encoded, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("the validator's ML-DSA-65 key: %w", err)
	}
	defer clear(encoded)
	keys, err := parse(string(encoded))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

func parse(encoded string) ([]*pq.DSAKey, error) {
	lines := strings.Fields(encoded)
	if len(lines) == 0 || len(lines) > maxKeys {
		return nil, fmt.Errorf("expected 1 to %d lines, a key each, got %d", maxKeys, len(lines))
	}
	keys := make([]*pq.DSAKey, len(lines))
	for i, line := range lines {
		seed, err := hex.DecodeString(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: expected %d bytes in hex", i+1, pq.DSASeedSize) // and not what is there
		}
		if keys[i], err = pq.DSAKeyFromSeed(seed); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return keys, nil
}
