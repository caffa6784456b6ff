package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRequestsAreListedApart: a session that somebody else has made is bob's once he has acted in it.
func TestRequestsAreListedApart(t *testing.T) {
	alice, bob, session := pair(t)
	mine := gets[sessionsResult](bob, "sessions")
	require.Empty(t, mine.Sessions)
	require.True(t, mine.Requests)
	require.Contains(t, bob.does("sessions"), "session sessions --requests")
	requests := gets[sessionsResult](bob, "sessions", "--requests").Sessions
	require.Len(t, requests, 1)
	require.Equal(t, session, requests[0].Session.String())
	require.False(t, gets[sessionsResult](alice, "sessions").Requests)
	require.Contains(t, alice.does("sessions", "--requests"), "No requests.")

	bob.does("send", session, "hello")
	mine = gets[sessionsResult](bob, "sessions")
	require.Len(t, mine.Sessions, 1)
	require.False(t, mine.Requests)
	require.NotContains(t, bob.does("sessions"), "--requests")
	require.Contains(t, bob.does("sessions", "--requests"), "No requests.")
}
