package vm

import (
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// newcomer is an identity that registers in the transaction that is being checked.
type newcomer struct {
	id       ids.ID
	identity *chain.Identity // nil: nobody does
}

// registration returns the registration that a transaction does, nil if none: it is one, or it carries
// that of its actor, who is not registered. What else is carried is not looked at: whoever has seen it
// could have registered the actor first.
func (r *rules) registration(tx *chain.Transaction) (*chain.RegisterIdentity, error) {
	if body, ok := tx.Body.(*chain.RegisterIdentity); ok {
		return body, r.checkDeadline(body.Deadline)
	}
	if needs, err := r.needsRegistration(tx); !needs || err != nil {
		return nil, err
	}
	return tx.Registration, nil
}

// needsRegistration reports whether a transaction carries a registration and its actor is not registered.
func (r *rules) needsRegistration(tx *chain.Transaction) (bool, error) {
	if tx.Registration == nil {
		return false, nil
	}
	_, err := r.registered(tx.Body.Actor())
	if errors.Is(err, refusal.ErrNotRegistered) {
		return true, nil
	}
	return false, err
}

// needed returns a transaction without the registration that it carries and does not need.
func (r *rules) needed(tx *chain.Transaction) (*chain.Transaction, error) {
	needs, err := r.needsRegistration(tx)
	if err == nil && !needs {
		tx = tx.WithoutRegistration()
	}
	return tx, err
}

// registering returns the rules for what follows a transaction's registration. It refuses one that may not be done.
func (r *rules) registering(tx *chain.Transaction, body *chain.RegisterIdentity) (*rules, error) {
	id := chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey)
	identity, exists, err := r.state.Identity(id)
	if err != nil {
		return nil, err
	}
	bits := r.genesis.Registration.Bits
	if exists {
		if renewal := identity.Registered + r.genesis.IdentityLife()/2; r.now < renewal {
			return nil, refusal.New(refusal.ErrIdentityRenewal, fmt.Sprintf("a renewal from %d on (Unix milliseconds)", renewal), r.now)
		}
	} else {
		if r.totals.LiveIdentities >= r.genesis.Limits.MaxIdentities {
			return nil, refusal.New(refusal.ErrIdentityLimit, fmt.Sprintf("fewer than %d registered identities", r.genesis.Limits.MaxIdentities), r.totals.LiveIdentities)
		}
		bits = r.genesis.NewBits(r.totals.LiveIdentities)
		identity = &chain.Identity{KEMPublicKey: body.KEMPublicKey, DSAPublicKey: body.DSAPublicKey, Since: r.now}
	}
	after := *r
	after.newcomer = newcomer{id, identity}
	if tx.Warp != nil {
		return &after, r.checkContract(id, tx.Warp)
	}
	return &after, r.checkPrice(id, body, bits)
}

// checkContract refuses a registration by a contract that admits nobody. That the contract has sent it is checked apart, see
// checkReceived.
func (r *rules) checkContract(id ids.ID, from *chain.ReceiveWarp) error {
	price := &r.genesis.Registration
	switch {
	case price.Mode != chain.RegistrationIssuer:
		return refusal.New(refusal.ErrNotAdmitted, "a registration of "+id.String()+" that no contract sends: those of this chain are "+price.Mode, from.Contract())
	case !price.Admits(from):
		return refusal.New(refusal.ErrNotAdmitted, fmt.Sprintf("an admission of %s by one of the %d contracts of the genesis: have one of them send it", id, len(price.Contracts)),
			fmt.Sprintf("address %x on chain %s", from.Address, from.SourceChain))
	}
	return nil
}

// checkPrice refuses a registration that has not paid what the genesis asks for. It costs two
// hashes at most: an issuer's signature is checked apart, see verifier.
func (r *rules) checkPrice(id ids.ID, body *chain.RegisterIdentity, bits uint64) error {
	price := &r.genesis.Registration
	switch {
	case price.Mode != chain.RegistrationIssuer && body.Issuer != 0:
		return refusal.New(refusal.ErrUnexpectedSignature, "no issuer: the registrations of this chain are "+price.Mode, body.Issuer)
	case price.Mode == chain.RegistrationWork:
		return r.checkWork(body.Work, bits, func(beacon ids.ID) chain.Challenge { return chain.NewChallenge(r.chainID, id, beacon) })
	case price.Mode == chain.RegistrationIssuer:
		return r.checkAdmission(id, body)
	}
	return nil
}

// checkWork refuses a work that has too few bits for both beacons.
func (r *rules) checkWork(work, bits uint64, challenge func(beacon ids.ID) chain.Challenge) error {
	most := uint64(0)
	for _, beacon := range r.beacons {
		most = max(most, challenge(beacon).Bits(work))
	}
	if most < bits {
		return refusal.New(refusal.ErrWork, fmt.Sprintf("work of %d bits for beacon %s or %s", bits, r.beacons[0], r.beacons[1]), fmt.Sprintf("%d bits", most))
	}
	return nil
}

func (r *rules) checkAdmission(id ids.ID, body *chain.RegisterIdentity) error {
	price := &r.genesis.Registration
	if issuers := uint64(len(price.Issuers)); body.Issuer == 0 || body.Issuer > issuers {
		return refusal.New(refusal.ErrNotAdmitted, fmt.Sprintf("an admission of %s by one of the %d issuers or %d contracts of the genesis: ask one of them", id, issuers, len(price.Contracts)), fmt.Sprintf("issuer %d", body.Issuer))
	}
	if r.now > body.Until {
		return refusal.New(refusal.ErrNotAdmitted, fmt.Sprintf("an admission that is good at %d (Unix milliseconds): ask for another", r.now), body.Until)
	}
	return nil
}
