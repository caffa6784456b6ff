//go:build race

// Package race tells tests whether the race detector is on.
package race

// Enabled reports whether the race detector is on, which makes everything ten times slower.
const Enabled = true
