package e2ee

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// erased requires that memory which held a secret is zeros.
func erased(tb testing.TB, what string, memory []byte) {
	tb.Helper()
	require.NotEmpty(tb, memory, what)
	require.Equal(tb, make([]byte, len(memory)), memory, "%s is still in memory", what)
}

// What is dropped is overwritten as well, as far as Go allows.
func TestWhatIsDroppedIsOverwritten(t *testing.T) {
	group := newGroup(t, 3, Policy{Grace: 1000})
	for range 3 {
		for i := range group {
			tell(t, group[i], testNow, "start", others(group, i)...)
		}
	}
	alice, bob := group[0], group[1]
	fromBob := func() *peer { return alice.peer(bob.Self()) }

	// A skipped key that is used, and the place that it leaves.
	missing := []Sealed{seal(t, bob, testNow, "late"), seal(t, bob, testNow, "late")}
	tell(t, bob, testNow, "next", alice, group[2])
	skipped := fromBob().epochs[len(fromBob().epochs)-1].skipped
	require.Len(t, skipped, len(missing))
	for i, sealed := range missing {
		deliver(t, bob, sealed, testNow, "late", alice)
		deliver(t, bob, sealed, testNow, "late", group[2])
		erased(t, "a key that was used", skipped[len(skipped)-1-i].key[:])
	}

	// The chain, the reply ratchet and the epochs that a new epoch replaces.
	sending, reply := alice.sending, fromBob().reply
	sealed, err := alice.Rotate(testNow)
	require.NoError(t, err)
	erased(t, "the chain of an epoch that is over", sending.chain[:])
	for _, reader := range group[1:] {
		deliver(t, alice, sealed, testNow, "", reader)
	}
	tell(t, bob, testNow, "renews", alice, group[2])
	erased(t, "the ratchet to an earlier announcement", reply.chain[:])
	oldest, slots := &alice.slots[0], alice.slots
	seed, chain := oldest.seed, &oldest.replies[0].chain
	tell(t, bob, testNow+1001, "the grace is over", alice, group[2])
	require.Less(t, len(alice.slots), len(slots))
	erased(t, "the seed of a slot", seed)
	erased(t, "a ratchet of replies", chain[:])

	// And all of it in the end.
	sending, reply = alice.sending, fromBob().reply
	kept, epochs := alice.slots[len(alice.slots)-1], fromBob().epochs
	alice.Wipe()
	erased(t, "the chain", sending.chain[:])
	erased(t, "the ratchet", reply.chain[:])
	erased(t, "the seed", kept.seed)
	erased(t, "the ratchet of replies", kept.replies[0].chain[:])
	erased(t, "a sender's chain", epochs[0].chain[:])
}

// A sender's epoch that is above the bound, or past its time, is overwritten, and its announcement
// does not bring it back, though the prekey that it is sealed to is here.
func TestAnErasedEpochDoesNotComeBack(t *testing.T) {
	pair := newGroup(t, 2, Policy{Grace: 1000})
	alice, bob := pair[0], pair[1]
	first := tell(t, alice, testNow, "sealed to the prekey", bob)
	missing := seal(t, alice, testNow, "missing")
	tell(t, alice, testNow, "so that a key is kept", bob)
	skipped := &bob.peers[0].epochs[0].skipped[0]
	require.NotEqual(t, [keySize]byte{}, skipped.key)
	rotated, err := alice.Rotate(testNow)
	require.NoError(t, err)
	deliver(t, alice, rotated, testNow, "", bob)
	tell(t, alice, testNow+1000, "in time", bob)
	require.Len(t, bob.peers[0].epochs, 2)
	tell(t, alice, testNow+1001, "past it", bob)
	require.Len(t, bob.peers[0].epochs, 1)
	erased(t, "a skipped key", skipped.key[:])
	refusedOpen(t, bob, ErrEpochErased, testNow+1001, alice.Self(), first.Announcement)
	refusedOpen(t, bob, ErrEpochErased, testNow+1001, alice.Self(), missing.Message)
}

// A member's own KEM key is there for what is late, for the grace from when the next one was made,
// and not longer.
func TestOwnKeysAreErasedAfterTheGrace(t *testing.T) {
	pair := newGroup(t, 2, Policy{Grace: 1000})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "x", bob)
	late, err := restored(t, bob).Rotate(testNow) // sealed to alice's first key
	require.NoError(t, err)
	sealed, err := alice.Rotate(testNow + 5000)
	require.NoError(t, err)
	require.Len(t, alice.slots, 2)
	inTime := restored(t, alice)
	_, err = inTime.Rotate(testNow + 6000)
	require.NoError(t, err)
	require.Len(t, inTime.slots, 3, "it is a grace old, no more")
	deliver(t, bob, late, testNow+6000, "", inTime)
	require.Len(t, inTime.slots, 3)

	_, err = alice.Rotate(testNow + 6001)
	require.NoError(t, err)
	require.Len(t, alice.slots, 2)
	require.Equal(t, sealed.Epoch, alice.slots[0].epoch)
	refusedOpen(t, alice, ErrKeyErased, testNow+6001, bob.Self(), late.Announcement)
}

// A clock that stands at zero when an epoch is followed by another one does not keep it.
func TestKeysAreErasedWhereTheClockStoodAtZero(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxMessages: 1, Grace: 1000})
	alice, bob := pair[0], pair[1]
	tell(t, alice, 0, "x", bob)
	tell(t, alice, 0, "y", bob)
	tell(t, alice, 0, "z", bob)
	require.Len(t, bob.peers[0].epochs, 3)
	tell(t, alice, 2000, "the clock is right", bob)
	require.Len(t, bob.peers[0].epochs, 2)
}
