package messaging

import (
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
)

func TestASessionsSuiteIsTheOneItWasMadeWith(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	_, sessions := group(t, 2)
	require.Equal(t, e2ee.SuiteXWing, sessions[0].Suite())
	require.Equal(t, e2ee.SuiteXWing, sessions[1].Suite())

	made := func(metadata ...chain.MetadataEntry) ids.ID {
		deadline, err := alice.config.Client.Deadline(testContext(t))
		require.NoError(t, err)
		accepted, err := alice.act(testContext(t), &chain.CreateSession{
			Creator: alice.self, Participants: []ids.ID{alice.self, bob.self}, Metadata: metadata,
			PublicKeys: [][]byte{alice.config.Identity.Public().KEM, bob.config.Identity.Public().KEM},
			Nonce:      client.Nonce(), Deadline: deadline,
		})
		require.NoError(t, err)
		return accepted.SessionID
	}
	old := made()
	a, b := alice.joins(t, old), bob.joins(t, old)
	require.Equal(t, e2ee.SuiteMLKEM768, a.Suite(), "it says nothing")
	sends(t, a, "hello")
	require.Equal(t, []string{"hello"}, texts(until(t, b, text("hello"))))
	require.Equal(t, e2ee.SuiteXWing, alice.joins(t, made(Metadata()...)).Suite())
	_, err := alice.Join(testContext(t), made(chain.MetadataEntry{Key: metadataSuite, Value: "3"}))
	require.ErrorIs(t, err, e2ee.ErrSuite)

	careful := &person{config: bob.config}
	careful.config.Policy.MinSuite, careful.config.Folder = e2ee.SuiteXWing, t.TempDir()
	careful.Messenger, err = Open(testContext(t), careful.config)
	require.NoError(t, err)
	_, err = careful.Join(testContext(t), old)
	require.ErrorIs(t, err, e2ee.ErrDowngrade)
}
