package messaging

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
)

// TestEachFieldOfEachAnswer has a node lie about one field at a time of all that it answers to
// whoever opens, joins, reads, sends and acknowledges. testdata/lies.txt lists what comes of it.
func TestEachFieldOfEachAnswer(t *testing.T) {
	if race.Enabled {
		t.Skip("it tells one lie after the other, and takes minutes with the race detector")
	}
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"one", "two", "three"} {
		sends(t, alice, text)
	}
	until(t, bob, text("three"))
	require.NoError(t, bob.Acknowledge(testContext(t), 0))
	pinned, err := os.ReadFile(members[1].light.pin)
	require.NoError(t, err)
	trust, err := lightclient.ParseTrustOptions(pinned)
	require.NoError(t, err)
	trust.Policy, trust.Checkpoint.Keys = lightclient.PolicyBLS, nil // whether the validator had a key by then is chance
	prekeys, err := os.ReadFile(members[1].prekeys.file.Path())
	require.NoError(t, err)

	reads := func() (string, error) { // somebody who opens, joins and reads for the first time
		config := members[1].config
		config.Client, config.Folder, config.Trust = connect(t, network), t.TempDir(), trust
		require.NoError(t, os.WriteFile(filepath.Join(config.Folder, filepath.Base(members[1].prekeys.file.Path())), prekeys, 0o600))
		again, err := Open(testContext(t), config)
		if err != nil {
			return "", err
		}
		s, err := again.Join(testContext(t), alice.ID())
		if err != nil {
			return "", err
		}
		defer s.Close()
		events, err := s.Check(testContext(t))
		if err == nil {
			_, err = s.transcriptAt(testContext(t), 2, 4, chain.Hash{})
		}
		return fmt.Sprint(texts(events)), err
	}
	number := 0
	writes := func() (string, error) { // somebody who sends, and looks for receipts
		number++
		_, err := alice.Send(testContext(t), fmt.Appendf(nil, "message %d", number))
		if errors.Is(err, ErrQueued) {
			network.set(nil, nil)
			_, err := alice.Flush(testContext(t))
			require.NoError(t, err, "an honest node takes it")
		}
		if err == nil {
			_, err = alice.Check(testContext(t))
		}
		return "", err
	}
	channel, first, err := alice.m.NewChannel(testContext(t), bob.m.self)
	require.NoError(t, err)
	require.NoError(t, first.Close())
	_, err = alice.m.act(testContext(t), &chain.CloseSession{Session: first.ID(), Participant: alice.m.self})
	require.NoError(t, err)
	groups := func() (string, error) { // somebody who looks a group up
		alice.m.foundings = nil
		of, err := alice.m.ChannelState(testContext(t), channel)
		if err != nil {
			return "", err
		}
		sessions, err := alice.m.ChannelSessions(testContext(t), channel, ids.Empty)
		return fmt.Sprint(of, sessions), err
	}
	var table []string
	for _, use := range []struct {
		name string
		run  func() (string, error)
	}{{"read", reads}, {"send", writes}, {"group", groups}} {
		answers := make(map[string][]byte) // each method's last answer to the truth
		network.set(nil, func(method string, result []byte) []byte {
			if before := answers[method]; len(before) < len(result) {
				answers[method] = result
			}
			return result
		})
		truth, err := use.run()
		require.NoError(t, err)
		methods := slices.Sorted(maps.Keys(answers))
		for _, method := range methods {
			paths := map[string]bool{}
			for which, f := range fieldsOf("", decoded(t, answers[method]), func(any) {}) {
				if paths[f.path] || f.path == "" {
					continue
				}
				paths[f.path] = true
				outcomes := map[string]bool{}
				for how := range len(lies(f.value)) + 1 {
					node := &liar{t: t, said: map[string]string{}, old: map[string][]byte{}, plan: func(called string, fields int) (int, int) {
						if called != method || which >= fields {
							return -1, 0
						}
						return which, how
					}}
					network.set(nil, node.answer)
					got, err := use.run()
					outcome := found(err)
					if err == nil && got != truth {
						require.Equal(t, "[]", got, "%s%s shows what the chain does not have", method, f.path)
						outcome = "nothing new, as from a quiet chain"
					}
					outcomes[outcome] = true
				}
				network.set(nil, nil)
				table = append(table, fmt.Sprintf("%s %s%s: %s", use.name, strings.TrimPrefix(method, "sessionvm."), f.path, strings.Join(slices.Sorted(maps.Keys(outcomes)), "; ")))
			}
		}
	}
	text := strings.Join(table, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile("testdata/lies.txt", []byte(text), 0o644))
	}
	want, err := os.ReadFile("testdata/lies.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// found says who found a lie.
func found(err error) string {
	for _, reason := range []struct {
		err  error
		name string
	}{
		{ErrTrust, "ErrTrust"}, {ErrTranscript, "ErrTranscript"}, {ErrWithheld, "ErrWithheld"}, {ErrBehind, "ErrBehind"}, {ErrNode, "ErrNode"},
		{client.ErrResponse, "client.ErrResponse"}, {pq.ErrSignature, "pq.ErrSignature"},
	} {
		if errors.Is(err, reason.err) {
			return "refused, " + reason.name
		}
	}
	if err != nil {
		return "refused"
	}
	return "not used"
}

var update = flag.Bool("update", false, "write testdata/lies.txt")
