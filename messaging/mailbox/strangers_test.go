package mailbox

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

// flood has a stranger make sessions with somebody.
func flood(t *testing.T, with *Mailbox, sessions int) {
	t.Helper()
	stranger := opened(t, testConfig(t))
	says(t, stranger, Peer{Person: with.Self(), Public: true}, "read this")
	node := stranger.config.Client
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	deadline, err := node.Deadline(ctx)
	require.NoError(t, err)
	key := func(m *Mailbox) []byte { return m.config.Identity.Public().KEM }
	const lot = 100 // of 256 that may wait of one sender
	for made := 0; made < sessions; made += lot {
		var transactions []*chain.Transaction
		for n := range min(lot, sessions-made) {
			tx, err := node.SignTransaction(ctx, &chain.CreateSession{
				Creator: stranger.Self(), Participants: []ids.ID{stranger.Self(), with.Self()},
				PublicKeys: [][]byte{key(stranger), key(with)}, Nonce: uint64(made + n + 1), Deadline: deadline,
			}, stranger.config.Identity)
			require.NoError(t, err)
			transactions = append(transactions, tx)
		}
		sent, err := node.SendTransactions(ctx, transactions)
		require.NoError(t, err)
		for i := range sent.Transactions {
			require.NoError(t, sent.Transactions[i].Err())
		}
		_, err = node.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: transactions[len(transactions)-1].Bytes(), Wait: client.Seconds(20 * time.Second)})
		require.NoError(t, err)
	}
}

// TestAFloodOfStrangersHidesNobody has a stranger make more sessions with bob than are looked through: what a
// friend has written is read, and a group that bob has written in is found, with a warning that there may be more.
func TestAFloodOfStrangersHidesNobody(t *testing.T) {
	var warnings []error
	config := testConfig(t)
	config.Warn = func(err error) { warnings = append(warnings, err) }
	public := testConfig(t)
	public.Public = true
	bob, alice, carol := opened(t, config), opened(t, public), opened(t, testConfig(t))
	group, err := alice.NewGroup(testContext(t), "climbing", bob.Self())
	require.NoError(t, err)
	require.NoError(t, bob.Discover(testContext(t), func(owner ids.ID) bool { return owner == alice.Self() }))
	inGroup := says(t, bob, group.Peer(), "who comes along?")
	says(t, carol, Peer{Person: bob.Self(), Public: true}, "hello bob")

	list := func() (channels []ids.ID) {
		warnings = nil
		require.NoError(t, bob.eachSession(testContext(t), client.ListSessionsParams{}, func(s *client.SessionSummary) {
			if s.Channel != ids.Empty {
				channels = append(channels, s.ID)
			}
		}))
		return channels
	}
	require.Contains(t, list(), inGroup)
	require.Empty(t, warnings)
	flood(t, bob, requestPages*64)
	require.Contains(t, list(), inGroup)
	require.Len(t, warnings, 1)
	require.True(t, errors.Is(warnings[0], client.ErrListCut))

	warnings = nil
	require.Equal(t, []string{"hello bob"}, texts(t, bob, Peer{Person: carol.Self(), Public: true}))
	says(t, bob, Peer{Person: carol.Self(), Public: true}, "hello carol")
	require.Equal(t, []string{"hello bob", "hello carol"}, texts(t, carol, Peer{Person: bob.Self(), Public: true}))
	require.Empty(t, warnings)
}
