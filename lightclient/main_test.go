package lightclient

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cloudflare/circl/ecc/bls12381"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	testNetworkID = 1337
	testPeriod    = 1000 * time.Second
	testDrift     = 10 * time.Second
	testKeyCount  = 100
)

var (
	testChainID = ids.ID{'l', 'i', 'g', 'h', 't'}
	// testStart is the time of the block at height 0; each later block takes a second.
	testStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

func testRules() Rules {
	return Rules{
		Verifier:       warp.Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: warp.CiphersuitePOP},
		TrustingPeriod: testPeriod,
		MaxClockDrift:  testDrift,
	}
}

// testKeys are the keys of all validators, in the canonical order: seed i is 32 times the
// byte i+1.
var testKeys = sync.OnceValue(func() []*signing.SecretKey {
	var keys []*signing.SecretKey
	for i := range byte(testKeyCount) {
		key, err := signing.SecretKeyFromSeed(bytes.Repeat([]byte{i + 1}, signing.SeedSize))
		if err != nil {
			panic(err)
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b *signing.SecretKey) int {
		return bytes.Compare(a.PublicKey().Uncompressed(), b.PublicKey().Uncompressed())
	})
	return keys
})

// weights is a validator set: the weight of each of testKeys that is in it, and of keyless.
type weights map[int]uint64

// keyless stands for the validators of a set that have no key.
const keyless = -1

// equally gives keys a weight of 10 each.
func equally(keys ...int) weights {
	w := make(weights, len(keys))
	for _, k := range keys {
		w[k] = 10
	}
	return w
}

var testSets sync.Map // by the weights' text

func (w weights) set() *warp.ValidatorSet {
	if s, ok := testSets.Load(fmt.Sprint(w)); ok {
		return s.(*warp.ValidatorSet)
	}
	var members []warp.Member
	for k, weight := range w {
		member := warp.Member{Weight: weight}
		if k != keyless {
			member.PublicKey = testKeys()[k].PublicKey().Bytes()
		}
		members = append(members, member)
	}
	set, err := warp.NewValidatorSet(members)
	if err != nil {
		panic(err)
	}
	testSets.Store(fmt.Sprint(w), set)
	return set
}

// keys returns the keys in the set, in the canonical order.
func (w weights) keys() []int {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(w)), func(k int) bool { return k == keyless })
}

// of returns the weight of keys.
func (w weights) of(keys ...int) (sum uint64) {
	for _, k := range keys {
		sum += w[k]
	}
	return sum
}

// total returns the weight of all, also of those without a key.
func (w weights) total() uint64 { return w.of(w.keys()...) + w[keyless] }

// signMessage signs with all of the keys at once: the sum of their secrets signs what the
// sum of their signatures is.
func signMessage(suite warp.Ciphersuite, unsigned *warp.UnsignedMessage, keys []int) warp.Signature {
	sum := new(big.Int)
	for _, k := range keys {
		secret, err := testKeys()[k].Bytes()
		if err != nil {
			panic(err)
		}
		sum.Add(sum, new(big.Int).SetBytes(secret))
	}
	sum.Mod(sum, new(big.Int).SetBytes(bls12381.Order()))
	signer, err := signing.ParseSecretKey(sum.FillBytes(make([]byte, signing.SecretKeySize)))
	if err != nil {
		panic(err)
	}
	signature, err := signer.Sign(suite, unsigned.Bytes())
	if err != nil {
		panic(err)
	}
	return signature
}

// certify returns the certificate of a header by those of the keys that are in a set.
func certify(header *chain.Header, w weights, keys ...int) *warp.Certificate {
	return certifyWith(warp.CiphersuitePOP, testNetworkID, header, w, keys...)
}

func certifyWith(suite warp.Ciphersuite, network uint32, header *chain.Header, w weights, keys ...int) *warp.Certificate {
	var signing, indices []int
	for i, k := range w.keys() {
		if slices.Contains(keys, k) {
			signing, indices = append(signing, k), append(indices, i)
		}
	}
	c := &warp.Certificate{NetworkID: network, SourceChainID: header.ChainID, BlockID: header.ID(), Signers: warp.NewSigners(indices...)}
	if len(signing) > 0 {
		c.Signature = signMessage(suite, warp.BlockMessage(network, header.ChainID, header.ID()), signing)
	}
	return c
}

// testBlock is a block of a chain, its validators, and which keys have signed it.
type testBlock struct {
	header  *chain.Header
	weights weights
	signers []int

	mu     sync.Mutex
	signed map[string]*warp.Certificate // by the set
}

// light returns the light block, with handovers from the sets of other blocks.
func (b *testBlock) light(trusted ...*testBlock) *LightBlock {
	light := &LightBlock{Header: b.header, Validators: b.weights.set(), Certificate: b.certificate(b.weights)}
	for _, t := range trusted {
		if t.header.ValidatorSetHash != b.header.ValidatorSetHash {
			light.Handovers = append(light.Handovers, Handover{ValidatorSetHash: t.header.ValidatorSetHash, Certificate: b.certificate(t.weights)})
		}
	}
	return light
}

func (b *testBlock) certificate(w weights) *warp.Certificate {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.signed[fmt.Sprint(w)]; c != nil {
		return c
	}
	c := certify(b.header, w, b.signers...)
	if b.signed == nil {
		b.signed = make(map[string]*warp.Certificate)
	}
	b.signed[fmt.Sprint(w)] = c
	return c
}

func (b *testBlock) checkpoint() Checkpoint {
	return Checkpoint{Header: b.header, Validators: b.weights.set()}
}

// testChain has the blocks of the heights from 0 on.
type testChain []*testBlock

// extend returns the chain with one more block for each set, signed by all of its
// validators.
func (c testChain) extend(sets ...weights) testChain {
	c = slices.Clone(c)
	for _, w := range sets {
		header := &chain.Header{
			Version: chain.HeaderVersion, ChainID: testChainID, Parent: ids.ID{'g'}, Height: uint64(len(c)),
			Timestamp: uint64(testStart.UnixMilli()),
			StateRoot: chain.Hash{byte(len(c)), byte(len(c) >> 8)}, PChainHeight: uint64(len(c) / 2),
			ValidatorSetHash: w.set().Hash(testNetworkID, testChainID),
		}
		if len(c) > 0 {
			header.Parent = c[len(c)-1].header.ID()
			header.Timestamp = c[len(c)-1].header.Timestamp + 1000
		}
		c = append(c, &testBlock{header: header, weights: w, signers: w.keys()})
	}
	return c
}

// fork returns another chain, with the same blocks below a height and others from there on.
func (c testChain) fork(height int) testChain {
	forked := slices.Clone(c[:height])
	for _, b := range c[height:] {
		header := *b.header
		header.Parent = forked[len(forked)-1].header.ID()
		header.StateRoot[31] = 0xff
		forked = append(forked, &testBlock{header: &header, weights: b.weights, signers: b.signers})
	}
	return forked
}

// at returns the time at which a height is the latest.
func (c testChain) at(height int) time.Time { return c[height].header.Time().Add(time.Second) }

// repeat returns a set for each of n blocks.
func repeat(n int, w weights) []weights { return slices.Repeat([]weights{w}, n) }

// testProvider shows a chain.
type testProvider struct {
	name  string
	chain testChain
	// change changes what is shown; it may be nil.
	change func(height uint64, b *LightBlock) (*LightBlock, error)
	asked  []uint64
}

func (p *testProvider) String() string { return p.name }

func (p *testProvider) LightBlock(_ context.Context, height, trusted uint64) (*LightBlock, error) {
	p.asked = append(p.asked, height)
	asked := height
	if height == 0 {
		height = uint64(len(p.chain) - 1)
	}
	if height >= uint64(len(p.chain)) {
		return nil, notFound("a block", height)
	}
	var from []*testBlock
	if trusted < uint64(len(p.chain)) {
		from = append(from, p.chain[trusted])
	}
	b := p.chain[height].light(from...)
	if p.change != nil {
		return p.change(asked, b)
	}
	return b, nil
}

func (p *testProvider) Header(_ context.Context, height uint64) (*chain.Header, error) {
	p.asked = append(p.asked, height)
	if height >= uint64(len(p.chain)) {
		return nil, notFound("a header", height)
	}
	return p.chain[height].header, nil
}

// testConfig is of a client that trusts a chain's block and whose clock stands just after
// the chain's latest.
func testConfig(c testChain, trusted int) Config {
	return Config{
		Trust:   TrustOptions{Rules: testRules(), Checkpoint: c[trusted].checkpoint()},
		Primary: &testProvider{name: "primary", chain: c},
		Now:     func() time.Time { return c.at(len(c) - 1) },
	}
}

func newClient(t testing.TB, config Config) *Client {
	t.Helper()
	client, err := New(config)
	require.NoError(t, err)
	return client
}

func addSignatures(a, b warp.Signature) (sum warp.Signature) {
	var first, second bls12381.G2
	if err := errors.Join(first.SetBytes(a[:]), second.SetBytes(b[:])); err != nil {
		panic(err)
	}
	first.Add(&first, &second)
	copy(sum[:], first.BytesCompressed())
	return sum
}

// rogueKey returns the public key that is a key minus others.
func rogueKey(key int, minus ...int) []byte {
	point := func(k int) *bls12381.G1 {
		p := new(bls12381.G1)
		if err := p.SetBytes(testKeys()[k].PublicKey().Bytes()); err != nil {
			panic(err)
		}
		return p
	}
	sum := point(key)
	for _, k := range minus {
		p := point(k)
		p.Neg()
		sum.Add(sum, p)
	}
	return sum.BytesCompressed()
}
