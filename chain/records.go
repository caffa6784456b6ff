package chain

//go:generate go tool canoto $GOFILE

import (
	"fmt"

	"github.com/StephenButtolph/canoto"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// MaxRecordBytes bounds the encoding of a record that is decoded from untrusted bytes.
const MaxRecordBytes = 1 << 20

// Identity is the leaf of a registered identity. Its ID commits to the first two keys; the
// prekey is the latest one that the identity has published.
type Identity struct {
	KEMPublicKey []byte `canoto:"bytes,1"` // KEMPublicKeySize bytes
	DSAPublicKey []byte `canoto:"bytes,2"` // DSAPublicKeySize bytes
	Registered   uint64 `canoto:"uint,3"`  // block time of the last registration, Unix milliseconds
	Number       uint64 `canoto:"uint,4"`  // counts registrations of the chain, from 1
	Channels     uint64 `canoto:"uint,5"`  // how many channels the identity owns
	Prekey       []byte `canoto:"bytes,6"` // PrekeySize bytes; empty if none was published
	PrekeyNumber uint64 `canoto:"uint,7"`  // counts the identity's prekeys, from 1; 0 if there is none
	PrekeyTime   uint64 `canoto:"uint,8"`  // block time of the prekey, Unix milliseconds; 0 if there is none
	Since        uint64 `canoto:"uint,9"`  // block time of the first registration since it lapsed last, Unix milliseconds

	SingleSession ids.ID `canoto:"fixed bytes,10"` // that the identity has made since then; empty if none, see CreateSession.Single

	canotoData canotoData_Identity
}

// Usage is the leaf of what an identity has used of its allowances: for each, until when it is
// used, a block time in Unix milliseconds. See Allowance. There is none before its first use.
type Usage struct {
	Transactions uint64 `canoto:"uint,1"`
	State        uint64 `canoto:"uint,2"`
	Sessions     uint64 `canoto:"uint,3"`
	Keys         uint64 `canoto:"uint,4"`

	canotoData canotoData_Usage
}

// SessionStatus is where a session is in its life.
type SessionStatus uint8

// The states of LP-42: pending -> active -> expired or closed.
const (
	SessionPending SessionStatus = 1
	SessionActive  SessionStatus = 2
	SessionExpired SessionStatus = 3
	SessionClosed  SessionStatus = 4
)

// String returns LP-42's word.
func (s SessionStatus) String() string {
	switch s {
	case SessionPending:
		return "pending"
	case SessionActive:
		return "active"
	case SessionExpired:
		return "expired"
	case SessionClosed:
		return "closed"
	default:
		return fmt.Sprintf("status %d", uint8(s))
	}
}

// Session is the leaf of a session. It is small, because it is written in every block
// that has a message of the session: the first keys and the metadata are in a leaf of their
// own, and KeysHash commits to it. Later keys are in a RotatedKey each.
type Session struct {
	Status       SessionStatus `canoto:"uint,1"`
	Participants []ids.ID      `canoto:"repeated fixed bytes,2"`
	Created      uint64        `canoto:"uint,3"`         // block time, Unix milliseconds
	Expires      uint64        `canoto:"uint,4"`         // Created plus the genesis sessionTTL, Unix milliseconds
	Messages     uint64        `canoto:"uint,5"`         // how many messages there are; the last one's sequence
	Head         uint64        `canoto:"uint,6"`         // index of the last message; 0 if there is none
	KeysHash     Hash          `canoto:"fixed bytes,7"`  // SessionKeys.Hash of the session's keys leaf
	Creator      ids.ID        `canoto:"fixed bytes,8"`  // empty for a plain session
	Channel      ids.ID        `canoto:"fixed bytes,9"`  // empty if it belongs to none
	Number       uint64        `canoto:"uint,10"`        // counts sessions of the chain, from 1
	Transcript   Hash          `canoto:"fixed bytes,11"` // after the last message; see NextTranscript
	// Acted says of each participant, in their order, whether it has signed a transaction of the
	// session. To the others the session is a request.
	Acted []bool `canoto:"repeated bool,12"`

	canotoData canotoData_Session
}

// Participant returns the position of an identity among the participants, or -1.
func (s *Session) Participant(identity ids.ID) int {
	for i := range s.Participants {
		if s.Participants[i] == identity {
			return i
		}
	}
	return -1
}

// StatusAt returns the status at a block time in Unix milliseconds: an active session
// counts as expired from Expires on, even before a sweep has written it.
func (s *Session) StatusAt(timestamp uint64) SessionStatus {
	if (s.Status == SessionActive || s.Status == SessionPending) && timestamp >= s.Expires {
		return SessionExpired
	}
	return s.Status
}

// SessionKeys is the leaf of the keys that a session was created with, and of its metadata. It
// never changes.
type SessionKeys struct {
	PublicKeys [][]byte        `canoto:"repeated bytes,1"` // ML-KEM-768, in the participants' order; each empty in a single session
	Metadata   []MetadataEntry `canoto:"repeated value,2"`

	canotoData canotoData_SessionKeys
}

// RotatedKey is the leaf of a participant's session key that took the place of the one in
// SessionKeys. That a participant has none is provable too.
type RotatedKey struct {
	PublicKey []byte `canoto:"bytes,1"` // ML-KEM-768
	Epoch     uint64 `canoto:"uint,2"`  // how often the key was rotated, from 1

	canotoData canotoData_RotatedKey
}

// Hash returns the hash that the session's leaf commits to.
func (k *SessionKeys) Hash() Hash { return domainHash(domainKeys, k.MarshalCanoto()) }

// Message is the leaf of a message. The body stays outside the tree: ID commits to it.
type Message struct {
	ID         ids.ID `canoto:"fixed bytes,1"`
	Session    ids.ID `canoto:"fixed bytes,2"`
	Sender     ids.ID `canoto:"fixed bytes,3"`
	Sequence   uint64 `canoto:"uint,4"`        // place in the session, from 1
	Timestamp  uint64 `canoto:"uint,5"`        // block time, Unix milliseconds
	Previous   uint64 `canoto:"uint,6"`        // index of the session's previous message; 0 for the first
	Transcript Hash   `canoto:"fixed bytes,7"` // of the session after this message; see NextTranscript

	canotoData canotoData_Message
}

// Channel is the leaf of a channel.
type Channel struct {
	Owner    ids.ID          `canoto:"fixed bytes,1"`
	Members  []ids.ID        `canoto:"repeated fixed bytes,2"` // with the owner: its maker first, then in the order of joining
	Metadata []MetadataEntry `canoto:"repeated value,3"`
	Created  uint64          `canoto:"uint,4"`        // block time, Unix milliseconds
	Active   uint64          `canoto:"uint,5"`        // block time of the last change or session, Unix milliseconds
	Version  uint64          `canoto:"uint,6"`        // counts changes of the members and the owner, from 1
	Sessions uint64          `canoto:"uint,7"`        // how many sessions it has had
	Session  ids.ID          `canoto:"fixed bytes,8"` // its latest session; empty if none
	Number   uint64          `canoto:"uint,9"`        // counts what happens to channels, from 1: its place in the order of lapse

	canotoData canotoData_Channel
}

// Member returns the position of an identity among the members, or -1.
func (c *Channel) Member(identity ids.ID) int {
	for i := range c.Members {
		if c.Members[i] == identity {
			return i
		}
	}
	return -1
}

// Receipt is the leaf of a participant's receipt in a session.
type Receipt struct {
	Sequence    uint64 `canoto:"uint,1"`        // the participant has every message up to this
	Timestamp   uint64 `canoto:"uint,2"`        // block time, Unix milliseconds
	Transaction ids.ID `canoto:"fixed bytes,3"` // the signed Acknowledge
	Transcript  Hash   `canoto:"fixed bytes,4"` // of the session after the message of the sequence

	canotoData canotoData_Receipt
}

// Totals is the leaf that every block writes: the chain's counters. It is there from the
// genesis on, so that the tree is never empty and absence can always be proven.
type Totals struct {
	Height    uint64 `canoto:"uint,1"` // of the block
	Timestamp uint64 `canoto:"uint,2"` // of the block, Unix milliseconds

	Messages      uint64 `canoto:"uint,3"` // index of the chain's last message; the first has 1
	MessagesSwept uint64 `canoto:"uint,4"` // messages up to this index have left the tree

	Sessions        uint64 `canoto:"uint,5"`  // number of the last session; the first has 1
	PendingSwept    uint64 `canoto:"uint,6"`  // sessions up to this number have been looked at: pending ones are gone
	ExpirySwept     uint64 `canoto:"uint,7"`  // sessions up to this number are expired or closed
	SessionsSwept   uint64 `canoto:"uint,8"`  // sessions up to this number have left the tree
	PendingSessions uint64 `canoto:"uint,9"`  // how many are pending
	ActiveSessions  uint64 `canoto:"uint,10"` // how many are active

	Identities      uint64 `canoto:"uint,11"` // number of the last registration; the first has 1
	IdentitiesSwept uint64 `canoto:"uint,12"` // registrations up to this number have been looked at: lapsed ones are gone
	LiveIdentities  uint64 `canoto:"uint,13"` // how many are registered

	Channels      uint64 `canoto:"uint,14"` // number of the last event of a channel; the first has 1
	ChannelsSwept uint64 `canoto:"uint,15"` // events up to this number have been looked at: lapsed channels are gone
	LiveChannels  uint64 `canoto:"uint,16"` // how many channels there are

	Genesis ids.ID `canoto:"fixed bytes,17"` // Genesis.Hash: the rules of the chain

	Beacon       ids.ID `canoto:"fixed bytes,18"` // ID of the block before the first one of this transactionWindow; see BeaconsAt
	BeaconBefore ids.ID `canoto:"fixed bytes,19"` // the one of before

	Prekeys          uint64 `canoto:"uint,20"` // how many registered identities have a prekey: who can be invited
	BucketBits       uint64 `canoto:"uint,21"` // of invitations of this transactionWindow; see BucketBitsAt
	BucketBitsBefore uint64 `canoto:"uint,22"` // those of the one before
	InvitationsUntil uint64 `canoto:"uint,23"` // when the places of all invitations so far are free again, Unix milliseconds; see InvitationPlacesAt

	ValidatorKeys      uint64 `canoto:"uint,24"` // number of the last event of a validator's key; the first has 1
	ValidatorKeysSwept uint64 `canoto:"uint,25"` // events up to this number have been looked at
	LiveValidatorKeys  uint64 `canoto:"uint,26"` // how many validators have a key

	canotoData canotoData_Totals
}

// Bytes returns the canonical encoding, the leaf's value.
func (r *Identity) Bytes() []byte { return r.MarshalCanoto() }

// Bytes returns the canonical encoding, the leaf's value.
func (s *Session) Bytes() []byte { return s.MarshalCanoto() }

// Bytes returns the canonical encoding, the leaf's value.
func (k *SessionKeys) Bytes() []byte { return k.MarshalCanoto() }

// Bytes returns the canonical encoding, the leaf's value.
func (k *RotatedKey) Bytes() []byte { return k.MarshalCanoto() }

// Bytes returns the canonical encoding, the leaf's value.
func (u *Usage) Bytes() []byte { return u.MarshalCanoto() }

// ParseUsage decodes the leaf of what an identity has used strictly.
func ParseUsage(bytes []byte) (*Usage, error) { return parseRecord(bytes, new(Usage)) }

// Bytes returns the canonical encoding, the leaf's value.
func (m *Message) Bytes() []byte { return m.MarshalCanoto() }

// Bytes returns the canonical encoding, the leaf's value.
func (c *Channel) Bytes() []byte { return c.MarshalCanoto() }

// Bytes returns the canonical encoding, the leaf's value.
func (r *Receipt) Bytes() []byte { return r.MarshalCanoto() }

// Bytes returns the canonical encoding, the leaf's value.
func (t *Totals) Bytes() []byte { return t.MarshalCanoto() }

// ParseIdentity decodes an identity's leaf strictly. Byte fields alias the input.
func ParseIdentity(bytes []byte) (*Identity, error) { return parseRecord(bytes, new(Identity)) }

// ParseSession decodes a session's leaf strictly.
func ParseSession(bytes []byte) (*Session, error) {
	session, err := parseRecord(bytes, new(Session))
	if err == nil && len(session.Acted) != len(session.Participants) {
		return nil, refusal.New(refusal.ErrMalformed, fmt.Sprintf("of %d participants whether they have acted", len(session.Participants)), len(session.Acted))
	}
	return session, err
}

// ParseSessionKeys decodes a session's keys leaf strictly. Byte fields alias the input.
func ParseSessionKeys(bytes []byte) (*SessionKeys, error) {
	return parseRecord(bytes, new(SessionKeys))
}

// ParseRotatedKey decodes the leaf of a rotated key strictly. Byte fields alias the input.
func ParseRotatedKey(bytes []byte) (*RotatedKey, error) { return parseRecord(bytes, new(RotatedKey)) }

// ParseMessage decodes a message's leaf strictly.
func ParseMessage(bytes []byte) (*Message, error) { return parseRecord(bytes, new(Message)) }

// ParseChannel decodes a channel's leaf strictly. Strings alias the input.
func ParseChannel(bytes []byte) (*Channel, error) { return parseRecord(bytes, new(Channel)) }

// ParseReceipt decodes a receipt's leaf strictly.
func ParseReceipt(bytes []byte) (*Receipt, error) { return parseRecord(bytes, new(Receipt)) }

// ParseTotals decodes the totals leaf strictly.
func ParseTotals(bytes []byte) (*Totals, error) { return parseRecord(bytes, new(Totals)) }

func parseRecord[R record](bytes []byte, r R) (R, error) {
	var none R
	if len(bytes) > MaxRecordBytes {
		return none, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a record of at most %d bytes", MaxRecordBytes), len(bytes))
	}
	if err := unmarshal(bytes, r); err != nil {
		return none, refusal.New(refusal.ErrMalformed, "a canonically encoded record", err)
	}
	return r, nil
}

type record interface {
	UnmarshalCanotoFrom(canoto.Reader) (canoto.UnmarshalResult, error)
}
