package e2ee

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Rotations that several members begin at once come to an end: each member answers once with keys
// of its own, covers the others' once, and then messages alone are sent.
func TestRotationsAtOnceSettle(t *testing.T) {
	for _, members := range []int{2, 3, 5} {
		for rotating := range members + 1 {
			group := newGroup(t, members, Policy{MaxMessages: 1000, CoverAfter: 4})
			now := uint64(testNow)
			type sent struct {
				from   int
				sealed Sealed
			}
			// A round: all seal what they have to say, and then all get all of it.
			round := func(seal func(i int) (Sealed, error)) (announcements int) {
				now += 1000
				var all []sent
				for i := range group {
					sealed, err := seal(i)
					require.NoError(t, err)
					if sealed.Announcement != nil {
						announcements++
					}
					all = append(all, sent{i, sealed})
				}
				for _, s := range all {
					for i := range group {
						if i == s.from {
							continue
						}
						for _, wire := range s.sealed.wires() {
							_, err := group[i].Open(now, group[s.from].Self(), wire)
							require.NoError(t, err)
						}
					}
				}
				return announcements
			}
			say := func(i int) (Sealed, error) { return group[i].Seal(now, Seen{}, ContentText, []byte("hello")) }
			for range 12 {
				round(say)
			}
			require.Zero(t, round(say), "it has settled after the start")
			total := round(func(i int) (Sealed, error) {
				if i < rotating {
					return group[i].Rotate(now)
				}
				return say(i)
			})
			require.Equal(t, rotating, total)
			for range 12 {
				total += round(say)
			}
			if rotating > 0 {
				require.LessOrEqual(t, total, 3*members, "%d of %d began to rotate", rotating, members)
			}
			for range 4 {
				require.Zero(t, round(say), "%d of %d", rotating, members)
			}
		}
	}
}

// A limit: a member that asks for renewed keys again and again has each other member begin an epoch
// with each of its messages, one for each time that it asks, and no more.
func TestAMemberThatAlwaysAsksIsAnsweredOncePerMessage(t *testing.T) {
	const members, rounds = 4, 12
	group := newGroup(t, members, Policy{})
	for range 3 {
		for i := range group {
			tell(t, group[i], testNow, "start", others(group, i)...)
		}
	}
	announcements := make([]int, members)
	for range rounds {
		sealed, err := group[0].Rotate(testNow)
		require.NoError(t, err)
		for _, reader := range group[1:] {
			deliver(t, group[0], sealed, testNow, "", reader)
		}
		for range 3 {
			for i := 1; i < members; i++ {
				if tell(t, group[i], testNow, "on", others(group, i)...).Announcement != nil {
					announcements[i]++
				}
			}
		}
	}
	for i := 1; i < members; i++ {
		require.Equal(t, rounds, announcements[i], "member %d", i)
	}
	for i := range group { // nobody has lost anybody
		tell(t, group[i], testNow, "still here", others(group, i)...)
	}
}
