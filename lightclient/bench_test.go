package lightclient

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/proofs"
)

// first returns the keys 0 to n-1.
func first(n int) (keys []int) {
	for k := range n {
		keys = append(keys, k)
	}
	return keys
}

// What it takes to verify one file, offline: decoding, the certificate, the proof in the
// state tree, and the sender's signature.
func BenchmarkVerifyCertifiedBundle(b *testing.B) {
	for _, validators := range []int{5, 100} {
		b.Run(fmt.Sprint(validators, " validators"), func(b *testing.B) {
			h := newHistory(b, repeat(historyBlocks, equally(first(validators)...))...)
			options, now := h.trust(0), h.chain.at(historyBlocks-1)
			certified := h.certified(h.message(4, 1), 0)
			file := certified.Bytes()
			for b.Loop() {
				parsed, err := proofs.ParseBundle(file)
				require.NoError(b, err)
				_, err = VerifyOffline(parsed, options, now)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(len(file)), "file-bytes")
			b.ReportMetric(float64(len(certified.Certificates)), "certificates-bytes")
		})
	}
	b.Run("the bundle alone", func(b *testing.B) {
		h := newHistory(b)
		file := h.message(4, 1).Bytes()
		basis := Basis{BlockID: h.chain[4].header.ID()}
		for b.Loop() {
			bundle, err := proofs.ParseBundle(file)
			require.NoError(b, err)
			_, err = VerifyBundle(bundle, basis)
			require.NoError(b, err)
		}
	})
}

// sign makes each block's certificate, and its handover from the set of the block below.
func (c testChain) sign() {
	var group sync.WaitGroup
	for part := range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for height := part + 1; height < len(c); height += runtime.GOMAXPROCS(0) {
				_ = c[height].light(c[height-1])
			}
		})
	}
	group.Wait()
}

// Following 10,000 headers of five validators, from memory. Of the changing set one
// validator is replaced every 130 blocks, so that all are new after 650.
func BenchmarkFollow10000Headers(b *testing.B) {
	const headers = 10_000
	var changing []weights
	for height := range headers + 1 {
		var keys []int
		for i := range 5 {
			keys = append(keys, (height/130+i)%testKeyCount)
		}
		changing = append(changing, equally(keys...))
	}
	for _, set := range []struct {
		name string
		sets []weights
	}{{"same set", repeat(headers+1, equally(first(5)...))}, {"changing set", changing}} {
		c := testChain{}.extend(set.sets...)
		for _, way := range []struct {
			name       string
			sequential bool
		}{{"bisection", false}, {"one by one", true}} {
			b.Run(set.name+"/"+way.name, func(b *testing.B) {
				config := testConfig(c, 0)
				config.Trust.TrustingPeriod = DefaultTrustingPeriod
				config.Sequential = way.sequential
				primary := config.Primary.(*testProvider)
				follow := func() {
					config.Store, primary.asked = NewMemoryStore(), nil
					latest, err := newClient(b, config).Update(context.Background())
					require.NoError(b, err)
					require.EqualValues(b, headers, latest.Header.Height)
				}
				// The blocks that are asked for are signed before the clock starts.
				if way.sequential {
					c.sign()
				} else {
					follow()
				}
				for b.Loop() {
					follow()
				}
				b.ReportMetric(float64(len(primary.asked)), "blocks-asked")
				b.ReportMetric(headers*float64(b.N)/b.Elapsed().Seconds(), "headers/s")
			})
		}
	}
}

var benchHeaders = flag.Int("bench.headers", 10_000, "headers that the benchmark of policies follows")

// Following headers of five validators with each policy, from memory: by bisection, which takes one block because the set stays;
// block by block; and back from the last one by their hashes, which takes no signatures.
func BenchmarkFollowByPolicy(b *testing.B) {
	set, keys := equally(first(5)...), keyed(first(5)...)
	start := newPQBlock(b, nil, set, keys)
	chain := []*pqBlock{start}
	for len(chain) <= *benchHeaders {
		header := *start.header // the keys stay, and so does what proves them
		parent := chain[len(chain)-1].header
		header.Height, header.Parent, header.Timestamp = parent.Height+1, parent.ID(), parent.Timestamp+1
		chain = append(chain, &pqBlock{header: &header, weights: set, keys: keys, proofs: start.proofs})
	}
	last := chain[len(chain)-1]
	store := NewMemoryStore()
	var group sync.WaitGroup
	for part := range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := part; i < len(chain); i += runtime.GOMAXPROCS(0) {
				_ = store.Save(chain[i].light(0, 1, 2, 3))
			}
		})
	}
	group.Wait()
	for _, way := range []string{"bisection", "one by one", "back"} {
		for _, policy := range []Policy{PolicyBLS, PolicyMLDSA, PolicyBoth} {
			b.Run(fmt.Sprint(way, "/", policy), func(b *testing.B) {
				for b.Loop() {
					client := newClient(b, Config{
						Trust: TrustOptions{Rules: *pqRules(policy), Checkpoint: start.checkpoint(b)}, Primary: NewStoreProvider("primary", store),
						Sequential: way == "one by one", Now: func() time.Time { return last.header.Time() },
					})
					latest, err := client.Update(context.Background())
					require.NoError(b, err)
					require.Equal(b, last.header.ID(), latest.Header.ID())
					if way == "back" {
						header, err := client.back(context.Background(), latest.Header, start.header.Height+1)
						require.NoError(b, err)
						require.Equal(b, chain[1].header.ID(), header.ID())
					}
				}
				b.ReportMetric(float64(*benchHeaders)*float64(b.N)/b.Elapsed().Seconds(), "headers/s")
			})
		}
	}
}
