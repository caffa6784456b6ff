package rpc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/http"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

func (c *testChain) transaction(sender *pq.Identity, session ids.ID, text string) *chain.Transaction {
	c.t.Helper()
	body := &chain.SendMessage{Session: session, Sender: sender.ID(), Ciphertext: []byte(text)}
	tx, err := chain.NewTransaction(c.node.Host().ChainID, body, c.sign(sender, body))
	require.NoError(c.t, err)
	return tx
}

func TestManyTransactionsAreSentInOneRequest(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice, bob := identity(t, 1), identity(t, 2)
	c.register(alice)
	session := c.open(alice, bob)
	var sent []*chain.Transaction
	for i := range 20 {
		sent = append(sent, c.transaction(alice, session, fmt.Sprint(i)))
	}
	sent = append(sent, sent[0], c.transaction(bob, session, "not registered"))
	result, err := c.SendTransactions(t.Context(), sent)
	require.NoError(t, err)
	require.Len(t, result.Transactions, len(sent))
	for i := range 21 {
		require.NoError(t, result.Transactions[i].Err(), "sending again is no error")
		require.Equal(t, sent[i].ID(), result.Transactions[i].TransactionID)
		_, err := c.node.Await(t.Context(), sent[i].ID())
		require.NoError(t, err)
	}
	require.ErrorIs(t, result.Transactions[21].Err(), refusal.ErrNotRegistered)
	require.Equal(t, sent[21].ID(), result.Transactions[21].TransactionID)
	page, err := c.ListMessages(t.Context(), client.ListMessagesParams{SessionID: session})
	require.NoError(t, err)
	require.Len(t, page.Messages, 20)

	other, err := client.New(c.server.URL+"/elsewhere", client.Options{})
	require.NoError(t, err)
	_, err = other.SendTransactions(t.Context(), sent)
	require.ErrorContains(t, err, "/rpc")
}

func TestTransactionsThatAreNoneAreRefused(t *testing.T) {
	config := DefaultConfig()
	config.MaxTransactions = 3
	c := startChain(t, config, nil)
	block, waiting := c.state()
	prefixed := func(texts ...string) (body []byte) {
		for _, text := range texts {
			body = append(binary.BigEndian.AppendUint32(body, uint32(len(text))), text...)
		}
		return body
	}
	for name, test := range map[string]struct {
		body []byte
		code refusal.Reason
	}{
		"none":                {nil, refusal.ErrMalformed},
		"half a length":       {[]byte{0, 0, 1}, refusal.ErrMalformed},
		"a length and less":   {append(prefixed("x"), 0, 0, 0, 2, 1), refusal.ErrMalformed},
		"an endless length":   {[]byte{0xff, 0xff, 0xff, 0xff, 1}, refusal.ErrMalformed},
		"too many":            {prefixed("", "", "", ""), refusal.ErrTooLarge},
		"more than any other": {bytes.Repeat([]byte{0}, 4<<20), refusal.ErrTooLarge},
	} {
		status, body := c.send(client.TransactionsType, test.body)
		require.Equal(t, http.StatusBadRequest, status, name)
		require.Equal(t, int(test.code), c.decodeOne(body).code(), name)
		used := allocated(func() { _, err := splitTransactions(test.body, 3); require.Error(t, err) })
		require.Less(t, used, 100_000, name)
	}
	status, body := c.send(client.TransactionsType, prefixed("", "abc"))
	require.Equal(t, http.StatusOK, status)
	var result client.TransactionsResult
	c.decode(body, &result)
	for _, sent := range result.Transactions {
		require.ErrorIs(t, sent.Err(), refusal.ErrMalformed)
		require.Equal(t, ids.Empty, sent.TransactionID)
	}
	status, _ = c.send("application/json", prefixed("x"))
	require.Equal(t, http.StatusUnsupportedMediaType, status)
	after, waitingAfter := c.state()
	require.Equal(t, block, after)
	require.Equal(t, waiting, waitingAfter)
}

func (c *testChain) send(mediaType string, body []byte) (int, []byte) {
	c.t.Helper()
	response, err := http.Post(c.server.URL+TransactionsPath, mediaType, bytes.NewReader(body))
	require.NoError(c.t, err)
	defer response.Body.Close()
	var answer bytes.Buffer
	_, err = answer.ReadFrom(response.Body)
	require.NoError(c.t, err)
	return response.StatusCode, answer.Bytes()
}

func TestTransactionsThatNobodySignsAreLimitedHereToo(t *testing.T) {
	c := startChain(t, Config{UnsignedRate: 0.001, UnsignedBurst: 1}, nil)
	var sent []*chain.Transaction
	for n := range byte(2) {
		deadline, err := c.Deadline(t.Context())
		require.NoError(t, err)
		public := identity(t, n+1).Public()
		tx, err := c.SignTransaction(t.Context(), &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: deadline}, nil)
		require.NoError(t, err)
		sent = append(sent, tx)
	}
	result, err := c.SendTransactions(t.Context(), sent)
	require.NoError(t, err)
	require.NoError(t, result.Transactions[0].Err())
	require.ErrorIs(t, result.Transactions[1].Err(), refusal.ErrRateLimited)
}
