package messaging

import (
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
)

// Event is something that happened in a session: *Message, *Rotated, *Forked, *Receipt,
// *Revealed, *Missing, *Refused or *Unsent.
type Event interface{ event() }

// Message is a message, of another member or of this one.
type Message struct {
	ID       ids.ID // of its transaction
	Sender   ids.ID // who signed it
	Own      bool   // this member is the sender
	Sequence uint64 // in the session, from 1
	Time     time.Time
	Type     e2ee.ContentType
	Content  []byte
}

// Text returns the content as text.
func (m *Message) Text() string { return string(m.Content) }

// Rotated says that a member began a new epoch: keys from before do not open what it sends
// from now on.
type Rotated struct {
	Member   ids.ID
	Own      bool
	Sequence uint64 // of the announcement
	Time     time.Time
	Epoch    uint32 // of the member
	Renewed  bool   // with a new KEM key of the member
}

// Forked says that a member has read another session than this one: in a message that came just
// before, it names messages up to Seen that this chain does not have, or not in this order. Its node
// has lied to it, or the chain has two histories.
type Forked struct {
	Member   ids.ID
	Sequence uint64 // of its message
	Seen     uint64
}

// Receipt says that a member has every message up to Sequence, and signed that.
type Receipt struct {
	Member   ids.ID
	Sequence uint64
	Time     time.Time
}

// Revealed says which identity stands behind a member that is a private one. Both have signed
// that, and only members know it.
type Revealed struct {
	Member   ids.ID
	Identity ids.ID
	Own      bool
	Sequence uint64
	Time     time.Time
}

// Missing says that messages have left the chain before this member received them.
type Missing struct{ From, To uint64 }

// Refused is a message that its sender signed and that does not open. If it is for want of
// an announcement that comes later, a Message of the same Sequence follows then.
type Refused struct {
	ID       ids.ID
	Sender   ids.ID
	Sequence uint64
	Time     time.Time
	Err      error // of package e2ee, or ErrSentElsewhere
}

// Unsent is what this member sealed and the chain does not take any more, because the session
// is closed, expired or full. It is to be sent in another one. If the node was wrong about that, and
// the chain has it, a Message follows.
type Unsent struct {
	Type    e2ee.ContentType
	Content []byte
}

func (*Unsent) event()   {}
func (*Message) event()  {}
func (*Rotated) event()  {}
func (*Forked) event()   {}
func (*Receipt) event()  {}
func (*Revealed) event() {}
func (*Missing) event()  {}
func (*Refused) event()  {}
