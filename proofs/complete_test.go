package proofs

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// history returns verified statements of a session and of all its messages.
func history(t *testing.T) (session *Statement, messages []*Statement) {
	tt := newTestTree(t, 5)
	statement := func(key []byte) *Statement {
		s, err := tt.bundle(key).Verify(nil)
		require.NoError(t, err)
		return s
	}
	for _, index := range []uint64{1, 3, 5} {
		messages = append(messages, statement(chain.MessageKey(index)))
	}
	return statement(chain.SessionKey(tt.session)), messages
}

// TestCompleteMeansAllMessages: whoever withholds messages, the first ones too, is found.
func TestCompleteMeansAllMessages(t *testing.T) {
	session, all := history(t)
	require.NoError(t, VerifyComplete(session, all))
	for _, withheld := range [][]*Statement{nil, {}, all[1:], all[2:], all[:2], {all[0], all[2]}} {
		require.ErrorIs(t, VerifyComplete(session, withheld), ErrIncomplete)
	}

	empty := *session
	empty.Session = &chain.Session{}
	require.NoError(t, VerifyComplete(&empty, nil), "a session without messages")
	require.Error(t, VerifyComplete(&empty, all[:1]))
}

// TestSinceMeansAllMessagesFromASequenceOn is for who has the earlier ones.
func TestSinceMeansAllMessagesFromASequenceOn(t *testing.T) {
	session, all := history(t)
	for sequence := range uint64(len(all) + 1) {
		require.NoError(t, VerifySince(session, sequence+1, all[sequence:]))
		for other := range len(all) + 1 {
			if other != int(sequence) {
				require.ErrorIs(t, VerifySince(session, sequence+1, all[other:]), ErrIncomplete)
			}
		}
	}
	for _, sequence := range []uint64{0, 5, 1 << 63, 1<<64 - 1} {
		require.ErrorIs(t, VerifySince(session, sequence, nil), ErrIncomplete)
	}
}

// TestOnlyLinkedMessagesOfTheSessionAreItsHistory checks each link, index and sequence.
func TestOnlyLinkedMessagesOfTheSessionAreItsHistory(t *testing.T) {
	for name, test := range map[string]struct {
		change func(session *Statement, all []*Statement)
		want   error
	}{
		"another chain":              {func(_ *Statement, all []*Statement) { all[1].ChainID[0] ^= 1 }, ErrStatement},
		"another session":            {func(_ *Statement, all []*Statement) { all[1].Message.Session[0] ^= 1 }, ErrStatement},
		"no record":                  {func(_ *Statement, all []*Statement) { all[1].Message = nil }, ErrStatement},
		"no statement":               {func(_ *Statement, all []*Statement) { all[1] = nil }, ErrStatement},
		"another index":              {func(_ *Statement, all []*Statement) { all[1].Index++ }, ErrIncomplete},
		"another sequence":           {func(_ *Statement, all []*Statement) { all[1].Message.Sequence++ }, ErrIncomplete},
		"another link":               {func(_ *Statement, all []*Statement) { all[2].Message.Previous = 2 }, ErrIncomplete},
		"something before the first": {func(_ *Statement, all []*Statement) { all[0].Message.Previous = 9 }, ErrIncomplete},
		"another head":               {func(s *Statement, _ []*Statement) { s.Session.Head = 4 }, ErrIncomplete},
		"more messages":              {func(s *Statement, _ []*Statement) { s.Session.Messages++ }, ErrIncomplete},
		"fewer messages":             {func(s *Statement, _ []*Statement) { s.Session.Messages-- }, ErrIncomplete},
		"in another order":           {func(_ *Statement, all []*Statement) { slices.Reverse(all) }, ErrIncomplete},
		"one twice":                  {func(_ *Statement, all []*Statement) { all[1] = all[2] }, ErrIncomplete},
		"an absent session":          {func(s *Statement, _ []*Statement) { s.Present, s.Session = false, nil }, ErrStatement},
		"a session without record":   {func(s *Statement, _ []*Statement) { s.Session = nil }, ErrStatement},
	} {
		t.Run(name, func(t *testing.T) {
			session, all := history(t)
			test.change(session, all)
			err := VerifyComplete(session, all)
			require.ErrorIs(t, err, test.want)
			require.ErrorIs(t, err, refusal.ErrProof)
		})
	}
	session, all := history(t)
	require.ErrorIs(t, VerifyComplete(nil, nil), ErrStatement)
	require.ErrorIs(t, VerifyComplete(all[0], nil), ErrStatement)
	require.ErrorIs(t, VerifyNoMessage(nil, 1), ErrStatement)
	require.ErrorIs(t, VerifyNoMessage(all[0], 9), ErrStatement)
	require.ErrorIs(t, VerifyNoMessage(&Statement{Kind: KindSession, Present: true}, 9), ErrStatement, "no record")
	require.ErrorIs(t, VerifyNoMessage(session, 3), ErrStatement)
	require.NoError(t, VerifyNoMessage(session, 4))
}
