package messaging

import (
	"errors"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
)

// Kind says what an Event tells.
type Kind string

const (
	// KindMessage: Content of a Type. KindTitle and KindFile are messages too.
	KindMessage Kind = "message"
	// KindTitle: a name for the group.
	KindTitle Kind = "title"
	// KindFile: the Content is the manifest of a file, see Event.Attachment.
	KindFile Kind = "file"
	// KindRevealed: the Sender is a private identity of Identity. Both have signed that, and only
	// members know it.
	KindRevealed Kind = "revealed"
	// KindGroup: the Sender has told the others of its private group who is in it, or as whom it goes on in the
	// next sessions.
	KindGroup Kind = "group"
	// KindRotated: the Sender began a new Epoch. Keys from before do not open what it sends from now on.
	KindRotated Kind = "keys"
	// KindForked: in the message of the same Sequence the Sender names messages up to To that this
	// chain does not have, or not in this order. Its node has lied to it, or the chain has two histories.
	KindForked Kind = "forked"
	// KindReceipt: the Sender has every message up to Sequence, and signed that; or a Contract has sent it.
	KindReceipt Kind = "receipt"
	// KindMissing: messages from Sequence to To left the chain before this member received them.
	KindMissing Kind = "missing"
	// KindRefused: a message that its Sender signed and that does not open, for the reason in Err. If an
	// announcement that comes later opens it, an event of the same Sequence follows then.
	KindRefused Kind = "refused"
	// KindInvited: what this member has said in an invitation that is not answered: it is in no session yet.
	KindInvited Kind = "invited"
	// KindUnsent: what this member gave to Send, and the session does not take because it is closed,
	// expired or full. It is to be sent in another one. That the session does not have it is proven,
	// unless the chain has forgotten the session.
	KindUnsent Kind = "unsent"
)

// Event is something that happened in a session, as it is returned, stored, and written as JSON. Fields
// that its Kind does not need are zero.
type Event struct {
	Kind     Kind             `json:"kind"`
	Sequence uint64           `json:"sequence,omitempty"` // in the session, from 1
	To       uint64           `json:"to,omitempty"`
	ID       ids.ID           `json:"message,omitzero"` // of the message's transaction
	Sender   ids.ID           `json:"sender,omitzero"`  // who signed it
	Own      bool             `json:"own,omitempty"`    // this member is the sender
	Time     time.Time        `json:"timestamp,omitzero"`
	Epoch    uint32           `json:"epoch,omitempty"`   // of the sender's keys
	Renewed  bool             `json:"renewed,omitempty"` // the epoch has a new KEM key of the sender
	Type     e2ee.ContentType `json:"type,omitempty"`
	Content  []byte           `json:"data,omitempty"`
	Identity ids.ID           `json:"identity,omitzero"` // who stands behind the Sender: of KindRevealed, and of each event of a private session
	Err      OpenError        `json:"reason,omitempty"`

	// Contract is the contract of another chain that has said this, openly; nil: a member has, or one of which the node does not say
	// that it is a contract. It rests on what this chain's
	// validators have checked: the BLS signatures of those of the contract's chain.
	Contract *client.Contract `json:"contract,omitempty"`
	// PostQuantum says that what the chain has of it rests on ML-DSA-65; else on BLS alone so far, see Session.Attested.
	PostQuantum bool `json:"postQuantum,omitempty"`
}

// Text returns the content as text.
func (e *Event) Text() string { return string(e.Content) }

// Attachment returns the manifest that a message of KindFile, or an Unsent one of
// e2ee.ContentManifest, carries.
func (e *Event) Attachment() (*e2ee.Manifest, error) { return e2ee.ParseManifest(e.Content) }

// kindOf returns what a message of some content is.
func kindOf(content e2ee.ContentType, encoded []byte) Kind {
	if content == e2ee.ContentTitle {
		return KindTitle
	}
	if content == e2ee.ContentManifest {
		if _, err := e2ee.ParseManifest(encoded); err == nil {
			return KindFile
		}
	}
	return KindMessage
}

// OpenError says by a stable number, which is stored, why a message does not open. It wraps the
// number's error of package e2ee, or ErrSentElsewhere; 0 is none of them.
type OpenError uint8

var openErrors = [...]error{
	0:  errors.New("it does not open"),
	1:  ErrSentElsewhere,
	2:  e2ee.ErrPrekey,
	3:  e2ee.ErrSuite,
	4:  e2ee.ErrMalformed,
	5:  e2ee.ErrVersion,
	6:  e2ee.ErrChunk,
	7:  e2ee.ErrSender,
	8:  e2ee.ErrWiped,
	9:  e2ee.ErrEpochUnknown,
	10: e2ee.ErrEpochErased,
	11: e2ee.ErrRepeated,
	12: e2ee.ErrTooFarAhead,
	13: e2ee.ErrKeyErased,
	14: e2ee.ErrAuthentication,
	15: e2ee.ErrExhausted,
	16: e2ee.ErrProof,
}

// openError returns the number of an error.
func openError(err error) OpenError {
	for number, known := range openErrors {
		if errors.Is(err, known) {
			return OpenError(number)
		}
	}
	return 0
}

func (e OpenError) Error() string { return e.Unwrap().Error() }

// Unwrap returns the error of the number.
func (e OpenError) Unwrap() error {
	if int(e) >= len(openErrors) { // stored by a later version
		return openErrors[0]
	}
	return openErrors[e]
}
