package standalone

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/sealedfile"
)

const (
	genesisFile = "genesis.json"
	lockFile    = "lock"
	chainFolder = "chain"
)

var (
	// ErrInUse is another process on the same folder.
	ErrInUse = errors.New("the data folder is in use by another process")
	// ErrOtherGenesis is a genesis that is not the one of the folder's chain.
	ErrOtherGenesis = errors.New("the data folder holds a chain with another genesis")
)

// Folder is a chain's data folder, locked for this process.
type Folder struct {
	path string
	lock *os.File
}

// OpenFolder makes the folder if it is missing, and locks it. It is ErrInUse if another
// process has it.
func OpenFolder(path string) (*Folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	lock, err := sealedfile.LockFile(filepath.Join(path, lockFile))
	if errors.Is(err, sealedfile.ErrLocked) {
		return nil, fmt.Errorf("%w: %s: stop it, or give this one another folder with --data", ErrInUse, path)
	} else if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	return &Folder{path: path, lock: lock}, nil
}

// Close gives the lock back.
func (f *Folder) Close() error { return f.lock.Close() }

// Path returns the folder's absolute path.
func (f *Folder) Path() string { return f.path }

func (f *Folder) genesisPath() string { return filepath.Join(f.path, genesisFile) }

// Genesis returns the genesis of the folder's chain as it was written; nil if there is none
// yet.
func (f *Folder) Genesis() ([]byte, error) {
	encoded, err := os.ReadFile(f.genesisPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return encoded, err
}

// SetGenesis writes the genesis of a new chain, synced to disk. For a chain that exists it
// is ErrOtherGenesis unless it is the same, byte for byte: another byte is another chain.
func (f *Folder) SetGenesis(encoded []byte) error {
	existing, err := f.Genesis()
	switch {
	case err != nil:
		return err
	case existing == nil:
		return f.writeGenesis(encoded)
	case bytes.Equal(existing, encoded):
		return nil
	}
	return fmt.Errorf("%w: expected %s, got %s; leave --genesis out to go on with that chain, or give the new one another folder with --data",
		ErrOtherGenesis, describe(existing), describe(encoded))
}

func describe(encoded []byte) string {
	genesis, err := chain.ParseGenesis(encoded)
	if err != nil {
		return err.Error()
	}
	return "chain ID " + genesis.StandaloneChainID().String()
}

func (f *Folder) writeGenesis(encoded []byte) error {
	if _, err := chain.ParseGenesis(encoded); err != nil {
		return err
	}
	return f.write(genesisFile, encoded)
}

// write makes a file that only its owner reads, whole and synced to disk.
func (f *Folder) write(name string, content []byte) error {
	return sealedfile.Replace(filepath.Join(f.path, name), content, 0o600)
}
