package messaging

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Session is this identity's side of a session. It is safe for concurrent use: one goroutine
// may wait in Receive while others Send.
type Session struct {
	m        *Messenger
	self     *actor // who this side is
	id       ids.ID
	verifier *pq.VerifierCache

	sending   sync.Mutex  // held by whoever sends; taken before mu
	checked   atomic.Bool // what the chain has of this identity is known
	receiving sync.Mutex  // held by Receive; taken before sending and mu

	mu       sync.Mutex // guards all below
	store    store
	record   *record // the same as long as the session is open; what it was made with does not change
	protocol *e2ee.Session
	over     bool       // the session was closed or has expired
	verified time.Time  // when a state of the chain was verified last
	stored   chain.Hash // of the roster that is stored; zero for none
	shown    int        // events of the inbox that the last Receive returned
	failed   error      // why the session refuses everything, nil if it does not
}

// ID returns the session's ID: others Join with it.
func (s *Session) ID() ids.ID { return s.id }

// Self returns who this identity is in the session: itself, or its pseudonym (Messenger.Invite).
func (s *Session) Self() ids.ID { return s.self.id }

// With returns who the other one of a private session of two is, which was proven; empty for another session.
func (s *Session) With() ids.ID {
	if p := s.self.pair; p != nil && p.Group == ids.Empty {
		return p.With
	}
	return ids.Empty
}

// Group returns the private group whose session it is; empty if it is none's.
func (s *Session) Group() ids.ID { return s.record.Group }

// Creator returns who made the session, and signed that; empty for a plain session of LP-42.
func (s *Session) Creator() ids.ID { return s.record.Creator }

// Channel returns the channel whose key epoch the session is, empty if it is none's.
func (s *Session) Channel() ids.ID { return s.record.Channel }

// Begun is a random number of this side of the session: another one if its file was removed,
// and it was joined anew. Positions start again then.
func (s *Session) Begun() uint64 { return s.record.Begun }

// Next returns the sequence that is to be received next.
func (s *Session) Next() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record.Next
}

// Attested returns up to which sequence what the chain has of the session rests on the validators' ML-DSA-65 signatures; what is
// after it rests on BLS alone, or on the node's word (Config.TrustNode).
func (s *Session) Attested() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record.Attested
}

// proven returns the height of the state in which the messages before Next were verified, 0 if in none.
func (s *Session) proven() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record.Proven
}

// Members returns the participants, this identity or its pseudonym included.
func (s *Session) Members() []ids.ID {
	members := make([]ids.ID, len(s.record.Members))
	for i := range s.record.Members {
		members[i] = s.record.Members[i].ID
	}
	return members
}

// Identities returns who the members are: in a private session those who stand behind them, as far as they have proven it.
func (s *Session) Identities() []ids.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	members := s.Members()
	for i, member := range members {
		if behind := s.behind(member); behind != ids.Empty {
			members[i] = behind
		}
	}
	return members
}

// Close lets go of the session's file. What waits to be sent is sent after the next Join. A
// Receive that waits ends with ErrClosed when its wait is over.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil {
		return nil
	}
	s.failed = ErrClosed
	s.m.mu.Lock()
	delete(s.m.joined, sessionSide{s.id, s.self.id})
	s.m.mu.Unlock()
	s.protocol.Wipe()
	err := s.store.Close()
	s.store = nil
	return err
}

func (s *Session) usable() error { return s.failed }

// failing is usable for who does not hold mu.
func (s *Session) failing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// commit stores the state. If that fails nothing of it may be used: nobody knows what is on
// disk.
func (s *Session) commit() error {
	s.record.Protocol = s.protocol.State()
	changed := s.record.Named != s.stored
	var err error
	if changed { // before the record names it
		err = s.store.SaveRoster(s.record.Named, s.record.Roster)
	}
	var encoded []byte
	if err == nil {
		encoded, err = s.record.encode()
	}
	if err == nil {
		err = s.store.Save(encoded)
	}
	clear(encoded)
	if err != nil {
		s.failed = refusal.Because(ErrStore, "%w", err)
		return s.failed
	}
	if s.stored = s.record.Named; changed {
		s.store.DropRosters(s.stored)
	}
	return s.failed
}

// unix is the time of the protocol, in Unix milliseconds.
func (s *Session) unix() uint64 { return s.m.unix() }

func (m *Messenger) unix() uint64 { return uint64(max(0, m.now().UnixMilli())) }
