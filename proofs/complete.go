package proofs

import (
	"fmt"

	"github.com/luxfi/session/refusal"
)

// VerifyNoMessage checks that a verified statement about a session shows that the session
// has no message of a sequence: sequences count from 1 to the session's messages, and a
// session that is not there has none.
func VerifyNoMessage(session *Statement, sequence uint64) error {
	if session == nil || session.Kind != KindSession {
		return refusal.Wrap(ErrStatement, refusal.ErrProof, "a statement about a session", kindOf(session))
	}
	if !session.Present {
		return nil
	}
	if session.Session == nil {
		return refusal.Wrap(ErrStatement, refusal.ErrProof, "a session's record", "none")
	}
	if sequence >= 1 && sequence <= session.Session.Messages {
		return refusal.Wrap(ErrStatement, refusal.ErrProof, fmt.Sprintf("a sequence above %d", session.Session.Messages), sequence)
	}
	return nil
}

// VerifyComplete checks that messages, verified statements in the order of their
// sequences, are all messages of a session in the state that a verified statement about
// it shows. See VerifySince.
func VerifyComplete(session *Statement, messages []*Statement) error {
	return VerifySince(session, 1, messages)
}

// VerifySince checks that messages, verified statements in the order of their sequences,
// are all messages of a session from a sequence on, in the state that a verified
// statement about it shows. It follows the links from the session's head back, so that a
// message that is withheld, repeated or put in between is found.
//
// All statements must rest on blocks that are trusted. A message's record never changes,
// so its block may be any that has it: also an old one, if the message has since left the
// tree.
func VerifySince(session *Statement, sequence uint64, messages []*Statement) error {
	if session == nil || session.Kind != KindSession || !session.Present || session.Session == nil {
		return refusal.Wrap(ErrStatement, refusal.ErrProof, "a statement that a session is there", kindOf(session))
	}
	head, last := session.Session.Head, session.Session.Messages
	if sequence < 1 || sequence-1 > last {
		return refusal.Wrap(ErrIncomplete, refusal.ErrProof, fmt.Sprintf("a first sequence from 1 to %d", last+1), sequence)
	}
	if count := last - (sequence - 1); uint64(len(messages)) != count {
		return refusal.Wrap(ErrIncomplete, refusal.ErrProof, fmt.Sprintf("%d messages, of sequences %d to %d", count, sequence, last), len(messages))
	}
	for i := len(messages) - 1; i >= 0; i-- {
		m := messages[i]
		if m == nil || m.Kind != KindMessage || m.Message == nil || m.ChainID != session.ChainID || m.Message.Session != session.ID {
			return refusal.Wrap(ErrStatement, refusal.ErrProof, "a message of session "+session.ID.String(), kindOf(m))
		}
		if m.Index != head || m.Message.Sequence != last {
			return refusal.Wrap(ErrIncomplete, refusal.ErrProof, fmt.Sprintf("message %d with sequence %d", head, last), fmt.Sprintf("message %d with sequence %d", m.Index, m.Message.Sequence))
		}
		head, last = m.Message.Previous, last-1
	}
	if last == 0 && head != 0 {
		return refusal.Wrap(ErrIncomplete, refusal.ErrProof, "a first message with none before it", fmt.Sprintf("message %d", head))
	}
	return nil
}

func kindOf(s *Statement) string {
	switch {
	case s == nil:
		return "none"
	case !s.Present:
		return "absence of a " + string(s.Kind)
	default:
		return string(s.Kind)
	}
}
