package statesync

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/sealedfile"
)

// What is in the folder of a sync, which is in the chain's data folder.
const (
	syncFolder      = "sync"
	summaryFile     = "summary"
	certificateFile = "certificate"
	fetchedFile     = "fetched"
	builtFolder     = "built"    // the database that is made
	completeFile    = "complete" // it is whole: what is in its folder belongs into the data folder

	// fetchedHeader is the size of a record's beginning in fetchedFile: the hash (32 bytes) and the
	// length (4 bytes, big endian) of what follows.
	fetchedHeader = 32 + 4
)

// staging keeps what was fetched, by its hash. What a crash leaves of it is good as far as it goes:
// who reads it verifies it again. It is safe for concurrent use.
type staging struct {
	folder string

	mu    sync.Mutex
	file  *os.File
	end   int64
	index map[[32]byte]extent
}

type extent struct {
	offset int64
	length uint32
}

func stagingFolder(data string) string { return filepath.Join(data, syncFolder) }

// Ongoing returns the summary of the sync that was broken off, or fs.ErrNotExist.
func Ongoing(data string, chainID ids.ID) (Summary, error) {
	encoded, err := ongoing(data)
	if err != nil {
		return Summary{}, err
	}
	return ParseSummary(chainID, encoded)
}

func ongoing(data string) ([]byte, error) {
	return os.ReadFile(filepath.Join(stagingFolder(data), summaryFile))
}

// openStaging opens the folder of a sync to a summary. What is in it of another one goes.
func openStaging(data string, summary []byte) (*staging, error) {
	s := &staging{folder: stagingFolder(data), index: make(map[[32]byte]extent)}
	if before, err := ongoing(data); err != nil || string(before) != string(summary) {
		if err := os.RemoveAll(s.folder); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(s.folder, 0o700); err != nil {
			return nil, err
		}
		if err := s.write(summaryFile, summary); err != nil {
			return nil, err
		}
	}
	var err error
	if s.file, err = os.OpenFile(s.path(fetchedFile), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	if err := s.scan(); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	return s, nil
}

func (s *staging) path(name string) string { return filepath.Join(s.folder, name) }

// write writes a small file whole.
func (s *staging) write(name string, content []byte) error {
	file, err := os.CreateTemp(s.folder, name+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), s.path(name)); err != nil {
		return err
	}
	return sealedfile.SyncFolder(s.folder)
}

// scan finds what is in the file, and cuts off what is not whole.
func (s *staging) scan() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	var header [fetchedHeader]byte
	for s.end+fetchedHeader <= info.Size() {
		if _, err := s.file.ReadAt(header[:], s.end); err != nil {
			return err
		}
		found := extent{s.end + fetchedHeader, binary.BigEndian.Uint32(header[32:])}
		end := found.offset + int64(found.length)
		if end > info.Size() || found.length > MaxAnswerBytes {
			break
		}
		s.index[[32]byte(header[:])], s.end = found, end
	}
	return s.file.Truncate(s.end)
}

// put keeps something that was verified.
func (s *staging) put(hash [32]byte, content []byte) error {
	record := make([]byte, 0, fetchedHeader+len(content))
	record = binary.BigEndian.AppendUint32(append(record, hash[:]...), uint32(len(content)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.file.WriteAt(append(record, content...), s.end); err != nil {
		return err
	}
	s.index[hash] = extent{s.end + fetchedHeader, uint32(len(content))}
	s.end += int64(len(record) + len(content))
	return nil
}

// get returns what is kept under a hash, nil if there is nothing.
func (s *staging) get(hash [32]byte) ([]byte, error) {
	s.mu.Lock()
	found, ok := s.index[hash]
	s.mu.Unlock()
	if !ok {
		return nil, nil
	}
	content := make([]byte, found.length)
	_, err := s.file.ReadAt(content, found.offset)
	return content, err
}

func (s *staging) close() error { return s.file.Close() }

// Discard removes the folder of a sync whose state is not wanted any more: the mark first, so that
// Install never finds a part of a database.
func Discard(data string) error {
	folder := stagingFolder(data)
	if err := os.Remove(filepath.Join(folder, completeFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(folder)
}

// Install puts a database that a sync has made whole into the place of the chain's own, and removes
// the sync's folder. It comes before the chain's database is opened, also after a crash. It does
// nothing if there is no such database.
func Install(data string) error {
	folder := stagingFolder(data)
	if _, err := os.Stat(filepath.Join(folder, completeFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	made, err := os.ReadDir(filepath.Join(folder, builtFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range made {
		target := filepath.Join(data, entry.Name())
		if err := os.RemoveAll(target); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(folder, builtFolder, entry.Name()), target); err != nil {
			return err
		}
	}
	if err := sealedfile.SyncFolder(data); err != nil {
		return err
	}
	for _, name := range []string{summaryFile, certificateFile, fetchedFile, builtFolder, completeFile} { // the mark last
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return os.RemoveAll(folder)
}
