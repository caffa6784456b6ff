package state

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// Checked is what Check has looked at, and how much of it is wrong.
type Checked struct {
	Blocks, Leaves, Problems int
}

// Check verifies everything that the database and the block log hold of the chain: the blocks,
// their parents, where their transactions are, the tree node by node, and the indexes that
// follow from its leaves. It tells report what is wrong and where. The chain must not be
// running. An error is something that keeps it from going on.
func (s *Store) Check(report func(problem string)) (Checked, error) {
	c := &check{Store: s, found: make(map[byte]int), numbers: newInvitationNumbers(s.countedInvitations)}
	c.report = func(format string, arguments ...any) {
		c.Problems++
		report(fmt.Sprintf(format, arguments...))
	}
	last := s.Last()
	c.blocks(last)
	if _, _, err := c.subtree(rootID(last.Height), last.StateRoot); err != nil {
		c.report("the tree at height %d: %v", last.Height, err)
		return c.Checked, nil // indexes can't be held against it
	}
	return c.Checked, c.counts()
}

type check struct {
	*Store
	Checked
	report func(format string, arguments ...any)
	found  map[byte]int // index entries that follow from leaves and blocks, by prefix

	numbers *invitationNumbers
}

// blocks checks the blocks from the last one back to the oldest.
func (c *check) blocks(last *chain.Header) {
	expected := last.ID()
	for height := last.Height; height >= c.lowest; height-- {
		c.Blocks++
		header, err := c.HeaderAt(height)
		if err == nil && header.ID() != expected {
			err = fmt.Errorf("expected block %s, got %s", expected, header.ID())
		}
		if err != nil {
			c.report("the header at height %d: %v", height, err)
			return // those before it can't be held against anything
		}
		if at, err := c.HeightOf(expected); err != nil || at != height {
			c.report("the height of block %s: expected %d, got %d, %v", expected, height, at, err)
		}
		if err := c.body(header); err != nil {
			c.report("the body of block %s at height %d: %v", expected, height, err)
		}
		expected = header.Parent
	}
}

// body checks a block's body, and where its transactions are.
func (c *check) body(header *chain.Header) error {
	body, err := c.blockBytes(header.Height)
	if err != nil {
		return err
	}
	blk, err := parseExpected(header.ChainID, body, header.ID(), header.Height)
	if err != nil {
		return err
	}
	offset, locations := uint32(0), make([]Location, len(blk.Transactions))
	for position, tx := range blk.Transactions {
		expected := NewLocation(header.Height, uint32(position), offset, tx)
		offset, locations[position] = expected.Offset+expected.Size, expected
		value, err := c.db.Get(hashKey(keyTransaction, tx.ID()))
		if err != nil {
			return err
		}
		_, isMessage := tx.Body.(*chain.SendMessage)
		if value == nil && isMessage {
			continue // it has left the tree
		}
		if location, err := parseLocation(value); err == nil && isMessage {
			expected.Message, expected.Sequence = location.Message, location.Sequence
		}
		if !bytes.Equal(value, expected.bytes()) {
			c.report("the place of transaction %s, %d of block %d, in the index: expected %x, got %x", tx.ID(), position, header.Height, expected.bytes(), value)
		}
	}
	invitations, err := c.numbers.entries(blk, locations)
	for _, entry := range invitations {
		c.found[keyInvitation]++
		if got, err := c.db.Get(entry.key); err != nil {
			return err
		} else if !bytes.Equal(got, entry.value) {
			c.report("invitation %x in the index: expected %x, got %x", entry.key[1:], entry.value, got)
		}
	}
	return err
}

var errNodeHash = errors.New("a node has another hash")

// subtree checks a node and all below it, and returns the keys of its first and last leaf.
func (c *check) subtree(id nodeID, hash chain.Hash) (first, last []byte, err error) {
	n, err := c.readNode(id)
	if err != nil {
		return nil, nil, err
	}
	if n.height == 0 {
		if n.hash != hash {
			return nil, nil, fmt.Errorf("%w: the leaf %x, version %d, number %d: expected %s, got %s", errNodeHash, n.key, id.version, id.number, hash, n.hash)
		}
		return n.key, n.key, c.leaf(n)
	}
	children := make([]*treeNode, 2)
	for i, child := range []nodeID{n.left, n.right} {
		if children[i], err = c.readNode(child); err != nil {
			return nil, nil, err
		}
	}
	if got := innerHash(n, children[0].hash, children[1].hash); n.hash != hash || got != hash {
		return nil, nil, fmt.Errorf("%w: version %d, number %d: expected %s, got %s", errNodeHash, id.version, id.number, hash, got)
	}
	first, before, err := c.subtree(n.left, children[0].hash)
	if err != nil {
		return nil, nil, err
	}
	after, last, err := c.subtree(n.right, children[1].hash)
	if err == nil && (!bytes.Equal(n.key, after) || bytes.Compare(before, after) >= 0) {
		err = fmt.Errorf("the keys around the node of version %d, number %d: %x, %x, %x", id.version, id.number, before, n.key, after)
	}
	return first, last, err
}

// leaf checks that the index has what follows from a leaf.
func (c *check) leaf(n *treeNode) error {
	c.Leaves++
	entries, err := leafIndex(n.key, n.value)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		got, err := c.db.Get(entry.key)
		if err != nil {
			return err
		}
		prefix := entry.key[0]
		c.found[prefix]++
		switch prefix {
		case keyTransaction: // its block says where it is
			expected, _ := parseLocation(entry.value)
			location, err := parseLocation(got)
			if err != nil || location.Message != expected.Message || location.Sequence != expected.Sequence {
				c.report("the index of message %d, %x: expected an entry that names it, got %x", expected.Message, entry.key[1:], got)
			}
		case keyOrigin:
			if got == nil || len(got) != 0 && len(got) != ids.IDLen {
				c.report("the index of session %x: expected the transaction that made it, got %x", entry.key[1:], got)
			}
		default:
			if !bytes.Equal(got, entry.value) {
				c.report("the index entry %q %x: expected %x, got %x", entry.key[:1], entry.key[1:], entry.value, got)
			}
		}
	}
	return nil
}

// counts finds index entries that follow from nothing. Queues keep numbers that are gone.
func (c *check) counts() error {
	for _, prefix := range []byte{keySequence, keyParticipant, keyOrigin, keyInvitation} {
		it, err := c.db.Iterator([]byte{prefix}, []byte{prefix + 1})
		if err != nil {
			return err
		}
		count := 0
		for ; it.Valid(); it.Next() {
			count++
		}
		if err := errors.Join(it.Error(), it.Close()); err != nil {
			return err
		}
		if count != c.found[prefix] {
			c.report("the index %q: expected %d entries, as the leaves and the blocks say, got %d", prefix, c.found[prefix], count)
		}
	}
	return nil
}
