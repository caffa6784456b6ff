package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// TestARegistrationIsProvenOrSaidToBeTheNodesWord: on first use there is nothing to prove it from, and with --trust-node nobody asks.
func TestARegistrationIsProvenOrSaidToBeTheNodesWord(t *testing.T) {
	alice := newPerson(t, nodeAddress)
	said := gets[registerResult](alice, "id", "register")
	require.Nil(t, said.Basis, "first use")
	require.Equal(t, nodeAddress, said.OnTheWordOf)

	lie := liar(t, "RegisterIdentity", func(result map[string]any) { result["expires"] = "2099-01-01T00:00:00Z" })
	trust, _ := alice.trusts()
	for _, arguments := range [][]string{{"id", "register"}, {"id", "register", "--trust", trust}} {
		shown := gets[registerResult](alice, append(arguments, "--node", lie)...)
		require.NotNil(t, shown.Basis)
		require.Empty(t, shown.OnTheWordOf)
		require.True(t, shown.AlreadyRegistered)
		require.True(t, said.Registered.Equal(shown.Registered))
		require.True(t, said.Expires.Equal(shown.Expires), "the node says another time")
	}
	require.Regexp(t, "Certified +(signed by 1 of 1|it is in the block that is trusted)", alice.does("id", "register"))
	require.Contains(t, alice.does("id", "register", "--trust-node"), "no: it is the word of "+nodeAddress)
	require.Equal(t, 2099, gets[registerResult](alice, "id", "register", "--trust-node", "--node", lie).Expires.Year())
}

// TestARegistrationThatIsNotInTheStateIsNone, whatever the node says.
func TestARegistrationThatIsNotInTheStateIsNone(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	alice.does("id", "register")
	trust, _ := alice.trusts()
	s := &shell{node: nodeAddress, trustFile: trust, timeout: time.Minute, getenv: func(string) string { return "" }}
	n, err := s.connect(t.Context())
	require.NoError(t, err)
	result := registerResult{OnTheWordOf: nodeAddress}
	err = s.proveRegistration(t.Context(), n, bob.identity.ID(), &result)
	require.ErrorIs(t, err, refusal.ErrNotRegistered)
	require.ErrorContains(t, err, "answers falsely")
	require.Nil(t, result.Basis)
	require.NoError(t, s.proveRegistration(t.Context(), n, alice.identity.ID(), &result))
	require.NotNil(t, result.Basis)
}
