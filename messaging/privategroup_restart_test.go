package messaging

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

// TestARestartAtEveryWriteOfAPrivateGroupLosesNothing: writes of the owner and of a member fail, before they are on disk or
// after, and the program starts again: every sixth, seventh and so on, from another one in each run.
func TestARestartAtEveryWriteOfAPrivateGroupLosesNothing(t *testing.T) {
	t.Parallel()
	const stride = 5
	for first := 1; first <= restartRuns; first++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("from %d, stored %t", first, after), func(t *testing.T) {
				t.Parallel()
				alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
				c := &crash{count: first, after: after}
				failed := 0
				step := func(p *person, do func(ctx context.Context, p *person) (done bool, err error)) {
					for try := 0; ; try++ {
						p.failsPrivate(c)
						done, err := do(testContext(t), p)
						if err == nil && done {
							return
						}
						if err != nil {
							require.True(t, errors.Is(err, errDisk) || errors.Is(err, ErrStore), "%v", err)
							*p = *p.reopened(t)
						}
						if c.done {
							failed++
							c.count, c.done = stride+failed, false // more and more: each step gets to its end
						}
						require.Less(t, try, 100, "%v", err)
						time.Sleep(p.config.Poll)
					}
				}
				groupOf := func(p *person) ids.ID {
					groups, err := p.Groups()
					require.NoError(t, err)
					if len(groups) == 0 {
						return ids.Empty
					}
					return groups[0].ID
				}
				has := func(wanted func(*Group) bool) func(context.Context, *person) (bool, error) {
					return func(ctx context.Context, p *person) (bool, error) {
						if _, _, err := p.Invitations(ctx); err != nil {
							return false, err
						}
						g, err := p.Group(ctx, groupOf(p))
						return err == nil && wanted(g), err
					}
				}
				step(alice, func(ctx context.Context, alice *person) (bool, error) {
					if id := groupOf(alice); id != ids.Empty {
						_, err := alice.Group(ctx, id)
						return true, err
					}
					_, err := alice.NewGroup(ctx, "team", bob.Self(), carol.Self())
					return true, err
				})
				step(bob, func(ctx context.Context, bob *person) (bool, error) {
					if id := groupOf(bob); id != ids.Empty {
						_, err := bob.Group(ctx, id)
						return true, err
					}
					if _, _, err := bob.Invitations(ctx); err != nil {
						return false, err
					}
					_, err := bob.JoinGroups(ctx, alice.Self())
					return groupOf(bob) != ids.Empty, err
				})
				id := carol.joinsGroup(t, alice)
				require.Equal(t, id, groupOf(bob))
				step(alice, has(func(g *Group) bool { return hasOpen(g) && len(g.Invited) == 0 }))
				carol.groupWhen(t, id, hasOpen)
				step(bob, has(hasOpen))
				step(alice, has(hasOpen))
				step(alice, func(ctx context.Context, alice *person) (bool, error) {
					g, err := alice.RemoveFromGroup(ctx, id, carol.Self())
					return err == nil && len(g.Members) == 2 && hasOpen(g), err
				})
				var open ids.ID
				step(bob, has(func(g *Group) bool {
					open = g.Open
					return hasOpen(g) && len(g.Members) == 2
				}))
				_, err := bob.CloseSession(testContext(t), open)
				require.NoError(t, err)
				for _, p := range []*person{bob, alice} {
					step(p, func(ctx context.Context, p *person) (bool, error) {
						s, err := p.JoinGroup(ctx, id)
						if err != nil {
							return false, err
						}
						if s.ID() == open {
							return false, s.Close()
						}
						if _, err = s.Enqueue(&Draft{Origin: "once", Content: []byte(p.Self().String())}); err == nil {
							_, err = s.Flush(ctx)
						}
						return true, errors.Join(err, s.Close())
					})
				}
				require.Greater(t, failed, 3)
				c.count = 0 // no more of them
				require.Equal(t, bob.Self(), alice.reads(t, id, bob.Self().String()))
				require.Equal(t, alice.Self(), bob.reads(t, id, alice.Self().String()))
				require.True(t, carol.groupWhen(t, id, func(g *Group) bool { return g.Out }).Out)
			})
		}
	}
}

// goesOn has all look at a group until they are in one session, and talk there.
func goesOn(t testing.TB, group ids.ID, people ...*person) ids.ID {
	t.Helper()
	for try := 0; ; try++ {
		open := make(map[ids.ID]bool)
		for _, p := range people {
			_, _, err := p.Invitations(testContext(t))
			require.NoError(t, err)
			g, err := p.Group(testContext(t), group)
			require.NoError(t, err)
			open[g.Open] = true
			if len(g.Sessions) == 0 {
				open[ids.Empty] = true
			} else if at := p.looks(t, group); at.roster == nil || len(at.roster.Members) != len(people) {
				open[ids.Empty] = true
			}
		}
		if len(open) == 1 && !open[ids.Empty] {
			break
		}
		require.Less(t, try, 50)
		time.Sleep(people[0].config.Poll)
	}
	var session ids.ID
	for i, p := range people {
		session = p.says(t, group, fmt.Sprint("goes on ", i))
	}
	for _, p := range people {
		for i, by := range people {
			if by != p {
				require.Equal(t, by.Self(), p.reads(t, group, fmt.Sprint("goes on ", i)))
			}
		}
	}
	return session
}

// TestWhoWasAwayForMoreSessionsThanItHasSeatsIsAskedAgain and reads on.
func TestWhoWasAwayForMoreSessionsThanItHasSeatsIsAskedAgain(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	g, err := alice.NewGroup(testContext(t), "team", bob.Self(), carol.Self())
	require.NoError(t, err)
	bob.joinsGroup(t, alice)
	carol.joinsGroup(t, alice)
	alice.groupWhen(t, g.ID, func(g *Group) bool { return hasOpen(g) && len(g.Invited) == 0 })
	bob.groupWhen(t, g.ID, hasOpen)
	alice.groupWhen(t, g.ID, hasOpen)
	for round := range 1 + seatsAtFirst { // carol has told no more
		bob.closes(t, g.ID)
		alice.says(t, g.ID, fmt.Sprint("round ", round))
		bob.groupWhen(t, g.ID, hasOpen)
	}
	require.Equal(t, []ids.ID{carol.Self()}, alice.groupWhen(t, g.ID, hasOpen).Invited)
	goesOn(t, g.ID, alice, bob, carol)
}

// TestAnOwnerWhoWasAwayForTooLongAsksAllAgain: they have gone on without it.
func TestAnOwnerWhoWasAwayForTooLongAsksAllAgain(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob, carol)
	allTell(t, id, alice, bob, carol)
	alice.tells(t, id, e2ee.ContentSeats, (&e2ee.Seats{Group: id, After: 1}).Bytes())
	for round := range 2 {
		bob.closes(t, id)
		bob.says(t, id, fmt.Sprint("round ", round))
		require.Equal(t, bob.Self(), carol.reads(t, id, fmt.Sprint("round ", round)))
	}
	require.Nil(t, bob.looks(t, id).roster.At(alice.Self()))
	goesOn(t, id, alice, bob, carol)
}

// TestASessionWhoseRosterWasNotToldIsLeft: the owner has stopped between making it and telling, and it is over.
func TestASessionWhoseRosterWasNotToldIsLeft(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob, carol)
	first := alice.looks(t, id).Session
	alice.openStore = func(session ids.ID, self *pq.Identity) (store, error) {
		if session != first {
			return nil, errDisk
		}
		return openStore(alice.config.Folder, alice.chainID, session, self)
	}
	_, err := alice.RemoveFromGroup(testContext(t), id, carol.Self())
	require.ErrorIs(t, err, errDisk)
	_, err = bob.CloseSession(testContext(t), first)
	require.NoError(t, err)
	g := bob.groupWhen(t, id, func(g *Group) bool { return hasOpen(g) && g.Open != first })
	require.Nil(t, bob.looks(t, id).roster)
	early, err := bob.Join(testContext(t), g.Open)
	require.NoError(t, err)
	_, err = early.Check(testContext(t))
	require.NoError(t, err)
	_, err = early.Send(testContext(t), []byte("too early"))
	require.ErrorIs(t, err, ErrQueued, "nobody knows yet to whom it is sealed")
	require.ErrorIs(t, err, ErrAlone)
	require.NoError(t, early.Close())
	_, err = bob.CloseSession(testContext(t), g.Open)
	require.NoError(t, err)
	g, err = bob.Group(testContext(t), id)
	require.NoError(t, err)
	require.Equal(t, ids.Empty, g.Open)
	*alice = *alice.reopened(t)
	goesOn(t, id, alice, bob)
}

// TestAnOldCopyOfAFolderComesBackIntoTheGroup, though the seats that were told since are not in it, and another folder of the
// identity has nothing of the group.
func TestAnOldCopyOfAFolderComesBackIntoTheGroup(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	g, err := alice.NewGroup(testContext(t), "team", bob.Self())
	require.NoError(t, err)
	bob.joinsGroup(t, alice)
	g = alice.groupWhen(t, g.ID, hasOpen)
	bob.groupWhen(t, g.ID, opens(g.Open))
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, os.DirFS(bob.config.Folder)))
	bob.says(t, g.ID, "after the copy")
	require.Equal(t, bob.Self(), alice.reads(t, g.ID, "after the copy"))

	other := bob.steals(t, t.TempDir())
	groups, err := other.Groups()
	require.NoError(t, err)
	require.Empty(t, groups)
	_, err = other.Join(testContext(t), g.Open)
	require.Error(t, err)

	bob.config.Folder = copied
	bob = bob.reopened(t)
	require.NoError(t, bob.publishPrekey(testContext(t)))
	bob.groupWhen(t, g.ID, func(g *Group) bool { return len(g.Sessions) > 0 })
	alice.closes(t, g.ID)
	goesOn(t, g.ID, alice, bob)
}

// hasSeat reports whether a person keeps the secret of a seat.
func (p *person) hasSeat(t testing.TB, group, seat ids.ID) bool {
	return slices.ContainsFunc(p.keeps(t, group).Seats, func(own ownSeat) bool { return own.ID == seat })
}

// TestWhatIsPastOfAPrivateGroupIsForgotten but for the last session of one that goes on.
func TestWhatIsPastOfAPrivateGroupIsForgotten(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob)
	for range 2 {
		bob.closes(t, id)
		alice.groupWhen(t, id, func(g *Group) bool { return !hasOpen(g) })
		bob.says(t, id, "next")
		alice.groupWhen(t, id, hasOpen)
	}
	at := alice.looks(t, id)
	for _, own := range alice.keeps(t, id).Seats {
		require.True(t, at.roster.Has(own.ID), "those of the sessions before are erased")
	}
	require.True(t, alice.hasSeat(t, id, at.Self))
	alice.now = func() time.Time { return time.Now().Add(10 * 24 * time.Hour) } // it is over, and no other one can come in its place
	alice.groupWhen(t, id, func(g *Group) bool { return !hasOpen(g) })
	require.False(t, alice.hasSeat(t, id, at.Self), "nor does the group keep what the session has erased")
	later := func(days int) *privateFile {
		alice.now = func() time.Time { return time.Now().Add(time.Duration(days) * 24 * time.Hour) }
		alice.sweep(testContext(t))
		kept, err := alice.loadPrivate()
		require.NoError(t, err)
		return kept
	}
	rosters := func() []string {
		paths, err := filepath.Glob(filepath.Join(alice.config.Folder, "*.roster"))
		require.NoError(t, err)
		return paths
	}
	require.Nil(t, later(0).rounds(id)[0].Seat, "it was received to its end")
	require.NotEmpty(t, rosters())
	require.Len(t, later(59).rounds(id), 3)
	kept := later(64)
	require.Len(t, kept.rounds(id), 1)
	require.NotEmpty(t, kept.group(id).Seats)
	require.NoError(t, alice.updateGroup(testContext(t), id, func(_ *privateFile, g *ownGroup) error { g.out(); return nil }))
	kept = later(64)
	require.Empty(t, kept.Pairs)
	require.Empty(t, rosters())
	require.True(t, kept.group(id).Out)
	require.Empty(t, kept.group(id).Seats)
	for range maxGroups {
		require.NoError(t, kept.addGroup(&ownGroup{ID: newID()}))
	}
	require.Nil(t, kept.group(id), "it gives way")
	require.ErrorIs(t, kept.addGroup(&ownGroup{ID: newID()}), ErrBacklog)
}
