package lightclient

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/refusal"
)

const (
	blockSuffix    = ".block"
	evidenceSuffix = ".evidence"
)

// FileStore is a Store in a folder: one file for each block, named after its height, and
// one for each piece of evidence, named after its blocks. A file is the SHA-256 hash of its
// content, and the content. It is written aside, synced and renamed, so that after a crash
// it is there whole or not at all. The hash finds what a disk has damaged; it does not keep
// anybody from writing another file.
type FileStore struct {
	folder string
}

// NewFileStore opens a store in a folder, which is made if it is not there.
func NewFileStore(folder string) (*FileStore, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return &FileStore{folder: folder}, nil
}

// Save implements Store.
func (s *FileStore) Save(block *LightBlock) error {
	return s.write(blockName(block.Header.Height), block.Bytes())
}

// Block implements Store.
func (s *FileStore) Block(height uint64) (*LightBlock, error) {
	encoded, err := s.read(blockName(height), MaxLightBlockBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound("a block", height)
	}
	if err != nil {
		return nil, err
	}
	b, err := ParseLightBlock(encoded)
	if err == nil && b.Header.Height != height {
		err = refusal.Wrap(ErrWrongHeight, refusal.ErrBlockHeight, fmt.Sprintf("height %d", height), b.Header.Height)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrStoreCorrupted, blockName(height), err)
	}
	return b, nil
}

// Heights implements Store.
func (s *FileStore) Heights() ([]uint64, error) {
	names, err := s.names(blockSuffix)
	if err != nil {
		return nil, err
	}
	heights := make([]uint64, 0, len(names))
	for _, name := range names {
		height, err := strconv.ParseUint(strings.TrimSuffix(name, blockSuffix), 10, 64)
		if err != nil || blockName(height) != name {
			return nil, fmt.Errorf("%w: %s is not named after a height", ErrStoreCorrupted, name)
		}
		heights = append(heights, height)
	}
	return heights, nil // in order, because their names are
}

// Delete implements Store.
func (s *FileStore) Delete(height uint64) error {
	err := os.Remove(filepath.Join(s.folder, blockName(height)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// SaveEvidence implements Store.
func (s *FileStore) SaveEvidence(evidence *Evidence) error {
	name := fmt.Sprintf("%x-%x%s", evidence.First.Header.ID(), evidence.Second.Header.ID(), evidenceSuffix)
	return s.write(name, evidence.Bytes())
}

// Evidence implements Store.
func (s *FileStore) Evidence() ([]*Evidence, error) {
	names, err := s.names(evidenceSuffix)
	if err != nil {
		return nil, err
	}
	var all []*Evidence
	for _, name := range names {
		encoded, err := s.read(name, MaxEvidenceBytes)
		if err != nil {
			return nil, err
		}
		e, err := ParseEvidence(encoded)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrStoreCorrupted, name, err)
		}
		all = append(all, e)
	}
	return all, nil
}

func blockName(height uint64) string { return fmt.Sprintf("%020d%s", height, blockSuffix) }

func (s *FileStore) names(suffix string) ([]string, error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), suffix) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

func (s *FileStore) read(name string, maxBytes int64) ([]byte, error) {
	file, err := os.Open(filepath.Join(s.folder, name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var hash [sha256.Size]byte
	encoded, err := io.ReadAll(io.LimitReader(file, int64(len(hash))+maxBytes+1))
	if err != nil {
		return nil, err
	}
	content := encoded[copy(hash[:], encoded):]
	if got := sha256.Sum256(content); got != hash {
		return nil, fmt.Errorf("%w: %s: %w", ErrStoreCorrupted, name,
			refusal.New(refusal.ErrMalformed, fmt.Sprintf("content with hash %x", hash), fmt.Sprintf("%x", got)))
	}
	return content, nil
}

// write replaces a file atomically.
func (s *FileStore) write(name string, content []byte) error {
	hash := sha256.Sum256(content)
	return sealedfile.Replace(filepath.Join(s.folder, name), append(hash[:], content...), 0o600)
}
