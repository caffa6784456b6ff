package e2ee

import "cmp"

// Policy is what a member decides for itself; others need not have the same.
type Policy struct {
	// MaxMessages is how many messages of this member one KEM key of it lasts for, over all epochs
	// that have it, 0 for the default.
	MaxMessages uint32
	// MaxAge is how long a KEM key of this member lasts, in milliseconds, 0 for the default. It
	// takes effect with the first message after it.
	MaxAge uint64
	// CoverAfter is how many messages a member of a larger group sends until it seals to
	// others' renewed keys, if not all others have renewed theirs before; 0 for the
	// default. Between two members it is at once.
	CoverAfter uint32
	// Grace is how long keys are kept for messages that are late, in milliseconds, 0 for
	// the default.
	Grace uint64
}

// Defaults of a Policy.
const (
	DefaultMaxMessages = 100
	DefaultMaxAge      = 6 * 60 * 60 * 1000  // six hours
	DefaultCoverAfter  = 16                  // messages
	DefaultGrace       = 24 * 60 * 60 * 1000 // a day
)

func (p Policy) withDefaults() Policy {
	return Policy{
		MaxMessages: cmp.Or(p.MaxMessages, DefaultMaxMessages),
		MaxAge:      cmp.Or(p.MaxAge, DefaultMaxAge),
		CoverAfter:  cmp.Or(p.CoverAfter, DefaultCoverAfter),
		Grace:       cmp.Or(p.Grace, DefaultGrace),
	}
}
