package gossip

import (
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// sized returns a transaction of at least a size.
func sized(t require.TestingT, nonce, size int) *chain.Transaction {
	tx, err := chain.NewTransaction(testChainID, &chain.SendMessage{
		Sender: ids.ID{1}, Session: ids.ID{byte(nonce), byte(nonce >> 8)}, Ciphertext: make([]byte, size),
	}, make([]byte, chain.SignatureSize))
	require.NoError(t, err)
	return tx
}

func TestTheOutboxIsBoundedAndSoIsEachMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1, 0)
		o := newOutbox()
		sizes := rapid.SliceOfN(rapid.SampledFrom([]int{1, 3000, maxPushBytes / 2, maxPushBytes * 2}), 1, 50).Draw(t, "sizes")
		all := make([]*chain.Transaction, len(sizes))
		for i, size := range sizes {
			all[i] = sized(t, i, size)
			require.Zero(t, o.submit(all[i], ""))
			require.True(t, o.pass(all[i], now))
		}
		check := func(taken []*chain.Transaction) {
			size := 0
			for _, tx := range taken {
				size += len(tx.Bytes())
			}
			require.True(t, len(taken) == 1 || size <= maxPushBytes)
		}
		var submitted, relayed []*chain.Transaction
		for len(submitted) < len(all) {
			taken := o.takeSubmitted(now)
			if len(taken) == 0 { // the window is full
				require.GreaterOrEqual(t, o.bytes, pushWindow)
				require.Less(t, o.bytes, pushWindow+2*maxPushBytes+8<<10)
				o.slide(now, func(tx *chain.Transaction) bool { return tx != o.window[0].tx })
				continue
			}
			check(taken)
			submitted = append(submitted, taken...)
		}
		require.Equal(t, all, submitted)
		require.Empty(t, o.takeSubmitted(now))
		o.slide(now.Add(pushTime), func(*chain.Transaction) bool { return true })
		require.Zero(t, o.bytes)

		every := func(*chain.Transaction) bool { return true }
		taken, wait := o.takeRelays(now, every)
		require.Empty(t, taken)
		require.Equal(t, relayDelay, wait)
		now = now.Add(relayDelay)
		for wait > 0 {
			taken, wait = o.takeRelays(now, every)
			check(taken)
			relayed = append(relayed, taken...)
		}
		require.Equal(t, all, relayed)
	})
	o, tx := newOutbox(), sized(t, 0, 1)
	for range outboxSize {
		require.Zero(t, o.submit(tx, ""))
		require.True(t, o.pass(tx, time.Time{}))
	}
	require.Equal(t, 1, o.submit(tx, ""))
	require.False(t, o.pass(tx, time.Time{}))
	for range outboxBytes / (1 << 19) {
		o.submit(sized(t, 0, 1<<19), "")
	}
	require.LessOrEqual(t, o.submitted.bytes, outboxBytes)
}

func TestTheQueueIsBoundedAndNobodyHasItAlone(t *testing.T) {
	now := time.Unix(1, 0)
	p := newPeers()
	first, second, third := p.get(ids.NodeID{1}), p.get(ids.NodeID{2}), p.get(ids.NodeID{3})
	fill := func(i *intake, from *peer, size int) (count int) {
		for i.enqueue(received{tx: sized(t, count, size), from: from}) {
			count++
		}
		return count
	}
	small := newIntake(1)
	require.Equal(t, peerQueue, fill(small, first, 1))
	require.Equal(t, queueSize-peerQueue, fill(small, second, 1))
	require.Zero(t, fill(small, third, 1))
	large := newIntake(1)
	require.Equal(t, peerQueueBytes/len(sized(t, 0, 1<<19).Bytes()), fill(large, first, 1<<19))
	require.Positive(t, fill(large, second, 1<<19))
	require.Zero(t, fill(large, third, 1<<20-1<<13))
	for len(large.queues[0]) > 0 {
		large.dequeued(<-large.queues[0])
	}
	require.Equal(t, usage{}, large.queued)
	require.Empty(t, large.of)

	for _, size := range []int{1, 1 << 19} {
		i, count := newIntake(1), 0
		for i.hold(received{tx: sized(t, count, size)}) {
			count++
		}
		require.Equal(t, min(earlySize, earlyBytes/len(sized(t, 0, size).Bytes())), count)
		require.Len(t, i.takeEarly(), count)
		require.True(t, i.hold(received{tx: sized(t, 0, size)}))
	}

	i := newIntake(1)
	for n := range 3 * recentSize / 2 {
		i.recent.Add(chain.Hash{byte(n), byte(n >> 8)}, now.Add(time.Second))
	}
	require.Len(t, i.notWanted(now), recentSize)
	require.Empty(t, i.notWanted(now.Add(time.Second)))
}

func TestAPeerSendsFewTransactionsThatNobodySigns(t *testing.T) {
	now := time.Unix(1, 0)
	p := newPeers()
	plain, err := chain.NewTransaction(testChainID, &chain.CreateSession{
		Participants: []ids.ID{{1}}, PublicKeys: [][]byte{make([]byte, chain.KEMPublicKeySize)},
	}, nil)
	require.NoError(t, err)
	flood := p.get(ids.NodeID{1})
	for range peerUnsignedBurst {
		require.True(t, flood.allows(plain, now))
	}
	require.False(t, flood.allows(plain, now))
	require.True(t, flood.allows(sized(t, 1, 1), now), "signed ones are counted apart")
	keys := &chain.RegisterIdentity{KEMPublicKey: make([]byte, chain.KEMPublicKeySize), DSAPublicKey: make([]byte, chain.DSAPublicKeySize)}
	close, err := chain.NewTransaction(testChainID, &chain.CloseSession{Participant: chain.IdentityID(keys.KEMPublicKey, keys.DSAPublicKey)}, make([]byte, chain.SignatureSize))
	require.NoError(t, err)
	require.True(t, flood.allows(close, now))
	registers, err := close.WithRegistration(keys)
	require.NoError(t, err)
	require.False(t, flood.allows(registers, now), "but not those that carry a registration")
	require.True(t, p.get(ids.NodeID{2}).allows(plain, now), "and so is another peer")
	require.True(t, flood.allows(plain, now.Add(time.Second)))
}

func TestFaultsAreForgivenWithTime(t *testing.T) {
	now := time.Unix(1, 0)
	p := newPeers().get(ids.NodeID{1})
	for range 100 { // one a minute is never enough
		require.False(t, p.blame(now))
		now = now.Add(scoreHalfLife)
	}
	now = now.Add(10 * scoreHalfLife)
	for i := range 5 {
		require.False(t, p.ignored(now))
		require.Equal(t, i == 4, p.blame(now))
	}
	require.True(t, p.ignored(now.Add(ignoreTime-1)))
	require.False(t, p.ignored(now.Add(ignoreTime)))
	now = now.Add(ignoreTime)
	require.False(t, p.blame(now), "half of it is forgotten")
	require.True(t, p.blame(now), "and half is not")

	peers := newPeers()
	again := peers.get(ids.NodeID{1})
	for n := range 2 * rememberedPeers {
		require.Same(t, again, peers.get(ids.NodeID{1}), "who keeps sending stays known")
		peers.get(ids.NodeID{2, byte(n), byte(n >> 8)})
	}
	require.Equal(t, rememberedPeers, peers.known.Len())
}

func TestFaultsAreWhatIsWrongWhateverTheStateIs(t *testing.T) {
	for reason, want := range map[refusal.Reason][2]bool{ // invalid, early
		refusal.ErrKEMKey:              {true, false},
		refusal.ErrBadSignature:        {true, false},
		refusal.ErrVersion:             {false, false}, // the node is too old for the chain
		refusal.ErrCiphertextSize:      {false, false}, // and what else a rule set may change
		refusal.ErrParticipantCount:    {false, false},
		refusal.ErrMetadata:            {false, false},
		refusal.ErrSignatureRequired:   {false, false},
		refusal.ErrTransactionTooLarge: {false, false},
		refusal.ErrNotRegistered:       {false, true},
		refusal.ErrWork:                {false, true},
		refusal.ErrUnknownSession:      {false, true},
		refusal.ErrMempoolFull:         {false, true},
		refusal.ErrDuplicate:           {false, false},
		refusal.ErrDeadlinePassed:      {false, false},
		refusal.ErrSessionClosed:       {false, false},
		refusal.ErrNotReady:            {false, false},
	} {
		err := refusal.New(reason, "a", "b")
		require.Equal(t, want, [2]bool{invalid(err), early(err)}, reason)
	}
	require.False(t, invalid(errMessage) || early(errMessage), "an error of this node's own")
}
