//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sealedfile

import (
	"os"
	"syscall"
)

// lockExclusively locks a file until it is closed, also by the end of the process however
// it comes.
func lockExclusively(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
