package state

import (
	"bytes"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// subtree encodes a tree of empty leaves whose root has a height; the leftmost leaf is one
// given, if any.
func subtree(height byte, leftmost []byte) []byte {
	if height == 0 {
		if leftmost != nil {
			return leftmost
		}
		return []byte{chunkLeaf, 1, 0, 0}
	}
	encoded := append([]byte{chunkInner, height, 2, 1}, subtree(height-1, leftmost)...)
	return append(encoded, subtree(height-1, nil)...)
}

// TestAChunkIsBoundedInNodesHeightAndDepth: the last check of a chunk is its hash, so what is
// refused for it has passed the others.
func TestAChunkIsBoundedInNodesHeightAndDepth(t *testing.T) {
	parse := func(path Path, encoded []byte) error {
		_, err := parseChunk(path, chain.Hash{1}, append([]byte{chunkVersion}, encoded...))
		return err
	}
	require.ErrorIs(t, parse(Path{}, subtree(15, nil)), refusal.ErrProof, "65,535 nodes")
	require.ErrorIs(t, parse(Path{}, subtree(15, []byte{chunkInner, 0, 2, 1, chunkLeaf, 1, 0, 0, chunkLeaf, 1, 0, 0})), refusal.ErrMalformed, "an inner node of height 0")
	more := bytes.Replace(subtree(16, nil), subtree(15, nil), []byte{chunkLeaf, 1, 0, 0}, 1)
	require.ErrorIs(t, parse(Path{}, more), refusal.ErrMalformed, "65,537 nodes")

	require.ErrorIs(t, parse(Path{}, subtree(3, nil)), refusal.ErrProof)
	level := bytes.Replace(subtree(3, nil), []byte{chunkInner, 2}, []byte{chunkInner, 3}, 1)
	require.ErrorIs(t, parse(Path{}, level), refusal.ErrMalformed, "a child as high as its parent")
	require.ErrorIs(t, parse(Path{Depth: MaxPathDepth - 1}, subtree(1, nil)), refusal.ErrProof)
	require.ErrorIs(t, parse(Path{Depth: MaxPathDepth - 1}, subtree(2, nil)), refusal.ErrMalformed)
}

// TestAChunkHasRoomForItsLastLeaf: the nodes above a leaf are in the chunk already, and each may leave
// its other child out.
func TestAChunkHasRoomForItsLastLeaf(t *testing.T) {
	const leftOut, key, header = 1 + chain.HashSize, 128, 32
	require.GreaterOrEqual(t, MaxChunkBytes, chunkBytes+chain.MaxRecordBytes+key+header+MaxPathDepth*leftOut)
}

// TestAReplayIsNeverOlderThanTheBlocksThatAreNeeded: a block is needed while a transaction of it could
// come again.
func TestAReplayIsNeverOlderThanTheBlocksThatAreNeeded(t *testing.T) {
	genesis := testGenesis(t, 1000) // with a window of 5 s
	for _, test := range []struct {
		height, time uint64
		want         bool
	}{{9, 95_000, true}, {9, 94_999, false}, {2, 99_000, true}, {1, 99_000, false}} {
		got := NeedsOlder(genesis, &chain.Header{Height: 10, Timestamp: 100_000}, &chain.Header{Height: test.height, Timestamp: test.time})
		require.Equal(t, test.want, got, test)
	}
}

// TestTheParentsTimeSaysWhetherAScheduleFits: not the block's own, nor that of one before.
func TestTheParentsTimeSaysWhetherAScheduleFits(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 10})
	for n := range 4 {
		s.accept(mutate(uint64(n)))
	}
	parent, err := s.HeaderAt(3)
	require.NoError(t, err)
	last := *s.Last()
	last.Version = 2
	for time, fits := range map[uint64]bool{parent.Timestamp - 1: true, parent.Timestamp: true, parent.Timestamp + 1: false, last.Timestamp: false} {
		s.Store.options.Upgrades = chain.Upgrades{{Rules: 2, Time: time}}
		if fits {
			require.NoError(t, s.checkUpgrades(&last), time)
		} else {
			require.ErrorIs(t, s.checkUpgrades(&last), refusal.ErrConfig, time)
		}
	}
	s.Store.options.Upgrades = nil
}

// TestWhatABlockHasAndWasNotExecutedIsNotHeld: a state sync brings messages and sessions whose
// transactions come later, or never.
func TestWhatABlockHasAndWasNotExecutedIsNotHeld(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 10})
	session := ids.ID{7, 1}
	s.accept(func(c *Change) {
		c.AddSession(session, ids.ID{9}, &chain.Session{Status: chain.SessionActive, Participants: []ids.ID{{8}}, Acted: []bool{true}}, &chain.SessionKeys{PublicKeys: [][]byte{{1}}})
		addMessages(c, session, 1)
	})
	for n := range 10 {
		s.accept(func(c *Change) { putIdentity(c, n, 'x') })
	}
	r := s.rebuild(Options{CacheNodes: 1000, History: 10})
	_, err := r.Locate(numberedID(1))
	require.ErrorIs(t, err, refusal.ErrNotHeld)
	_, err = r.Locate(numberedID(2))
	require.ErrorIs(t, err, refusal.ErrNotFound)
	_, err = r.Origin(session)
	require.ErrorIs(t, err, refusal.ErrNotHeld)
	_, err = r.BlockBytesAt(1)
	require.ErrorIs(t, err, refusal.ErrNotHeld)
}

// TestTransactionsOfOlderBlocksHaveTheirPlaces: each is read alone, by where it begins in its block.
func TestTransactionsOfOlderBlocksHaveTheirPlaces(t *testing.T) {
	var transactions []*chain.Transaction
	for n := range uint64(3) {
		tx, err := chain.NewTransaction(testChainID, &chain.RegisterIdentity{
			KEMPublicKey: make([]byte, chain.KEMPublicKeySize), DSAPublicKey: make([]byte, chain.DSAPublicKeySize), Deadline: n << (20 * n),
		}, nil)
		require.NoError(t, err)
		transactions = append(transactions, tx)
	}
	header := chain.Header{Version: chain.HeaderVersion, ChainID: testChainID, Height: 5, Timestamp: 6000}
	blk := chain.NewBlock(header, transactions)
	entries, err := blockEntries(dbm.NewMemDB(), 7, newInvitationNumbers(nil), blk, nil)
	require.NoError(t, err)
	places := make(map[string][]byte)
	for _, entry := range entries {
		places[string(entry.key)] = entry.value
	}
	for _, tx := range transactions {
		location, err := parseLocation(places[string(hashKey(keyTransaction, tx.ID()))])
		require.NoError(t, err)
		begin := chain.TransactionsOffset(blk.Header) + int(location.Offset)
		require.Equal(t, tx.Bytes(), blk.Bytes()[begin:][:location.Size])
	}
}

// TestEveryKindOfRecordIsWritten reads them back from the tree of a store that was opened again, until
// their session goes and takes what its participants have left there with it.
func TestEveryKindOfRecordIsWritten(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 10})
	session, someone := ids.ID{7, 1}, ids.ID{8}
	s.accept(func(c *Change) {
		c.PutIdentity(someone, &chain.Identity{Number: 1})
		c.PutUsage(someone, &chain.Usage{Transactions: 1})
		c.AddSession(session, ids.ID{9}, &chain.Session{Status: chain.SessionActive, Participants: []ids.ID{someone}, Acted: []bool{true}, Number: 1}, &chain.SessionKeys{PublicKeys: [][]byte{{1}}})
		c.PutRotatedKey(session, someone, &chain.RotatedKey{PublicKey: []byte{1}})
		c.PutValidatorKey(someone, &chain.ValidatorKey{Number: 1})
		c.PutChannel(session, &chain.Channel{Owner: someone, Number: 1})
		c.PutReceipt(session, someone, &chain.Receipt{Sequence: 1})
		addMessages(c, session, 1)
	})
	s.reopen()
	ofSession := map[string][]byte{
		"session": chain.SessionKey(session), "session keys": chain.SessionKeysKey(session),
		"rotated key": chain.RotatedKeyKey(session, someone), "receipt": chain.ReceiptKey(session, someone),
	}
	others := map[string][]byte{
		"identity": chain.IdentityKey(someone), "usage": chain.UsageKey(someone), "validator key": chain.ValidatorKeyKey(someone), "channel": chain.ChannelKey(session), "message": chain.MessageKey(1),
	}
	leaf := func(key []byte) []byte {
		c, err := s.Begin(s.Accepted())
		require.NoError(t, err)
		value, err := c.leaf(key)
		require.NoError(t, err)
		return value
	}
	for _, keys := range []map[string][]byte{ofSession, others} {
		for name, key := range keys {
			require.NotEmpty(t, leaf(key), name)
		}
	}
	s.accept(func(c *Change) {
		record, _, err := c.Session(session)
		require.NoError(t, err)
		require.NoError(t, c.RemoveSession(session, record))
	})
	for name, key := range ofSession {
		require.Nil(t, leaf(key), name)
	}
	for name, key := range others {
		require.NotEmpty(t, leaf(key), name)
	}
}
