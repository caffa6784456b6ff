package chain

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// MaxGenesisBytes bounds a genesis file.
const MaxGenesisBytes = 1 << 20

// Options are LP-42's configuration options, with its names and defaults. They change
// what a block means, so they stand in the genesis.
type Options struct {
	// SessionTTL is the lifetime of a session in seconds.
	SessionTTL uint64 `json:"sessionTTL"`
	// MaxMessages is the maximum of messages in a session.
	MaxMessages uint64 `json:"maxMessages"`
	// MaxChannels is the maximum of channels of one owner.
	MaxChannels uint64 `json:"maxChannels"`
	// RetentionDays is how many days a message stays in the tree, and a session after its
	// expiry.
	RetentionDays uint64 `json:"retentionDays"`
	// IDPrefix is the first byte of every session ID, as two hex digits.
	IDPrefix string `json:"idPrefix"`
}

// Limits bound a block, a transaction and what nobody pays for.
type Limits struct {
	// MaxBlockBytes bounds an encoded block. Hosts allow messages of 2 MiB.
	MaxBlockBytes uint64 `json:"maxBlockBytes"`
	// MaxBlockStateBytes bounds the leaves that the transactions of a block write, in bytes.
	MaxBlockStateBytes uint64 `json:"maxBlockStateBytes"`
	// MaxBlockTransactions bounds the transactions of a block.
	MaxBlockTransactions uint64 `json:"maxBlockTransactions"`
	// MaxParticipants bounds the participants of a session and the members of a channel.
	MaxParticipants uint64 `json:"maxParticipants"`
	// MaxCiphertextBytes bounds a message's ciphertext.
	MaxCiphertextBytes uint64 `json:"maxCiphertextBytes"`
	// MaxMetadataBytes bounds the keys and values of a session's or channel's metadata.
	MaxMetadataBytes uint64 `json:"maxMetadataBytes"`
	// PendingTTL is how many seconds a pending session lives, at most SessionTTL.
	PendingTTL uint64 `json:"pendingTTL"`
	// MaxPendingSessions bounds the pending sessions of the chain: the oldest gives way.
	MaxPendingSessions uint64 `json:"maxPendingSessions"`
	// MaxBlockPendingSessions bounds the unsigned CreateSessions of a block.
	MaxBlockPendingSessions uint64 `json:"maxBlockPendingSessions"`
	// MaxIdentities bounds the registered identities of the chain.
	MaxIdentities uint64 `json:"maxIdentities"`
	// MaxBlockRegistrations bounds the registrations of a block, alone or carried.
	MaxBlockRegistrations uint64 `json:"maxBlockRegistrations"`
	// MaxBlockWarpMessages bounds the transactions of contracts of other chains in a block; 0: none are taken.
	MaxBlockWarpMessages uint64 `json:"maxBlockWarpMessages"`
	// IdentityDays is how many days a registration lasts; from half of it on it can be renewed.
	IdentityDays uint64 `json:"identityDays"`
	// TransactionWindow is how many seconds a deadline may be ahead of the block's time.
	TransactionWindow uint64 `json:"transactionWindow"`
}

// Genesis is the content of a genesis file (JSON). What it leaves out has its default.
type Genesis struct {
	// Version of the format: 1.
	Version uint64 `json:"version"`
	// Timestamp of block 0 in Unix milliseconds; not 0, so that block 0's Totals are not empty.
	Timestamp uint64 `json:"timestamp"`
	// RequireSignedSessions refuses LP-42's plain CreateSession, which nobody signs.
	RequireSignedSessions bool `json:"requireSignedSessions"`
	Options
	// Registration is the price of a registration.
	Registration Registration `json:"registration"`
	Limits       Limits       `json:"limits"`
	Allowances   Allowances   `json:"allowances"`
	// Invitations are what invitations cost, and how many there may be.
	Invitations InvitationTerms `json:"invitations"`
	// Upgrades are those that were scheduled before the chain began.
	Upgrades Upgrades `json:"upgrades,omitempty"`

	hash ids.ID
}

// defaultTimestamp is when LP-42 was created: 2026-01-23.
const defaultTimestamp = 1_769_126_400_000

// DefaultGenesis returns the genesis with LP-42's defaults.
func DefaultGenesis() *Genesis {
	return &Genesis{
		Version:   1,
		Timestamp: defaultTimestamp,
		Options: Options{
			SessionTTL:    86400,
			MaxMessages:   10000,
			MaxChannels:   1000,
			RetentionDays: 30,
			IDPrefix:      "07",
		},
		Registration: Registration{Mode: RegistrationWork, Bits: 22},
		Limits: Limits{
			MaxBlockBytes:           1_800_000,
			MaxBlockStateBytes:      4 << 20,
			MaxBlockTransactions:    4096,
			MaxParticipants:         128,
			MaxCiphertextBytes:      320 << 10, // the announcement of an epoch to 128 members that have not answered
			MaxMetadataBytes:        1024,
			PendingTTL:              600,
			MaxPendingSessions:      10_000,
			MaxBlockPendingSessions: 64,
			MaxIdentities:           1_000_000,
			MaxBlockRegistrations:   128,
			MaxBlockWarpMessages:    16,
			IdentityDays:            365,
			TransactionWindow:       300,
		},
		Allowances: Allowances{
			TransactionBytes: Allowance{PerDay: 128 << 20, Burst: 64 << 20},
			StateBytes:       Allowance{PerDay: 64 << 20, Burst: 32 << 20},
			Sessions:         Allowance{PerDay: 256, Burst: 256},
			Keys:             Allowance{PerDay: 256, Burst: 128},
			FreshShare:       10,
		},
		Invitations: InvitationTerms{
			WorkBits:         22,
			MaxKept:          1_000_000,
			MaxBlock:         16,
			MaxBlockBytes:    225_000, // an eighth of a block
			BucketIdentities: 4096,
		},
	}
}

// ParseGenesis decodes a genesis strictly: unknown fields and anything after the object
// are refused, and the values must make sense together.
func ParseGenesis(genesisBytes []byte) (*Genesis, error) {
	if len(genesisBytes) > MaxGenesisBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a genesis of at most %d bytes", MaxGenesisBytes), len(genesisBytes))
	}
	g := DefaultGenesis()
	decoder := json.NewDecoder(bytes.NewReader(genesisBytes))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(g); err != nil {
		return nil, refusal.New(refusal.ErrGenesis, "a JSON object with the fields of a genesis", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, refusal.New(refusal.ErrGenesis, "nothing after the JSON object", "more")
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	g.hash = ids.ID(domainHash(domainGenesis, g.Bytes()))
	return g, nil
}

const (
	day        = 24 * 60 * 60 // seconds
	maxSeconds = 100 * 366 * day
	maxTime    = 1 << 52 // Unix milliseconds
)

func (g *Genesis) check() error {
	if g.Version != 1 {
		return refusal.New(refusal.ErrVersion, "genesis version 1", g.Version)
	}
	if prefix, err := hex.DecodeString(g.IDPrefix); err != nil || len(prefix) != 1 {
		return refusal.New(refusal.ErrGenesis, `idPrefix of two hex digits, like "07"`, g.IDPrefix)
	}
	l := g.Limits
	for _, bound := range []struct {
		name            string
		value, low, top uint64
	}{
		{"timestamp", g.Timestamp, 1, maxTime},
		{"sessionTTL", g.SessionTTL, 1, maxSeconds},
		{"maxMessages", g.MaxMessages, 1, 1 << 40},
		{"maxChannels", g.MaxChannels, 0, 1 << 32},
		{"retentionDays", g.RetentionDays, 1, maxSeconds / day},
		{"limits.maxBlockBytes", l.MaxBlockBytes, 16 << 10, MaxBlockBytes},
		{"limits.maxBlockStateBytes", l.MaxBlockStateBytes, leastStateBytes(min(l.MaxParticipants, MaxParticipants), min(l.MaxMetadataBytes, 64<<10)), 1 << 30},
		{"limits.maxBlockTransactions", l.MaxBlockTransactions, 1, 1 << 16},
		{"limits.maxParticipants", l.MaxParticipants, 1, MaxParticipants},
		{"limits.maxCiphertextBytes", l.MaxCiphertextBytes, 1, MaxTransactionBytes - SignatureSize - 256},
		{"limits.maxMetadataBytes", l.MaxMetadataBytes, 0, 64 << 10},
		{"limits.pendingTTL", l.PendingTTL, 1, maxSeconds},
		{"limits.maxPendingSessions", l.MaxPendingSessions, 0, 1 << 32},
		{"limits.maxBlockPendingSessions", l.MaxBlockPendingSessions, 0, 1 << 16},
		{"limits.maxIdentities", l.MaxIdentities, 1, 1 << 40},
		{"limits.maxBlockRegistrations", l.MaxBlockRegistrations, 1, 1 << 16},
		{"limits.maxBlockWarpMessages", l.MaxBlockWarpMessages, 0, 1 << 10},
		{"limits.identityDays", l.IdentityDays, 1, maxSeconds / day},
		{"limits.transactionWindow", l.TransactionWindow, 1, day},
	} {
		if bound.value < bound.low || bound.value > bound.top {
			return refusal.New(refusal.ErrGenesis, fmt.Sprintf("%s from %d to %d", bound.name, bound.low, bound.top), bound.value)
		}
	}
	if err := g.Registration.check(); err != nil {
		return err
	}
	if len(g.Registration.Contracts) > 0 && l.MaxBlockWarpMessages == 0 {
		return refusal.New(refusal.ErrGenesis, "limits.maxBlockWarpMessages from 1 on with registration.contracts, which nobody could hear else", 0)
	}
	if err := g.checkAllowances(); err != nil {
		return err
	}
	if err := g.checkInvitations(); err != nil {
		return err
	}
	g.Limits.PendingTTL = min(l.PendingTTL, g.SessionTTL)
	if g.RetentionDays*day < g.SessionTTL {
		return refusal.New(refusal.ErrGenesis, fmt.Sprintf("retentionDays that cover sessionTTL (%d s)", g.SessionTTL), g.RetentionDays)
	}
	return g.Upgrades.check(refusal.ErrGenesis, g.Timestamp)
}

// leastStateBytes returns how many bytes of state a block must be able to write, so that there is
// none that can't take some transaction: those of the largest session, whose creator registers with it.
func leastStateBytes(participants, metadata uint64) uint64 {
	return 13<<10 + participants*(KEMPublicKeySize+128) + 2*metadata
}

// Bytes returns the genesis as JSON for people to read and edit.
func (g *Genesis) Bytes() []byte {
	encoded, err := json.MarshalIndent(g, "", "  ")
	if err != nil {
		panic(err) // numbers, strings and booleans only
	}
	return append(encoded, '\n')
}

// Hash returns the hash of Bytes: of all values, also of those that the file left out. It is
// the parent of block 0, and stands in every block's Totals.
func (g *Genesis) Hash() ids.ID { return g.hash }

// Prefix returns the first byte of every session ID.
func (g *Genesis) Prefix() byte {
	prefix, err := hex.DecodeString(g.IDPrefix)
	if err != nil || len(prefix) != 1 {
		return 0 // a genesis that ParseGenesis refuses
	}
	return prefix[0]
}

// StandaloneChainID returns the chain ID of a chain that no network gives one: a hash of
// its genesis.
func (g *Genesis) StandaloneChainID() ids.ID {
	return ids.ID(domainHash(domainChainID, g.hash[:]))
}

// Retention returns RetentionDays as a duration in milliseconds.
func (g *Genesis) Retention() uint64 { return g.RetentionDays * day * 1000 }

// IdentityLife returns IdentityDays as a duration in milliseconds.
func (g *Genesis) IdentityLife() uint64 { return g.Limits.IdentityDays * day * 1000 }

// SweepBudget returns how many records the sweeps of one block may visit: at least as many
// as the transactions of one block can cause, so that they always catch up. A transaction
// causes four visits at most (a channel's session: pending, expiry, retention, and the
// channel), and a session two for each participant, for the receipt and the rotated key; a
// participant takes a key's bytes in the block.
func (g *Genesis) SweepBudget() int {
	l := g.Limits
	signed := min(l.MaxBlockBytes/SignatureSize, l.MaxBlockTransactions)
	return int(4*(signed+l.MaxBlockPendingSessions+l.MaxBlockRegistrations) + 2*l.MaxBlockBytes/KEMPublicKeySize)
}

// Time returns the time of block 0.
func (g *Genesis) Time() time.Time { return time.UnixMilli(int64(g.Timestamp)).UTC() }
