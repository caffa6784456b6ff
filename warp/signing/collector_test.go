package signing

import (
	"errors"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/warp"
)

// emptyLedger has no block, and says so when it is let.
type emptyLedger struct {
	Ledger
	asked chan uint64
	let   chan struct{}
}

func (l emptyLedger) HeaderAt(height uint64) (*chain.Header, error) {
	l.asked <- height
	<-l.let
	return nil, errors.New("no block")
}

// TestABlockWaitsOnceToBeCertified has one block that is asked for again and again, and others that
// find room behind it.
func TestABlockWaitsOnceToBeCertified(t *testing.T) {
	ledger := emptyLedger{asked: make(chan uint64, 1000), let: make(chan struct{})}
	failed := make(chan uint64, 1000)
	c := NewCollector(ledger, newResponder(newKey(t, 1)), NewAttestor(networkID, fakeChain{}, nil), ids.NodeID{1}, nil, warp.Threshold{Num: 67, Den: 100}, func(height uint64, _ error) { failed <- height })
	c.Certify(7)
	require.EqualValues(t, 7, <-ledger.asked)
	for range 1000 {
		c.Certify(7)
		c.Certify(8)
	}
	for height := range uint64(waitingBlocks - 1) {
		c.Certify(100 + height)
	}
	close(ledger.let)
	for _, height := range []uint64{7, 8, 100} {
		require.Equal(t, height, <-failed)
	}
	for height := range uint64(waitingBlocks - 2) {
		require.Equal(t, 101+height, <-failed)
	}
	c.Certify(7) // it may be asked for again
	require.EqualValues(t, 7, <-failed)
	c.Close()
	require.Empty(t, c.waiting)
}
