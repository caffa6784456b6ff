package lightclient

import (
	"context"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

func TestAMessageIsVerifiedAgainstItsTrustedBlock(t *testing.T) {
	h := newHistory(t)
	client := newClient(t, testConfig(h.chain, 0))
	for _, height := range []int{2, 4, 6} {
		v, err := client.VerifyMessage(context.Background(), h.message(height, 1))
		require.NoError(t, err)
		require.EqualValues(t, 2, v.Statement.Message.Sequence)
		require.EqualValues(t, h.sender.ID(), v.Statement.Message.Sender)
		require.True(t, v.Statement.SignatureVerified)
		require.Equal(t, Basis{
			BlockID: h.chain[height].header.ID(), Height: uint64(height), Time: h.chain[height].header.Time(),
			CertifiedHeight: uint64(height), Weight: warp.Weight{Signed: 40, Total: 40}, Scheme: string(warp.CiphersuitePOP),
		}, v.Basis)
		require.False(t, v.Basis.PostQuantum)
	}
}

func TestReceiptsAndAbsenceAreVerified(t *testing.T) {
	h := newHistory(t)
	client := newClient(t, testConfig(h.chain, 3))
	ctx := context.Background()
	v, err := client.VerifyReceipt(ctx, h.acknowledged(5))
	require.NoError(t, err)
	require.EqualValues(t, 3, v.Statement.Receipt.Sequence)
	require.True(t, v.Statement.SignatureVerified)
	receiptKey := chain.ReceiptKey(h.session, h.sender.ID())
	for _, absent := range []*proofs.Bundle{
		h.bundle(4, receiptKey),                  // before it was made
		h.bundle(0, chain.MessageKey(1)),         // before it was sent, below the checkpoint
		h.bundle(6, chain.MessageKey(7)),         // never sent
		h.bundle(6, chain.SessionKey(ids.ID{7})), // never made
	} {
		v, err := client.VerifyAbsence(ctx, absent)
		require.NoError(t, err)
		require.False(t, v.Statement.Present)
		require.Equal(t, absent.Header.Height, v.Basis.Height)
	}
}

func TestStatementsOfAnotherKindAreRefused(t *testing.T) {
	h := newHistory(t)
	client := newClient(t, testConfig(h.chain, 0))
	ctx := context.Background()
	message, receipt, session := h.message(6, 0), h.acknowledged(6), h.bundle(6, chain.SessionKey(h.session))
	noMessage, noReceipt, noSession := h.bundle(6, chain.MessageKey(7)), h.bundle(3, receipt.Key), h.bundle(6, chain.SessionKey(ids.ID{7}))
	for name, verify := range map[string]struct {
		verify func(*proofs.Bundle) error
		good   []*proofs.Bundle
	}{
		"message": {func(b *proofs.Bundle) error { _, err := client.VerifyMessage(ctx, b); return err }, []*proofs.Bundle{message}},
		"receipt": {func(b *proofs.Bundle) error { _, err := client.VerifyReceipt(ctx, b); return err }, []*proofs.Bundle{receipt}},
		"absence": {func(b *proofs.Bundle) error { _, err := client.VerifyAbsence(ctx, b); return err }, []*proofs.Bundle{noMessage, noReceipt, noSession}},
	} {
		for i, b := range []*proofs.Bundle{message, receipt, session, noMessage, noReceipt, noSession} {
			err := verify.verify(b)
			if slices.Contains(verify.good, b) {
				require.NoError(t, err, "%s %d", name, i)
			} else {
				require.ErrorIs(t, err, ErrStatement, "%s %d", name, i)
			}
		}
	}
	_, err := client.VerifySession(ctx, noSession, nil)
	require.ErrorIs(t, err, ErrStatement)
	_, err = client.VerifySession(ctx, message, nil)
	require.ErrorIs(t, err, ErrStatement)
}

func TestAProofOfAnotherBlockIsRefused(t *testing.T) {
	h := newHistory(t)
	other := newHistory(t)
	other.chain = other.chain.fork(2)
	bundle := h.message(4, 1)
	client := newClient(t, testConfig(other.chain, 0))
	_, err := client.VerifyMessage(context.Background(), bundle)
	require.ErrorIs(t, err, ErrOtherBlock)
	// A block of a height that the chain does not have yet.
	client = newClient(t, testConfig(h.chain[:4], 0))
	_, err = client.VerifyMessage(context.Background(), bundle)
	require.ErrorIs(t, err, ErrNotFound)
	// The right header with another root, or another's proof.
	client = newClient(t, testConfig(h.chain, 0))
	bundle.Header.StateRoot[0]++
	bundle.BlockID = bundle.Header.ID()
	_, err = client.VerifyMessage(context.Background(), bundle)
	require.ErrorIs(t, err, ErrOtherBlock)
	bundle = h.message(4, 1)
	bundle.Header.StateRoot[0]++
	_, err = client.VerifyMessage(context.Background(), bundle)
	require.ErrorIs(t, err, proofs.ErrBlockID)
	bundle = h.message(4, 1)
	bundle.Commitment = h.message(5, 1).Commitment
	_, err = client.VerifyMessage(context.Background(), bundle)
	require.ErrorIs(t, err, proofs.ErrRoot)
	bundle = h.message(4, 1)
	bundle.Transaction = h.messages[0].Bytes()
	_, err = client.VerifyMessage(context.Background(), bundle)
	require.ErrorIs(t, err, proofs.ErrTransaction)
}

// Who withholds a message of a session is found out, whichever it is.
func TestASessionHasAllOfItsMessages(t *testing.T) {
	h := newHistory(t, four, equally(0, 1, 2, 4), equally(0, 1, 4, 5), equally(4, 5, 6), equally(4, 5, 6), equally(4, 5, 6), equally(4, 5, 6))
	client := newClient(t, testConfig(h.chain, 0))
	ctx := context.Background()
	// Each message in the state of its own block, and the session in that of the last.
	var all []*proofs.Bundle
	for n, height := range messageHeights {
		all = append(all, h.message(height, n))
	}
	session := h.bundle(6, chain.SessionKey(h.session))
	v, err := client.VerifySession(ctx, session, all)
	require.NoError(t, err)
	require.EqualValues(t, 6, v.Session.Basis.Height)
	require.EqualValues(t, 3, v.Session.Statement.Session.Messages)
	for n, message := range v.Messages {
		require.Equal(t, h.messages[n].ID(), message.Statement.Message.ID)
		require.EqualValues(t, messageHeights[n], message.Basis.Height)
		require.Equal(t, string(warp.CiphersuitePOP), message.Basis.Scheme)
	}

	foreign := h.bundle(6, chain.MessageKey(2))
	for name, messages := range map[string][]*proofs.Bundle{
		"all withheld":        nil,
		"the first withheld":  all[1:],
		"the second withheld": {all[0], all[2]},
		"the last withheld":   all[:2],
		"one put in":          {all[0], all[1], foreign, all[2]},
		"one in place":        {all[0], foreign, all[2]},
		"one twice":           {all[0], all[1], all[1], all[2]},
		"twice in place":      {all[0], all[1], all[1]},
		"swapped":             {all[1], all[0], all[2]},
	} {
		v, err := client.VerifySession(ctx, session, messages)
		require.ErrorIs(t, err, ErrWithheld, name)
		require.ErrorIs(t, err, refusal.ErrProof, name)
		require.Nil(t, v, name)
	}
	// As of an earlier block there are fewer, and that is all.
	v, err = client.VerifySession(ctx, h.bundle(3, chain.SessionKey(h.session)), all[:2])
	require.NoError(t, err)
	require.EqualValues(t, 3, v.Session.Basis.Height)
	_, err = client.VerifySession(ctx, h.bundle(3, chain.SessionKey(h.session)), all)
	require.ErrorIs(t, err, ErrWithheld)
	_, err = client.VerifySession(ctx, session, []*proofs.Bundle{all[0], session, all[2]})
	require.ErrorIs(t, err, ErrStatement)
	require.ErrorContains(t, err, "message 2 of 3")
}
