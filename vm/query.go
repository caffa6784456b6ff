package vm

import (
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// Host returns what the chain got from where it runs.
func (vm *VM) Host() Host { return vm.host }

// Genesis returns the chain's genesis.
func (vm *VM) Genesis() *chain.Genesis { return vm.genesis }

// Config returns the node's configuration.
func (vm *VM) Config() Config { return vm.config }

// Snapshot returns the state after the last accepted block.
func (vm *VM) Snapshot() *state.Snapshot { return vm.snapshot.Load() }

// SnapshotAt returns the state after the accepted block of a height. A height that is
// pruned is a refusal.ErrPruned, which names the oldest there is.
func (vm *VM) SnapshotAt(height uint64) (*state.Snapshot, error) {
	if latest := vm.Snapshot(); latest.Header().Height == height {
		return latest, nil
	}
	return vm.store.SnapshotAt(height)
}

// HeaderAt returns the header of the accepted block of a height, or a refusal.ErrNotFound.
func (vm *VM) HeaderAt(height uint64) (*chain.Header, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	return vm.store.HeaderAt(height)
}

// HeaderByID returns the header of an accepted block, or a refusal.ErrNotFound.
func (vm *VM) HeaderByID(id ids.ID) (*chain.Header, error) {
	height, err := vm.store.HeightOf(id)
	if err != nil {
		return nil, err
	}
	return vm.HeaderAt(height)
}

// BlockAt returns the accepted block of a height, or a refusal.ErrNotFound.
func (vm *VM) BlockAt(height uint64) (*chain.Block, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	return vm.store.BlockAt(height)
}

// MessageIndex returns the index of a message in the last accepted state, or a
// refusal.ErrNotFound.
func (vm *VM) MessageIndex(message ids.ID) (uint64, error) {
	location, err := vm.store.Locate(message)
	if err != nil && !(errors.Is(err, refusal.ErrNotHeld) && location.Message != 0) { // the leaf is here, the block is not yet
		return 0, err
	}
	if location.Message == 0 {
		return 0, refusal.New(refusal.ErrNotFound, "the ID of a message", "the ID of another transaction, "+message.String())
	}
	return location.Message, nil
}

// MessageAt returns the index of the message with a sequence (from 1) in a session in the
// last accepted state, or a refusal.ErrNotFound.
func (vm *VM) MessageAt(session ids.ID, sequence uint64) (uint64, error) {
	return vm.store.MessageAt(session, sequence)
}

// Origin returns the ID of the transaction that made a session, or a refusal.ErrNotFound.
func (vm *VM) Origin(session ids.ID) (ids.ID, error) { return vm.store.Origin(session) }

// EachSessionOf visits sessions of a participant, newest first, until visit says that it has enough:
// those that it has acted in, or else those that others have named it in. Their numbers are below
// before (0: all).
func (vm *VM) EachSessionOf(participant ids.ID, acted bool, before uint64, visit func(state.ListedSession) (more bool)) error {
	return vm.store.EachSessionOf(participant, acted, before, visit)
}

// Invitations returns the entries of those of a bucket's invitations that this node holds, in their order: at most
// so many from a number on, up to the last one of a state.
func (vm *VM) Invitations(bucket chain.Bucket, from, last uint64, limit int) (found []state.IndexedInvitation, err error) {
	err = vm.store.EachInvitation(bucket, from, func(at state.IndexedInvitation) bool {
		if at.Number <= last && limit > 0 {
			found = append(found, at)
		}
		return at.Number < last && len(found) < limit
	})
	return found, err
}

// Invitation returns an invitation that Invitations has found.
func (vm *VM) Invitation(at state.IndexedInvitation) (*chain.Invite, error) {
	return vm.store.InvitationAt(at)
}

// TransactionState is where a transaction is in its life.
type TransactionState string

// The states of a transaction.
const (
	TransactionAccepted   TransactionState = "accepted"
	TransactionProcessing TransactionState = "processing" // in a block that is not decided
	TransactionWaiting    TransactionState = "waiting"    // in this node's mempool
	TransactionDropped    TransactionState = "dropped"    // from this node's mempool, with a reason
	TransactionUnknown    TransactionState = "unknown"
)

// TransactionStatus says where a transaction is. Inclusion is set if it is accepted; the
// error is the reason if it was dropped, or what went wrong if the state is unknown.
func (vm *VM) TransactionStatus(id ids.ID) (TransactionState, Inclusion, error) {
	// The mempool is asked first: a transaction leaves it after it is in the store.
	processing, waits := vm.mempool.told(id)
	inclusion, err := vm.inclusion(id)
	switch {
	case err == nil:
		return TransactionAccepted, inclusion, nil
	case !state.IsNotFound(err):
		return TransactionUnknown, Inclusion{}, err
	case processing || vm.written(id):
		return TransactionProcessing, Inclusion{}, nil
	case waits:
		return TransactionWaiting, Inclusion{}, nil
	}
	if reason := vm.mempool.droppedReason(id); reason != nil {
		return TransactionDropped, Inclusion{}, reason
	}
	return TransactionUnknown, Inclusion{}, nil
}

// written reports whether a transaction is in a block on disk, even if reads don't show it yet.
func (vm *VM) written(id ids.ID) bool {
	_, err := vm.store.Locate(id)
	return err == nil
}

func (vm *VM) inclusion(id ids.ID) (Inclusion, error) {
	_, _, inclusion, err := vm.find(id)
	return inclusion, err
}

// find returns where an accepted transaction is, and the header of its block.
func (vm *VM) find(id ids.ID) (*chain.Header, state.Location, Inclusion, error) {
	location, err := vm.store.Locate(id)
	if err != nil {
		return nil, location, Inclusion{}, err
	}
	// A block that is on disk counts as accepted once reads show it.
	if last := vm.Snapshot().Header().Height; location.Height > last {
		return nil, location, Inclusion{}, refusal.New(refusal.ErrNotFound, fmt.Sprintf("a transaction up to height %d", last), id)
	}
	header, err := vm.store.HeaderAt(location.Height)
	if err != nil {
		return nil, location, Inclusion{}, err
	}
	return header, location, inclusionAt(header, location), nil
}

// Holds reports whether a transaction is in the mempool or in the chain.
func (vm *VM) Holds(id ids.ID) bool {
	_, ok := vm.mempool.told(id)
	return ok || vm.written(id)
}

// Waits reports whether a transaction is in the mempool, and in no block that is being processed.
func (vm *VM) Waits(id ids.ID) bool {
	processing, ok := vm.mempool.told(id)
	return ok && !processing
}

// Waiting returns the transactions of the mempool that a block can take, in the order to try
// them. Those in blocks that are being processed are not among them.
func (vm *VM) Waiting() []*chain.Transaction {
	count, _ := vm.mempool.size()
	transactions := make([]*chain.Transaction, 0, count)
	vm.mempool.eachWaiting(func(e *entry) bool {
		transactions = append(transactions, e.tx)
		return true
	})
	return transactions
}

// MempoolIDs returns the IDs of all transactions of the mempool, in no order.
func (vm *VM) MempoolIDs() []ids.ID { return vm.mempool.all() }

// Transaction returns an accepted transaction and where it is, or a refusal.ErrNotFound. It
// reads and decodes that transaction alone, not its block.
func (vm *VM) Transaction(id ids.ID) (*chain.Transaction, Inclusion, error) {
	header, location, inclusion, err := vm.find(id)
	if err != nil {
		return nil, Inclusion{}, err
	}
	tx, err := vm.store.TransactionAt(header, location)
	return tx, inclusion, err
}
