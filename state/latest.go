package state

import (
	"errors"
	"sync"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// maxCachedLeaf is the size of the largest leaf that is remembered, in bytes: what bounds the memory is
// their number. An identity has 4.6 KB; the keys of the largest session 152 KB.
const maxCachedLeaf = 8 << 10

// latest remembers leaves of the last accepted state, so that what is asked again and
// again (does this identity exist, is this session open) costs no walk down the tree.
// It is bounded, and what a block writes is brought up to date when it is accepted.
type latest struct {
	mu       sync.Mutex
	leaves   *lru.Cache[string, *knownLeaf]
	accepted uint64 // counts accepted blocks
}

// knownLeaf is a leaf's value and, once it was asked for, its record.
type knownLeaf struct {
	value  []byte // nil: absent
	record atomic.Value
}

func newLatest(size int) *latest {
	leaves, err := lru.New[string, *knownLeaf](max(size, 1))
	if err != nil {
		panic(err) // only a size below one fails
	}
	return &latest{leaves: leaves}
}

// get returns a leaf and whether it is remembered; if it is not, ticket is for put.
func (l *latest) get(key []byte) (leaf *knownLeaf, ok bool, ticket uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	leaf, ok = l.leaves.Get(string(key))
	return leaf, ok, l.accepted
}

// put remembers a leaf that was read, unless a block has been accepted since the ticket.
func (l *latest) put(key []byte, leaf *knownLeaf, ticket uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ticket == l.accepted && len(leaf.value) <= maxCachedLeaf {
		l.leaves.Add(string(key), leaf)
	}
}

// accept brings the leaves up to date with what a block has written. Messages are left
// out: nobody asks for them again and again.
func (l *latest) accept(leaves []write, skipPrefix byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted++
	for _, leaf := range leaves {
		switch {
		case leaf.key[0] == skipPrefix:
		case len(leaf.value) > maxCachedLeaf:
			l.leaves.Remove(string(leaf.key))
		default:
			l.leaves.Add(string(leaf.key), &knownLeaf{value: leaf.value})
		}
	}
}

// Latest reads the last accepted state through a bounded cache. It is safe for concurrent
// use. Unlike a Snapshot it moves on with the chain between two calls. Its records are
// for reading only.
type Latest struct{ store *Store }

// Latest returns a reader of the last accepted state.
func (s *Store) Latest() Latest { return Latest{s} }

func (l Latest) leaf(key []byte) (*knownLeaf, error) {
	leaf, ok, ticket := l.store.latest.get(key)
	if ok {
		return leaf, nil
	}
	value, err := l.read(key)
	if err != nil {
		return nil, err
	}
	leaf = &knownLeaf{value: value}
	l.store.latest.put(key, leaf, ticket)
	return leaf, nil
}

// read reads a leaf from the last accepted state. The chain may prune a snapshot between its
// opening and the read; read then opens a newer one. Each retry needs a block that was accepted
// meanwhile, because the last accepted state is never pruned.
func (l Latest) read(key []byte) ([]byte, error) {
	for {
		header := l.store.Last()
		snapshot, err := l.store.snapshot(header)
		if err == nil {
			var value []byte
			if value, err = snapshot.tree.Get(key); err == nil {
				return value, nil
			}
			err = l.store.explain(header, err)
		}
		if !errors.Is(err, refusal.ErrPruned) {
			return nil, err
		}
	}
}

// Identity returns a registered identity, and whether there is one.
func (l Latest) Identity(id ids.ID) (*chain.Identity, bool, error) {
	return latestRecord(l, chain.IdentityKey(id), chain.ParseIdentity)
}

// Usage returns what an identity has used of its allowances, and whether there is a leaf of it.
func (l Latest) Usage(id ids.ID) (*chain.Usage, bool, error) {
	return latestRecord(l, chain.UsageKey(id), chain.ParseUsage)
}

// Session returns a session, and whether there is one.
func (l Latest) Session(id ids.ID) (*chain.Session, bool, error) {
	return latestRecord(l, chain.SessionKey(id), chain.ParseSession)
}

// SessionKeys returns a session's keys and metadata, and whether there is one.
func (l Latest) SessionKeys(id ids.ID) (*chain.SessionKeys, bool, error) {
	return latestRecord(l, chain.SessionKeysKey(id), chain.ParseSessionKeys)
}

// RotatedKey returns the key that a participant has rotated to, and whether there is one.
func (l Latest) RotatedKey(session, participant ids.ID) (*chain.RotatedKey, bool, error) {
	return latestRecord(l, chain.RotatedKeyKey(session, participant), chain.ParseRotatedKey)
}

// Channel returns a channel, and whether there is one.
func (l Latest) Channel(id ids.ID) (*chain.Channel, bool, error) {
	return latestRecord(l, chain.ChannelKey(id), chain.ParseChannel)
}

// Receipt returns a participant's receipt in a session, and whether there is one.
func (l Latest) Receipt(session, participant ids.ID) (*chain.Receipt, bool, error) {
	return latestRecord(l, chain.ReceiptKey(session, participant), chain.ParseReceipt)
}

// ValidatorKey returns a validator's post-quantum key, by its chain.ValidatorKeyID, and whether there is one.
func (l Latest) ValidatorKey(id ids.ID) (*chain.ValidatorKey, bool, error) {
	return latestRecord(l, chain.ValidatorKeyKey(id), chain.ParseValidatorKey)
}

// MessageAt returns the message with a sequence, from 1, in a session, and whether there is one.
func (l Latest) MessageAt(session ids.ID, sequence uint64) (*chain.Message, bool, error) {
	index, err := l.store.MessageAt(session, sequence)
	if IsNotFound(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	value, err := l.read(chain.MessageKey(index)) // past the cache, which has no messages
	return parsed(value, err, chain.ParseMessage)
}

// Totals returns the chain's counters.
func (l Latest) Totals() (*chain.Totals, error) {
	totals, _, err := latestRecord(l, chain.TotalsKey(), chain.ParseTotals)
	return totals, err
}

// HasTransaction reports whether the chain holds a transaction.
func (l Latest) HasTransaction(id ids.ID) (bool, error) {
	return l.store.db.Has(hashKey(keyTransaction, id))
}

func latestRecord[R any](l Latest, key []byte, parse func([]byte) (R, error)) (record R, exists bool, err error) {
	leaf, err := l.leaf(key)
	if err != nil {
		return record, false, err
	}
	if record, ok := leaf.record.Load().(R); ok {
		return record, true, nil
	}
	if record, exists, err = parsed(leaf.value, nil, parse); exists {
		leaf.record.Store(record)
	}
	return record, exists, err
}

// parsed decodes a leaf that was read, nil if there is none.
func parsed[R any](value []byte, err error, parse func([]byte) (R, error)) (record R, exists bool, _ error) {
	if err != nil || value == nil {
		return record, false, err
	}
	if record, err = parse(value); err != nil {
		return record, false, damaged(err)
	}
	return record, true, nil
}
