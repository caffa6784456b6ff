package sealedfile

import (
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"
)

// MaxFile bounds a File, in bytes.
const MaxFile = 64 << 20

// File is a file that is replaced whole: 1 version, 24 random nonce, and the content,
// encrypted, with 16 bytes of tag.
type File struct {
	path       string
	aead       cipher.AEAD
	associated []byte
}

// New names a file, its key of 32 bytes, and what it is for: of one key no two files may have
// the same purpose.
func New(path string, key, purpose []byte) (*File, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	return &File{path: path, aead: aead, associated: associated(purpose)}, nil
}

// Beside names a file with the same key, for a part of what this one is for. Of one file no two parts may have the same name.
func (f *File) Beside(path, part string) *File {
	purpose := append(append([]byte(nil), f.associated...), part...)
	return &File{path: path, aead: f.aead, associated: purpose}
}

// Path returns where the file is.
func (f *File) Path() string { return f.path }

// Load returns the content, nil if the file is not there.
func (f *File) Load() ([]byte, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	defer file.Close()
	sealed, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if len(sealed) < 1+overhead || len(sealed) > MaxFile || sealed[0] != version1 {
		return nil, fmt.Errorf("%w: %s: expected version %#02x and %d to %d bytes, got %d", ErrFile, f.path, version1, 1+overhead, MaxFile, len(sealed))
	}
	content, err := open(f.aead, sealed[1:], f.associated)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, f.path)
	}
	return content, nil
}

// Save replaces the content whole or not at all. Who calls it has the file to itself (Lock). What a
// crash leaves aside has always the same name, so the next Save erases the keys that are in it.
func (f *File) Save(content []byte) error {
	if size := 1 + overhead + len(content); size > MaxFile {
		return fmt.Errorf("%w: expected at most %d bytes, got %d", ErrWrite, MaxFile, size)
	}
	sealed := append(make([]byte, 0, 1+overhead+len(content)), version1)
	sealed = seal(sealed, f.aead, content, f.associated)
	next, err := os.OpenFile(f.path+".next", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, err)
	}
	return replace(next, f.path, sealed)
}

// LoadJSON decodes the content, if there is any.
func (f *File) LoadJSON(into any) error {
	content, err := f.Load()
	if err != nil || content == nil {
		return err
	}
	defer clear(content)
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFile, f.path, err)
	}
	return nil
}

// SaveJSON replaces the content.
func (f *File) SaveJSON(value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	defer clear(content)
	return f.Save(content)
}

// Replace writes a new file beside the old one, has it on disk, and puts it in its place. It
// does not seal. Who replaces a file at the same time gets in nobody's way. An error is an ErrWrite.
func Replace(path string, content []byte, mode fs.FileMode) error {
	next, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, err)
	}
	if err := next.Chmod(mode); err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, errors.Join(err, next.Close(), os.Remove(next.Name())))
	}
	return replace(next, path, content)
}

// replace writes what replaces the file at a path into another one, which it closes.
func replace(next *os.File, path string, content []byte) error {
	err := WriteSynced(next, content)
	if err == nil {
		err = os.Rename(next.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, errors.Join(err, os.Remove(next.Name())))
	}
	if err := SyncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, err)
	}
	return nil
}

// WriteSynced writes content to a file, has it on disk, and closes the file.
func WriteSynced(file *os.File, content []byte) error {
	_, err := file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
