package chain

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/refusal"
)

func TestAllowanceGivesItsBurstAndThenItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Allowance{PerDay: rapid.Uint64Range(1, maxAllowance).Draw(t, "perDay"), Burst: rapid.Uint64Range(1, maxAllowance).Draw(t, "burst")}
		now := rapid.Uint64Range(1, 1<<52).Draw(t, "now")
		start, until, used := now, uint64(0), uint64(0)
		for range 20 {
			amount := rapid.Uint64Range(1, 1<<27).Draw(t, "amount")
			next, ok := a.Use(until, now, amount)
			if ok {
				until, used = next, used+amount
			} else if next-now < 1<<50 && amount <= a.Burst {
				// It is allowed from then on, and not a millisecond before.
				_, early := a.Use(until, next-1, amount)
				_, later := a.Use(until, next, amount)
				require.False(t, early)
				require.True(t, later)
			}
			// What was used is the burst and what has come back since, at most.
			require.LessOrEqual(t, used*(dayMilliseconds/1000)/a.PerDay, a.Burst*(dayMilliseconds/1000)/a.PerDay+(now-start)/1000+2)
			now += rapid.Uint64Range(0, dayMilliseconds).Draw(t, "passes")
		}
	})
	for amount, want := range map[uint64]bool{10: true, 11: false} {
		_, ok := Allowance{PerDay: 24, Burst: 10}.Use(0, 1000, amount)
		require.Equal(t, want, ok)
	}
	until, ok := Allowance{}.Use(5, 1000, 1<<40)
	require.True(t, ok, "no bound")
	require.EqualValues(t, 5, until)
}

func TestAllowancesThatNoTransactionFitsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`"transactionBytes":{"perDay":1,"burst":1799999}`: "allowances.transactionBytes.burst",
		`"stateBytes":{"perDay":1,"burst":1000}`:          "allowances.stateBytes.burst",
		`"sessions":{"perDay":1,"burst":0}`:               "allowances.sessions.burst",
		`"keys":{"perDay":1,"burst":0}`:                   "allowances.keys.burst",
		`"keys":{"perDay":68719476737,"burst":1}`:         "allowances.keys.perDay",
		`"keys":{"perDay":1,"burst":68719476737}`:         "allowances.keys.burst",
		`"keys":{"perDay":0,"burst":0}`:                   "",
	} {
		_, err := ParseGenesis(fmt.Appendf(nil, `{"allowances":{%s}}`, text))
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, refusal.ErrGenesis)
		require.ErrorContains(t, err, want)
	}
}

func TestFreshAllowanceIsAShareOfTheBurst(t *testing.T) {
	a := Allowance{PerDay: 24, Burst: 20} // an hour each
	const hour = 3_600_000
	require.EqualValues(t, 1000+18*hour, a.Fresh(1000, 10))
	require.EqualValues(t, 1000, a.Fresh(1000, 1))
	require.Zero(t, a.Fresh(1000, 0))
	require.Zero(t, Allowance{}.Fresh(1000, 10))
	_, err := ParseGenesis([]byte(`{"allowances":{"freshShare":1001}}`))
	require.ErrorIs(t, err, refusal.ErrGenesis)
}
