package lightclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/warp"
)

// testDSAKeys are ML-DSA-65 keys: two of each of testKeys' first, and the attacker's.
var testDSAKeys = sync.OnceValue(func() (keys []*pq.DSAKey) {
	for i := range byte(40) {
		key, err := pq.DSAKeyFromSeed(bytes.Repeat([]byte{i + 1}, pq.DSASeedSize))
		if err != nil {
			panic(err)
		}
		keys = append(keys, key)
	}
	return keys
})

// registered is which of testDSAKeys each of testKeys has on the chain; who has none is not in it.
type registered map[int]int

// keyed gives keys the ML-DSA-65 keys of the same number.
func keyed(keys ...int) registered {
	r := make(registered)
	for _, k := range keys {
		r[k] = k
	}
	return r
}

// pqBlock is a block whose state has validators' keys.
type pqBlock struct {
	header  *chain.Header
	weights weights
	keys    registered
	proofs  [][]byte
	bundle  *proofs.Bundle // of a session that is not there
}

// newPQBlock returns the block after another one, nil for the first.
func newPQBlock(t testing.TB, parent *chain.Header, w weights, keys registered) *pqBlock {
	t.Helper()
	header := &chain.Header{Version: chain.HeaderVersion, ChainID: testChainID, Height: 1, Timestamp: uint64(testStart.UnixMilli()), ValidatorSetHash: w.set().Hash(testNetworkID, testChainID)}
	if parent != nil {
		header.Height, header.Parent, header.Timestamp = parent.Height+1, parent.ID(), parent.Timestamp+1000
	}
	tree := iavl.NewMutableTree(iavldb.NewMemDB(), 1000, true, iavl.NewNopLogger())
	set := func(key, value []byte) {
		_, err := tree.Set(key, value)
		require.NoError(t, err)
	}
	set(chain.TotalsKey(), (&chain.Totals{Height: header.Height, Timestamp: header.Timestamp}).Bytes())
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		bls := testKeys()[k].PublicKey().Bytes()
		set(chain.ValidatorKeyKey(chain.ValidatorKeyID(bls)), (&chain.ValidatorKey{Scheme: chain.SchemeMLDSA65, PublicKey: testDSAKeys()[keys[k]].Public(), BLSPublicKey: bls, Number: 1}).Bytes())
	}
	root, _, err := tree.SaveVersion()
	require.NoError(t, err)
	header.StateRoot = chain.Hash(root)
	b := &pqBlock{header: header, weights: w, keys: keys}
	for _, k := range w.keys() {
		proof, err := tree.GetProof(chain.ValidatorKeyKey(chain.ValidatorKeyID(testKeys()[k].PublicKey().Bytes())))
		require.NoError(t, err)
		encoded, err := proofs.EncodeCommitment(proof)
		require.NoError(t, err)
		b.proofs = append(b.proofs, encoded)
	}
	nothing := chain.SessionKey(ids.ID{7, 1})
	proof, err := tree.GetProof(nothing)
	require.NoError(t, err)
	b.bundle, err = proofs.NewBundle(header, nothing, proof)
	require.NoError(t, err)
	return b
}

// attest returns the certificate of a block by keys, as a set that has others sees it.
func (b *pqBlock) attest(signers ...int) *warp.PostQuantumCertificate {
	c := &warp.PostQuantumCertificate{Scheme: chain.SchemeMLDSA65, NetworkID: testNetworkID, ChainID: testChainID, Height: b.header.Height, BlockID: b.header.ID()}
	var indices []int
	for i, k := range b.weights.keys() {
		of, ok := b.keys[k]
		if !ok || !slices.Contains(signers, k) {
			continue
		}
		signature, err := testDSAKeys()[of].Sign(warp.ContextAttestation, warp.AttestedBytes(testNetworkID, testChainID, b.header.Height, b.header.ID()))
		if err != nil {
			panic(err)
		}
		indices, c.Signatures = append(indices, i), append(c.Signatures, signature)
	}
	c.Signers = warp.NewSigners(indices...)
	return c
}

// light returns the light block, signed both ways by keys.
func (b *pqBlock) light(signers ...int) *LightBlock {
	return &LightBlock{
		Header: b.header, Validators: b.weights.set(), Certificate: certify(b.header, b.weights, signers...),
		PostQuantum: &PostQuantum{Proofs: b.proofs, Certificate: b.attest(signers...)},
	}
}

func (b *pqBlock) all() *LightBlock { return b.light(b.weights.keys()...) }

func (b *pqBlock) checkpoint(t testing.TB) Checkpoint {
	t.Helper()
	keys, err := b.all().provenKeys()
	require.NoError(t, err)
	return Checkpoint{Header: b.header, Validators: keys.ValidatorSet, Keys: keys}
}

func pqRules(policy Policy) *Rules {
	rules := testRules()
	rules.Policy = policy
	return &rules
}

// pqChain returns blocks, one for each set and what it has registered.
func pqChain(t testing.TB, sets []weights, keys []registered) (blocks []*pqBlock) {
	t.Helper()
	var parent *chain.Header
	for i := range sets {
		blocks = append(blocks, newPQBlock(t, parent, sets[i], keys[i]))
		parent = blocks[i].header
	}
	return blocks
}

func storeOf(blocks []*pqBlock) *MemoryStore {
	var all []*LightBlock
	for i, b := range blocks {
		light, known := b.all(), map[chain.Hash]bool{b.header.ValidatorSetHash: true}
		for _, earlier := range blocks[:i] {
			if hash := earlier.header.ValidatorSetHash; !known[hash] {
				known[hash] = true
				light.Handovers = append(light.Handovers, Handover{ValidatorSetHash: hash, Certificate: certify(b.header, earlier.weights, b.weights.keys()...)})
			}
		}
		all = append(all, light)
	}
	return NewMemoryStore(all...)
}

// changes is a chain on which one validator joins, one leaves, one replaces its key, and one has none.
func changes(t testing.TB) []*pqBlock {
	first := keyed(0, 1, 2, 3, 4)
	joined := maps.Clone(first)
	joined[5] = 5
	rotated := maps.Clone(joined)
	rotated[1] = 21
	return pqChain(t,
		[]weights{equally(0, 1, 2, 3, 4, 6), equally(0, 1, 2, 3, 4, 6), equally(0, 1, 2, 3, 4, 5, 6), equally(0, 1, 2, 3, 4, 5, 6), equally(1, 2, 3, 4, 5, 6), equally(1, 2, 3, 4, 5, 6), equally(1, 2, 3, 4, 5, 6)},
		[]registered{first, first, first, joined, joined, rotated, rotated})
}

func TestAClientFollowsPostQuantumOverJoiningLeavingAndRotation(t *testing.T) {
	blocks := changes(t)
	last := blocks[len(blocks)-1]
	for _, policy := range []Policy{PolicyMLDSA, PolicyBoth} {
		for _, sequential := range []bool{true, false} {
			t.Run(fmt.Sprint(policy, sequential), func(t *testing.T) {
				store, err := NewFileStore(filepath.Join(t.TempDir(), "trust"))
				require.NoError(t, err)
				config := Config{
					Trust: TrustOptions{Rules: *pqRules(policy), Checkpoint: blocks[0].checkpoint(t)}, Sequential: sequential, Store: store,
					Primary: NewStoreProvider("primary", storeOf(blocks)), Now: func() time.Time { return last.header.Time().Add(time.Second) },
				}
				client := newClient(t, config)
				got, err := client.Update(context.Background())
				require.NoError(t, err)
				require.Equal(t, last.header.ID(), got.Header.ID())
				for _, b := range []*pqBlock{blocks[0], blocks[3], last} {
					header, basis, err := client.Header(context.Background(), b.header.Height)
					require.NoError(t, err)
					require.Equal(t, b.header.ID(), header.ID())
					require.True(t, basis.PostQuantum)
					require.Equal(t, b == blocks[0], basis.Checkpoint)
				}
				// It goes on from its store, with the keys that it has learnt.
				again := newClient(t, config)
				latest, err := again.Latest()
				require.NoError(t, err)
				require.Equal(t, got.Bytes(), latest.Bytes())
			})
		}
	}
}

// attacker has the BLS secrets of all validators, as a quantum computer finds them, and no ML-DSA-65 secret but its
// own, testDSAKeys from 30 on.
type attacker struct{ t testing.TB }

// forge returns a block of the attacker's on a parent, which all validators of a set have signed with BLS, and in whose
// state these have the attacker's keys.
func (a attacker) forge(parent *chain.Header, w weights) *pqBlock {
	own := make(registered)
	for i, k := range w.keys() {
		own[k] = 30 + i
	}
	return newPQBlock(a.t, parent, w, own)
}

// TestAQuantumAttackerDeceivesBLSAlone: whatever is made with all BLS secrets, a client that demands ML-DSA-65 refuses it,
// and one that does not takes it.
func TestAQuantumAttackerDeceivesBLSAlone(t *testing.T) {
	set := equally(0, 1, 2, 3, 4)
	honest := newPQBlock(t, nil, set, keyed(0, 1, 2, 3, 4))
	next := newPQBlock(t, honest.header, set, keyed(0, 1, 2, 3, 4))
	a := attacker{t}
	forged := a.forge(honest.header, set)
	own := a.forge(honest.header, equally(10, 11, 12)) // a set of the attacker's own, handed over to with forged signatures
	handed := own.all()
	handed.Handovers = []Handover{{ValidatorSetHash: honest.header.ValidatorSetHash, Certificate: certify(own.header, set, set.keys()...)}}
	without := forged.all()
	without.PostQuantum = nil
	foreign := forged.all()
	foreign.PostQuantum.Certificate = next.attest(set.keys()...)
	mixed := newPQBlock(t, honest.header, set, registered{0: 0, 1: 1, 2: 2, 3: 33, 4: 34}) // the true keys of some, in a forged state
	relabelled := next.attest(set.keys()...)
	relabelled.BlockID = forged.header.ID()
	copied := mixed.all()
	copied.PostQuantum.Certificate = relabelled
	copied.PostQuantum.Certificate.BlockID = mixed.header.ID()
	few := mixed.light(set.keys()...)
	few.PostQuantum.Certificate = mixed.attest(3, 4)
	keysOfOthers := forged.all()
	keysOfOthers.PostQuantum.Proofs = next.proofs

	for name, test := range map[string]struct {
		block *LightBlock
		want  error
	}{
		"with its own keys":                 {forged.all(), nil},
		"with a set of its own":             {handed, nil},
		"without post-quantum signatures":   {without, ErrDowngrade},
		"with those of another block":       {foreign, nil},
		"with true keys and copied ones":    {copied, warp.ErrAttestation},
		"signed by its own among true keys": {few, nil},
		"with keys of another state":        {keysOfOthers, ErrKeyProofs},
	} {
		t.Run(name, func(t *testing.T) {
			now := honest.header.Time().Add(time.Second)
			trusted := honest.checkpoint(t)
			for _, policy := range []Policy{PolicyMLDSA, PolicyBoth} {
				_, err := Verify(pqRules(policy), trusted.Block(), test.block, now)
				require.Error(t, err)
				if test.want != nil {
					require.ErrorIs(t, err, test.want)
				} else {
					require.ErrorAs(t, err, new(ErrNotEnoughTrust))
				}
				// The same in a bundle, and in a client.
				bundle := &proofs.Bundle{Header: *test.block.Header, BlockID: test.block.Header.ID()}
				require.NoError(t, Certify(bundle, test.block))
				block, err := BlockOf(bundle)
				require.NoError(t, err)
				options := &TrustOptions{Rules: *pqRules(policy), Checkpoint: trusted}
				_, err = options.offline(bundle, block, now)
				require.Error(t, err)
				client := newClient(t, Config{Trust: *options, Primary: NewStoreProvider("attacker", NewMemoryStore(test.block)), Now: func() time.Time { return now }})
				_, err = client.Update(context.Background())
				require.Error(t, err)
				latest, err := client.Latest()
				require.NoError(t, err)
				require.Equal(t, honest.header.ID(), latest.Header.ID())
			}
			_, err := Verify(pqRules(PolicyBLS), trusted.Block(), test.block, now)
			require.NoError(t, err, "the attacker is real")
		})
	}
	// An old block that nobody has accepted.
	rules, now := pqRules(PolicyBoth), next.header.Time().Add(time.Second)
	nextCheckpoint := next.checkpoint(t)
	old := a.forge(nil, set)
	_, err := VerifyEarlier(rules, nextCheckpoint.Block(), old.all(), now)
	require.ErrorAs(t, err, new(ErrNotEnoughTrust))
	_, err = VerifyEarlier(pqRules(PolicyBLS), nextCheckpoint.Block(), old.all(), now)
	require.NoError(t, err)
	_, err = VerifyEarlier(rules, nextCheckpoint.Block(), honest.all(), now)
	require.NoError(t, err)
	// Two of five can sign for a block of their own, and it is above a third: an earlier block takes a quorum of the trusted set.
	minority := newPQBlock(t, nil, equally(0, 1), keyed(0, 1))
	_, err = VerifyEarlier(pqRules(PolicyMLDSA), nextCheckpoint.Block(), minority.all(), now)
	require.ErrorAs(t, err, new(ErrNotEnoughTrust))
}

// TestThePostQuantumVerifierAcceptsExactlyWhatTheRulesAllow: an oracle counts who has signed with which key by hand.
func TestThePostQuantumVerifierAcceptsExactlyWhatTheRulesAllow(t *testing.T) {
	accepted := 0
	rapid.Check(t, func(r *rapid.T) {
		keysOf := func(w weights, label string) registered {
			keys := make(registered)
			for _, k := range w.keys() {
				switch rapid.IntRange(0, 7).Draw(r, label) {
				case 0: // none
				case 1:
					keys[k] = 20 + k
				default:
					keys[k] = k
				}
			}
			return keys
		}
		old := drawWeights(r, "trusted")
		next := old
		if rapid.Bool().Draw(r, "changed") {
			next = drawWeights(r, "untrusted")
		}
		trusted := newPQBlock(t, nil, old, keysOf(old, "trusted keys"))
		untrusted := newPQBlock(t, trusted.header, next, keysOf(next, "keys"))
		signers := drawFrom(r, next.keys(), "signers")
		quorum := rapid.SampledFrom([]warp.Threshold{{}, warp.OneThird, {Num: 67, Den: 100}}).Draw(r, "quorum")

		var signed, shared uint64
		for _, k := range signers {
			key, ok := untrusted.keys[k]
			if !ok {
				continue
			}
			signed += next[k]
			if before, ok := trusted.keys[k]; ok && before == key {
				shared += old[k]
			}
		}
		allowed := 3*shared > old.total()
		switch quorum {
		case warp.Threshold{}:
			allowed = allowed && 3*signed > 2*next.total()
		case warp.OneThird:
			allowed = allowed && 3*signed > next.total()
		default:
			allowed = allowed && 100*signed >= 67*next.total()
		}
		rules := pqRules(PolicyMLDSA)
		rules.PostQuantumQuorum = quorum
		weight, err := Verify(rules, trusted.all(), untrusted.light(signers...), untrusted.header.Time())
		if (err == nil) != allowed {
			r.Fatalf("trusted %v %v, block %v %v, signed by %v, quorum %v: allowed %v, got %v", old, trusted.keys, next, untrusted.keys, signers, quorum, allowed, err)
		}
		if err == nil {
			accepted++
			if weight != (warp.Weight{Signed: signed, Total: next.total()}) {
				r.Fatalf("expected %d of %d, got %v", signed, next.total(), weight)
			}
		}
	})
	require.Positive(t, accepted)
}

// TestEachByteOfAPostQuantumLightBlockCounts: another one does not verify, or is the same to who demands ML-DSA-65.
func TestEachByteOfAPostQuantumLightBlockCounts(t *testing.T) {
	set := equally(0)
	trusted := newPQBlock(t, nil, set, keyed(0))
	untrusted := newPQBlock(t, trusted.header, set, keyed(0))
	checkpoint := trusted.checkpoint(t)
	light := untrusted.all()
	light.Certificate = nil
	encoded := light.Bytes()
	rules := pqRules(PolicyMLDSA)
	verify := func(encoded []byte) error {
		b, err := ParseLightBlock(encoded)
		if err == nil {
			_, err = Verify(rules, checkpoint.Block(), b, untrusted.header.Time())
		}
		return err
	}
	require.NoError(t, verify(encoded))
	step := 1
	if testing.Short() || race.Enabled {
		step = 31
	}
	for at := 0; at < len(encoded); at += step {
		changed := bytes.Clone(encoded)
		changed[at] ^= 1 << (at % 8)
		require.Error(t, verify(changed), "byte %d", at)
	}
}

// TestEachByteOfABundlesCertificatesCounts, whatever the policy asks for, and from a checkpoint below, at and above the block.
func TestEachByteOfABundlesCertificatesCounts(t *testing.T) {
	set := equally(0, 1)
	blocks := pqChain(t, []weights{set, set, set}, []registered{keyed(0, 1), keyed(0, 1), keyed(0, 1)})
	bundle, now := *blocks[1].bundle, blocks[2].header.Time().Add(time.Second)
	require.NoError(t, Certify(&bundle, blocks[1].all()))
	certificates, step, first := bundle.Certificates, 97, 0
	if testing.Short() || race.Enabled {
		step = 997
	}
	for _, policy := range []Policy{PolicyBLS, PolicyMLDSA, PolicyBoth} {
		for _, trusted := range blocks {
			checkpoint := trusted.checkpoint(t)
			if !policy.PostQuantum() {
				checkpoint.Keys = nil
			}
			options := &TrustOptions{Rules: *pqRules(policy), Checkpoint: checkpoint}
			bundle.Certificates = certificates
			_, err := VerifyOffline(&bundle, options, now)
			require.NoError(t, err, "%s from %d", policy, trusted.header.Height)
			for at := first; at < len(certificates); at += step {
				bundle.Certificates = bytes.Clone(certificates)
				bundle.Certificates[at] ^= 1 << (at % 8)
				_, err := VerifyOffline(&bundle, options, now)
				require.Error(t, err, "%s from %d: byte %d", policy, trusted.header.Height, at)
			}
			first += 10
		}
	}
	unsigned := blocks[1].all()
	unsigned.PostQuantum.Certificate = nil
	require.NoError(t, Certify(&bundle, unsigned))
	_, err := VerifyOffline(&bundle, &TrustOptions{Rules: *pqRules(PolicyBLS), Checkpoint: Checkpoint{Header: blocks[0].header, Validators: set.set()}}, now)
	require.ErrorIs(t, err, ErrNoCertificate)
}

func TestABundleCertifiedByMLDSAAloneIsForThosePoliciesAlone(t *testing.T) {
	set := equally(0, 1)
	blocks := pqChain(t, []weights{set, set}, []registered{keyed(0, 1), keyed(0, 1)})
	bundle, block := *blocks[1].bundle, blocks[1].all()
	block.Certificate = nil
	require.NoError(t, Certify(&bundle, block))
	for policy, want := range map[Policy]error{PolicyMLDSA: nil, PolicyBLS: ErrNoCertificate, PolicyBoth: ErrNoCertificate} {
		checkpoint := blocks[0].checkpoint(t)
		if !policy.PostQuantum() {
			checkpoint.Keys = nil
		}
		_, err := VerifyOffline(&bundle, &TrustOptions{Rules: *pqRules(policy), Checkpoint: checkpoint}, blocks[1].header.Time().Add(time.Second))
		require.ErrorIs(t, err, want, "%s", policy)
	}
}

func TestKeysAreProvenForEachValidatorInOrder(t *testing.T) {
	b := newPQBlock(t, nil, equally(0, 1, 2), keyed(0, 2))
	for name, change := range map[string]func(p *PostQuantum){
		"one left out": func(p *PostQuantum) { p.Proofs = p.Proofs[1:] },
		"none":         func(p *PostQuantum) { p.Proofs = nil },
		"one more":     func(p *PostQuantum) { p.Proofs = append(p.Proofs, p.Proofs[0]) },
		"another order": func(p *PostQuantum) {
			p.Proofs = [][]byte{p.Proofs[2], p.Proofs[1], p.Proofs[0]}
		},
		"no proof": func(p *PostQuantum) { p.Proofs = [][]byte{p.Proofs[0], {}, p.Proofs[2]} },
	} {
		t.Run(name, func(t *testing.T) {
			light := b.all()
			change(light.PostQuantum)
			_, err := light.provenKeys()
			require.ErrorIs(t, err, ErrKeyProofs)
		})
	}
	keys, err := b.all().provenKeys()
	require.NoError(t, err)
	require.Empty(t, keys.Key(1))
	require.Equal(t, testDSAKeys()[2].Public(), keys.Key(2))
}

// TestKeysThatAReaderHasAreLeftOut, and only those: one is replaced, one new, and one validator has none.
func TestKeysThatAReaderHasAreLeftOut(t *testing.T) {
	first := newPQBlock(t, nil, equally(0, 1, 2, 3), keyed(0, 1, 2))
	second := newPQBlock(t, first.header, equally(4, 0, 1, 2, 3), registered{0: 0, 1: 21, 2: 2, 4: 4})
	whole, known := second.all(), first.all()
	require.NoError(t, known.PutInKeys(nil))
	sent, err := ParseLightBlock(whole.Bytes())
	require.NoError(t, err)
	require.NoError(t, sent.LeaveOutKeys(func(id ids.ID) ([]byte, error) {
		for i := range known.Validators.Len() {
			if known.validatorKeyID(i) == id {
				return proofs.Value(first.header.StateRoot, chain.ValidatorKeyKey(id), known.PostQuantum.Proofs[i])
			}
		}
		return nil, nil
	}))
	require.Less(t, len(sent.Bytes())+2*chain.DSAPublicKeySize, len(whole.Bytes()))
	require.Greater(t, len(sent.Bytes())+3*chain.DSAPublicKeySize, len(whole.Bytes()))
	parse := func() *LightBlock {
		b, err := ParseLightBlock(sent.Bytes())
		require.NoError(t, err)
		return b
	}
	filled := parse()
	require.NoError(t, filled.PutInKeys(known))
	require.Equal(t, whole.Bytes(), filled.Bytes())
	_, err = Verify(pqRules(PolicyMLDSA), first.all(), filled, testStart)
	require.NoError(t, err)
	for name, from := range map[string]*LightBlock{"nothing": nil, "other keys": newPQBlock(t, nil, equally(0, 1, 2, 3), registered{0: 10, 1: 11, 2: 12}).all()} {
		require.ErrorIs(t, parse().PutInKeys(from), ErrKeyProofs, name)
	}
	refused := errors.New("refused")
	require.ErrorIs(t, parse().LeaveOutKeys(func(ids.ID) ([]byte, error) { return nil, refused }), refused)
}

func TestATrustFilePinsTheFirstKeys(t *testing.T) {
	b := newPQBlock(t, nil, equally(0, 1, 2, 3), keyed(0, 1, 2))
	options := &TrustOptions{Rules: *pqRules(PolicyBoth), Checkpoint: b.checkpoint(t)}
	text, err := json.Marshal(options)
	require.NoError(t, err)
	again, err := ParseTrustOptions(text)
	require.NoError(t, err)
	require.Equal(t, PolicyBoth, again.Policy)
	require.Equal(t, warp.TwoThirds, again.PostQuantumQuorum)
	require.Equal(t, options.Checkpoint.Keys.Hash(testNetworkID, testChainID), again.Checkpoint.Keys.Hash(testNetworkID, testChainID))

	plain := &TrustOptions{Rules: *pqRules(""), Checkpoint: b.checkpoint(t)}
	text, err = json.Marshal(plain)
	require.NoError(t, err)
	require.NotContains(t, string(text), "olicy", "software that knows BLS alone reads it")
	require.NotContains(t, string(text), "mlDsa")

	for name, change := range map[string]func(o *TrustOptions){
		"another policy": func(o *TrustOptions) { o.Policy = "sphincs" },
		"no keys":        func(o *TrustOptions) { o.Checkpoint.Keys = nil },
		"keys of another set": func(o *TrustOptions) {
			o.Checkpoint.Keys = newPQBlock(t, nil, equally(0, 1, 2), keyed(0, 1, 2)).checkpoint(t).Keys
		},
		"too few keys": func(o *TrustOptions) {
			o.Checkpoint = newPQBlock(t, nil, equally(0, 1, 2, 3), keyed(0, 1)).checkpoint(t)
		},
		"a quorum of a third":  func(o *TrustOptions) { o.PostQuantumQuorum = warp.Threshold{Num: 1, Den: 3} },
		"a quorum of too much": func(o *TrustOptions) { o.PostQuantumQuorum = warp.Threshold{Num: 4, Den: 3} },
	} {
		t.Run(name, func(t *testing.T) {
			changed := *options
			change(&changed)
			require.ErrorIs(t, changed.Check(), ErrOptions)
		})
	}
	third := *options
	third.PostQuantumQuorum = warp.OneThird
	require.NoError(t, third.Check())
}

// TestWhatWasTrustedOnBLSIsNoGroundForMore: a store of a client that demanded BLS alone has nothing for one that demands more.
func TestWhatWasTrustedOnBLSIsNoGroundForMore(t *testing.T) {
	blocks := changes(t)
	store := NewMemoryStore()
	config := Config{
		Trust: TrustOptions{Rules: *pqRules(PolicyBLS), Checkpoint: blocks[0].checkpoint(t)}, Store: store,
		Primary: NewStoreProvider("primary", storeOf(blocks)), Now: func() time.Time { return blocks[len(blocks)-1].header.Time() },
	}
	client := newClient(t, config)
	_, err := client.Update(context.Background())
	require.NoError(t, err)
	kept, err := client.Latest()
	require.NoError(t, err)
	require.Nil(t, kept.PostQuantum, "it was not verified")
	_, basis, err := client.Header(context.Background(), kept.Header.Height)
	require.NoError(t, err)
	require.False(t, basis.PostQuantum)

	config.Trust.Policy = PolicyBoth
	_, err = New(config)
	require.ErrorIs(t, err, ErrStoreCorrupted)
	require.ErrorIs(t, err, ErrNoKeys)
}

// TestEvidenceThatAQuantumAttackerMakesUpIsNone: two blocks of one height that validators have attested are evidence; those that
// BLS alone has signed are not, to who demands more.
func TestEvidenceThatAQuantumAttackerMakesUpIsNone(t *testing.T) {
	set := equally(0, 1, 2, 3)
	parent := newPQBlock(t, nil, set, keyed(0, 1, 2, 3))
	first := newPQBlock(t, parent.header, set, keyed(0, 1, 2, 3))
	second := newPQBlock(t, parent.header, set, registered{0: 0, 1: 1, 2: 2, 3: 23})
	verifier := pqRules(PolicyBoth).Verifier
	evidence := &Evidence{First: first.light(0, 1, 2), Second: second.light(1, 2, 3)}
	again, err := ParseEvidence(evidence.Bytes())
	require.NoError(t, err)
	require.NoError(t, again.Verify(&verifier))
	require.True(t, again.PostQuantum())
	require.Len(t, again.DoubleSigners(), 2)

	mixed := first.light(0, 1, 2)
	mixed.PostQuantum.Certificate = second.attest(0, 1, 2)
	require.ErrorIs(t, (&Evidence{First: mixed, Second: evidence.Second}).Verify(&verifier), warp.ErrWrongBlock)

	client := func(policy Policy, shown *LightBlock) error {
		t.Helper()
		c := newClient(t, Config{
			Trust: TrustOptions{Rules: *pqRules(policy), Checkpoint: parent.checkpoint(t)}, Primary: NewStoreProvider("primary", NewMemoryStore(first.all())),
			Now: func() time.Time { return first.header.Time() },
		})
		_, err := c.Update(context.Background())
		require.NoError(t, err)
		c.config.Primary = NewStoreProvider("other", NewMemoryStore(shown))
		_, err = c.Update(context.Background())
		return err
	}
	forged := attacker{t}.forge(parent.header, set).all()
	forged.PostQuantum = nil
	require.ErrorAs(t, client(PolicyBLS, forged), new(ErrDivergence))
	for _, policy := range []Policy{PolicyMLDSA, PolicyBoth} {
		require.ErrorIs(t, client(policy, forged), ErrInconsistent, "it stops nobody")
		require.ErrorAs(t, client(policy, second.all()), new(ErrDivergence))
	}
}

// TestADowngradeIsRefusedAndKept: a block that BLS alone certifies is not followed by who demands more, and stays as evidence.
func TestADowngradeIsRefusedAndKept(t *testing.T) {
	set := equally(0, 1, 2, 3)
	keys := keyed(0, 1, 2, 3)
	parent := newPQBlock(t, nil, set, keys)
	middle := newPQBlock(t, parent.header, set, keys)
	last := newPQBlock(t, middle.header, set, keys)
	stripped := last.all()
	stripped.PostQuantum = nil
	unsigned := last.all()
	unsigned.PostQuantum = &PostQuantum{Proofs: last.proofs}
	weak := last.light(0)
	weak.PostQuantum = nil
	handed := attacker{t}.forge(middle.header, equally(10, 11)).all()
	handed.PostQuantum = nil
	handed.Handovers = []Handover{{ValidatorSetHash: parent.header.ValidatorSetHash, Certificate: certify(handed.Header, set, set.keys()...)}}
	verifier := pqRules(PolicyBoth).Verifier
	for name, test := range map[string]struct {
		shown *LightBlock
		kept  bool
	}{
		"signatures are left out":          {stripped, true},
		"they are left out, keys are not":  {unsigned, true},
		"forged, with another set":         {handed, true},
		"too few have signed with BLS too": {weak, false},
	} {
		for _, policy := range []Policy{PolicyMLDSA, PolicyBoth} {
			t.Run(fmt.Sprint(name, " ", policy), func(t *testing.T) {
				store := NewMemoryStore()
				provider := NewStoreProvider("lying", NewMemoryStore(test.shown))
				honest := NewStoreProvider("honest", storeOf([]*pqBlock{parent, middle, last}))
				config := Config{
					Trust: TrustOptions{Rules: *pqRules(policy), Checkpoint: parent.checkpoint(t)}, Primary: provider,
					Store: store, Now: func() time.Time { return last.header.Time() },
				}
				for range 2 { // it is kept once
					_, err := newClient(t, config).Update(context.Background())
					if policy.bls() && test.shown == weak {
						require.Error(t, err)
					} else {
						require.ErrorIs(t, err, ErrDowngrade)
					}
					require.ErrorAs(t, err, new(ErrProvider))
				}
				evidence, err := store.Evidence()
				require.NoError(t, err)
				if !test.kept {
					require.Empty(t, evidence)
					return
				}
				require.Len(t, evidence, 1)
				again, err := ParseEvidence(evidence[0].Bytes())
				require.NoError(t, err)
				require.NoError(t, again.Verify(&verifier))
				require.True(t, again.Downgrade())
				require.False(t, again.PostQuantum())
				require.Empty(t, again.DoubleSigners(), "nobody is at fault yet")

				// A witness that shows it is not asked again, and the client goes on.
				config.Primary, config.Store = honest, NewMemoryStore()
				config.Witnesses, config.RequiredWitnesses = []Provider{provider, honest}, 1
				client := newClient(t, config)
				latest, err := client.Update(context.Background())
				require.NoError(t, err)
				require.Equal(t, last.header.ID(), latest.Header.ID())
				evidence, err = client.Evidence()
				require.NoError(t, err)
				if test.shown == handed {
					require.Len(t, client.Faults(), 1)
					require.Len(t, evidence, 1)
				} else {
					require.Empty(t, evidence, "it is the same block")
				}
			})
		}
	}
}

func TestEvidenceOfADowngradeIsVerified(t *testing.T) {
	set := equally(0, 1, 2, 3)
	keys := keyed(0, 1, 2, 3)
	parent := newPQBlock(t, nil, set, keys)
	next := newPQBlock(t, parent.header, set, keys)
	stripped := func(b *LightBlock) *LightBlock {
		b.PostQuantum = nil
		return b
	}
	checkpoint, few := parent.checkpoint(t), newPQBlock(t, nil, set, keyed(0))
	other := parent.checkpoint(t)
	other.Header = next.header
	fewer := few.checkpoint(t)
	forged := stripped(next.all())
	forged.Certificate = certify(parent.header, set, set.keys()...)
	forged.Certificate.BlockID = next.header.ID()
	verifier := pqRules(PolicyBoth).Verifier
	for name, test := range map[string]struct {
		evidence Evidence
		want     error
	}{
		"from a checkpoint":      {Evidence{checkpoint.Block(), stripped(next.all())}, nil},
		"from an attested block": {Evidence{parent.all(), stripped(next.all())}, nil},
		"without keys":           {Evidence{stripped(parent.all()), stripped(next.all())}, ErrEvidence},
		"with too few keys":      {Evidence{fewer.Block(), stripped(next.all())}, ErrEvidence},
		"of an attested block":   {Evidence{parent.all(), next.all()}, ErrEvidence},
		"of an earlier block":    {Evidence{next.all(), stripped(parent.all())}, ErrEvidence},
		"without BLS":            {Evidence{parent.all(), &LightBlock{Header: next.header, Validators: set.set()}}, ErrNoCertificate},
		"signed by too few":      {Evidence{parent.all(), stripped(next.light(0))}, warp.ErrInsufficientWeight},
		"forged":                 {Evidence{parent.all(), forged}, warp.ErrBadSignature},
		"from too few attestations": {Evidence{func() *LightBlock {
			b := parent.all()
			b.PostQuantum.Certificate = parent.attest(0)
			return b
		}(), stripped(next.all())}, warp.ErrInsufficientWeight},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.evidence.Verify(&verifier)
			if test.want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, test.want)
			}
		})
	}
}

// TestDowngradesThatAreKeptAreBounded: a node can leave out the signatures of as many blocks as it likes.
func TestDowngradesThatAreKeptAreBounded(t *testing.T) {
	set, keys := equally(0, 1), keyed(0, 1)
	blocks := pqChain(t, repeat(maxDowngrades+4, set), slices.Repeat([]registered{keys}, maxDowngrades+4))
	store := NewMemoryStore()
	client := newClient(t, Config{
		Trust: TrustOptions{Rules: *pqRules(PolicyBoth), Checkpoint: blocks[0].checkpoint(t)}, Primary: NewStoreProvider("primary", storeOf(blocks)),
		Store: store, Now: func() time.Time { return blocks[len(blocks)-1].header.Time() },
	})
	for _, b := range blocks[1:] {
		stripped := b.all()
		stripped.PostQuantum = nil
		client.config.Primary = NewStoreProvider("lying", NewMemoryStore(stripped))
		_, err := client.Update(context.Background())
		require.ErrorIs(t, err, ErrDowngrade)
	}
	evidence, err := store.Evidence()
	require.NoError(t, err)
	require.Len(t, evidence, maxDowngrades)
}

// TestTwoAttestationsOfAThirdAreEvidence: more than a third have attested two blocks of one height, which a client accepts whose
// quorum is more than a third. That nobody has signed both does not help them.
func TestTwoAttestationsOfAThirdAreEvidence(t *testing.T) {
	set, keys := equally(0, 1, 2, 3, 4), keyed(0, 1, 2, 3, 4)
	parent := newPQBlock(t, nil, set, keys)
	first := newPQBlock(t, parent.header, set, keys)
	second := newPQBlock(t, parent.header, set, registered{0: 0, 1: 1, 2: 2, 3: 3, 4: 24})
	rules := pqRules(PolicyMLDSA)
	rules.PostQuantumQuorum = warp.OneThird
	attested := func(b *pqBlock, signers ...int) *LightBlock {
		light := b.light(signers...)
		light.Certificate = nil
		return light
	}
	for _, test := range []struct {
		first, second []int
		both          int
	}{{[]int{0, 1}, []int{2, 3}, 0}, {[]int{0, 1}, []int{1, 2}, 1}} {
		store := NewMemoryStore()
		client := newClient(t, Config{
			Trust: TrustOptions{Rules: *rules, Checkpoint: parent.checkpoint(t)}, Primary: NewStoreProvider("primary", NewMemoryStore(attested(first, test.first...))),
			Witnesses: []Provider{NewStoreProvider("witness", NewMemoryStore(attested(second, test.second...)))}, Store: store, Now: func() time.Time { return first.header.Time() },
		})
		_, err := client.Update(context.Background())
		var diverged ErrDivergence
		require.ErrorAs(t, err, &diverged)
		require.NoError(t, diverged.Evidence.Verify(&rules.Verifier))
		require.True(t, diverged.Evidence.PostQuantum())
		require.Len(t, diverged.Evidence.DoubleSigners(), test.both)
		kept, err := store.Evidence()
		require.NoError(t, err)
		require.Len(t, kept, 1)
	}
	few := &Evidence{First: attested(first, 0), Second: attested(second, 0)}
	require.ErrorIs(t, few.Verify(&rules.Verifier), warp.ErrInsufficientWeight)
}

func TestTheDefaultPolicyIsWhatTheKeysAllow(t *testing.T) {
	set := equally(0, 1, 2, 3, 4, 5)
	for _, test := range []struct {
		keys registered
		want Policy
	}{{keyed(), PolicyBLS}, {keyed(0, 1, 2, 3), PolicyBLS}, {keyed(0, 1, 2, 3, 4), PolicyBoth}} {
		b := newPQBlock(t, nil, set, test.keys).all()
		b.PostQuantum.Certificate = nil // signatures are not needed
		policy, checkpoint, err := b.DefaultPolicy()
		require.NoError(t, err)
		require.Equal(t, test.want, policy)
		require.Equal(t, policy.PostQuantum(), checkpoint.Keys != nil)
		require.NoError(t, (&TrustOptions{Rules: *pqRules(policy), Checkpoint: *checkpoint}).Check())

		b.PostQuantum.Proofs = b.PostQuantum.Proofs[1:]
		_, _, err = b.DefaultPolicy()
		require.ErrorIs(t, err, ErrKeyProofs, "nothing less by leaving out")
		b.PostQuantum = nil
		_, _, err = b.DefaultPolicy()
		require.ErrorIs(t, err, ErrNoKeys)
	}
}

// TestEachLieAboutABlockHasItsError, whoever tells it: a client refuses the block, names the provider and stays where it is.
func TestEachLieAboutABlockHasItsError(t *testing.T) {
	set, keys := equally(0, 1, 2, 3, 4), keyed(0, 1, 2, 3)
	parent := newPQBlock(t, nil, set, keys)
	next := newPQBlock(t, parent.header, set, keys)
	other := newPQBlock(t, parent.header, set, registered{0: 0, 1: 1, 2: 2, 3: 23})
	certificate := func(change func(c *warp.PostQuantumCertificate)) func(*LightBlock) {
		return func(b *LightBlock) { change(b.PostQuantum.Certificate) }
	}
	for name, test := range map[string]struct {
		lie  func(b *LightBlock)
		want error
	}{
		"no signatures":               {func(b *LightBlock) { b.PostQuantum = nil }, ErrDowngrade},
		"keys alone":                  {func(b *LightBlock) { b.PostQuantum.Certificate = nil }, ErrDowngrade},
		"keys as a checkpoint's":      {func(b *LightBlock) { b.PostQuantum = &PostQuantum{pinned: parent.checkpoint(t).Keys} }, ErrDowngrade},
		"a proof too few":             {func(b *LightBlock) { b.PostQuantum.Proofs = b.PostQuantum.Proofs[1:] }, ErrKeyProofs},
		"a proof of something else":   {func(b *LightBlock) { b.PostQuantum.Proofs = slices.Repeat(b.PostQuantum.Proofs[:1], 5) }, ErrKeyProofs},
		"a proof that is none":        {func(b *LightBlock) { b.PostQuantum.Proofs = slices.Repeat([][]byte{{1}}, 5) }, ErrKeyProofs},
		"proofs in another state":     {func(b *LightBlock) { b.PostQuantum.Proofs = other.proofs }, ErrKeyProofs},
		"another network":             {certificate(func(c *warp.PostQuantumCertificate) { c.NetworkID++ }), warp.ErrWrongNetwork},
		"another chain":               {certificate(func(c *warp.PostQuantumCertificate) { c.ChainID[0]++ }), warp.ErrWrongChain},
		"another height":              {certificate(func(c *warp.PostQuantumCertificate) { c.Height++ }), warp.ErrWrongHeight},
		"another block":               {certificate(func(c *warp.PostQuantumCertificate) { c.BlockID = other.header.ID() }), warp.ErrWrongBlock},
		"another block's signatures":  {certificate(func(c *warp.PostQuantumCertificate) { c.Signatures = other.attest(0, 1, 2, 3).Signatures }), warp.ErrAttestation},
		"signatures in another order": {certificate(func(c *warp.PostQuantumCertificate) { slices.Reverse(c.Signatures) }), warp.ErrAttestation},
		"too few signatures": {certificate(func(c *warp.PostQuantumCertificate) {
			*c = *next.attest(0, 1, 2)
		}), warp.ErrInsufficientWeight},
		"a signer without a key": {certificate(func(c *warp.PostQuantumCertificate) {
			c.Signers, c.Signatures = warp.NewSigners(0, 1, 2, 3, 4), append(c.Signatures, c.Signatures[0])
		}), warp.ErrNoKey},
		"a signer that is none": {certificate(func(c *warp.PostQuantumCertificate) {
			c.Signers, c.Signatures = append(bytes.Clone([]byte{1}), 0xff), slices.Repeat(c.Signatures[:1], 9)
		}), warp.ErrUnknownSigner},
		"other validators":         {func(b *LightBlock) { b.Validators = equally(0, 1, 2, 3).set() }, warp.ErrWrongSet},
		"another block altogether": {func(b *LightBlock) { *b = *parent.all() }, ErrWrongHeight},
	} {
		t.Run(name, func(t *testing.T) {
			for _, policy := range []Policy{PolicyMLDSA, PolicyBoth} {
				shown := next.all()
				test.lie(shown)
				client := newClient(t, Config{
					Trust: TrustOptions{Rules: *pqRules(policy), Checkpoint: parent.checkpoint(t)}, Now: func() time.Time { return next.header.Time() },
					Primary: lying{shown},
				})
				_, err := client.Block(context.Background(), next.header.Height)
				require.ErrorIs(t, err, test.want)
				var provider ErrProvider
				require.ErrorAs(t, err, &provider)
				require.Equal(t, "lying", provider.Provider)
				latest, err := client.Latest()
				require.NoError(t, err)
				require.Equal(t, parent.header.ID(), latest.Header.ID())
			}
		})
	}
}

// lying is a provider that shows one block, whatever it is asked for.
type lying struct{ block *LightBlock }

func (lying) String() string { return "lying" }

func (l lying) LightBlock(context.Context, uint64, uint64) (*LightBlock, error) { return l.block, nil }

func (l lying) Header(context.Context, uint64) (*chain.Header, error) { return l.block.Header, nil }
