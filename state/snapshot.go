package state

import (
	"errors"
	"fmt"

	"github.com/cosmos/iavl"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Snapshot reads the state after one accepted block. It is safe for concurrent use. What
// is not there is a refusal.ErrNotFound; a state that has been pruned in the meantime is a
// refusal.ErrPruned.
type Snapshot struct {
	store  *Store
	header *chain.Header
	tree   *iavl.ImmutableTree
}

// Snapshot returns the state after the last accepted block.
func (s *Store) Snapshot() (*Snapshot, error) { return s.snapshot(s.Last()) }

// SnapshotAt returns the state after the accepted block of a height.
func (s *Store) SnapshotAt(height uint64) (*Snapshot, error) {
	if err := s.checkHeight(height); err != nil {
		return nil, err
	}
	header, err := s.HeaderAt(height)
	if err != nil {
		return nil, err
	}
	return s.snapshot(header)
}

func (s *Store) snapshot(header *chain.Header) (*Snapshot, error) {
	tree, err := s.reader.GetImmutable(version(header.Height))
	if err != nil {
		return nil, s.explain(header, err)
	}
	return &Snapshot{store: s, header: header, tree: tree}, nil
}

// explain turns a failed read into refusal.ErrPruned if that is why it failed.
func (s *Store) explain(header *chain.Header, err error) error {
	if pruned := s.checkHeight(header.Height); pruned != nil {
		return pruned
	}
	return fmt.Errorf("reading the state at height %d: %w", header.Height, err)
}

// Header returns the header of the block that the snapshot is the state after.
func (s *Snapshot) Header() *chain.Header { return s.header }

// Leaves returns how many leaves the tree has.
func (s *Snapshot) Leaves() int64 { return s.tree.Size() }

// Totals returns the chain's counters.
func (s *Snapshot) Totals() (*chain.Totals, error) {
	return read(s, chain.TotalsKey(), chain.ParseTotals, "totals", ids.Empty)
}

// Identity returns a registered identity.
func (s *Snapshot) Identity(id ids.ID) (*chain.Identity, error) {
	return read(s, chain.IdentityKey(id), chain.ParseIdentity, "a registered identity", id)
}

// Usage returns what an identity has used of its allowances.
func (s *Snapshot) Usage(id ids.ID) (*chain.Usage, error) {
	return read(s, chain.UsageKey(id), chain.ParseUsage, "an identity that has used something", id)
}

// Session returns a session.
func (s *Snapshot) Session(id ids.ID) (*chain.Session, error) {
	return read(s, chain.SessionKey(id), chain.ParseSession, "a session", id)
}

// SessionKeys returns the keys that a session was created with, and its metadata.
func (s *Snapshot) SessionKeys(id ids.ID) (*chain.SessionKeys, error) {
	return read(s, chain.SessionKeysKey(id), chain.ParseSessionKeys, "a session", id)
}

// RotatedKey returns the key that a participant has rotated to in a session.
func (s *Snapshot) RotatedKey(session, participant ids.ID) (*chain.RotatedKey, error) {
	return read(s, chain.RotatedKeyKey(session, participant), chain.ParseRotatedKey, "a rotated key of the participant", participant)
}

// Channel returns a channel.
func (s *Snapshot) Channel(id ids.ID) (*chain.Channel, error) {
	return read(s, chain.ChannelKey(id), chain.ParseChannel, "a channel", id)
}

// Receipt returns a participant's receipt in a session.
func (s *Snapshot) Receipt(session, participant ids.ID) (*chain.Receipt, error) {
	return read(s, chain.ReceiptKey(session, participant), chain.ParseReceipt, "a receipt of the participant", participant)
}

// ValidatorKey returns a validator's post-quantum key, by its chain.ValidatorKeyID.
func (s *Snapshot) ValidatorKey(id ids.ID) (*chain.ValidatorKey, error) {
	return read(s, chain.ValidatorKeyKey(id), chain.ParseValidatorKey, "a validator with a post-quantum key", id)
}

// Message returns the message at an index.
func (s *Snapshot) Message(index uint64) (*chain.Message, error) {
	return read(s, chain.MessageKey(index), chain.ParseMessage, "the index of a message", index)
}

// Prove returns the leaf at a key, nil if there is none, and the ICS-23 proof of that
// against the header's state root.
func (s *Snapshot) Prove(key []byte) (value []byte, proof *ics23.CommitmentProof, err error) {
	err = s.store.unpruned(s.header.Height, func() error {
		proof, err = s.tree.GetProof(key)
		return err
	})
	if err != nil {
		return nil, nil, s.store.explain(s.header, err)
	}
	if exist := proof.GetExist(); exist != nil {
		value = exist.Value
	}
	return value, proof, nil
}

func read[R any](s *Snapshot, key []byte, parse func([]byte) (R, error), want string, got any) (R, error) {
	var none R
	value, err := s.tree.Get(key)
	if err != nil {
		return none, s.store.explain(s.header, err)
	}
	if value == nil {
		return none, refusal.New(refusal.ErrNotFound, want, got)
	}
	record, err := parse(value)
	if err != nil {
		return none, damaged(err)
	}
	return record, nil
}

// IsNotFound reports whether an error is that something is not there.
func IsNotFound(err error) bool { return errors.Is(err, refusal.ErrNotFound) }
