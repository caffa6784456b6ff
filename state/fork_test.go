package state

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/chain"
)

// mutate makes changes that follow from a number alone.
func mutate(seed uint64) func(*Change) {
	return func(c *Change) {
		random := rand.New(rand.NewPCG(seed, 1))
		for range 1 + random.IntN(12) {
			switch n := random.IntN(40); random.IntN(5) {
			case 0, 1:
				putIdentity(c, n, byte(seed))
			case 2:
				c.RemoveIdentity(numberedID(n))
			case 3:
				addMessages(c, numberedID(n%3), 1+random.IntN(3))
			default:
				if c.Totals.MessagesSwept < c.Totals.Messages {
					c.Totals.MessagesSwept++
					message, exists, err := c.Message(c.Totals.MessagesSwept)
					if err != nil || !exists {
						panic(fmt.Sprint("message ", c.Totals.MessagesSwept, exists, err))
					}
					c.RemoveMessage(c.Totals.MessagesSwept, message)
				}
			}
		}
	}
}

// TestTheOrderInWhichForksAreExecutedDoesNotChangeTheirRoots executes one tree of blocks in
// two orders, in which different trees are warm and cold, and accepts a path through it,
// with another order of commits and executions.
func TestTheOrderInWhichForksAreExecutedDoesNotChangeTheirRoots(t *testing.T) {
	cold := uint64(0)
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 14).Draw(r, "blocks")
		parents := make([]int, n) // of block i+1; block 0 is the first
		for i := range parents {
			parents[i] = rapid.IntRange(max(0, i-4), i).Draw(r, "parent")
		}
		depthFirst := newScene(t, Options{CacheNodes: 1000, CacheLeaves: 10, History: 100})
		breadthFirst := newScene(t, Options{CacheNodes: 1000, CacheLeaves: 1, History: 100})
		first := map[int]made{0: {fork: depthFirst.Accepted()}}
		second := map[int]made{0: {fork: breadthFirst.Accepted()}}
		for i, parent := range parents { // as they were drawn
			second[i+1] = breadthFirst.build(second[parent].fork, mutate(uint64(i)))
		}
		var descend func(int)
		descend = func(at int) {
			for i, parent := range parents {
				if parent == at {
					first[i+1] = depthFirst.build(first[at].fork, mutate(uint64(i)))
					require.Equal(r, second[i+1].block.ID(), first[i+1].block.ID(), "block %d on %d", i+1, at)
					descend(i + 1)
				}
			}
		}
		descend(0)
		cold += depthFirst.ColdTrees() + breadthFirst.ColdTrees()

		// Accept the path to the last block. One store makes each block anew just before.
		var path []int
		for at := n; at != 0; at = parents[at-1] {
			path = append([]int{at}, path...)
		}
		for _, at := range path {
			require.NoError(r, depthFirst.Accept(first[at].fork, first[at].block))
			for i := range second {
				if i != 0 && i != at && parents[i-1] == parents[at-1] {
					breadthFirst.Reject(second[i].fork)
				}
			}
			if rapid.Bool().Draw(r, "restart") {
				breadthFirst.reopen()
			}
			anew := breadthFirst.build(breadthFirst.Accepted(), mutate(uint64(at-1)))
			require.Equal(r, first[at].block.ID(), anew.block.ID())
			require.NoError(r, breadthFirst.Accept(anew.fork, anew.block))
		}
		require.Equal(r, depthFirst.Last(), breadthFirst.Last())
		requireSameDatabase(r, depthFirst, breadthFirst)
	})
	require.Positive(t, cold, "some trees were opened anew")
}

// requireSameDatabase requires that two stores on the same block hold the same bytes.
func requireSameDatabase(t require.TestingT, a, b *scene) {
	dump := func(s *scene) map[string]string {
		it, err := s.db.Iterator(nil, nil)
		require.NoError(t, err)
		pairs := make(map[string]string)
		for ; it.Valid(); it.Next() {
			pairs[string(it.Key())] = string(it.Value())
		}
		require.NoError(t, it.Close())
		return pairs
	}
	require.Equal(t, dump(a), dump(b))
}

func TestChangesOnOneStateDoNotSeeEachOther(t *testing.T) {
	s := newScene(t, Options{})
	one, err := s.Begin(s.Accepted())
	require.NoError(t, err)
	two, err := s.Begin(s.Accepted())
	require.NoError(t, err)
	one.Totals.Height, two.Totals.Height = 1, 1
	putIdentity(one, 1, 'a')
	firstRoot, err := one.Root()
	require.NoError(t, err)
	_, exists, err := two.Identity(numberedID(1))
	require.NoError(t, err)
	require.False(t, exists)
	putIdentity(two, 2, 'b')
	secondRoot, err := two.Root()
	require.NoError(t, err)
	require.NotEqual(t, firstRoot, secondRoot)
	again, err := one.Root()
	require.NoError(t, err)
	require.Equal(t, firstRoot, again)
}

func TestSaveRefusesAnotherRoot(t *testing.T) {
	s := newScene(t, Options{})
	c, err := s.Begin(s.Accepted())
	require.NoError(t, err)
	c.Totals.Height = 1
	root, err := c.Root()
	require.NoError(t, err)
	_, err = c.Save(&chain.Header{Height: 1, StateRoot: chain.Hash{1}})
	require.ErrorIs(t, err, errRootChanged)
	_, err = c.Save(&chain.Header{Height: 1, StateRoot: root})
	require.NoError(t, err, "the change is not lost")
}

func TestOnlyAChildOfTheLastAcceptedBlockIsAccepted(t *testing.T) {
	s := newScene(t, Options{})
	one := s.build(s.Accepted(), mutate(1))
	two := s.build(one.fork, mutate(2))
	sibling := s.build(s.Accepted(), mutate(3))
	require.ErrorContains(t, s.Accept(two.fork, two.block), "its parent is not the last accepted block")
	require.NoError(t, s.Accept(one.fork, one.block))
	require.ErrorContains(t, s.Accept(sibling.fork, sibling.block), "its parent is not the last accepted block")
	s.Reject(sibling.fork)
	require.NoError(t, s.Accept(two.fork, two.block))
	require.Equal(t, two.block.Header, s.Last())
}
