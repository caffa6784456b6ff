package messaging

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
)

func TestANodeThatLiesChangesNothing(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"zero", "one", "two", "three"} {
		sends(t, alice, text)
	}
	identify := func(m *client.Message) {
		m.ID = chain.MessageID(bob.m.chainID, m.SessionID, m.Sender, sha256.Sum256(m.Ciphertext))
	}
	for name, lie := range map[string]struct {
		change func(*client.PollSessionResult)
		want   error
	}{
		"leaves out the first":       {func(p *client.PollSessionResult) { p.Messages = p.Messages[1:] }, ErrWithheld},
		"leaves out one":             {func(p *client.PollSessionResult) { p.Messages = append(p.Messages[:1], p.Messages[2:]...) }, ErrWithheld},
		"leaves out the last":        {func(p *client.PollSessionResult) { p.Messages = p.Messages[:3] }, ErrNode},
		"leaves out all":             {func(p *client.PollSessionResult) { p.Messages = nil }, ErrWithheld},
		"leaves out the proof":       {func(p *client.PollSessionResult) { p.Proof = nil }, ErrNode},
		"says that there is nothing": {func(p *client.PollSessionResult) { p.Messages, p.Proof = nil, nil }, ErrNode},
		"reorders":                   {func(p *client.PollSessionResult) { p.Messages[1], p.Messages[2] = p.Messages[2], p.Messages[1] }, ErrWithheld},
		"repeats":                    {func(p *client.PollSessionResult) { p.Messages[2] = p.Messages[1]; p.Messages[2].Sequence++ }, ErrTranscript},
		"changes a time":             {func(p *client.PollSessionResult) { p.Messages[1].Timestamp = time.Unix(1, 0) }, ErrTranscript},
		"changes a byte":             {func(p *client.PollSessionResult) { p.Messages[1].Ciphertext[40] ^= 1 }, ErrNode},
		"forges a message":           {func(p *client.PollSessionResult) { p.Messages[1].Ciphertext[40] ^= 1; identify(&p.Messages[1]) }, ErrNode},
		"changes the sender":         {func(p *client.PollSessionResult) { p.Messages[1].Sender = bob.m.self; identify(&p.Messages[1]) }, ErrNode},
		"invents a sender":           {func(p *client.PollSessionResult) { p.Messages[1].Sender = ids.ID{9}; identify(&p.Messages[1]) }, ErrNode},
		"changes the proof":          {func(p *client.PollSessionResult) { p.Proof[len(p.Proof)-1] ^= 1 }, ErrNode},
		"changes the header":         {func(p *client.PollSessionResult) { p.Proof = reheaded(t, p.Proof) }, ErrNode},
		"takes another session's": {func(p *client.PollSessionResult) {
			p.Messages[0].SessionID = ids.ID{7}
			identify(&p.Messages[0])
		}, ErrNode},
	} {
		network.set(nil, falsely(t, "PollSession", lie.change))
		_, err := bob.Receive(testContext(t))
		require.ErrorIs(t, err, lie.want, name)
	}
	network.set(nil, nil)
	require.Equal(t, []string{"zero", "one", "two", "three"}, texts(until(t, bob, text("three"))))

	sends(t, alice, "four")
	network.set(nil, falsely(t, "PollSession", func(p *client.PollSessionResult) {
		if len(p.Messages) > 0 {
			p.Messages[0].Sequence = 1
		}
	}))
	_, err := bob.Receive(testContext(t))
	require.ErrorIs(t, err, ErrWithheld, "gives what was received a second time")
	network.set(nil, nil)
	require.Equal(t, []string{"four"}, texts(until(t, bob, text("four"))))
}

// reheaded gives a proof another block: the same one a millisecond later.
func reheaded(t testing.TB, encoded []byte) []byte {
	proof, err := lightclient.ParseStateProof(encoded)
	require.NoError(t, err)
	proof.Block.Header.Timestamp++
	return proof.Bytes()
}

// TestANodeThatRenumbersIsFoundOut has a node hide a message and swap two, with sequences and
// transcripts that agree with what it shows.
func TestANodeThatRenumbersIsFoundOut(t *testing.T) {
	for name, lie := range map[string]struct {
		change func(*client.PollSessionResult)
		want   error
	}{
		"hides":    {func(p *client.PollSessionResult) { p.Messages = append(p.Messages[:2], p.Messages[3:]...) }, ErrNode},
		"reorders": {func(p *client.PollSessionResult) { p.Messages[1], p.Messages[2] = p.Messages[2], p.Messages[1] }, ErrTranscript},
	} {
		t.Run(name, func(t *testing.T) {
			network := newWire(t)
			_, sessions := groupOver(t, 2, network)
			alice, bob := sessions[0], sessions[1]
			for _, text := range []string{"hello", "do not pay", "wait", "pay"} {
				sends(t, alice, text)
			}
			network.set(nil, falsely(t, "PollSession", func(p *client.PollSessionResult) {
				lie.change(p)
				renumbered(1, chain.FirstTranscript(alice.ID()), p.Messages)
			}))
			_, err := bob.Receive(testContext(t))
			require.ErrorIs(t, err, lie.want)
			network.set(nil, nil)
			require.Equal(t, []string{"hello", "do not pay", "wait", "pay"}, texts(until(t, bob, text("pay"))))
			require.NoError(t, bob.Acknowledge(testContext(t), 0))
		})
	}
}

// TestANodeThatSwallowsIsFoundOut has a node answer that a message was accepted, and throw it
// away.
func TestANodeThatSwallowsIsFoundOut(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "zero")
	network.swallow = true
	_, err := alice.Send(testContext(t), []byte("one"))
	require.ErrorIs(t, err, ErrQueued)
	require.ErrorIs(t, err, ErrNode)
	network.swallow = false
	_, err = alice.Flush(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []string{"zero", "one"}, texts(until(t, bob, text("one"))))
}

// TestANodeThatTellsAFalseGenesisIsRefused has a node tell a chain whose messages leave it soon.
func TestANodeThatTellsAFalseGenesisIsRefused(t *testing.T) {
	network := newWire(t)
	reader := newPerson(t, network)
	network.set(nil, falsely(t, "GetChainInfo", func(r *client.ChainInfo) { r.Genesis.RetentionDays = 1 }))
	config := reader.config
	config.Client = connect(t, network)
	_, err := Open(testContext(t), config)
	require.ErrorIs(t, err, ErrNode)
	network.set(nil, nil)
	config.Client = connect(t, network)
	_, err = Open(testContext(t), config)
	require.NoError(t, err)
}

// TestANodeThatIsBehindIsFoundOut has a node answer from a state before one that was shown.
func TestANodeThatIsBehindIsFoundOut(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	var old []byte
	network.set(nil, func(method string, result []byte) []byte {
		if method == "sessionvm.PollSession" {
			old = result
		}
		return result
	})
	until(t, bob, text("one"))
	sends(t, alice, "two")
	network.set(nil, nil)
	until(t, bob, text("two"))
	network.set(nil, func(method string, result []byte) []byte {
		if method == "sessionvm.PollSession" {
			return old
		}
		return result
	})
	_, err := bob.Receive(testContext(t))
	require.ErrorIs(t, err, ErrBehind)
	network.set(nil, nil)
	sends(t, alice, "three")
	require.Equal(t, []string{"three"}, texts(until(t, bob, text("three"))))
}

func TestReceiptsNeedTheirMembersSignature(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	until(t, alice, text("one"))
	until(t, bob, text("one"))
	require.NoError(t, bob.Acknowledge(testContext(t), 1))
	for name, change := range map[string]func(*chain.Transaction){
		"another signature": func(tx *chain.Transaction) { tx.Signature[100] ^= 1 },
		"another sequence":  func(tx *chain.Transaction) { tx.Body.(*chain.Acknowledge).Sequence = 2 },
		"another member":    func(tx *chain.Transaction) { tx.Body.(*chain.Acknowledge).Participant = ids.ID{7} },
	} {
		network.set(nil, falsely(t, "PollSession", func(r *client.PollSessionResult) {
			for i := range r.Receipts {
				tx, err := chain.ParseTransaction(alice.m.chainID, r.Receipts[i])
				require.NoError(t, err)
				change(tx)
				tx, err = chain.NewTransaction(alice.m.chainID, tx.Body, tx.Signature)
				require.NoError(t, err)
				r.Receipts[i] = tx.Bytes()
			}
		}))
		_, err := alice.Receive(testContext(t))
		require.ErrorIs(t, err, ErrNode, name)
	}
	network.set(nil, nil)
	events, err := alice.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, uint64(1), events[0].Sequence)

	sends(t, alice, "two")
	until(t, bob, text("two"))
	earlier := chain.TransactionID(alice.m.chainID, &chain.Acknowledge{Session: alice.ID(), Participant: bob.m.self, Sequence: 1, Transcript: transcriptOf(t, alice.ID(), 1)})
	tx, err := connect(t, nil).GetTransaction(testContext(t), client.GetTransactionParams{TransactionID: earlier})
	require.NoError(t, err)
	require.Equal(t, client.TransactionAccepted, tx.Status)
	until(t, alice, text("two"))
	require.NoError(t, bob.Acknowledge(testContext(t), 0))
	network.set(nil, falsely(t, "PollSession", func(r *client.PollSessionResult) {
		for i := range r.Receipts {
			r.Receipts[i] = tx.Bytes
		}
	}))
	_, err = alice.Check(testContext(t))
	require.ErrorIs(t, err, ErrNode, "an earlier receipt than the one of the state")
}

// transcriptOf returns the transcript after a message.
func transcriptOf(t testing.TB, session ids.ID, sequence uint64) chain.Hash {
	answer, err := connect(t, nil).GetMessage(testContext(t), client.GetMessageParams{SessionID: session, Sequence: sequence})
	require.NoError(t, err)
	return answer.Message.Transcript
}

// TestMessagesThatHaveLeftTheChainAreMissing has a node show states in which early messages have
// left the chain, and states in which they can't have.
func TestMessagesThatHaveLeftTheChainAreMissing(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice := sessions[0]
	require.NoError(t, sessions[1].Close())
	for _, text := range []string{"zero", "one", "two"} {
		sends(t, alice, text)
	}
	config := members[1].config
	config.TrustNode, config.Client = true, connect(t, network)
	trusting, err := Open(testContext(t), config)
	require.NoError(t, err)
	bob, err := trusting.Join(testContext(t), alice.ID())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bob.Close()) })

	key, direct := chain.SessionKey(alice.ID()), newPerson(t, nil)
	shows := func(first int, swept uint64) { // what a node shows in whose state messages up to an index are swept
		network.set(nil, falsely(t, "PollSession", func(p *client.PollSessionResult) {
			leaves := leavesOf(t, direct, key, chain.TotalsKey(), chain.MessageKey(p.Messages[min(first, 2)].Index))
			totals, err := chain.ParseTotals(leaves[string(chain.TotalsKey())])
			require.NoError(t, err)
			totals.MessagesSwept = p.Messages[swept].Index
			leaves[string(chain.TotalsKey())] = totals.Bytes()
			p.Messages = p.Messages[first:]
			p.Proof = treeProof(t, trusting.chainID, leaves)
		}))
	}
	for _, lie := range []struct {
		first int
		swept uint64
	}{{1, 2}, {2, 0}, {3, 1}} {
		if lie.first == 1 {
			network.set(nil, falsely(t, "PollSession", func(p *client.PollSessionResult) { p.Messages = p.Messages[1:] }))
		} else {
			shows(lie.first, lie.swept)
		}
		_, err = bob.Receive(testContext(t))
		require.ErrorIs(t, err, ErrWithheld, "%d messages, swept up to the one at %d", lie.first, lie.swept)
	}
	shows(2, 1)
	events, err := bob.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, Event{Kind: KindMissing, Sequence: 1, To: 2}, events[0])
	require.ErrorIs(t, events[1].Err, e2ee.ErrEpochUnknown)
	network.set(nil, nil)
	bob.record.Proven = 0 // the state that was shown had a height of its own
	sends(t, bob, "I could not read that")
	until(t, alice, text("I could not read that"))
	sends(t, alice, "two again")
	require.Contains(t, texts(until(t, bob, text("two again"))), "two again")
}

// leavesOf returns what the chain's state holds at keys.
func leavesOf(t testing.TB, p *person, keys ...[]byte) map[string][]byte {
	state, err := p.state(testContext(t), keys...)
	require.NoError(t, err)
	leaves := make(map[string][]byte, len(keys))
	for _, key := range keys {
		leaves[string(key)], err = state.Leaf(key)
		require.NoError(t, err)
	}
	return leaves
}

// treeProof proves leaves in a tree that has no others, under a header that nobody signed.
func treeProof(t testing.TB, chainID ids.ID, leaves map[string][]byte) []byte {
	tree := iavl.NewMutableTree(iavldb.NewMemDB(), 0, false, iavl.NewNopLogger())
	for key, value := range leaves {
		_, err := tree.Set([]byte(key), value)
		require.NoError(t, err)
	}
	root, _, err := tree.SaveVersion()
	require.NoError(t, err)
	proof := lightclient.StateProof{Block: &lightclient.LightBlock{Header: &chain.Header{Version: chain.HeaderVersion, ChainID: chainID, Height: 1 << 20, StateRoot: chain.Hash(root)}}}
	for key := range leaves {
		shown, err := tree.GetMembershipProof([]byte(key))
		require.NoError(t, err)
		commitment, err := proofs.EncodeCommitment(shown)
		require.NoError(t, err)
		proof.Leaves = append(proof.Leaves, lightclient.ProvenLeaf{Key: []byte(key), Commitment: commitment})
	}
	return proof.Bytes()
}

func TestWhatWasGivenUpAndIsOnTheChainIsKnown(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	network.set(func(method string) (bool, bool) { return false, method == "sessionvm.IssueTransaction" }, nil)
	_, err := alice.Send(testContext(t), []byte("one"))
	require.ErrorIs(t, err, ErrQueued)
	require.ErrorIs(t, alice.giveUp(refusal.ErrSessionClosed), ErrUnsent, "as if the node had said so, after it took the first")
	network.set(nil, nil)
	events, err := alice.Check(testContext(t))
	require.NoError(t, err)
	require.Equal(t, KindUnsent, events[0].Kind)
	events, err = alice.Check(testContext(t))
	require.NoError(t, err)
	require.Equal(t, KindRotated, events[0].Kind)
	require.Equal(t, []string{"one"}, texts(events))
	sends(t, alice, "two")
	require.Equal(t, []string{"two"}, texts(until(t, alice, text("two"))))
	require.Equal(t, []string{"one", "two"}, texts(until(t, bob, text("two"))))
}

// TestAReceiptOfAnEarlierMessageSaysWhatWasRead has a node show another message's place in the
// chain, where a receipt of an earlier one asks.
func TestAReceiptOfAnEarlierMessageSaysWhatWasRead(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"one", "two"} {
		sends(t, alice, text)
	}
	until(t, bob, text("two"))
	for name, lie := range map[string]func(*client.Message){
		"another index":    func(m *client.Message) { m.Index++ },
		"another sequence": func(m *client.Message) { m.Sequence = 2 },
		"another ID":       func(m *client.Message) { m.ID[0] ^= 1 },
	} {
		network.set(nil, falsely(t, "GetMessage", func(r *client.GetMessageResult) { lie(&r.Message) }))
		require.ErrorIs(t, bob.Acknowledge(testContext(t), 1), ErrNode, name)
	}
	network.set(nil, nil)
	require.NoError(t, bob.Acknowledge(testContext(t), 1))
}
