package e2ee

import "fmt"

// Reason says why a new epoch began.
type Reason uint8

const (
	// ReasonNone: it did not.
	ReasonNone Reason = iota
	// ReasonStart: the member had none.
	ReasonStart
	// ReasonJoin: another member asked for renewed keys.
	ReasonJoin
	// ReasonMessages: the KEM key had as many messages as the policy allows.
	ReasonMessages
	// ReasonAge: the KEM key lasted as long as the policy allows.
	ReasonAge
	// ReasonAsked: Rotate was called.
	ReasonAsked
	// ReasonCover: others have renewed their keys, and the epoch was sealed to the old ones; or it
	// was not sealed to somebody of whom there is a key now.
	ReasonCover
)

// String returns the reason in a word.
func (r Reason) String() string {
	names := [...]string{"none", "start", "join", "messages", "age", "asked", "cover"}
	if int(r) < len(names) {
		return names[r]
	}
	return fmt.Sprintf("reason %d", uint8(r))
}

// renews reports whether the epoch comes with a fresh KEM key of the member. All but ReasonCover
// do: if answers to others' fresh keys brought one too, they would have no end.
func (r Reason) renews() bool { return r != ReasonCover }

// initiates reports whether others should renew their keys too, with their next message.
func (r Reason) initiates() bool {
	return r == ReasonMessages || r == ReasonAge || r == ReasonAsked
}

// RotationDue reports whether, and why, the next Seal begins a new epoch.
func (s *Session) RotationDue(now uint64) Reason {
	switch {
	case s.sending == nil:
		return ReasonStart
	case s.joins:
		return ReasonJoin
	case s.sending.before+s.sending.next >= s.policy.MaxMessages:
		return ReasonMessages
	case elapsed(s.sending.keyed, now) >= s.policy.MaxAge:
		return ReasonAge
	case s.coverDue():
		return ReasonCover
	default:
		return ReasonNone
	}
}

// coverDue: at once if all others have renewed their keys, else after some messages, so that
// a group does not begin an epoch for every member that renews.
func (s *Session) coverDue() bool {
	uncovered := 0
	for i := range s.peers {
		if s.peers[i].left && s.peers[i].reached() {
			return true
		}
		if s.peers[i].reply != nil && !s.peers[i].covered {
			uncovered++
		}
	}
	if uncovered == 0 {
		return false
	}
	return uncovered == len(s.peers) || s.hasUncovered && s.sending.next-s.uncoveredAt >= s.policy.CoverAfter
}
