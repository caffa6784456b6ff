package state

import (
	"maps"
	"slices"
	"testing"

	corestore "cosmossdk.io/core/store"
	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// layersModel is a database and layers over it, beside the plain maps that they stand for.
type layersModel struct {
	db     dbm.DB
	layers []*layer            // those that are not flushed, the lowest first
	states []map[string]string // after the database, and after each layer
	pushed int                 // layers, flushed or not
}

func (m *layersModel) top() *view {
	if len(m.layers) == 0 {
		return &view{db: m.db, top: &layer{flushed: true}}
	}
	return &view{db: m.db, top: m.layers[len(m.layers)-1]}
}

func (m *layersModel) state() map[string]string { return m.states[len(m.states)-1] }

// version is that of the next layer: each adds nodes of a version of its own.
func (m *layersModel) version() int64 { return int64(m.pushed) + 1 }

// drawKey draws one of few keys: of no node, or of a node up to the next layer's version.
func (m *layersModel) drawKey(t *rapid.T, name string) string {
	if rapid.Bool().Draw(t, "node") {
		return string(nodeID{m.version() - rapid.Int64Range(0, 2).Draw(t, "age"), rapid.Uint32Range(0, 3).Draw(t, name)}.key())
	}
	return rapid.StringOfN(rapid.RuneFrom([]rune("abs")), 1, 3, 3).Draw(t, name)
}

// push puts a layer with random writes on top, in one batch or more.
func (m *layersModel) push(t *rapid.T) {
	parent := &layer{flushed: true}
	if len(m.layers) > 0 {
		parent = m.layers[len(m.layers)-1]
	}
	l, state := newLayer(parent, make(map[string][]byte), m.version()), maps.Clone(m.state())
	v := &view{db: m.db, top: l}
	for range rapid.IntRange(1, 2).Draw(t, "batches") {
		batch := v.NewBatch()
		for range rapid.IntRange(0, 6).Draw(t, "writes") {
			k := m.drawKey(t, "key")
			if rapid.Bool().Draw(t, "delete") {
				require.NoError(t, batch.Delete([]byte(k)))
				delete(state, k)
				continue
			}
			value := rapid.StringN(0, 3, 3).Draw(t, "value")
			require.NoError(t, batch.Set([]byte(k), []byte(value)))
			state[k] = value
		}
		require.NoError(t, batch.Write())
	}
	m.layers, m.states, m.pushed = append(m.layers, l), append(m.states, state), m.pushed+1
}

// flush writes the lowest layer into the database, as a commit does.
func (m *layersModel) flush(t *rapid.T) {
	if len(m.layers) == 0 {
		t.Skip("no layer")
	}
	require.NoError(t, m.layers[0].each(func(key, value []byte) error { return put(m.db, key, value) }))
	m.layers[0].flush()
	m.layers, m.states = m.layers[1:], m.states[1:]
}

// check reads through every layer.
func (m *layersModel) check(t *rapid.T) {
	for i, state := range m.states {
		v := m.top()
		if i < len(m.states)-1 {
			v = &view{db: m.db, top: &layer{flushed: true}}
			if i > 0 {
				v.top = m.layers[i-1]
			}
		}
		for range 4 {
			k := m.drawKey(t, "looked up")
			value, err := v.Get([]byte(k))
			require.NoError(t, err)
			expected, exists := state[k]
			require.Equal(t, exists, value != nil, "%q", k)
			require.Equal(t, expected, string(value))
			has, err := v.Has([]byte(k))
			require.NoError(t, err)
			require.Equal(t, exists, has)
		}
		var start, end []byte
		if rapid.Bool().Draw(t, "from") {
			start = []byte(m.drawKey(t, "start"))
		}
		if rapid.Bool().Draw(t, "to") {
			end = []byte(m.drawKey(t, "end"))
		}
		expected := slices.Sorted(maps.Keys(state))
		expected = slices.DeleteFunc(expected, func(k string) bool { return !inDomain(k, start, end) })
		up, err := v.Iterator(start, end)
		require.NoError(t, err)
		requireWalk(t, up, state, expected)
		slices.Reverse(expected)
		down, err := v.ReverseIterator(start, end)
		require.NoError(t, err)
		requireWalk(t, down, state, expected)
	}
}

func requireWalk(t *rapid.T, it corestore.Iterator, state map[string]string, expected []string) {
	for _, key := range expected {
		require.True(t, it.Valid())
		require.Equal(t, key, string(it.Key()))
		require.Equal(t, state[key], string(it.Value()))
		it.Next()
	}
	require.False(t, it.Valid())
	require.NoError(t, it.Error())
	require.NoError(t, it.Close())
}

func TestLayersReadAndIterateLikeTheMapTheyStandFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &layersModel{db: dbm.NewMemDB(), states: []map[string]string{{}}}
		t.Repeat(map[string]func(*rapid.T){
			"push":  m.push,
			"flush": m.flush,
			"":      m.check,
		})
	})
}

func TestViewsWithoutALayerAreReadOnly(t *testing.T) {
	for name, v := range map[string]*view{
		"no layer":        {db: dbm.NewMemDB()},
		"a flushed layer": {db: dbm.NewMemDB(), top: &layer{flushed: true}},
	} {
		batch := v.NewBatchWithSize(10)
		require.NoError(t, batch.Write(), "%s: nothing to write", name)
		require.NoError(t, batch.Set([]byte("key"), []byte("value")))
		size, err := batch.GetByteSize()
		require.NoError(t, err)
		require.Equal(t, 8, size)
		require.ErrorIs(t, batch.WriteSync(), errReadOnly, name)
		require.NoError(t, batch.Close())
		require.NoError(t, v.Close(), "the database belongs to the store")
		value, err := v.Get([]byte("key"))
		require.NoError(t, err)
		require.Nil(t, value, name)
	}
}
