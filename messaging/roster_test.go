package messaging

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What was sent before a key was changed arrives, at who joins or comes back after that too.
func TestMessagesFromBeforeAKeyChangeArrive(t *testing.T) {
	t.Run("at who joins later", func(t *testing.T) {
		alice, bob := newPerson(t, nil), newPerson(t, nil)
		made, err := alice.NewSession(testContext(t), bob.Self())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, made.Close()) })
		sends(t, made, "before")
		require.NoError(t, made.RotateKey(testContext(t)))
		sends(t, made, "after")
		joined := bob.joins(t, made.ID())
		require.Equal(t, []string{"before", "after"}, texts(until(t, joined, text("after"))))
	})
	t.Run("at who comes back after two changes", func(t *testing.T) {
		_, sessions := group(t, 3)
		alice, bob, carol := sessions[0], sessions[1], sessions[2]
		require.NoError(t, alice.RotateKey(testContext(t)))
		sends(t, alice, "between")
		require.NoError(t, bob.RotateKey(testContext(t)))
		sends(t, bob, "after")
		require.Equal(t, []string{"between", "after"}, texts(until(t, carol, text("after"))))
	})
}
