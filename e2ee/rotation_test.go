package e2ee

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// settle lets two members talk until neither owes the other an announcement.
func settle(tb testing.TB, alice, bob *Session, now uint64) {
	tb.Helper()
	for range 3 {
		tell(tb, alice, now, "settling", bob)
		tell(tb, bob, now, "settling", alice)
	}
	require.Equal(tb, ReasonNone, alice.RotationDue(now))
	require.Equal(tb, ReasonNone, bob.RotationDue(now))
}

func TestRotationAfterMessages(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxMessages: 10})
	alice, bob := pair[0], pair[1]
	settle(t, alice, bob, testNow)
	for alice.sending.before+alice.sending.next < 10 {
		require.Equal(t, ReasonNone, tell(t, alice, testNow, "more", bob).Reason)
	}
	key := alice.slots[len(alice.slots)-1].seed
	require.Equal(t, ReasonMessages, tell(t, alice, testNow, "renews", bob).Reason)
	require.NotEqual(t, key, alice.slots[len(alice.slots)-1].seed)
	key = bob.slots[len(bob.slots)-1].seed
	require.Equal(t, ReasonJoin, tell(t, bob, testNow, "renews too", alice).Reason)
	require.NotEqual(t, key, bob.slots[len(bob.slots)-1].seed)
	require.Equal(t, ReasonCover, tell(t, alice, testNow, "seals to the renewed key", bob).Reason)
	require.Equal(t, ReasonNone, bob.RotationDue(testNow))
}

func TestRotationAfterTime(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxAge: 1000})
	alice, bob := pair[0], pair[1]
	settle(t, alice, bob, testNow)
	require.Equal(t, ReasonNone, alice.RotationDue(testNow+999))
	require.Equal(t, ReasonNone, alice.RotationDue(0), "a clock that goes back ages nothing")
	require.Equal(t, ReasonAge, tell(t, alice, testNow+1000, "late", bob).Reason)
	require.Equal(t, ReasonJoin, bob.RotationDue(testNow+1000))
}

func TestRotateOnRequest(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	settle(t, alice, bob, testNow)
	sealed, err := alice.Rotate(testNow)
	require.NoError(t, err)
	require.Nil(t, sealed.Message)
	require.Equal(t, ReasonAsked, sealed.Reason)
	deliver(t, alice, sealed, testNow, "", bob)
	require.Equal(t, ReasonJoin, bob.RotationDue(testNow))
}

// However members of a group interleave, one that asks for renewed keys causes at most one
// renewal of each other, and a bounded number of epochs without one.
func TestRotationsEnd(t *testing.T) {
	const members = 6
	group := newGroup(t, members, Policy{CoverAfter: 4})
	for range 12 {
		for i := range group {
			tell(t, group[i], testNow, "settling", others(group, i)...)
		}
	}
	for i := range group {
		require.Equal(t, ReasonNone, group[i].RotationDue(testNow))
	}
	sealed, err := group[0].Rotate(testNow)
	require.NoError(t, err)
	for _, reader := range group[1:] {
		deliver(t, group[0], sealed, testNow, "", reader)
	}
	reasons := make([]map[Reason]int, members)
	for i := range reasons {
		reasons[i] = map[Reason]int{}
	}
	for range 12 {
		for i := range group {
			reasons[i][tell(t, group[i], testNow, "on", others(group, i)...).Reason]++
		}
	}
	for i, counts := range reasons {
		require.Equal(t, min(i, 1), counts[ReasonJoin], "member %d", i)
		require.LessOrEqual(t, counts[ReasonCover], 2, "member %d", i)
		require.Equal(t, ReasonNone, group[i].RotationDue(testNow))
	}
}

// Two that ask at the same time answer each other once.
func TestConcurrentRotationsEnd(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	settle(t, alice, bob, testNow)
	fromAlice, err := alice.Rotate(testNow)
	require.NoError(t, err)
	fromBob, err := bob.Rotate(testNow)
	require.NoError(t, err)
	deliver(t, alice, fromAlice, testNow, "", bob)
	deliver(t, bob, fromBob, testNow, "", alice)
	settle(t, alice, bob, testNow)
}

// A group larger than two waits for all others, or for CoverAfter messages.
func TestCoverWaitsInGroups(t *testing.T) {
	group := newGroup(t, 3, Policy{CoverAfter: 5})
	tell(t, group[0], testNow, "first", group[1], group[2])
	tell(t, group[1], testNow, "second", group[0], group[2])
	for range 4 {
		require.Equal(t, ReasonNone, tell(t, group[0], testNow, "waits", group[1], group[2]).Reason)
	}
	tell(t, group[2], testNow, "third", group[0], group[1])
	require.Equal(t, ReasonCover, tell(t, group[0], testNow, "all have answered", group[1], group[2]).Reason)

	silent := newGroup(t, 3, Policy{CoverAfter: 5})
	tell(t, silent[0], testNow, "first", silent[1], silent[2])
	tell(t, silent[1], testNow, "second", silent[0], silent[2])
	for range 5 {
		require.Equal(t, ReasonNone, tell(t, silent[0], testNow, "waits", silent[1], silent[2]).Reason)
	}
	require.Equal(t, ReasonCover, tell(t, silent[0], testNow, "long enough", silent[1], silent[2]).Reason)
}

// A clock that was ahead when an epoch began, and is right again, does not keep the epoch for ever.
func TestRotationAfterTimeWithAClockThatWasAhead(t *testing.T) {
	for _, ahead := range []uint64{1 << 62, ^uint64(0)} {
		pair := newGroup(t, 2, Policy{MaxAge: 1000})
		alice, bob := pair[0], pair[1]
		settle(t, alice, bob, testNow)
		_, err := alice.Rotate(ahead)
		require.NoError(t, err)
		seal(t, alice, testNow, "the clock is right again")
		require.Equal(t, ReasonNone, alice.RotationDue(testNow+999))
		require.Equal(t, ReasonAge, alice.RotationDue(testNow+1000))
	}
}

// A peer that renews its key all the time keeps nobody from renewing its own: epochs that cover the
// peer's keys do not count anew.
func TestCoverEpochsDoNotPutOffTheRenewal(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxMessages: 10, MaxAge: 1000})
	alice, bob := pair[0], pair[1]
	bob.policy = Policy{MaxMessages: 1 << 20, MaxAge: 1 << 40}.withDefaults()
	settle(t, alice, bob, testNow)
	for _, c := range []struct {
		step uint64
		want Reason
	}{{0, ReasonMessages}, {200, ReasonAge}} {
		reasons := map[Reason]int{}
		for now := uint64(testNow); reasons[c.want] < 2; now += c.step {
			renewed, err := bob.prepareEpoch(now, ReasonJoin) // a fresh key, and no word that others should have one
			require.NoError(t, err)
			bob.commitEpoch(renewed)
			deliver(t, bob, Sealed{Announcement: renewed.encoded}, now, "", alice)
			reasons[tell(t, alice, now, "on", bob).Reason]++
			require.Less(t, reasons[ReasonCover], 40, "the key is never renewed: %v", reasons)
		}
		require.Positive(t, reasons[c.want], "%v", reasons)
	}
}
