package gossip

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// submission is a transaction that a client has given to a node.
type submission struct {
	tx    *chain.Transaction
	at    *testNode
	began time.Time
	heard []hearing // of it
}

// submissions gives each of the nodes a transaction in each of so many epochs, and returns what came of them.
func submissions(t *testing.T, n *testNetwork, nodes []*testNode, epochs int) (all []*submission) {
	random := rand.New(rand.NewPCG(4, 4))
	of := make(map[chain.Hash]*submission)
	n.silent.Store(true)
	for range epochs {
		for _, i := range random.Perm(len(nodes)) {
			s := &submission{tx: plain(t, len(all)), at: nodes[i], began: time.Now()}
			all, of[s.tx.Leaf()] = append(all, s), s
			s.at.submit(s.tx)
			time.Sleep(7 * time.Millisecond)
		}
		for _, s := range all[len(all)-len(nodes):] {
			for onStem, holds := 1, 0; onStem > 0 || holds < len(n.nodes)/2; time.Sleep(stemSweep) {
				require.Less(t, time.Since(s.began), 4*stemWait)
				onStem, holds = 0, 0
				for _, node := range n.nodes {
					if node.OnStem(s.tx.ID()) {
						onStem++
					}
					holds += node.holds([]*chain.Transaction{s.tx})
				}
			}
		}
		for _, node := range n.nodes {
			node.newEpoch()
		}
	}
	synctest.Wait()
	for _, h := range n.hear() {
		of[h.tx].heard = append(of[h.tx].heard, h)
	}
	return all
}

// TestAFirstSpySeldomNamesTheNodeThatWasAsked: of 30 nodes 6 are spies, who note from whom they have each transaction first.
// The first-spy estimator names the one from whom any of them has it first; another names who spreads it first.
func TestAFirstSpySeldomNamesTheNodeThatWasAsked(t *testing.T) {
	const nodes, spies = 30, 6
	precision := func(n *testNetwork, epochs int) (first, spread float64) {
		n.set(0, 50*time.Millisecond)
		all := submissions(t, n, n.nodes[spies:], epochs)
		for _, s := range all {
			heard := slices.DeleteFunc(s.heard, func(h hearing) bool {
				return !slices.ContainsFunc(n.nodes[:spies], func(spy *testNode) bool { return spy.id == h.to })
			})
			if heard[0].from == s.at.id {
				first++
			}
			if i := slices.IndexFunc(heard, func(h hearing) bool { return !h.stem }); heard[i].from == s.at.id {
				spread++
			}
		}
		return first / float64(len(all)), spread / float64(len(all))
	}
	var without, with, spread, dropped float64
	inNetwork(t, nodes, "", func(t *testing.T, n *testNetwork) { without, _ = precision(n, 1) })
	inStemNetwork(t, nodes, func(t *testing.T, n *testNetwork) { with, spread = precision(n, 6) })
	inStemNetwork(t, nodes, func(t *testing.T, n *testNetwork) {
		n.drop(n.nodes[:spies]...)
		_, dropped = precision(n, 6)
	})
	t.Logf("%d of %d nodes are spies: the first-spy estimator is right for %.0f%% of the transactions without stems, for %.0f%% with them", spies, nodes, 100*without, 100*with)
	t.Logf("who spreads it first was asked for %.0f%%; for %.0f%% if the spies drop what comes along stems", 100*spread, 100*dropped)
	require.Greater(t, without, 0.9)
	require.Less(t, with, 0.4, "a fifth of the first steps lead to a spy")
	require.Less(t, spread, 0.2)
	require.Less(t, dropped, 0.4)
}

// TestAStemTakesLittleTime measures until other nodes have a transaction for their blocks.
func TestAStemTakesLittleTime(t *testing.T) {
	for _, test := range []struct {
		nodes int
		delay time.Duration
	}{{5, 10 * time.Millisecond}, {5, 100 * time.Millisecond}, {20, 100 * time.Millisecond}} {
		measure := func(n *testNetwork) (mean, median, most time.Duration, steps float64) {
			n.set(0, test.delay)
			var times []time.Duration
			all := submissions(t, n, n.nodes, 60/test.nodes)
			for _, s := range all {
				seen := make(map[[20]byte]bool)
				for _, h := range s.heard {
					if h.stem {
						steps++
					} else if h.to != s.at.id && !seen[h.to] {
						seen[h.to] = true
						times = append(times, h.at.Sub(s.began))
						mean += h.at.Sub(s.began)
					}
				}
			}
			slices.Sort(times)
			return mean / time.Duration(len(times)), times[len(times)/2], times[len(times)*95/100], steps / float64(len(all))
		}
		var without, with time.Duration
		inNetwork(t, test.nodes, "", func(t *testing.T, n *testNetwork) {
			mean, median, most, _ := measure(n)
			t.Logf("%d nodes, up to %v a step, without stems: mean %v, median %v, 95%% %v", test.nodes, test.delay, mean, median, most)
			without = mean
		})
		inStemNetwork(t, test.nodes, func(t *testing.T, n *testNetwork) {
			mean, median, most, steps := measure(n)
			t.Logf("%d nodes, up to %v a step, with %.1f steps of a stem: mean %v, median %v, 95%% %v", test.nodes, test.delay, steps, mean, median, most)
			with = mean
		})
		require.Less(t, with-without, time.Second)
	}
}
