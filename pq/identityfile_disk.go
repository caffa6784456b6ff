package pq

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/luxfi/session/internal/sealedfile"
)

// SaveIdentity writes an identity to a new file with mode 0600, encrypted as
// EncryptIdentity does. After a crash there is the whole file or none. An existing file is
// never overwritten: it may hold the only copy of another identity.
func SaveIdentity(path string, identity *Identity, passphrase string) error {
	if _, err := os.Lstat(path); err == nil {
		return existsError(path) // before a second of scrypt; the link below decides
	}
	var file bytes.Buffer
	if err := EncryptIdentity(&file, identity, passphrase); err != nil {
		return err
	}
	if err := writeNewFile(path, file.Bytes()); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return existsError(path)
		}
		return fmt.Errorf("saving an identity to %s: %w", path, err)
	}
	return nil
}

// LoadIdentity reads an identity that SaveIdentity wrote. Its errors are those of
// DecryptIdentity and of the file system.
func LoadIdentity(path, passphrase string) (*Identity, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("loading an identity: %w", err)
	}
	defer file.Close()
	identity, err := DecryptIdentity(file, passphrase)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return identity, nil
}

func existsError(path string) error {
	return fmt.Errorf("%w: %s: choose another path, or move the file away", ErrIdentityFileExists, path)
}

// writeNewFile puts content at path, all or nothing, synced to disk; it fails with
// fs.ErrExist if there is a file.
func writeNewFile(path string, content []byte) (err error) {
	directory := filepath.Dir(path)
	temporary, err := os.CreateTemp(directory, ".identity-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if removed := os.Remove(temporary.Name()); err == nil && !errors.Is(removed, fs.ErrNotExist) {
			err = removed
		}
	}()
	if err := sealedfile.WriteSynced(temporary, content); err != nil {
		return err
	}
	if err := publish(temporary.Name(), path); err != nil {
		return err
	}
	return sealedfile.SyncFolder(directory)
}

// publish gives a file its name. Unlike a rename, a link never replaces a file that somebody
// made in between; file systems without links get the rename.
func publish(temporary, path string) error {
	err := os.Link(temporary, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	return os.Rename(temporary, path)
}
