package state

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// Change is what one block does to the state of its parent: a typed overlay that reads
// through to the parent's tree. Records that it returns are the caller's to change, and
// count once they are put back. It is for one goroutine, under the Store's consensus lock.
type Change struct {
	// Totals are the chain's counters. They are written with every block.
	Totals *chain.Totals

	store  *Store
	parent *Fork

	identities    table[ids.ID, *chain.Identity]
	usages        table[ids.ID, *chain.Usage]
	sessions      table[ids.ID, *chain.Session]
	sessionKeys   table[ids.ID, *chain.SessionKeys]
	rotatedKeys   table[participantID, *chain.RotatedKey]
	channels      table[ids.ID, *chain.Channel]
	receipts      table[participantID, *chain.Receipt]
	messages      table[uint64, *chain.Message]
	invitations   table[chain.Bucket, *chain.Invitations]
	validatorKeys table[ids.ID, *chain.ValidatorKey]
	index         map[string][]byte // nil: deleted; the layer's writes, once saved
	locations     []Location        // of the block's transactions

	reads  int     // of leaves and indexes
	leaves []write // what goes into the tree, in its order, once sealed
	root   chain.Hash
}

// participantID is a participant in a session.
type participantID struct{ session, participant ids.ID }

func ofParticipant(key func(session, participant ids.ID) []byte) func(participantID) []byte {
	return func(id participantID) []byte { return key(id.session, id.participant) }
}

// record is a leaf's value.
type record interface{ Bytes() []byte }

// table holds the records of one kind that a change has read or written.
type table[K comparable, R record] struct {
	key   func(K) []byte
	parse func([]byte) (R, error)
	rows  map[K]row[R]
}

type row[R record] struct {
	record R
	exists bool
	dirty  bool
}

func newTable[K comparable, R record](key func(K) []byte, parse func([]byte) (R, error)) table[K, R] {
	return table[K, R]{key: key, parse: parse, rows: make(map[K]row[R])}
}

// get returns the record of id and whether there is one.
func (t *table[K, R]) get(c *Change, id K) (record R, exists bool, err error) {
	if r, ok := t.rows[id]; ok {
		return r.record, r.exists, nil
	}
	value, err := c.leaf(t.key(id))
	if err != nil {
		return record, false, err
	}
	r := row[R]{exists: value != nil}
	if r.exists {
		if r.record, err = t.parse(value); err != nil {
			return record, false, damaged(err)
		}
	}
	t.rows[id] = r
	return r.record, r.exists, nil
}

// damaged is the error of a record in the database that can't be decoded. It wraps no
// refusal.Error: that is nobody's input.
func damaged(err error) error { return fmt.Errorf("damaged database: %v", err) }

func (t *table[K, R]) put(id K, record R) {
	t.rows[id] = row[R]{record: record, exists: true, dirty: true}
}

func (t *table[K, R]) remove(id K) {
	t.rows[id] = row[R]{dirty: true}
}

func (t *table[K, R]) removeIfThere(c *Change, id K) error {
	_, exists, err := t.get(c, id)
	if err == nil && exists {
		t.remove(id)
	}
	return err
}

func (t *table[K, R]) appendTo(leaves []write) []write {
	for id, r := range t.rows {
		switch {
		case !r.dirty:
		case r.exists:
			leaves = append(leaves, write{t.key(id), r.record.Bytes()})
		default:
			leaves = append(leaves, write{t.key(id), nil})
		}
	}
	return leaves
}

func newChange(store *Store, parent *Fork) *Change {
	return &Change{
		store:         store,
		parent:        parent,
		identities:    newTable(chain.IdentityKey, chain.ParseIdentity),
		usages:        newTable(chain.UsageKey, chain.ParseUsage),
		sessions:      newTable(chain.SessionKey, chain.ParseSession),
		sessionKeys:   newTable(chain.SessionKeysKey, chain.ParseSessionKeys),
		channels:      newTable(chain.ChannelKey, chain.ParseChannel),
		rotatedKeys:   newTable(ofParticipant(chain.RotatedKeyKey), chain.ParseRotatedKey),
		receipts:      newTable(ofParticipant(chain.ReceiptKey), chain.ParseReceipt),
		messages:      newTable(chain.MessageKey, chain.ParseMessage),
		invitations:   newTable(chain.InvitationsKey, chain.ParseInvitations),
		validatorKeys: newTable(chain.ValidatorKeyKey, chain.ParseValidatorKey),
		index:         make(map[string][]byte, parent.written),
	}
}

// Parent returns the state that the change is made on.
func (c *Change) Parent() *Fork { return c.parent }

// Identity returns a registered identity.
func (c *Change) Identity(id ids.ID) (*chain.Identity, bool, error) { return c.identities.get(c, id) }

// PutIdentity registers an identity under its number.
func (c *Change) PutIdentity(id ids.ID, r *chain.Identity) {
	c.identities.put(id, r)
	c.index[string(queueKey(IdentityQueue, r.Number))] = id[:]
}

// RemoveIdentity removes a registration, and what it has used.
func (c *Change) RemoveIdentity(id ids.ID) error {
	c.identities.remove(id)
	return c.usages.removeIfThere(c, id)
}

// Usage returns what an identity has used of its allowances.
func (c *Change) Usage(id ids.ID) (*chain.Usage, bool, error) { return c.usages.get(c, id) }

// PutUsage writes what an identity has used of its allowances.
func (c *Change) PutUsage(id ids.ID, r *chain.Usage) { c.usages.put(id, r) }

// Session returns a session.
func (c *Change) Session(id ids.ID) (*chain.Session, bool, error) { return c.sessions.get(c, id) }

// PutSession writes a session that exists.
func (c *Change) PutSession(id ids.ID, r *chain.Session) { c.sessions.put(id, r) }

// AddSession writes a new session and its keys, and indexes it by its number.
func (c *Change) AddSession(id, transaction ids.ID, r *chain.Session, keys *chain.SessionKeys) {
	c.index[string(hashKey(keyOrigin, id))] = transaction[:]
	c.sessions.put(id, r)
	c.sessionKeys.put(id, keys)
	c.index[string(queueKey(SessionQueue, r.Number))] = id[:]
	for i, participant := range r.Participants {
		c.index[string(participantKey(participant, r.Acted[i], r.Number))] = participantEntry(id, r)
	}
}

// Act writes a session that exists, in which a participant has signed something: from the first time on
// the session is not among the participant's requests.
func (c *Change) Act(id ids.ID, r *chain.Session, participant ids.ID) {
	if i := r.Participant(participant); !r.Acted[i] {
		r.Acted[i] = true
		c.index[string(participantKey(participant, false, r.Number))] = nil
		c.index[string(participantKey(participant, true, r.Number))] = participantEntry(id, r)
	}
	c.PutSession(id, r)
}

// RemoveSession removes a session with its keys and receipts. Its messages go by
// themselves, in the chain's order. It reads two leaves for each participant who has acted.
func (c *Change) RemoveSession(id ids.ID, r *chain.Session) error {
	c.sessions.remove(id)
	c.sessionKeys.remove(id)
	c.index[string(hashKey(keyOrigin, id))] = nil
	for i, participant := range r.Participants {
		if r.Acted[i] {
			key := participantID{id, participant}
			if err := c.receipts.removeIfThere(c, key); err != nil {
				return err
			}
			if err := c.rotatedKeys.removeIfThere(c, key); err != nil {
				return err
			}
		}
		c.index[string(participantKey(participant, r.Acted[i], r.Number))] = nil
	}
	return nil
}

// SessionKeys returns a session's keys and metadata.
func (c *Change) SessionKeys(id ids.ID) (*chain.SessionKeys, bool, error) {
	return c.sessionKeys.get(c, id)
}

// RotatedKey returns the key that a participant has rotated to in a session.
func (c *Change) RotatedKey(session, participant ids.ID) (*chain.RotatedKey, bool, error) {
	return c.rotatedKeys.get(c, participantID{session, participant})
}

// PutRotatedKey writes the key that a participant rotates to.
func (c *Change) PutRotatedKey(session, participant ids.ID, r *chain.RotatedKey) {
	c.rotatedKeys.put(participantID{session, participant}, r)
}

// Channel returns a channel.
func (c *Change) Channel(id ids.ID) (*chain.Channel, bool, error) { return c.channels.get(c, id) }

// PutChannel writes a channel under its number.
func (c *Change) PutChannel(id ids.ID, r *chain.Channel) {
	c.channels.put(id, r)
	c.index[string(queueKey(ChannelQueue, r.Number))] = id[:]
}

// RemoveChannel removes a channel.
func (c *Change) RemoveChannel(id ids.ID) { c.channels.remove(id) }

// ValidatorKey returns a validator's post-quantum key, by its chain.ValidatorKeyID.
func (c *Change) ValidatorKey(id ids.ID) (*chain.ValidatorKey, bool, error) {
	return c.validatorKeys.get(c, id)
}

// PutValidatorKey writes a validator's key under its number.
func (c *Change) PutValidatorKey(id ids.ID, r *chain.ValidatorKey) {
	c.validatorKeys.put(id, r)
	c.index[string(queueKey(ValidatorKeyQueue, r.Number))] = id[:]
}

// RemoveValidatorKey removes a validator's key.
func (c *Change) RemoveValidatorKey(id ids.ID) { c.validatorKeys.remove(id) }

// Receipt returns a participant's receipt in a session.
func (c *Change) Receipt(session, participant ids.ID) (*chain.Receipt, bool, error) {
	return c.receipts.get(c, participantID{session, participant})
}

// PutReceipt writes a receipt.
func (c *Change) PutReceipt(session, participant ids.ID, r *chain.Receipt) {
	c.receipts.put(participantID{session, participant}, r)
}

// Message returns the message at an index.
func (c *Change) Message(index uint64) (*chain.Message, bool, error) {
	return c.messages.get(c, index)
}

// MessageAt returns the message with a sequence, from 1, in a session.
func (c *Change) MessageAt(session ids.ID, sequence uint64) (*chain.Message, bool, error) {
	value, err := c.indexed(hashNumberKey(keySequence, session, sequence))
	if err != nil || value == nil {
		return nil, false, err
	}
	index, err := parseUint64(value)
	if err != nil {
		return nil, false, err
	}
	return c.Message(index)
}

// AddMessage appends a message.
func (c *Change) AddMessage(index uint64, r *chain.Message) {
	c.messages.put(index, r)
	c.index[string(hashNumberKey(keySequence, r.Session, r.Sequence))] = uint64Bytes(index)
}

// RemoveMessage removes the message at an index from the tree and the indexes.
func (c *Change) RemoveMessage(index uint64, r *chain.Message) {
	c.messages.remove(index)
	c.index[string(hashNumberKey(keySequence, r.Session, r.Sequence))] = nil
	c.index[string(hashKey(keyTransaction, r.ID))] = nil
}

// HasTransaction reports whether the chain, up to this point, holds a transaction.
func (c *Change) HasTransaction(id ids.ID) (bool, error) {
	key := hashKey(keyTransaction, id)
	if value, ok := c.inMemory(key); ok {
		return value != nil, nil
	}
	return c.store.Latest().HasTransaction(id)
}

// AddTransaction records where a transaction is.
func (c *Change) AddTransaction(id ids.ID, location Location) {
	c.index[string(hashKey(keyTransaction, id))] = location.bytes()
	c.locations = append(c.locations, location)
}

// Numbered returns the ID that has a number in a queue, and forgets the number if drop is
// set. ids.Empty means that nothing has it.
func (c *Change) Numbered(queue Queue, number uint64, drop bool) (id ids.ID, err error) {
	key := queueKey(queue, number)
	value, err := c.indexed(key)
	if err != nil {
		return ids.Empty, err
	}
	if value != nil {
		copy(id[:], value)
		if drop {
			c.index[string(key)] = nil
		}
	}
	return id, nil
}

// Reads returns how many leaves and indexes of the parent's state have been read: the work of a
// sweep, for one.
func (c *Change) Reads() int { return c.reads }

func (c *Change) indexed(key []byte) ([]byte, error) {
	if value, ok := c.inMemory(key); ok {
		return value, nil
	}
	return c.store.db.Get(key)
}

// inMemory returns what the change, or a block that is not in the database yet, has written at a
// key of the indexes, and whether one has.
func (c *Change) inMemory(key []byte) (value []byte, ok bool) {
	if value, ok = c.index[string(key)]; ok {
		return value, true
	}
	return c.parent.layer.get(key)
}

func (c *Change) leaf(key []byte) ([]byte, error) {
	c.reads++
	fork := c.parent
	for ; fork != nil && fork != c.store.accepted; fork = fork.parent {
		if value, ok := fork.wrote(key); ok {
			return value, nil
		}
	}
	if fork != nil {
		if known, ok, _ := c.store.latest.get(key); ok {
			return known.value, nil
		}
	}
	tree, err := c.store.treeAt(c.parent)
	if err != nil {
		return nil, err
	}
	tree.discard() // read the parent's state, not another change's
	return tree.Get(key)
}

// seal computes the leaves to write, in their canonical order: sorted by key.
func (c *Change) seal() {
	rows := len(c.identities.rows) + len(c.usages.rows) + len(c.sessions.rows) + len(c.messages.rows)
	leaves := append(make([]write, 0, 1+rows), write{chain.TotalsKey(), c.Totals.Bytes()})
	leaves = c.identities.appendTo(leaves)
	leaves = c.usages.appendTo(leaves)
	leaves = c.sessions.appendTo(leaves)
	leaves = c.sessionKeys.appendTo(leaves)
	leaves = c.rotatedKeys.appendTo(leaves)
	leaves = c.channels.appendTo(leaves)
	leaves = c.receipts.appendTo(leaves)
	leaves = c.messages.appendTo(leaves)
	leaves = c.invitations.appendTo(leaves)
	leaves = c.validatorKeys.appendTo(leaves)
	slices.SortFunc(leaves, func(a, b write) int { return bytes.Compare(a.key, b.key) })
	c.leaves = leaves
}
