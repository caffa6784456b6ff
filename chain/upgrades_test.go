package chain

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/refusal"
)

func TestUpgradesAreThoseOfTheGenesisAndThenOfTheFile(t *testing.T) {
	g, err := ParseGenesis([]byte(`{"timestamp":1000,"upgrades":[{"rules":2,"time":1001}]}`))
	require.NoError(t, err)
	for _, none := range []string{"", " \n", "{}", `{"upgrades":[]}`} {
		upgrades, err := g.Schedule([]byte(none))
		require.NoError(t, err)
		require.Equal(t, Upgrades{{2, 1001}}, upgrades)
	}
	upgrades, err := g.Schedule([]byte(`{"upgrades":[{"rules":4,"time":2000}]}`))
	require.NoError(t, err)
	require.Equal(t, Upgrades{{2, 1001}, {4, 2000}}, upgrades)
	require.Equal(t, Upgrades{{2, 1001}}, g.Upgrades, "the genesis stays as it is")

	for parent, rules := range map[uint64]uint32{1000: 1, 1001: 2, 1999: 2, 2000: 4, 1 << 60: 4} {
		require.Equal(t, rules, upgrades.RulesAfter(parent), "parent of %d", parent)
	}
	for rules, count := range map[uint32]int{1: 0, 2: 1, 3: 1, 4: 2, 9: 2} {
		require.Len(t, upgrades.Until(rules), count)
	}
}

func TestUpgradesOutOfOrderAreRefused(t *testing.T) {
	tooMany := `{"rules":2,"time":2000}`
	for n := range maxUpgrades {
		tooMany += fmt.Sprintf(`,{"rules":%d,"time":%d}`, n+3, n+2001)
	}
	for name, upgrades := range map[string]string{
		"the first rules":     `{"rules":1,"time":2000}`,
		"no rules":            `{"time":2000}`,
		"no time":             `{"rules":2}`,
		"the genesis's time":  `{"rules":2,"time":1000}`,
		"rules twice":         `{"rules":2,"time":2000},{"rules":2,"time":3000}`,
		"rules descending":    `{"rules":3,"time":2000},{"rules":2,"time":3000}`,
		"one time twice":      `{"rules":2,"time":2000},{"rules":3,"time":2000}`,
		"times descending":    `{"rules":2,"time":3000},{"rules":3,"time":2000}`,
		"a time out of range": `{"rules":2,"time":4503599627370497}`,
		"a negative number":   `{"rules":-2,"time":2000}`,
		"an unknown field":    `{"rules":2,"time":2000,"height":3}`,
		"too many":            tooMany,
	} {
		_, err := ParseGenesis([]byte(`{"timestamp":1000,"upgrades":[` + upgrades + `]}`))
		require.ErrorIs(t, err, refusal.ErrGenesis, name)
		g, err := ParseGenesis([]byte(`{"timestamp":1000}`))
		require.NoError(t, err)
		_, err = g.Schedule([]byte(`{"upgrades":[` + upgrades + `]}`))
		require.ErrorIs(t, err, refusal.ErrConfig, name)
	}
}

func TestUpgradeFilesAreStrict(t *testing.T) {
	g, err := ParseGenesis([]byte(`{"timestamp":1000,"upgrades":[{"rules":3,"time":2000}]}`))
	require.NoError(t, err)
	for _, file := range []string{"x", "[]", `{"upgrade":[]}`, "{} {}", `{"upgrades":[{"rules":2,"time":3000}]}`, `{"upgrades":[{"rules":4,"time":2000}]}`} {
		_, err := g.Schedule([]byte(file))
		require.ErrorIs(t, err, refusal.ErrConfig, file)
	}
	_, err = g.Schedule(make([]byte, MaxUpgradeBytes+1))
	require.ErrorIs(t, err, refusal.ErrTooLarge)
}

func TestAGenesisWithUpgradesHasAnotherHash(t *testing.T) {
	without, err := ParseGenesis([]byte(`{"upgrades":[]}`))
	require.NoError(t, err)
	plain, err := ParseGenesis([]byte(`{}`))
	require.NoError(t, err)
	with, err := ParseGenesis([]byte(`{"upgrades":[{"rules":2,"time":1800000000000}]}`))
	require.NoError(t, err)
	again, err := ParseGenesis(with.Bytes())
	require.NoError(t, err)
	require.Equal(t, plain.Hash(), without.Hash())
	require.NotEqual(t, plain.Hash(), with.Hash())
	require.Equal(t, with.Hash(), again.Hash())
}

// It does not run beside others: it changes what this program knows.
func TestHeadersOfUnknownRuleSetsAreRefusedWithWhatToDo(t *testing.T) {
	header := func(version uint32) []byte {
		h := *sampleBlock().Header
		h.Version = version
		return h.Bytes()
	}
	for version := range uint32(4) {
		_, err := ParseHeader(header(version))
		if version == HeaderVersion {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, refusal.ErrVersion)
		require.ErrorContains(t, err, "upgrade")
	}
	defer trialrules.Enable()()
	_, err := ParseHeader(header(trialrules.Rules))
	require.NoError(t, err)
	_, err = ParseHeader(header(trialrules.Rules + 1))
	require.ErrorIs(t, err, refusal.ErrVersion)
}
