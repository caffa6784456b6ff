package messaging

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
)

// TestARestartAtEveryWriteOfAPairLosesNothing: each write of each side fails once, before it is on disk
// or after, and the program starts again.
func TestARestartAtEveryWriteOfAPairLosesNothing(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored %t", after), func(t *testing.T) {
			t.Parallel()
			for count, done := 1, true; done; count++ {
				c := &crash{count: count, after: after}
				alice, bob := newPerson(t, nil), newPerson(t, nil)
				pairWithCrashes(t, alice, bob, c)
				done = c.done
				require.True(t, done || count > 8, "each of these failed once")
			}
		})
	}
}

// failsPrivate has the writes of private sessions fail too.
func (p *person) failsPrivate(c *crash) {
	p.crashes(c)
	save := p.savePrivate
	p.savePrivate = func(kept *privateFile) error {
		return c.write(func() error { return save(kept) })
	}
}

// untilDone repeats what a program does until it succeeds, with a restart after each failed write.
func (p *person) untilDone(t testing.TB, c *crash, do func(*person) error) {
	p.failsPrivate(c)
	for {
		err := do(p)
		if err == nil {
			return
		}
		require.True(t, errors.Is(err, errDisk) || errors.Is(err, ErrStore), "%v", err)
		*p = *p.reopened(t)
		p.failsPrivate(c)
	}
}

func pairWithCrashes(t testing.TB, alice, bob *person, c *crash) {
	ctx := testContext(t)
	alice.untilDone(t, c, func(alice *person) error {
		pairs, err := alice.Pairs(ctx, ids.Empty)
		if err != nil || len(pairs) > 0 {
			return err
		}
		_, err = alice.Invite(ctx, bob.Self(), []byte("hello"))
		return err
	})
	var found []Event
	bob.untilDone(t, c, func(bob *person) error {
		pairs, err := bob.Pairs(ctx, ids.Empty)
		if err != nil {
			return err
		}
		if len(pairs) == 0 {
			contacts, strangers, err := bob.Invitations(ctx)
			if err != nil {
				return err
			}
			require.Len(t, append(contacts, strangers...), 1)
			s, err := bob.Accept(ctx, alice.Self())
			if err != nil {
				return err
			}
			return s.Close()
		}
		return sayHello(ctx, bob, pairs, &found)
	})
	bob.untilDone(t, c, func(bob *person) error {
		pairs, err := bob.Pairs(ctx, ids.Empty)
		if err != nil {
			return err
		}
		return sayHello(ctx, bob, pairs, &found)
	})
	require.True(t, slices.ContainsFunc(found, text("hello")))
	found = nil
	alice.untilDone(t, c, func(alice *person) error {
		pairs, err := alice.Pairs(ctx, ids.Empty)
		if err != nil {
			return err
		}
		return sayHello(ctx, alice, pairs, &found)
	})
	require.True(t, slices.ContainsFunc(found, text("hello")))
	require.True(t, slices.ContainsFunc(found, func(e Event) bool { return e.Kind == KindRevealed && e.Identity == bob.Self() }))
	c.count = 0 // no more of them
	a, b := alice.answered(t, bob), bob.answered(t, alice)
	sends(t, a, "at last")
	until(t, b, text("at last"))
	sends(t, b, "indeed")
	until(t, a, text("indeed"))
}

// sayHello joins the one session of a person, sends what waits, and notes what it has.
func sayHello(ctx context.Context, p *person, pairs []Pair, found *[]Event) error {
	if len(pairs) != 1 || pairs[0].Session == ids.Empty {
		return fmt.Errorf("expected one session, got %v", pairs)
	}
	s, err := p.Join(ctx, pairs[0].Session)
	if err != nil {
		return err
	}
	if _, err := s.Flush(ctx); err != nil {
		return errors.Join(err, s.Close())
	}
	events, err := s.Check(ctx)
	*found = append(*found, events...)
	return errors.Join(err, s.Close())
}

// TestAnInvitationThatHasWaitedIsSealedAgain to the prekey that its recipient has by now, and is still the same one.
func TestAnInvitationThatHasWaitedIsSealedAgain(t *testing.T) {
	network := newWire(t)
	alice, bob := newPerson(t, network), newPerson(t, nil)
	network.set(func(method string) (bool, bool) { return method == "sessionvm.IssueTransaction", false }, nil)
	_, err := alice.Invite(testContext(t), bob.Self(), []byte("hello"))
	require.ErrorIs(t, err, ErrQueued)
	network.set(nil, nil)
	before, err := alice.loadPrivate()
	require.NoError(t, err)
	alice.now = func() time.Time { return time.Now().Add(prekeyPeriod) }
	pairs, err := alice.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.True(t, pairs[0].Sent)
	require.Equal(t, before.Pairs[0].Self, pairs[0].Self)
	after, err := alice.loadPrivate()
	require.NoError(t, err)
	require.Equal(t, before.Pairs[0].Seat, after.Pairs[0].Seat)
	require.NotEqual(t, before.Pairs[0].Sealed, after.Pairs[0].Sealed)
	invitation := bob.invited(t)
	require.NotEqual(t, ids.ID(sha256.Sum256(before.Pairs[0].Invite.Head)), invitation.ID)
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, b.ID(), alice.answered(t, bob).ID())
}

// TestWhatIsLongPastIsForgotten: the private sessions of a folder have no end.
func TestWhatIsLongPastIsForgotten(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	bob.invited(t)
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	require.NoError(t, b.Close())
	a := alice.answered(t, bob)
	path := pathOf(a)
	require.NoError(t, a.Close())
	alice.invites(t, bob, "never answered")
	count := func(days int) int {
		alice.now = func() time.Time { return time.Now().Add(time.Duration(days) * 24 * time.Hour) }
		alice.sweep(testContext(t))
		kept, err := alice.loadPrivate()
		require.NoError(t, err)
		return len(kept.Pairs)
	}
	require.Equal(t, 2, count(59))
	has, err := alice.HasPair(a.ID())
	require.NoError(t, err)
	require.True(t, has)
	require.FileExists(t, path)
	require.Zero(t, count(64))
	has, err = alice.HasPair(a.ID())
	require.NoError(t, err)
	require.False(t, has)
	require.NoFileExists(t, path)
}
