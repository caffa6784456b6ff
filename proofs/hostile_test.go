package proofs

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func varints(values ...int64) (encoded []byte) {
	for _, value := range values {
		encoded = binary.AppendVarint(encoded, value)
	}
	return encoded
}

// rightSibling is the suffix of a left child.
func rightSibling() []byte { return append([]byte{chain.HashSize}, make([]byte, chain.HashSize)...) }

// marshal encodes with the library, which panics on some nil parts.
func marshal(proof *ics23.CommitmentProof) (encoded []byte, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	encoded, err := proof.Marshal()
	return encoded, err == nil
}

func existence(p *ics23.ExistenceProof) *ics23.CommitmentProof {
	return &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Exist{Exist: p}}
}

func nonexistence(key []byte, left, right *ics23.ExistenceProof) *ics23.CommitmentProof {
	return &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: &ics23.NonExistenceProof{Key: key, Left: left, Right: right}}}
}

// TestPartsThatAreMissingAreRefused: nil anywhere, before the library sees it, when a
// proof is encoded and when it comes from elsewhere.
func TestPartsThatAreMissingAreRefused(t *testing.T) {
	tt := newTestTree(t, 20)
	key := chain.MessageKey(3)
	neighbour := tt.prove(key).GetExist()
	changed := func(change func(*ics23.ExistenceProof)) *ics23.ExistenceProof {
		p := tt.prove(key).GetExist()
		change(p)
		return p
	}
	alone := changed(func(p *ics23.ExistenceProof) { p.Path = nil })
	for name, test := range map[string]struct {
		proof *ics23.CommitmentProof
		want  error
	}{
		"nil proof":               {nil, ErrForm},
		"nil form":                {&ics23.CommitmentProof{}, ErrForm},
		"nil existence form":      {&ics23.CommitmentProof{Proof: (*ics23.CommitmentProof_Exist)(nil)}, ErrForm},
		"nil existence":           {existence(nil), ErrLeaf},
		"empty existence":         {existence(&ics23.ExistenceProof{}), ErrLeaf},
		"nil leaf":                {existence(changed(func(p *ics23.ExistenceProof) { p.Leaf = nil })), ErrLeaf},
		"nil inner node":          {existence(changed(func(p *ics23.ExistenceProof) { p.Path[1] = nil })), ErrPath},
		"empty inner node":        {existence(changed(func(p *ics23.ExistenceProof) { p.Path[1] = &ics23.InnerOp{} })), ErrPath},
		"nil non-existence form":  {&ics23.CommitmentProof{Proof: (*ics23.CommitmentProof_Nonexist)(nil)}, ErrForm},
		"nil non-existence":       {&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{}}, ErrForm},
		"nil neighbours":          {nonexistence(key, nil, nil), ErrForm},
		"nil key":                 {nonexistence(nil, neighbour, nil), ErrKey},
		"empty left neighbour":    {nonexistence(key, &ics23.ExistenceProof{}, neighbour), ErrLeaf},
		"empty right neighbour":   {nonexistence(key, neighbour, &ics23.ExistenceProof{}), ErrLeaf},
		"left neighbour alone":    {nonexistence(key, alone, neighbour), ErrPath},
		"right neighbour alone":   {nonexistence(key, neighbour, alone), ErrPath},
		"both neighbours alone":   {nonexistence(key, alone, alone), ErrPath},
		"nil batch":               {&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Batch{}}, ErrForm},
		"batch of nil":            {&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Batch{Batch: &ics23.BatchProof{Entries: []*ics23.BatchEntry{nil}}}}, ErrForm},
		"nil compression":         {&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Compressed{}}, ErrForm},
		"nil form of compression": {&ics23.CommitmentProof{Proof: (*ics23.CommitmentProof_Compressed)(nil)}, ErrForm},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := EncodeCommitment(test.proof)
			require.ErrorIs(t, err, test.want)
			require.ErrorIs(t, err, refusal.ErrProof)
			b, err := NewBundle(tt.header, key, test.proof)
			require.ErrorIs(t, err, test.want)
			require.Nil(t, b)
			if encoded, ok := marshal(test.proof); ok {
				_, _, err := verifyCommitment(tt.header.StateRoot, key, encoded)
				require.ErrorIs(t, err, refusal.ErrProof)
			}
		})
	}
	_, err := NewBundle(nil, key, tt.prove(key))
	require.ErrorIs(t, err, ErrBlockID)
}

// TestNodesAreWrittenAsIAVLWritesThem: each number in its shortest form, with lengths that
// the library's comparison of neighbours takes for granted.
func TestNodesAreWrittenAsIAVLWritesThem(t *testing.T) {
	tt := newTestTree(t, 20)
	key := chain.MessageKey(3)
	inner := func(prefix, suffix []byte) func(*ics23.ExistenceProof) {
		return func(p *ics23.ExistenceProof) { p.Path[0].Prefix, p.Path[0].Suffix = prefix, suffix }
	}
	leaf := func(prefix []byte) func(*ics23.ExistenceProof) {
		return func(p *ics23.ExistenceProof) { p.Leaf.Prefix = prefix }
	}
	for name, test := range map[string]struct {
		change func(*ics23.ExistenceProof)
		want   error
	}{
		"leaf height not shortest":   {leaf([]byte{0x80, 0, 2, 2}), ErrLeaf},
		"leaf version not shortest":  {leaf([]byte{0, 2, 0x82, 0}), ErrLeaf},
		"leaf version overflows":     {leaf(append([]byte{0, 2}, bytes.Repeat([]byte{0xff}, 11)...)), ErrLeaf},
		"leaf version of ten bytes":  {leaf(varints(0, 1, 1<<62)), ErrLeaf},
		"leaf of size 0":             {leaf(varints(0, 0, 1)), ErrLeaf},
		"leaf cut":                   {leaf(varints(0, 1)), ErrLeaf},
		"leaf of another version":    {leaf(varints(0, 1, 0)), ErrRoot},
		"inner height not shortest":  {inner([]byte{0x82, 0, 4, 2, 32}, rightSibling()), ErrPath},
		"inner version of ten bytes": {inner(append(varints(1, 2, 1<<62), 32), rightSibling()), ErrPath},
		"inner of a leaf's size":     {inner(append(varints(1, 1, 1), 32), rightSibling()), ErrPath},
		"inner older than its child": {inner(append(varints(1, 2, 0), 32), rightSibling()), ErrPath},
		"inner of another length":    {inner(append(varints(1, 2, 1), 31), rightSibling()), ErrPath},
		"sibling of another length":  {inner(append(varints(1, 2, 1), 32), append([]byte{31}, rightSibling()[1:]...)), ErrPath},
		"half a sibling":             {inner(append(varints(1, 2, 1), 32), rightSibling()[:17]), ErrPath},
		"two right siblings":         {inner(append(varints(1, 2, 1), 32), append(rightSibling(), rightSibling()...)), ErrPath},
		"siblings on both sides":     {inner(append(append(append(varints(1, 2, 1), 32), make([]byte, 32)...), 32), rightSibling()), ErrPath},
		"another sibling":            {inner(append(varints(1, 2, 1), 32), rightSibling()), ErrRoot},
		"unknown hash":               {func(p *ics23.ExistenceProof) { p.Path[0].Hash = 99 }, ErrPath},
		"children swapped":           {func(p *ics23.ExistenceProof) { swapChildren(p.Path[0]) }, ErrRoot},
		"children of the root":       {func(p *ics23.ExistenceProof) { swapChildren(p.Path[len(p.Path)-1]) }, ErrRoot},
	} {
		t.Run(name, func(t *testing.T) {
			proof := tt.prove(key)
			test.change(proof.GetExist())
			encoded, ok := marshal(proof)
			require.True(t, ok)
			_, _, err := verifyCommitment(tt.header.StateRoot, key, encoded)
			require.ErrorIs(t, err, test.want)

			absent := append(bytes.Clone(key), 0)
			proof = tt.prove(absent)
			test.change(proof.GetNonexist().Left)
			encoded, ok = marshal(proof)
			require.True(t, ok)
			require.ErrorIs(t, VerifyAbsence(tt.header.StateRoot, absent, encoded), test.want, "as a neighbour")
		})
	}
}

// swapChildren makes a left child the right one, or the other way round.
func swapChildren(op *ics23.InnerOp) {
	if len(op.Suffix) == 0 {
		header := len(op.Prefix) - 2 - chain.HashSize
		sibling := op.Prefix[header+1 : header+1+chain.HashSize]
		op.Prefix, op.Suffix = bytes.Clone(op.Prefix[:header+1]), append([]byte{chain.HashSize}, sibling...)
	} else {
		op.Prefix, op.Suffix = append(append(bytes.Clone(op.Prefix), op.Suffix[1:]...), chain.HashSize), nil
	}
}

// TestTheWireIsBoundedBeforeItIsDecoded: what is too large, too deep, batched or not
// canonical costs little memory.
func TestTheWireIsBoundedBeforeItIsDecoded(t *testing.T) {
	tt := newTestTree(t, 20)
	key := chain.MessageKey(3)
	valid, absent := tt.commitment(key), tt.commitment(chain.MessageKey(6))
	field := func(number byte, content []byte) []byte {
		return append(binary.AppendUvarint([]byte{number<<3 | 2}, uint64(len(content))), content...)
	}
	_, size := binary.Uvarint(valid[1:])
	inside := valid[1+size:]
	require.Equal(t, valid, field(fieldExist, inside))
	deep := bytes.Repeat([]byte{fieldPath<<3 | 2, 0}, 400_000) // an empty inner node has two bytes
	for name, test := range map[string]struct {
		commitment []byte
		want       error
	}{
		"nothing":                   {nil, ErrForm},
		"too large":                 {field(fieldExist, make([]byte, MaxCommitmentBytes)), ErrEncoding},
		"too deep":                  {field(fieldExist, deep), ErrPath},
		"too deep on the left":      {field(fieldNonexist, field(fieldLeft, deep)), ErrPath},
		"too deep on the right":     {field(fieldNonexist, field(fieldRight, deep)), ErrPath},
		"a batch of many":           {field(fieldBatch, bytes.Repeat([]byte{0x0a, 0}, 400_000)), ErrForm},
		"compressed, of many nodes": {field(fieldCompressed, bytes.Repeat([]byte{0x12, 0}, 400_000)), ErrForm},
		"many empty proofs":         {bytes.Repeat([]byte{0x0a, 0}, 400_000), ErrEncoding},
		"both forms":                {append(bytes.Clone(valid), absent...), ErrEncoding},
		"an unknown field":          {append(bytes.Clone(valid), field(5, nil)...), ErrEncoding},
		"an unknown field inside":   {field(fieldExist, append(bytes.Clone(inside), field(7, nil)...)), ErrEncoding},
		"a number inside":           {field(fieldExist, append(bytes.Clone(inside), 0x38, 1)), ErrEncoding},
		"a field inside twice":      {field(fieldExist, append(field(1, []byte{9}), inside...)), ErrEncoding},
		"a group":                   {[]byte{0x0b, 0x0c}, ErrEncoding},
		"a length without end":      {append([]byte{0x0a}, bytes.Repeat([]byte{0xff}, 11)...), ErrEncoding},
		"a length beyond the end":   {[]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, ErrEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := verifyCommitment(tt.header.StateRoot, key, test.commitment)
			runtime.ReadMemStats(&after)
			require.ErrorIs(t, err, test.want)
			require.ErrorIs(t, err, refusal.ErrProof)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes of memory")
		})
	}
}

// TestEveryPlaceInATreeCanBeProven: each leaf, the gap behind each, and what is before the
// first.
func TestEveryPlaceInATreeCanBeProven(t *testing.T) {
	for _, leaves := range []int{1, 2, 3, 7, 8, 50} {
		t.Run(fmt.Sprint(leaves), func(t *testing.T) {
			tt := &testTree{t: t, tree: iavl.NewMutableTree(iavldb.NewMemDB(), 1000, true, iavl.NewNopLogger())}
			var keys [][]byte
			for n := range leaves {
				keys = append(keys, chain.MessageKey(uint64(2*n+1)))
			}
			for i, n := range slices.Backward(keys) {
				tt.set(n, []byte{byte(i), 1})
				if i%5 == 0 { // leaves of several versions
					_, _, err := tt.tree.SaveVersion()
					require.NoError(t, err)
				}
			}
			root := chain.Hash(tt.tree.Hash())
			for i := range keys {
				commitment := tt.commitment(keys[i])
				require.NoError(t, VerifyInclusion(root, keys[i], []byte{byte(i), 1}, commitment))
				require.ErrorIs(t, VerifyAbsence(root, keys[i], commitment), ErrValue)
				if i > 0 {
					require.ErrorIs(t, VerifyInclusion(root, keys[i-1], []byte{byte(i), 1}, commitment), ErrKey)
				}
			}
			for n := range leaves + 1 {
				gap := chain.MessageKey(uint64(2 * n))
				commitment := tt.commitment(gap)
				require.NoError(t, VerifyAbsence(root, gap, commitment))
				require.ErrorIs(t, VerifyAbsence(chain.Hash{1}, gap, commitment), ErrRoot)
				require.ErrorIs(t, VerifyInclusion(root, gap, []byte{1}, commitment), ErrValue)
				require.ErrorIs(t, VerifyAbsence(root, chain.MessageKey(uint64(2*n+2)), commitment), ErrKey)
			}
		})
	}
}

// TestTheLargestLeavesCanBeProven: sessions with as many participants and as much metadata
// as any genesis allows, also as neighbours of what is not there.
func TestTheLargestLeavesCanBeProven(t *testing.T) {
	keys := &chain.SessionKeys{Metadata: []chain.MetadataEntry{{Key: "k", Value: string(make([]byte, 64<<10))}}}
	for range chain.MaxParticipants {
		keys.PublicKeys = append(keys.PublicKeys, make([]byte, chain.KEMPublicKeySize))
	}
	tt := &testTree{t: t, tree: iavl.NewMutableTree(iavldb.NewMemDB(), 1000, true, iavl.NewNopLogger())}
	first, gap, second := chain.SessionKeysKey([32]byte{1}), chain.SessionKeysKey([32]byte{2}), chain.SessionKeysKey([32]byte{3})
	tt.set(first, keys.Bytes())
	tt.set(second, keys.Bytes())
	_, _, err := tt.tree.SaveVersion()
	require.NoError(t, err)
	root := chain.Hash(tt.tree.Hash())
	require.NoError(t, VerifyInclusion(root, first, keys.Bytes(), tt.commitment(first)))
	absence := tt.commitment(gap)
	require.Greater(t, len(absence), 2*len(keys.Bytes()))
	require.NoError(t, VerifyAbsence(root, gap, absence))
}
