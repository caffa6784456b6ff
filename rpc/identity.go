package rpc

import (
	"context"
	"errors"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

func (r *request) registerIdentity(ctx context.Context, p *client.RegisterIdentityParams) (*client.RegisterIdentityResult, error) {
	body := &chain.RegisterIdentity{
		KEMPublicKey: p.KEMPublicKey, DSAPublicKey: p.DSAPublicKey, Deadline: p.Deadline,
		Work: p.Work, Issuer: p.Issuer, Until: p.Until, Admission: p.Admission,
	}
	if body.Deadline == 0 {
		body.Deadline = r.deadline()
	}
	id := chain.IdentityID(p.KEMPublicKey, p.DSAPublicKey)
	before, err := r.vm.Snapshot().Identity(id)
	if err != nil && !errors.Is(err, refusal.ErrNotFound) {
		return nil, err
	}
	answer := &client.RegisterIdentityResult{IdentityID: id}
	tx, err := r.submitBody(ctx, body, nil, p.Wait)
	if err != nil && !errors.Is(err, refusal.ErrIdentityRenewal) {
		return nil, err
	}
	identity, err := r.vm.Snapshot().Identity(id)
	if err != nil {
		return nil, instead(err, refusal.ErrNotRegistered, "a registered identity", id)
	}
	if tx == nil || before != nil && before.Number == identity.Number { // refused as too fresh, or the same transaction again
		answer.AlreadyRegistered = true
	} else {
		answer.TransactionID, answer.Height = tx.ID(), tx.Height
	}
	answer.Registered = timeOf(identity.Registered)
	answer.Expires = timeOf(identity.Registered + r.vm.Genesis().IdentityLife())
	return answer, nil
}

func (r *request) getIdentity(_ context.Context, p *client.GetIdentityParams) (*client.GetIdentityResult, error) {
	identity, err := r.vm.Snapshot().Identity(p.IdentityID)
	if err != nil {
		return nil, instead(err, refusal.ErrNotRegistered, "the ID of a registered identity", p.IdentityID)
	}
	answer := client.Identity{
		ID:           p.IdentityID,
		Text:         identityText(p.IdentityID),
		KEMPublicKey: identity.KEMPublicKey,
		DSAPublicKey: identity.DSAPublicKey,
		Registered:   timeOf(identity.Registered),
		Expires:      timeOf(identity.Registered + r.vm.Genesis().IdentityLife()),
		Number:       identity.Number,
		Channels:     identity.Channels,
		Prekey:       identity.Prekey,
		PrekeyNumber: identity.PrekeyNumber,

		SingleSession: identity.SingleSession,
	}
	if identity.PrekeyNumber > 0 {
		answer.PrekeyTime = timeOf(identity.PrekeyTime)
	}
	return &client.GetIdentityResult{Identity: answer}, nil
}
