package proofs

import (
	"testing"

	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// TestARecordMustSayWhatItsTransactionSays: a root that commits to a record beside its
// transaction is no honest one, and a bundle under it is refused too.
func TestARecordMustSayWhatItsTransactionSays(t *testing.T) {
	honest := newTestTree(t, 1)
	message, acknowledged := honest.messages[1], honest.receipt
	actor := honest.sender.ID()
	record := func(change func(*chain.Message)) []byte {
		m := &chain.Message{ID: message.ID(), Session: honest.session, Sender: actor, Sequence: 2}
		change(m)
		return m.Bytes()
	}
	read := acknowledged.Body.(*chain.Acknowledge).Transcript
	receiptOf := func(sequence uint64, transcript chain.Hash) []byte {
		return (&chain.Receipt{Sequence: sequence, Transaction: acknowledged.ID(), Transcript: transcript}).Bytes()
	}
	for name, test := range map[string]struct {
		key, value []byte
		tx         *chain.Transaction
		fits       bool
	}{
		"message":                       {chain.MessageKey(3), record(func(*chain.Message) {}), message, true},
		"message of another sender":     {chain.MessageKey(3), record(func(m *chain.Message) { m.Sender = ids.ID{1} }), message, false},
		"message of another place":      {chain.MessageKey(3), record(func(m *chain.Message) { m.Session = ids.ID{1} }), message, false},
		"message with another ID":       {chain.MessageKey(3), record(func(m *chain.Message) { m.ID = ids.ID{1} }), message, false},
		"message that is a receipt":     {chain.MessageKey(3), record(func(m *chain.Message) { m.ID = acknowledged.ID() }), acknowledged, false},
		"receipt":                       {chain.ReceiptKey(honest.session, actor), receiptOf(3, read), acknowledged, true},
		"receipt of more":               {chain.ReceiptKey(honest.session, actor), receiptOf(4, read), acknowledged, false},
		"receipt of another transcript": {chain.ReceiptKey(honest.session, actor), receiptOf(3, chain.Hash{1}), acknowledged, false},
		"receipt of another":            {chain.ReceiptKey(honest.session, ids.ID{1}), receiptOf(3, read), acknowledged, false},
		"receipt in another place":      {chain.ReceiptKey(ids.ID{1}, actor), receiptOf(3, read), acknowledged, false},
	} {
		t.Run(name, func(t *testing.T) {
			tt := &testTree{t: t, tree: iavl.NewMutableTree(iavldb.NewMemDB(), 1000, true, iavl.NewNopLogger())}
			tt.set(test.key, test.value)
			root, _, err := tt.tree.SaveVersion()
			require.NoError(t, err)
			header := *honest.header
			header.StateRoot = chain.Hash(root)
			tt.header = &header
			b := tt.bundle(test.key)
			b.Transaction = test.tx.Bytes()
			b.KEMPublicKey, b.DSAPublicKey = honest.sender.Public().KEM, honest.sender.Public().DSA
			s, err := b.Verify(pq.Verify)
			if test.fits {
				require.NoError(t, err)
				require.True(t, s.SignatureVerified)
				return
			}
			require.ErrorIs(t, err, ErrTransaction)
			require.ErrorIs(t, err, refusal.ErrProof)
			require.Nil(t, s, "no statement with an error")
		})
	}
}

// TestEachMisfitIsNamed: the errors of what stands around a proof.
func TestEachMisfitIsNamed(t *testing.T) {
	tt := newTestTree(t, 3)
	session := func() *Bundle {
		b := tt.bundle(chain.SessionKey(tt.session))
		b.SessionKeys = tt.keys.Bytes()
		return b
	}
	for name, test := range map[string]struct {
		bundle *Bundle
		change func(*Bundle)
		want   error
	}{
		"block ID":                 {tt.delivery(), func(b *Bundle) { b.BlockID[31] ^= 1 }, ErrBlockID},
		"chain":                    {tt.delivery(), func(b *Bundle) { b.Header.ChainID[0] ^= 1 }, ErrBlockID},
		"chain, with its block ID": {tt.delivery(), func(b *Bundle) { b.Header.ChainID[0] ^= 1; b.BlockID = b.Header.ID() }, ErrTransaction},
		"key":                      {tt.delivery(), func(b *Bundle) { b.Key = append(b.Key, 0) }, ErrStateKey},
		"prefix":                   {tt.delivery(), func(b *Bundle) { b.Key = append([]byte{7}, b.Key[1:]...) }, ErrStateKey},
		"keys of a message":        {tt.delivery(), func(b *Bundle) { b.SessionKeys = tt.keys.Bytes() }, ErrSessionKeys},
		"another session's keys":   {session(), func(b *Bundle) { b.SessionKeys = (&chain.SessionKeys{PublicKeys: [][]byte{{1}}}).Bytes() }, ErrSessionKeys},
		"keys that are none":       {session(), func(b *Bundle) { b.SessionKeys = []byte{1} }, refusal.ErrMalformed},
		"keys of no session":       {tt.bundle(chain.SessionKey(ids.ID{1})), func(b *Bundle) { b.SessionKeys = tt.keys.Bytes() }, ErrSessionKeys},
		"transaction of a session": {session(), func(b *Bundle) { b.Transaction = tt.receipt.Bytes() }, ErrTransaction},
		"transaction of nothing":   {tt.bundle(chain.MessageKey(6)), func(b *Bundle) { b.Transaction = tt.receipt.Bytes() }, ErrTransaction},
		"transaction that is none": {tt.delivery(), func(b *Bundle) { b.Transaction = []byte{1} }, refusal.ErrMalformed},
		"another message":          {tt.delivery(), func(b *Bundle) { b.Transaction = tt.messages[0].Bytes() }, ErrTransaction},
		"signer's keys alone":      {tt.delivery(), func(b *Bundle) { b.Transaction = nil }, ErrSigner},
		"another signer":           {tt.delivery(), func(b *Bundle) { b.DSAPublicKey = make([]byte, chain.DSAPublicKeySize) }, ErrSigner},
		"keys cut elsewhere": {tt.delivery(), func(b *Bundle) { // the same bytes, and so the same hash
			both := append(append([]byte(nil), b.KEMPublicKey...), b.DSAPublicKey...)
			b.KEMPublicKey, b.DSAPublicKey = both[:chain.KEMPublicKeySize-1], both[chain.KEMPublicKeySize-1:]
		}, ErrSigner},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.bundle.Verify(pq.Verify)
			require.NoError(t, err)
			test.change(test.bundle)
			_, err = test.bundle.Verify(pq.Verify)
			require.ErrorIs(t, err, test.want)
			var refused *refusal.Error
			require.ErrorAs(t, err, &refused)
		})
	}
}
