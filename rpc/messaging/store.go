package messaging

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/luxfi/ids"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/luxfi/session/pq"
)

// A session's file: 1 version, 24 random nonce, and the record, encrypted with
// XChaCha20-Poly1305 under Identity.StoreKey and authenticated together with the version, the
// chain's, the session's and the identity's ID.
const (
	fileVersion1 = 0x01
	fileOverhead = 1 + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
	maxFile      = 64 << 20
)

// store keeps one session's record. Save replaces it whole or not at all.
type store interface {
	// Load returns nil if nothing was saved yet.
	Load() ([]byte, error)
	Save(record []byte) error
	Close() error
}

// fileStore keeps the record in an encrypted file.
type fileStore struct {
	path       string
	lock       *os.File
	aead       cipher.AEAD
	associated []byte
}

// openStore opens, and locks, the file of one identity in one session of a chain.
func openStore(folder string, chainID, session ids.ID, identity *pq.Identity) (store, error) {
	self := identity.ID()
	key, err := identity.StoreKey(chainID, session)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, wrapf(ErrStore, "%w", err)
	}
	path := filepath.Join(folder, fmt.Sprintf("%s-%x.session", session, self[:8]))
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, wrapf(ErrStore, "%w", err)
	}
	if err := lockExclusively(lock); err != nil {
		_ = lock.Close()
		return nil, wrapf(ErrLocked, "%s: %w", path, err)
	}
	associated := append([]byte{fileVersion1}, chainID[:]...)
	associated = append(associated, session[:]...)
	return &fileStore{path: path, lock: lock, aead: aead, associated: append(associated, self[:]...)}, nil
}

func (s *fileStore) Load() ([]byte, error) {
	file, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, wrapf(ErrFile, "%w", err)
	}
	defer file.Close()
	sealed, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, wrapf(ErrFile, "%w", err)
	}
	if len(sealed) < fileOverhead || len(sealed) > maxFile {
		return nil, wrapf(ErrFile, "%s: want %d to %d bytes, got %d", s.path, fileOverhead, maxFile, len(sealed))
	}
	if sealed[0] != fileVersion1 {
		return nil, wrapf(ErrFile, "%s: want version %#02x, got %#02x", s.path, fileVersion1, sealed[0])
	}
	nonce := sealed[1 : 1+chacha20poly1305.NonceSizeX]
	record, err := s.aead.Open(nil, nonce, sealed[1+chacha20poly1305.NonceSizeX:], s.associated)
	if err != nil {
		return nil, wrapf(ErrFile, "%s does not open with this identity's key", s.path)
	}
	return record, nil
}

// Save writes a new file beside the old one, has it on disk, and puts it in its place.
func (s *fileStore) Save(record []byte) error {
	sealed := make([]byte, 1+chacha20poly1305.NonceSizeX, fileOverhead+len(record))
	sealed[0] = fileVersion1
	rand.Read(sealed[1:]) // never fails: without randomness it ends the program
	sealed = s.aead.Seal(sealed, sealed[1:], record, s.associated)
	if len(sealed) > maxFile {
		return wrapf(ErrStore, "want at most %d bytes, got %d", maxFile, len(sealed))
	}
	next := s.path + ".next"
	if err := writeSynced(next, sealed); err != nil {
		return wrapf(ErrStore, "%w", err)
	}
	if err := os.Rename(next, s.path); err != nil {
		return wrapf(ErrStore, "%w", err)
	}
	if err := syncFolder(filepath.Dir(s.path)); err != nil {
		return wrapf(ErrStore, "%w", err)
	}
	return nil
}

func (s *fileStore) Close() error { return s.lock.Close() }

func writeSynced(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
