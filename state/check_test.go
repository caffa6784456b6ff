package state

import (
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// problems returns what Check says.
func (s *scene) problems() (problems []string) {
	s.t.Helper()
	checked, err := s.Check(func(problem string) { problems = append(problems, problem) })
	require.NoError(s.t, err)
	require.Len(s.t, problems, checked.Problems)
	return problems
}

// TestCheckFindsEveryDamage changes and removes each thing that the database holds, one at a
// time, and each byte of some bodies.
func TestCheckFindsEveryDamage(t *testing.T) {
	disk := newVolatile()
	s := newScene(t, Options{CacheNodes: 1000, History: 1, files: disk})
	for range 5 {
		s.acceptRegistration()
	}
	session := ids.ID{7}
	s.accept(func(c *Change) {
		c.AddSession(session, ids.ID{1}, &chain.Session{Status: chain.SessionActive, Participants: []ids.ID{{8}, {9}}, Acted: []bool{true, false}, Number: 1}, new(chain.SessionKeys))
		addMessages(c, session, 3)
	})
	s.acceptInvitations(testBuckets[0], testBuckets[2], testBuckets[0])
	require.Empty(t, s.problems())

	skipped := map[byte]bool{keyAccepted: true, keyFormat: true, keyLowest: true, keyBlock: true}
	var keys [][]byte
	it, err := s.db.Iterator([]byte{'A'}, nil)
	require.NoError(t, err)
	for ; it.Valid(); it.Next() {
		key := append([]byte(nil), it.Key()...)
		if used := rootKey(s.Last().Height); key[0] == 's' && string(key) != string(used) || key[0] == 'm' || skipped[key[0]] {
			continue // nodes of older states, and what Open reads
		}
		keys = append(keys, key)
	}
	require.NoError(t, it.Close())
	require.Greater(t, len(keys), 25)
	for _, key := range keys {
		value, err := s.db.Get(key)
		require.NoError(t, err)
		value = append([]byte(nil), value...)
		if key[0] == keyHeader && key[8] == 0 || key[0] == keyBlockID && value[7] == 0 {
			continue // block 0 follows from the genesis
		}
		changed := append([]byte(nil), value...)
		changed[len(changed)/2] ^= 1
		for _, damage := range []func() error{
			func() error { return s.db.Delete(key) },
			func() error { return s.db.Set(key, changed) },
		} {
			if key[0] == keyOrigin {
				damage = func() error { return s.db.Set(key, value[1:]) }
			}
			require.NoError(t, damage())
			require.NotEmpty(t, s.problems(), "%q %x", key[:1], key[1:])
			require.NoError(t, s.db.Set(key, value))
		}
	}
	stale := hashNumberKey(keySequence, session, 99)
	require.NoError(t, s.db.Set(stale, uint64Bytes(1)))
	require.Len(t, s.problems(), 1)
	require.NoError(t, s.db.Delete(stale))

	stale = invitationKey(testBuckets[2], 2)
	require.NoError(t, s.db.Set(stale, make([]byte, locationSize+8)))
	require.Len(t, s.problems(), 1)
	require.NoError(t, s.db.Delete(stale))

	at, err := s.place(3)
	require.NoError(t, err)
	for i := at.offset; i < at.end(); i += 501 {
		disk.flip("000000.blocks", i)
		require.Len(t, s.problems(), 1)
		require.Contains(t, s.problems()[0], "at height 3")
		disk.flip("000000.blocks", i)
	}
	require.Empty(t, s.problems())
}

// TestDamageIsFoundWhileTheChainRuns damages a body, and mends it.
func TestDamageIsFoundWhileTheChainRuns(t *testing.T) {
	disk := newVolatile()
	s := newScene(t, Options{CacheNodes: 1000, History: 1, files: disk})
	for range 3 {
		s.acceptRegistration()
	}
	at, err := s.place(2)
	require.NoError(t, err)
	for _, damaged := range []int{1, 0} {
		disk.flip("000000.blocks", at.offset+recordHeader+5)
		require.Eventually(t, func() bool {
			s.acceptRegistration() // the next body is read after each block
			return s.Damaged() == damaged
		}, 30*time.Second, time.Millisecond)
	}
}
