package vm

import (
	"context"
	"log/slog"

	"github.com/luxfi/ids"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/state"
)

// Host is what the chain gets from where it runs.
type Host struct {
	NetworkID uint32
	ChainID   ids.ID
	NodeID    ids.NodeID
	DataDir   string                // a folder of the chain's own
	Log       *slog.Logger          // nil: slog.Default()
	Metrics   prometheus.Registerer // nil: none
}

// State is what the host wants of the chain.
type State int

const (
	Bootstrapping State = iota + 1
	NormalOperation
)

type VM struct{}

func New() *VM { return &VM{} }

func (vm *VM) Initialize(ctx context.Context, host Host, genesis, config []byte) error { panic("soon") }
func (vm *VM) SetState(ctx context.Context, s State) error                             { panic("soon") }
func (vm *VM) Shutdown(ctx context.Context) error                                      { panic("soon") } // fine before Initialize, and twice
func (vm *VM) HealthCheck(ctx context.Context) (Health, error)                         { panic("soon") }
func (vm *VM) BuildBlock(ctx context.Context) (*Block, error)                          { panic("soon") } // chain.ErrEmptyBlock if nothing waits
func (vm *VM) ParseBlock(ctx context.Context, b []byte) (*Block, error)                { panic("soon") }
func (vm *VM) GetBlock(ctx context.Context, id ids.ID) (*Block, error)                 { panic("soon") } // chain.ErrNotFound
func (vm *VM) GetBlockIDAtHeight(ctx context.Context, h uint64) (ids.ID, error)        { panic("soon") } // chain.ErrNotFound
func (vm *VM) LastAccepted(ctx context.Context) (ids.ID, error)                        { panic("soon") }
func (vm *VM) SetPreference(ctx context.Context, id ids.ID) error                      { panic("soon") }
func (vm *VM) WaitForEvent(ctx context.Context) error                                  { panic("soon") } // nil: a block can be built

// Block is a chain.Block with a life: Verify, then Accept or Reject.
type Block struct{ *chain.Block }

func (b *Block) Verify(ctx context.Context) error { panic("soon") }
func (b *Block) Accept(ctx context.Context) error { panic("soon") }
func (b *Block) Reject(ctx context.Context) error { panic("soon") }

// Health is what HealthCheck reports.
type Health struct {
	Healthy      bool   `json:"healthy"`
	Bootstrapped bool   `json:"bootstrapped"`
	Height       uint64 `json:"height"`
	Sessions     uint64 `json:"sessions"` // active sessions (LP-42)
	Channels     uint64 `json:"channels"` // live channels (LP-42)
	Mempool      int    `json:"mempool"`  // transactions waiting
}

// Below: what the RPC layer uses.

func (vm *VM) Host() Host              { panic("soon") }
func (vm *VM) Genesis() *chain.Genesis { panic("soon") }

// Submit checks a transaction against the accepted state and puts it into the mempool. A transaction that waits
// already is no error; one that is in the chain already is a chain.ErrDuplicate.
func (vm *VM) Submit(ctx context.Context, tx *chain.Transaction) error { panic("soon") }

// Inclusion is where a transaction is in the chain.
type Inclusion struct {
	Block     ids.ID
	Height    uint64
	Position  int    // in the block, from 0
	Timestamp uint64 // Unix milliseconds
	Message   uint64 // index of the message, if it is one and still in the tree
}

// Await waits until a transaction is accepted; ctx's end is a chain.ErrWaitTimeout, leaving the mempool a
// chain.ErrDropped that wraps the reason (errors.Is finds both).
func (vm *VM) Await(ctx context.Context, id ids.ID) (Inclusion, error) { panic("soon") }

// TransactionState is accepted, processing (in a block that is not accepted yet), waiting (in the mempool), dropped or unknown.
type TransactionState string

const (
	TransactionAccepted   TransactionState = "accepted"
	TransactionProcessing TransactionState = "processing"
	TransactionWaiting    TransactionState = "waiting"
	TransactionDropped    TransactionState = "dropped"
	TransactionUnknown    TransactionState = "unknown"
)

// TransactionStatus says where a transaction is; the Inclusion is set when accepted, the error when dropped.
func (vm *VM) TransactionStatus(id ids.ID) (TransactionState, Inclusion, error) { panic("soon") }

// Transaction returns an accepted transaction, body and signature. chain.ErrNotFound
func (vm *VM) Transaction(id ids.ID) (*chain.Transaction, Inclusion, error) { panic("soon") }

// Snapshot returns the state after the last accepted block; SnapshotAt after an earlier one (chain.ErrPruned names the oldest).
func (vm *VM) Snapshot() *state.Snapshot                    { panic("soon") }
func (vm *VM) SnapshotAt(h uint64) (*state.Snapshot, error) { panic("soon") }

// HeaderAt returns the header of an accepted block. BlockAt the accepted block.
func (vm *VM) HeaderAt(height uint64) (*chain.Header, error) { panic("soon") }
func (vm *VM) BlockAt(height uint64) (*chain.Block, error)   { panic("soon") }
func (vm *VM) HeaderByID(id ids.ID) (*chain.Header, error)   { panic("soon") } // accepted blocks only

// MessageIndex finds a message by ID; MessageAt by session and sequence (from 1). Accepted state, latest. chain.ErrNotFound
func (vm *VM) MessageIndex(messageID ids.ID) (uint64, error)             { panic("soon") }
func (vm *VM) MessageAt(session ids.ID, sequence uint64) (uint64, error) { panic("soon") }

// SessionsOf lists sessions of a participant, newest first: numbers below before (0: from the newest), at most limit.
func (vm *VM) SessionsOf(participant ids.ID, before uint64, limit int) ([]ids.ID, []uint64, error) {
	panic("soon")
}

// Accepted returns a channel that is closed when a block later than height is accepted (for following).
func (vm *VM) Accepted(height uint64) <-chan struct{} { panic("soon") }
