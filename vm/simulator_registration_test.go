package vm

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// simulatedIssuers admit identities in the simulator; the last one is none of the genesis's.
var simulatedIssuers = sync.OnceValue(func() []*pq.Identity {
	return []*pq.Identity{identity(2000), identity(2001), identity(2002)}
})

// simulatedRegistration is a price of each kind.
func simulatedRegistration(random *rand.Rand) chain.Registration {
	switch random.IntN(3) {
	case 0:
		return chain.Registration{Mode: chain.RegistrationOpen}
	case 1:
		return chain.Registration{Mode: chain.RegistrationWork, Bits: 1 + random.Uint64N(6)}
	default:
		issuers, price := simulatedIssuers(), chain.Registration{Mode: chain.RegistrationIssuer}
		kind := random.IntN(3)
		if kind > 0 {
			price.Issuers = []chain.Bytes{issuers[0].Public().DSA, issuers[1].Public().DSA}
		}
		if kind < 2 {
			price.Contracts = []chain.Contract{{Chain: simulatedSources[0], Address: chain.Bytes{7}}, {Chain: simulatedSources[1], Address: chain.Bytes{8}}}
		}
		return price
	}
}

// admits reports whether the genesis lets a contract admit identities.
func (o *oracle) admits(from *chain.ReceiveWarp) bool {
	for _, c := range o.genesis.Registration.Contracts {
		if chain.ContractID(c.Chain, c.Address) == from.Contract() {
			return true
		}
	}
	return false
}

// next returns the state at the beginning of a child of the block.
func (b *simulatedBlock) next(timestamp, pChainHeight uint64) (*oracle, int) {
	return b.state.next(timestamp, b.ID(), pChainHeight)
}

// turnBeacon takes the parent as a beacon when a window begins.
func (o *oracle) turnBeacon(before uint64, parent ids.ID) {
	window := 1000 * o.genesis.Limits.TransactionWindow
	if o.now/window != before/window {
		o.beacons = []ids.ID{parent, o.beacons[0]}
	}
}

// zeros counts the leading zero bits of a work, as docs/PROTOCOL.md has it.
func zeros(of string, id, beacon ids.ID, work uint64) (most uint64) {
	challenge := sha256.Sum256(slices.Concat([]byte("sessionvm/"+of+"-work/v1\x00"), testChainID[:], id[:], beacon[:]))
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(challenge[:], work))
	digits := fmt.Sprintf("%0256b", new(big.Int).SetBytes(sum[:]))
	return uint64(strings.IndexByte(digits+"1", '1'))
}

// bits returns what the registration of an identity costs.
func (o *oracle) bits(id ids.ID) uint64 {
	bits := o.genesis.Registration.Bits
	if _, renews := o.identities[id]; renews {
		return bits
	}
	return bits + scarcity(o.genesis.Limits.MaxIdentities, uint64(len(o.identities)))
}

// scarcity returns how often what is free has to double to be all.
func scarcity(most, taken uint64) (bits uint64) {
	for free := max(most, taken+1) - taken; 2*free <= most; free *= 2 {
		bits++
	}
	return bits
}

// registration returns the registration that a transaction does, nil if none.
func (o *oracle) registration(tx *chain.Transaction) *chain.RegisterIdentity {
	if body, ok := tx.Body.(*chain.RegisterIdentity); ok {
		return body
	}
	if _, registered := o.identities[tx.Body.Actor()]; registered {
		return nil
	}
	return tx.Registration
}

// needed returns a transaction as a node looks at it: without a registration that it carries and does not need.
func (o *oracle) needed(tx *chain.Transaction) *chain.Transaction {
	if o.registration(tx) == nil {
		return tx.WithoutRegistration()
	}
	return tx
}

// register returns the state in which a registration is done.
func (o *oracle) register(body *chain.RegisterIdentity) *oracle {
	after := *o
	id := chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey)
	after.identities = maps.Clone(o.identities)
	after.registrations = append(slices.Clip(o.registrations), id)
	identity, renews := o.identities[id]
	identity.kem, identity.dsa, identity.since, identity.number = body.KEMPublicKey, body.DSAPublicKey, o.now, len(after.registrations)
	if !renews {
		identity.first = o.now
	}
	after.identities[id] = identity
	after.registered++
	return &after
}

// refuseRegistration refuses a registration that may not be done, or has not paid.
func (o *oracle) refuseRegistration(refuse func(bool, refusal.Reason), tx *chain.Transaction, body *chain.RegisterIdentity) {
	limits := o.genesis.Limits
	id := chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey)
	identity, ok := o.identities[id]
	refuse(ok && o.now < identity.since+o.identityLife()/2, refusal.ErrIdentityRenewal)
	refuse(!ok && uint64(len(o.identities)) >= limits.MaxIdentities, refusal.ErrIdentityLimit)
	refuse(o.registered >= limits.MaxBlockRegistrations, refusal.ErrIdentityBlockLimit)
	if tx.Warp != nil {
		refuse(!o.admits(tx.Warp), refusal.ErrNotAdmitted)
		return
	}
	price := o.genesis.Registration
	switch price.Mode {
	case chain.RegistrationWork:
		paid := max(zeros("registration", id, o.beacons[0], body.Work), zeros("registration", id, o.beacons[1], body.Work))
		refuse(paid < o.bits(id), refusal.ErrWork)
		refuse(body.Issuer != 0, refusal.ErrUnexpectedSignature)
	case chain.RegistrationIssuer:
		refuse(body.Issuer == 0 || body.Issuer > uint64(len(price.Issuers)) || body.Until < o.now, refusal.ErrNotAdmitted)
	default:
		refuse(body.Issuer != 0, refusal.ErrUnexpectedSignature)
	}
}

// registration returns a registration that has mostly paid what it costs.
func (g *simulatedTransactions) registration(o *oracle) *chain.RegisterIdentity {
	body := g.registrationOf(o, g.person())
	body.Deadline = g.deadline(o)
	return body
}

// carry lets a transaction carry its signer's registration, mostly one that is needed.
func (g *simulatedTransactions) carry(o *oracle, signer *pq.Identity, tx *chain.Transaction) *chain.Transaction {
	if signer == nil {
		return tx
	}
	often := 80
	if _, registered := o.identities[signer.ID()]; registered {
		often = 10
	}
	if !g.chance(often) {
		return tx
	}
	if carrying, err := tx.WithRegistration(g.registrationOf(o, signer)); err == nil { // else another is to sign
		return carrying
	}
	return tx
}

// registrationOf returns a registration that has mostly paid what it costs, without a deadline.
func (g *simulatedTransactions) registrationOf(o *oracle, person *pq.Identity) *chain.RegisterIdentity {
	public := person.Public()
	body := &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA}
	mode := o.genesis.Registration.Mode
	if g.chance(5) {
		mode = pick(g.random, []string{chain.RegistrationOpen, chain.RegistrationIssuer})
	}
	switch mode {
	case chain.RegistrationWork:
		beacon, bits := pick(g.random, o.beacons), o.bits(public.ID())
		if g.chance(5) {
			bits--
		}
		for zeros("registration", public.ID(), beacon, body.Work) < bits {
			body.Work++
		}
	case chain.RegistrationIssuer:
		body.Issuer = 1 + g.random.Uint64N(2)
		if g.chance(5) {
			body.Issuer = 3
		}
		body.Until = o.now + 1000*g.random.Uint64N(3000)
		if g.chance(5) {
			body.Until = o.now - 1
		}
	}
	if body.Issuer != 0 {
		signature, err := simulatedIssuers()[body.Issuer-1].SignDeterministic(chain.ContextAdmission, chain.AdmissionBytes(testChainID, public.ID(), body.Until))
		if err != nil {
			panic(err)
		}
		body.Admission = signature
	}
	return body
}
