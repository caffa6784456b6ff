package messaging

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
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
	pending, err := members[0].Pending(alice.ID())
	require.NoError(t, err)
	require.True(t, pending)
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
	d := &draft{Content: []byte("three")}
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
