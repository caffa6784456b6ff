package vm

import (
	"context"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// foreignChain is a chain of the network with a contract. Its validators are the first four keys of the network's.
var (
	foreignChain    = ids.ID{0xfc, 1}
	foreignContract = &chain.ReceiveWarp{SourceChain: foreignChain, Address: []byte{19: 0xad}}
)

func startForeign(t *testing.T, changes ...func(*chain.Genesis)) *testNetwork {
	n := startNetwork(t, 5, changes...)
	n.setValidators(1, 0, 1, 2, 3, 4)
	n.sources = map[ids.ID][]signing.Validator{foreignChain: nil}
	for i := range 4 {
		n.sources[foreignChain] = append(n.sources[foreignChain], signing.Validator{Node: nodeID(i), PublicKey: n.keys[i].PublicKey().Uncompressed(), Weight: 10})
	}
	return n
}

// call returns the transaction of a contract, signed for a network by some of the keys.
func (n *testNetwork) call(networkID uint32, from *chain.ReceiveWarp, body chain.Body, signers ...int) *chain.Transaction {
	n.t.Helper()
	set, err := signing.NewValidators(n.sources[foreignChain])
	require.NoError(n.t, err)
	message := warp.CallMessage(networkID, testChainID, body, from)
	aggregation := warp.NewAggregation(warp.CiphersuitePOP, message, set.ValidatorSet)
	for _, i := range signers {
		signature, err := n.keys[i].Sign(context.Background(), message)
		require.NoError(n.t, err)
		require.NoError(n.t, aggregation.Add(n.keys[i].PublicKey(), signature))
	}
	signed, err := aggregation.Message(warp.Threshold{Num: 1, Den: 100})
	require.NoError(n.t, err)
	chainID, tx, err := warp.ParseCall(signed)
	require.NoError(n.t, err)
	require.Equal(n.t, testChainID, chainID)
	return tx
}

// TestAContractTakesPartInASession: it makes one, writes, and acknowledges, and is refused everywhere alike where it may not.
func TestAContractTakesPartInASession(t *testing.T) {
	n := startForeign(t)
	node, alice := n.nodes[0], identity(1)
	contract := foreignContract.Contract()
	enough := []int{0, 1, 2}
	n.accept(1, n.nodes, node.registration(alice))

	create := n.call(testNetworkID, foreignContract, &chain.CreateSession{Participants: []ids.ID{contract, alice.ID()}, Creator: contract, Nonce: 1, Deadline: node.deadline()}, enough...)
	session := node.sessionID(create)
	n.accept(1, n.nodes, create)
	message := &chain.SendMessage{Session: session, Sender: contract, Ciphertext: []byte("\x00an event")}
	sent := n.call(testNetworkID, foreignContract, message, enough...)
	for _, node := range n.nodes {
		require.NoError(t, node.Submit(context.Background(), sent, ""))
	}
	n.accept(1, n.nodes, sent, node.message(alice, session, "seen"))
	leaf := node.session(session)
	require.EqualValues(t, 2, leaf.Messages)
	require.Equal(t, []bool{true, true}, leaf.Acted)
	n.accept(1, n.nodes, n.call(testNetworkID, foreignContract, &chain.Acknowledge{Session: session, Participant: contract, Sequence: 2, Transcript: leaf.Transcript}, enough...))

	other := &chain.SendMessage{Session: session, Sender: contract, Ciphertext: []byte("\x00another")}
	good := n.call(testNetworkID, foreignContract, other, enough...)
	elsewhere := &chain.ReceiveWarp{SourceChain: ids.ID{0xfc, 2}, Address: foreignContract.Address}
	stranger := &chain.ReceiveWarp{SourceChain: foreignChain, Address: []byte{19: 0xae}}
	flipped := *good.Warp
	flipped.Signature = append([]byte(nil), flipped.Signature...)
	flipped.Signature[95] ^= 1
	broken, err := chain.NewReceived(testChainID, other, &flipped)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		reason refusal.Reason
		tx     *chain.Transaction
	}{
		"the same again":           {refusal.ErrDuplicate, sent},
		"the same, by others":      {refusal.ErrDuplicate, n.call(testNetworkID, foreignContract, message, 1, 2, 3)},
		"too few":                  {refusal.ErrWarpSignature, n.call(testNetworkID, foreignContract, other, 0, 1)},
		"signed for a network":     {refusal.ErrWarpSignature, n.call(testNetworkID+1, foreignContract, other, enough...)},
		"a signature that is none": {refusal.ErrWarpSignature, broken},
		"an unknown chain":         {refusal.ErrWarpSource, n.call(testNetworkID, elsewhere, &chain.CreateSession{Participants: []ids.ID{elsewhere.Contract(), alice.ID()}, Creator: elsewhere.Contract(), Deadline: node.deadline()}, enough...)},
		"another contract":         {refusal.ErrNotParticipant, n.call(testNetworkID, stranger, &chain.SendMessage{Session: session, Sender: stranger.Contract(), Ciphertext: []byte{0, 1}}, enough...)},
		"an unknown session":       {refusal.ErrUnknownSession, n.call(testNetworkID, foreignContract, &chain.SendMessage{Session: ids.ID{7, 7}, Sender: contract, Ciphertext: []byte{0, 1}}, enough...)},
	} {
		for i, node := range n.nodes {
			refused := (*refusal.Error)(nil)
			require.ErrorAs(t, node.Submit(context.Background(), test.tx, ""), &refused, name)
			require.Equal(t, test.reason, refused.Reason, "%s, at node %d", name, i)
		}
	}

	// A chain is no source of its own, whoever has signed.
	own := &chain.ReceiveWarp{SourceChain: testChainID, Address: foreignContract.Address}
	n.mu.Lock()
	n.sources[testChainID] = n.sources[foreignChain]
	n.mu.Unlock()
	itself := n.call(testNetworkID, own, &chain.CreateSession{Participants: []ids.ID{own.Contract(), alice.ID()}, Creator: own.Contract(), Deadline: node.deadline()}, enough...)
	require.ErrorIs(t, node.Submit(context.Background(), itself, ""), refusal.ErrWarpSource)

	// Who names many chains does not push the chain's own validators out of memory.
	require.True(t, node.KnowsValidators(1))
	for i := range cachedHeights + 1 {
		node.sourcesOf(context.Background(), uint64(100+i), []ids.ID{foreignChain})
	}
	require.True(t, node.KnowsValidators(1))

	// The validators of the source change: what the old ones have signed is nothing any more.
	old := n.sources[foreignChain]
	n.mu.Lock()
	n.sources[foreignChain] = old[2:]
	n.mu.Unlock()
	n.setValidators(2, 0, 1, 2, 3, 4)
	refused := (*refusal.Error)(nil)
	require.ErrorAs(t, node.Submit(context.Background(), good, ""), &refused)
	require.Equal(t, refusal.ErrWarpSignature, refused.Reason)
	n.mu.Lock()
	n.sources[foreignChain] = old
	n.mu.Unlock()

	// After a restart it is as before: nothing is done twice.
	n.start(3)
	require.ErrorIs(t, n.nodes[3].Submit(context.Background(), sent, ""), refusal.ErrDuplicate)
}

// TestABlockTakesAsManyContractsTransactionsAsItMay, and one without a context none.
func TestABlockTakesAsManyContractsTransactionsAsItMay(t *testing.T) {
	n := startForeign(t)
	node, alice := n.nodes[0], identity(1)
	contract := foreignContract.Contract()
	n.accept(1, n.nodes, node.registration(alice))
	create := n.call(testNetworkID, foreignContract, &chain.CreateSession{Participants: []ids.ID{contract, alice.ID()}, Creator: contract, Nonce: 1, Deadline: node.deadline()}, 0, 1, 2)
	n.accept(1, n.nodes, create)
	limit := int(node.VM.genesis.Limits.MaxBlockWarpMessages)
	for i := range limit + 1 {
		body := &chain.SendMessage{Session: node.sessionID(create), Sender: contract, Ciphertext: []byte{0, byte(i)}}
		require.NoError(t, node.Submit(context.Background(), n.call(testNetworkID, foreignContract, body, 0, 1, 2), ""))
	}
	_, err := node.BuildBlock(context.Background())
	require.ErrorIs(t, err, refusal.ErrEmptyBlock)
	count, _ := node.mempool.size()
	require.Zero(t, count, "what a block without a context refuses is dropped: who sent it tries again")

	var calls []*chain.Transaction
	for i := range limit + 1 {
		body := &chain.SendMessage{Session: node.sessionID(create), Sender: contract, Ciphertext: []byte{0, byte(i)}}
		calls = append(calls, n.call(testNetworkID, foreignContract, body, 0, 1, 2))
		require.NoError(t, node.Submit(context.Background(), calls[i], ""))
	}
	blk, err := node.BuildBlockWithContext(context.Background(), Context{PChainHeight: 1})
	require.NoError(t, err)
	require.Len(t, blk.Transactions, limit)
	require.NoError(t, blk.VerifyWithContext(context.Background(), Context{PChainHeight: 1}))
	require.NoError(t, blk.Accept(context.Background()))
	require.NoError(t, node.SetPreference(context.Background(), blk.ID()))
	blk, err = node.BuildBlockWithContext(context.Background(), Context{PChainHeight: 1})
	require.NoError(t, err, "the rest waits")
	require.Len(t, blk.Transactions, 1)
}

// TestAContractsSignatureIsVerifiedInATurn: who submits forged ones costs no more at a time than who submits identities'.
func TestAContractsSignatureIsVerifiedInATurn(t *testing.T) {
	n := startForeign(t)
	node, alice, contract := n.nodes[0], identity(1), foreignContract.Contract()
	n.accept(1, n.nodes, node.registration(alice))
	forged := n.call(testNetworkID+1, foreignContract, &chain.CreateSession{Participants: []ids.ID{contract, alice.ID()}, Creator: contract, Nonce: 1, Deadline: node.deadline()}, 0, 1, 2)
	var verified error
	_, err := node.admit(forged, "", false, func(check func() error) error {
		verified = check()
		return verified
	})
	require.ErrorIs(t, err, refusal.ErrWarpSignature)
	require.ErrorIs(t, verified, refusal.ErrWarpSignature)
}
