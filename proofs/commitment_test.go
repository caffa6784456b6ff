package proofs

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestCommitmentsShowPresenceAndAbsence(t *testing.T) {
	tt := newTestTree(t, 100)
	root := tt.header.StateRoot
	key := chain.SessionKey(tt.session)
	value, err := tt.tree.Get(key)
	require.NoError(t, err)
	commitment := tt.commitment(key)
	require.NoError(t, VerifyInclusion(root, key, value, commitment))
	require.ErrorIs(t, VerifyInclusion(root, key, append(value, 1), commitment), ErrValue)
	require.ErrorIs(t, VerifyInclusion(root, key, nil, commitment), ErrValue)
	require.ErrorIs(t, VerifyInclusion(root, chain.MessageKey(1), value, commitment), ErrKey)
	require.ErrorIs(t, VerifyInclusion(chain.Hash{1}, key, value, commitment), ErrRoot)
	require.ErrorIs(t, VerifyAbsence(root, key, commitment), ErrValue)

	for _, absent := range [][]byte{
		{0xff},                         // after the last leaf
		chain.SessionKey(ids.ID{7, 1}), // between two
		chain.ReceiptKey(tt.session, ids.ID{1}),
	} {
		commitment := tt.commitment(absent)
		require.NoError(t, VerifyAbsence(root, absent, commitment))
		require.ErrorIs(t, VerifyInclusion(root, absent, value, commitment), ErrValue)
		require.ErrorIs(t, VerifyAbsence(chain.Hash{}, absent, commitment), ErrRoot)
		require.ErrorIs(t, VerifyAbsence(root, key, commitment), ErrKey)
	}
}

// TestAValueThatIsKnownIsLeftOut, and put back: the proof is as before.
func TestAValueThatIsKnownIsLeftOut(t *testing.T) {
	tt := newTestTree(t, 100)
	root, key := tt.header.StateRoot, chain.SessionKey(tt.session)
	commitment, absence := tt.commitment(key), tt.commitment([]byte{0xff})
	value, err := Value(root, key, commitment)
	require.NoError(t, err)
	less, err := LeaveOut(commitment, value)
	require.NoError(t, err)
	require.Less(t, len(less), len(commitment)-len(value))
	_, err = Value(root, key, less)
	require.Error(t, err)
	require.Equal(t, commitment, PutIn(less, commitment))
	_, err = Value(root, key, PutIn(less, tt.commitment(chain.MessageKey(1))))
	require.ErrorIs(t, err, ErrRoot)
	for _, other := range [][]byte{nil, append(bytes.Clone(value), 1)} {
		same, err := LeaveOut(commitment, other)
		require.NoError(t, err)
		require.Equal(t, commitment, same)
	}
	same, err := LeaveOut(absence, nil)
	require.NoError(t, err)
	require.Equal(t, absence, same)
	require.Equal(t, absence, PutIn(absence, commitment))
	require.Equal(t, less, PutIn(less, absence))
	require.Equal(t, less, PutIn(less, nil))
	require.Equal(t, commitment, PutIn(commitment, tt.commitment(chain.MessageKey(1))))
	_, err = LeaveOut(nil, value)
	require.Error(t, err)
}

// TestForgedAbsenceIsRefused claims of a key that is there that it is not.
func TestForgedAbsenceIsRefused(t *testing.T) {
	tt := newTestTree(t, 100)
	there := chain.MessageKey(3)
	exist := func(key []byte) *ics23.ExistenceProof { return tt.prove(key).GetExist() }
	before, after := chain.MessageKey(2), chain.MessageKey(4)
	farAfter := chain.MessageKey(5)
	for name, forged := range map[string]*ics23.NonExistenceProof{
		"neighbours of the neighbours": {Key: there, Left: exist(before), Right: exist(after)},
		"further apart":                {Key: there, Left: exist(before), Right: exist(farAfter)},
		"only a left neighbour":        {Key: there, Left: exist(before)},
		"only a right neighbour":       {Key: there, Right: exist(after)},
		"swapped":                      {Key: there, Left: exist(after), Right: exist(before)},
		"itself on the left":           {Key: there, Left: exist(there), Right: exist(after)},
		"itself on the right":          {Key: there, Left: exist(before), Right: exist(there)},
	} {
		t.Run(name, func(t *testing.T) {
			encoded, err := (&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: forged}}).Marshal()
			require.NoError(t, err)
			require.ErrorIs(t, VerifyAbsence(tt.header.StateRoot, there, encoded), ErrRoot)
		})
	}
	// The neighbours of an absent key prove nothing about a key beside them.
	absent := tt.prove(chain.MessageKey(100)).GetNonexist()
	absent.Key = chain.MessageKey(5)
	encoded, err := (&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: absent}}).Marshal()
	require.NoError(t, err)
	require.ErrorIs(t, VerifyAbsence(tt.header.StateRoot, absent.Key, encoded), ErrRoot)
}

// TestOddCommitmentsAreRefused makes what the library would accept, or panic on.
func TestOddCommitmentsAreRefused(t *testing.T) {
	tt := newTestTree(t, 100)
	key := chain.MessageKey(3)
	varints := func(values ...int64) (prefix []byte) {
		for _, value := range values {
			prefix = binary.AppendVarint(prefix, value)
		}
		return prefix
	}
	for name, test := range map[string]struct {
		change func(*ics23.ExistenceProof)
		want   error
	}{
		"no leaf":               {func(p *ics23.ExistenceProof) { p.Leaf = nil }, ErrLeaf},
		"no key":                {func(p *ics23.ExistenceProof) { p.Key = nil }, ErrLeaf},
		"no value":              {func(p *ics23.ExistenceProof) { p.Value = nil }, ErrLeaf},
		"leaf of height 1":      {func(p *ics23.ExistenceProof) { p.Leaf.Prefix = varints(1, 1, 1) }, ErrLeaf},
		"leaf of size 2":        {func(p *ics23.ExistenceProof) { p.Leaf.Prefix = varints(0, 2, 1) }, ErrLeaf},
		"longer leaf prefix":    {func(p *ics23.ExistenceProof) { p.Leaf.Prefix = append(p.Leaf.Prefix, 0) }, ErrLeaf},
		"no leaf prefix":        {func(p *ics23.ExistenceProof) { p.Leaf.Prefix = nil }, ErrLeaf},
		"negative version":      {func(p *ics23.ExistenceProof) { p.Leaf.Prefix = varints(0, 1, -1) }, ErrLeaf},
		"hashed key":            {func(p *ics23.ExistenceProof) { p.Leaf.PrehashKey = ics23.HashOp_SHA256 }, ErrLeaf},
		"unhashed value":        {func(p *ics23.ExistenceProof) { p.Leaf.PrehashValue = ics23.HashOp_NO_HASH }, ErrLeaf},
		"another hash":          {func(p *ics23.ExistenceProof) { p.Leaf.Hash = ics23.HashOp_KECCAK256 }, ErrLeaf},
		"another length":        {func(p *ics23.ExistenceProof) { p.Leaf.Length = ics23.LengthOp_NO_PREFIX }, ErrLeaf},
		"inner hash":            {func(p *ics23.ExistenceProof) { p.Path[0].Hash = ics23.HashOp_SHA512 }, ErrPath},
		"inner without prefix":  {func(p *ics23.ExistenceProof) { p.Path[0].Prefix = nil }, ErrPath},
		"inner of height 0":     {func(p *ics23.ExistenceProof) { p.Path[0].Prefix[0] = 0 }, ErrPath},
		"inner with two sides":  {func(p *ics23.ExistenceProof) { p.Path[0].Suffix = bytes.Repeat([]byte{32}, 66) }, ErrPath},
		"inner without sibling": {func(p *ics23.ExistenceProof) { p.Path[0].Suffix, p.Path[0].Prefix = nil, p.Path[0].Prefix[:4] }, ErrPath},
		"too deep": {func(p *ics23.ExistenceProof) {
			for len(p.Path) <= maxDepth {
				p.Path = append(p.Path, p.Path[len(p.Path)-1])
			}
		}, ErrPath},
		"a level left out":  {func(p *ics23.ExistenceProof) { p.Path = p.Path[1:] }, ErrRoot},
		"levels swapped":    {func(p *ics23.ExistenceProof) { p.Path[0], p.Path[1] = p.Path[1], p.Path[0] }, ErrPath},
		"no path":           {func(p *ics23.ExistenceProof) { p.Path = nil }, ErrRoot},
		"too large a value": {func(p *ics23.ExistenceProof) { p.Value = make([]byte, MaxCommitmentBytes) }, ErrEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			proof := tt.prove(key)
			test.change(proof.GetExist())
			encoded, err := proof.Marshal()
			require.NoError(t, err)
			_, _, err = verifyCommitment(tt.header.StateRoot, key, encoded)
			require.ErrorIs(t, err, test.want)
			require.ErrorIs(t, err, refusal.ErrProof)
		})
	}

	exist := tt.prove(key).GetExist()
	batch := &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Batch{Batch: &ics23.BatchProof{
		Entries: []*ics23.BatchEntry{{Proof: &ics23.BatchEntry_Exist{Exist: exist}}},
	}}}
	for name, proof := range map[string]*ics23.CommitmentProof{
		"nothing":       {},
		"batch":         batch,
		"compressed":    ics23.Compress(batch),
		"no neighbours": {Proof: &ics23.CommitmentProof_Nonexist{Nonexist: &ics23.NonExistenceProof{Key: key}}},
	} {
		t.Run(name, func(t *testing.T) {
			encoded, err := proof.Marshal()
			require.NoError(t, err)
			_, _, err = verifyCommitment(tt.header.StateRoot, key, encoded)
			require.ErrorIs(t, err, ErrForm)
			_, err = EncodeCommitment(proof)
			require.ErrorIs(t, err, ErrForm)
		})
	}
	valid := tt.commitment(key)
	for name, encoded := range map[string][]byte{
		"a trailing field":     append(bytes.Clone(valid), 0x78, 0x01),
		"the message twice":    append(bytes.Clone(valid), valid...),
		"cut short":            valid[:len(valid)-1],
		"not protobuf":         []byte("proof"),
		"a longer length form": append([]byte{valid[0], valid[1] | 0x80, valid[2] | 0x80, 0}, valid[3:]...),
	} {
		_, _, err := verifyCommitment(tt.header.StateRoot, key, encoded)
		require.Error(t, err, name)
		require.ErrorIs(t, err, refusal.ErrProof, name)
	}
}

func FuzzVerifyCommitment(f *testing.F) {
	tt := newTestTree(f, 20)
	for _, key := range [][]byte{chain.TotalsKey(), chain.MessageKey(3), chain.SessionKey(tt.session), chain.MessageKey(9), {0xff}} {
		f.Add(key, tt.commitment(key))
	}
	totals := tt.commitment(chain.TotalsKey())
	f.Fuzz(func(t *testing.T, key, commitment []byte) {
		for _, commitment := range [][]byte{commitment, PutIn(commitment, totals), PutIn(totals, commitment)} {
			value, present, err := verifyCommitment(tt.header.StateRoot, key, commitment)
			if err != nil {
				continue
			}
			held, err := tt.tree.Get(key)
			require.NoError(t, err)
			require.Equal(t, held != nil, present)
			require.Equal(t, held, value)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, b := range newTestTree(f, 3).bundles() {
		f.Add(b.Bytes())
		f.Add(encode(f, b))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := Parse(file)
		if err != nil {
			return
		}
		again, err := ParseBundle(b.Bytes())
		require.NoError(t, err)
		require.Equal(t, b.Bytes(), again.Bytes())
		fromJSON, err := ParseBundleJSON(encode(t, b))
		require.NoError(t, err)
		require.Equal(t, b.Bytes(), fromJSON.Bytes())
		_, _ = b.Verify(nil)
	})
}

// BenchmarkProofs measures proofs of a tree with 100,000 other leaves.
func BenchmarkProofs(b *testing.B) {
	tt := newTestTree(b, 100_000)
	for _, key := range []struct {
		name string
		key  []byte
	}{{"message", chain.MessageKey(3)}, {"absence", chain.SessionKey(ids.ID{7, 7})}} {
		commitment := tt.commitment(key.key)
		b.Run(fmt.Sprintf("prove/%s", key.name), func(b *testing.B) {
			for b.Loop() {
				_, err := tt.tree.GetProof(key.key)
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("verify/%s", key.name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := verifyCommitment(tt.header.StateRoot, key.key, commitment)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(len(commitment)), "proof-B")
		})
	}
	delivery := tt.delivery()
	b.Run("verify/delivery", func(b *testing.B) {
		for b.Loop() {
			_, err := delivery.Verify(nil)
			require.NoError(b, err)
		}
		b.ReportMetric(float64(len(delivery.Bytes())), "bundle-B")
	})
}
