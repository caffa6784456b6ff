package e2ee

import (
	"crypto/rand"
	"io"
	"slices"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Bounds of what is kept.
const (
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
	// Prekeys are those of the member's prekeys that are not erased.
	Prekeys []*Prekey
}

// Config is what a session is made from.
type Config struct {
	// Chain and Session name the session.
	Chain, Session [32]byte
	// Secrets are the member's own keys.
	Secrets Secrets
	// Members are all members' identities, this one included, in any order, each once. All
	// members must have the same.
	Members []ID
	// Seat is the secret half of the member's Seat in this session; nil if the others were told none.
	Seat SeatSecret
	// Policy is the member's own.
	Policy Policy
	// FirstEpoch is the number of this member's first epoch, 1 if it is 0. It must be above those of its
	// announcements in this session: only a member that lost its state needs it.
	FirstEpoch uint32
	// Random is the source of randomness, nil for the system's.
	Random io.Reader
}

// Session is one member's side of a session: its state, and what it does. It is not for
// concurrent use. A call that returns an error has changed nothing.
type Session struct {
	secrets Secrets
	random  io.Reader

	chain, session [32]byte
	context        [hashSize]byte
	policy         Policy
	self           ID

	peers []peer // the other members, in the order of IDs; none once the session is wiped

	nextEpoch    uint32
	sending      *sendingEpoch // nil before the first announcement
	slots        []slot        // in ascending order of epochs; the first may be the member's seat
	joins        bool          // somebody asked all others to renew their keys
	uncoveredAt  uint32        // sending index at which somebody's key was first not covered
	hasUncovered bool
}

// sendingEpoch is this member's side of its own epoch.
type sendingEpoch struct {
	epoch      uint32
	transcript [hashSize]byte
	chain      [keySize]byte
	next       uint32
	keyed      uint64 // when the X-Wing key was made, Unix milliseconds: an epoch before may have begun with it
	before     uint32 // messages of earlier epochs that have the key
}

// peer is another member.
type peer struct {
	id       ID
	prekey   []byte // to seal to before its first announcement, where it has no seat; nil if none is known
	identity []byte // ML-KEM-768 key, which the ID commits to; with the prekey
	floor    uint32 // its epochs below are refused
	epochs   []receivingEpoch
	reply    *replyKey // nil before its first announcement, where it has no seat
	covered  bool      // the sending epoch was sealed to its current key
	left     bool      // the sending epoch was not sealed to it: there was no key
}

// replyKey is how to seal to a peer that has announced itself, or has a seat.
type replyKey struct {
	epoch     uint32 // of its announcement, or seatEpoch
	publicKey []byte
	chain     [keySize]byte
	next      uint32
}

// slot is an announcement of this member's, or its seat, that others may seal to.
type slot struct {
	epoch   uint32
	created uint64 // Unix milliseconds
	seed    []byte // of the KEM key
	replies []replyFrom
}

// replyFrom is the ratchet of one sender to a slot.
type replyFrom struct {
	from ID
	ratchet
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
		return nil, refusal.Because(ErrConfig, "expected the member's own identity, got none")
	}
	if config.FirstEpoch > lastEpoch {
		return nil, refusal.Because(ErrExhausted, "expected a first epoch up to %d, got %d", uint32(lastEpoch), config.FirstEpoch)
	}
	members, err := checkMembers(config.Members)
	if err != nil {
		return nil, err
	}
	s := &Session{
		secrets: config.Secrets.clone(), random: sourceOf(config.Random),
		chain: config.Chain, session: config.Session, context: sessionContext(config.Chain, config.Session, members),
		policy: config.Policy.withDefaults(), self: config.Secrets.Identity.ID(), nextEpoch: max(config.FirstEpoch, seatEpoch+1),
	}
	if !slices.Contains(members, s.self) {
		return nil, refusal.Because(ErrConfig, "expected %s among the members", pq.FormatID(s.self))
	}
	for _, id := range members {
		if id != s.self {
			s.peers = append(s.peers, peer{id: id})
		}
	}
	if config.Seat != nil {
		if err := s.sit(config.Seat); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s Secrets) clone() Secrets {
	return Secrets{Identity: s.Identity, Prekeys: slices.Clone(s.Prekeys)}
}

// Self returns the member's own ID.
func (s *Session) Self() ID { return s.self }

// UseSecrets replaces the member's own keys, after it made a prekey, or erased one.
func (s *Session) UseSecrets(secrets Secrets) error {
	if secrets.Identity == nil || secrets.Identity.ID() != s.self {
		return refusal.Because(ErrConfig, "expected the secrets of %s", pq.FormatID(s.self))
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
	s.slots, s.peers, s.secrets = nil, nil, Secrets{}
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
