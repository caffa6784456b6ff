//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package standalone

import "os"

// lockExclusively does nothing where there is no flock: the lock of the database itself
// keeps a second process out.
func lockExclusively(*os.File) error { return nil }
