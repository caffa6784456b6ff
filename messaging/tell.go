package messaging

import (
	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// tell adds what a message says to the inbox.
func (s *Session) tell(event Event, content e2ee.ContentType, encoded []byte) (err error) {
	switch {
	case content == e2ee.ContentProof:
		event.Kind = KindRevealed
		if event.Identity, err = s.revealed(event.Sender, encoded); err == nil {
			err = s.introduced(event.Sender, event.Identity)
		}
	case content == e2ee.ContentAnswer:
		return s.tellAnswer(event, encoded)
	case content == e2ee.ContentGreeting:
		return s.tellGreeting(event, encoded)
	case isOfGroup(content):
		event.Kind = KindGroup
		if err = s.takeGroup(event.Sender, content, encoded); err != nil && event.Own && content == e2ee.ContentSeats {
			s.greetAgain()
		}
	default:
		event.Kind, event.Type, event.Content = kindOf(content, encoded), content, encoded
	}
	if err != nil {
		return err
	}
	s.record.add(event)
	return nil
}

// tellAnswer adds to the inbox who has answered an invitation, and what the answer says.
func (s *Session) tellAnswer(event Event, encoded []byte) error {
	answer, err := e2ee.ParseAnswer(encoded)
	if err != nil {
		return err
	}
	p := s.self.pair
	if p == nil || p.Group != ids.Empty || event.Sender != s.record.Creator {
		return refusal.Because(e2ee.ErrProof, "expected an answer of who has made a private session, got one of %s", pq.FormatID(event.Sender))
	}
	behind, key := p.With, p.Key
	if event.Own {
		behind, key = s.m.self, s.m.config.Identity.Public().DSA
	}
	if err := answer.Verify(s.m.chainID, s.id, event.Sender, behind, key); err != nil {
		return err
	}
	revealed := event
	revealed.Kind, revealed.Identity = KindRevealed, behind
	s.record.add(revealed)
	if answer.Type == e2ee.ContentText && len(answer.Content) == 0 {
		return nil
	}
	return s.tell(event, answer.Type, answer.Content)
}

// tellGreeting adds to the inbox what a member tells the group first.
func (s *Session) tellGreeting(event Event, encoded []byte) error {
	greeting, err := e2ee.ParseGreeting(encoded)
	if err == nil && s.record.Group == ids.Empty {
		err = refusal.Because(e2ee.ErrMalformed, "expected nothing of groups, got a greeting")
	}
	for i := 0; err == nil && i < len(greeting); i++ {
		err = s.tell(event, greeting[i].Type, greeting[i].Content)
	}
	return err
}
