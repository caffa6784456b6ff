package contracts

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/geth/common"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/proofs"

	"github.com/luxfi/session/warp/contracts/test"
)

// testTree is a state tree made by IAVL itself.
type testTree struct {
	t    testing.TB
	tree *iavl.MutableTree
	root chain.Hash
}

// newTestTree returns a tree, in several versions, of leaves in the order in which they are given.
func newTestTree(t testing.TB, leaves ...[2][]byte) *testTree {
	t.Helper()
	tt := &testTree{t: t, tree: iavl.NewMutableTree(iavldb.NewMemDB(), 10_000, true, iavl.NewNopLogger())}
	for i, leaf := range leaves {
		_, err := tt.tree.Set(leaf[0], leaf[1])
		require.NoError(t, err)
		if i%7 == 6 || i == len(leaves)-1 {
			root, _, err := tt.tree.SaveVersion()
			require.NoError(t, err)
			copy(tt.root[:], root)
		}
	}
	return tt
}

// prove returns the proof of what is at a key, or that nothing is.
func (tt *testTree) prove(key []byte) []byte {
	proof, err := tt.tree.GetProof(key)
	require.NoError(tt.t, err)
	encoded, err := proofs.EncodeCommitment(proof)
	require.NoError(tt.t, err)
	return encoded
}

// existence returns the existence proof of a key.
func (tt *testTree) existence(key []byte) *ics23.ExistenceProof {
	proof, err := tt.tree.GetMembershipProof(key)
	require.NoError(tt.t, err)
	return proof.GetExist()
}

// prover asks the contract and package proofs the same.
type prover struct {
	*testEVM
	proofs common.Address
}

func newProver(t testing.TB) *prover {
	e := newTestEVM(t)
	return &prover{e, e.deploy(test.ProofsMetaData.Bin, nil)}
}

// value returns what a proof shows, nil for nothing, and whether it is one: the contract and the package say the same.
func (p *prover) value(root chain.Hash, key, proof []byte) ([]byte, bool) {
	p.t.Helper()
	want, refused := proofs.Value(root, key, proof)
	absence := len(proof) > 0 && proof[0] == 0x12
	input := test.NewProofs().PackValueAt(root, key, proof)
	if absence {
		input = test.NewProofs().PackAbsent(root, key, proof)
	}
	output, err := p.call(p.proofs, input, 0)
	require.Equal(p.t, refused == nil, err == nil, "%v, in the contract %v: root %x, key %x, proof %x", refused, err, root, key, proof)
	if err != nil {
		return nil, false
	}
	var got []byte
	if !absence {
		got, err = test.NewProofs().UnpackValueAt(output)
		require.NoError(p.t, err)
	}
	require.Equal(p.t, want, got)
	return got, true
}

// random returns a generator that a failure prints the seed of.
func random(t testing.TB) *rand.Rand {
	seed := uint64(20261128)
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func randomBytes(r *rand.Rand, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestTheContractProvesWhatGoProves: random trees, with keys that begin with others, and of all sizes that the chain has.
func TestTheContractProvesWhatGoProves(t *testing.T) {
	p, r := newProver(t), random(t)
	for size := 1; size < 150; size = size*3/2 + 1 {
		var leaves [][2][]byte
		for i := range size {
			key := randomBytes(r, 1+r.IntN(chain.MaxKeyBytes))
			if i > 0 && i%3 == 0 {
				key = append(bytes.Clone(leaves[i-1][0][:1+r.IntN(len(leaves[i-1][0]))]), byte(i))
			}
			leaves = append(leaves, [2][]byte{key, randomBytes(r, 1+r.IntN(300))})
		}
		tt := newTestTree(t, leaves...)
		for _, leaf := range leaves {
			_, ok := p.value(tt.root, leaf[0], tt.prove(leaf[0]))
			require.True(t, ok)
			for _, key := range [][]byte{append(bytes.Clone(leaf[0]), 0), leaf[0][:len(leaf[0])-1], randomBytes(r, 33)} {
				if len(key) > 0 {
					_, ok := p.value(tt.root, key, tt.prove(key))
					require.True(t, ok)
				}
			}
		}
		for range 40 { // of another leaf, another tree, and another key
			a, b := leaves[r.IntN(size)][0], leaves[r.IntN(size)][0]
			_, ok := p.value(tt.root, a, tt.prove(b))
			require.Equal(t, bytes.Equal(a, b), ok)
			_, ok = p.value(sha256.Sum256(a), a, tt.prove(a))
			require.False(t, ok)
			_, ok = p.value(tt.root, randomBytes(r, 9), tt.prove(randomBytes(r, 9)))
			require.False(t, ok)
		}
	}
}

// TestNoLeavesButNeighboursShowAbsence: of all pairs of leaves, and of each alone.
func TestNoLeavesButNeighboursShowAbsence(t *testing.T) {
	p := newProver(t)
	for _, size := range []int{1, 2, 3, 5, 13} {
		var leaves [][2][]byte
		for i := range size {
			leaves = append(leaves, [2][]byte{{byte(2*i + 1)}, {byte(i)}})
		}
		tt := newTestTree(t, leaves...)
		shown := 0
		for key := range 2*size + 1 {
			for left := -1; left < size; left++ {
				for right := -1; right < size; right++ {
					n := &ics23.NonExistenceProof{Key: []byte{byte(key)}}
					if left >= 0 {
						n.Left = tt.existence(leaves[left][0])
					}
					if right >= 0 {
						n.Right = tt.existence(leaves[right][0])
					}
					proof, err := (&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: n}}).Marshal()
					require.NoError(t, err)
					if _, ok := p.value(tt.root, n.Key, proof); ok {
						shown++
					}
				}
			}
		}
		require.Equal(t, size+1, shown, "each gap once")
	}
}

// TestTheContractRefusesEveryChangedByte of proofs that something, and that nothing, is there.
func TestTheContractRefusesEveryChangedByte(t *testing.T) {
	p, r := newProver(t), random(t)
	var leaves [][2][]byte
	for i := range 40 {
		leaves = append(leaves, [2][]byte{chain.MessageKey(uint64(2 * i)), randomBytes(r, 40)})
	}
	tt := newTestTree(t, leaves...)
	for name, key := range map[string][]byte{"inclusion": leaves[13][0], "absence": chain.MessageKey(27), "before all": {0}, "after all": {0xff}} {
		t.Run(name, func(t *testing.T) {
			valid := tt.prove(key)
			_, ok := p.value(tt.root, key, valid)
			require.True(t, ok)
			refused := func(changed []byte) {
				_, ok := p.value(tt.root, key, changed)
				require.False(t, ok, "%x", changed)
			}
			for i := range valid {
				for _, mask := range []byte{1 << r.IntN(8), byte(1 + r.IntN(255))} {
					changed := bytes.Clone(valid)
					changed[i] ^= mask
					refused(changed)
				}
				refused(slices.Delete(bytes.Clone(valid), i, i+1))
				refused(slices.Insert(bytes.Clone(valid), i, valid[i]))
			}
			refused(nil)
			refused(valid[:len(valid)-1])
			refused(append(bytes.Clone(valid), 0))
		})
	}
}

// TestTheContractRefusesWhatNoTreeMakes: nodes whose hashes are right, and whose form is none of an IAVL tree.
func TestTheContractRefusesWhatNoTreeMakes(t *testing.T) {
	p := newProver(t)
	tt := newTestTree(t, [2][]byte{{1}, {1}}, [2][]byte{{2}, {2}}, [2][]byte{{3}, {3}}, [2][]byte{{4}, {4}}, [2][]byte{{5}, {5}})
	for name, change := range map[string]func(*ics23.ExistenceProof){
		"a leaf with a height":           func(e *ics23.ExistenceProof) { e.Leaf.Prefix[0] = 2 },
		"a leaf of two":                  func(e *ics23.ExistenceProof) { e.Leaf.Prefix[1] = 4 },
		"a leaf of a negative version":   func(e *ics23.ExistenceProof) { e.Leaf.Prefix[2] = 3 },
		"a leaf with more in its prefix": func(e *ics23.ExistenceProof) { e.Leaf.Prefix = append(e.Leaf.Prefix, 2) },
		"a longer form of a number":      func(e *ics23.ExistenceProof) { e.Leaf.Prefix = []byte{0x80, 0, 2, 2} },
		"a node not above its child":     func(e *ics23.ExistenceProof) { e.Path[0].Prefix[0] = 0 },
		"a node as small as its child":   func(e *ics23.ExistenceProof) { e.Path[1].Prefix[1] = e.Path[0].Prefix[1] },
		"a node older than its child":    func(e *ics23.ExistenceProof) { e.Path[0].Prefix[2] = 0 },
		"a node with two siblings":       func(e *ics23.ExistenceProof) { e.Path[0].Suffix = append(e.Path[0].Suffix, e.Path[0].Suffix...) },
		"a node with no sibling":         func(e *ics23.ExistenceProof) { e.Path[0].Prefix, e.Path[0].Suffix = e.Path[0].Prefix[:4], nil },
		"a sibling's length":             func(e *ics23.ExistenceProof) { e.Path[0].Suffix[0] = 31 },
		"another hash":                   func(e *ics23.ExistenceProof) { e.Path[0].Hash = ics23.HashOp_SHA512_256 },
		"another hash of the leaf":       func(e *ics23.ExistenceProof) { e.Leaf.Hash = ics23.HashOp_KECCAK256 },
		"a hash of the key":              func(e *ics23.ExistenceProof) { e.Leaf.PrehashKey = ics23.HashOp_SHA256 },
		"no hash of the value":           func(e *ics23.ExistenceProof) { e.Leaf.PrehashValue = ics23.HashOp_NO_HASH },
		"no length of the key":           func(e *ics23.ExistenceProof) { e.Leaf.Length = ics23.LengthOp_NO_PREFIX },
		"no value":                       func(e *ics23.ExistenceProof) { e.Value = nil },
		"no key":                         func(e *ics23.ExistenceProof) { e.Key = nil },
		"a prefix of 12 bytes": func(e *ics23.ExistenceProof) {
			e.Path[0].Prefix = append([]byte{2, 4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}, 0x20)
		},
		"more nodes than a tree has on a way": func(e *ics23.ExistenceProof) { e.Path = slices.Repeat(e.Path[:1], 49) },
	} {
		t.Run(name, func(t *testing.T) {
			e := tt.existence([]byte{1})
			change(e)
			root := tt.root
			if calculated, err := e.Calculate(); err == nil {
				copy(root[:], calculated) // it is the form that is refused, and not the root
			}
			proof, err := (&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Exist{Exist: e}}).Marshal()
			require.NoError(t, err)
			_, ok := p.value(root, []byte{1}, proof)
			require.False(t, ok)
			output, err := p.call(p.proofs, test.NewProofs().PackValueAt(root, []byte{1}, proof), 0)
			require.Error(t, err, fmt.Sprintf("%x", output))
		})
	}
}
