package lightclient

import (
	"sync"
	"testing"

	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
)

// history is a chain whose blocks have state trees, made by IAVL itself: in blocks 1, 2 and
// 4 the sender sends one message each in a session, and others send as well. In block 5 the
// sender acknowledges them.
type history struct {
	t      testing.TB
	mu     *sync.Mutex // the tree is for one goroutine
	chain  testChain
	tree   *iavl.MutableTree
	sender *pq.Identity

	session  ids.ID
	messages []*chain.Transaction
	receipt  *chain.Transaction
}

// messageHeights are the blocks of the session's messages; their indices are 1, 3 and 5.
var messageHeights = []int{1, 2, 4}

const historyBlocks = 7

func newHistory(t testing.TB, sets ...weights) *history {
	t.Helper()
	if sets == nil {
		sets = repeat(historyBlocks, four)
	}
	require.Len(t, sets, historyBlocks)
	sender, err := pq.IdentityFromSeed(make([]byte, pq.SeedSize))
	require.NoError(t, err)
	h := &history{
		t: t, mu: new(sync.Mutex), sender: sender, session: ids.ID{7, 1, 2, 3},
		tree: iavl.NewMutableTree(iavldb.NewMemDB(), 10_000, true, iavl.NewNopLogger()),
	}
	session := &chain.Session{
		Status: chain.SessionActive, Participants: []ids.ID{sender.ID(), {7, 9}},
		Created: 1000, Expires: 2000, Number: 1, Transcript: chain.FirstTranscript(h.session),
		Acted: []bool{true, false},
	}
	public := sender.Public()
	h.set(chain.IdentityKey(sender.ID()), (&chain.Identity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Registered: 900, Number: 1}).Bytes())
	for height, w := range sets {
		h.chain = h.chain.extend(w)
		header := h.chain[height].header
		if n := len(h.messages); n < len(messageHeights) && height == messageHeights[n] {
			index := uint64(2*n + 1)
			tx := h.sign(&chain.SendMessage{Session: h.session, Sender: sender.ID(), Ciphertext: []byte{byte(n), 1, 2, 3}})
			h.messages = append(h.messages, tx)
			session.Transcript = chain.NextTranscript(session.Transcript, tx.ID(), header.Timestamp)
			h.set(chain.MessageKey(index), (&chain.Message{
				ID: tx.ID(), Session: h.session, Sender: sender.ID(), Sequence: uint64(n + 1), Timestamp: header.Timestamp, Previous: session.Head, Transcript: session.Transcript,
			}).Bytes())
			session.Head, session.Messages = index, uint64(n+1)
			h.set(chain.MessageKey(index+1), (&chain.Message{ID: ids.ID{byte(index)}, Session: ids.ID{7, 8}, Sender: ids.ID{7, 9}, Sequence: uint64(n + 1), Timestamp: header.Timestamp}).Bytes())
		}
		if height == 5 {
			h.receipt = h.sign(&chain.Acknowledge{Session: h.session, Participant: sender.ID(), Sequence: 3, Transcript: session.Transcript})
			h.set(chain.ReceiptKey(h.session, sender.ID()), (&chain.Receipt{Sequence: 3, Timestamp: header.Timestamp, Transaction: h.receipt.ID(), Transcript: session.Transcript}).Bytes())
		}
		h.set(chain.SessionKey(h.session), session.Bytes())
		h.set(chain.TotalsKey(), (&chain.Totals{Height: header.Height, Timestamp: header.Timestamp}).Bytes())
		root, version, err := h.tree.SaveVersion()
		require.NoError(t, err)
		require.EqualValues(t, height+1, version)
		copy(header.StateRoot[:], root)
	}
	return h
}

func (h *history) set(key, value []byte) {
	_, err := h.tree.Set(key, value)
	require.NoError(h.t, err)
}

func (h *history) sign(body chain.Body) *chain.Transaction {
	signature, err := h.sender.SignDeterministic(body.Context(), chain.SigningBytes(testChainID, body))
	require.NoError(h.t, err)
	tx, err := chain.NewTransaction(testChainID, body, signature)
	require.NoError(h.t, err)
	return tx
}

// bundle returns the bundle of a key in the state of a block.
func (h *history) bundle(height int, key []byte) *proofs.Bundle {
	h.mu.Lock()
	defer h.mu.Unlock()
	tree, err := h.tree.GetImmutable(int64(height + 1))
	require.NoError(h.t, err)
	proof, err := tree.GetProof(key)
	require.NoError(h.t, err)
	b, err := proofs.NewBundle(h.chain[height].header, key, proof)
	require.NoError(h.t, err)
	return b
}

// message returns the bundle of the session's message n, from 0, with everything in it, in
// the state of a block.
func (h *history) message(height, n int) *proofs.Bundle {
	b := h.bundle(height, chain.MessageKey(uint64(2*n+1)))
	b.Transaction = h.messages[n].Bytes()
	b.KEMPublicKey, b.DSAPublicKey = h.sender.Public().KEM, h.sender.Public().DSA
	return b
}

// acknowledged returns the bundle of the sender's receipt.
func (h *history) acknowledged(height int) *proofs.Bundle {
	b := h.bundle(height, chain.ReceiptKey(h.session, h.sender.ID()))
	b.Transaction = h.receipt.Bytes()
	b.KEMPublicKey, b.DSAPublicKey = h.sender.Public().KEM, h.sender.Public().DSA
	return b
}

// certified returns a bundle with the light block that it is about, for who trusts another.
func (h *history) certified(bundle *proofs.Bundle, trusted int) *proofs.Bundle {
	require.NoError(h.t, Certify(bundle, h.chain[bundle.Header.Height].light(h.chain[trusted])))
	return bundle
}

// trust returns trust options whose checkpoint is a block.
func (h *history) trust(height int) *TrustOptions {
	return &TrustOptions{Rules: testRules(), Checkpoint: h.chain[height].checkpoint()}
}
