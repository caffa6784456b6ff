package messaging

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/internal/race"
)

// circle is a group of five, public or private, and what it costs. A sixth comes later.
type circle struct {
	t      testing.TB
	people []*person
	steps  []step

	make   func(people []*person) // with a session in which all can write
	change func(out, in *person)  // the same after it
	next   func() ids.ID          // the session is over, and the first makes the next one
	speak  func(p *person, text string)
	said   int
}

var circleSteps = []string{"the group is made, and all say something", "one goes, one comes, and all say something", "the next session, and all say something", "each message after"}

// circleMessages is how many messages follow.
const circleMessages = 10

func (c *circle) all(people []*person) {
	for _, p := range people {
		c.said++
		c.speak(p, fmt.Sprintf("message %4d", c.said))
	}
}

// runs goes through the steps.
func (c *circle) runs(newStep func(func()) step) {
	for range 6 {
		c.people = append(c.people, newPerson(c.t, nil))
	}
	with := append([]*person{}, c.people[:4]...)
	with = append(with, c.people[5])
	for _, do := range []func(){
		func() { c.make(c.people[:5]); c.all(c.people[:5]) },
		func() { c.change(c.people[4], c.people[5]); c.all(with) },
		func() { c.next(); c.all(with) },
		func() {
			for range circleMessages / 5 {
				c.all(with)
			}
		},
	} {
		c.steps = append(c.steps, newStep(do))
	}
}

// speaks sends a text in the session that join opens, after all that there is was read.
func speaks(t testing.TB, s *Session, err error, text string) {
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Check(testContext(t))
	require.NoError(t, err)
	sends(t, s, text)
}

func publicCircle(t testing.TB) *circle {
	ctx, channel := testContext(t), Channel{}
	c := &circle{t: t}
	c.make = func(people []*person) {
		var others []ids.ID
		for _, p := range people[1:] {
			others = append(others, p.Self())
		}
		made, s, err := people[0].NewChannel(ctx, others...)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		channel = made
	}
	c.change = func(out, in *person) {
		s, err := c.people[0].RemoveMember(ctx, channel, out.Self())
		require.NoError(t, err)
		require.NoError(t, s.Close())
		s, err = c.people[0].AddMember(ctx, channel, in.Self())
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
	c.next = func() ids.ID {
		of, err := c.people[0].ChannelState(ctx, channel)
		require.NoError(t, err)
		_, err = c.people[0].CloseSession(ctx, of.Session)
		require.NoError(t, err)
		s, err := c.people[0].JoinChannel(ctx, channel)
		require.NoError(t, err)
		defer s.Close()
		return s.ID()
	}
	c.speak = func(p *person, text string) {
		s, err := p.JoinChannel(ctx, channel)
		speaks(t, s, err, text)
	}
	return c
}

func privateCircle(t testing.TB) *circle {
	ctx, id := testContext(t), ids.Empty
	c := &circle{t: t}
	c.make = func(people []*person) { id = privateGroup(t, people...) }
	c.change = func(out, in *person) {
		_, err := c.people[0].RemoveFromGroup(ctx, id, out.Self())
		require.NoError(t, err)
		_, err = c.people[0].AddToGroup(ctx, id, in.Self())
		require.NoError(t, err)
		in.joinsGroup(t, c.people[0])
		c.people[0].groupWhen(t, id, func(g *Group) bool { return len(g.Invited) == 0 && g.Open != ids.Empty })
		in.groupWhen(t, id, hasOpen)
	}
	c.next = func() ids.ID {
		g, err := c.people[0].Group(ctx, id)
		require.NoError(t, err)
		_, err = c.people[0].CloseSession(ctx, g.Open)
		require.NoError(t, err)
		s, err := c.people[0].JoinGroup(ctx, id)
		require.NoError(t, err)
		defer s.Close()
		return s.ID()
	}
	c.speak = func(p *person, text string) {
		s, err := p.JoinGroup(ctx, id)
		speaks(t, s, err, text)
	}
	return c
}

// TestWhatAPrivateGroupCostsBesideAPublicOne counts what a group of five puts onto the chain, without the registrations
// of the people. A session takes a transaction more of each member, and a message none.
func TestWhatAPrivateGroupCostsBesideAPublicOne(t *testing.T) {
	if race.Enabled {
		t.Skip("it counts bytes, and the race detector finds nothing in that")
	}
	measure := func(do func()) step {
		d := &dialogue{t: t}
		d.step(0, do)
		return d.steps[0]
	}
	public, private := publicCircle(t), privateCircle(t)
	public.runs(measure)
	private.runs(measure)
	var table strings.Builder
	for i, name := range circleSteps {
		a, b, each := public.steps[i], private.steps[i], 1
		if i == len(circleSteps)-1 {
			each = circleMessages
		}
		fmt.Fprintf(&table, "| %s | %d, %d | %d, %d | %.2f | %v, %v |\n", name, a.transactions/each, b.transactions/each, a.bytes/each, b.bytes/each,
			float64(b.bytes)/float64(a.bytes), (a.took / time.Duration(each)).Round(time.Millisecond), (b.took / time.Duration(each)).Round(time.Millisecond))
	}
	t.Log("\n| step | transactions: public, private | bytes: public, private | ratio | time |\n| --- | --- | --- | --- | --- |\n" + strings.TrimSpace(table.String()))
	last := len(circleSteps) - 1
	require.LessOrEqual(t, private.steps[last].transactions, circleMessages+1, "somebody may renew a key")
	require.LessOrEqual(t, private.steps[0].transactions, public.steps[0].transactions+5+2*4, "the four others are asked and answer")
	require.LessOrEqual(t, private.steps[2].transactions, public.steps[2].transactions+5, "in a session at most one more transaction for each member")
}
