package messaging

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2ee"
)

// joinsGroup takes a seat in the group that somebody has asked to.
func (p *person) joinsGroup(t testing.TB, owner *person) ids.ID {
	for try := 0; ; try++ {
		_, _, err := p.Invitations(testContext(t))
		require.NoError(t, err)
		joined, err := p.JoinGroups(testContext(t), owner.Self())
		require.NoError(t, err)
		if len(joined) > 0 {
			return joined[0]
		}
		require.Less(t, try, 100)
		time.Sleep(p.config.Poll)
	}
}

// groupWhen looks at a group until it is as wanted.
func (p *person) groupWhen(t testing.TB, id ids.ID, wanted func(*Group) bool) *Group {
	for try := 0; ; try++ {
		if _, _, err := p.Invitations(testContext(t)); err != nil {
			require.NoError(t, err)
		}
		g, err := p.Group(testContext(t), id)
		require.NoError(t, err)
		if wanted(g) {
			return g
		}
		require.Less(t, try, 100, "%+v", g)
		time.Sleep(p.config.Poll)
	}
}

func hasOpen(g *Group) bool { return g.Open != ids.Empty }

func opens(session ids.ID) func(*Group) bool {
	return func(g *Group) bool { return g.Open == session }
}

// askedGroup has the first of people ask the others into a group, and all of them answer.
func askedGroup(t testing.TB, people ...*person) ids.ID {
	t.Helper()
	var others []ids.ID
	for _, p := range people[1:] {
		others = append(others, p.Self())
	}
	g, err := people[0].NewGroup(testContext(t), "team", others...)
	require.NoError(t, err)
	for _, p := range people[1:] {
		require.Equal(t, g.ID, p.joinsGroup(t, people[0]))
	}
	return g.ID
}

// privateGroup makes a private group, the first of whom owns it, and its first session with all in it.
func privateGroup(t testing.TB, people ...*person) ids.ID {
	id := askedGroup(t, people...)
	made := people[0].groupWhen(t, id, hasOpen)
	require.Len(t, made.Members, len(people))
	for _, p := range people[1:] {
		p.groupWhen(t, id, opens(made.Open))
	}
	return id
}

// says sends a text in a group's session.
func (p *person) says(t testing.TB, group ids.ID, text string) ids.ID {
	s, err := p.JoinGroup(testContext(t), group)
	require.NoError(t, err)
	sends(t, s, text)
	require.NoError(t, s.Close())
	return s.ID()
}

// reads receives in the session of a group that takes messages until it has a text, and returns who has said it.
func (p *person) reads(t testing.TB, group ids.ID, wanted string) ids.ID {
	s, err := p.JoinGroup(testContext(t), group)
	require.NoError(t, err)
	defer s.Close()
	return saidBy(t, s, wanted)
}

// saidBy receives until there is a text, and returns who stands behind its sender.
func saidBy(t testing.TB, s *Session, wanted string) ids.ID {
	events := until(t, s, text(wanted))
	return events[slices.IndexFunc(events, text(wanted))].Identity
}

func TestFiveTalkInAPrivateGroup(t *testing.T) {
	t.Parallel()
	var people []*person
	for range 5 {
		people = append(people, newPerson(t, nil))
	}
	alice, bob, carol, dave, eve := people[0], people[1], people[2], people[3], people[4]
	id := privateGroup(t, people...)
	first := alice.says(t, id, "to all five")
	for _, p := range people[1:] {
		require.Equal(t, alice.Self(), p.reads(t, id, "to all five"))
	}
	bob.says(t, id, "bob is here")
	for _, p := range []*person{alice, carol, dave, eve} {
		require.Equal(t, bob.Self(), p.reads(t, id, "bob is here"))
	}

	// Somebody goes, and somebody comes.
	g, err := alice.RemoveFromGroup(testContext(t), id, eve.Self())
	require.NoError(t, err)
	require.Len(t, g.Members, 4)
	require.NotEqual(t, first, g.Open)
	bob.says(t, id, "without eve")
	for _, p := range []*person{alice, carol, dave} {
		require.Equal(t, bob.Self(), p.reads(t, id, "without eve"))
	}
	require.True(t, eve.groupWhen(t, id, func(g *Group) bool { return g.Out }).Out)
	_, err = eve.JoinGroup(testContext(t), id)
	require.ErrorIs(t, err, ErrGroup)

	frank := newPerson(t, nil)
	_, err = alice.AddToGroup(testContext(t), id, frank.Self())
	require.NoError(t, err)
	require.Equal(t, id, frank.joinsGroup(t, alice))
	with := alice.groupWhen(t, id, func(g *Group) bool { return len(g.Invited) == 0 && g.Open != ids.Empty })
	carol.groupWhen(t, id, opens(with.Open))
	carol.says(t, id, "hello frank")
	frank.groupWhen(t, id, hasOpen)
	for _, p := range []*person{alice, bob, dave, frank} {
		require.Equal(t, carol.Self(), p.reads(t, id, "hello frank"))
	}
	frank.says(t, id, "hello all")
	require.Equal(t, frank.Self(), dave.reads(t, id, "hello all"))
	require.ElementsMatch(t, []ids.ID{alice.Self(), bob.Self(), carol.Self(), dave.Self(), frank.Self()}, bob.groupWhen(t, id, hasOpen).Members)
}

func TestAPrivateGroupGoesOnFromSessionToSession(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob, carol)
	sessions := []ids.ID{alice.says(t, id, "0")}
	for round := 1; round < 4; round++ { // carol is away meanwhile
		_, err := []*person{alice, bob}[(round-1)%2].CloseSession(testContext(t), sessions[round-1])
		require.NoError(t, err)
		by := []*person{alice, bob}[round%2]
		sessions = append(sessions, by.says(t, id, fmt.Sprint("round ", round)))
	}
	g := carol.groupWhen(t, id, opens(sessions[3]))
	require.Equal(t, sessions, g.Sessions)
	for round := 1; round < 4; round++ {
		s, err := carol.Join(testContext(t), sessions[round])
		require.NoError(t, err)
		require.Equal(t, []*person{alice, bob}[round%2].Self(), saidBy(t, s, fmt.Sprint("round ", round)))
		require.NoError(t, s.Close())
	}
	carol.says(t, id, "carol is back")
	require.Equal(t, carol.Self(), bob.reads(t, id, "carol is back"))
}

func TestMembersOfAPrivateGroupMakeTheNextSessionAtOnce(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob, carol)
	first := alice.says(t, id, "0")
	bob.reads(t, id, "0")
	carol.reads(t, id, "0")
	_, err := alice.CloseSession(testContext(t), first)
	require.NoError(t, err)
	// Bob and carol look before either has made one.
	made := make(map[*person]ids.ID)
	for _, p := range []*person{bob, carol} {
		p.groupWhen(t, id, func(g *Group) bool { return g.Open == ids.Empty })
	}
	for _, p := range []*person{bob, carol} {
		kept, err := p.loadPrivate()
		require.NoError(t, err)
		rounds := kept.rounds(id)
		at, err := p.look(testContext(t), rounds[len(rounds)-1])
		require.NoError(t, err)
		require.False(t, at.open)
		require.NoError(t, p.makeRound(testContext(t), kept.group(id), at, at.next(), nil))
		kept, err = p.loadPrivate()
		require.NoError(t, err)
		rounds = kept.rounds(id)
		made[p] = rounds[len(rounds)-1].Session
	}
	require.NotEqual(t, made[bob], made[carol])
	for _, p := range []*person{alice, bob, carol} {
		g := p.groupWhen(t, id, opens(made[bob])) // which was first
		require.ElementsMatch(t, []ids.ID{first, made[bob], made[carol]}, g.Sessions)
	}
	for session, told := range map[ids.ID]bool{made[bob]: true, made[carol]: false} { // to nobody where the group does not go on
		s, err := alice.Join(testContext(t), session)
		require.NoError(t, err)
		require.Equal(t, told, s.record.Greeted)
		require.NoError(t, s.Close())
	}
	carol.says(t, id, "in one")
	require.Equal(t, carol.Self(), alice.reads(t, id, "in one"))
}

// TestTheOwnersSessionOfOthersCountsBeforeThoseThatWereMadeAtOnce, of which the one that the chain had first does, and then the
// lower ID. Those after the owner's are of nobody's group.
func TestTheOwnersSessionOfOthersCountsBeforeThoseThatWereMadeAtOnce(t *testing.T) {
	exact := new(e2ee.Roster)
	owners, early, lower, higher, late := follower{session: ids.ID{9}}, follower{ids.ID{8}, nil, exact}, follower{ids.ID{1}, nil, exact}, follower{ids.ID{2}, nil, exact}, follower{ids.ID{0}, nil, exact}
	created := map[ids.ID]uint64{owners.session: 3, early.session: 1, lower.session: 3, higher.session: 3, late.session: 4}
	all := []follower{owners, early, lower, higher, late}
	for range len(all) {
		require.Equal(t, []follower{owners, early, lower, higher}, inOrder(slices.Clone(all), created))
		reversed := slices.Clone(all)
		slices.Reverse(reversed)
		require.Equal(t, []follower{owners, early, lower, higher}, inOrder(reversed, created))
		all = append(all[1:], all[0])
	}
	require.Equal(t, []follower{early, lower, higher, late}, inOrder([]follower{late, higher, lower, early}, created))
}

func TestLeavingAndHandingOverAPrivateGroup(t *testing.T) {
	t.Parallel()
	alice, bob, carol, dave := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob, carol, dave)
	require.NoError(t, dave.LeaveGroup(testContext(t), id))
	g, err := dave.Group(testContext(t), id)
	require.NoError(t, err)
	require.True(t, g.Out)
	g = alice.groupWhen(t, id, func(g *Group) bool { return len(g.Members) == 3 && g.Open != ids.Empty })
	bob.groupWhen(t, id, opens(g.Open))
	_, err = bob.HandOverGroup(testContext(t), id, carol.Self())
	require.Error(t, err)
	open, err := alice.JoinGroup(testContext(t), id)
	require.NoError(t, err)
	_, err = alice.reopened(t).HandOverGroup(testContext(t), id, bob.Self())
	require.ErrorIs(t, err, ErrLocked, "another program is in it")
	_, err = alice.HandOverGroup(testContext(t), id, bob.Self())
	require.NoError(t, err, "the same program is")
	require.NoError(t, open.Close())
	require.Equal(t, bob.Self(), bob.groupWhen(t, id, func(g *Group) bool { return g.Owner == bob.Self() }).Owner)
	g, err = bob.RemoveFromGroup(testContext(t), id, alice.Self())
	require.NoError(t, err)
	bob.says(t, id, "two are left")
	carol.groupWhen(t, id, opens(g.Open))
	require.Equal(t, bob.Self(), carol.reads(t, id, "two are left"))
	require.True(t, alice.groupWhen(t, id, func(g *Group) bool { return g.Out }).Out)
	require.NoError(t, bob.LeaveGroup(testContext(t), id))
	require.True(t, carol.groupWhen(t, id, func(g *Group) bool { return g.Out }).Out)
}

func TestWhatNoPrivateGroupIs(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	for _, members := range [][]ids.ID{nil, {alice.Self()}, {bob.Self(), bob.Self()}, make([]ids.ID, e2ee.MaxGroup)} {
		_, err := alice.NewGroup(testContext(t), "team", members...)
		require.ErrorIs(t, err, ErrConfig)
	}
	_, err := alice.NewGroup(testContext(t), string(make([]byte, e2ee.MaxGroupTitle+1)), bob.Self())
	require.ErrorIs(t, err, ErrConfig)
	_, err = alice.Group(testContext(t), bob.Self())
	require.ErrorIs(t, err, ErrGroup)
	require.ErrorIs(t, alice.LeaveGroup(testContext(t), bob.Self()), ErrGroup)
	g, err := alice.NewGroup(testContext(t), "team", bob.Self())
	require.NoError(t, err)
	require.Equal(t, []ids.ID{bob.Self()}, g.Invited)
	_, err = alice.JoinGroup(testContext(t), g.ID)
	require.ErrorIs(t, err, ErrAlone)
}
