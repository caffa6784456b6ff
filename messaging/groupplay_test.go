package messaging

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
)

// groupRules are how the sessions of groups are made and written in where it is not by the library. There are no invitations then, and
// nobody is asked anything.
type groupRules struct {
	// maker is as whom the first seat of a session acts.
	maker func(g *game, session int) *actor
	// lists returns the participants of a session, whose first seat is the maker's, in some order.
	lists func(g *game, session int, of []ids.ID) []ids.ID
	// makes has a session made otherwise.
	makes func(g *game, session int)
	says  func(g *game, p *player, self *actor, session ids.ID, content []byte)
}

// groupStep does a step of groups, and reports whether it is one.
func (g *game) groupStep(s *schedule, step move) bool {
	t, ctx := g.t, testContext(g.t)
	switch step.does {
	case doesFound:
		people := g.world.groups[step.at]
		made, err := g.players[people[0]].NewGroup(ctx, "team", g.players[people[1]].Self(), g.players[people[2]].Self())
		require.NoError(t, err)
		g.groups[step.at] = made.ID
	case doesAdd:
		seats := g.world.seats[step.at]
		_, err := g.players[seats[inviter]].AddToGroup(ctx, g.groups[g.world.about[step.at]], g.players[seats[invitee]].Self())
		require.NoError(t, err)
	case doesJoin:
		seats := g.world.seats[step.at]
		g.players[seats[inviter]].joinsGroup(t, g.players[seats[invitee]].person)
	case doesMake:
		if g.rules.groups != nil {
			g.makesBare(step.at)
		} else {
			g.ids[step.at] = g.makes(s.made[step.at].phase, step.at)
		}
	case doesGreet:
		g.players[g.world.in(step.at)[step.seat]].groupWhen(t, g.groupOf(step.at), opens(g.ids[step.at]))
	default:
		return false
	}
	return true
}

// groupOf returns the group that a session is of.
func (g *game) groupOf(session int) ids.ID { return g.groups[g.world.answers[session]] }

// makes has the library make a session of a group, and returns its ID.
func (g *game) makes(how phase, session int) ids.ID {
	t, id := g.t, g.groupOf(session)
	people := g.world.in(session)
	maker := g.players[people[0]]
	if how == isFirst || how == isWith { // all who were asked have answered
		for _, other := range people[1:] {
			if how == isFirst || other == people[len(people)-1] {
				maker.findsSeats(t, id, g.players[other].Self())
			}
		}
		return maker.groupWhen(t, id, func(of *Group) bool {
			return of.Open != ids.Empty && len(of.Members) == len(people) && len(of.Invited) == 0
		}).Open
	}
	maker.groupWhen(t, id, func(of *Group) bool { return of.Open == ids.Empty })
	if how == isWithout {
		removed := g.world.groups[g.world.answers[session]][len(people)]
		made, err := maker.RemoveFromGroup(testContext(t), id, g.players[removed].Self())
		require.NoError(t, err)
		return made.Open
	}
	s, err := maker.JoinGroup(testContext(t), id)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return s.ID()
}

// findsSeats scans until somebody's answer to an offer is there.
func (p *player) findsSeats(t testing.TB, group, who ids.ID) {
	for try := 0; ; try++ { // the block may have no certificate yet
		_, _, err := p.Invitations(testContext(t))
		require.NoError(t, err)
		kept, err := p.loadPrivate()
		require.NoError(t, err)
		if kept.answerTo(kept.group(group), who) != nil {
			return
		}
		require.Less(t, try, 100)
		time.Sleep(p.config.Poll)
	}
}

// groupsGoOn does what a program does that starts.
func (p *player) groupsGoOn(t testing.TB) {
	groups, err := p.Groups()
	require.NoError(t, err)
	for _, of := range groups {
		_, err := p.Group(testContext(t), of.ID)
		require.NoError(t, err)
	}
}

// inGroup has somebody do something in a session of a group, which it opens for that.
func (g *game) inGroup(step move) {
	t, ctx := g.t, testContext(g.t)
	p := g.players[g.world.in(step.at)[step.seat]]
	content := p.content(step.size)
	if rules := g.rules.groups; rules != nil && step.does == doesSend {
		if rules.says != nil {
			rules.says(g, p, g.actors[step.at][step.seat], g.ids[step.at], content)
		}
		return
	}
	if step.does == doesRestart {
		p.restarts(g)
		return
	}
	if step.does == doesClose {
		_, err := p.CloseSession(ctx, g.ids[step.at])
		require.NoError(t, err)
		return
	}
	s, err := p.Join(ctx, g.ids[step.at])
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, doIn(ctx, s, step, content), step)
}

// doIn does in a session what a step says.
func doIn(ctx context.Context, s *Session, step move, content []byte) (err error) {
	switch step.does {
	case doesSend:
		_, err = s.Send(ctx, content)
	case doesSendFile:
		_, err = s.SendFile(ctx, "file", "text/plain", bytes.NewReader(content), int64(len(content)), nil)
	case doesAcknowledge:
		if _, err = s.Check(ctx); err == nil {
			err = s.Acknowledge(ctx, 0)
		}
	case doesRotate:
		err = s.Rotate(ctx)
	}
	return err
}

// What the sessions of groups do against the observer, left out one at a time.

// makesBare makes a session of pseudonyms that no group has agreed on, as the rules want.
func (g *game) makesBare(session int) {
	rules := g.rules.groups
	if rules.makes != nil {
		rules.makes(g, session)
		return
	}
	people := g.world.in(session)
	by := g.players[people[0]]
	actors := make([]*actor, len(people))
	for seat, person := range people {
		actors[seat] = g.players[person].freshActor(g)
	}
	if rules.maker != nil {
		actors[0] = rules.maker(g, session)
	}
	g.actors[session] = actors
	var of []ids.ID
	for _, actor := range actors {
		of = append(of, actor.id)
	}
	slices.SortFunc(of[1:], ids.ID.Compare)
	if rules.lists != nil {
		of = rules.lists(g, session, of)
	}
	g.ids[session] = g.createsOf(by, actors[0], of, client.Nonce(), deadlineAt(by, 0))
}

// sitsAgain: one member takes the same seat in two sessions of a group.
func sitsAgain() rules {
	seats := make(map[int]ids.ID) // of each group
	return rules{groups: &groupRules{lists: func(g *game, session int, of []ids.ID) []ids.ID {
		group := g.world.answers[session]
		if seat, again := seats[group]; again {
			of[1] = seat
		}
		seats[group] = of[1]
		return of
	}}}
}

// listsByRank: participants are in the roster's order.
func listsByRank() rules {
	return rules{groups: &groupRules{lists: func(g *game, session int, _ []ids.ID) []ids.ID {
		of := make([]ids.ID, len(g.world.in(session)))
		for seat, person := range g.world.in(session) {
			of[g.world.rank(session, person)] = g.actors[session][seat].id
		}
		return of
	}}}
}

// makesAsRoot: a member makes a session of the group as itself.
func makesAsRoot() rules {
	return rules{groups: &groupRules{maker: func(g *game, session int) *actor {
		return g.players[g.world.in(session)[0]].root()
	}}}
}

// talksUnpadded: messages are as long as their contents.
func talksUnpadded() rules {
	return rules{groups: &groupRules{says: func(g *game, p *player, self *actor, session ids.ID, content []byte) {
		g.sendsBare(p.Messenger, self, session, content)
	}}}
}

// makesChannel: the group is a channel.
func makesChannel() rules {
	return rules{groups: &groupRules{makes: func(g *game, session int) {
		people := g.world.in(session)
		var others []ids.ID
		for _, person := range people[1:] {
			others = append(others, g.players[person].Self())
		}
		_, s, err := g.players[people[0]].NewChannel(testContext(g.t), others...)
		require.NoError(g.t, err)
		g.ids[session] = s.ID()
		require.NoError(g.t, s.Close())
	}}}
}
