package messaging

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

var (
	gameRounds  = flag.Int("game.rounds", defaultRounds, "rounds of the observer's game in private sessions")
	groupRounds = flag.Int("game.groups", defaultGroupRounds, "rounds of the observer's game in private groups")
)

// arena is a chain, with the observer who watches it.
type arena struct {
	t       testing.TB
	genesis *chain.Genesis
	url     string
	o       *observer
}

func newArena(t testing.TB, genesis *chain.Genesis) *arena {
	url, stop, err := startChain(genesis)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	return &arena{t, genesis, url, newObserver(t, url)}
}

// cast is persons, and what everybody knows of them.
type cast struct {
	*arena
	players []*player
	roots   []*root
}

func (a *arena) cast(count int, seed string, fit func(n int, id ids.ID) bool) *cast {
	c := &cast{arena: a, players: newPlayers(a.t, a.url, a.o, count, seed, fit)}
	for _, p := range c.players {
		c.roots = append(c.roots, &root{id: p.Self()})
	}
	c.knows()
	return c
}

// knows has the observer note what the persons have signed as themselves meanwhile.
func (c *cast) knows() {
	blocks, requests := c.o.read()
	v := &view{o: c.o, roots: c.roots}
	arrived := make(map[ids.ID]time.Time)
	for _, entry := range c.o.mempool(requests) {
		arrived[entry.ID()] = entry.arrived
	}
	for _, block := range blocks {
		for _, tx := range block.Transactions {
			if !ofValidators(tx) {
				v.take(submitted{tx, arrived[tx.ID()]})
			}
		}
	}
}

// tally counts what a linker says, and how often it is right.
type tally struct{ says, right int }

// score is what came out of some rounds.
type score struct {
	rounds, wins int
	linkers      map[string]*tally
}

// requireGuess fails if somebody who guesses has as many wins, or as few, less than once in 500 times.
func (s *score) requireGuess(t testing.TB) {
	bound := tailBelow(s.rounds, 1e-3)
	require.Less(t, s.wins, bound, "it sees who talks to whom")
	require.Greater(t, s.wins, s.rounds-bound, "it sees who talks to whom, and says the opposite")
}

// requireWin fails if somebody who guesses is likely to have as many wins.
func (s *score) requireWin(t testing.TB) {
	require.GreaterOrEqual(t, s.wins, tailBelow(s.rounds, winChance), "the observer must see this")
}

// round plays a round in one of two worlds, and returns what the observer sees, and which one it was.
func (c *cast) round(random *rand.Rand, of shape, how rules) (*view, int) {
	s := newSchedule(random, of)
	worlds := newWorlds(random, of, s)
	truth := random.IntN(2)
	g := &game{t: c.t, players: c.players, public: of.public, rules: how, world: worlds[truth]}
	g.play(s)
	blocks, requests := c.o.read()
	return newView(c.o, s, worlds, c.roots, blocks, requests), truth
}

// guess has the observer guess: by the first linker that says something, or by a coin.
func (s *score) guess(v *view, truth int, linkers []linker, coin int) {
	guess := -1
	for _, l := range linkers {
		preference := v.preference(l)
		if preference == 0 {
			continue
		}
		says := 0
		if preference > 0 {
			says = 1
		}
		if s.linkers == nil {
			s.linkers = make(map[string]*tally)
		}
		if s.linkers[l.name] == nil {
			s.linkers[l.name] = new(tally)
		}
		s.linkers[l.name].says++
		if says == truth {
			s.linkers[l.name].right++
		}
		if guess < 0 {
			guess = says
		}
	}
	if guess < 0 {
		guess = coin
	}
	s.rounds++
	if guess == truth {
		s.wins++
	}
}

// print logs a score, with what each linker has said.
func (s *score) print(t testing.TB, name string) {
	bound := tailBelow(s.rounds, 1e-3)
	if bound > s.rounds {
		t.Logf("%s: right in %d of %d rounds, which are too few to tell it from a guess once in 500 times", name, s.wins, s.rounds)
	} else {
		t.Logf("%s: right in %d of %d rounds; a guess is in %d or more, or %d or fewer, once in 500 times", name, s.wins, s.rounds, bound, s.rounds-bound)
	}
	for _, l := range slices.Concat(ofChain, ofNode, ofCircuits, ofTimes) {
		if n := s.linkers[l.name]; n != nil {
			t.Logf("    %-42s says %2d, right %2d", l.name, n.says, n.right)
		}
	}
}

// watcher is an observer with what it tries.
type watcher struct {
	name    string
	linkers []linker
	does    outcome
}

// outcome is what a watcher must come to.
type outcome int

const (
	guesses outcome = iota // it does no better than who guesses
	wins                   // what it says is true, and it says something nearly always
	tells                  // what it says is true
)

// requireTrue fails if one of some linkers says little, or somebody who guesses is likely to be right in as much of it.
func (s *score) requireTrue(t testing.TB, linkers []linker) {
	for _, l := range linkers {
		n := s.linkers[l.name]
		require.NotNil(t, n, l.name)
		require.GreaterOrEqual(t, n.right, tailBelow(n.says, trueChance), l.name)
	}
}

// plays plays rounds that some observers watch.
func (c *cast) plays(rounds int, of shape, how func() rules, watchers ...watcher) {
	t, random := c.t, randomOf(watchers[0].name)
	scores := make([]score, len(watchers))
	for range rounds {
		v, truth := c.round(random, of, how())
		coin := random.IntN(2)
		for i := range watchers {
			scores[i].guess(v, truth, watchers[i].linkers, coin)
			if watchers[i].does == guesses {
				v.requireFields()
				v.requireGreetings()
			}
		}
	}
	for i := range watchers {
		scores[i].print(t, watchers[i].name)
		switch watchers[i].does {
		case guesses:
			scores[i].requireGuess(t)
		case wins:
			scores[i].requireWin(t)
			scores[i].requireTrue(t, watchers[i].linkers[len(ofChain):])
		case tells:
			scores[i].requireTrue(t, watchers[i].linkers[len(ofChain):])
		}
	}
}

// anybody fits every person.
func anybody(int, ids.ID) bool { return true }

// TestTheObserversGame: in private sessions the observer of the chain guesses, and the node that all ask knows by what
// it is asked.
func TestTheObserversGame(t *testing.T) {
	t.Parallel()
	a := newArena(t, genesisWithBuckets(4))
	c := a.cast(8, "together", func(_ int, id ids.ID) bool { return chain.BucketOf(id, 1).Number == 1 })
	c.plays(*gameRounds, shape{
		people: 8, invitations: 4, sessions: 4, length: 3, restarts: 4, again: true,
		actions: []action{doesSend, doesSend, doesSend, doesAcknowledge, doesRotate, doesSendFile, doesClose},
	}, func() rules { return rules{} },
		watcher{"the observer of the chain", ofChain, guesses},
		watcher{"the node, all over one connection", slices.Concat(ofChain, ofNode), wins},
		watcher{"the node, by circuits", slices.Concat(ofChain, ofCircuits), guesses},
		watcher{"the same, by what is asked for when", slices.Concat(ofChain, ofNode[1:]), wins},
	)
}

// TestTheObserverWinsWhereAProtectionIsOff leaves out one at a time.
func TestTheObserverWinsWhereAProtectionIsOff(t *testing.T) {
	t.Parallel()
	answers := shape{people: 8, invitations: 4, sessions: 4}
	texts := shape{people: 8, invitations: 4, sessions: 2, length: 4, actions: []action{doesSend}}
	public := shape{people: 8, invitations: 4, sessions: 4, length: 1, actions: []action{doesSend, doesAcknowledge}, public: true}
	library := func() rules { return rules{} }
	a := newArena(t, testGenesis)
	c := a.cast(8, "anybody", anybody)
	for _, off := range []struct {
		name  string
		shape shape
		rules func() rules
	}{
		{"public sessions", public, library},
		{"one pseudonym in two sessions", answers, reusesPseudonym},
		{"the root answers", answers, answersAsRoot},
		{"the inviter's ID on the envelope", shape{people: 8, invitations: 4}, invitesByName},
		{"a nonce that follows from a public key", answers, answersWithVisibleNonce},
		{"messages without padding", texts, sendsUnpadded},
		{"a prekey published just before", answers, answersAfterAWeek},
	} {
		c.plays(roundsOff, off.shape, off.rules, watcher{off.name, ofChain, wins})
	}
	for _, p := range c.players {
		p.publishAgain(t)
	}
	c.knows()
	c.plays(roundsOff, answers, readsTheClock, watcher{"deadlines by clocks that are off", ofChain, wins})
}

// TestTheObserverWinsByBucketsOfOne has all bits of a recipient shown that there are.
func TestTheObserverWinsByBucketsOfOne(t *testing.T) {
	t.Parallel()
	a := newArena(t, genesisWithBuckets(1))
	c := a.cast(8, "apart", func(n int, id ids.ID) bool { return chain.BucketOf(id, 3).Number == uint64(n) })
	a.turns()
	c.plays(roundsOff, shape{people: 8, invitations: 4}, func() rules { return rules{} }, watcher{"buckets of one", ofChain, wins})
}

// turns waits until the bits of buckets follow from the identities of now.
func (a *arena) turns() {
	for period := uint64(time.Now().Unix()) / a.genesis.Limits.TransactionWindow; uint64(time.Now().Unix())/a.genesis.Limits.TransactionWindow == period; {
		time.Sleep(100 * time.Millisecond)
	}
}
