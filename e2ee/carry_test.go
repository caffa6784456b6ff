package e2ee

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// A session that follows another one begins with keys that were announced there: who has the
// identities' keys alone reads nothing of it.
func TestAFollowingSessionBeginsWithAnnouncedKeys(t *testing.T) {
	for _, suite := range []Suite{SuiteMLKEM768, SuiteXWing} {
		roster := rosterFor(1, 1, 2, 3)
		following := rosterFor(1, 1, 2, 3)
		offers := make([]*OfferKey, 3)
		for i := range offers {
			before, err := New(Config{
				Chain: testChain, Session: testSession, Suite: suite, Roster: roster, Now: testNow,
				Secrets: Secrets{Identity: testIdentity(byte(i + 1))},
			})
			require.NoError(t, err)
			sealed, err := before.Rotate(testNow)
			require.NoError(t, err)
			key, err := ParseAnnouncedKey(sealed.Announcement)
			require.NoError(t, err)
			require.Equal(t, suite, key.Suite)
			offers[i], err = restored(t, before).EpochKey(key.Epoch)
			require.NoError(t, err)
			_, err = before.EpochKey(key.Epoch + 1)
			require.ErrorIs(t, err, ErrKeyErased)
			following.Members[i].Carried = key
		}
		group := make([]*Session, 3)
		for i := range group {
			var err error
			group[i], err = New(Config{
				Chain: testChain, Session: [32]byte{9}, Suite: suite, Roster: following, Now: testNow, Policy: Policy{HybridStart: true},
				Secrets: Secrets{Identity: testIdentity(byte(i + 1)), Offers: offers[i : i+1]},
			})
			require.NoError(t, err)
		}
		thief, err := New(Config{
			Chain: testChain, Session: [32]byte{9}, Suite: suite, Roster: following, Now: testNow, Secrets: Secrets{Identity: testIdentity(2)},
		})
		require.NoError(t, err)
		sealed := tell(t, group[0], testNow, "to what was announced before", group[1], group[2])
		wire, err := parseAnnouncement(sealed.Announcement)
		require.NoError(t, err)
		for i := range wire.stanzas {
			require.Equal(t, modeOffer, wire.stanzas[i].mode)
		}
		refusedOpen(t, thief, ErrKeyErased, testNow, group[0].Self(), sealed.Announcement)
		settle(t, group[0], group[1], testNow)
	}
}

func TestCarriedKeysAreChecked(t *testing.T) {
	_, err := ParseAnnouncedKey([]byte{kindMessage})
	require.ErrorIs(t, err, ErrMalformed)
	offer, _, err := NewOffer(nil, testIdentity(2), testChain, SuiteXWing, testNow+1)
	require.NoError(t, err)
	good := &AnnouncedKey{Suite: SuiteXWing, PublicKey: offer.PublicKey}
	for name, c := range map[string]struct {
		change func(*Member)
		reason error
	}{
		"beside an offer": {func(m *Member) { m.Offer = offer }, ErrRoster},
		"unknown suite":   {func(m *Member) { m.Carried = &AnnouncedKey{Suite: 9, PublicKey: offer.PublicKey} }, ErrSuite},
		"another suite's": {func(m *Member) { m.Carried = &AnnouncedKey{Suite: SuiteMLKEM768, PublicKey: offer.PublicKey} }, ErrRoster},
		"no key": {func(m *Member) {
			m.Carried = &AnnouncedKey{Suite: SuiteMLKEM768, PublicKey: make([]byte, pq.KEMPublicKeySize-1)}
		}, ErrRoster},
	} {
		roster := rosterFor(1, 1, 2)
		roster.Members[1].Carried = good
		c.change(&roster.Members[1])
		_, err := New(Config{Chain: testChain, Session: testSession, Secrets: Secrets{Identity: testIdentity(1)}, Roster: roster})
		require.ErrorIs(t, err, c.reason, name)
	}
}

// A key that was carried over is in the session before, too, which keeps its latest one for as long as
// it is not wiped: who copies that state later reads what the session after began with.
func TestTheSessionBeforeKeepsACarriedKeyUntilItIsWiped(t *testing.T) {
	roster, following := rosterFor(1, 1, 2), rosterFor(1, 1, 2)
	before := []*Session{newParty(t, 1, roster, Policy{}), newParty(t, 2, roster, Policy{})}
	settle(t, before[0], before[1], testNow)
	sealed, err := before[1].Rotate(testNow)
	require.NoError(t, err)
	following.Members[1].Carried, err = ParseAnnouncedKey(sealed.Announcement)
	require.NoError(t, err)
	offer, err := before[1].EpochKey(following.Members[1].Carried.Epoch)
	require.NoError(t, err)
	after := make([]*Session, 2)
	for i := range after {
		after[i], err = New(Config{
			Chain: testChain, Session: [32]byte{9}, Roster: following, Now: testNow,
			Secrets: Secrets{Identity: testIdentity(byte(i + 1)), Offers: []*OfferKey{offer}[:i]},
		})
		require.NoError(t, err)
	}
	s := newStage(t, after...)
	past := s.says(0)
	require.NoError(t, after[1].UseSecrets(Secrets{Identity: testIdentity(2)}))
	offer.Wipe()
	s.adversary.steals(after[1])
	s.cannotRead(past)

	late := newAdversary(after[0])
	late.wires, late.unopened = s.adversary.wires, map[int]bool{0: true, 1: true}
	late.observes(after[0])
	kept := restored(t, before[1])
	before[1].Wipe()
	_, err = restored(t, before[1]).EpochKey(following.Members[1].Carried.Epoch)
	require.ErrorIs(t, err, ErrKeyErased)
	late.stealsSecrets(Secrets{Identity: testIdentity(2)})
	require.Empty(t, late.attacks())
	late.steals(kept)
	require.True(t, late.attacks()[past])
}
