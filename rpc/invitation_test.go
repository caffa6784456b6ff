package rpc

import (
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

func (c *testChain) invite(t *testing.T, note byte, size int) *chain.Invite {
	t.Helper()
	body := &chain.Invite{Head: make([]byte, chain.InvitationHeadSize), Sealed: make([]byte, size)}
	body.Head[0], body.Sealed[0] = note, note
	result, err := c.Invite(t.Context(), body)
	require.NoError(t, err)
	require.Equal(t, client.TransactionAccepted, result.Status)
	return body
}

func startInviting(t *testing.T, config Config) *testChain {
	return startChain(t, config, func(g *chain.Genesis) { g.Invitations.WorkBits = 6 })
}

// page returns a page of the invitations of everybody's bucket, with the cursor after it.
func (c *testChain) page(t *testing.T, cursor lightclient.InvitationCursor, limit uint64) ([]chain.CompactInvitation, lightclient.InvitationCursor) {
	t.Helper()
	result, err := c.ListInvitations(t.Context(), client.ListInvitationsParams{From: cursor.Read.Number + 1, Limit: limit, Uncertified: true})
	require.NoError(t, err)
	page, err := result.Page()
	require.NoError(t, err)
	proof, err := lightclient.ParseStateProof(result.Proof)
	require.NoError(t, err)
	state, err := proof.State()
	require.NoError(t, err)
	require.Equal(t, result.Height, state.Header.Height)
	next, err := cursor.Follow(c.node.Genesis(), state, result.First, page)
	require.NoError(t, err)
	return page, next
}

func TestInvitationsAreListedAndRead(t *testing.T) {
	c := startInviting(t, DefaultConfig())
	none, begin := c.page(t, lightclient.NewInvitationCursor(c.node.Host().ChainID, chain.Bucket{}), 0)
	require.Empty(t, none)
	var bodies []*chain.Invite
	for n := range 7 {
		bodies = append(bodies, c.invite(t, byte(n+1), chain.InvitationSizes[n%3]))
	}
	for _, limit := range []uint64{0, 1, 3, 7} {
		cursor, read := begin, 0
		for cursor.Read.Number < uint64(len(bodies)) {
			var page []chain.CompactInvitation
			page, cursor = c.page(t, cursor, limit)
			require.NotEmpty(t, page)
			for _, compact := range page {
				require.Equal(t, bodies[read].Head, compact.Head)
				sealed, err := c.GetInvitation(t.Context(), client.GetInvitationParams{Number: uint64(read + 1)})
				require.NoError(t, err)
				require.Len(t, sealed.Sealed, 1)
				require.Equal(t, bodies[read].Sealed, sealed.Sealed[0])
				require.NoError(t, compact.Check(sealed.Sealed[0]))
				require.ErrorIs(t, compact.Check(bodies[(read+1)%7].Sealed), refusal.ErrProof)
				read++
			}
		}
		require.Equal(t, cursor.Read, cursor.Proven)
	}
	several, err := c.GetInvitation(t.Context(), client.GetInvitationParams{Number: 5, Count: 9})
	require.NoError(t, err)
	require.Len(t, several.Sealed, 3)
	_, err = c.GetInvitation(t.Context(), client.GetInvitationParams{Number: 8})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	_, err = c.GetInvitation(t.Context(), client.GetInvitationParams{Bits: 1, Number: 1})
	require.ErrorIs(t, err, refusal.ErrNotFound, "no bucket")
	_, err = c.GetInvitation(t.Context(), client.GetInvitationParams{Number: 1, Count: 257})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
	for _, bucket := range []chain.Bucket{{Bits: 17}, {Bits: 2, Number: 4}} {
		_, err = c.ListInvitations(t.Context(), client.ListInvitationsParams{Bits: bucket.Bits, Bucket: bucket.Number})
		require.ErrorIs(t, err, refusal.ErrInvitation)
	}
	info, err := c.GetChainInfo(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 6, info.Invitations.Bits)
	require.Zero(t, info.Invitations.BucketBits)
}

// TestAPageOfInvitationsIsCertified under the latest block.
func TestAPageOfInvitationsIsCertified(t *testing.T) {
	c := startInviting(t, DefaultConfig())
	c.invite(t, 1, chain.InvitationSizes[0])
	result, err := c.ListInvitations(t.Context(), client.ListInvitationsParams{Wait: client.Seconds(10 * time.Second)})
	require.NoError(t, err)
	proof, err := lightclient.ParseStateProof(result.Proof)
	require.NoError(t, err)
	verifier := c.network.verifier()
	_, err = verifier.VerifyCertificate(proof.Block.Certificate, proof.Block.Header, proof.Block.Validators)
	require.NoError(t, err)
}

// TestPagesOfInvitationsAreBoundedAndCharged in bytes, and as several calls.
func TestPagesOfInvitationsAreBoundedAndCharged(t *testing.T) {
	config := DefaultConfig()
	config.MaxAnswerBytes = 8 * 4 * chain.CompactInvitationSize
	config.RequestRate, config.RequestBurst = 0.001, 200
	c := startInviting(t, config)
	for n := range 40 {
		c.invite(t, byte(n), chain.InvitationSizes[0])
	}
	page, _ := c.page(t, lightclient.NewInvitationCursor(c.node.Host().ChainID, chain.Bucket{}), 40)
	require.Len(t, page, 4)
	several, err := c.GetInvitation(t.Context(), client.GetInvitationParams{Number: 1, Count: 40})
	require.NoError(t, err)
	require.Len(t, several.Sealed, 1)
}

// TestInvitationsAreSubmittedAsTransactions one by one and many at once, and refused with what they would cost.
func TestInvitationsAreSubmittedAsTransactions(t *testing.T) {
	c := startInviting(t, DefaultConfig())
	info, err := c.GetChainInfo(t.Context())
	require.NoError(t, err)
	deadline, err := c.Deadline(t.Context())
	require.NoError(t, err)
	made := func(note byte, bits uint64) *chain.Transaction {
		body := &chain.Invite{Head: make([]byte, chain.InvitationHeadSize), Sealed: make([]byte, chain.InvitationSizes[0]), Deadline: deadline}
		body.Head[0] = note
		challenge := chain.NewInvitationChallenge(info.ChainID, chain.TransactionID(info.ChainID, body), info.Invitations.Beacon)
		for challenge.Bits(body.Work) != bits {
			body.Work++
		}
		tx, err := chain.NewTransaction(info.ChainID, body, nil)
		require.NoError(t, err)
		return tx
	}
	sent, err := c.SendTransactions(t.Context(), []*chain.Transaction{made(1, info.Invitations.Bits), made(2, info.Invitations.Bits-1)})
	require.NoError(t, err)
	require.NoError(t, sent.Transactions[0].Err())
	require.ErrorIs(t, sent.Transactions[1].Err(), refusal.ErrWork)
	tx := made(3, info.Invitations.Bits)
	_, err = c.IssueTransaction(t.Context(), client.IssueTransactionParams{Bytes: tx.Bytes(), Wait: client.Seconds(10 * time.Second)})
	require.NoError(t, err)
	got, err := c.GetTransaction(t.Context(), client.GetTransactionParams{TransactionID: tx.ID()})
	require.NoError(t, err)
	require.Equal(t, "Invite", got.Type)
	require.Equal(t, ids.Empty, got.Actor)
	require.EqualValues(t, tx.Bytes(), got.Bytes)
}

// BenchmarkListInvitations lists a page of 256 invitations, without HTTP.
func BenchmarkListInvitations(b *testing.B) {
	c := startChain(b, DefaultConfig(), func(g *chain.Genesis) {
		g.Invitations.WorkBits, g.Invitations.MaxBlock, g.Invitations.MaxBlockBytes = 0, 64, 1_000_000
	})
	for n := range 256 {
		body := &chain.Invite{Head: make([]byte, chain.InvitationHeadSize), Sealed: make([]byte, chain.InvitationSizes[0]), Deadline: uint64(time.Now().Add(time.Minute).UnixMilli())}
		body.Head[0], body.Head[1] = byte(n), byte(n>>8)
		tx, err := chain.NewTransaction(c.node.Host().ChainID, body, nil)
		require.NoError(b, err)
		require.NoError(b, c.node.Submit(b.Context(), tx, ""))
		if n%64 == 63 {
			_, err = c.node.Await(b.Context(), tx.ID())
			require.NoError(b, err)
		}
	}
	r := c.newRequest()
	for b.Loop() {
		result, err := r.listInvitations(b.Context(), &client.ListInvitationsParams{Limit: 256, Uncertified: true})
		require.NoError(b, err)
		require.Len(b, result.Invitations, 256*chain.CompactInvitationSize)
	}
}
