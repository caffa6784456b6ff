package proofs

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
)

// testTree is a state tree made by IAVL itself, with the header of its block.
type testTree struct {
	t      testing.TB
	tree   *iavl.MutableTree
	header *chain.Header

	sender   *pq.Identity
	session  ids.ID
	keys     *chain.SessionKeys
	messages []*chain.Transaction
	receipt  *chain.Transaction
}

var testChainID = ids.ID{'p', 'r', 'o', 'o', 'f'}

// newTestTree returns a tree with one session of three messages and a receipt, and other
// leaves around them.
func newTestTree(t testing.TB, others int) *testTree {
	t.Helper()
	sender, err := pq.IdentityFromSeed(make([]byte, pq.SeedSize))
	require.NoError(t, err)
	tt := &testTree{
		t:       t,
		tree:    iavl.NewMutableTree(iavldb.NewMemDB(), 10_000, true, iavl.NewNopLogger()),
		sender:  sender,
		session: ids.ID{7, 1, 2, 3},
	}
	other := ids.ID{9}
	tt.keys = &chain.SessionKeys{PublicKeys: [][]byte{sender.Public().KEM, sender.Public().KEM}}
	session := &chain.Session{
		Status: chain.SessionActive, Participants: []ids.ID{sender.ID(), other},
		Created: 1000, Expires: 2000, Messages: 3, Head: 5, KeysHash: tt.keys.Hash(), Number: 1, Acted: []bool{true, false},
	}
	tt.set(chain.TotalsKey(), (&chain.Totals{Height: 9, Timestamp: 1500, Messages: 5}).Bytes())
	tt.set(chain.SessionKeysKey(tt.session), tt.keys.Bytes())
	tt.set(chain.RotatedKeyKey(tt.session, sender.ID()), (&chain.RotatedKey{PublicKey: sender.Public().KEM, Epoch: 1}).Bytes())
	public := sender.Public()
	tt.set(chain.IdentityKey(sender.ID()), (&chain.Identity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Registered: 900, Number: 1}).Bytes())
	previous := uint64(0)
	transcript := chain.FirstTranscript(tt.session)
	for n, index := range []uint64{1, 3, 5} {
		tx := tt.sign(&chain.SendMessage{Session: tt.session, Sender: sender.ID(), Ciphertext: []byte{byte(n), 1, 2, 3}})
		tt.messages = append(tt.messages, tx)
		transcript = chain.NextTranscript(transcript, tx.ID(), 1100)
		tt.set(chain.MessageKey(index), (&chain.Message{
			ID: tx.ID(), Session: tt.session, Sender: sender.ID(), Sequence: uint64(n + 1), Timestamp: 1100, Previous: previous, Transcript: transcript,
		}).Bytes())
		previous = index
	}
	for _, index := range []uint64{2, 4} {
		tt.set(chain.MessageKey(index), (&chain.Message{ID: ids.ID{byte(index)}, Session: other, Sender: other, Sequence: index, Timestamp: 1100}).Bytes())
	}
	session.Transcript = transcript
	tt.set(chain.SessionKey(tt.session), session.Bytes())
	tt.receipt = tt.sign(&chain.Acknowledge{Session: tt.session, Participant: sender.ID(), Sequence: 3, Transcript: transcript})
	tt.set(chain.ReceiptKey(tt.session, sender.ID()), (&chain.Receipt{Sequence: 3, Timestamp: 1400, Transaction: tt.receipt.ID(), Transcript: transcript}).Bytes())
	for n := range others {
		id := ids.ID(sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n))))
		tt.set(chain.SessionKey(id), session.Bytes())
	}
	root, _, err := tt.tree.SaveVersion()
	require.NoError(t, err)
	tt.header = &chain.Header{Version: chain.HeaderVersion, ChainID: testChainID, Parent: ids.ID{8}, Height: 9, Timestamp: 1500, TransactionsRoot: chain.Hash{3}}
	copy(tt.header.StateRoot[:], root)
	return tt
}

func (tt *testTree) set(key, value []byte) {
	_, err := tt.tree.Set(key, value)
	require.NoError(tt.t, err)
}

func (tt *testTree) sign(body chain.Body) *chain.Transaction {
	signature, err := tt.sender.SignDeterministic(body.Context(), chain.SigningBytes(testChainID, body))
	require.NoError(tt.t, err)
	tx, err := chain.NewTransaction(testChainID, body, signature)
	require.NoError(tt.t, err)
	return tx
}

func (tt *testTree) prove(key []byte) *ics23.CommitmentProof {
	proof, err := tt.tree.GetProof(key)
	require.NoError(tt.t, err)
	return proof
}

func (tt *testTree) commitment(key []byte) []byte {
	encoded, err := EncodeCommitment(tt.prove(key))
	require.NoError(tt.t, err)
	return encoded
}

func (tt *testTree) bundle(key []byte) *Bundle {
	b, err := NewBundle(tt.header, key, tt.prove(key))
	require.NoError(tt.t, err)
	return b
}

// delivery returns the bundle of the session's second message with everything in it.
func (tt *testTree) delivery() *Bundle {
	b := tt.bundle(chain.MessageKey(3))
	b.Transaction = tt.messages[1].Bytes()
	b.KEMPublicKey, b.DSAPublicKey = tt.sender.Public().KEM, tt.sender.Public().DSA
	return b
}

// bundles returns one bundle of each kind, by what it shows.
func (tt *testTree) bundles() map[string]*Bundle {
	session := tt.bundle(chain.SessionKey(tt.session))
	session.SessionKeys = tt.keys.Bytes()
	receipt := tt.bundle(chain.ReceiptKey(tt.session, tt.sender.ID()))
	receipt.Transaction = tt.receipt.Bytes()
	return map[string]*Bundle{
		"totals":          tt.bundle(chain.TotalsKey()),
		"identity":        tt.bundle(chain.IdentityKey(tt.sender.ID())),
		"session":         session,
		"session keys":    tt.bundle(chain.SessionKeysKey(tt.session)),
		"rotated key":     tt.bundle(chain.RotatedKeyKey(tt.session, tt.sender.ID())),
		"message":         tt.bundle(chain.MessageKey(3)),
		"delivery":        tt.delivery(),
		"receipt":         receipt,
		"disclosure":      tt.disclose(tt.delivery()),
		"no session":      tt.bundle(chain.SessionKey(ids.ID{7, 7})),
		"no channel":      tt.bundle(chain.ChannelKey(ids.ID{2})),
		"no message":      tt.bundle(chain.MessageKey(6)),
		"no receipt":      tt.bundle(chain.ReceiptKey(tt.session, ids.ID{1})),
		"nothing at last": tt.bundle(chain.RotatedKeyKey(ids.ID{0xff}, ids.ID{})),
		"no rotated key":  tt.bundle(chain.RotatedKeyKey(tt.session, ids.ID{1})),
	}
}
