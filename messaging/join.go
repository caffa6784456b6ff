package messaging

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

// Join opens this identity's side of a session: as it was stored, or for the first time. If
// there is no file, but this identity has sent before, it starts anew: messages of before
// are Missing, and others answer after it has sent.
func (m *Messenger) Join(ctx context.Context, id ids.ID) (*Session, error) {
	kept, err := m.openStore(id)
	if err != nil {
		return nil, err
	}
	s := &Session{m: m, id: id, store: kept, verifier: pq.NewVerifierCache(chain.MaxParticipants)}
	if err := s.open(ctx); err != nil {
		_ = kept.Close()
		return nil, fmt.Errorf("session %s: %w", id, err)
	}
	return s, nil
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
	own := s.record.member(s.m.self)
	if own == nil {
		return wrapf(ErrFile, "this identity is not among its members")
	}
	if s.protocol, err = e2ee.Restore(s.record.Protocol, e2ee.Secrets{Identity: s.m.config.Identity}, nil); err != nil {
		return wrapf(ErrFile, "%w", err)
	}
	if err := s.useSecrets(own.KeyEpoch, s.protocol.Suite()); err != nil {
		return err
	}
	return s.protocol.UseSecrets(s.secrets)
}

// begin makes a new member's side, and stores it.
func (s *Session) begin(ctx context.Context) error {
	listed, err := s.fetch(ctx)
	if err != nil {
		return err
	}
	made, err := s.m.made(ctx, listed)
	if err != nil {
		return err
	}
	if !slices.Contains(listed.Participants, s.m.self) {
		return chain.Refuse(chain.ErrNotParticipant, "one of the session's participants", pq.FormatID(s.m.self))
	}
	s.record = &record{Begun: client.Nonce(), Next: 1, Transcript: chain.FirstTranscript(s.id), Made: time.UnixMilli(int64(made.Deadline)), Creator: made.Creator, Channel: made.Channel}
	for i, participant := range listed.Participants {
		public, err := s.m.identity(ctx, participant)
		if err != nil {
			return err
		}
		s.record.Members = append(s.record.Members, memberRecord{ID: participant, KEM: public.KEM, DSA: public.DSA, KeyEpoch: listed.KeyEpochs[i]})
		if listed.KeyEpochs[i] == 0 && !bytes.Equal(listed.PublicKeys[i], made.PublicKeys[i]) {
			return wrapf(ErrNode, "the key of %s is not the one that the session was made with", pq.FormatID(participant))
		}
		if listed.KeyEpochs[i] > 0 {
			if err := s.vouched(ctx, &s.record.Members[i], listed.KeyEpochs[i], listed.PublicKeys[i]); err != nil {
				return err
			}
		}
	}
	firstEpoch, err := s.sentBefore(ctx)
	if err != nil {
		return err
	}
	suite, err := suiteOf(made)
	if err != nil {
		return err
	}
	if err := s.carry(ctx, made, suite); err != nil {
		return err
	}
	if err := s.useSecrets(s.record.member(s.m.self).KeyEpoch, suite); err != nil {
		return err
	}
	s.protocol, err = e2ee.New(e2ee.Config{
		Chain: s.m.chainID, Session: s.id, Suite: suite, Secrets: s.secrets, Roster: s.roster(listed.PublicKeys, suite),
		Policy: s.m.config.Policy, FirstEpoch: firstEpoch, Now: s.unix(),
	})
	if err != nil {
		return err
	}
	return s.commit()
}
