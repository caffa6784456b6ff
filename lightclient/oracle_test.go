package lightclient

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The oracle says what the rules allow in its own words: it knows who has signed what, and
// counts weights by hand. It knows nothing of headers, certificates and bit sets.

// quorumOf reports whether keys have at least 67% of a set's weight.
func quorumOf(w weights, keys []int) bool {
	var signed uint64
	for k := range w {
		if k != keyless && slices.Contains(keys, k) {
			signed += w[k]
		}
	}
	return signed > 0 && 100*signed >= 67*w.total()
}

// thirdOf reports whether keys have more than a third of a set's weight.
func thirdOf(w weights, keys []int) bool {
	var signed uint64
	for _, k := range keys {
		signed += w[k]
	}
	return 3*signed > w.total()
}

// allows reports whether a set's keys that have signed a block of another set make it trusted.
// handed are those of the trusted set that have signed a handover; nil, if there is none.
func allows(trusted, untrusted weights, signers, handed []int) bool {
	if !quorumOf(untrusted, signers) {
		return false
	}
	if maps.Equal(trusted, untrusted) {
		return true
	}
	known := true
	for _, k := range signers {
		_, in := trusted[k]
		known = known && in
	}
	return known && thirdOf(trusted, signers) || handed != nil && thirdOf(trusted, handed)
}

// drawWeights draws a set of some of the first keys, with small weights, so that the bounds
// of a third and of 67% are met often.
func drawWeights(t *rapid.T, label string) weights {
	w := make(weights)
	for _, k := range rapid.SliceOfNDistinct(rapid.IntRange(keyless, 4), 1, 5, rapid.ID[int]).Draw(t, label) {
		w[k] = rapid.SampledFrom([]uint64{1, 1, 1, 2, 3, 33, 67, 0}).Draw(t, "weight")
	}
	return w
}

// drawFrom draws some of the keys of a set: mostly all.
func drawFrom(t *rapid.T, keys []int, label string) []int {
	if rapid.IntRange(0, 2).Draw(t, label+": all?") > 0 {
		return keys
	}
	return slices.DeleteFunc(slices.Clone(keys), func(int) bool { return rapid.Bool().Draw(t, label+": not") })
}

// drawMostly draws one value nearly always, and the others now and then: many things have
// to be right at once.
func drawMostly(t *rapid.T, label string, usual int64, others ...int64) int64 {
	if rapid.IntRange(0, 11).Draw(t, label+": unusual?") > 0 {
		return usual
	}
	return rapid.SampledFrom(others).Draw(t, label)
}

func TestTheVerifierAcceptsExactlyWhatTheRulesAllow(t *testing.T) {
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		trusted := drawWeights(t, "trusted")
		untrusted := trusted
		if rapid.Bool().Draw(t, "changed") {
			untrusted = drawWeights(t, "untrusted")
		}
		height := int(drawMostly(t, "height", 5+rapid.Int64Range(1, 3).Draw(t, "ahead"), 5, 4))
		s := newScene(max(6, height), trusted, untrusted)
		signers := drawFrom(t, untrusted.keys(), "signers")

		allowed := height > 5
		s.untrusted.Certificate = nil
		header := *s.untrusted.Header
		header.Height = uint64(height)
		s.untrusted.Header = &header
		if drawMostly(t, "parent", 0, 1) == 1 {
			header.Parent[3]++
			allowed = allowed && height != 6
		} else if height != 6 {
			header.Parent = s.trusted.Header.ID()
		}
		later := drawMostly(t, "later, ms", 1000, 0, 1, -1, 999_000, 1_100_000)
		header.Timestamp = uint64(int64(s.trusted.Header.Timestamp) + later)
		higher := drawMostly(t, "platform blocks later", 2, 0, -1)
		header.PChainHeight = uint64(int64(s.trusted.Header.PChainHeight) + higher)
		age := drawMostly(t, "clock, ms after the trusted block", 2000, 0, -9000, -9001, 999_999, 1_000_000, 989_000)
		s.now = s.trusted.Header.Time().Add(time.Duration(age) * time.Millisecond)
		allowed = allowed && later >= 0 && higher >= 0 && age < 1_000_000 && later-age <= 10_000

		s.resign(signers...)
		var handed []int
		if rapid.Bool().Draw(t, "handover") {
			handed = append([]int{}, drawFrom(t, trusted.keys(), "handover")...)
			s.handover(trusted, handed...)
		}
		allowed = allowed && allows(trusted, untrusted, signers, handed)

		_, err := Verify(&s.rules, s.trusted, s.untrusted, s.now)
		if allowed {
			require.NoError(t, err)
			accepted++
		} else {
			require.Error(t, err)
		}
	})
	require.NotZero(t, accepted)
}

// drawChain draws a chain whose set changes by itself and whose blocks are mostly signed by
// all: what is to be followed, or nearly so.
func drawChain(t *rapid.T) testChain {
	w := equally(0, 1, 2, 3)
	var c testChain
	for range rapid.IntRange(2, 7).Draw(t, "blocks") {
		switch rapid.IntRange(0, 5).Draw(t, "change") {
		case 0, 1: // none
		case 2, 3: // one validator
			w = maps.Clone(w)
			k := rapid.IntRange(0, 5).Draw(t, "validator")
			if _, in := w[k]; in && len(w.keys()) > 1 {
				delete(w, k)
			} else {
				w[k] = rapid.SampledFrom([]uint64{10, 10, 5, 20}).Draw(t, "weight")
			}
		default:
			w = drawWeights(t, "new set")
		}
		c = c.extend(w)
		last := c[len(c)-1]
		last.signers = drawFrom(t, last.signers, "signers")
		if rapid.IntRange(0, 1).Draw(t, "leavers sign") == 1 {
			last.signers = []int{0, 1, 2, 3, 4, 5}
		}
	}
	return c
}

// step reports whether a block of the chain makes another one trusted, with a handover.
func (c testChain) step(from, to int) bool {
	var handed []int
	for _, k := range c[to].signers {
		if _, in := c[from].weights[k]; in {
			handed = append(handed, k)
		}
	}
	var signers []int
	for _, k := range c[to].signers {
		if _, in := c[to].weights[k]; in {
			signers = append(signers, k)
		}
	}
	return allows(c[from].weights, c[to].weights, signers, handed)
}

func TestTheClientAcceptsExactlyWhatTheRulesAllow(t *testing.T) {
	var followed, refused int
	rapid.Check(t, func(t *rapid.T) {
		c := drawChain(t)
		target := len(c) - 1
		adjacent := true                  // every block is one step from the one below
		reachable := make([]bool, len(c)) // in any steps
		reachable[0] = true
		for to := 1; to <= target; to++ {
			adjacent = adjacent && c.step(to-1, to)
			for from := range to {
				reachable[to] = reachable[to] || reachable[from] && c.step(from, to)
			}
		}
		update := func(sequential bool) (*LightBlock, Store, error) {
			config := testConfig(c, 0)
			config.Sequential, config.Store = sequential, NewMemoryStore()
			client, err := New(config)
			require.NoError(t, err)
			b, err := client.Update(context.Background())
			return b, config.Store, err
		}
		one, _, errOne := update(true)
		require.Equal(t, adjacent, errOne == nil, "one by one: %v", errOne)
		skipped, store, errSkipped := update(false)
		if adjacent {
			require.NoError(t, errSkipped, "what can be followed one by one can be followed by bisection")
			require.Equal(t, one.Header.ID(), skipped.Header.ID())
			followed++
		}
		if !reachable[target] {
			require.Error(t, errSkipped)
			refused++
		}
		heights, err := store.Heights()
		require.NoError(t, err)
		for _, height := range heights {
			require.True(t, reachable[height], "what is kept can be reached")
			b, err := store.Block(height)
			require.NoError(t, err)
			require.Equal(t, c[height].header.ID(), b.Header.ID())
		}
	})
	require.NotZero(t, followed)
	require.NotZero(t, refused)
}
