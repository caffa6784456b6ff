package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	corestore "cosmossdk.io/core/store"
	dbm "github.com/cometbft/cometbft-db"
	iavldb "github.com/cosmos/iavl/db"
)

// layer holds, in memory, what one processing block writes over its parent.
type layer struct {
	parent  *layer            // nil: the database is below
	writes  map[string][]byte // all but the new nodes; nil: deleted
	version int64             // of the tree after the block; 0: none
	nodes   [][]byte          // what that version adds to the tree, and nothing below has: number n at n-1; nil: none
	flushed bool              // the writes are in the database
}

// newLayer returns a layer over another, with its first writes, for a version of the tree.
func newLayer(parent *layer, writes map[string][]byte, version int64) *layer {
	return &layer{parent: parent.unflushed(), writes: writes, version: version}
}

// number returns the number of the node that a key stands for, if it is one that the layer's version adds.
// IAVL numbers these from 1 on without a gap.
func (l *layer) number(key []byte) (number int, ok bool) {
	if l.version == 0 || len(key) != nodeKeySize || key[0] != keyNode || binary.BigEndian.Uint64(key[1:]) != uint64(l.version) {
		return 0, false
	}
	number = int(binary.BigEndian.Uint32(key[1+8:]))
	return number, number > 0
}

func (l *layer) set(key, value []byte) {
	number, ok := l.number(key)
	if !ok {
		l.writes[string(key)] = value
		return
	}
	if missing := number - len(l.nodes); missing > 0 {
		l.nodes = append(l.nodes, make([][]byte, missing)...)
	}
	l.nodes[number-1] = value
}

// each visits what the layer writes, sorted by key but for the nodes, which come last, sorted too.
func (l *layer) each(visit func(key, value []byte) error) error {
	for _, key := range slices.Sorted(maps.Keys(l.writes)) {
		if err := visit([]byte(key), l.writes[key]); err != nil {
			return err
		}
	}
	for i, value := range l.nodes {
		if value != nil {
			if err := visit(nodeID{l.version, uint32(i + 1)}.key(), value); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush lets go of the writes, which are in the database.
func (l *layer) flush() {
	l.flushed, l.parent, l.writes, l.nodes = true, nil, nil, nil
}

// unflushed returns the nearest layer, from l on, that is not in the database; nil if
// there is none. It lets go of those that are.
func (l *layer) unflushed() *layer {
	for l != nil && l.flushed {
		l = l.parent
	}
	return l
}

// get returns the value at key and whether a layer decides about it (nil: deleted).
func (l *layer) get(key []byte) (value []byte, decided bool) {
	for l = l.unflushed(); l != nil; l = l.parent {
		if number, ok := l.number(key); ok && number <= len(l.nodes) && l.nodes[number-1] != nil {
			return l.nodes[number-1], true
		}
		if value, decided = l.writes[string(key)]; decided {
			return value, true
		}
		l.parent = l.parent.unflushed()
	}
	return nil, false
}

// view is a layer over the database, in the form that IAVL wants. Writes go to the layer.
type view struct {
	db  dbm.DB
	top *layer // nil: read only
}

var _ iavldb.DB = (*view)(nil)

var errReadOnly = errors.New("write to a read-only view")

// Get implements iavldb.DB.
func (v *view) Get(key []byte) ([]byte, error) {
	if value, decided := v.top.get(key); decided {
		return value, nil
	}
	return v.db.Get(key)
}

// Has implements iavldb.DB.
func (v *view) Has(key []byte) (bool, error) {
	if value, decided := v.top.get(key); decided {
		return value != nil, nil
	}
	return v.db.Has(key)
}

// Iterator implements iavldb.DB.
func (v *view) Iterator(start, end []byte) (corestore.Iterator, error) {
	return v.iterate(start, end, false)
}

// ReverseIterator implements iavldb.DB.
func (v *view) ReverseIterator(start, end []byte) (corestore.Iterator, error) {
	return v.iterate(start, end, true)
}

// Close implements iavldb.DB. The database belongs to the Store.
func (*view) Close() error { return nil }

// NewBatch implements iavldb.DB.
func (v *view) NewBatch() corestore.Batch { return &viewBatch{view: v} }

// NewBatchWithSize implements iavldb.DB.
func (v *view) NewBatchWithSize(int) corestore.Batch { return v.NewBatch() }

// viewBatch collects writes for a view's layer. Keys and values are kept, not copied:
// IAVL makes new ones for each write.
type viewBatch struct {
	view   *view
	writes []write
	size   int
}

type write struct {
	key   []byte
	value []byte // nil: delete
}

// Set implements corestore.Batch.
func (b *viewBatch) Set(key, value []byte) error {
	b.writes = append(b.writes, write{key, value})
	b.size += len(key) + len(value)
	return nil
}

// Delete implements corestore.Batch.
func (b *viewBatch) Delete(key []byte) error {
	b.writes = append(b.writes, write{key, nil})
	b.size += len(key)
	return nil
}

// Write implements corestore.Batch.
func (b *viewBatch) Write() error {
	if len(b.writes) == 0 {
		return nil
	}
	if b.view.top == nil || b.view.top.flushed {
		return errReadOnly
	}
	for _, w := range b.writes {
		b.view.top.set(w.key, w.value)
	}
	return b.Close()
}

// WriteSync implements corestore.Batch. What is synced is the flush of the layer.
func (b *viewBatch) WriteSync() error { return b.Write() }

// Close implements corestore.Batch.
func (b *viewBatch) Close() error {
	b.writes, b.size = nil, 0
	return nil
}

// GetByteSize implements corestore.Batch.
func (b *viewBatch) GetByteSize() (int, error) { return b.size, nil }

// iterate merges the layers with the database. Layers are scanned whole: IAVL iterates
// only to find its latest version when a tree is opened.
func (v *view) iterate(start, end []byte, reverse bool) (corestore.Iterator, error) {
	decided := make(map[string][]byte)
	for l := v.top.unflushed(); l != nil; l = l.parent.unflushed() {
		_ = l.each(func(key, value []byte) error {
			if _, ok := decided[string(key)]; !ok && inDomain(string(key), start, end) {
				decided[string(key)] = value
			}
			return nil
		})
	}
	keys := make([]string, 0, len(decided))
	for key := range decided {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	open := v.db.Iterator
	if reverse {
		slices.Reverse(keys)
		open = v.db.ReverseIterator
	}
	base, err := open(start, end)
	if err != nil {
		return nil, err
	}
	it := &mergeIterator{base: base, keys: keys, decided: decided, reverse: reverse, start: start, end: end}
	it.settle()
	return it, nil
}

func inDomain(key string, start, end []byte) bool {
	return (start == nil || key >= string(start)) && (end == nil || key < string(end))
}

// mergeIterator walks the database's keys and the layers' together.
type mergeIterator struct {
	base       dbm.Iterator
	keys       []string // of the layers, in walking order
	decided    map[string][]byte
	reverse    bool
	start, end []byte

	key, value []byte // the current pair; key is nil at the end
}

// settle moves to the next pair that exists.
func (it *mergeIterator) settle() {
	for {
		baseValid := it.base.Valid()
		if len(it.keys) == 0 && !baseValid {
			it.key, it.value = nil, nil
			return
		}
		var order int
		switch {
		case len(it.keys) == 0:
			order = 1
		case !baseValid:
			order = -1
		default:
			order = bytes.Compare([]byte(it.keys[0]), it.base.Key())
			if it.reverse {
				order = -order
			}
		}
		if order > 0 { // Pebble's keys and values share memory: copy
			it.key, it.value = bytes.Clone(it.base.Key()), bytes.Clone(it.base.Value())
			it.base.Next()
			return
		}
		if order == 0 {
			it.base.Next() // the layer hides it
		}
		key := it.keys[0]
		it.keys = it.keys[1:]
		if value := it.decided[key]; value != nil {
			it.key, it.value = []byte(key), value
			return
		}
	}
}

// Domain implements corestore.Iterator.
func (it *mergeIterator) Domain() (start, end []byte) { return it.start, it.end }

// Valid implements corestore.Iterator.
func (it *mergeIterator) Valid() bool { return it.key != nil }

// Next implements corestore.Iterator.
func (it *mergeIterator) Next() { it.settle() }

// Key implements corestore.Iterator.
func (it *mergeIterator) Key() []byte { return it.key }

// Value implements corestore.Iterator.
func (it *mergeIterator) Value() []byte { return it.value }

// Error implements corestore.Iterator.
func (it *mergeIterator) Error() error { return it.base.Error() }

// Close implements corestore.Iterator.
func (it *mergeIterator) Close() error { return it.base.Close() }
