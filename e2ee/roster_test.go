package e2ee

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

func updateAll(tb testing.TB, roster Roster, parties ...*Session) {
	tb.Helper()
	for _, party := range parties {
		_, err := party.Update(testNow, roster)
		require.NoError(tb, err)
	}
}

func TestRemovedMemberIsOutAtOnce(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	alice, bob, carol := group[0], group[1], group[2]
	for i := range group {
		tell(t, group[i], testNow, "hello", others(group, i)...)
	}
	inFlight := seal(t, carol, testNow, "sent before, read after")
	change, err := alice.Update(testNow, rosterFor(2, 1, 2))
	require.NoError(t, err)
	require.Equal(t, Change{Left: []ID{carol.Self()}}, change)
	require.Equal(t, ReasonRoster, alice.RotationDue(testNow))
	refusedOpen(t, alice, ErrSender, testNow, carol.Self(), inFlight.Message)
	sealed := seal(t, alice, testNow, "without Carol")
	refusedOpen(t, bob, ErrRosterAhead, testNow, alice.Self(), sealed.Announcement)
	updateAll(t, rosterFor(2, 1, 2), bob)
	deliver(t, alice, sealed, testNow, "without Carol", bob)
	for _, left := range []*Session{alice, bob} {
		require.Len(t, left.Members(), 2)
		for i := range left.slots {
			require.Nil(t, left.slots[i].replyFrom(carol.Self()))
		}
	}

	change, err = carol.Update(testNow, rosterFor(2, 1, 2))
	require.NoError(t, err)
	require.Equal(t, []ID{carol.Self()}, change.Left)
	require.Empty(t, carol.Members())
	carol = restored(t, carol)
	refusedOpen(t, carol, ErrRemoved, testNow, alice.Self(), sealed.Announcement)
	refused(t, carol, ErrRemoved, func() error { _, err := carol.Seal(testNow, ContentText, nil); return err })
	refused(t, carol, ErrRemoved, func() error { _, err := carol.Rotate(testNow); return err })
	refused(t, carol, ErrRemoved, func() error { _, err := carol.Update(testNow, rosterFor(3, 1, 2, 3)); return err })
}

func TestNewMemberReadsFromThenOn(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	before := tell(t, alice, testNow, "before", bob)
	roster := rosterFor(2, 1, 2, 3)
	updateAll(t, roster, alice, bob)
	carol := newParty(t, 3, roster, Policy{})
	refusedOpen(t, carol, ErrRosterStale, testNow, alice.Self(), before.Announcement)
	refusedOpen(t, carol, ErrEpochUnknown, testNow, alice.Self(), before.Message)
	require.Equal(t, ReasonRoster, tell(t, alice, testNow, "welcome", bob, carol).Reason)
	tell(t, carol, testNow, "thanks", alice, bob)
	tell(t, bob, testNow, "hello", alice, carol)
}

// What was sent before a change is read after it, by those that were there.
func TestMessagesInFlightOverAChange(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	sealed := seal(t, group[0], testNow, "in flight")
	updateAll(t, rosterFor(2, 1, 2, 3, 4), group[1], group[2])
	deliver(t, group[0], sealed, testNow, "in flight", group[1])
	updateAll(t, rosterFor(3, 1, 2, 4), group[1])
	deliver(t, group[0], Sealed{Message: seal(t, group[0], testNow, "again").Message, Index: 1}, testNow, "again", group[1])
	for version := uint64(4); version < 4+maxRosters; version++ {
		updateAll(t, rosterFor(version, 1, 2, 3, 4), group[2])
	}
	refusedOpen(t, group[2], ErrRosterStale, testNow, group[0].Self(), sealed.Announcement)
	require.Len(t, group[2].rosters, maxRosters)
}

func TestRejoinedMemberStartsAnew(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	old := tell(t, group[2], testNow, "first time", group[0])
	unread := seal(t, group[2], testNow, "never read")
	updateAll(t, rosterFor(2, 1, 2), group[0])
	updateAll(t, rosterFor(3, 1, 2, 3), group[0])
	refusedOpen(t, group[0], ErrRosterStale, testNow, group[2].Self(), old.Announcement)
	refusedOpen(t, group[0], ErrEpochUnknown, testNow, group[2].Self(), unread.Message)
	back := newParty(t, 3, rosterFor(3, 1, 2, 3), Policy{})
	tell(t, back, testNow, "second time", group[0])
	tell(t, group[0], testNow, "welcome back", back)
}

// A member that lost its state lists a new session key, and the others seal to that.
func TestKeyChangeIsShownAndSealedTo(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	settle(t, alice, bob, testNow)
	key, err := pq.GenerateKEMKey()
	require.NoError(t, err)
	roster := rosterFor(2, 1, 2)
	roster.Members[1].SessionKey = key.Public()
	change, err := alice.Update(testNow, roster)
	require.NoError(t, err)
	require.Equal(t, Change{KeyChanged: []ID{bob.Self()}}, change)
	bobs := Secrets{Identity: testIdentity(2), SessionKeys: []*pq.KEMKey{key}}
	bobAgain, err := New(Config{Chain: testChain, Session: testSession, Secrets: bobs, Roster: roster, FirstEpoch: bob.nextEpoch + 1, Now: testNow})
	require.NoError(t, err)
	sealed := tell(t, alice, testNow, "to the new key", bobAgain)
	require.Equal(t, ReasonRoster, sealed.Reason)
	wire, err := parseAnnouncement(sealed.Announcement)
	require.NoError(t, err)
	require.Equal(t, modeIdentity|modeSession, wire.stanzas[0].mode)

	// An announcement from before the change is opened, but not sealed to.
	before, err := bob.Rotate(testNow)
	require.NoError(t, err)
	deliver(t, bob, before, testNow, "", alice)
	deliver(t, bob, seal(t, bob, testNow, "from before"), testNow, "from before", alice)
	require.Nil(t, alice.peers[0].reply)
	tell(t, bobAgain, testNow, "I am back", alice)
	require.NotNil(t, alice.peers[0].reply)

	// Whoever holds the session key alone cannot open it, nor the identity alone.
	for _, secrets := range []Secrets{{Identity: testIdentity(2)}, {Identity: testIdentity(3), SessionKeys: bobs.SessionKeys}} {
		thief := restored(t, alice)
		thief.secrets, thief.self = secrets, bob.Self()
		_, _, err := thief.openBootstrap(&wire.stanzas[0])
		require.ErrorIs(t, err, ErrKeyErased)
	}
}

// Somebody's own change of key makes it begin an epoch too.
func TestOwnKeyChange(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	settle(t, pair[0], pair[1], testNow)
	key, err := pq.GenerateKEMKey()
	require.NoError(t, err)
	roster := rosterFor(2, 1, 2)
	roster.Members[0].SessionKey = key.Public()
	change, err := pair[0].Update(testNow, roster)
	require.NoError(t, err)
	require.Equal(t, []ID{pair[0].Self()}, change.KeyChanged)
	require.Equal(t, ReasonRoster, pair[0].RotationDue(testNow))
}

// If two see other keys of anybody, they do not talk.
func TestTranscriptBindsTheRoster(t *testing.T) {
	offer, _, err := NewOffer(nil, testIdentity(3), testChain, SuiteXWing, testNow+1)
	require.NoError(t, err)
	for name, change := range map[string]func(*Roster){
		"an offer":       func(r *Roster) { r.Members[2].Offer = offer },
		"another member": func(r *Roster) { r.Members[2] = publicMember(testIdentity(4)) },
	} {
		t.Run(name, func(t *testing.T) {
			alice := newParty(t, 1, rosterFor(1, 1, 2, 3), Policy{})
			roster := rosterFor(1, 1, 2, 3)
			change(&roster)
			bob := newParty(t, 2, roster, Policy{})
			refusedOpen(t, bob, ErrAuthentication, testNow, alice.Self(), seal(t, alice, testNow, "x").Announcement)
		})
	}
	more := newParty(t, 2, rosterFor(1, 1, 2, 3, 4), Policy{})
	refusedOpen(t, more, ErrAuthentication, testNow, testIdentity(1).ID(), seal(t, newParty(t, 1, rosterFor(1, 1, 2, 3), Policy{}), testNow, "x").Announcement)
}

func TestTranscriptBindsChainAndSession(t *testing.T) {
	alice := newParty(t, 1, rosterFor(1, 1, 2), Policy{})
	sealed := seal(t, alice, testNow, "x")
	for _, config := range []Config{{Chain: [32]byte{9}, Session: testSession}, {Chain: testChain, Session: [32]byte{9}}} {
		config.Secrets, config.Roster = Secrets{Identity: testIdentity(2)}, rosterFor(1, 1, 2)
		bob, err := New(config)
		require.NoError(t, err)
		refusedOpen(t, bob, ErrAuthentication, testNow, alice.Self(), sealed.Announcement)
	}
}

func TestRosterRefusals(t *testing.T) {
	key, err := pq.GenerateKEMKey()
	require.NoError(t, err)
	damaged := key.Public()
	damaged[0], damaged[1] = 0xff, 0xff
	onlyKey := func(key []byte) func(*Roster) {
		return func(r *Roster) { r.Members[1] = Member{ID: r.Members[1].ID, SessionKey: key} }
	}
	cases := map[string]struct {
		change func(*Roster)
		reason error
	}{
		"old version":               {func(r *Roster) { r.Version = 1 }, ErrRoster},
		"nobody":                    {func(r *Roster) { r.Members = nil }, ErrRoster},
		"too many":                  {func(r *Roster) { r.Members = make([]Member, MaxMembers+1) }, ErrRoster},
		"twice":                     {func(r *Roster) { r.Members = append(r.Members, r.Members[0]) }, ErrRoster},
		"keys of another":           {func(r *Roster) { r.Members[1].ID[0]++ }, ErrRoster},
		"no key at all":             {func(r *Roster) { r.Members[1] = Member{ID: r.Members[1].ID} }, ErrRoster},
		"a damaged session key":     {func(r *Roster) { r.Members[1].SessionKey = damaged }, ErrRoster},
		"a session key alone":       {onlyKey(key.Public()), ErrUnverified},
		"a damaged identity":        {func(r *Roster) { r.Members[1].Identity.KEM = damaged }, ErrRoster},
		"an offer without identity": {func(r *Roster) { r.Members[1] = Member{ID: r.Members[1].ID, Offer: &Offer{}} }, ErrRoster},
		"an offer of nobody":        {func(r *Roster) { r.Members[1].Offer = &Offer{} }, ErrOffer},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			party := newParty(t, 1, rosterFor(1, 1, 2), Policy{})
			roster := rosterFor(2, 1, 2)
			c.change(&roster)
			refused(t, party, c.reason, func() error { _, err := party.Update(testNow, roster); return err })
		})
	}
}

func TestConfigRefusals(t *testing.T) {
	good := Config{Chain: testChain, Session: testSession, Secrets: Secrets{Identity: testIdentity(1)}, Roster: rosterFor(1, 1, 2)}
	cases := map[string]struct {
		change func(*Config)
		reason error
	}{
		"no identity":     {func(c *Config) { c.Secrets = Secrets{} }, ErrConfig},
		"alone":           {func(c *Config) { c.Roster = rosterFor(1, 1) }, ErrConfig},
		"not a member":    {func(c *Config) { c.Roster = rosterFor(1, 2, 3) }, ErrConfig},
		"unknown suite":   {func(c *Config) { c.Suite = 3 }, ErrSuite},
		"no offers":       {func(c *Config) { c.Suite, c.Policy.HybridStart = SuiteXWing, true }, ErrSuite},
		"below the least": {func(c *Config) { c.Policy.MinSuite = SuiteXWing }, ErrDowngrade},
	}
	for name, c := range cases {
		config := good
		c.change(&config)
		_, err := New(config)
		require.ErrorIs(t, err, c.reason, name)
	}
	party, err := New(good)
	require.NoError(t, err)
	refused(t, party, ErrConfig, func() error { return party.UseSecrets(Secrets{Identity: testIdentity(2)}) })
}

// LP-42 names participants that never registered: their session keys serve, if one says so.
func TestUnverifiedMember(t *testing.T) {
	key, err := pq.GenerateKEMKey()
	require.NoError(t, err)
	roster := rosterFor(1, 1, 2)
	roster.Members[1] = Member{ID: roster.Members[1].ID, SessionKey: key.Public()}
	policy := Policy{AllowUnverified: true}
	alice := newParty(t, 1, roster, policy)
	verified, err := alice.Verified(testIdentity(2).ID())
	require.NoError(t, err)
	require.False(t, verified)
	verified, err = alice.Verified(alice.Self())
	require.NoError(t, err)
	require.True(t, verified)
	_, err = alice.Verified(ID{})
	require.ErrorIs(t, err, ErrSender)
	bob, err := New(Config{
		Chain: testChain, Session: testSession, Roster: roster, Policy: policy,
		Secrets: Secrets{Identity: testIdentity(2), SessionKeys: []*pq.KEMKey{key}},
	})
	require.NoError(t, err)
	settle(t, alice, restored(t, bob), testNow)
}

func TestSenderRefusals(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	sealed := seal(t, pair[0], testNow, "x")
	refusedOpen(t, pair[1], ErrSender, testNow, testIdentity(3).ID(), sealed.Announcement)
	refusedOpen(t, pair[0], ErrSender, testNow, pair[0].Self(), sealed.Announcement)
	refusedOpen(t, pair[1], ErrMalformed, testNow, pair[0].Self(), nil)
	refusedOpen(t, pair[1], ErrVersion, testNow, pair[0].Self(), []byte{1})
	refusedOpen(t, pair[1], ErrChunk, testNow, pair[0].Self(), []byte{kindChunk})
	refused(t, pair[0], ErrSize, func() error { _, err := pair[0].Seal(testNow, ContentText, make([]byte, MaxContent+1)); return err })
	pair[0].random = failingRandom{}
	refused(t, pair[0], ErrRandom, func() error { _, err := pair[0].Rotate(testNow); return err })
	pair[1].random = failingRandom{}
	refused(t, pair[1], ErrRandom, func() error { _, err := pair[1].Seal(testNow, ContentText, nil); return err })
}

type failingRandom struct{}

func (failingRandom) Read([]byte) (int, error) { return 0, pq.ErrSeed }

// What a session began with stays in it: an offer that has expired since does not keep a member in
// that has left. An offer that is new to the session has to be in time.
func TestRemovalAfterOffersHaveExpired(t *testing.T) {
	const expires = testNow + 1000
	roster := Roster{Version: 1}
	for seed := range byte(3) {
		member := publicMember(testIdentity(seed + 1))
		var err error
		member.Offer, _, err = NewOffer(nil, testIdentity(seed+1), testChain, SuiteXWing, expires)
		require.NoError(t, err)
		roster.Members = append(roster.Members, member)
	}
	alice := newParty(t, 1, roster, Policy{HybridStart: true})
	another, _, err := NewOffer(nil, testIdentity(2), testChain, SuiteXWing, expires)
	require.NoError(t, err)
	fresh := Roster{Version: 2, Members: []Member{roster.Members[0], roster.Members[1]}}
	fresh.Members[1].Offer = another
	refused(t, alice, ErrOffer, func() error {
		_, err := alice.Update(expires, fresh)
		return err
	})
	change, err := alice.Update(expires, Roster{Version: 2, Members: roster.Members[:2]})
	require.NoError(t, err)
	require.Equal(t, Change{Left: []ID{testIdentity(3).ID()}}, change)
}

// A member that has not seen every version of the roster opens what was sealed for those, as long
// as the members are the same.
func TestASkippedRosterLosesNothing(t *testing.T) {
	second, third := rosterFor(2, 1, 2, 3), rosterFor(3, 1, 2, 3)
	second.Members[0].SessionKey = kemKeyOf(8).Public()
	third.Members[0].SessionKey, third.Members[1].SessionKey = second.Members[0].SessionKey, kemKeyOf(9).Public()
	for _, skips := range []bool{false, true} {
		group := newGroup(t, 3, Policy{})
		alice, carol := group[0], group[2]
		updateAll(t, second, alice)
		sealed := seal(t, alice, testNow, "for the second roster")
		refusedOpen(t, carol, ErrRosterAhead, testNow, alice.Self(), sealed.Announcement)
		if !skips {
			updateAll(t, second, carol)
		}
		updateAll(t, third, alice, carol)
		deliver(t, alice, sealed, testNow, "for the second roster", carol)
		tell(t, alice, testNow, "for the third", carol)

		late := newParty(t, 3, third, Policy{}) // that begins with the third
		deliver(t, alice, sealed, testNow, "for the second roster", late)
	}
	// Other members: what was sealed for them is not for this one.
	four := newGroup(t, 4, Policy{})
	updateAll(t, rosterFor(2, 1, 2, 3), four[0])
	sealed := seal(t, four[0], testNow, "without the fourth")
	updateAll(t, rosterFor(3, 1, 2, 3, 4), four[1])
	refusedOpen(t, four[1], ErrRosterStale, testNow, four[0].Self(), sealed.Announcement)
}
