package messaging

import (
	"context"
	"sync/atomic"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// maxCircuits bounds how many circuits' clients are kept.
const maxCircuits = 1024

// over is the Messenger on the circuit of a pseudonym. Of the identity itself, and without Config.Circuit, it is
// the one of Config.Client.
func (m *Messenger) over(pseudonym ids.ID) (*Messenger, error) {
	if m.config.Circuit == nil || pseudonym == m.self {
		return m.own, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if on := m.circuits[pseudonym]; on != nil {
		return on, nil
	}
	on, err := m.open(pseudonym)
	if err != nil {
		return nil, err
	}
	if m.circuits == nil || len(m.circuits) >= maxCircuits {
		m.circuits = make(map[ids.ID]*Messenger)
	}
	m.circuits[pseudonym] = on
	return on, nil
}

// overNew is the Messenger on a circuit that is used for nothing else.
func (m *Messenger) overNew() (*Messenger, error) {
	if m.config.Circuit == nil {
		return m.own, nil
	}
	return m.open(newID())
}

func (m *Messenger) open(circuit ids.ID) (*Messenger, error) {
	c, err := m.config.Circuit(circuit)
	if err == nil && c == nil {
		err = refusal.Because(ErrConfig, "expected a client of each circuit, got none")
	}
	return &Messenger{m.shared, c, new(atomic.Uint64)}, err
}

// in is who this identity is in a session, and the Messenger on its circuit.
func (m *Messenger) in(session ids.ID) (*Messenger, *actor, error) {
	self, err := m.actorOf(session)
	if err != nil {
		return nil, nil, err
	}
	on, err := m.over(self.id)
	return on, self, err
}

// SessionInfo returns what the node says of a session: nothing of it is proven. A private one is asked for on
// its circuit, as with the methods below.
func (m *Messenger) SessionInfo(ctx context.Context, session ids.ID) (*client.Session, error) {
	on, _, err := m.in(session)
	if err != nil {
		return nil, err
	}
	answer, err := on.client.GetSession(ctx, client.GetSessionParams{SessionID: session})
	if err != nil {
		return nil, err
	}
	if answer.Session.ID != session {
		return nil, refusal.Because(ErrNode, "expected session %s, got %s", session, answer.Session.ID)
	}
	return &answer.Session, nil
}

// AwaitMessage waits, for a while, until a session has a message of a sequence. It does not open it, so other
// programs can use the session meanwhile.
func (m *Messenger) AwaitMessage(ctx context.Context, session ids.ID, sequence uint64, wait client.Seconds) error {
	on, _, err := m.in(session)
	if err == nil {
		_, err = on.client.ListMessages(ctx, client.ListMessagesParams{SessionID: session, From: sequence, Limit: 1, Wait: wait})
	}
	return err
}
