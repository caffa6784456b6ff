package e2ee

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFirstMessageNeedsNoAnswer(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	sealed := tell(t, alice, testNow, "hello", bob)
	require.Equal(t, ReasonStart, sealed.Reason)
	require.Len(t, sealed.Announcement, announcementSize(2, 1))
	require.Len(t, sealed.Message, PaddedSize(len("hello"))+MessageOverhead)
	require.Equal(t, ReasonStart, tell(t, bob, testNow, "hello yourself", alice).Reason)
	// Bob's key is new to Alice: she seals to it, and then it is quiet.
	require.Equal(t, ReasonCover, tell(t, alice, testNow, "how are you", bob).Reason)
	for i := range 5 {
		require.Equal(t, ReasonNone, tell(t, bob, testNow, fmt.Sprint(i), alice).Reason)
		require.Equal(t, ReasonNone, tell(t, alice, testNow, fmt.Sprint(i), bob).Reason)
	}
}

func TestGroupReads(t *testing.T) {
	for _, count := range []int{3, 5} {
		group := newGroup(t, count, Policy{MaxMessages: 7, CoverAfter: 3})
		for round := range 12 {
			for i := range group {
				tell(t, group[i], testNow, fmt.Sprintf("%d of %d", round, i), others(group, i)...)
				group[i] = restored(t, group[i])
			}
		}
	}
}

func TestEpochOfSaysWhatBothKindsSay(t *testing.T) {
	alice := newGroup(t, 2, Policy{MaxMessages: 1})[0]
	for want := range uint32(3) {
		sealed := seal(t, alice, testNow, "hello")
		for _, wire := range sealed.wires() {
			epoch, ok := EpochOf(wire)
			require.True(t, ok)
			require.Equal(t, want+1, epoch)
			_, ok = EpochOf(wire[:8])
			require.False(t, ok)
		}
	}
	for _, other := range [][]byte{nil, {0x01}, make([]byte, 100)} {
		_, ok := EpochOf(other)
		require.False(t, ok)
	}
}

// One content has one padded form: what has more zeros, or other ones, is refused, though it was
// sealed by a member.
func TestContentHasOnePaddedForm(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "x", bob)
	right := padded("text")
	marked := bytes.Clone(right)
	marked[len(marked)-1] = 1
	unmarked := bytes.Clone(right)
	unmarked[bytes.IndexByte(unmarked, paddingMark)] = 0
	for name, wrong := range map[string][]byte{
		"more zeros": append(bytes.Clone(right), make([]byte, smallestPadded)...),
		"no zeros":   marked, "no mark": make([]byte, 2*smallestPadded), "no mark after content": unmarked,
		"short": append(right[:contentStart-1:contentStart-1], paddingMark, 0, 0, 0, 0, 0, 0, 0),
	} {
		key, _ := step(alice.sending.chain, labelMessage)
		header := appendMessageHeader(nil, alice.sending.epoch, alice.sending.next)
		wire, err := sealMessage(header, key, wrong, associatedData(testSession, alice.Self(), alice.sending.transcript, header))
		require.NoError(t, err, name)
		refusedOpen(t, bob, ErrMalformed, testNow, alice.Self(), wire)
	}
	tell(t, alice, testNow, "text", bob)
}
