package state

import (
	"bytes"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"
)

// slowDB answers whether it has one key only after somebody lets it.
type slowDB struct {
	dbm.DB
	key           []byte
	asked, answer chan struct{}
}

func (d *slowDB) Has(key []byte) (bool, error) {
	has, err := d.DB.Has(key)
	if bytes.Equal(key, d.key) {
		d.asked <- struct{}{}
		<-d.answer
	}
	return has, err
}

// TestATransactionIsAbsentUntilABlockHasIt: what is known to be in no block is forgotten with the
// block that has it, also if somebody read the database before that block and remembers it after.
func TestATransactionIsAbsentUntilABlockHasIt(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 100, CacheLeaves: 1, History: 1})
	session := numberedID(1000)
	slow := &slowDB{DB: s.Store.db, asked: make(chan struct{}), answer: make(chan struct{})}
	s.Store.db = slow
	requireHas := func(n int, want bool) {
		t.Helper()
		has, err := s.Latest().HasTransaction(numberedID(n))
		require.NoError(t, err)
		require.Equal(t, want, has)
		change, err := s.Begin(s.Accepted())
		require.NoError(t, err)
		has, err = change.HasTransaction(numberedID(n))
		require.NoError(t, err)
		require.Equal(t, want, has)
	}
	for n := 1; n <= 3; n++ {
		requireHas(n, false)
		requireHas(n, false) // remembered
		s.accept(func(c *Change) { addMessages(c, session, 1) })
		requireHas(n, true)
	}

	slow.key = hashKey(keyTransaction, numberedID(4))
	read := make(chan bool)
	go func() {
		has, err := s.Latest().HasTransaction(numberedID(4))
		read <- has || err != nil
	}()
	<-slow.asked // it has read that the transaction is in no block
	s.accept(func(c *Change) { addMessages(c, session, 1) })
	slow.answer <- struct{}{}
	require.False(t, <-read)
	slow.key = nil
	requireHas(4, true)
}
