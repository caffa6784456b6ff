package messaging

import (
	"slices"
	"testing"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// TestTheObserversGameOfGroups: in private groups the observer of the chain guesses who is in which, and which session follows
// which, and so does the node by what comes over one circuit. It wins by when circuits are used: who has seen that a session is over
// looks for the next one at once, over another circuit.
func TestTheObserversGameOfGroups(t *testing.T) {
	t.Parallel()
	a := newArena(t, genesisWithBuckets(4))
	c := a.cast(2*groupPersons, "groups", func(_ int, id ids.ID) bool { return chain.BucketOf(id, 1).Number == 1 })
	c.plays(*groupRounds, shape{
		people: 2 * groupPersons, turns: 3, length: 1, restarts: 1, again: true,
		actions: []action{doesSend, doesSend, doesAcknowledge, doesRotate, doesSendFile},
	}, func() rules { return rules{} },
		watcher{"the observer of the chain, groups", ofChain, guesses},
		watcher{"the node, all over one connection", slices.Concat(ofChain, ofNode), wins},
		watcher{"the node, by circuits", slices.Concat(ofChain, ofCircuits[:1]), guesses},
		watcher{"the same, by which are used at once", slices.Concat(ofChain, ofTimes), tells},
	)
}

// TestTheObserverWinsWhereAProtectionOfGroupsIsOff leaves out one at a time.
func TestTheObserverWinsWhereAProtectionOfGroupsIsOff(t *testing.T) {
	t.Parallel()
	a := newArena(t, testGenesis)
	c := a.cast(2*groupPersons, "open", anybody)
	for _, off := range []struct {
		name          string
		turns, length int
		rules         func() rules
	}{
		{"a public channel", 1, 0, makesChannel},
		{"one seat in two sessions", 2, 0, sitsAgain},
		{"participants in the roster's order", 2, 0, listsByRank},
		{"a root makes a group's session", 1, 0, makesAsRoot},
		{"a group's messages without padding", 1, 3, talksUnpadded},
	} {
		c.plays(roundsOff, shape{people: 2 * groupPersons, turns: off.turns, length: off.length, actions: []action{doesSend}, bare: true}, off.rules,
			watcher{off.name, ofChain, wins})
	}
}
