package e2ee

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/mlkem"
	"crypto/sha3"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// newOfferGroup makes sessions of members that all have offers for a suite.
func newOfferGroup(tb testing.TB, count int, suite Suite, policy Policy) ([]*Session, []*OfferKey) {
	tb.Helper()
	roster := Roster{Version: 1}
	keys := make([]*OfferKey, count)
	for i := range count {
		identity := testIdentity(byte(i + 1))
		offer, key, err := NewOffer(nil, identity, testChain, suite, testNow+1000)
		require.NoError(tb, err)
		member := publicMember(identity)
		member.Offer, keys[i] = offer, key
		roster.Members = append(roster.Members, member)
	}
	group := make([]*Session, count)
	for i := range group {
		var err error
		group[i], err = New(Config{
			Chain: testChain, Session: testSession, Roster: roster, Policy: policy, Now: testNow,
			Secrets: Secrets{Identity: testIdentity(byte(i + 1)), Offers: keys[i : i+1 : i+1]},
		})
		require.NoError(tb, err)
		require.Equal(tb, suite, group[i].Suite())
	}
	return group, keys
}

func TestHybridSession(t *testing.T) {
	group, _ := newOfferGroup(t, 3, SuiteXWing, Policy{MaxMessages: 4, MinSuite: SuiteXWing})
	sealed := tell(t, group[0], testNow, "hybrid", group[1], group[2])
	require.Len(t, sealed.Announcement, AnnouncementSize(SuiteXWing, 3))
	for range 8 {
		for i := range group {
			tell(t, group[i], testNow, "on", others(group, i)...)
			group[i] = restored(t, group[i])
		}
	}
}

// A session key beside an offer is sealed to with it.
func TestHybridWithSessionKey(t *testing.T) {
	pair, keys := newOfferGroup(t, 2, SuiteXWing, Policy{})
	offers := make([]*Offer, 2)
	for i := range offers {
		var err error
		offers[i], keys[i], err = NewOffer(nil, testIdentity(byte(i+1)), testChain, SuiteXWing, testNow+1000)
		require.NoError(t, err)
	}
	roster := rosterFor(2, 1, 2)
	roster.Members[0].Offer, roster.Members[1].Offer = offers[0], offers[1]
	roster.Members[1].SessionKey = kemKeyOf(8).Public()
	updateAll(t, roster, pair...)
	require.NoError(t, pair[1].UseSecrets(Secrets{Identity: testIdentity(2), Offers: keys[1:], SessionKeys: []*pq.KEMKey{kemKeyOf(7), kemKeyOf(8)}}))
	sealed := tell(t, pair[0], testNow, "both", pair[1])
	wire, err := parseAnnouncement(sealed.Announcement)
	require.NoError(t, err)
	require.Equal(t, modeOffer|modeSession, wire.stanzas[0].mode)
}

// Without offers the first epochs rest on ML-KEM-768, and what follows is hybrid.
func TestHybridWithoutOffers(t *testing.T) {
	group := make([]*Session, 3)
	for i := range group {
		var err error
		group[i], err = New(Config{
			Chain: testChain, Session: testSession, Suite: SuiteXWing, Roster: rosterFor(1, 1, 2, 3), Now: testNow,
			Secrets: Secrets{Identity: testIdentity(byte(i + 1))}, Policy: Policy{MaxMessages: 2, MinSuite: SuiteXWing},
		})
		require.NoError(t, err)
	}
	modes := func(sealed Sealed) (modes []stanzaMode) {
		wire, err := parseAnnouncement(sealed.Announcement)
		require.NoError(t, err)
		for i := range wire.stanzas {
			modes = append(modes, wire.stanzas[i].mode)
		}
		return modes
	}
	first := tell(t, group[0], testNow, "to those who have not spoken", group[1], group[2])
	require.Equal(t, []stanzaMode{modeIdentity, modeIdentity}, modes(first))
	for i := range group {
		group[i] = restored(t, group[i])
	}
	second := tell(t, group[1], testNow, "hybrid to the first", group[0], group[2])
	require.ElementsMatch(t, []stanzaMode{modeRatchet, modeIdentity}, modes(second))
	tell(t, group[2], testNow, "hybrid to both", group[0], group[1])
	for range 3 {
		tell(t, group[0], testNow, "on", group[1], group[2])
	}
	sealed, err := group[0].Rotate(testNow)
	require.NoError(t, err)
	require.Equal(t, []stanzaMode{modeRatchet, modeRatchet}, modes(sealed))
	require.Len(t, sealed.Announcement, AnnouncementSize(SuiteXWing, 3))
}

func TestNegotiation(t *testing.T) {
	offers := map[Suite]*Offer{}
	for _, suite := range []Suite{SuiteMLKEM768, SuiteXWing} {
		offer, _, err := NewOffer(nil, testIdentity(1), testChain, suite, testNow+1)
		require.NoError(t, err)
		offers[suite] = offer
	}
	for _, c := range []struct {
		offered []Suite
		agreed  Suite
	}{
		{[]Suite{0, 0}, SuiteMLKEM768},
		{[]Suite{SuiteXWing, 0}, SuiteMLKEM768},
		{[]Suite{SuiteXWing, SuiteMLKEM768}, SuiteMLKEM768},
		{[]Suite{SuiteXWing, SuiteXWing}, SuiteXWing},
	} {
		roster := Roster{Members: make([]Member, len(c.offered))}
		for i, suite := range c.offered {
			roster.Members[i].Offer = offers[suite]
		}
		require.Equal(t, c.agreed, roster.Negotiate(), "%v", c.offered)
	}
}

// Who takes an offer away from what one member sees makes it speak the weaker suite, and the
// other, who knows better, refuses.
func TestDowngradeIsDetected(t *testing.T) {
	group, keys := newOfferGroup(t, 2, SuiteXWing, Policy{})
	stripped := newParty(t, 1, rosterFor(1, 1, 2), Policy{})
	sealed := seal(t, stripped, testNow, "weaker")
	refusedOpen(t, group[1], ErrDowngrade, testNow, stripped.Self(), sealed.Announcement)
	require.NotNil(t, keys)

	// The same suite, but an offer less: the roster differs.
	pair, _ := newOfferGroup(t, 2, SuiteMLKEM768, Policy{})
	refusedOpen(t, pair[1], ErrAuthentication, testNow, stripped.Self(), sealed.Announcement)

	// A changed suite byte is no way around it.
	changed := bytes.Clone(sealed.Announcement)
	changed[1] = byte(SuiteXWing)
	_, err := group[1].Open(testNow, stripped.Self(), changed)
	require.Error(t, err)

	// And who asks for no less does not begin.
	_, err = New(Config{
		Chain: testChain, Session: testSession, Secrets: Secrets{Identity: testIdentity(1)},
		Roster: rosterFor(1, 1, 2), Policy: Policy{MinSuite: SuiteXWing},
	})
	require.ErrorIs(t, err, ErrDowngrade)
}

func TestOffers(t *testing.T) {
	identity := testIdentity(1)
	for _, suite := range []Suite{SuiteMLKEM768, SuiteXWing} {
		offer, key, err := NewOffer(testRandom("offer"), identity, testChain, suite, testNow)
		require.NoError(t, err)
		encoded := offer.Bytes()
		require.Len(t, encoded, offerStart+suite.publicKeySize()+pq.DSASignatureSize)
		parsed, err := ParseOffer(encoded)
		require.NoError(t, err)
		require.Equal(t, offer, parsed)
		require.NoError(t, parsed.Verify(identity.Public(), testChain, testNow-1))
		require.ErrorIs(t, parsed.Verify(identity.Public(), testChain, testNow), ErrOffer, "expired")
		require.ErrorIs(t, parsed.Verify(identity.Public(), [32]byte{}, testNow-1), ErrOffer, "another chain")
		require.ErrorIs(t, parsed.Verify(testIdentity(2).Public(), testChain, testNow-1), ErrOffer, "another identity")
		again, err := OfferKeyFromSeed(suite, key.Seed())
		require.NoError(t, err)
		require.Equal(t, key, again)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v %s %x", key, key, *key, *key, key), fmt.Sprintf("%x", key.Seed()[:4]))
		key.Wipe()
		require.Empty(t, key.Seed())
		_, err = key.MarshalText()
		require.ErrorIs(t, err, ErrSecret)
		for at := range encoded {
			changed := bytes.Clone(encoded)
			changed[at] ^= 1
			parsed, err := ParseOffer(changed)
			if err == nil {
				err = parsed.Verify(identity.Public(), testChain, testNow-1)
			}
			require.ErrorIs(t, err, ErrOffer, "byte %d", at)
		}
		for _, size := range []int{0, 1, len(encoded) - 1} {
			_, err := ParseOffer(encoded[:size])
			require.ErrorIs(t, err, ErrOffer)
		}
		_, err = ParseOffer(append(encoded, 0))
		require.ErrorIs(t, err, ErrOffer)
	}
	_, _, err := NewOffer(nil, identity, testChain, 9, testNow)
	require.ErrorIs(t, err, ErrSuite)
	_, _, err = NewOffer(failingRandom{}, identity, testChain, SuiteXWing, testNow)
	require.ErrorIs(t, err, ErrRandom)
	_, err = OfferKeyFromSeed(SuiteXWing, make([]byte, 5))
	require.ErrorIs(t, err, ErrSuite)
	_, err = OfferKeyFromSeed(9, make([]byte, 32))
	require.ErrorIs(t, err, ErrSuite)
}

// The KEMs against Go's standard library: crypto/mlkem for ML-KEM-768, and X-Wing put
// together from crypto/mlkem, crypto/ecdh and crypto/sha3 as its draft says, with the key
// pairs of crypto/hpke.
func TestKEMsAgainstTheStandardLibrary(t *testing.T) {
	random := testRandom("kems")
	for range 8 {
		seed, err := readRandom(random, pq.KEMSeedSize)
		require.NoError(t, err)
		key, err := mlkem.NewDecapsulationKey768(seed)
		require.NoError(t, err)
		public, err := SuiteMLKEM768.publicKey(seed)
		require.NoError(t, err)
		require.Equal(t, key.EncapsulationKey().Bytes(), public)
		ciphertext, shared, err := SuiteMLKEM768.encapsulate(random, public)
		require.NoError(t, err)
		opened, err := key.Decapsulate(ciphertext)
		require.NoError(t, err)
		require.Equal(t, opened, shared)
		opened, err = SuiteMLKEM768.decapsulate(seed, ciphertext)
		require.NoError(t, err)
		require.Equal(t, opened, shared)

		seed = seed[:32]
		hybrid, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
		require.NoError(t, err)
		public, err = SuiteXWing.publicKey(seed)
		require.NoError(t, err)
		require.Equal(t, hybrid.PublicKey().Bytes(), public)
		ciphertext, shared, err = SuiteXWing.encapsulate(random, public)
		require.NoError(t, err)
		require.Equal(t, xwingByHand(t, seed, ciphertext), shared)
		opened, err = SuiteXWing.decapsulate(seed, ciphertext)
		require.NoError(t, err)
		require.Equal(t, opened, shared)
	}
}

func xwingByHand(t *testing.T, seed, ciphertext []byte) []byte {
	t.Helper()
	expander := sha3.NewSHAKE256()
	expander.Write(seed)
	expanded := make([]byte, 96)
	expander.Read(expanded)
	lattice, err := mlkem.NewDecapsulationKey768(expanded[:64])
	require.NoError(t, err)
	curve, err := ecdh.X25519().NewPrivateKey(expanded[64:])
	require.NoError(t, err)
	sharedLattice, err := lattice.Decapsulate(ciphertext[:mlkem.CiphertextSize768])
	require.NoError(t, err)
	ephemeral, err := ecdh.X25519().NewPublicKey(ciphertext[mlkem.CiphertextSize768:])
	require.NoError(t, err)
	sharedCurve, err := curve.ECDH(ephemeral)
	require.NoError(t, err)
	sum := sha3.New256()
	for _, part := range [][]byte{sharedLattice, sharedCurve, ephemeral.Bytes(), curve.PublicKey().Bytes(), []byte(`\.//^\`)} {
		sum.Write(part)
	}
	return sum.Sum(nil)
}

func TestKEMRefusals(t *testing.T) {
	for _, suite := range []Suite{SuiteMLKEM768, SuiteXWing} {
		_, _, err := suite.encapsulate(testRandom("x"), make([]byte, 5))
		require.ErrorIs(t, err, ErrMalformed)
		public, err := suite.publicKey(make([]byte, suite.seedSize()))
		require.NoError(t, err)
		_, _, err = suite.encapsulate(failingRandom{}, public)
		require.ErrorIs(t, err, ErrRandom)
		public[0], public[1] = 0xff, 0xff
		_, _, err = suite.encapsulate(testRandom("x"), public)
		require.ErrorIs(t, err, ErrMalformed)
		_, err = suite.decapsulate(make([]byte, suite.seedSize()), make([]byte, 5))
		require.ErrorIs(t, err, ErrMalformed)
		_, err = suite.decapsulate(nil, make([]byte, suite.ciphertextSize()))
		require.ErrorIs(t, err, ErrSuite)
	}
	require.Equal(t, "suite 9", Suite(9).String())
}

// A limit: a changed session key takes a member back to where it had not announced itself. Under
// X-Wing what is sealed to it then is not hybrid, and rests on its identity's key, until it has
// announced itself again. So who has an identity, and can list a session key for it, reads that.
func TestAChangedSessionKeyIsNotHybrid(t *testing.T) {
	roster := rosterFor(1, 1, 2)
	group := make([]*Session, 2)
	for i := range group {
		var err error
		group[i], err = New(Config{
			Chain: testChain, Session: testSession, Suite: SuiteXWing, Roster: roster, Now: testNow,
			Secrets: Secrets{Identity: testIdentity(byte(i + 1))},
		})
		require.NoError(t, err)
	}
	s := newStage(t, group...)
	s.rounds(4)
	s.adversary.stealsSecrets(Secrets{Identity: testIdentity(2), SessionKeys: []*pq.KEMKey{kemKeyOf(9)}})
	s.cannotRead(s.rounds(2)[2:]...)

	roster = rosterFor(2, 1, 2)
	roster.Members[1].SessionKey = kemKeyOf(9).Public()
	updateAll(t, roster, group...)
	require.NoError(t, group[1].UseSecrets(Secrets{Identity: testIdentity(2), SessionKeys: []*pq.KEMKey{kemKeyOf(9)}}))
	weaker := s.says(0)
	s.reads(weaker)
	s.says(1)
	s.says(0)
	s.cannotRead(s.rounds(2)...)
}
