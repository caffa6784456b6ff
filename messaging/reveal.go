package messaging

import (
	"context"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

// Reveal shows the other members, inside the encryption, which identity stands behind this one,
// which is private to the session (pq.Identity.Private). They can show others that this identity says
// so; see Pseudonym for what both sign. Errors are those of Send.
func (s *Session) Reveal(ctx context.Context, behind *pq.Identity) (Sent, error) {
	proof, err := e2ee.ProveIdentity(behind, s.m.chainID, s.id, s.self.id)
	if err != nil {
		return Sent{}, err
	}
	return s.SendAs(ctx, e2ee.ContentProof, proof.Bytes())
}

// Pseudonym returns as whom this identity signs in a session: its pseudonym in a private one, else itself. With
// both, proofs.Bundle.Disclose shows everybody who stands behind a message or a receipt.
func (m *Messenger) Pseudonym(session ids.ID) (*pq.Identity, error) {
	self, err := m.actorOf(session)
	if err != nil {
		return nil, err
	}
	return self.identity, nil
}

// draftAnswer adds to a side that is made the answer to an invitation: the proof of who answers, and the first of what is said if it
// fits beside that.
func (s *Session) draftAnswer(said ...*Draft) error {
	draft := &Draft{Type: e2ee.ContentAnswer}
	var first Draft
	if len(said) > 0 && len(said[0].Content)+e2ee.AnswerOverhead <= e2ee.MaxContent {
		first, draft.Origin = *said[0], said[0].Origin
		s.record.Origins = append(s.record.Origins, first.Origin)
	}
	answer, err := e2ee.AnswerAs(s.m.config.Identity, s.m.chainID, s.id, s.self.id, first.Type, first.Content)
	if err != nil {
		return err
	}
	draft.Content = answer.Bytes()
	s.record.Drafts = append(s.record.Drafts, draft)
	return nil
}

// addUnsent adds content to the inbox that the session did not take. Of an answer that is what it says.
func (r *record) addUnsent(content e2ee.ContentType, encoded []byte) {
	if content == e2ee.ContentAnswer {
		answer, err := e2ee.ParseAnswer(encoded)
		if err != nil || len(answer.Content) == 0 {
			return
		}
		content, encoded = answer.Type, answer.Content
	}
	r.add(Event{Kind: KindUnsent, Own: true, Type: content, Content: encoded})
}

// revealed returns the identity that a proof shows to stand behind a member.
func (s *Session) revealed(member ids.ID, content []byte) (ids.ID, error) {
	proof, err := e2ee.ParseIdentityProof(content)
	if err != nil {
		return ids.Empty, err
	}
	identity, err := proof.Verify(s.m.chainID, s.id, member)
	return ids.ID(identity), err
}
