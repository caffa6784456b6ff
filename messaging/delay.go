package messaging

import (
	"math/rand/v2"
	"time"

	"github.com/luxfi/session/refusal"
)

// maxDelays bounds how long something waits, in mean delays: one in 22,000 would wait for longer.
const maxDelays = 10

// due returns when a node may get what is to be sent in private now: after an exponentially distributed time. Zero without
// Config.Delay. Of two that wait nothing says which was stored first, so it says least for its mean (Kesdogan, Egner and
// Bueschkes, Stop-and-Go-MIXes, 1998).
func (m *Messenger) due() time.Time {
	if m.config.Delay <= 0 {
		return time.Time{}
	}
	return m.now().Add(time.Duration(min(rand.ExpFloat64(), maxDelays) * float64(m.config.Delay)))
}

// waits returns the error of what is not due yet; nil if it is.
func (m *Messenger) waits(due time.Time) error {
	if !m.now().Before(due) {
		return nil
	}
	return refusal.Because(ErrQueued, "it waits until %s, so that its time says less", due.Local().Format(time.TimeOnly))
}

// due returns when what is to be sent in a session now may leave: not before what was stored earlier.
func (s *Session) due() (due time.Time) {
	if s.self.pair == nil {
		return due
	}
	if due = s.m.due(); due.IsZero() {
		return due
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.record.Drafts {
		if d.Due.After(due) {
			due = d.Due
		}
	}
	return due
}
