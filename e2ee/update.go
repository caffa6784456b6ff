package e2ee

import (
	"slices"

	"github.com/luxfi/session/pq"
)

// Update takes a newer roster. Keys of members that left are erased at once, and the next
// message begins an epoch that they cannot read; members that joined can read from then on. If
// this member is not in it any more, everything is erased.
func (s *Session) Update(now uint64, roster Roster) (Change, error) {
	if len(s.rosters) == 0 {
		return Change{}, wrapf(ErrRemoved, "want a session that this member is in")
	}
	if current := s.roster().version; roster.Version <= current {
		return Change{}, wrapf(ErrRoster, "want a version above %d, got %d", current, roster.Version)
	}
	members, err := s.checkRoster(roster, now)
	if err != nil {
		return Change{}, err
	}
	change := s.compare(members)
	position := slices.IndexFunc(members, func(m member) bool { return m.id == s.self })
	if position < 0 {
		s.Wipe()
		return change, nil
	}

	peers := make([]peer, 0, len(members)-1)
	for i := range members {
		if i == position {
			continue
		}
		next := peer{member: members[i], joined: roster.Version}
		if old := s.peer(members[i].id); old != nil {
			changed := !old.sameKeys(&members[i])
			next = *old
			next.member = members[i]
			if changed {
				next.forgetReply()
				next.keyed = roster.Version
			}
		}
		peers = append(peers, next)
	}
	for _, left := range change.Left {
		s.eraseMember(left)
	}
	s.peers, s.own = peers, members[position]
	s.rosters = append(s.rosters, newRosterRecord(roster.Version, members, position))
	if len(s.rosters) > maxRosters {
		s.rosters = slices.Delete(s.rosters, 0, len(s.rosters)-maxRosters)
	}
	if len(change.Joined)+len(change.Left)+len(change.KeyChanged) > 0 && s.sending != nil {
		s.rosterStale = true
	}
	s.forget(now)
	s.revision++
	return change, nil
}

// compare says what a new roster's members change.
func (s *Session) compare(members []member) (change Change) {
	for i := range members {
		old := &s.own
		if id := members[i].id; id != s.self {
			known := s.peer(id)
			if known == nil {
				change.Joined = append(change.Joined, id)
				continue
			}
			old = &known.member
		}
		if !old.sameKeys(&members[i]) {
			change.KeyChanged = append(change.KeyChanged, members[i].id)
		}
	}
	for _, id := range s.Members() {
		if !slices.ContainsFunc(members, func(m member) bool { return m.id == id }) {
			change.Left = append(change.Left, id)
		}
	}
	return change
}

// eraseMember erases what was kept for a member.
func (s *Session) eraseMember(id ID) {
	if left := s.peer(id); left != nil {
		left.wipe()
	}
	for i := range s.slots {
		slot := &s.slots[i]
		if chain := slot.replyFrom(id); chain != nil {
			chain.wipe()
			slot.replies = slices.DeleteFunc(slot.replies, func(r replyFrom) bool { return r.from == id })
		}
	}
}

// Verified reports whether a member's identity keys are known: if they are not, whoever listed
// its session key may be reading.
func (s *Session) Verified(id ID) (bool, error) {
	if id == s.self {
		return s.own.identity != nil, nil
	}
	known := s.peer(id)
	if known == nil {
		return false, wrapf(ErrSender, "%s", pq.FormatID(id))
	}
	return known.identity != nil, nil
}
