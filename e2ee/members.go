package e2ee

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// ID is an identity's ID.
type ID = [pq.IDSize]byte

// MaxMembers bounds the members of a session.
const MaxMembers = 128

// checkMembers returns the members in the order of IDs. It refuses too few or too many, and one that
// is listed twice.
func checkMembers(members []ID) ([]ID, error) {
	if count := len(members); count < 2 || count > MaxMembers {
		return nil, refusal.Because(ErrConfig, "expected 2 to %d members, got %d", MaxMembers, count)
	}
	sorted := slices.SortedFunc(slices.Values(members), compareIDs)
	for i := 1; i < len(sorted); i++ {
		if sorted[i-1] == sorted[i] {
			return nil, refusal.Because(ErrConfig, "%s is listed twice", pq.FormatID(sorted[i]))
		}
	}
	return sorted, nil
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

// Silent returns the members that have not announced a key of their own and have no seat: an announcement is sealed
// to their prekeys, which Session.SetPrekey gives.
func (s *Session) Silent() (silent []ID) {
	for i := range s.peers {
		if s.peers[i].reply == nil {
			silent = append(silent, s.peers[i].id)
		}
	}
	return silent
}

// SetPrekey says what to seal to a member with for as long as it has not announced a key of its own:
// its identity's ML-KEM-768 key together with its prekey, PrekeySize bytes. The caller has verified
// that both are the member's, and the prekey the latest one: an older one may be erased, or stolen. Errors:
// ErrSender if it is no other member, ErrPrekey if these are no keys.
func (s *Session) SetPrekey(member ID, kem, prekey []byte) error {
	err := pq.CheckKEMPublicKey(kem)
	if err == nil {
		err = checkXWing(prekey)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPrekey, err)
	}
	to := s.peer(member)
	if to == nil {
		return refusal.Because(ErrSender, "expected another member, got %s", pq.FormatID(member))
	}
	if to.reply == nil && !bytes.Equal(to.prekey, prekey) {
		to.identity, to.prekey = bytes.Clone(kem), bytes.Clone(prekey)
	}
	return nil
}
