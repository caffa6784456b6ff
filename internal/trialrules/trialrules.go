// Package trialrules has a rule set that no release knows, so that upgrades can be tried before there is a
// real one: in tests with Enable, and in programs that are built with the tag trialrules.
package trialrules

import "sync/atomic"

// Rules is the number of the trial rule set, the one after the latest real one. Its only change
// is that a message's ciphertext may have half as many bytes.
const Rules = 2

var enabled atomic.Bool

func init() { enabled.Store(built) }

// Enabled reports whether this program knows the trial rule set.
func Enabled() bool { return enabled.Load() }

// Enable makes this program know the trial rule set until disable is called. It is for tests.
func Enable() (disable func()) {
	before := enabled.Swap(true)
	return func() { enabled.Store(before) }
}
