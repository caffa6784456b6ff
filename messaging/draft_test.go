package messaging

import (
	"bytes"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

// TestWhatIsSentWhileNoNodeAnswersIsStored seals and stores without a node, over a restart, and
// sends in order once there is one.
func TestWhatIsSentWhileNoNodeAnswersIsStored(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	until(t, alice, text("one"))
	network.set(func(string) (bool, bool) { return true, false }, nil)
	for _, text := range []string{"two", "three"} {
		_, err := alice.Send(testContext(t), []byte(text))
		require.ErrorIs(t, err, ErrQueued)
	}
	require.NoError(t, alice.Close())
	again, err := members[0].Join(testContext(t), alice.ID())
	require.NoError(t, err)
	_, err = again.Send(testContext(t), []byte("four"))
	require.ErrorIs(t, err, ErrQueued, "it has not received what the chain has since it was opened, and so stores what it is given")
	require.Len(t, again.record.Drafts, 1)
	require.NoError(t, again.Close())
	again = members[0].joins(t, alice.ID())
	require.True(t, again.Pending())
	network.set(nil, nil)
	require.Equal(t, []string{"one", "two", "three", "four"}, texts(until(t, again, text("four"))))
	require.Equal(t, []string{"one", "two", "three", "four"}, texts(until(t, bob, text("four"))))
}

// TestWhatIsGivenToSendIsOnDiskBeforeANodeIsAsked looks at the file while the first call of a Send is
// under way.
func TestWhatIsGivenToSendIsOnDiskBeforeANodeIsAsked(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice := sessions[0]
	asked := 0
	network.set(func(string) (bool, bool) {
		asked++
		record, err := members[0].peek(alice.ID())
		require.NoError(t, err)
		require.True(t, len(record.Drafts) == 1 || len(record.Own) > 0, "call %d", asked)
		return false, false
	}, nil)
	sends(t, alice, "one")
	require.Positive(t, asked)
	require.Empty(t, alice.record.Drafts)
	sends(t, alice, "two")
}

// peek reads what is on disk of a session that is open.
func (m *Messenger) peek(session ids.ID) (*record, error) {
	file, err := sessionFile(m.config.Folder, m.chainID, session, m.config.Identity)
	if err != nil {
		return nil, err
	}
	encoded, err := file.Load()
	if err != nil || encoded == nil {
		return nil, err
	}
	return decodeRecord(encoded)
}

// TestWhatTheChainHasIsNotGivenBack: a node says of a message that it has taken that it takes none. The
// session is over by then, and ends in another member's messages.
func TestWhatTheChainHasIsNotGivenBack(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "zero")
	network.set(func(method string) (bool, bool) { return method == "sessionvm.GetStateProof", false }, nil)
	_, err := alice.Send(testContext(t), []byte("one"))
	require.ErrorIs(t, err, ErrQueued, "it is not proven that the chain has it")
	network.set(nil, nil)
	until(t, bob, text("one"))
	sends(t, bob, "two")
	_, err = bob.m.act(testContext(t), &chain.CloseSession{Session: bob.ID(), Participant: bob.m.self})
	require.NoError(t, err)
	network.refuse = func(method string, _ []byte) refusal.Reason {
		if method == "sessionvm.IssueTransaction" {
			return refusal.ErrSessionClosed
		}
		return 0
	}
	require.True(t, alice.Pending())
	sent, err := alice.Flush(testContext(t))
	require.NoError(t, err)
	require.EqualValues(t, 2, sent.Sequence)
	require.False(t, alice.Pending())
	require.Equal(t, []string{"zero", "one", "two"}, texts(until(t, alice, text("two"))))
	_, err = alice.Send(testContext(t), []byte("three"))
	require.ErrorIs(t, err, ErrUnsent)
}

// TestADraftOfASessionThatIsOverComesBack: as what was sealed does.
func TestADraftOfASessionThatIsOverComesBack(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	network.set(func(string) (bool, bool) { return true, false }, nil)
	_, err := alice.Send(testContext(t), []byte("one"))
	require.ErrorIs(t, err, ErrQueued)
	network.set(nil, nil)
	_, err = bob.m.act(testContext(t), &chain.CloseSession{Session: bob.ID(), Participant: bob.m.self})
	require.NoError(t, err)
	events, err := alice.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []Event{unsent(0, "one")}, events)
	require.Empty(t, alice.record.Drafts)
	_, err = alice.Send(testContext(t), []byte("two"))
	require.ErrorIs(t, err, ErrUnsent)
	events, err = alice.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []Event{unsent(0, "two")}, events)

	// It turns out to be over while it is sealed, and so does a file.
	require.True(t, alice.record.Over)
	d := &Draft{Content: []byte("three")}
	err = alice.enqueue(d.Type, d.Content, alice.sealing(d), nil)
	require.ErrorIs(t, alice.returned(d, err), ErrUnsent)
	events, err = alice.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []Event{unsent(0, "three")}, events)
	content := []byte("a file")
	_, err = alice.SendFile(testContext(t), "name", "", bytes.NewReader(content), int64(len(content)), nil)
	require.ErrorIs(t, err, ErrUnsent)
	events, err = alice.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, e2ee.ContentManifest, events[0].Type)
	require.ErrorIs(t, alice.Rotate(testContext(t)), ErrUnsent)
}
