package mailbox

import (
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

func TestANameStandsForOneIdentity(t *testing.T) {
	identity, err := pq.GenerateIdentity()
	require.NoError(t, err)
	folder := t.TempDir()
	book, err := OpenAddressBook(folder, identity)
	require.NoError(t, err)
	for _, name := range []string{"", Me, "-x", "a b", "x/y", strings.Repeat("x", MaxName+1)} {
		require.ErrorIs(t, book.Add(t.Context(), name, ids.ID{1}, false), ErrName, name)
	}
	require.NoError(t, book.Add(t.Context(), "bob", ids.ID{1}, false))
	require.NoError(t, book.Add(t.Context(), "ann", ids.ID{2}, false))
	require.NoError(t, book.Add(t.Context(), "bob", ids.ID{1}, false), "again")
	require.ErrorIs(t, book.Add(t.Context(), "bob", ids.ID{3}, false), ErrTaken)
	require.ErrorIs(t, book.Add(t.Context(), "rob", ids.ID{1}, false), ErrTaken)
	compared, err := book.Compare(t.Context(), "bob")
	require.NoError(t, err)
	require.Equal(t, Contact{Name: "bob", ID: ids.ID{1}, Compared: true}, compared)
	require.NoError(t, book.Add(t.Context(), "bob", ids.ID{3}, true))
	again, err := OpenAddressBook(folder, identity)
	require.NoError(t, err)
	require.Equal(t, []Contact{{Name: "ann", ID: ids.ID{2}}, {Name: "bob", ID: ids.ID{3}}}, again.Contacts(), "other keys are not compared")
	removed, err := again.Remove(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, ids.ID{2}, removed.ID)
	_, err = again.Remove(t.Context(), "ann")
	require.ErrorIs(t, err, ErrUnknown)
	_, err = again.Identities("bob", "ann")
	require.ErrorIs(t, err, ErrUnknown)
}
