package e2ee

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnAnnouncementWithItsFirstMessage is opened as the two one after the other.
func TestAnAnnouncementWithItsFirstMessage(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	for round := range 2 {
		sealed := seal(t, group[0], testNow, "hello")
		together := sealed.Ciphertexts(1 << 20)
		require.NotNil(t, sealed.Announcement)
		require.Len(t, together, 1)
		deliver(t, group[0], sealed, testNow, "hello", group[1])
		opened, err := group[2].Open(testNow, group[0].Self(), together[0])
		require.NoError(t, err)
		require.Equal(t, Opened{
			Announcement: true, Message: true, Renewed: round == 0, Sender: group[0].Self(), Epoch: sealed.Epoch, Content: []byte("hello"),
		}, opened)
		require.Equal(t, group[1].peer(group[0].Self()).epochs, group[2].peer(group[0].Self()).epochs)
		restored(t, group[2])
		refusedOpen(t, group[2], ErrRepeated, testNow, group[0].Self(), together[0])
		refusedOpen(t, group[2], ErrRepeated, testNow, group[0].Self(), sealed.Message)
		tell(t, group[0], testNow, "more", group[1], group[2])
		for _, other := range group[1:] { // so that another epoch is due
			tell(t, other, testNow, "answer", others(group, slices.Index(group, other))...)
		}
	}
}

func TestNothingElseStandsAfterAnAnnouncement(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	first, second := seal(t, alice, testNow, "one"), seal(t, alice, testNow, "two")
	rotated, err := alice.Rotate(testNow)
	require.NoError(t, err)
	later := seal(t, alice, testNow, "three")
	together := first.Ciphertexts(1 << 20)[0]
	for name, encoded := range map[string][]byte{
		"its second message":          slices.Concat(first.Announcement, second.Message),
		"a message of another epoch":  slices.Concat(first.Announcement, later.Message),
		"another announcement":        slices.Concat(first.Announcement, rotated.Announcement),
		"a byte":                      append(slices.Clone(first.Announcement), kindMessage),
		"two messages":                slices.Concat(together, second.Message),
		"a message that is too short": together[:len(first.Announcement)+MessageOverhead],
	} {
		before := bob.State()
		_, err := bob.Open(testNow, alice.Self(), encoded)
		require.Error(t, err, name)
		require.Equal(t, before, bob.State(), name)
	}
	for at := 0; at < len(together); at += 13 {
		before := bob.State()
		_, err := bob.Open(testNow, alice.Self(), with(together, at, together[at]^1))
		require.Error(t, err, at)
		require.Equal(t, before, bob.State(), at)
	}
	_, err = bob.Open(testNow, alice.Self(), together)
	require.NoError(t, err)
}

func TestCiphertextsTogetherAreBounded(t *testing.T) {
	sealed := seal(t, newGroup(t, 2, Policy{})[0], testNow, "hello")
	size := len(sealed.Announcement) + len(sealed.Message)
	require.Equal(t, [][]byte{slices.Concat(sealed.Announcement, sealed.Message)}, sealed.Ciphertexts(size))
	require.Equal(t, [][]byte{sealed.Announcement, sealed.Message}, sealed.Ciphertexts(size-1))
	alone := Sealed{Message: sealed.Message}
	require.Equal(t, [][]byte{sealed.Message}, alone.Ciphertexts(0))
	alone = Sealed{Announcement: sealed.Announcement}
	require.Equal(t, [][]byte{sealed.Announcement}, alone.Ciphertexts(0))
}
