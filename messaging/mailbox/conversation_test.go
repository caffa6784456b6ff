package mailbox

import (
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

// TestWhatDoesNotOpenIsNotRead, though the announcement that came with it opened.
func TestWhatDoesNotOpenIsNotRead(t *testing.T) {
	alice, bob := opened(t, testConfig(t)), opened(t, testConfig(t))
	s, err := alice.messenger.NewSession(testContext(t), bob.Self())
	require.NoError(t, err)
	_, err = s.SendAs(testContext(t), e2ee.ContentProof, []byte("none"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	c, err := bob.Join(testContext(t), Peer{Person: alice.Self(), Public: true}, s.ID())
	require.NoError(t, err)
	defer c.Close()
	entries, err := c.Fetch(testContext(t))
	require.NoError(t, err)
	require.Equal(t, messaging.KindRotated, entries[0].Kind)
	require.Equal(t, messaging.KindRefused, entries[1].Kind)
	require.Equal(t, entries[0].Sequence, entries[1].Sequence)
	_, refused, err := c.ReadUpTo(testContext(t))
	require.ErrorIs(t, err, refusal.ErrStaleReceipt)
	require.Equal(t, entries[1].Sequence, refused.Sequence)
}

func TestWhatStandsBeforeARefusalOpenedNothingLater(t *testing.T) {
	at := func(position uint64, kind messaging.Kind) Entry {
		return Entry{Session: ids.ID{1}, Position: position, Event: messaging.Event{Kind: kind, Sequence: 3}}
	}
	refused := at(2, messaging.KindRefused)
	require.False(t, Opened([]Entry{at(1, messaging.KindRevealed), refused}, &refused))
	require.True(t, Opened([]Entry{refused, at(3, messaging.KindMessage)}, &refused))
}
