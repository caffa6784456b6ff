package e2ee

import (
	"math"
	"slices"

	"github.com/luxfi/session/refusal"
)

// Sealed is what goes onto the chain, in this order: Ciphertexts has it. The state must be stored before it does:
// a state from before would seal again with the same keys, and its messages be refused.
type Sealed struct {
	// Announcement starts a new epoch, nil if none was due.
	Announcement []byte
	// Message is the message, nil after Rotate.
	Message []byte
	// Epoch and Index are the message's.
	Epoch, Index uint32
	// Reason says why there is an announcement.
	Reason Reason
}

// Ciphertexts returns what is sent: the announcement with the message after it, or one after the other if both
// together have more than a number of bytes.
func (s *Sealed) Ciphertexts(most int) [][]byte {
	switch {
	case s.Announcement == nil:
		return [][]byte{s.Message}
	case s.Message == nil:
		return [][]byte{s.Announcement}
	case len(s.Announcement)+len(s.Message) > most:
		return [][]byte{s.Announcement, s.Message}
	default:
		return [][]byte{slices.Concat(s.Announcement, s.Message)}
	}
}

// Seal encrypts content to the other members, and begins a new epoch before that if one is
// due. Seen is how far this member has read, which the others are told. Seal needs no answer from
// anybody. Where an epoch begins, a Silent member whose prekey was not given can't read it: it is
// ErrPrekey if that is all of them. The sender cannot open what it sealed: it keeps the content if it
// wants to see it again.
func (s *Session) Seal(now uint64, seen Seen, kind ContentType, content []byte) (Sealed, error) {
	if len(content) > MaxContent {
		return Sealed{}, refusal.Because(ErrSize, "expected at most %d bytes, got %d: send an attachment", MaxContent, len(content))
	}
	prepared, err := s.prepareDue(now, s.dueReason(now))
	if err != nil {
		return Sealed{}, err
	}
	sending := s.sending
	var sealed Sealed
	if prepared != nil {
		sending = prepared.sending
		sealed = Sealed{Announcement: prepared.encoded, Reason: prepared.reason}
	}
	if sending.next == math.MaxUint32 {
		return Sealed{}, refusal.Because(ErrExhausted, "expected fewer messages in one epoch")
	}
	key, next := step(sending.chain, labelMessage)
	defer clear(key[:])
	padded, err := pad(s.random, seen, kind, content)
	if err != nil {
		prepared.wipe()
		return Sealed{}, err
	}
	defer clear(padded)
	header := appendMessageHeader(make([]byte, 0, MessageOverhead+len(padded)), sending.epoch, sending.next)
	associated := associatedData(s.session, s.self, sending.transcript, header)
	message, err := sealMessage(header, key, padded, associated)
	if err != nil {
		prepared.wipe()
		return Sealed{}, err
	}

	if prepared != nil {
		s.commitEpoch(prepared)
	}
	sealed.Message, sealed.Epoch, sealed.Index = message, s.sending.epoch, s.sending.next
	s.sending.chain = next
	s.sending.next++
	s.forget(now)
	return sealed, nil
}

// Rotate begins a new epoch and asks the others to renew their keys with their next message.
// Whoever suspects that its state was copied calls it; once another member has answered, the
// copy reads nothing new between them.
func (s *Session) Rotate(now uint64) (Sealed, error) {
	prepared, err := s.prepareDue(now, ReasonAsked)
	if err != nil {
		return Sealed{}, err
	}
	s.commitEpoch(prepared)
	s.forget(now)
	return Sealed{Announcement: prepared.encoded, Reason: prepared.reason, Epoch: s.sending.epoch}, nil
}

func (s *Session) dueReason(now uint64) Reason {
	if len(s.peers) == 0 {
		return ReasonNone
	}
	return s.RotationDue(now)
}

func (s *Session) prepareDue(now uint64, reason Reason) (*preparedEpoch, error) {
	if len(s.peers) == 0 {
		return nil, refusal.Because(ErrWiped, "expected a session that has its keys")
	}
	if reason == ReasonNone {
		return nil, nil
	}
	return s.prepareEpoch(now, reason)
}
