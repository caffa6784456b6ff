package e2ee

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// If two see other members, they do not talk.
func TestTranscriptBindsTheMembers(t *testing.T) {
	sealed := seal(t, newParty(t, 1, Policy{}, 1, 2, 3), testNow, "x").Announcement
	for name, members := range map[string][]byte{"another member": {1, 2, 4}, "one more": {1, 2, 3, 4}, "one less": {1, 2}} {
		t.Run(name, func(t *testing.T) {
			refusedOpen(t, newParty(t, 2, Policy{}, members...), ErrAuthentication, testNow, testIdentity(1).ID(), sealed)
		})
	}
	require.Equal(t, newParty(t, 1, Policy{}, 3, 2, 1).context, newParty(t, 2, Policy{}, 1, 2, 3).context, "in any order")
}

func TestTranscriptBindsChainAndSession(t *testing.T) {
	alice := newParty(t, 1, Policy{}, 1, 2)
	sealed := seal(t, alice, testNow, "x")
	for _, config := range []Config{{Chain: [32]byte{9}, Session: testSession}, {Chain: testChain, Session: [32]byte{9}}} {
		config.Secrets = secretsOf(2)
		bob := newPartyOf(t, config, 1, 2)
		refusedOpen(t, bob, ErrAuthentication, testNow, alice.Self(), sealed.Announcement)
	}
}

func TestConfigRefusals(t *testing.T) {
	many := make([]ID, MaxMembers+1)
	good := func() Config {
		return Config{Chain: testChain, Session: testSession, Secrets: secretsOf(1), Members: membersOf(1, 2)}
	}
	cases := map[string]struct {
		change func(*Config)
		reason error
	}{
		"no identity":   {func(c *Config) { c.Secrets = Secrets{} }, ErrConfig},
		"nobody":        {func(c *Config) { c.Members = nil }, ErrConfig},
		"alone":         {func(c *Config) { c.Members = membersOf(1) }, ErrConfig},
		"too many":      {func(c *Config) { c.Members = many }, ErrConfig},
		"twice":         {func(c *Config) { c.Members = membersOf(1, 2, 2) }, ErrConfig},
		"not a member":  {func(c *Config) { c.Members = membersOf(2, 3) }, ErrConfig},
		"past the last": {func(c *Config) { c.FirstEpoch = lastEpoch + 1 }, ErrExhausted},
	}
	for name, c := range cases {
		config := good()
		c.change(&config)
		_, err := New(config)
		require.ErrorIs(t, err, c.reason, name)
	}
	party, err := New(good())
	require.NoError(t, err)
	refused(t, party, ErrConfig, func() error { return party.UseSecrets(Secrets{Identity: testIdentity(2)}) })
}

func TestSenderRefusals(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	sealed := seal(t, pair[0], testNow, "x")
	refusedOpen(t, pair[1], ErrSender, testNow, testIdentity(3).ID(), sealed.Announcement)
	refusedOpen(t, pair[0], ErrSender, testNow, pair[0].Self(), sealed.Announcement)
	refusedOpen(t, pair[1], ErrMalformed, testNow, pair[0].Self(), nil)
	refusedOpen(t, pair[1], ErrVersion, testNow, pair[0].Self(), []byte{1})
	refusedOpen(t, pair[1], ErrChunk, testNow, pair[0].Self(), []byte{kindChunk})
	refused(t, pair[0], ErrSize, func() error {
		_, err := pair[0].Seal(testNow, Seen{}, ContentText, make([]byte, MaxContent+1))
		return err
	})
	pair[0].random = failingRandom{}
	refused(t, pair[0], ErrRandom, func() error { _, err := pair[0].Rotate(testNow); return err })
	refused(t, pair[0], ErrRandom, func() error { _, err := pair[0].Seal(testNow, Seen{}, ContentText, nil); return err })
	pair[1].random = failingRandom{}
	refused(t, pair[1], ErrRandom, func() error { _, err := pair[1].Seal(testNow, Seen{}, ContentText, nil); return err })
}

type failingRandom struct{}

func (failingRandom) Read([]byte) (int, error) { return 0, pq.ErrSeed }

// A session whose keys are erased says so, also after a restart.
func TestAWipedSessionRefuses(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	settle(t, pair[0], pair[1], testNow)
	sealed := seal(t, pair[0], testNow, "x")
	pair[1].Wipe()
	wiped := restored(t, pair[1])
	require.Empty(t, wiped.Members())
	refusedOpen(t, wiped, ErrWiped, testNow, pair[0].Self(), sealed.Message)
	refused(t, wiped, ErrWiped, func() error { _, err := wiped.Seal(testNow, Seen{}, ContentText, nil); return err })
	refused(t, wiped, ErrWiped, func() error { _, err := wiped.Rotate(testNow); return err })
}
