package messaging

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

// rostersOf returns the paths of the rosters that are stored beside a session's file.
func rostersOf(t testing.TB, s *Session) []string {
	t.Helper()
	paths, err := filepath.Glob(rosterFiles(filepath.Join(s.m.config.Folder, s.id.String()+sessionSuffix(s.self.id)), "*"))
	require.NoError(t, err)
	return paths
}

// TestTheRosterIsStoredWhenItChangesAlone, under a name of its own: one is there, and a message leaves it as it is.
func TestTheRosterIsStoredWhenItChangesAlone(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob)
	allTell(t, id, alice, bob)
	s, err := alice.JoinGroup(testContext(t), id)
	require.NoError(t, err)
	stored := rostersOf(t, s)
	require.Len(t, stored, 1)
	before, err := os.Stat(stored[0])
	require.NoError(t, err)
	sends(t, s, "hello")
	require.Equal(t, stored, rostersOf(t, s))
	after, err := os.Stat(stored[0])
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after), "it was not written again")
	info, err := os.Stat(filepath.Join(alice.config.Folder, s.id.String()+sessionSuffix(s.self.id)))
	require.NoError(t, err)
	require.Less(t, info.Size(), before.Size())

	roster, err := s.record.roster()
	require.NoError(t, err)
	roster.Title = "another"
	s.mu.Lock()
	s.record.setRoster(roster.Bytes())
	require.NoError(t, s.commit())
	s.mu.Unlock()
	require.Len(t, rostersOf(t, s), 1)
	require.NotEqual(t, stored, rostersOf(t, s))
	require.NoError(t, s.Close())

	s, err = alice.Join(testContext(t), s.id)
	require.NoError(t, err)
	require.Equal(t, roster.Bytes(), s.record.Roster)
	require.NoError(t, s.Close())
	changed := rostersOf(t, s)[0]
	require.NoError(t, os.Rename(changed, changed+".away"))
	_, err = alice.Join(testContext(t), s.id)
	require.ErrorIs(t, err, ErrFile, "the record names it")
	require.NoError(t, os.Rename(changed+".away", changed))
}

// rosterOf returns a roster of a full group: each member is in this session and has told seats for seven more.
func rosterOf(tb testing.TB, members int) *e2ee.Roster {
	secret, err := e2ee.NewSeat(nil, 0)
	require.NoError(tb, err)
	seat, err := secret.Of(newID())
	require.NoError(tb, err)
	roster := &e2ee.Roster{Group: newID(), Owner: newID()}
	for range members {
		member := e2ee.RosterMember{Identity: newID()}
		for range 1 + seatsAhead {
			seat.ID = newID()
			member.Seats = append(member.Seats, seat)
		}
		roster.Members = append(roster.Members, member)
	}
	return roster
}

func testIdentity(tb testing.TB) *pq.Identity {
	identity, err := pq.GenerateIdentity()
	require.NoError(tb, err)
	return identity
}

// BenchmarkGroupCommit stores a side of a group's session as each message does, when nobody has announced a key yet: how many
// bytes that writes, and how many it would with the roster in the record.
func BenchmarkGroupCommit(b *testing.B) {
	for _, members := range []int{5, 20, 64} {
		b.Run(fmt.Sprint(members), func(b *testing.B) {
			identity, chainID, session := testIdentity(b), newID(), newID()
			roster := rosterOf(b, members)
			roster.Members[0].Seats[0].ID = identity.ID()
			record := &record{Next: 1, Group: roster.Group}
			var of []e2ee.ID
			for i := range roster.Members {
				seat := roster.Members[i].Seats[0]
				of = append(of, seat.ID)
				record.Members = append(record.Members, memberRecord{ID: seat.ID, DSA: identity.Public().DSA, Identity: roster.Members[i].Identity})
			}
			protocol, err := e2ee.New(e2ee.Config{Chain: chainID, Session: session, Secrets: e2ee.Secrets{Identity: identity}, Members: of})
			require.NoError(b, err)
			kept, err := openStore(b.TempDir(), chainID, session, identity)
			require.NoError(b, err)
			s := &Session{id: session, self: &actor{id: identity.ID()}, record: record, protocol: protocol, store: kept}
			require.NoError(b, s.useRoster(roster))
			require.NoError(b, s.commit())
			for b.Loop() {
				require.NoError(b, s.commit())
			}
			size := func(path string) float64 {
				info, err := os.Stat(path)
				require.NoError(b, err)
				return float64(info.Size())
			}
			path := kept.(*fileStore).Path()
			b.ReportMetric(size(path), "B/commit")
			record.Named = chain.Hash{}
			inline, err := record.encode()
			require.NoError(b, err)
			b.ReportMetric(float64(len(inline)), "B-before")
			require.NoError(b, kept.Close())
		})
	}
}
