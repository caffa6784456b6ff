package vm

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// upgradeFile schedules the trial rule set some time after the tests' clock has started.
func upgradeFile(after time.Duration) []byte {
	return fmt.Appendf(nil, `{"upgrades":[{"rules":%d,"time":%d}]}`, trialrules.Rules, newClock().now.Add(after).UnixMilli())
}

// long makes a message that only the first rule set allows.
func (c *testChain) long(sender *pq.Identity, session ids.ID) *chain.Transaction {
	text := bytes.Repeat([]byte{'x'}, int(c.Genesis().Limits.MaxCiphertextBytes))
	return sign(c.t, sender, &chain.SendMessage{Session: session, Sender: sender.ID(), Ciphertext: text})
}

func (c *testChain) restart() {
	c.t.Helper()
	require.NoError(c.t, c.Shutdown(context.Background()))
	c.open()
}

// startUpgraded starts a chain that has the trial rule set an hour after its genesis.
func startUpgraded(t *testing.T) *testChain {
	c := startChain(t, nil)
	c.upgrades = upgradeFile(time.Hour)
	c.restart()
	return c
}

func TestTheParentsTimeDecidesOnTheRules(t *testing.T) {
	ctx := context.Background()
	c := startUpgraded(t)
	alice, bob, session := c.open2()
	first := c.long(alice, session)
	require.EqualValues(t, 1, c.accept(first).Header.Version)

	c.clock.advance(time.Hour)
	c.accept(c.message(bob, session, "the last of the first rules"))
	require.EqualValues(t, 1, c.last().Header.Version)
	c.accept(c.message(bob, session, "new"))
	require.EqualValues(t, 2, c.last().Header.Version, "the second block after the hour: its parent is of the new time")
	require.ErrorIs(t, c.Submit(ctx, c.long(bob, session), ""), refusal.ErrCiphertextSize)
	require.EqualValues(t, 2, c.accept(c.message(bob, session, "short")).Header.Version)

	peer := c.peer()
	require.Equal(t, c.last().ID(), peer.last().ID(), "who follows later comes to the same")
}

func TestWhatWaitsOverAnActivationMeetsTheNewRules(t *testing.T) {
	ctx := context.Background()
	c := startUpgraded(t)
	alice, bob, session := c.open2()
	c.clock.advance(time.Hour)
	long := c.long(alice, session)
	require.NoError(t, c.Submit(ctx, long, ""), "the parent is of before")
	short := c.message(bob, session, "short")
	other := c.propose(c.last(), short)
	require.EqualValues(t, 1, other.Header.Version)
	require.NoError(t, c.SetPreference(ctx, other.ID()))
	require.NoError(t, other.Accept(ctx))
	_, err := c.BuildBlock(ctx)
	require.ErrorIs(t, err, refusal.ErrEmptyBlock)
	_, err = c.Await(ctx, long.ID())
	require.ErrorIs(t, err, refusal.ErrCiphertextSize)
}

func TestABlockOfTheWrongRulesIsRefused(t *testing.T) {
	c := startUpgraded(t)
	alice, _, session := c.open2()
	refused := func(version uint32) {
		t.Helper()
		blk := c.forge(func(h *chain.Header) { h.Version = version }, c.message(alice, session, "x"))
		c.requireUntouched(func() { c.requireRefused(c.verifyBytes(blk.Bytes()), refusal.ErrVersion) })
	}
	refused(2)
	c.clock.advance(time.Hour)
	refused(2)
	c.accept(c.message(alice, session, "the last of the first rules"))
	refused(1)
	refused(3)
	c.accept(c.message(alice, session, "new"))
}

func TestAScheduleThatTheChainHasNotHadIsRefused(t *testing.T) {
	c := startUpgraded(t)
	alice, _, session := c.open2()
	c.clock.advance(time.Minute)
	c.accept(c.message(alice, session, "one"))
	c.accept(c.message(alice, session, "two"))
	start := func(upgrades []byte) error {
		require.NoError(t, c.Shutdown(context.Background()))
		c.VM = New()
		return c.Initialize(context.Background(), c.hostOf(upgrades), c.genesis, nil)
	}
	require.NoError(t, start(nil), "no block is of the upgrade: it may still go")
	require.NoError(t, start(upgradeFile(2*time.Hour)), "or come later")
	require.ErrorIs(t, start(upgradeFile(time.Millisecond)), refusal.ErrConfig, "but not before blocks that are of the first rules")

	c.upgrades = upgradeFile(time.Hour)
	c.restart()
	c.clock.advance(time.Hour)
	c.accept(c.message(alice, session, "the last of the first rules"))
	require.NoError(t, start(nil))
	c.upgrades = upgradeFile(time.Hour)
	c.restart() // who gets the file after the last block of the first rules is not too late
	c.accept(c.message(alice, session, "new"))
	for name, upgrades := range map[string][]byte{
		"none": nil, "earlier": upgradeFile(59 * time.Minute), "later": upgradeFile(61 * time.Minute), "a millisecond": upgradeFile(time.Hour + time.Millisecond),
	} {
		err := start(upgrades)
		require.ErrorIs(t, err, refusal.ErrConfig, name)
		require.ErrorContains(t, err, "restore the upgrade file", name)
	}
	c.restart()
	c.accept(c.message(alice, session, "goes on"))
}

func TestSoftwareThatDoesNotKnowTheRulesStopsAndGoesOnWhenItIsReplaced(t *testing.T) {
	ctx := context.Background()
	c := startUpgraded(t)
	alice, _, session := c.open2()
	old := c.peer()
	old.old = true
	old.restart()
	c.clock.advance(time.Hour)
	old.follow(c.accept(c.message(alice, session, "the last of the first rules")).Block)
	waiting := c.message(alice, session, "waits")
	next := c.accept(c.message(alice, session, "new"))

	old.requireUntouched(func() {
		_, err := old.ParseBlock(ctx, next.Bytes())
		old.requireRefused(err, refusal.ErrVersion)
		require.ErrorContains(t, err, "replace it with a version that knows rule set 2")
		old.requireRefused(old.Submit(ctx, waiting, ""), refusal.ErrVersion)
		_, err = old.BuildBlock(ctx)
		old.requireRefused(err, refusal.ErrVersion)
		require.NoError(t, old.ready(), "it has stopped in order: what it has, it serves")
	})
	old.old = false
	old.restart()
	old.follow(next.Block)
	require.NoError(t, old.Submit(ctx, waiting, ""))
	c.follow(old.block().Block)

	require.NoError(t, old.Shutdown(ctx))
	old.old = true
	old.open()
	require.ErrorIs(t, old.canBuild(), refusal.ErrVersion, "old software on a chain of new rules serves what is there")
	require.Equal(t, c.last().ID(), old.last().ID())
}

func TestEveryKnownRuleSetHasAHeaderVersion(t *testing.T) {
	known := ruleSets()
	require.Len(t, known, int(chain.LatestRules()))
	for number := uint32(1); number <= chain.LatestRules(); number++ {
		require.Contains(t, known, number)
	}
}

// TestNoRuleSetHasOtherIssuers: signatures are checked by the genesis, and once, whatever rules a
// transaction meets in its block.
func TestNoRuleSetHasOtherIssuers(t *testing.T) {
	defer trialrules.Enable()()
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{{1}, {2}}}
	known, err := newSchedule(genesis, nil, ruleSets())
	require.NoError(t, err)
	require.Len(t, known.values, 2)
	for number, values := range known.values {
		require.Equal(t, []chain.Bytes{{1}, {2}}, values.Registration.Issuers, "rule set %d", number)
	}
}
