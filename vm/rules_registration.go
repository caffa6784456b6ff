package vm

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func (r *rules) checkRegisterIdentity(body *chain.RegisterIdentity) error {
	if err := r.checkDeadline(body.Deadline); err != nil {
		return err
	}
	id := chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey)
	identity, exists, err := r.state.Identity(id)
	if err != nil {
		return err
	}
	bits := r.genesis.Registration.Bits
	if exists {
		if renewal := identity.Registered + r.genesis.IdentityLife()/2; r.now < renewal {
			return refusal.New(refusal.ErrIdentityRenewal, fmt.Sprintf("a renewal from %d on (Unix milliseconds)", renewal), r.now)
		}
	} else {
		if r.totals.LiveIdentities >= r.genesis.Limits.MaxIdentities {
			return refusal.New(refusal.ErrIdentityLimit, fmt.Sprintf("fewer than %d registered identities", r.genesis.Limits.MaxIdentities), r.totals.LiveIdentities)
		}
		bits = r.genesis.NewBits(r.totals.LiveIdentities)
	}
	return r.checkPrice(id, body, bits)
}

// checkPrice refuses a registration that has not paid what the genesis asks for. It costs two
// hashes at most: an issuer's signature is checked apart, see verifier.
func (r *rules) checkPrice(id ids.ID, body *chain.RegisterIdentity, bits uint64) error {
	price := &r.genesis.Registration
	switch {
	case price.Mode != chain.RegistrationIssuer && body.Issuer != 0:
		return refusal.New(refusal.ErrUnexpectedSignature, "no issuer: the registrations of this chain are "+price.Mode, body.Issuer)
	case price.Mode == chain.RegistrationWork:
		return r.checkWork(id, body.Work, bits)
	case price.Mode == chain.RegistrationIssuer:
		return r.checkAdmission(id, body)
	}
	return nil
}

func (r *rules) checkWork(id ids.ID, work, bits uint64) error {
	most := uint64(0)
	for _, beacon := range r.beacons {
		most = max(most, chain.NewChallenge(r.chainID, id, beacon).Bits(work))
	}
	if most < bits {
		return refusal.New(refusal.ErrWork, fmt.Sprintf("work of %d bits for beacon %s or %s", bits, r.beacons[0], r.beacons[1]), fmt.Sprintf("%d bits", most))
	}
	return nil
}

func (r *rules) checkAdmission(id ids.ID, body *chain.RegisterIdentity) error {
	if issuers := uint64(len(r.genesis.Registration.Issuers)); body.Issuer == 0 || body.Issuer > issuers {
		return refusal.New(refusal.ErrNotAdmitted, fmt.Sprintf("an admission of %s by one of the %d issuers of the genesis: ask one of them", id, issuers), fmt.Sprintf("issuer %d", body.Issuer))
	}
	if r.now > body.Until {
		return refusal.New(refusal.ErrNotAdmitted, fmt.Sprintf("an admission that is good at %d (Unix milliseconds): ask for another", r.now), body.Until)
	}
	return nil
}
