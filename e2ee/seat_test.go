package e2ee

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// newSeated returns sessions of members with the seed bytes 1 to count. The first one has a seat that was made at a time, and the
// others were told it: they know no other key of each other.
func newSeated(t *testing.T, count int, made uint64, policy Policy) []*Session {
	t.Helper()
	secret, err := NewSeat(testRandom("a seat"), made)
	require.NoError(t, err)
	seat, err := secret.Of(testIdentity(1).ID())
	require.NoError(t, err)
	var seeds []byte
	for n := range count {
		seeds = append(seeds, byte(n+1))
	}
	group := make([]*Session, count)
	for n, seed := range seeds {
		config := Config{Chain: testChain, Session: testSession, Secrets: Secrets{Identity: testIdentity(seed)}, Members: membersOf(seeds...), Policy: policy}
		if n == 0 {
			config.Seat = secret
		}
		group[n], err = New(config)
		require.NoError(t, err)
		if n > 0 {
			require.NoError(t, group[n].SetSeat(&seat))
		}
	}
	return group
}

// TestASeatIsWhatAnAnnouncementSays: the first one who writes seals to the seat as to an announcement. Its owner's first one brings a
// fresh key, however new the seat is, and what follows is sealed to that: when the seat was told does not show.
func TestASeatIsWhatAnAnnouncementSays(t *testing.T) {
	for _, made := range []uint64{testNow, testNow - 30*24*60*60*1000} {
		for _, restores := range []bool{false, true} {
			pair := newSeated(t, 2, made, Policy{})
			again := func() {
				if restores {
					pair[0], pair[1] = restored(t, pair[0]), restored(t, pair[1])
				}
			}
			require.Empty(t, pair[1].Silent())
			require.Equal(t, []ID{pair[1].Self()}, pair[0].Silent())
			refused(t, pair[0], ErrPrekey, func() error { _, err := pair[0].Seal(testNow, Seen{}, ContentText, nil); return err })
			again()
			answer := tell(t, pair[1], testNow, "answer", pair[0])
			wire, err := parseAnnouncement(answer.Announcement)
			require.NoError(t, err)
			require.Equal(t, append([]byte{byte(modeRatchet)}, make([]byte, referenceSize)...), wire.stanzas[0].head, "the seat's epoch, and the first of it")
			again()
			seat := bytes.Clone(pair[1].peers[0].reply.publicKey)
			require.Equal(t, ReasonStart, tell(t, pair[0], testNow, "third", pair[1]).Reason)
			require.NotEqual(t, seat, pair[1].peers[0].reply.publicKey)
			again()
			require.Equal(t, ReasonCover, tell(t, pair[1], testNow, "fourth", pair[0]).Reason)
			require.Nil(t, tell(t, pair[0], testNow, "fifth", pair[1]).Announcement)
		}
	}
}

// TestWhatWasSealedToASeatIsClosed to who steals all that its owner has once that was read, though the seat's X-Wing key is still there.
func TestWhatWasSealedToASeatIsClosed(t *testing.T) {
	pair := newSeated(t, 2, testNow, Policy{})
	first := tell(t, pair[1], testNow, "first", pair[0])
	stolen := restored(t, pair[0])
	stolen.peers[0].epochs, stolen.peers[0].floor = nil, 0 // it would say that it was read
	refusedOpen(t, stolen, ErrKeyErased, testNow, pair[1].Self(), first.Announcement)
	secret, err := NewSeat(testRandom("a seat"), testNow)
	require.NoError(t, err)
	require.Equal(t, stolen.slots[0].seed, []byte(secret[:PrekeySeedSize]), "the thief has the key")

	other := newSeated(t, 2, testNow, Policy{})[0] // and with all that the seat was, before it was used
	_, err = other.Open(testNow, pair[1].Self(), first.Announcement)
	require.NoError(t, err)
}

// TestASeatInAGroup: each of the others seals to it with keys of its own, and several announcements of one may be under way.
func TestASeatInAGroup(t *testing.T) {
	group := newSeated(t, 4, testNow, Policy{MaxMessages: 1})
	owner := group[0]
	for round := range 3 {
		for n, member := range group[1:] {
			sealed := seal(t, member, testNow, "hello")
			wire, err := parseAnnouncement(sealed.Announcement)
			require.NoError(t, err)
			require.Equal(t, []byte{0, 0, 0, 0, 0, 0, 0, byte(round)}, wire.stanzas[owner.stanzaIn(member.Self())].head[1:], "member %d", n)
			deliver(t, member, sealed, testNow, "hello", owner)
		}
	}
	third := Seat{ID: group[2].Self(), Prekey: testPrekey(9).Public(), Reply: testSeed(9, keySize)} // and it takes the place of a prekey
	require.NoError(t, group[3].SetPrekey(third.ID, testIdentity(3).Public().KEM, testPrekey(3).Public()))
	require.NoError(t, group[3].SetSeat(&third))
	require.Equal(t, []ID{group[1].Self()}, restored(t, group[3]).Silent())

	seat := Seat{ID: owner.Self(), Prekey: testPrekey(9).Public(), Reply: testSeed(9, keySize)}
	before := group[1].State()
	require.NoError(t, group[1].SetSeat(&seat))
	require.Equal(t, before, group[1].State(), "there is one already")
}

// stanzaIn returns the position of this member's stanza in the announcements of another one.
func (s *Session) stanzaIn(sender ID) int { return s.stanzaFrom(s.peer(sender)) }

func TestWhatIsNoSeat(t *testing.T) {
	pair := newSeated(t, 2, testNow, Policy{})
	good := Seat{ID: pair[1].Self(), Prekey: testPrekey(9).Public(), Reply: testSeed(9, keySize)}
	for name, change := range map[string]func(*Seat){
		"a prekey that is none": func(s *Seat) { s.Prekey = bytes.Repeat([]byte{255}, PrekeySize) },
		"a shorter prekey":      func(s *Seat) { s.Prekey = s.Prekey[1:] },
		"no reply root":         func(s *Seat) { s.Reply = nil },
		"a longer reply root":   func(s *Seat) { s.Reply = make([]byte, keySize+1) },
	} {
		seat := good.clone()
		change(&seat)
		before := pair[0].State()
		require.ErrorIs(t, pair[0].SetSeat(&seat), ErrSeat, name)
		require.Equal(t, before, pair[0].State(), name)
	}
	stranger := good
	stranger.ID = testIdentity(3).ID()
	refused(t, pair[0], ErrSender, func() error { return pair[0].SetSeat(&stranger) })
	stranger.ID = pair[0].Self()
	refused(t, pair[0], ErrSender, func() error { return pair[0].SetSeat(&stranger) })

	_, err := SeatSecret(make([]byte, SeatSecretSize-1)).Of(good.ID)
	require.ErrorIs(t, err, ErrSeat)
	_, err = New(Config{Secrets: secretsOf(1), Members: membersOf(1, 2), Seat: make(SeatSecret, SeatSecretSize+1)})
	require.ErrorIs(t, err, ErrSeat)
	_, err = NewSeat(bytes.NewReader(nil), testNow)
	require.ErrorIs(t, err, ErrRandom)
}

func TestSeatsAreNotPrinted(t *testing.T) {
	secret, err := NewSeat(nil, testNow)
	require.NoError(t, err)
	seat, err := secret.Of(testIdentity(1).ID())
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		require.Equal(t, "e2ee.SeatSecret(redacted)", fmt.Sprintf(verb, secret))
		require.NotContains(t, fmt.Sprintf(verb, seat), fmt.Sprintf("%x", seat.Reply[:4]))
	}
}
