package messaging

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/client/provider"
	"github.com/luxfi/session/lightclient"
)

// keyedPerson returns somebody who uses the chain first when its validator has an ML-DSA-65 key.
func keyedPerson(t *testing.T, transport http.RoundTripper) *person {
	t.Helper()
	require.Eventually(t, func() bool {
		trust, err := provider.FirstUse(testContext(t), connect(t, nil))
		return err == nil && trust.Policy == lightclient.PolicyBoth
	}, 30*time.Second, 100*time.Millisecond)
	p := newPerson(t, transport)
	require.Equal(t, lightclient.PolicyBoth, p.pinnedOptions(t).Policy)
	return p
}

func (p *person) pinnedOptions(t *testing.T) *lightclient.TrustOptions {
	t.Helper()
	pinned, err := os.ReadFile(p.light.pin)
	require.NoError(t, err)
	trust, err := lightclient.ParseTrustOptions(pinned)
	require.NoError(t, err)
	return trust
}

// later has a person's clock be ahead of the chain's for so long that the next answer with news is verified with ML-DSA-65.
func (p *person) later() {
	p.now = func() time.Time { return time.Now().Add(attestPeriod + time.Minute) }
}

// TestWhatIsPinnedOnFirstUseIsAttestedFromTimeToTime: BLS tells what is new at once, and says so; ML-DSA-65 has to confirm it.
func TestWhatIsPinnedOnFirstUseIsAttestedFromTimeToTime(t *testing.T) {
	network := newWire(t)
	alice, bob := newPerson(t, nil), keyedPerson(t, network)
	made, err := alice.NewSession(testContext(t), bob.Self())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, made.Close()) })
	session := bob.joins(t, made.ID())
	first := bob.pinnedOptions(t).Checkpoint.Header.Height

	last := func(events []Event) Event { return events[len(events)-1] }
	sends(t, made, "one")
	require.False(t, last(until(t, session, text("one"))).PostQuantum)
	require.Zero(t, session.Attested())
	require.Equal(t, first, bob.pinnedOptions(t).Checkpoint.Header.Height)

	// A node that shows no ML-DSA-65 signatures shows nothing then.
	bob.later()
	sends(t, made, "two")
	network.set(nil, falsely(t, "GetLightBlock", func(r *client.GetLightBlockResult) {
		block, err := lightclient.ParseLightBlock(r.LightBlock)
		require.NoError(t, err)
		block.PostQuantum = nil
		r.LightBlock = block.Bytes()
	}))
	for range 2 {
		_, err = session.Receive(testContext(t))
		require.ErrorIs(t, err, ErrNode)
	}
	network.set(nil, falsely(t, "GetLightBlock", func(r *client.GetLightBlockResult) {
		block, err := lightclient.ParseLightBlock(r.LightBlock)
		require.NoError(t, err)
		block.PostQuantum.Certificate.Signatures[0][7] ^= 1
		r.LightBlock = block.Bytes()
	}))
	_, err = session.Receive(testContext(t))
	require.ErrorIs(t, err, ErrNode)
	require.Zero(t, session.Attested())

	network.set(nil, nil)
	require.True(t, last(until(t, session, text("two"))).PostQuantum)
	require.Equal(t, session.Next()-1, session.Attested(), "the transcript has what was told before")
	renewed := bob.pinnedOptions(t)
	require.Greater(t, renewed.Checkpoint.Header.Height, first)
	require.Equal(t, lightclient.PolicyBoth, renewed.Policy)

	// From the attested block BLS goes on, and without news it is confirmed too.
	bob.now = time.Now
	sends(t, made, "three")
	require.False(t, last(until(t, session, text("three"))).PostQuantum)
	require.Less(t, session.Attested(), session.Next()-1)
	require.NoError(t, session.Close())
	session = bob.joins(t, made.ID())
	require.Less(t, session.Attested(), session.Next()-1)
	newPerson(t, nil) // a block
	bob.later()
	// Had somebody who forges BLS signatures told another session, the attested one would not follow on it.
	session.record.Transcript[0] ^= 1
	_, err = session.Check(testContext(t)) // what was told before
	require.NoError(t, err)
	_, err = session.Check(testContext(t))
	require.ErrorIs(t, err, ErrTranscript)
	session.record.Transcript[0] ^= 1
	_, err = session.Check(testContext(t))
	require.NoError(t, err)
	require.Equal(t, session.Next()-1, session.Attested())
}
