package messaging

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

// Bounds of a record.
const (
	maxOwn       = 1024    // messages that were sent and have not come back
	maxOwnBytes  = 8 << 20 // of their contents
	maxHeld      = 64      // messages that wait for their epoch's announcement
	maxHeldBytes = 4 << 20
	maxRecent    = 64 // transcripts
)

// record is all that is kept of a session. It is stored whole, but for the roster of a private group.
type record struct {
	Protocol []byte         // e2ee.Session.State
	Made     time.Time      // when the session was made, at the latest, as its maker signed
	Created  uint64         // when it was made, as the chain says: Unix milliseconds
	Over     bool           // its keys are erased
	Begun    uint64         `json:",omitempty"` // random; 0 in files of earlier versions
	Creator  ids.ID         // who made the session and signed that; empty if nobody did
	Said     bool           `json:",omitempty"` // the inbox has, or had, what was said in its invitations
	Channel  ids.ID         // the channel that it was made for; empty if none
	Group    ids.ID         `json:",omitzero"`  // the private group that it is of; empty if none
	Owner    ids.ID         `json:",omitzero"`  // of the group
	Roster   []byte         `json:",omitempty"` // an e2ee.Roster, with what was told since; nil while the owner has not told it, and where it is stored
	Named    chain.Hash     `json:",omitzero"`  // SHA-256 of the Roster, which has a file of its own: it is large, and seldom changes
	Told     bool           `json:",omitempty"` // who made the session has told that roster in it
	Left     []ids.ID       `json:",omitempty"` // identities that have left the group
	Greeted  bool           `json:",omitempty"` // what this member tells the group of itself is among the drafts, or was
	Members  []memberRecord // in the participants' order
	Next     uint64         // the sequence to receive next
	// Transcript is the session's after the message before Next (chain.NextTranscript).
	Transcript chain.Hash
	Proven     uint64        // height of the block in whose state that was verified; 0 if in none
	Attested   uint64        `json:",omitempty"` // the last sequence up to which the session was verified with ML-DSA-65
	Recent     []chain.Hash  // the transcripts after the last messages that were taken, the latest one last
	Passed     uint64        // the sequence of the last of these
	Prekeys    time.Time     // when prekeys of members were taken; zero if never
	Drafts     []*Draft      // not sealed yet, in order
	Origins    []string      `json:",omitempty"` // of all drafts that were stored
	Own        []*ownMessage // sealed and not received back, in the order of sealing
	Uploads    []*upload     // attachments that are under way
	Newest     uint64        // the last own message's sequence
	Held       []heldMessage // not to be opened yet, in order of sequence
	Inbox      []Event       // what the next Receive returns
	Erased     uint64        // events that were in the inbox before
	Old        bool          // somebody else has used these keys
}

// memberRecord is what is kept of a participant.
type memberRecord struct {
	ID       ids.ID
	DSA      []byte // the identity's; nil while it is not known
	Identity ids.ID `json:",omitzero"` // who stands behind a pseudonym; empty while that is not known
	Receipt  uint64 // the member has everything up to here
}

// ownMessage is a transaction of this member.
type ownMessage struct {
	ID          ids.ID
	Transaction []byte `json:",omitempty"` // with its signature; nil once it is proven that the chain has it, or it was given up
	Epoch       uint32
	Rotation    bool             `json:",omitempty"` // it begins with an announcement
	Renewed     bool             `json:",omitempty"`
	Message     bool             `json:",omitempty"` // it has a content
	Type        e2ee.ContentType `json:",omitempty"`
	Content     []byte           `json:",omitempty"`
}

// heldMessage is a message whose epoch's announcement has not come yet.
type heldMessage struct {
	ID, Sender ids.ID
	Sequence   uint64
	Time       time.Time
	Ciphertext []byte
}

func (m *heldMessage) event(kind Kind) Event {
	return Event{Kind: kind, ID: m.ID, Sender: m.Sender, Sequence: m.Sequence, Time: m.Time}
}

func (r *record) created() time.Time { return time.UnixMilli(int64(r.Created)).UTC() }

func (r *record) encode() ([]byte, error) {
	stored := *r
	if r.Named != (chain.Hash{}) {
		stored.Roster = nil
	}
	return json.Marshal(&stored)
}

// setRoster replaces the roster.
func (r *record) setRoster(encoded []byte) { r.Roster, r.Named = encoded, sha256.Sum256(encoded) }

func decodeRecord(encoded []byte) (*record, error) {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	r := new(record)
	if err := decoder.Decode(r); err != nil {
		return nil, refusal.Because(ErrFile, "it is of another version: %w", err)
	}
	if r.Next == 0 {
		return nil, refusal.Because(ErrFile, "expected a next sequence from 1 on, got 0")
	}
	return r, nil
}

func (r *record) member(id ids.ID) *memberRecord {
	for i := range r.Members {
		if r.Members[i].ID == id {
			return &r.Members[i]
		}
	}
	return nil
}

// pending returns the own messages that are not known to be on the chain, in their order.
func (r *record) pending() []*ownMessage {
	var pending []*ownMessage
	for _, own := range r.Own {
		if own.Transaction != nil {
			pending = append(pending, own)
		}
	}
	return pending
}

func (r *record) backlog() error {
	count, size := len(r.Drafts), 0
	for _, d := range r.Drafts {
		size += len(d.Content)
	}
	for _, own := range r.Own {
		count, size = count+1, size+len(own.Content)
	}
	if count >= maxOwn || size >= maxOwnBytes {
		return refusal.Because(ErrBacklog, "expected fewer than %d messages and %d bytes, got %d and %d", maxOwn, maxOwnBytes, count, size)
	}
	return nil
}

// hold keeps a message for later, and lets go of the oldest if they are too many.
func (r *record) hold(m heldMessage) {
	r.Held = append(r.Held, m)
	size := 0
	for i := len(r.Held) - 1; i >= 0; i-- {
		if size += len(r.Held[i].Ciphertext); size > maxHeldBytes || len(r.Held)-i > maxHeld {
			r.Held = append([]heldMessage(nil), r.Held[i+1:]...)
			return
		}
	}
}

func (r *record) add(event Event) { r.Inbox = append(r.Inbox, event) }
