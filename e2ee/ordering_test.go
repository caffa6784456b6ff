package e2ee

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReorderedLostAndRepeatedMessages(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	var sent []Sealed
	for i := range 6 {
		sent = append(sent, seal(t, alice, testNow, fmt.Sprint(i)))
	}
	refusedOpen(t, bob, ErrEpochUnknown, testNow, alice.Self(), sent[0].Message)
	deliver(t, alice, Sealed{Announcement: sent[0].Announcement}, testNow, "", bob)
	for _, i := range []int{4, 0, 5, 2} { // 1 and 3 are late
		deliver(t, alice, Sealed{Message: sent[i].Message, Epoch: 1, Index: uint32(i)}, testNow, fmt.Sprint(i), bob)
		bob = restored(t, bob)
		refusedOpen(t, bob, ErrRepeated, testNow, alice.Self(), sent[i].Message)
	}
	refusedOpen(t, bob, ErrRepeated, testNow, alice.Self(), sent[0].Announcement)
	require.Len(t, bob.peers[0].epochs[0].skipped, 2)
	for _, i := range []int{3, 1} {
		deliver(t, alice, Sealed{Message: sent[i].Message, Epoch: 1, Index: uint32(i)}, testNow, fmt.Sprint(i), bob)
	}
	require.Empty(t, bob.peers[0].epochs[0].skipped)
}

func TestTooFarAhead(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxMessages: 1 << 20})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "start", bob)
	var sent []Sealed
	for range maxSkipped + 2 {
		sent = append(sent, seal(t, alice, testNow, "x"))
	}
	refusedOpen(t, bob, ErrTooFarAhead, testNow, alice.Self(), sent[maxSkipped+1].Message)
	deliver(t, alice, Sealed{Message: sent[maxSkipped].Message, Epoch: 1, Index: maxSkipped + 1}, testNow, "x", bob)
	require.Len(t, bob.peers[0].epochs[0].skipped, maxSkipped)
}

// The oldest keys go when more messages are missing than keys are kept for.
func TestSkippedKeysAreBounded(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxMessages: 1 << 20})
	alice, bob := pair[0], pair[1]
	var first Sealed
	for i := range 4 * maxSkipped {
		sealed := seal(t, alice, testNow, "x")
		if i == 0 {
			first = sealed
			deliver(t, alice, Sealed{Announcement: sealed.Announcement}, testNow, "", bob)
		} else if i%2 == 0 {
			deliver(t, alice, Sealed{Message: sealed.Message, Epoch: 1, Index: uint32(i)}, testNow, "x", bob)
		}
		require.LessOrEqual(t, len(bob.peers[0].epochs[0].skipped), maxSkipped)
	}
	require.Len(t, bob.peers[0].epochs[0].skipped, maxSkipped)
	refusedOpen(t, bob, ErrRepeated, testNow, alice.Self(), first.Message)
	restored(t, bob)
}

func TestReorderedAnnouncements(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxMessages: 1})
	alice, bob := pair[0], pair[1]
	settleBound := seal(t, bob, testNow, "so that Alice seals to an announcement")
	deliver(t, bob, settleBound, testNow, "so that Alice seals to an announcement", alice)
	var sent []Sealed
	for i := range 3 {
		sent = append(sent, seal(t, alice, testNow, fmt.Sprint(i)))
		require.NotNil(t, sent[i].Announcement)
	}
	for _, i := range []int{2, 0, 1} {
		deliver(t, alice, sent[i], testNow, fmt.Sprint(i), bob)
		bob = restored(t, bob)
		refusedOpen(t, bob, ErrRepeated, testNow, alice.Self(), sent[i].Announcement)
	}
	require.Equal(t, sent[2].Epoch, bob.peers[0].reply.epoch, "the latest one is sealed to")
}

func TestOldEpochsAreErased(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxMessages: 2})
	alice, bob := pair[0], pair[1]
	var kept []Sealed // the second message of each epoch, not delivered
	for i := range maxEpochs + 2 {
		deliver(t, alice, seal(t, alice, testNow, "x"), testNow, "x", bob)
		kept = append(kept, seal(t, alice, testNow, "kept"))
		require.Len(t, bob.peers[0].epochs, min(i+1, maxEpochs))
	}
	for i, sealed := range kept {
		if i < 2 {
			refusedOpen(t, bob, ErrEpochErased, testNow, alice.Self(), sealed.Message)
		} else {
			deliver(t, alice, sealed, testNow, "kept", bob)
		}
	}
}

func TestKeysForLateMessagesAreErasedAfterTheGrace(t *testing.T) {
	policy := Policy{MaxMessages: 2, Grace: 1000}
	pair := newGroup(t, 2, policy)
	alice, bob := pair[0], pair[1]
	deliver(t, alice, seal(t, alice, testNow, "x"), testNow, "x", bob)
	late := seal(t, alice, testNow, "late")
	tell(t, alice, testNow, "next epoch", bob)
	again := restored(t, bob)
	deliver(t, alice, late, testNow+1000, "late", again)
	tell(t, alice, testNow+1001, "later", bob)
	refusedOpen(t, bob, ErrEpochErased, testNow+1001, alice.Self(), late.Message)
}

// An announcement says how many messages the epoch before had: once they are opened, its
// chain is erased, and nothing past them opens.
func TestEpochEnds(t *testing.T) {
	pair := newGroup(t, 2, Policy{MaxMessages: 2})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "0", bob)
	tell(t, alice, testNow, "1", bob)
	tell(t, alice, testNow, "next", bob)
	ended := &bob.peers[0].epochs[0]
	require.Equal(t, [keySize]byte{}, ended.chain)
	require.Equal(t, uint32(2), ended.limit)
	forged := appendMessageHeader(nil, ended.epoch, 2)
	refusedOpen(t, bob, ErrEpochErased, testNow, alice.Self(), append(forged, make([]byte, nonceSize+smallestPadded+tagSize)...))
}

func TestOwnKeysAreBounded(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "x", bob)
	lagging := restored(t, bob)
	for i := range maxSlots + 3 {
		sealed, err := alice.Rotate(testNow)
		require.NoError(t, err)
		deliver(t, alice, sealed, testNow, "", bob)
		require.Len(t, alice.slots, min(i+2, maxSlots))
	}
	// Bob, had he seen none of this, seals to a key that is erased.
	refusedOpen(t, alice, ErrKeyErased, testNow, bob.Self(), seal(t, lagging, testNow, "to an old key").Announcement)
	later := testNow + uint64(DefaultGrace) + 1
	_, err := alice.Rotate(later)
	require.NoError(t, err)
	tellErr := seal(t, alice, later+DefaultGrace, "x")
	require.NotNil(t, tellErr.Announcement)
	require.LessOrEqual(t, len(alice.slots), maxSlots)
}

func TestMissingRepliesAreBounded(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	tell(t, bob, testNow, "x", alice)
	var sent []Sealed
	for range maxReplies + 2 {
		sealed, err := alice.Rotate(testNow)
		require.NoError(t, err)
		sent = append(sent, sealed)
	}
	refusedOpen(t, bob, ErrTooFarAhead, testNow, alice.Self(), sent[maxReplies+1].Announcement)
	deliver(t, alice, sent[maxReplies], testNow, "", bob)
	require.Len(t, bob.slots[0].replies[0].skipped, maxReplies)
	restored(t, bob)
	refusedOpen(t, bob, ErrRepeated, testNow, alice.Self(), sent[maxReplies].Announcement)
	deliver(t, alice, sent[3], testNow, "", bob)
	require.Len(t, bob.slots[0].replies[0].skipped, maxReplies-1)
}

// One sender's losses do not touch another's messages.
func TestSendersAreIndependent(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	fromFirst := seal(t, group[0], testNow, "a")
	fromSecond := seal(t, group[1], testNow, "b")
	refusedOpen(t, group[2], ErrEpochUnknown, testNow, group[0].Self(), fromFirst.Message)
	deliver(t, group[1], fromSecond, testNow, "b", group[2])
	deliver(t, group[0], fromFirst, testNow, "a", group[2])
	// What one sent does not open as another's.
	refusedOpen(t, group[2], ErrAuthentication, testNow, group[1].Self(), seal(t, group[0], testNow, "c").Message)
}

func TestEpochNumbersEnd(t *testing.T) {
	party := newPartyOf(t, Config{Chain: testChain, Session: testSession, Secrets: secretsOf(1), FirstEpoch: lastEpoch}, 1, 2)
	_, err := party.Rotate(testNow)
	require.NoError(t, err)
	refused(t, party, ErrExhausted, func() error { _, err := party.Rotate(testNow); return err })
}

// A key for a message that does not come is erased after the grace, in the sender's latest epoch
// too: a message that was held back is not readable to who copies the state long after.
func TestKeysForMissingMessagesAreErasedAfterTheGrace(t *testing.T) {
	policy := Policy{MaxMessages: 1000, Grace: 1000}
	pair := newGroup(t, 2, policy)
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "x", bob)
	missing := seal(t, alice, testNow, "held back")
	tell(t, alice, testNow+500, "y", bob)
	inTime := restored(t, bob)
	deliver(t, alice, missing, testNow+1500, "held back", inTime)
	tell(t, alice, testNow+1501, "z", bob)
	require.Empty(t, bob.peers[0].epochs[0].skipped)
	refusedOpen(t, bob, ErrRepeated, testNow+1501, alice.Self(), missing.Message)
	restored(t, bob)
}

// So is the key of an announcement that does not come, which was sealed to the latest one of the
// member.
func TestKeysForMissingAnnouncementsAreErasedAfterTheGrace(t *testing.T) {
	pair := newGroup(t, 2, Policy{Grace: 1000})
	alice, bob := pair[0], pair[1]
	tell(t, bob, testNow, "x", alice)
	missing, err := alice.Rotate(testNow)
	require.NoError(t, err)
	sealed, err := alice.Rotate(testNow)
	require.NoError(t, err)
	deliver(t, alice, sealed, testNow+500, "", bob)
	inTime := restored(t, bob)
	deliver(t, alice, missing, testNow+1500, "", inTime)
	tell(t, alice, testNow+1501, "y", bob)
	require.Empty(t, bob.slots[0].replies[0].skipped)
	refusedOpen(t, bob, ErrKeyErased, testNow+1501, alice.Self(), missing.Announcement)
	restored(t, bob)
}
