package proofs

import (
	"fmt"

	"github.com/luxfi/session/chain"
)

// VerifyNoMessage checks that a verified statement about a session shows that the session
// has no message of a sequence: sequences count from 1 to the session's messages.
func VerifyNoMessage(session *Statement, sequence uint64) error {
	if session.Kind != KindSession {
		return chain.Refuse(chain.ErrProof, "a statement about a session", session.Kind)
	}
	if session.Present && sequence >= 1 && sequence <= session.Session.Messages {
		return chain.Refuse(chain.ErrProof, fmt.Sprintf("a sequence above %d", session.Session.Messages), sequence)
	}
	return nil
}

// VerifyComplete checks that messages, verified statements in the order of their
// sequences, are the last ones of a session in the state that a verified statement about
// it shows: all of them, if they begin with sequence 1. It follows the links from the
// session's head back, so that a message that is withheld or put in between is found.
//
// All statements must rest on blocks that are trusted; a message's record never changes,
// so its block may be any after the message.
func VerifyComplete(session *Statement, messages []*Statement) error {
	if session.Kind != KindSession || !session.Present {
		return chain.Refuse(chain.ErrProof, "a statement that a session is there", session.Kind)
	}
	head, sequence := session.Session.Head, session.Session.Messages
	for i := len(messages) - 1; i >= 0; i-- {
		m := messages[i]
		if m.Message == nil || m.ChainID != session.ChainID || m.Message.Session != session.ID {
			return chain.Refuse(chain.ErrProof, "a message of session "+session.ID.String(), m.Kind)
		}
		if m.Index != head || m.Message.Sequence != sequence {
			return chain.Refuse(chain.ErrProof, fmt.Sprintf("message %d with sequence %d", head, sequence), fmt.Sprintf("message %d with sequence %d", m.Index, m.Message.Sequence))
		}
		head, sequence = m.Message.Previous, sequence-1
	}
	return nil
}
