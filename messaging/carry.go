package messaging

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

// A session that follows another one does not begin with the identities' keys, which never
// change, but with the last ones that its participants announced in the one before: who copied
// an identity's keys long ago reads nothing of it. Which those are is in its metadata, so that
// all participants have the same: the ID of the session before in hex, a colon, and for each
// participant, in their order, the sequence of its announcement there (0 if there is none), with
// dots between them. A key of another suite is not used.
const (
	metadataAfter = "e2ee-after"
	// maxAfter bounds the metadata's value, in bytes: larger sessions begin with identities' keys.
	maxAfter = 768
	// carriedFor is how old an announcement may be, for a session that follows to begin with its
	// key: after that its owner erases the secret half.
	carriedFor = 7 * 24 * time.Hour
	// carriedLife is how long the secret halves are kept in the session that follows.
	carriedLife = e2ee.DefaultGrace * time.Millisecond
)

// origin is where the keys that a session begins with were announced.
type origin struct {
	Session   ids.ID
	Sequences []uint64 // in the order of the participants
}

func (o *origin) String() string {
	numbers := make([]string, len(o.Sequences))
	for i, sequence := range o.Sequences {
		numbers[i] = strconv.FormatUint(sequence, 10)
	}
	return hex.EncodeToString(o.Session[:]) + ":" + strings.Join(numbers, ".")
}

// originOf reads a session's metadata, nil if it follows none.
func originOf(made *chain.CreateSession) (*origin, error) {
	at := slices.IndexFunc(made.Metadata, func(e chain.MetadataEntry) bool { return e.Key == metadataAfter })
	if at < 0 {
		return nil, nil
	}
	session, numbers, found := strings.Cut(made.Metadata[at].Value, ":")
	id, err := hex.DecodeString(session)
	if !found || err != nil || len(id) != ids.IDLen {
		return nil, wrapf(e2ee.ErrRoster, "metadata %s: want a session and sequences, got %q", metadataAfter, made.Metadata[at].Value)
	}
	o := &origin{Session: ids.ID(id)}
	for _, number := range strings.Split(numbers, ".") {
		sequence, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return nil, wrapf(e2ee.ErrRoster, "metadata %s: want a sequence, got %q", metadataAfter, number)
		}
		o.Sequences = append(o.Sequences, sequence)
	}
	if len(o.Sequences) != len(made.Participants) {
		return nil, wrapf(e2ee.ErrRoster, "metadata %s: want %d sequences, got %d", metadataAfter, len(made.Participants), len(o.Sequences))
	}
	return o, nil
}

// follow returns where the participants of a new session have announced keys in an earlier one, as
// far as this member has seen, nil if nowhere.
func (m *Messenger) follow(ctx context.Context, previous ids.ID, participants []ids.ID) *origin {
	before, err := m.peek(previous)
	if err != nil || before == nil {
		return nil
	}
	o := &origin{Session: previous, Sequences: make([]uint64, len(participants))}
	found := false
	for i, participant := range participants {
		known := before.member(participant)
		if known == nil || known.Announced == 0 {
			continue
		}
		// What has left the chain, or soon will, cannot be looked up by the others.
		announced, at, err := m.announced(ctx, o.Session, known.Announced, participant, known.DSA)
		if err != nil || announced.Suite != Suite || m.now().After(at.Add(min(carriedFor, m.retention()/2))) {
			continue
		}
		o.Sequences[i], found = known.Announced, true
	}
	if !found || len(o.String()) > maxAfter {
		return nil
	}
	return o
}

func (m *Messenger) retention() time.Duration {
	return time.Duration(m.genesis.Options.RetentionDays) * 24 * time.Hour
}

// peek reads the record of a session whether it is open or not, nil if there is none.
func (m *Messenger) peek(session ids.ID) (*record, error) {
	file, err := sessionFile(m.config.Folder, m.chainID, session, m.config.Identity)
	if err != nil {
		return nil, err
	}
	encoded, err := file.Load()
	if err != nil || encoded == nil {
		return nil, err
	}
	defer clear(encoded)
	return decodeRecord(encoded)
}

// announced returns the key that a participant announced at a place of a session, and when.
func (m *Messenger) announced(ctx context.Context, session ids.ID, sequence uint64, participant ids.ID, dsa []byte) (*e2ee.AnnouncedKey, time.Time, error) {
	page, err := m.config.Client.ListMessages(ctx, client.ListMessagesParams{SessionID: session, From: sequence, Limit: 1})
	if err != nil {
		return nil, time.Time{}, err
	}
	if len(page.Messages) != 1 || page.Messages[0].Sequence != sequence {
		return nil, time.Time{}, wrapf(ErrWithheld, "want message %d of session %s", sequence, session)
	}
	message := &page.Messages[0]
	if message.Sender != participant || message.SessionID != session {
		return nil, time.Time{}, wrapf(ErrNode, "want message %d of session %s of %s", sequence, session, pq.FormatID(participant))
	}
	err = m.authentic(message, func(context string, signed []byte) error { return pq.Verify(dsa, context, signed, message.Signature) })
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("session %s: %w", session, err)
	}
	key, err := e2ee.ParseAnnouncedKey(message.Ciphertext)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("message %d of session %s: %w", sequence, session, err)
	}
	return key, message.Timestamp, nil
}

// carry takes over the keys that a session begins with.
func (s *Session) carry(ctx context.Context, made *chain.CreateSession, suite e2ee.Suite) error {
	from, err := originOf(made)
	if err != nil || from == nil {
		return err
	}
	for i := range s.record.Members {
		if from.Sequences[i] == 0 {
			continue
		}
		member := &s.record.Members[i]
		key, _, err := s.m.announced(ctx, from.Session, from.Sequences[i], member.ID, member.DSA)
		if err != nil {
			return err
		}
		if key.Suite != suite {
			continue
		}
		member.Carried = key.PublicKey
		if member.ID == s.m.self {
			s.record.Carried = s.m.carried(from.Session, key.Epoch)
		}
	}
	return nil
}

// carried returns the secret half of a key that this member announced, nil if its file has it no
// more: others then reach it once it has announced itself.
func (m *Messenger) carried(session ids.ID, epoch uint32) []byte {
	before, err := m.peek(session)
	if err != nil || before == nil {
		return nil
	}
	protocol, err := e2ee.Restore(before.Protocol, e2ee.Secrets{Identity: m.config.Identity}, nil)
	if err != nil {
		return nil
	}
	defer protocol.Wipe()
	key, err := protocol.EpochKey(epoch)
	if err != nil {
		return nil
	}
	defer key.Wipe()
	return key.Seed()
}

// forgetOver erases all keys of a session that is over and was received to its end, once no
// session that follows it begins with them. A node may lie and this device's clock may be wrong,
// so the end is also reckoned from the deadline that the session's creator signed.
func (s *Session) forgetOver(total uint64, after time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	life := time.Duration(s.m.genesis.SessionTTL)*time.Second + after + carriedLife
	if err := s.usable(); err != nil || s.record.Over || !s.over || total >= s.record.Next || !s.m.now().After(s.record.Made.Add(life)) {
		return err
	}
	s.protocol.Wipe()
	clear(s.record.Carried)
	s.record.Carried, s.record.Over = nil, true
	return s.commit()
}

// forgetCarried erases the secret that the session began with, once it is old.
func (s *Session) forgetCarried() {
	if s.record.Carried == nil || !s.m.now().After(s.record.Made.Add(carriedLife)) {
		return
	}
	clear(s.record.Carried)
	s.record.Carried = nil
	s.secrets.Offers = nil
	_ = s.protocol.UseSecrets(s.secrets)
}
