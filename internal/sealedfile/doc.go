// Package sealedfile keeps secrets in files: encrypted with XChaCha20-Poly1305, authenticated
// together with what the file is for, and written so that a crash at any moment leaves what
// was there before or what was to be there after. A File is replaced whole; a Log grows.
//
// It does not notice that a whole file was replaced by an older copy of itself.
package sealedfile

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

var (
	// ErrFile: a file that is damaged, or was not sealed with this key and for this.
	ErrFile = errors.New("it does not open with this key")
	// ErrWrite: a file that could not be written.
	ErrWrite = errors.New("it could not be written")
	// ErrLocked: a file that somebody else has locked.
	ErrLocked = errors.New("it is in use")
)

const (
	version1  = 0x01
	nonceSize = chacha20poly1305.NonceSizeX
	overhead  = nonceSize + chacha20poly1305.Overhead
)

// seal appends a random nonce and the encrypted text.
func seal(start []byte, aead cipher.AEAD, text, associated []byte) []byte {
	begin := len(start)
	start = append(start, make([]byte, nonceSize)...)
	rand.Read(start[begin:]) // never fails: without randomness it ends the program
	return aead.Seal(start, start[begin:begin+nonceSize], text, associated)
}

func open(aead cipher.AEAD, sealed, associated []byte) ([]byte, error) {
	if len(sealed) < overhead {
		return nil, ErrFile
	}
	text, err := aead.Open(nil, sealed[:nonceSize], sealed[nonceSize:], associated)
	if err != nil {
		return nil, ErrFile
	}
	return text, nil
}

// associated is version || purpose: what the file is for, which must name its kind.
func associated(purpose []byte) []byte { return append([]byte{version1}, purpose...) }

// Lock locks a path until the file is closed, also by the end of the process however it comes.
// The lock is a file beside it, path + ".lock", which stays.
func Lock(path string) (*os.File, error) { return lockFile(path+".lock", path) }

// LockSoon is Lock once no other program has it, or the error when the context ends.
func LockSoon(ctx context.Context, path string) (*os.File, error) {
	for {
		lock, err := Lock(path)
		if !errors.Is(err, ErrLocked) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Update replaces the content of a plain file by what change returns, while no other program does; nil
// leaves it. Change gets nil if there is no file. An error of the file is an ErrWrite, or of reading it.
func Update(ctx context.Context, path string, change func(content []byte) ([]byte, error)) error {
	lock, err := LockSoon(ctx, path)
	if err != nil {
		return err
	}
	defer lock.Close()
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	if content, err = change(content); err != nil || content == nil {
		return err
	}
	return Replace(path, content, 0o600)
}

// LockFile locks the file at a path, which it makes if there is none, as Lock does.
func LockFile(path string) (*os.File, error) { return lockFile(path, path) }

// lockFile is LockFile, with the path that its errors name.
func lockFile(path, named string) (*os.File, error) {
	lock, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrite, err)
	}
	if err := lockExclusively(lock); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("%w: %s", ErrLocked, named)
	}
	return lock, nil
}

// SyncFolder has the names of the files in a folder on disk. Windows and WebAssembly cannot do that.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
