package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const ballastName = "ballast"

// mount makes a small disk for the data. Only root can: for others the disk does not fill up.
func (s *soak) mount() (unmount func() error, err error) {
	s.disk = filepath.Join(s.folder, "disk")
	if err := os.Mkdir(s.disk, 0o700); err != nil {
		return nil, err
	}
	if err := syscall.Mount("tmpfs", s.disk, "tmpfs", 0, fmt.Sprintf("size=%dm", s.diskMB)); err != nil {
		fmt.Printf("no disk that fills up: %v\n", err)
		return func() error { return nil }, nil
	}
	s.mounted = true
	return func() error { return syscall.Unmount(s.disk, 0) }, nil
}

// fill leaves no room on the disk.
func (s *soak) fill() error {
	ballast, err := os.OpenFile(filepath.Join(s.disk, ballastName), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer ballast.Close()
	piece := make([]byte, 1<<20)
	for size := len(piece); size > 0; {
		switch written, err := ballast.Write(piece[:size]); {
		case errors.Is(err, syscall.ENOSPC):
			size = min(size/2, max(written, size/2))
		case err != nil:
			return err
		}
	}
	return nil
}

// empty makes room again.
func (s *soak) empty() error { return os.Remove(filepath.Join(s.disk, ballastName)) }
