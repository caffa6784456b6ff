package e2ee

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/luxfi/session/pq"
)

// ID is an identity's ID.
type ID = [pq.IDSize]byte

// MaxMembers bounds the members of a roster.
const MaxMembers = 128

// Member is a participant of a session and the keys that are known of it, all public.
type Member struct {
	// ID is the identity's ID.
	ID ID
	// Identity has the keys that the ID commits to, nil if they are not known.
	Identity *pq.PublicIdentity
	// SessionKey is the ML-KEM-768 key that the session lists for the member, nil if none
	// or if it is the identity's own. It is used together with the identity's or the
	// offer's key, so whoever lists a false one does not read with that alone. A change of it
	// takes the member back to where it had not announced itself: under SuiteXWing what is
	// sealed to it is not hybrid then, if it has no offer, until it announces itself again.
	SessionKey []byte
	// Offer is the member's signed offer, nil if none.
	Offer *Offer
	// Carried is a key that the member announced in an earlier session, nil if none; it is used as
	// an offer's is. The caller has verified the member's signature of that announcement.
	Carried *AnnouncedKey
}

// Roster is who takes part. All members must have the same: it is a function of what the chain
// says. A member need not see each version, as long as the members are the same.
type Roster struct {
	// Version grows with every change of the members or of their keys. A member that is not
	// given one opens nothing that was announced for it.
	Version uint64
	// Members stand in any order, each once.
	Members []Member
}

// Change says what a new roster changed. People should see it.
type Change struct {
	Joined, Left, KeyChanged []ID
}

// Negotiate returns the strongest suite that all members have keys for.
func (r Roster) Negotiate() Suite {
	for i := range r.Members {
		if offer := r.Members[i].Offer; offer == nil || offer.Suite < SuiteXWing {
			return SuiteMLKEM768
		}
	}
	return SuiteXWing
}

// member is what is kept of a Member.
type member struct {
	id         ID
	identity   []byte // ML-KEM-768 key, nil if not known
	sessionKey []byte // nil if none
	offerSuite Suite  // 0 if there is no offer
	offerKey   []byte
}

const (
	hasIdentity = 1 << iota
	hasSessionKey
	hasOffer
)

func (m *member) presence() (present byte) {
	if m.identity != nil {
		present |= hasIdentity
	}
	if m.sessionKey != nil {
		present |= hasSessionKey
	}
	if m.offerKey != nil {
		present |= hasOffer
	}
	return present
}

func (m *member) sameKeys(other *member) bool {
	return m.offerSuite == other.offerSuite && samePublicKey(m.identity, other.identity) &&
		samePublicKey(m.sessionKey, other.sessionKey) && samePublicKey(m.offerKey, other.offerKey)
}

// checkRoster verifies a roster and returns its members, sorted by ID.
func (s *Session) checkRoster(roster Roster, now uint64) ([]member, error) {
	if count := len(roster.Members); count < 1 || count > MaxMembers {
		return nil, wrapf(ErrRoster, "want 1 to %d members, got %d", MaxMembers, count)
	}
	members := make([]member, 0, len(roster.Members))
	for i := range roster.Members {
		checked, err := s.checkMember(&roster.Members[i], now)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pq.FormatID(roster.Members[i].ID), err)
		}
		members = append(members, checked)
	}
	slices.SortFunc(members, func(a, b member) int { return bytes.Compare(a.id[:], b.id[:]) })
	for i := 1; i < len(members); i++ {
		if members[i-1].id == members[i].id {
			return nil, wrapf(ErrRoster, "%s is listed twice", pq.FormatID(members[i].id))
		}
	}
	return members, nil
}

// knownOffer reports whether the session has a member with this offer's key already: it was in time when
// it came, and is sealed to no more than before.
func (s *Session) knownOffer(id ID, offer *Offer) bool {
	known := &s.own
	if id != s.self {
		other := s.peer(id)
		if other == nil {
			return false
		}
		known = &other.member
	}
	return known.offerSuite == offer.Suite && samePublicKey(known.offerKey, offer.PublicKey)
}

func (s *Session) checkMember(given *Member, now uint64) (member, error) {
	checked := member{id: given.ID}
	if given.Identity != nil {
		public, err := pq.NewPublicIdentity(given.Identity.KEM, given.Identity.DSA)
		if err != nil {
			return member{}, fmt.Errorf("%w: %w", ErrRoster, err)
		}
		if public.ID() != given.ID {
			return member{}, wrapf(ErrRoster, "want the keys that the ID commits to, got those of %s", pq.FormatID(public.ID()))
		}
		checked.identity = public.KEM
	}
	if given.SessionKey != nil && !samePublicKey(given.SessionKey, checked.identity) {
		if err := SuiteMLKEM768.checkPublicKey(given.SessionKey); err != nil {
			return member{}, fmt.Errorf("%w: %w", ErrRoster, err)
		}
		checked.sessionKey = bytes.Clone(given.SessionKey)
	}
	if given.Offer != nil {
		if given.Identity == nil {
			return member{}, wrapf(ErrRoster, "want the identity's keys with an offer: they verify it")
		}
		if s.knownOffer(given.ID, given.Offer) {
			now = 0 // any time is before it expires
		}
		if err := given.Offer.Verify(*given.Identity, s.chain, now); err != nil {
			return member{}, err
		}
		checked.offerSuite, checked.offerKey = given.Offer.Suite, bytes.Clone(given.Offer.PublicKey)
	}
	if given.Carried != nil {
		if given.Offer != nil {
			return member{}, wrapf(ErrRoster, "want an offer or a key carried over, got both")
		}
		if !given.Carried.Suite.known() {
			return member{}, wrapf(ErrSuite, "want a known one, got %s", given.Carried.Suite)
		}
		if err := given.Carried.Suite.checkPublicKey(given.Carried.PublicKey); err != nil {
			return member{}, fmt.Errorf("%w: %w", ErrRoster, err)
		}
		checked.offerSuite, checked.offerKey = given.Carried.Suite, bytes.Clone(given.Carried.PublicKey)
	}
	mode, err := checked.bootstrapMode(s.suite)
	if err != nil {
		return member{}, err
	}
	if s.suite == SuiteXWing && mode&modeOffer == 0 && s.policy.HybridStart {
		return member{}, wrapf(ErrSuite, "want an offer of a key for %s: ask for one, or let the first epoch rest on ML-KEM-768 alone", s.suite)
	}
	if mode == modeSession && !s.policy.AllowUnverified {
		return member{}, wrapf(ErrUnverified, "want the identity's registered keys, got a session key alone")
	}
	return checked, nil
}

// bootstrapMode says which keys somebody seals to who has no announcement of the member.
func (m *member) bootstrapMode(suite Suite) (stanzaMode, error) {
	var mode stanzaMode
	switch {
	case m.offerSuite == suite:
		mode = modeOffer
	case m.identity != nil:
		mode = modeIdentity
	}
	if m.sessionKey != nil {
		mode |= modeSession
	}
	if mode == 0 {
		return 0, wrapf(ErrRoster, "want a key to seal to, got none")
	}
	return mode, nil
}

// rosterHash commits to the members and to the keys that they are known by for good:
//
//	2 count, and for each member in the order of IDs: 32 ID, 1 which keys are known (1 identity,
//	2 session key, 4 offer or key carried over), 32 SHA-256 of each that is, in this order; an
//	offer's is over its suite byte and its key. The ID commits to the identity's keys.
//
// A session key counts only where nothing else is known of a member. Else it may change while
// somebody is away, who then need not know every one that there was: what is sealed to one is
// bound to it, for its owner.
func rosterHash(members []member) [hashSize]byte {
	encoded := binary.BigEndian.AppendUint16(nil, uint16(len(members)))
	for i := range members {
		m := &members[i]
		present, alone := m.presence(), m.identity == nil && m.offerKey == nil
		if !alone {
			present &^= hasSessionKey
		}
		encoded = append(encoded, m.id[:]...)
		encoded = append(encoded, present)
		if m.identity != nil {
			sum := sha256.Sum256(m.identity)
			encoded = append(encoded, sum[:]...)
		}
		if m.sessionKey != nil && alone {
			sum := sha256.Sum256(m.sessionKey)
			encoded = append(encoded, sum[:]...)
		}
		if m.offerKey != nil {
			sum := sha256.Sum256(append([]byte{byte(m.offerSuite)}, m.offerKey...))
			encoded = append(encoded, sum[:]...)
		}
	}
	return hashOf(labelRoster, encoded)
}
