package messaging

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/ids"
)

// isDue has all that waits be due.
func (p *person) isDue(t testing.TB) {
	require.NoError(t, p.updatePrivate(testContext(t), func(kept *privateFile) error {
		for _, pair := range kept.Pairs {
			require.True(t, pair.Due.After(time.Now()))
			pair.Due = time.Time{}
		}
		return nil
	}))
}

// TestWhatWaitsIsStoredAndSentInItsOrder: an invitation, its answer and messages leave when they are due, and in a public
// session nothing waits.
func TestWhatWaitsIsStoredAndSentInItsOrder(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	for _, p := range []*person{alice, bob} {
		p.Messenger.config.Delay = 1e5 * time.Hour // hardly anything is due within the test
	}
	pair, err := alice.Invite(ctx, bob.Self(), []byte("hello"))
	require.ErrorIs(t, err, ErrQueued)
	for _, due := range []bool{false, true} {
		if due {
			alice.isDue(t)
		}
		pairs, err := alice.Pairs(ctx, bob.Self())
		require.NoError(t, err)
		require.Len(t, pairs, 1)
		require.Equal(t, due, pairs[0].Sent)
	}
	bob.invited(t)
	_, err = bob.Accept(ctx, alice.Self())
	require.ErrorIs(t, err, ErrQueued)
	pairs, err := bob.Pairs(ctx, ids.Empty)
	require.NoError(t, err)
	require.Empty(t, pairs[0].Session)
	bob.isDue(t)
	for pair.Session == ids.Empty {
		_, err := bob.Pairs(ctx, ids.Empty)
		require.NoError(t, err)
		pairs, err := alice.Pairs(ctx, ids.Empty)
		require.NoError(t, err)
		pair = pairs[0]
	}
	b, a := bob.joins(t, pair.Session), alice.joins(t, pair.Session)
	for _, said := range []string{"1", "2", "3"} {
		_, err = b.Send(ctx, []byte(said))
		require.ErrorIs(t, err, ErrQueued)
	}
	sent, err := b.Flush(ctx)
	require.NoError(t, err)
	require.Empty(t, sent.ID)
	b.mu.Lock()
	var dues []time.Time
	for _, d := range b.record.Drafts {
		dues = append(dues, d.Due)
		d.Due = time.Time{}
	}
	b.mu.Unlock()
	require.True(t, slices.IsSortedFunc(dues, time.Time.Compare), "%v", dues)
	until(t, b, func(e Event) bool { return e.Own && e.Text() == "3" })
	require.Equal(t, []string{"hello", "1", "2", "3"}, texts(until(t, a, text("3"))))

	public, err := alice.NewSession(ctx, bob.Self())
	require.NoError(t, err)
	sends(t, public, "at once")
	require.NoError(t, public.Close())
}

// TestOffersAndAnswersOfAPrivateGroupWait, and what a member tells of itself in a session that another one made.
func TestOffersAndAnswersOfAPrivateGroupWait(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	for _, p := range []*person{alice, bob} {
		p.Messenger.config.Delay = 1e5 * time.Hour
	}
	waits := func(p *person) bool {
		kept, err := p.loadPrivate()
		require.NoError(t, err)
		require.Len(t, kept.Pairs, 1)
		return kept.Pairs[0].Invite != nil && kept.Pairs[0].Due.After(time.Now())
	}
	g, err := alice.NewGroup(ctx, "team", bob.Self())
	require.NoError(t, err)
	require.True(t, waits(alice))
	alice.isDue(t)
	_, err = alice.Group(ctx, g.ID)
	require.NoError(t, err)
	require.False(t, waits(alice))
	require.Equal(t, g.ID, bob.joinsGroup(t, alice))
	require.True(t, waits(bob))
	bob.isDue(t)
	g = alice.groupWhen(t, g.ID, func(g *Group) bool { _, err := bob.Group(ctx, g.ID); require.NoError(t, err); return hasOpen(g) })
	bob.groupWhen(t, g.ID, opens(g.Open))
	s, err := bob.JoinGroup(ctx, g.ID)
	require.NoError(t, err)
	s.mu.Lock()
	require.Len(t, s.record.Drafts, 1)
	for _, d := range s.record.Drafts {
		require.True(t, d.Due.After(time.Now()))
	}
	s.mu.Unlock()
	require.NoError(t, s.Close())
}

// TestWhatADelayHides has an observer say which invitation each session answers, by the times alone. All answers come
// 5 seconds after the invitation is there, with delays of their own and of the invitation.
func TestWhatADelayHides(t *testing.T) {
	const count, answered = 1500, 5 * time.Second
	random := rand.New(rand.NewPCG(1, 2))
	right := func(perMinute float64, delay time.Duration) float64 {
		m := &Messenger{shared: &shared{config: Config{Delay: delay}}}
		var now time.Time
		m.now = func() time.Time { return now }
		waits := func(at time.Time) time.Time {
			if now = at; delay == 0 {
				return at
			}
			return m.due()
		}
		begin := time.Unix(1e9, 0)
		sent, answers, at := make([]time.Time, count), make([]time.Time, count), begin
		for i := range count {
			at = at.Add(time.Duration(random.ExpFloat64() / perMinute * float64(time.Minute)))
			sent[i] = waits(at)
			answers[i] = waits(sent[i].Add(answered))
		}
		hits := 0
		for i, answer := range answers { // the last one that was there for long enough is the likeliest
			best := -1
			for j := range sent {
				if !sent[j].Add(answered).After(answer) && (best < 0 || sent[j].After(sent[best])) {
					best = j
				}
			}
			if best == i {
				hits++
			}
		}
		return float64(hits) / count
	}
	t.Log("invitations a minute, mean delay: how often the observer is right")
	for _, perMinute := range []float64{0.1, 1, 10} {
		for _, delay := range []time.Duration{0, time.Minute, 10 * time.Minute, time.Hour} {
			t.Logf("%4.1f  %-5v  %5.1f%%", perMinute, delay, 100*right(perMinute, delay))
		}
	}
	require.Greater(t, right(1, 0), 0.95)
	require.Less(t, right(1, 10*time.Minute), 0.2)
	require.Less(t, right(10, 10*time.Minute), 0.03)
}
