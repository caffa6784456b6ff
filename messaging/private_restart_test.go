package messaging

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

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
		c.count--
		if c.count != 0 {
			return save(kept)
		}
		c.done = true
		if c.after {
			if err := save(kept); err != nil {
				return err
			}
		}
		return errDisk
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
