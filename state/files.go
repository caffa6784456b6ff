package state

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// files is the folder of the block log: a seam for tests that lose what was not synced.
type files interface {
	// open opens a file to read and write, and makes it if it is missing and create is set.
	open(name string, create bool) (file, error)
	remove(name string) error
	list() ([]string, error)
	// sync waits until the names of files are on disk.
	sync() error
}

type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
	Size() (int64, error)
}

// diskFolder is a folder on disk.
type diskFolder string

func openDiskFolder(path string) (diskFolder, error) {
	return diskFolder(path), os.MkdirAll(path, 0o700)
}

func (f diskFolder) open(name string, create bool) (file, error) {
	flag := os.O_RDWR
	if create {
		flag |= os.O_CREATE
	}
	opened, err := os.OpenFile(filepath.Join(string(f), name), flag, 0o600)
	if err != nil {
		return nil, err
	}
	return diskFile{opened}, nil
}

func (f diskFolder) remove(name string) error { return os.Remove(filepath.Join(string(f), name)) }

func (f diskFolder) list() (names []string, err error) {
	entries, err := os.ReadDir(string(f))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}

func (f diskFolder) sync() error {
	opened, err := os.Open(string(f))
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}

type diskFile struct{ *os.File }

// Size implements file.
func (f diskFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
