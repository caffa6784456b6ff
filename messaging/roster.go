package messaging

import (
	"bytes"
	"context"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

// maxOwnKeys bounds how many of the identity's earlier session keys are tried.
const maxOwnKeys = 16

// fetch returns the session as the node has it, with as many keys as participants.
func (s *Session) fetch(ctx context.Context) (*client.Session, error) {
	answer, err := s.m.config.Client.GetSession(ctx, client.GetSessionParams{SessionID: s.id})
	if err != nil {
		return nil, err
	}
	listed := &answer.Session
	count := len(listed.Participants)
	if listed.ID != s.id || count > chain.MaxParticipants || len(listed.PublicKeys) != count || len(listed.KeyEpochs) != count {
		return nil, wrapf(ErrNode, "session %s of %d participants, %d keys and %d epochs", listed.ID, count, len(listed.PublicKeys), len(listed.KeyEpochs))
	}
	return listed, nil
}

// vouched checks that a member signed a listed key.
func (s *Session) vouched(ctx context.Context, member *memberRecord, epoch uint64, key []byte) error {
	body := &chain.RotateKey{Session: s.id, Participant: member.ID, PublicKey: key, Epoch: epoch}
	return s.m.signed(ctx, body, member.DSA)
}

// roster is the members with their identities' keys, the listed ones, and those that they announced
// before.
func (s *Session) roster(listed []client.Bytes, suite e2ee.Suite) e2ee.Roster {
	roster := e2ee.Roster{Version: s.record.version()}
	for i := range s.record.Members {
		known := &s.record.Members[i]
		member := e2ee.Member{ID: known.ID, Identity: known.public()}
		if !bytes.Equal(listed[i], known.KEM) {
			member.SessionKey = listed[i]
		}
		if known.Carried != nil {
			member.Carried = &e2ee.AnnouncedKey{Suite: suite, PublicKey: known.Carried}
		}
		roster.Members = append(roster.Members, member)
	}
	return roster
}

// useSecrets takes the identity's secrets, and its session keys up to an epoch, which its seed
// gives.
func (s *Session) useSecrets(epoch uint64, suite e2ee.Suite) error {
	secrets := e2ee.Secrets{Identity: s.m.config.Identity, SessionKeys: append([]*pq.KEMKey(nil), s.m.config.SessionKeys...)}
	for tried := 0; epoch > 0 && tried < maxOwnKeys; epoch, tried = epoch-1, tried+1 {
		key, err := s.m.config.Identity.SessionKEM(s.m.chainID, s.id, epoch)
		if err != nil {
			return err
		}
		secrets.SessionKeys = append(secrets.SessionKeys, key)
	}
	if s.record.Carried != nil {
		key, err := e2ee.OfferKeyFromSeed(suite, s.record.Carried)
		if err != nil {
			return wrapf(ErrFile, "%w", err)
		}
		secrets.Offers = []*e2ee.OfferKey{key}
	}
	s.secrets = secrets
	return nil
}

// takeListed takes the keys that a verified state lists, if they are not known.
func (s *Session) takeListed(ctx context.Context, leaf *chain.Session) error {
	s.mu.Lock()
	known := s.listed == leaf.KeysHash
	s.mu.Unlock()
	if known {
		return nil
	}
	if err := s.refresh(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	s.listed = leaf.KeysHash
	s.mu.Unlock()
	return nil
}

// refresh takes the keys that the chain lists now. A node that is behind changes nothing.
func (s *Session) refresh(ctx context.Context) error {
	listed, err := s.fetch(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	members := append([]memberRecord(nil), s.record.Members...)
	s.mu.Unlock()
	if len(listed.Participants) != len(members) {
		return wrapf(ErrNode, "want %d participants, got %d", len(members), len(listed.Participants))
	}
	var changed []int
	for i := range members {
		if listed.Participants[i] != members[i].ID {
			return wrapf(ErrNode, "want participant %s, got %s", pq.FormatID(members[i].ID), pq.FormatID(listed.Participants[i]))
		}
		switch {
		case listed.KeyEpochs[i] < members[i].KeyEpoch:
			return nil
		case listed.KeyEpochs[i] > members[i].KeyEpoch:
			changed = append(changed, i)
		}
	}
	for _, i := range changed {
		if err := s.vouched(ctx, &members[i], listed.KeyEpochs[i], listed.PublicKeys[i]); err != nil {
			return err
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return s.update(listed, changed)
}

// update makes listed keys the session's.
func (s *Session) update(listed *client.Session, changed []int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	version := uint64(1)
	for i, epoch := range listed.KeyEpochs {
		if epoch < s.record.Members[i].KeyEpoch {
			return nil
		}
		version += epoch
	}
	if version <= s.record.version() { // another call was faster
		return nil
	}
	roster := s.roster(listed.PublicKeys, s.protocol.Suite())
	roster.Version = version
	if _, err := s.protocol.Update(s.unix(), roster); err != nil {
		return err
	}
	for _, i := range changed {
		member := &s.record.Members[i]
		member.KeyEpoch = listed.KeyEpochs[i]
		s.record.add(&KeyChanged{Member: member.ID})
	}
	err := s.useSecrets(s.record.member(s.m.self).KeyEpoch, s.protocol.Suite())
	if err == nil {
		err = s.protocol.UseSecrets(s.secrets)
	}
	if err != nil {
		s.failed = err
		return err
	}
	return s.commit()
}

// RotateKey lists a new key of this identity in the session, as LP-42's RotateKey does: others
// that have not heard from it yet seal to it, and everybody's next message begins a new epoch.
func (s *Session) RotateKey(ctx context.Context) error {
	if err := s.refresh(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	err := s.usable()
	epoch := uint64(0)
	if err == nil {
		epoch = s.record.member(s.m.self).KeyEpoch + 1
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	key, err := s.m.config.Identity.SessionKEM(s.m.chainID, s.id, epoch)
	if err != nil {
		return err
	}
	_, err = s.m.act(ctx, &chain.RotateKey{Session: s.id, Participant: s.m.self, PublicKey: key.Public(), Epoch: epoch})
	if err != nil {
		return err
	}
	return s.refresh(ctx)
}
