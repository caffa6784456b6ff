package messaging

import (
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
)

// TestAContractIsTheOneWhoseIDTheSenderIs: a node can't call a member's message a contract's, to have it taken unsigned.
func TestAContractIsTheOneWhoseIDTheSenderIs(t *testing.T) {
	contract := &client.Contract{ChainID: ids.ID{1}, Address: client.Bytes{19: 2}}
	m := &client.Message{Sender: chain.ContractID(contract.ChainID, contract.Address), Sequence: 1, Contract: contract}
	require.NoError(t, verifyContract(m))
	m.Contract = &client.Contract{ChainID: ids.ID{1}, Address: client.Bytes{19: 3}}
	require.ErrorIs(t, verifyContract(m), ErrNode)
	m.Contract = &client.Contract{ChainID: ids.ID{2}, Address: contract.Address}
	require.ErrorIs(t, verifyContract(m), ErrNode)
	m.Contract, m.Sender = contract, ids.ID{9}
	require.ErrorIs(t, verifyContract(m), ErrNode)
}

func TestWhatAContractSaysIsTextOrIsRefused(t *testing.T) {
	contract := &client.Contract{ChainID: ids.ID{1}, Address: client.Bytes{19: 2}}
	for name, test := range map[string]struct {
		ciphertext []byte
		text       bool
	}{
		"a text":             {OpenText("deposit 3 is paid ✓"), true},
		"no text":            {OpenText(""), false},
		"what is no UTF-8":   {[]byte{0, 0xff}, false},
		"of another form":    {[]byte("\x01text"), false},
		"nothing but a form": {[]byte{1}, false},
		"what members send":  {[]byte("session"), false},
	} {
		s := &Session{record: &record{}}
		held := heldMessage{ID: ids.ID{3}, Sender: chain.ContractID(contract.ChainID, contract.Address), Sequence: 4, Time: time.UnixMilli(5), Ciphertext: test.ciphertext}
		s.takeContract(&held, contract)
		require.Len(t, s.record.Inbox, 1, name)
		event := s.record.Inbox[0]
		require.Equal(t, contract, event.Contract, name)
		require.Equal(t, held.Sender, event.Sender, name)
		require.Equal(t, held.Sequence, event.Sequence, name)
		if test.text {
			require.Equal(t, KindMessage, event.Kind, name)
			require.Equal(t, e2ee.ContentText, event.Type, name)
			require.Equal(t, string(test.ciphertext[1:]), event.Text(), name)
		} else {
			require.Equal(t, KindRefused, event.Kind, name)
			require.ErrorIs(t, event.Err, e2ee.ErrMalformed, name)
		}
	}
}

// TestANodeThatNamesNoContractHidesNoText: nobody with keys is taken for a contract by it.
func TestANodeThatNamesNoContractHidesNoText(t *testing.T) {
	contract, keyed := ids.ID{1}, ids.ID{2}
	s := &Session{record: &record{Members: []memberRecord{{ID: contract}, {ID: keyed, DSA: []byte{1}}}}}
	text, sealed := OpenText("paid"), []byte{1}
	require.True(t, s.ofContract(&client.Message{Sender: contract, Ciphertext: text}))
	require.True(t, s.ofContract(&client.Message{Sender: contract, Ciphertext: sealed, Contract: new(client.Contract)}))
	require.False(t, s.ofContract(&client.Message{Sender: contract, Ciphertext: sealed}))
	require.False(t, s.ofContract(&client.Message{Sender: keyed, Ciphertext: text}))
}
