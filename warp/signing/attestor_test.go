package signing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// dsaKey returns an ML-DSA-65 key that is the same in every run.
func dsaKey(n byte) *pq.DSAKey {
	key, err := pq.DSAKeyFromSeed(bytes.Repeat([]byte{n + 1}, pq.DSASeedSize))
	if err != nil {
		panic(err)
	}
	return key
}

// oneBlock is a chain that has accepted one block.
type oneBlock struct {
	fakeChain
	header *chain.Header
}

func (c oneBlock) HeaderByID(id ids.ID) (*chain.Header, error) {
	if id != c.header.ID() {
		return nil, refusal.New(refusal.ErrNotFound, "the ID of an accepted block", id)
	}
	return c.header, nil
}

// attestNetwork is other nodes' attestations.
type attestNetwork map[ids.NodeID]func(request []byte) ([]byte, error)

func (attestNetwork) RequestSignature(context.Context, ids.NodeID, []byte) ([]byte, error) {
	return nil, errors.New("no such peer")
}

func (n attestNetwork) RequestAttestation(_ context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	return n[node](request)
}

func TestAnAttestorRefusesToSignAnythingElse(t *testing.T) {
	header := &chain.Header{ChainID: chainID, Height: 7}
	a := NewAttestor(networkID, oneBlock{header: header}, []*pq.DSAKey{dsaKey(1)})
	right := AttestationRequest{BlockID: header.ID(), Key: sha256.Sum256(dsaKey(1).Public())}
	signature, err := a.Respond(t.Context(), right.Bytes())
	require.NoError(t, err)
	require.NoError(t, pq.Verify(dsaKey(1).Public(), "sessionvm/attest-block/v1", warp.AttestedBytes(networkID, chainID, 7, header.ID()), signature))
	changed := func(change func(r *AttestationRequest)) []byte {
		r := right
		change(&r)
		return r.Bytes()
	}
	for name, test := range map[string]struct {
		request []byte
		want    error
	}{
		"another block":  {changed(func(r *AttestationRequest) { r.BlockID[0]++ }), ErrNotAccepted},
		"another key":    {changed(func(r *AttestationRequest) { r.Key = sha256.Sum256(dsaKey(2).Public()) }), ErrNoSigner},
		"another scheme": {append([]byte{2}, right.Bytes()[1:]...), refusal.ErrScheme},
		"nothing":        {nil, ErrRequest},
		"a byte less":    {right.Bytes()[1:], ErrRequest},
		"a byte more":    {append(right.Bytes(), 0), ErrRequest},
	} {
		_, err := a.Respond(t.Context(), test.request)
		require.ErrorIs(t, err, test.want, name)
		require.ErrorAs(t, err, new(*refusal.Error), name)
	}
	_, err = NewAttestor(networkID, oneBlock{header: header}, nil).Respond(t.Context(), right.Bytes())
	require.ErrorIs(t, err, ErrNoSigner)
}

// TestAttestationsThatAreWrongDoNotCount: with one of five that lies the rest are enough, with two it is known why they are not.
func TestAttestationsThatAreWrongDoNotCount(t *testing.T) {
	header := &chain.Header{ChainID: chainID, Height: 7}
	attested := warp.AttestedBytes(networkID, chainID, 7, header.ID())
	sign := func(key *pq.DSAKey, context string, message []byte) func([]byte) ([]byte, error) {
		return func([]byte) ([]byte, error) { return key.Sign(context, message) }
	}
	for name, test := range map[string]struct {
		lie  func(request []byte) ([]byte, error)
		want error
	}{
		"another key's":   {sign(dsaKey(9), warp.ContextAttestation, attested), warp.ErrAttestation},
		"another context": {sign(dsaKey(1), "sessionvm/attest-block/v2", attested), warp.ErrAttestation},
		"another height":  {sign(dsaKey(1), warp.ContextAttestation, warp.AttestedBytes(networkID, chainID, 8, header.ID())), warp.ErrAttestation},
		"another block":   {sign(dsaKey(1), warp.ContextAttestation, warp.AttestedBytes(networkID, chainID, 7, ids.ID{1})), warp.ErrAttestation},
		"nothing":         {func([]byte) ([]byte, error) { return nil, nil }, warp.ErrAttestation},
		"a byte less":     {func([]byte) ([]byte, error) { return make([]byte, chain.SignatureSize-1), nil }, warp.ErrAttestation},
		"a megabyte":      {func([]byte) ([]byte, error) { return make([]byte, 1<<20), nil }, warp.ErrAttestation},
		"a refusal":       {func([]byte) ([]byte, error) { return nil, ErrNotAccepted }, ErrNotAccepted},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				set, _, _ := fiveValidators(t)
				network, packed := make(attestNetwork), make([][]byte, set.Len())
				for i := range set.Len() {
					key := dsaKey(byte(i))
					packed[i] = key.Public()
					network[set.Nodes(i)[0]] = NewAttestor(networkID, oneBlock{header: header}, []*pq.DSAKey{key}).answer
				}
				keys, err := warp.NewKeySet(set.ValidatorSet, packed)
				require.NoError(t, err)
				a := Aggregator{Attestor: NewAttestor(networkID, oneBlock{header: header}, nil), Network: network}
				network[set.Nodes(1)[0]] = test.lie
				certificate, err := a.Attest(t.Context(), header, set, keys, warp.TwoThirds)
				require.NoError(t, err)
				require.Equal(t, []int{0, 2, 3, 4}, certificate.Signers.Indices())
				_, err = (&warp.Verifier{NetworkID: networkID, ChainID: chainID, Ciphersuite: warp.CiphersuitePOP}).VerifyPostQuantum(certificate, header, keys, warp.TwoThirds)
				require.NoError(t, err)

				two := maps.Clone(network) // somebody may still ask the others
				two[set.Nodes(3)[0]] = test.lie
				again := Aggregator{Attestor: a.Attestor, Network: two}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err = again.Attest(ctx, header, set, keys, warp.TwoThirds)
				require.ErrorIs(t, err, refusal.ErrNoQuorum)
				require.ErrorContains(t, err, "60 of 100")
				var quorum *QuorumError
				require.ErrorAs(t, err, &quorum)
				require.ErrorIs(t, quorum.Last, test.want)
			})
		})
	}
}

// answer is Respond without a context.
func (a *Attestor) answer(request []byte) ([]byte, error) {
	return a.Respond(context.Background(), request)
}

// TestWhatIsRememberedOfAttestationsIsBounded by its bytes, whatever clients ask for.
func TestWhatIsRememberedOfAttestationsIsBounded(t *testing.T) {
	a, large := newAttested(), &warp.PostQuantumCertificate{Signatures: make([][]byte, 667)}
	for i := range 100 {
		a.add(ids.ID{byte(i)}, large)
		a.add(ids.ID{byte(i)}, large) // again
		require.LessOrEqual(t, a.bytes, attestedBytes)
		require.Equal(t, a.lru.Len()*large.Size(), a.bytes)
		require.NotNil(t, a.get(ids.ID{byte(i)}))
	}
	require.Equal(t, attestedBytes/large.Size(), a.lru.Len())
	require.Nil(t, a.get(ids.ID{0}))
}

// BenchmarkAttestationRequests is what a request of a peer costs, which may make 200 of them per second.
func BenchmarkAttestationRequests(b *testing.B) {
	header := &chain.Header{ChainID: chainID, Height: 7}
	a := NewAttestor(networkID, oneBlock{header: header}, []*pq.DSAKey{dsaKey(1)})
	right := AttestationRequest{BlockID: header.ID(), Key: sha256.Sum256(dsaKey(1).Public())}
	unknown, other := right, right
	unknown.BlockID[0]++
	other.Key[0]++
	for name, request := range map[string]AttestationRequest{"of another block": right, "again": right, "of no block": unknown, "with another key": other} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if name == "of another block" {
					a.signed.Purge()
				}
				_, _ = a.Respond(b.Context(), request.Bytes())
			}
		})
	}
}
