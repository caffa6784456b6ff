package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/pq"
)

// Kinds of what happens in a session.
const (
	kindMessage  = "message"
	kindFile     = "file"     // a message that announces a file, see File
	kindTitle    = "title"    // a name for the group
	kindRevealed = "revealed" // a member is a private identity of Identity
	kindKeys     = "keys"     // a member encrypts with new keys from here on
	kindForked   = "forked"   // a member had read other messages than these, up to To
	kindReceipt  = "receipt"  // a member has everything up to Sequence
	kindMissing  = "missing"  // messages from Sequence to To have left the chain
	kindRefused  = "refused"  // a message that does not open, see Problem
	kindUnsent   = "unsent"   // the session was over before the chain had it
)

// happening is what happened in a session, as it is printed with --json and kept. Whose it is
// was verified with the sender's ML-DSA-65 signature.
type happening struct {
	Session   ids.ID     `json:"session"`
	Position  uint64     `json:"position"` // among all that happened in the session, from 1
	Kind      string     `json:"kind"`
	Sequence  uint64     `json:"sequence,omitempty"`
	To        uint64     `json:"to,omitempty"`
	Message   ids.ID     `json:"message,omitzero"`
	Sender    string     `json:"sender,omitempty"`
	Own       bool       `json:"own,omitempty"`
	Timestamp *time.Time `json:"timestamp,omitempty"` // of its block
	Epoch     uint32     `json:"epoch,omitempty"`     // of the sender's keys
	Type      uint8      `json:"type,omitempty"`      // of the content, as package e2ee has it
	Verified  bool       `json:"verified"`
	Text      *string    `json:"text,omitempty"` // UTF-8
	Data      []byte     `json:"data,omitempty"` // what is not, in base64
	File      *attached  `json:"file,omitempty"`
	Manifest  []byte     `json:"manifest,omitempty"` // kept, and not printed
	Identity  string     `json:"identity,omitempty"` // that stands behind the sender
	Problem   string     `json:"problem,omitempty"`
	Begun     uint64     `json:"begun,omitempty"` // messaging.Session.Begun, kept and not printed

	sender ids.ID
}

func newHappening(session ids.ID, position uint64, event messaging.Event) happening {
	h := happening{Session: session, Position: position, Verified: true}
	from := func(sender ids.ID, sequence uint64, at time.Time) {
		h.Sender, h.sender, h.Sequence = pq.FormatID(sender), sender, sequence
		if !at.IsZero() {
			h.Timestamp = &at
		}
	}
	switch e := event.(type) {
	case *messaging.Message:
		h.Kind, h.Message, h.Own = kindMessage, e.ID, e.Own
		from(e.Sender, e.Sequence, e.Time)
		if e.Type == e2ee.ContentTitle {
			h.Kind = kindTitle
		}
		if h.attach(e.Type, e.Content) {
			h.Kind = kindFile
		} else {
			h.content(e.Type, e.Content)
		}
	case *messaging.Rotated:
		h.Kind, h.Epoch, h.Own = kindKeys, e.Epoch, e.Own
		from(e.Member, e.Sequence, e.Time)
	case *messaging.Forked:
		h.Kind, h.To = kindForked, e.Seen
		h.Problem = "it has read other messages than these: its node has lied to it, or the chain has two histories"
		from(e.Member, e.Sequence, time.Time{})
	case *messaging.Receipt:
		h.Kind = kindReceipt
		from(e.Member, e.Sequence, e.Time)
	case *messaging.Revealed:
		h.Kind, h.Identity, h.Own = kindRevealed, pq.FormatID(e.Identity), e.Own
		from(e.Member, e.Sequence, e.Time)
	case *messaging.Missing:
		h.Kind, h.Sequence, h.To, h.Verified = kindMissing, e.From, e.To, false
		h.Problem = "they have left the chain, or were there before this device took part"
	case *messaging.Refused:
		h.Kind, h.Message, h.Problem = kindRefused, e.ID, e.Err.Error()
		from(e.Sender, e.Sequence, e.Time)
	case *messaging.Unsent:
		h.Kind, h.Own, h.Problem = kindUnsent, true, "not sent: the session was over"
		if h.attach(e.Type, e.Content) {
			h.Type = uint8(e.Type)
		} else {
			h.content(e.Type, e.Content)
		}
	}
	return h
}

// attach notes the file that content announces, and reports whether it announces one.
func (h *happening) attach(kind e2ee.ContentType, content []byte) bool {
	if kind != e2ee.ContentManifest {
		return false
	}
	manifest, err := e2ee.ParseManifest(content)
	if err != nil {
		return false
	}
	h.Manifest = content
	h.File = &attached{Name: manifest.Name, MediaType: manifest.MediaType, Size: manifest.Size}
	return true
}

func (h *happening) content(kind e2ee.ContentType, content []byte) {
	h.Type = uint8(kind)
	if utf8.Valid(content) {
		text := string(content)
		h.Text = &text
	} else {
		h.Data = content
	}
}

// resendable reports whether what a session did not take can go into another one. The parts of a
// file and the proof of who somebody is are made for the session they are in.
func (h *happening) resendable() bool {
	kind := e2ee.ContentType(h.Type)
	return h.Kind == kindUnsent && kind != e2ee.ContentManifest && kind != e2ee.ContentProof
}

// bytes returns the content.
func (h *happening) bytes() []byte {
	if h.Text != nil {
		return []byte(*h.Text)
	}
	return h.Data
}

// history is what happened in a session, decrypted. Its keys are erased as it is read, so this
// is where it is read again: an encrypted file, which grows.
type history struct {
	log     *sealedfile.Log
	all     []happening
	session ids.ID
	begun   uint64 // this side of the session
	before  uint64 // the last position of the sides before, if its file was removed
}

func historyPath(folder string, identity *pq.Identity, session ids.ID) string {
	self := identity.ID()
	return filepath.Join(folder, fmt.Sprintf("%s-%x.history", session, self[:8]))
}

func hasHistory(folder string, identity *pq.Identity, session ids.ID) bool {
	_, err := os.Stat(historyPath(folder, identity, session))
	return err == nil
}

func openHistory(folder string, identity *pq.Identity, chainID, session ids.ID, begun uint64) (*history, error) {
	key, purpose, err := historyKey(identity, chainID, session)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	h := &history{session: session, begun: begun}
	h.log, err = sealedfile.OpenLog(historyPath(folder, identity, session), key, purpose, h.take)
	return h, err
}

// readHistory returns what is kept of a session, which another command may have open.
func readHistory(folder string, identity *pq.Identity, chainID, session ids.ID) ([]happening, error) {
	key, purpose, err := historyKey(identity, chainID, session)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	h := &history{session: session}
	err = sealedfile.ReadLog(historyPath(folder, identity, session), key, purpose, h.take)
	return h.all, err
}

func historyKey(identity *pq.Identity, chainID, session ids.ID) (key, purpose []byte, err error) {
	self := identity.ID()
	purpose = append([]byte("history"), chainID[:]...)
	purpose = append(purpose, session[:]...)
	key, err = identity.StoreKey(chainID, session)
	return key, append(purpose, self[:]...), err
}

// take adds a record that is kept.
func (h *history) take(record []byte) (err error) {
	var kept happening
	if err := strictjson.Unmarshal(record, &kept); err != nil {
		return err
	}
	if kept.Sender != "" {
		if kept.sender, err = parseIdentityID(kept.Sender); err != nil {
			return err
		}
	}
	if kept.Begun != h.begun {
		h.before = kept.Position
	}
	h.all = append(h.all, kept)
	return nil
}

// last is the position of the last that is kept.
func (h *history) last() uint64 {
	if len(h.all) == 0 {
		return 0
	}
	return h.all[len(h.all)-1].Position
}

// add keeps events, the last of which has a position, and returns those that are new: after a
// restart some come again.
func (h *history) add(events []messaging.Event, position uint64) ([]happening, error) {
	var fresh []happening
	var records [][]byte
	for i, event := range events {
		at := h.before + position - uint64(len(events)-1-i)
		if at <= h.last() {
			continue
		}
		happened := newHappening(h.session, at, event)
		happened.Begun = h.begun
		record, err := json.Marshal(happened)
		if err != nil {
			return nil, err
		}
		fresh, records = append(fresh, happened), append(records, record)
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	if err := h.log.Append(records...); err != nil {
		return nil, err
	}
	h.all = append(h.all, fresh...)
	return fresh, nil
}
