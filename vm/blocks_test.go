package vm

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// encodeBlock encodes a header and transactions by hand, whether they fit or not.
func encodeBlock(header []byte, transactions ...[]byte) []byte {
	encoded := binary.AppendUvarint([]byte{1<<3 | 2}, uint64(len(header)))
	encoded = append(encoded, header...)
	for _, tx := range transactions {
		encoded = binary.AppendUvarint(append(encoded, 2<<3|2), uint64(len(tx)))
		encoded = append(encoded, tx...)
	}
	return encoded
}

func TestBlockWithAWrongHeaderIsRefused(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	c.accept(c.message(alice, session, "before"))
	follower := c.peer()
	for _, test := range []struct {
		name   string
		reason refusal.Reason
		change func(*chain.Header)
	}{
		{"unknown version", refusal.ErrVersion, func(h *chain.Header) { h.Version++ }},
		{"version 0", refusal.ErrVersion, func(h *chain.Header) { h.Version = 0 }},
		{"another chain", refusal.ErrWrongChain, func(h *chain.Header) { h.ChainID = otherChainID }},
		{"unknown parent", refusal.ErrBlockParent, func(h *chain.Header) { h.Parent = ids.ID{1} }},
		{"the genesis for a parent", refusal.ErrBlockParent, func(h *chain.Header) { h.Parent = c.VM.genesis.Hash() }},
		{"the parent's parent for a parent", refusal.ErrBlockParent, func(h *chain.Header) { h.Parent = c.store.Last().Parent }},
		{"the parent's height", refusal.ErrBlockHeight, func(h *chain.Header) { h.Height-- }},
		{"a height left out", refusal.ErrBlockHeight, func(h *chain.Header) { h.Height++ }},
		{"height 0", refusal.ErrBlockHeight, func(h *chain.Header) { h.Height = 0 }},
		{"the last height of all", refusal.ErrBlockHeight, func(h *chain.Header) { h.Height = ^uint64(0) }},
		{"a time before the parent's", refusal.ErrBlockTime, func(h *chain.Header) { h.Timestamp = c.store.Last().Timestamp - 1 }},
		{"no time", refusal.ErrBlockTime, func(h *chain.Header) { h.Timestamp = 0 }},
		{"a time too far ahead of the clock", refusal.ErrBlockTime, func(h *chain.Header) { h.Timestamp = c.clock.millis() + 10_001 }},
		{"the end of time", refusal.ErrBlockTime, func(h *chain.Header) { h.Timestamp = ^uint64(0) }},
		{"another state root", refusal.ErrStateRoot, func(h *chain.Header) { h.StateRoot = chain.Hash{1} }},
		{"the parent's state root", refusal.ErrStateRoot, func(h *chain.Header) { h.StateRoot = c.store.Last().StateRoot }},
		{"a P-chain height", refusal.ErrValidatorSet, func(h *chain.Header) { h.PChainHeight = 1 }},
		{"a validator set", refusal.ErrValidatorSet, func(h *chain.Header) { h.ValidatorSetHash = chain.Hash{1} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			blk := c.forge(test.change, c.message(alice, session, test.name))
			follower.requireUntouched(func() { follower.requireRefused(follower.verifyBytes(blk.Bytes()), test.reason) })
			c.requireUntouched(func() { c.requireRefused(c.verifyBytes(blk.Bytes()), test.reason) })
		})
	}
	follower.follow(c.accept(c.message(alice, session, "after")).Block)
}

func TestBlockOfTheFutureIsFineLater(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	follower := c.peer()
	blk := c.forge(func(h *chain.Header) { h.Timestamp += 15_000 }, c.message(alice, session, "early"))
	parsed := follower.parse(blk)
	follower.requireRefused(parsed.Verify(context.Background()), refusal.ErrBlockTime)
	follower.clock.advance(4 * time.Second)
	follower.requireRefused(parsed.Verify(context.Background()), refusal.ErrBlockTime)
	follower.clock.advance(time.Second)
	require.NoError(t, parsed.Verify(context.Background()), "10 s ahead of the clock")
	require.NoError(t, parsed.Accept(context.Background()))
}

func TestBlockTimeMayStandStill(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	first := c.accept(c.message(alice, session, "first"))
	c.clock.advance(-time.Hour) // a clock that is set back: time never goes back on the chain
	second := c.accept(c.message(alice, session, "second"))
	require.Equal(t, first.Header.Timestamp, second.Header.Timestamp)
}

func TestBlockWithWrongTransactionsIsRefused(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) {
		g.Limits.MaxBlockTransactions = 3
		g.Limits.MaxBlockBytes = 16 << 10
	})
	alice, bob, session := c.open2()
	follower := c.peer()
	one, two := c.message(alice, session, "one"), c.message(bob, session, "two")
	three, four := c.message(alice, session, "three"), c.message(bob, session, "four")
	good := c.forge(nil, one, two)
	header := good.Header.Bytes()
	require.Equal(t, good.Bytes(), encodeBlock(header, one.Bytes(), two.Bytes()))

	otherSignature, err := chain.NewTransaction(testChainID, one.Body, make([]byte, chain.SignatureSize))
	require.NoError(t, err)
	large := c.message(alice, session, string(make([]byte, 13<<10)))
	for _, test := range []struct {
		name   string
		reason refusal.Reason
		bytes  []byte
	}{
		{"no transaction", refusal.ErrEmptyBlock, c.forge(nil).Bytes()},
		{"more transactions than the genesis allows", refusal.ErrBlockLimit, c.forge(nil, one, two, three, four).Bytes()},
		{"more bytes than the genesis allows", refusal.ErrTooLarge, c.forge(nil, large).Bytes()},
		{"a transaction left out", refusal.ErrTransactionsRoot, encodeBlock(header, one.Bytes())},
		{"a transaction put in", refusal.ErrTransactionsRoot, encodeBlock(header, one.Bytes(), two.Bytes(), three.Bytes())},
		{"the last transaction twice", refusal.ErrTransactionsRoot, encodeBlock(header, one.Bytes(), two.Bytes(), two.Bytes())},
		{"the order changed", refusal.ErrTransactionsRoot, encodeBlock(header, two.Bytes(), one.Bytes())},
		{"another transaction", refusal.ErrTransactionsRoot, encodeBlock(header, one.Bytes(), three.Bytes())},
		{"another signature", refusal.ErrTransactionsRoot, encodeBlock(header, otherSignature.Bytes(), two.Bytes())},
		{"an empty transaction", refusal.ErrMalformed, encodeBlock(header, one.Bytes(), nil)},
		{"a transaction with a byte after it", refusal.ErrMalformed, encodeBlock(header, one.Bytes(), append(bytes.Clone(two.Bytes()), 0))},
		{"a transaction that ends early", refusal.ErrMalformed, encodeBlock(header, one.Bytes(), two.Bytes()[:100])},
		{"a byte after the block", refusal.ErrMalformed, append(bytes.Clone(good.Bytes()), 0)},
		{"a byte missing at the end", refusal.ErrMalformed, good.Bytes()[:len(good.Bytes())-1]},
		{"the header alone", refusal.ErrMalformed, header},
		{"transactions without a header", refusal.ErrVersion, good.Bytes()[2+len(header)+1:]},
		{"zeros", refusal.ErrMalformed, make([]byte, 100)},
		{"a length that is not there", refusal.ErrMalformed, []byte{1<<3 | 2, 0xff, 0xff, 0xff, 0xff, 0x0f}},
	} {
		t.Run(test.name, func(t *testing.T) {
			follower.requireUntouched(func() { follower.requireRefused(follower.verifyBytes(test.bytes), test.reason) })
		})
	}
	follower.requireUntouched(func() { require.Error(t, follower.verifyBytes(nil)) })
	follower.follow(good)
}

func TestBlockOfAnotherChainIsRefused(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	genesis, err := chain.ParseGenesis(c.genesis)
	require.NoError(t, err)
	genesis.MaxChannels++
	other := &testChain{t: t, clock: c.clock, db: dbm.NewMemDB(), genesis: genesis.Bytes()} // another genesis of the same chain ID
	other.open()
	t.Cleanup(func() { require.NoError(t, other.Shutdown(context.Background())) })
	first, err := c.BlockAt(1)
	require.NoError(t, err)
	other.requireUntouched(func() {
		other.requireRefused(other.verifyBytes(first.Bytes()), refusal.ErrBlockParent)
		other.requireRefused(other.verifyBytes(c.forge(nil, c.message(alice, session, "x")).Bytes()), refusal.ErrBlockParent)
	})
}

// TestGoodSignatureInTheMempoolDoesNotExcuseABadOneInABlock is about the shortcut that
// what was checked when it was submitted is not checked again: the ID of a transaction
// does not cover its signature.
func TestGoodSignatureInTheMempoolDoesNotExcuseABadOneInABlock(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	follower := c.peer()
	good := c.message(alice, session, "message")
	require.NoError(t, follower.Submit(context.Background(), good, ""))
	signature := bytes.Clone(good.Signature)
	signature[len(signature)/2] ^= 1
	bad, err := chain.NewTransaction(testChainID, good.Body, signature)
	require.NoError(t, err)
	require.Equal(t, good.ID(), bad.ID())

	follower.requireUntouched(func() {
		follower.requireRefused(follower.verifyBytes(c.forge(nil, bad).Bytes()), refusal.ErrBadSignature)
	})
	// The bytes that were checked are not checked again.
	verified := follower.verifier.verified.Load()
	require.NoError(t, follower.verifyBytes(c.forge(nil, good).Bytes()))
	require.Equal(t, verified, follower.verifier.verified.Load())
}

func TestMempoolOffersTheSignatureThatItChecked(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	good := c.message(alice, session, "message")
	bad, err := chain.NewTransaction(testChainID, good.Body, make([]byte, chain.SignatureSize))
	require.NoError(t, err)
	require.NoError(t, c.Submit(context.Background(), good, ""))
	require.NoError(t, c.Submit(context.Background(), bad, ""), "it waits already")
	require.Equal(t, good.Bytes(), c.block().Transactions[0].Bytes())
}

func TestBlockNamesTheFirstTransactionThatIsWrong(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	follower := c.peer()
	transactions := []*chain.Transaction{c.message(alice, session, "good")}
	for range 8 {
		body := &chain.SendMessage{Session: session, Sender: alice.ID(), Ciphertext: []byte{byte(len(transactions))}}
		bad, err := chain.NewTransaction(testChainID, body, make([]byte, chain.SignatureSize))
		require.NoError(t, err)
		transactions = append(transactions, bad)
	}
	for range 10 {
		err := follower.verifyBytes(c.forge(nil, transactions...).Bytes())
		follower.requireRefused(err, refusal.ErrBadSignature)
		require.ErrorContains(t, err, "transaction 1: ")
	}
}

func TestVMThatNeverSawTheTransactionsChecksThemOnce(t *testing.T) {
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	follower := c.peer()
	verified := follower.verifier.verified.Load()
	blk := c.accept(c.message(alice, session, "one"), c.message(bob, session, "two"))
	parsed := follower.parse(blk.Block)
	require.NoError(t, parsed.Verify(context.Background()))
	require.NoError(t, parsed.Verify(context.Background()))
	require.NoError(t, follower.parse(blk.Block).Verify(context.Background()))
	require.Equal(t, verified+2, follower.verifier.verified.Load())
	require.NoError(t, parsed.Accept(context.Background()))
	require.Equal(t, c.Snapshot().Header(), follower.Snapshot().Header())
}
