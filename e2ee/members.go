package e2ee

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/luxfi/session/pq"
)

// ID is an identity's ID.
type ID = [pq.IDSize]byte

// MaxMembers bounds the members of a session.
const MaxMembers = 128

// checkMembers returns the members' identities in the order of their IDs. It refuses too few or
// too many, one that is listed twice, and keys that are none.
func checkMembers(members []pq.PublicIdentity) ([]ID, []pq.PublicIdentity, error) {
	if count := len(members); count < 2 || count > MaxMembers {
		return nil, nil, wrapf(ErrConfig, "want 2 to %d members, got %d", MaxMembers, count)
	}
	sorted := make([]pq.PublicIdentity, 0, len(members))
	for i := range members {
		checked, err := pq.NewPublicIdentity(members[i].KEM, members[i].DSA)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: member %d: %w", ErrConfig, i, err)
		}
		sorted = append(sorted, checked)
	}
	slices.SortFunc(sorted, func(a, b pq.PublicIdentity) int { return compareIDs(a.ID(), b.ID()) })
	list := make([]ID, len(sorted))
	for i := range sorted {
		list[i] = sorted[i].ID()
		if i > 0 && list[i-1] == list[i] {
			return nil, nil, wrapf(ErrConfig, "%s is listed twice", pq.FormatID(list[i]))
		}
	}
	return list, sorted, nil
}

func compareIDs(a, b ID) int { return bytes.Compare(a[:], b[:]) }

// sessionContext commits to the chain, the session, the suite, and the members in the order of
// their IDs, which commit to their keys:
// 32 chain || 32 session || 1 suite || 2 count || 32 ID of each member.
func sessionContext(chain, session [32]byte, members []ID) [hashSize]byte {
	fields := append(append([]byte(nil), chain[:]...), session[:]...)
	fields = append(fields, Suite)
	fields = binary.BigEndian.AppendUint16(fields, uint16(len(members)))
	for i := range members {
		fields = append(fields, members[i][:]...)
	}
	return hashOf(labelSession, fields)
}

// peer returns another member, nil if it is none.
func (s *Session) peer(id ID) *peer {
	position, found := slices.BinarySearchFunc(s.peers, id, func(p peer, id ID) int { return compareIDs(p.id, id) })
	if !found {
		return nil
	}
	return &s.peers[position]
}

// Members returns the members, this one included, in the order of IDs; none once the session is
// wiped.
func (s *Session) Members() []ID {
	if len(s.peers) == 0 {
		return nil
	}
	members := []ID{s.self}
	for i := range s.peers {
		members = append(members, s.peers[i].id)
	}
	slices.SortFunc(members, compareIDs)
	return members
}

// Silent returns the members that have not announced a key of their own: an announcement is sealed
// to their prekeys, which Session.SetPrekey gives.
func (s *Session) Silent() (silent []ID) {
	for i := range s.peers {
		if s.peers[i].reply == nil {
			silent = append(silent, s.peers[i].id)
		}
	}
	return silent
}

// SetPrekey says which prekey of a member to seal to, PrekeySize bytes, for as long as it has not
// announced a key of its own. The caller has verified that it is the member's latest one: an older
// one may be erased, or stolen. Errors: ErrSender if it is not another member, ErrPrekey if it is
// no key.
func (s *Session) SetPrekey(id ID, public []byte) error {
	to := s.peer(id)
	if to == nil {
		return wrapf(ErrSender, "want another member, got %s", pq.FormatID(id))
	}
	if err := checkXWing(public); err != nil {
		return fmt.Errorf("%w: %w", ErrPrekey, err)
	}
	if to.reply == nil && !bytes.Equal(to.prekey, public) {
		to.prekey = bytes.Clone(public)
		s.revision++
	}
	return nil
}
