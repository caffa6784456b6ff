package messaging

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Join opens this identity's side of a session: as it was stored, or for the first time. If
// there is no file, but this identity has sent before, it starts anew: messages of before
// are Missing, and others answer after it has sent. A private session does not go on so, because its seats open once: a
// new invitation begins another one.
func (m *Messenger) Join(ctx context.Context, id ids.ID) (*Session, error) {
	on, self, err := m.in(id)
	if err != nil {
		return nil, err
	}
	return on.join(ctx, self, id)
}

func (m *Messenger) join(ctx context.Context, self *actor, id ids.ID) (*Session, error) {
	s, err := m.joinAs(ctx, self, id)
	if err == nil && self.pair != nil {
		if err = m.settle(ctx, s); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, err
}

// joinAs is join that leaves what was said in invitations where it is.
func (m *Messenger) joinAs(ctx context.Context, self *actor, id ids.ID) (*Session, error) {
	kept, err := m.openStore(id, self.identity)
	if err != nil {
		return nil, err
	}
	s := &Session{m: m, self: self, id: id, store: kept, verifier: pq.NewVerifierCache(chain.MaxParticipants)}
	if err := s.open(ctx); err != nil {
		_ = kept.Close()
		return nil, fmt.Errorf("session %s: %w", id, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.joined == nil {
		m.joined = make(map[sessionSide]*Session)
	}
	m.joined[sessionSide{id, self.id}] = s
	return s, nil
}

// joinShared is joinAs that takes the Session of this Messenger, if there is one, and what lets go of it.
func (m *Messenger) joinShared(ctx context.Context, self *actor, id ids.ID) (s *Session, done func(), err error) {
	m.mu.Lock()
	s = m.joined[sessionSide{id, self.id}]
	m.mu.Unlock()
	if s != nil {
		return s, func() {}, nil
	}
	s, err = m.joinAs(ctx, self, id)
	return s, func() { _ = s.Close() }, err
}

func (s *Session) open(ctx context.Context) error {
	encoded, err := s.store.Load()
	if err != nil {
		return err
	}
	if encoded == nil {
		return s.begin(ctx)
	}
	defer clear(encoded)
	if s.record, err = decodeRecord(encoded); err != nil {
		return err
	}
	if err := s.openRoster(); err != nil {
		return err
	}
	if s.record.member(s.self.id) == nil {
		return refusal.Because(ErrFile, "this identity is not among its members")
	}
	if s.protocol, err = e2ee.Restore(s.record.Protocol, s.self.secrets(), nil); err != nil {
		return refusal.Because(ErrFile, "%w", err)
	}
	return nil
}

// openRoster reads the roster that the record names. Earlier versions stored it in the record.
func (s *Session) openRoster() (err error) {
	switch {
	case s.record.Roster != nil:
		s.record.setRoster(s.record.Roster)
	case s.record.Named != chain.Hash{}:
		s.stored = s.record.Named
		s.record.Roster, err = s.store.LoadRoster(s.stored)
	}
	return err
}

// begin makes a new member's side, and stores it.
func (s *Session) begin(ctx context.Context) error {
	made, err := s.m.made(ctx, s.id)
	if err != nil {
		return err
	}
	if !slices.Contains(made.Participants, s.self.id) {
		return refusal.New(refusal.ErrNotParticipant, "one of the session's participants", pq.FormatID(s.self.id))
	}
	if err := checkSuite(made); err != nil {
		return err
	}
	if err := s.m.meet(ctx, made.Participants); err != nil {
		return err
	}
	s.record = &record{Begun: client.Nonce(), Next: 1, Transcript: chain.FirstTranscript(s.id), Made: time.UnixMilli(int64(made.Deadline)), Creator: made.Creator, Channel: made.Channel}
	var members []e2ee.ID
	for _, participant := range made.Participants {
		public, err := s.m.identity(ctx, participant)
		if err != nil && !errors.Is(err, refusal.ErrNotRegistered) { // else it may answer some day
			return err
		}
		members = append(members, participant)
		s.record.Members = append(s.record.Members, memberRecord{ID: participant, DSA: public.DSA})
	}
	firstEpoch, err := s.sentBefore(ctx)
	if err != nil {
		return err
	}
	config := e2ee.Config{Chain: s.m.chainID, Session: s.id, Secrets: s.self.secrets(), Members: members, Policy: s.m.config.Policy, FirstEpoch: firstEpoch}
	if s.self.pair != nil {
		config.Seat = s.self.pair.Seat
	}
	s.protocol, err = e2ee.New(config)
	if err == nil {
		err = s.beginPrivate(made)
	}
	if err != nil {
		return err
	}
	return s.commit()
}

// metadataSuite is the key in a session's metadata under which its suite is, as a number. The
// session's ID commits to it, and every announcement is bound to it.
const metadataSuite = "e2ee"

// Metadata returns what a session's metadata says of its encryption.
func Metadata() []chain.MetadataEntry {
	return []chain.MetadataEntry{{Key: metadataSuite, Value: strconv.Itoa(e2ee.Suite)}}
}

// checkSuite refuses a session of other algorithms than this protocol's, or of none.
func checkSuite(made *chain.CreateSession) error {
	suite := "none"
	for _, entry := range made.Metadata {
		if entry.Key == metadataSuite {
			suite = entry.Value
		}
	}
	if want := strconv.Itoa(e2ee.Suite); suite != want {
		return refusal.Because(e2ee.ErrSuite, "expected a session with suite %s in its metadata, got %q", want, suite)
	}
	return nil
}
