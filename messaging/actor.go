package messaging

import (
	"context"
	"errors"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// actor is who this side of a session is: the Messenger's own identity, or a pseudonym of it, which it
// has in that session alone.
type actor struct {
	id       ids.ID
	identity *pq.Identity
	secrets  func() e2ee.Secrets
	pair     *pair // what the pseudonym was made for; nil for the Messenger's own identity
}

// root is the Messenger's own identity.
func (m *Messenger) root() *actor {
	return &actor{id: m.self, identity: m.config.Identity, secrets: m.secrets}
}

// sign returns the transaction of a body in which the actor acts.
func (a *actor) sign(chainID ids.ID, body chain.Body) (*chain.Transaction, error) {
	signature, err := a.identity.Sign(body.Context(), chain.SigningBytes(chainID, body))
	if err != nil {
		return nil, err
	}
	return chain.NewTransaction(chainID, body, signature)
}

// act signs a transaction in which this identity acts, and waits until it is accepted.
func (m *Messenger) act(ctx context.Context, body chain.Body) (*client.TransactionResult, error) {
	tx, err := m.root().sign(m.chainID, body)
	if err != nil {
		return nil, err
	}
	return m.issue(ctx, tx.ID(), tx.Bytes(), m.wait)
}

// issueAs is issue for what an actor signed. If it is not registered it becomes so: this identity
// before, and a pseudonym in the same transaction, whose ID stays what it was.
func (m *Messenger) issueAs(ctx context.Context, self *actor, id ids.ID, encoded []byte, wait client.Seconds) (*client.TransactionResult, error) {
	result, err := m.issue(ctx, id, encoded, wait)
	if !errors.Is(err, refusal.ErrNotRegistered) {
		return result, err
	}
	if self.pair == nil {
		if err := m.register(ctx); err != nil { // it has lapsed
			return nil, err
		}
		return m.issue(ctx, id, encoded, wait)
	}
	tx, err := chain.ParseTransaction(m.chainID, encoded)
	if err != nil {
		return nil, err
	}
	public := self.identity.Public()
	result, err = m.client.SendRegistering(ctx, tx, public.KEM, public.DSA)
	return m.accepted(id, result, err)
}
