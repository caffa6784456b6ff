package messaging

import (
	"os"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// steals returns a thief who has a person's identity, and the files of a folder.
func (p *person) steals(t testing.TB, folder string) *person {
	t.Helper()
	thief := &person{config: p.config}
	thief.config.Folder, thief.config.Client = folder, connect(t, nil)
	var err error
	thief.Messenger, err = Open(testContext(t), thief.config)
	require.NoError(t, err)
	return thief
}

// TestWhatAThiefFinds: with the identity alone, nothing of private sessions, and with the folder beside it, those that
// are kept there.
func TestWhatAThiefFinds(t *testing.T) {
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	require.NoError(t, b.Close())
	carol.invites(t, bob, "waits")
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, os.DirFS(bob.config.Folder)))

	thief := bob.steals(t, t.TempDir())
	pairs, err := thief.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Empty(t, pairs)
	contacts, strangers, err := thief.Invitations(testContext(t))
	require.NoError(t, err)
	require.Empty(t, append(contacts, strangers...), "the secrets of prekeys do not derive from the identity")
	_, err = thief.Join(testContext(t), b.ID())
	require.ErrorIs(t, err, refusal.ErrNotParticipant)

	thief = bob.steals(t, copied)
	pairs, err = thief.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Equal(t, alice.Self(), pairs[0].With)
	require.Equal(t, []string{"hello"}, texts(until(t, thief.joins(t, pairs[0].Session), text("hello"))))
	require.Equal(t, carol.Self(), thief.invited(t).From)
}
