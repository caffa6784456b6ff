package rpc

import (
	"context"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
)

// verified verifies a proof in both forms and returns what it shows.
func verified(t *testing.T, result *client.GetProofResult, err error) *proofs.Statement {
	t.Helper()
	require.NoError(t, err)
	bundle, err := result.Bundle()
	require.NoError(t, err)
	statement, err := bundle.Verify(pq.Verify)
	require.NoError(t, err)
	require.Equal(t, result.Kind, statement.Kind)
	require.Equal(t, result.Present, statement.Present)
	require.Equal(t, result.Height, statement.Height)
	return statement
}

func TestMessagesSessionsAndReceiptsAreProven(t *testing.T) {
	ctx := t.Context()
	c := startChain(t, DefaultConfig(), nil)
	alice, bob := identity(t, 1), identity(t, 2)
	c.register(alice, bob)
	session := c.open(alice, bob)
	first, err := c.SendMessage(ctx, c.message(alice, session, "first"))
	require.NoError(t, err)
	second, err := c.SendMessage(ctx, c.message(alice, session, "second"))
	require.NoError(t, err)
	read, err := c.GetSession(ctx, client.GetSessionParams{SessionID: session})
	require.NoError(t, err)
	body := &chain.Acknowledge{Session: session, Participant: bob.ID(), Sequence: 2, Transcript: read.Session.Transcript}
	receipt := c.acts(bob, body)

	for _, params := range []client.GetProofParams{{MessageID: second.MessageID}, {Index: second.Index}, {SessionID: session, Sequence: 2}} {
		for _, full := range []bool{false, true} {
			params.Full = full
			result, err := c.GetProof(ctx, params)
			statement := verified(t, result, err)
			require.True(t, statement.Present)
			require.Equal(t, second.MessageID, statement.Message.ID)
			require.Equal(t, uint64(2), statement.Message.Sequence)
			require.Equal(t, full, statement.SignatureVerified)
			if full {
				require.Equal(t, []byte("second"), statement.Transaction.Body.(*chain.SendMessage).Ciphertext)
			}
		}
	}

	result, err := c.GetProof(ctx, client.GetProofParams{Index: second.Index, Height: &first.Height})
	require.False(t, verified(t, result, err).Present, "it was not there at that height")
	require.Equal(t, first.Height, result.Height)
	result, err = c.GetProof(ctx, client.GetProofParams{Index: 99})
	require.False(t, verified(t, result, err).Present)
	result, err = c.GetProof(ctx, client.GetProofParams{SessionID: session, Sequence: 3})
	beyond := verified(t, result, err)
	require.Equal(t, proofs.KindSession, beyond.Kind)
	require.NoError(t, proofs.VerifyNoMessage(beyond, 3))
	require.Error(t, proofs.VerifyNoMessage(beyond, 2))
	result, err = c.GetProof(ctx, client.GetProofParams{SessionID: ids.ID{7}, Sequence: 1})
	require.NoError(t, proofs.VerifyNoMessage(verified(t, result, err), 1))

	result, err = c.GetProof(ctx, client.GetProofParams{SessionID: session})
	statement := verified(t, result, err)
	require.Equal(t, uint64(2), statement.Session.Messages)
	require.Equal(t, second.Index, statement.Session.Head)
	require.Nil(t, statement.SessionKeys)
	result, err = c.GetProof(ctx, client.GetProofParams{SessionID: session, Full: true})
	require.Equal(t, bob.Public().KEM, verified(t, result, err).SessionKeys.PublicKeys[1])
	result, err = c.GetProof(ctx, client.GetProofParams{SessionID: ids.ID{7}, Full: true})
	require.False(t, verified(t, result, err).Present)

	result, err = c.GetProof(ctx, client.GetProofParams{SessionID: session, Participant: bob.ID(), Full: true})
	statement = verified(t, result, err)
	require.Equal(t, receipt.TransactionID, statement.Receipt.Transaction)
	require.True(t, statement.SignatureVerified)
	result, err = c.GetProof(ctx, client.GetProofParams{SessionID: session, Participant: alice.ID()})
	require.False(t, verified(t, result, err).Present)

	_, err = c.GetProof(ctx, client.GetProofParams{MessageID: ids.ID{1}})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	_, err = c.GetProof(ctx, client.GetProofParams{})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
	high := uint64(1000)
	_, err = c.GetProof(ctx, client.GetProofParams{SessionID: session, Height: &high})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	_, err = c.GetProof(ctx, client.GetProofParams{Index: 1, SessionID: session, Sequence: 1})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
	_, err = c.GetProof(ctx, client.GetProofParams{Sequence: 1})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs, "a sequence without its session")
	_, err = c.GetProof(ctx, client.GetProofParams{Participant: bob.ID()})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs, "a participant without a session")
	_, err = c.GetProof(ctx, client.GetProofParams{SessionID: session, Sequence: 1, Participant: bob.ID()})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs, "two things at once")
}

func TestAHeightThatIsPrunedNamesTheOldest(t *testing.T) {
	c := startNode(t, DefaultConfig(), nil, `{"proofHistory":2,"stateSync":{"interval":1}}`)
	alice := identity(t, 1)
	for range 8 {
		c.open(alice)
	}
	low := uint64(1)
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		_, err := c.GetProof(context.Background(), client.GetProofParams{SessionID: ids.ID{7}, Height: &low})
		assert.ErrorIs(t, err, refusal.ErrPruned)
	}, 5*time.Second, 5*time.Millisecond)
	header, err := c.GetHeader(t.Context(), client.BlockParams{Height: &low})
	require.NoError(t, err, "headers stay")
	require.Equal(t, low, header.Header.Height)
}
