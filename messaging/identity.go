package messaging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// maxIdentities bounds how many identities' keys are kept.
const maxIdentities = 1024

// register registers this identity, or renews it. One that is registered goes on without an admission to a renewal.
func (m *Messenger) register(ctx context.Context) error {
	public := m.config.Identity.Public()
	registered, err := m.client.RegisterIdentity(ctx, client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Wait: m.wait})
	if errors.Is(err, refusal.ErrNotAdmitted) {
		known, asked := m.client.GetIdentity(ctx, client.GetIdentityParams{IdentityID: m.self})
		if asked == nil && known.Identity.Expires.After(m.now()) {
			m.warn(fmt.Errorf("the registration ends at %s and can be renewed: %w", known.Identity.Expires.UTC().Format(time.RFC3339), err))
			return nil
		}
	}
	if err != nil {
		return err
	}
	if registered.IdentityID != m.self {
		return refusal.Because(ErrNode, "it registered %s instead of %s", pq.FormatID(registered.IdentityID), pq.FormatID(m.self))
	}
	return nil
}

// meet takes the keys of identities that are not known yet with one request.
func (m *Messenger) meet(ctx context.Context, identities []ids.ID) error {
	var strangers []ids.ID
	for _, id := range identities {
		if _, known := m.known(id); !known {
			strangers = append(strangers, id)
		}
	}
	if len(strangers) == 0 {
		return nil
	}
	_, _, err := m.identityLeaves(ctx, 0, strangers...)
	return err
}

// identity returns the registered keys of an identity. They are what its ID commits to, and so
// the same for ever: the node is asked once.
func (m *Messenger) identity(ctx context.Context, id ids.ID) (pq.PublicIdentity, error) {
	if public, known := m.known(id); known {
		return public, nil
	}
	answer, err := m.client.GetIdentity(ctx, client.GetIdentityParams{IdentityID: id})
	if err != nil {
		return pq.PublicIdentity{}, fmt.Errorf("identity %s: %w", pq.FormatID(id), err)
	}
	public, err := pq.IdentityOf(id, answer.Identity.KEMPublicKey, answer.Identity.DSAPublicKey)
	if err != nil {
		return pq.PublicIdentity{}, refusal.Because(ErrNode, "%w", err)
	}
	m.keep(id, public)
	return public, nil
}

// known returns the keys of an identity that has been asked for before, or is configured.
func (m *Messenger) known(id ids.ID) (pq.PublicIdentity, bool) {
	if id == m.self {
		return m.config.Identity.Public(), true
	}
	for _, known := range m.config.Known {
		if known.ID() == id {
			return known, true
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	public, known := m.identities[id]
	return public, known
}

func (m *Messenger) keep(id ids.ID, public pq.PublicIdentity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.identities == nil || len(m.identities) >= maxIdentities {
		m.identities = make(map[ids.ID]pq.PublicIdentity)
	}
	m.identities[id] = public
}
