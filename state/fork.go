package state

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmos/iavl"

	"github.com/luxfi/session/chain"
)

// Fork is the state after one block that is accepted or being processed.
type Fork struct {
	header *chain.Header
	parent *Fork // nil once the fork is accepted or rejected
	layer  *layer
	leaves []write // what the block wrote into the tree, until it is accepted
	tree   *tree   // the executing tree that stands at this block; nil if there is none

	locations []Location // of the block's transactions, until it is accepted
	// written is how many entries the block wrote into its layer, but for the tree's nodes: what the next block
	// will need, more or less.
	written int
}

// Header returns the header of the block that the fork is the state after.
func (f *Fork) Header() *chain.Header { return f.header }

// Locations returns where the block's transactions are, in its order.
func (f *Fork) Locations() []Location { return f.locations }

// wrote returns what the block wrote at a key of the tree, and whether it did.
func (f *Fork) wrote(key []byte) (value []byte, ok bool) {
	i, ok := slices.BinarySearchFunc(f.leaves, key, func(leaf write, key []byte) int {
		return bytes.Compare(leaf.key, key)
	})
	if !ok {
		return nil, false
	}
	return f.leaves[i].value, true
}

// version is the tree's version after the block.
func version(height uint64) int64 { return int64(height) + 1 }

// tree is an executing tree: it stands at a fork and can go on to one of its children.
type tree struct {
	*iavl.MutableTree
	view *view
	// working is the change whose leaves are in the working tree, not saved; nil if none.
	working *Change
}

// discard forgets what a change has set without saving.
func (t *tree) discard() {
	if t.working != nil {
		t.Rollback()
		t.working = nil
	}
}

func newIAVL(v *view, cacheNodes int) *iavl.MutableTree {
	// A layer takes all writes of a version at once: no flush in pieces.
	return iavl.NewMutableTree(v, cacheNodes, true, iavl.NewNopLogger(), iavl.FlushThresholdOption(1<<40))
}

// treeAt returns an executing tree that stands at the fork: the warm one, or a cold one
// opened on the fork's layer.
func (s *Store) treeAt(f *Fork) (*tree, error) {
	if f.tree != nil {
		return f.tree, nil
	}
	t := &tree{view: &view{db: s.db, top: f.layer}}
	t.MutableTree = newIAVL(t.view, s.options.CacheNodes)
	if _, err := t.LoadVersion(version(f.header.Height)); err != nil {
		return nil, fmt.Errorf("opening the tree at height %d: %w", f.header.Height, err)
	}
	if root := t.Hash(); string(root) != string(f.header.StateRoot[:]) {
		return nil, fmt.Errorf("damaged database: the tree at height %d has root %x, the header %s", f.header.Height, root, f.header.StateRoot)
	}
	s.coldTrees.Add(1)
	f.tree = t
	return t, nil
}

// Begin starts a change on a fork's state.
func (s *Store) Begin(parent *Fork) (*Change, error) {
	c := newChange(s, parent)
	value, err := c.leaf(chain.TotalsKey())
	if err != nil {
		return nil, err
	}
	if c.Totals, err = chain.ParseTotals(value); err != nil {
		return nil, damaged(err)
	}
	return c, nil
}

// Root sets the change's leaves in the parent's tree, without saving them, and returns
// the root hash. The change can't be added to any more.
func (c *Change) Root() (chain.Hash, error) {
	if c.leaves == nil {
		c.seal()
	}
	if _, err := c.apply(); err != nil {
		return chain.Hash{}, err
	}
	return c.root, nil
}

// apply makes sure that the parent's working tree holds the change.
func (c *Change) apply() (*tree, error) {
	t, err := c.store.treeAt(c.parent)
	if err != nil {
		return nil, err
	}
	if t.working == c {
		return t, nil
	}
	t.discard()
	t.working = c
	for _, leaf := range c.leaves {
		if leaf.value == nil {
			_, _, err = t.Remove(leaf.key)
		} else {
			_, err = t.Set(leaf.key, leaf.value)
		}
		if err != nil {
			t.discard()
			return nil, fmt.Errorf("writing the tree: %w", err)
		}
	}
	copy(c.root[:], t.WorkingHash())
	return t, nil
}

var errRootChanged = errors.New("the state root of a change is not its header's")

// Save saves the change as the state after the block with the header, in a layer over the
// parent's. The parent's tree goes on to the new fork.
func (c *Change) Save(header *chain.Header) (*Fork, error) {
	t, err := c.apply()
	if err != nil {
		return nil, err
	}
	if c.root != header.StateRoot {
		t.discard()
		return nil, errRootChanged
	}
	fork := &Fork{header: header, parent: c.parent, layer: newLayer(c.parent.layer, c.index, version(header.Height)), leaves: c.leaves, locations: c.locations}
	t.view.top = fork.layer
	t.working = nil
	c.parent.tree = nil
	root, saved, err := t.SaveVersion()
	if err != nil {
		return nil, fmt.Errorf("saving the tree: %w", err)
	}
	if saved != version(header.Height) || string(root) != string(header.StateRoot[:]) {
		return nil, fmt.Errorf("%w: version %d, root %x", errRootChanged, saved, root)
	}
	fork.tree, fork.written = t, len(fork.layer.writes)
	return fork, nil
}
