package vm

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

func keyHash(key *pq.DSAKey) [sha256.Size]byte { return sha256.Sum256(key.Public()) }

// verifyPostQuantum verifies a certificate by more than two thirds of a set.
func (n *testNetwork) verifyPostQuantum(c *warp.PostQuantumCertificate, header *chain.Header, keys *warp.KeySet) error {
	v := warp.Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: warp.CiphersuitePOP}
	_, err := v.VerifyPostQuantum(c, header, keys, warp.TwoThirds)
	return err
}

// TestValidatorsAttestBlocks: each node collects the signatures of those that have registered keys, and remembers them.
func TestValidatorsAttestBlocks(t *testing.T) {
	ctx := context.Background()
	n := startKeys(t, 5, 0, 1, 2, 3, 4)
	first := n.nodes[0]
	before := first.Snapshot().Header()
	_, _, err := first.collector.PostQuantum(ctx, before)
	require.ErrorIs(t, err, refusal.ErrNoQuorum, "nobody has a key yet")
	var registrations []*chain.Transaction
	for node := range 4 { // the last one has none
		registrations = append(registrations, n.register(node, n.dsaKeys(node)[0], nil))
	}
	header := n.accept(10, n.nodes, registrations...)
	for _, node := range n.nodes {
		certificate, keys, err := node.collector.PostQuantum(ctx, header)
		require.NoError(t, err)
		require.NoError(t, n.verifyPostQuantum(certificate, header, keys))
		require.Equal(t, warp.Weight{Signed: 4, Total: 5}, keys.Keyed())
	}
	kept, _, err := first.collector.PostQuantum(ctx, header)
	require.NoError(t, err)

	// It is remembered, though nobody else is there any more.
	n.setDown(true, 1, 2, 3, 4)
	again, _, err := first.collector.PostQuantum(ctx, header)
	require.NoError(t, err)
	require.Equal(t, kept.Bytes(), again.Bytes())
	n.setDown(false, 1, 2, 3, 4)

	// Who replaces its key is asked for the new one, in the blocks from then on.
	first.clock.advance(time.Duration(first.VM.genesis.Limits.TransactionWindow) * time.Second)
	replaced := n.accept(10, n.nodes, n.register(1, n.dsaKeys(1)[1], n.dsaKeys(1)[0]))
	certificate, keys, err := first.collector.PostQuantum(ctx, replaced)
	require.NoError(t, err)
	require.NoError(t, n.verifyPostQuantum(certificate, replaced, keys))
	require.Equal(t, n.dsaKeys(1)[1].Public(), keys.Key(keys.Index(n.keys[1].PublicKey())))
}

// TestNobodyAttestsWhatIsNotAccepted, or with a key that is not its own.
func TestNobodyAttestsWhatIsNotAccepted(t *testing.T) {
	ctx := context.Background()
	n := startKeys(t, 3, 0, 1, 2)
	first := n.nodes[0]
	n.accept(10, n.nodes, n.register(0, n.dsaKeys(0)[0], nil), n.register(1, n.dsaKeys(1)[0], nil), n.register(2, n.dsaKeys(2)[0], nil))
	header := n.accept(10, n.nodes[:1], first.registration(identity(2)))
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	_, _, err := first.collector.PostQuantum(ctx, header)
	require.ErrorIs(t, err, refusal.ErrWaitTimeout)

	own := signing.AttestationRequest{BlockID: header.ID(), Key: keyHash(n.dsaKeys(0)[0])}
	signature, err := first.collector.Attest(t.Context(), own.Bytes())
	require.NoError(t, err)
	require.Len(t, signature, chain.SignatureSize)
	cached, err := first.collector.Attest(t.Context(), own.Bytes())
	require.NoError(t, err)
	require.Equal(t, signature, cached, "it is made once")
	for name, test := range map[string]struct {
		request []byte
		want    error
	}{
		"another's key":     {(&signing.AttestationRequest{BlockID: header.ID(), Key: keyHash(n.dsaKeys(1)[0])}).Bytes(), signing.ErrNoSigner},
		"an unknown block":  {(&signing.AttestationRequest{BlockID: ids.ID{9}, Key: own.Key}).Bytes(), signing.ErrNotAccepted},
		"nothing":           {nil, signing.ErrRequest},
		"a byte more":       {append(own.Bytes(), 0), signing.ErrRequest},
		"another scheme":    {append([]byte{2}, own.Bytes()[1:]...), refusal.ErrScheme},
		"a BLS certificate": {(&signing.Request{Message: warp.BlockMessage(testNetworkID, testChainID, header.ID()).Bytes()}).Bytes(), signing.ErrRequest},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := first.collector.Attest(t.Context(), test.request)
			require.ErrorIs(t, err, test.want)
		})
	}
}
