package chain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// The modes of Registration.
const (
	RegistrationOpen   = "open"   // a registration costs nothing
	RegistrationWork   = "work"   // a proof of work
	RegistrationIssuer = "issuer" // a signature of one of the issuers, or a call of one of the contracts
)

const (
	// ContextAdmission is the signing context of an issuer's admission.
	ContextAdmission = "sessionvm/admission/v1"

	// MaxWorkBits bounds the bits that a registration or an invitation may cost.
	MaxWorkBits = 64
	// maxGenesisBits bounds the bits of a genesis.
	maxGenesisBits = 40
	// maxIssuers bounds the issuers of a genesis, and its contracts.
	maxIssuers = 64
)

// Registration is the price of a registration.
type Registration struct {
	Mode string `json:"mode"`
	// Bits are how many leading zero bits the work of a renewal has, in the mode work; that of a
	// new identity has more when the chain is more than half full, see NewBits.
	Bits uint64 `json:"bits,omitzero"`
	// Issuers are the ML-DSA-65 public keys whose owners admit identities, in the mode issuer.
	Issuers []Bytes `json:"issuers,omitempty"`
	// Contracts are those of other chains that admit identities, in the mode issuer: they send their registrations.
	Contracts []Contract `json:"contracts,omitempty"`
}

// Contract is a contract of another chain of the network.
type Contract struct {
	Chain   ids.ID `json:"chain"`
	Address Bytes  `json:"address"` // on its chain, 1 to MaxContractAddressBytes bytes
}

// Admits reports whether a contract admits identities.
func (r *Registration) Admits(from *ReceiveWarp) bool {
	return slices.ContainsFunc(r.Contracts, func(c Contract) bool { return c.Chain == from.SourceChain && bytes.Equal(c.Address, from.Address) })
}

// UnmarshalJSON implements json.Unmarshaler: what is left out is zero, and not the default's.
func (r *Registration) UnmarshalJSON(encoded []byte) error {
	type plain Registration
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	var decoded plain
	if err := decoder.Decode(&decoded); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("registration: more than an object")
	}
	*r = Registration(decoded)
	return nil
}

// check refuses a price that says something that its mode does not know.
func (r *Registration) check() error {
	wrong := func(expected string, got any) error { return refusal.New(refusal.ErrGenesis, expected, got) }
	switch r.Mode {
	case RegistrationOpen, RegistrationWork, RegistrationIssuer:
	default:
		return wrong(`registration.mode "open", "work" or "issuer"`, r.Mode)
	}
	if work := r.Mode == RegistrationWork; work && (r.Bits < 1 || r.Bits > maxGenesisBits) || !work && r.Bits != 0 {
		return wrong(fmt.Sprintf("registration.bits from 1 to %d with the mode work, and none with another", maxGenesisBits), r.Bits)
	}
	if issuer := r.Mode == RegistrationIssuer; issuer != (len(r.Issuers)+len(r.Contracts) > 0) || len(r.Issuers) > maxIssuers || len(r.Contracts) > maxIssuers {
		return wrong(fmt.Sprintf("registration.issuers or registration.contracts with the mode issuer, up to %d of each, and none with another", maxIssuers),
			fmt.Sprintf("%d and %d", len(r.Issuers), len(r.Contracts)))
	}
	for i, key := range r.Issuers {
		if len(key) != DSAPublicKeySize {
			return wrong(fmt.Sprintf("registration.issuers with ML-DSA-65 public keys of %d bytes", DSAPublicKeySize), len(key))
		}
		if slices.ContainsFunc(r.Issuers[:i], func(other Bytes) bool { return bytes.Equal(key, other) }) {
			return wrong("each of registration.issuers once", i)
		}
	}
	for i, contract := range r.Contracts {
		if n := len(contract.Address); contract.Chain == ids.Empty || n == 0 || n > MaxContractAddressBytes {
			return wrong(fmt.Sprintf("registration.contracts with the ID of a chain and an address of 1 to %d bytes", MaxContractAddressBytes), fmt.Sprintf("%s and %d", contract.Chain, n))
		}
		before := Registration{Contracts: r.Contracts[:i]}
		if before.Admits(&ReceiveWarp{SourceChain: contract.Chain, Address: contract.Address}) {
			return wrong("each of registration.contracts once", i)
		}
	}
	return nil
}

func (b *RegisterIdentity) check() error {
	if err := checkSize("ML-KEM-768 public key", b.KEMPublicKey, KEMPublicKeySize); err != nil {
		return err
	}
	if (b.Issuer == 0) != (b.Until == 0) {
		return refusal.New(refusal.ErrMalformed, "an issuer and a time until when it admits, or neither", fmt.Sprintf("issuer %d, until %d", b.Issuer, b.Until))
	}
	if err := checkSignature(b.Issuer != 0, "an issuer's admission", b.Admission); err != nil {
		return err
	}
	return checkSize("ML-DSA-65 public key", b.DSAPublicKey, DSAPublicKeySize)
}

// checkCarried refuses a registration that no transaction of an actor can carry. The deadline is
// that of the transaction: one that others could change would be another way to stop it.
func (b *RegisterIdentity) checkCarried(actor ids.ID) error {
	if err := b.check(); err != nil {
		return err
	}
	if id := IdentityID(b.KEMPublicKey, b.DSAPublicKey); id != actor || actor == ids.Empty {
		return refusal.New(refusal.ErrRegistration, "the registration of who signs the transaction", id)
	}
	if b.Deadline != 0 {
		return refusal.New(refusal.ErrRegistration, "a registration without a deadline of its own", b.Deadline)
	}
	return nil
}

// NewBits returns how many bits the work of a new identity has when so many are registered: one
// more than Bits when half of the room is taken, two when three quarters are, and so on. So the
// price is in inverse proportion to the room that is left.
func (g *Genesis) NewBits(live uint64) uint64 {
	return scarce(g.Registration.Bits, g.Limits.MaxIdentities, live)
}

// BeaconsAt returns the two beacons of a block at a time, Unix milliseconds, whose parent has these
// totals and an ID. The work of a registration is for one of them. The ID of a block that nobody
// could know takes its turn whenever a transactionWindow begins, so no work is good for more than
// two of them.
func (t *Totals) BeaconsAt(genesis *Genesis, now uint64, parent ids.ID) [2]ids.ID {
	period := genesis.Limits.TransactionWindow * 1000
	if now/period > t.Timestamp/period {
		return [2]ids.ID{parent, t.Beacon}
	}
	return [2]ids.ID{t.Beacon, t.BeaconBefore}
}

// Challenge is what work is done for, that of a registration: SHA-256(domain || 0x00 || chain ID ||
// identity ID || beacon). It belongs to one identity and a short time.
type Challenge Hash

// NewChallenge returns the challenge of an identity and a beacon.
func NewChallenge(chainID, identity, beacon ids.ID) Challenge {
	return Challenge(domainHash(domainWork, chainID[:], identity[:], beacon[:]))
}

// Bits returns how many leading zero bits SHA-256(challenge || work) has; work has 8 bytes, big
// endian.
func (c Challenge) Bits(work uint64) uint64 {
	var input [HashSize + 8]byte
	copy(input[:], c[:])
	binary.BigEndian.PutUint64(input[HashSize:], work)
	sum := sha256.Sum256(input[:])
	zeros := uint64(0)
	for i := 0; i < len(sum); i += 8 {
		n := bits.LeadingZeros64(binary.BigEndian.Uint64(sum[i:]))
		if zeros += uint64(n); n < 64 {
			break
		}
	}
	return zeros
}

// Find returns the smallest work of so many bits: 2^bits hashes on average, on one processor and in
// no memory. It ends early with the context's error.
func (c Challenge) Find(ctx context.Context, bits uint64) (uint64, error) {
	const often = 1 << 16 // a few milliseconds
	for work := uint64(0); ; work++ {
		if work%often == 0 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		if c.Bits(work) >= bits {
			return work, nil
		}
	}
}

// AdmissionBytes returns what an issuer signs, in ContextAdmission, to let an identity register and
// renew up to a time in Unix milliseconds: chain ID || identity ID || time of 8 bytes, big endian.
func AdmissionBytes(chainID, identity ids.ID, until uint64) []byte {
	return binary.BigEndian.AppendUint64(append(append(make([]byte, 0, 72), chainID[:]...), identity[:]...), until)
}
