package mailbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/pq"
)

// Entry is an event with its place in the history of a session.
type Entry struct {
	Session  ids.ID `json:"session"`
	Position uint64 `json:"position"` // among all that happened in the session, from 1
	// Begun is the side of the session: messaging.Session.Begun.
	Begun uint64 `json:"begun,omitempty"`
	messaging.Event
}

// From returns who stands behind the sender, in a private session, or the sender.
func (e *Entry) From() ids.ID {
	if e.Identity != ids.Empty && e.Kind != messaging.KindRevealed {
		return e.Identity
	}
	return e.Sender
}

// Opened reports whether a message that did not open was opened later. What stands before the refusal came with it.
func Opened(entries []Entry, refused *Entry) bool {
	return slices.ContainsFunc(entries, func(e Entry) bool {
		switch e.Kind {
		case messaging.KindMessage, messaging.KindFile, messaging.KindTitle, messaging.KindRevealed:
			return e.Sequence == refused.Sequence && e.Position > refused.Position
		}
		return false
	})
}

// history is what happened in a session, decrypted: an encrypted file, which grows.
type history struct {
	session ids.ID
	begun   uint64 // this side of the session
	before  uint64 // the last position of the sides before, if its file was removed

	mu  sync.Mutex // guards the log and all
	log *sealedfile.Log
	all []Entry
}

// historyFile names the history of one identity in one session of a chain.
func historyFile(folder string, identity *pq.Identity, chainID, session ids.ID) (path string, key, purpose []byte, err error) {
	self := identity.ID()
	purpose = append([]byte("history"), chainID[:]...)
	purpose = append(purpose, session[:]...)
	key, err = identity.StoreKey(chainID, session)
	return filepath.Join(folder, fmt.Sprintf("%s-%x.history", session, self[:8])), key, append(purpose, self[:]...), err
}

func openHistory(folder string, identity *pq.Identity, chainID, session ids.ID, begun uint64) (*history, error) {
	path, key, purpose, err := historyFile(folder, identity, chainID, session)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	h := &history{session: session, begun: begun}
	h.log, err = sealedfile.OpenLog(path, key, purpose, h.take)
	return h, err
}

// hasHistory reports whether a session was opened here: one that a node has listed, and that was
// none of the peer's, has no history.
func (m *Mailbox) hasHistory(session ids.ID) bool {
	path, key, _, err := historyFile(m.config.Folder, m.config.Identity, m.chainID, session)
	clear(key)
	if err == nil {
		_, err = os.Stat(path)
	}
	return err == nil
}

// ReadHistory returns what is kept of a session, which another program may have open, and nothing if
// nothing is.
func ReadHistory(folder string, identity *pq.Identity, chainID, session ids.ID) ([]Entry, error) {
	path, key, purpose, err := historyFile(folder, identity, chainID, session)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	h := &history{session: session}
	if err = sealedfile.ReadLog(path, key, purpose, h.take); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return h.all, err
}

// take adds a record that is kept.
func (h *history) take(record []byte) error {
	var kept Entry
	if err := strictjson.Unmarshal(record, &kept); err != nil {
		return err
	}
	if kept.Begun != h.begun {
		h.before = kept.Position
	}
	h.all = append(h.all, kept)
	return nil
}

// entries returns what is kept.
func (h *history) entries() []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[:len(h.all):len(h.all)]
}

// fresh returns the entries of events, the last of which has a position, that are not kept yet: after a
// restart some events come again.
func (h *history) fresh(events []messaging.Event, position uint64) (fresh []Entry) {
	last := uint64(0)
	if all := h.entries(); len(all) > 0 {
		last = all[len(all)-1].Position
	}
	for i, event := range events {
		if at := h.before + position - uint64(len(events)-1-i); at > last {
			fresh = append(fresh, Entry{Session: h.session, Position: at, Begun: h.begun, Event: event})
		}
	}
	return fresh
}

// add keeps entries.
func (h *history) add(fresh []Entry) error {
	records := make([][]byte, len(fresh))
	for i := range fresh {
		var err error
		if records[i], err = json.Marshal(&fresh[i]); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.log.Append(records...); err != nil {
		return err
	}
	h.all = append(h.all, fresh...)
	return nil
}
