package e2ee

import (
	"bytes"
	"crypto/rand"
	"io"
	"slices"

	"github.com/luxfi/session/pq"
)

// Bounds of what is kept.
const (
	// maxRosters is how many rosters back an announcement may be made for.
	maxRosters = 8
	// maxEpochs is how many epochs of one sender are kept.
	maxEpochs = 4
	// maxSkipped is how many keys of one sender are kept for messages that are missing, and
	// how many may be missing before one that is opened.
	maxSkipped = 256
	// maxSlots is how many announcements of one's own others may still seal to.
	maxSlots = 8
	// maxReplies is how many announcements of one sender to one slot may be missing.
	maxReplies = 16
)

// Secrets are a member's own keys, which others seal to before they have an announcement of
// it. They are not part of the state.
type Secrets struct {
	// Identity is the member's identity.
	Identity *pq.Identity
	// SessionKeys are the keys that the session has listed for the member and that are not
	// erased.
	SessionKeys []*pq.KEMKey
	// Offers are the keys of the member's offers that are not erased.
	Offers []*OfferKey
}

// Config is what a session is made from.
type Config struct {
	// Chain and Session name the session.
	Chain, Session [32]byte
	// Suite is the session's, 0 for Roster.Negotiate. A member that joins later has to be
	// told; one that is told a weaker suite sees a downgrade in the first announcement.
	Suite Suite
	// Secrets are the member's own keys.
	Secrets Secrets
	// Roster lists the members, this one included.
	Roster Roster
	// Policy is the member's own.
	Policy Policy
	// FirstEpoch is the number of this member's first epoch. It must be above those of its
	// announcements in this session: only a member that lost its state needs it.
	FirstEpoch uint32
	// Now is the time in Unix milliseconds.
	Now uint64
	// Random is the source of randomness, nil for the system's.
	Random io.Reader
}

// Session is one member's side of a session: its state, and what it does. It is not for
// concurrent use. A call that returns an error has changed nothing.
type Session struct {
	secrets Secrets
	random  io.Reader

	chain, session [32]byte
	suite          Suite
	policy         Policy
	self           ID
	revision       uint64

	rosters []rosterRecord // the last maxRosters, in ascending order
	own     member         // as the roster has it
	peers   []peer         // in the order of IDs

	nextEpoch    uint32
	sending      *sendingEpoch // nil before the first announcement
	slots        []slot        // in ascending order of epochs
	rosterStale  bool          // the sending epoch was announced to another roster
	joins        bool          // somebody asked all others to renew their keys
	uncoveredAt  uint32        // sending index at which somebody's key was first not covered
	hasUncovered bool
}

// rosterRecord is what is kept of a roster.
type rosterRecord struct {
	version  uint64
	hash     [hashSize]byte
	members  uint8
	position uint8 // this member's, in the order of IDs
}

// sendingEpoch is this member's side of its own epoch.
type sendingEpoch struct {
	epoch      uint32
	transcript [hashSize]byte
	chain      [keySize]byte
	next       uint32
	started    uint64 // Unix milliseconds
}

// peer is another member.
type peer struct {
	member
	joined  uint64 // version of the roster it joined with
	keyed   uint64 // version of the roster that last changed its keys: announcements made for an earlier one do not include it
	floor   uint32 // its epochs below are refused
	epochs  []receivingEpoch
	reply   *replyKey // nil before its first announcement
	covered bool      // the sending epoch was sealed to its current key
}

// replyKey is how to seal to a peer that has announced itself.
type replyKey struct {
	epoch     uint32 // of its announcement
	publicKey []byte
	chain     [keySize]byte
	next      uint32
}

// slot is an announcement of this member's that others may seal to.
type slot struct {
	epoch   uint32
	created uint64 // Unix milliseconds
	seed    []byte // of the KEM key
	replies []replyFrom
}

// replyFrom is the ratchet of one sender to a slot.
type replyFrom struct {
	from    ID
	chain   [keySize]byte
	next    uint32
	skipped []skippedKey
}

// skippedKey is a key kept for what is missing.
type skippedKey struct {
	index uint32
	since uint64 // when it was passed over, Unix milliseconds
	key   [keySize]byte
}

func sourceOf(random io.Reader) io.Reader {
	if random == nil {
		return rand.Reader
	}
	return random
}

// New makes a member's side of a session. It makes no keys: the first Seal does.
func New(config Config) (*Session, error) {
	if config.Secrets.Identity == nil {
		return nil, wrapf(ErrConfig, "want the member's own identity, got none")
	}
	if len(config.Roster.Members) < 2 {
		return nil, wrapf(ErrConfig, "want at least two members, got %d", len(config.Roster.Members))
	}
	s := &Session{
		secrets: config.Secrets.clone(), random: sourceOf(config.Random),
		chain: config.Chain, session: config.Session, suite: config.Suite,
		policy: config.Policy.withDefaults(), self: config.Secrets.Identity.ID(), nextEpoch: config.FirstEpoch,
	}
	if s.suite == 0 {
		s.suite = config.Roster.Negotiate()
	}
	if !s.suite.known() {
		return nil, wrapf(ErrSuite, "want a known one, got %s", s.suite)
	}
	if s.suite < s.policy.MinSuite {
		return nil, wrapf(ErrDowngrade, "want at least %s, got %s", s.policy.MinSuite, s.suite)
	}
	if s.nextEpoch > lastEpoch {
		return nil, wrapf(ErrExhausted, "want a first epoch up to %d, got %d", uint32(lastEpoch), s.nextEpoch)
	}
	members, err := s.checkRoster(config.Roster, config.Now)
	if err != nil {
		return nil, err
	}
	position := slices.IndexFunc(members, func(m member) bool { return m.id == s.self })
	if position < 0 {
		return nil, wrapf(ErrConfig, "want %s among the members", pq.FormatID(s.self))
	}
	s.own = members[position]
	s.rosters = []rosterRecord{newRosterRecord(config.Roster.Version, members, position)}
	for i := range members {
		if i != position {
			s.peers = append(s.peers, peer{member: members[i], joined: config.Roster.Version})
		}
	}
	return s, nil
}

func (s Secrets) clone() Secrets {
	return Secrets{Identity: s.Identity, SessionKeys: slices.Clone(s.SessionKeys), Offers: slices.Clone(s.Offers)}
}

func newRosterRecord(version uint64, members []member, position int) rosterRecord {
	return rosterRecord{version: version, hash: rosterHash(members), members: uint8(len(members)), position: uint8(position)}
}

// Self returns the member's own ID.
func (s *Session) Self() ID { return s.self }

// Suite returns the session's suite.
func (s *Session) Suite() Suite { return s.suite }

// Revision counts the changes of the state: a store refuses to overwrite a higher one.
func (s *Session) Revision() uint64 { return s.revision }

// Members returns the current members, this one included, in the order of IDs.
func (s *Session) Members() []ID {
	members := make([]ID, 0, len(s.peers)+1)
	if len(s.rosters) > 0 {
		members = append(members, s.self)
	}
	for i := range s.peers {
		members = append(members, s.peers[i].id)
	}
	slices.SortFunc(members, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	return members
}

func (s *Session) peer(id ID) *peer {
	position, found := slices.BinarySearchFunc(s.peers, id, func(p peer, id ID) int { return bytes.Compare(p.id[:], id[:]) })
	if !found {
		return nil
	}
	return &s.peers[position]
}

func (s *Session) roster() *rosterRecord { return &s.rosters[len(s.rosters)-1] }

func (s *Session) context() [hashSize]byte { return sessionContext(s.chain, s.session, s.suite) }

// UseSecrets replaces the member's own keys, after it listed a new session key, made an
// offer, or erased one.
func (s *Session) UseSecrets(secrets Secrets) error {
	if secrets.Identity == nil || secrets.Identity.ID() != s.self {
		return wrapf(ErrConfig, "want the secrets of %s", pq.FormatID(s.self))
	}
	s.secrets = secrets.clone()
	return nil
}

// Wipe erases every key. The session refuses all but Wipe from then on.
func (s *Session) Wipe() {
	s.sending.wipe()
	s.sending = nil
	for i := range s.slots {
		s.slots[i].wipe()
	}
	for i := range s.peers {
		s.peers[i].wipe()
	}
	s.slots, s.peers, s.rosters, s.secrets = nil, nil, nil, Secrets{}
	s.revision++
}

func (e *sendingEpoch) wipe() {
	if e != nil {
		clear(e.chain[:])
	}
}

func (t *slot) wipe() {
	clear(t.seed)
	for i := range t.replies {
		t.replies[i].wipe()
	}
}

func (r *replyFrom) wipe() {
	clear(r.chain[:])
	clear(r.skipped)
}

func (p *peer) wipe() {
	for i := range p.epochs {
		p.epochs[i].wipe()
	}
	p.epochs = nil
	p.forgetReply()
}

func (p *peer) forgetReply() {
	if p.reply != nil {
		clear(p.reply.chain[:])
		p.reply = nil
	}
	p.covered = false
}
