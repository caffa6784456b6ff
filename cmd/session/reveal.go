package main

import (
	"context"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
)

// reveal adds to a proof of this identity's own message or receipt in a private session that it is behind it.
func (s *shell) reveal(ctx context.Context, bundle *proofs.Bundle) error {
	shows, statement, err := verifyBundle(bundle, nil)
	if err != nil {
		return err
	}
	if statement.Transaction == nil {
		return usage("--reveal is for a message or a receipt that is there")
	}
	identity, n, err := s.actor(ctx)
	if err != nil {
		return err
	}
	m, err := s.openMailbox(ctx, identity, n)
	if err != nil {
		return err
	}
	pseudonym, err := m.Pseudonym(shows.Session)
	if err != nil {
		return err
	}
	switch actor := statement.Transaction.Body.Actor(); {
	case actor == identity.ID():
		return usage("%s shows itself: --reveal is for private sessions", pq.FormatID(actor))
	case actor != pseudonym.ID():
		return usage("%s is none of your pseudonyms: whoever is behind it can make a proof with --reveal", pq.FormatID(actor))
	}
	public := identity.Public()
	return bundle.Disclose(public.KEM, public.DSA, identity.Sign, pseudonym.Sign)
}
