package e2ee

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/cloudflare/circl/kem/xwing"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// A first announcement is sealed to prekey and identity, later ones to announced keys.
func TestAnnouncementsAreSealedToPrekeysAtFirst(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	modes := func(sealed Sealed) (modes []stanzaMode) {
		wire, err := parseAnnouncement(sealed.Announcement)
		require.NoError(t, err)
		for i := range wire.stanzas {
			modes = append(modes, wire.stanzas[i].mode)
		}
		return modes
	}
	require.Len(t, group[0].Silent(), 2)
	first := tell(t, group[0], testNow, "to those who have not spoken", group[1], group[2])
	require.Equal(t, []stanzaMode{modePrekey, modePrekey}, modes(first))
	require.Len(t, first.Announcement, announcementSize(3, 2))
	for i := range group {
		group[i] = restored(t, group[i])
	}
	require.Equal(t, []ID{group[2].Self()}, group[1].Silent())
	second := tell(t, group[1], testNow, "to one who has, and one who has not", group[0], group[2])
	require.ElementsMatch(t, []stanzaMode{modeRatchet, modePrekey}, modes(second))
	require.Len(t, second.Announcement, announcementSize(3, 1))
	tell(t, group[2], testNow, "to both", group[0], group[1])
	require.Empty(t, group[0].Silent())
	sealed, err := group[0].Rotate(testNow)
	require.NoError(t, err)
	require.Equal(t, []stanzaMode{modeRatchet, modeRatchet}, modes(sealed))
	require.Len(t, sealed.Announcement, announcementSize(3, 0))
}

// What was sealed to the prekey before the last opens for as long as that is kept.
func TestAReplacedPrekeyOpensUntilItIsErased(t *testing.T) {
	alice := newParty(t, 1, Policy{}, 1, 2)
	sealed := seal(t, alice, testNow, "hello")
	old, replaced := testPrekey(2), testPrekey(9)
	bob := newParty(t, 2, Policy{}, 1, 2)
	require.NoError(t, bob.UseSecrets(Secrets{Identity: testIdentity(2), Prekeys: []*Prekey{replaced, old}}))
	deliver(t, alice, sealed, testNow, "hello", restored(t, bob))
	old.Wipe()
	refusedOpen(t, bob, ErrKeyErased, testNow, alice.Self(), sealed.Announcement)
	// Once the member has announced a key of its own, prekeys do not matter.
	require.NoError(t, bob.UseSecrets(Secrets{Identity: testIdentity(2)}))
	tell(t, bob, testNow, "I have a new one", alice)
	tell(t, alice, testNow, "again", bob)
}

func TestPrekeyRefusals(t *testing.T) {
	alice, err := New(Config{Chain: testChain, Session: testSession, Secrets: secretsOf(1), Members: membersOf(1, 2)})
	require.NoError(t, err)
	bob := testIdentity(2).Public()
	refused(t, alice, ErrPrekey, func() error { _, err := alice.Seal(testNow, Seen{}, ContentText, nil); return err })
	refused(t, alice, ErrPrekey, func() error { _, err := alice.Rotate(testNow); return err })
	good := testPrekey(2).Public()
	damaged := bytes.Clone(good)
	damaged[0], damaged[1] = 0xff, 0xff
	refused(t, alice, ErrSender, func() error { return alice.SetPrekey(testIdentity(1).ID(), testIdentity(1).Public().KEM, good) })
	refused(t, alice, ErrSender, func() error { return alice.SetPrekey(testIdentity(3).ID(), testIdentity(3).Public().KEM, good) })
	refused(t, alice, ErrPrekey, func() error { return alice.SetPrekey(bob.ID(), nil, good) })
	refused(t, alice, ErrPrekey, func() error { return alice.SetPrekey(bob.ID(), damaged[:pq.KEMPublicKeySize], good) })
	refused(t, alice, ErrPrekey, func() error { return alice.SetPrekey(bob.ID(), bob.KEM, good[1:]) })
	refused(t, alice, ErrPrekey, func() error { return alice.SetPrekey(bob.ID(), bob.KEM, damaged) })
	require.NoError(t, alice.SetPrekey(bob.ID(), bob.KEM, good))
	before := alice.State()
	require.NoError(t, alice.SetPrekey(bob.ID(), bob.KEM, good))
	require.Equal(t, before, alice.State())
	restored(t, alice)
	seal(t, alice, testNow, "x")
}

func TestPrekeysAreSecrets(t *testing.T) {
	key, err := NewPrekey(testRandom("prekey"))
	require.NoError(t, err)
	require.Len(t, key.Public(), PrekeySize)
	again, err := PrekeyFromSeed(key.Seed())
	require.NoError(t, err)
	require.Equal(t, key, again)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s %x", key, key, *key, *key, key), fmt.Sprintf("%x", key.Seed()[:4]))
	_, err = key.MarshalText()
	require.ErrorIs(t, err, ErrSecret)
	key.Wipe()
	require.Empty(t, key.Seed())
	_, err = NewPrekey(failingRandom{})
	require.ErrorIs(t, err, ErrRandom)
	_, err = PrekeyFromSeed(make([]byte, 5))
	require.ErrorIs(t, err, ErrPrekey)
}

// A member without a prekey keeps nobody from talking to the others. It reads from when it has one, or
// has announced itself.
func TestAMemberWithoutAPrekeyIsLeftOut(t *testing.T) {
	group := make([]*Session, 3)
	for i := range group {
		var err error
		group[i], err = New(Config{Chain: testChain, Session: testSession, Secrets: secretsOf(byte(i + 1)), Members: membersOf(1, 2, 3)})
		require.NoError(t, err)
	}
	knows := func(i int, seed byte) {
		require.NoError(t, group[i].SetPrekey(testIdentity(seed).ID(), testIdentity(seed).Public().KEM, testPrekey(seed).Public()))
	}
	alice, bob, carol := group[0], group[1], group[2]
	knows(0, 2)
	sealed := tell(t, alice, testNow, "without carol", bob)
	refusedOpen(t, carol, ErrPrekey, testNow, alice.Self(), sealed.Announcement)
	refusedOpen(t, carol, ErrEpochUnknown, testNow, alice.Self(), sealed.Message)
	require.Equal(t, ReasonNone, tell(t, alice, testNow, "still without her", bob).Reason)
	alice = restored(t, alice)
	group[0] = alice
	knows(0, 3)
	require.Equal(t, ReasonCover, tell(t, restored(t, alice), testNow, "with carol", bob, restored(t, carol)).Reason)

	// Or it announces itself.
	knows(2, 1)
	knows(2, 2)
	other := newPartyOf(t, Config{Chain: testChain, Session: testSession, Secrets: secretsOf(2)}, 1, 2, 3)
	tell(t, carol, testNow, "here I am", other)
	tell(t, other, testNow, "with carol", carol)

	wire, err := parseAnnouncement(sealed.Announcement)
	require.NoError(t, err)
	for i := range wire.stanzas {
		if wire.stanzas[i].mode != modeNone {
			continue
		}
		at := bytes.Index(sealed.Announcement, make([]byte, stanzaHeadSize))
		require.Positive(t, at)
		_, err := parseAnnouncement(with(sealed.Announcement, bytes.LastIndex(wire.bound, wire.stanzas[i].head)+stanzaHeadSize-1, 1))
		require.ErrorIs(t, err, ErrMalformed, "nothing has one form")
	}
}

// announcementSize returns the size of an announcement in bytes. Silent is how many of the
// recipients have not announced a key: each takes one KEM ciphertext more.
func announcementSize(members, silent int) int {
	return announcementStart + PrekeySize + 1 + hashSize +
		(members-1)*(stanzaHeadSize+xwing.CiphertextSize+secretSize+tagSize) + silent*pq.KEMCiphertextSize
}
