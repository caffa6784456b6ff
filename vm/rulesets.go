package vm

import (
	"fmt"
	"maps"
	"slices"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/refusal"
)

// ruleSets returns the rule sets that this software knows, by number: each as what it changes in
// the values of the genesis.
func ruleSets() map[uint32]func(*chain.Genesis) {
	known := map[uint32]func(*chain.Genesis){
		chain.HeaderVersion: func(*chain.Genesis) {},
	}
	if trialrules.Enabled() {
		known[trialrules.Rules] = func(genesis *chain.Genesis) { genesis.Limits.MaxCiphertextBytes /= 2 }
	}
	return known
}

// schedule says by which rules each block executes.
type schedule struct {
	upgrades chain.Upgrades
	values   map[uint32]*chain.Genesis // the genesis's values under each known rule set
}

func newSchedule(genesis *chain.Genesis, upgradeBytes []byte, known map[uint32]func(*chain.Genesis)) (*schedule, error) {
	upgrades, err := genesis.Schedule(upgradeBytes)
	if err != nil {
		return nil, err
	}
	s := &schedule{upgrades: upgrades, values: make(map[uint32]*chain.Genesis)}
	for number, change := range known {
		values := *genesis
		change(&values)
		s.values[number] = &values
	}
	return s, nil
}

// after returns the number of the rule set of a block whose parent has a time, and the values
// that it executes by. It fails if this software does not know the rules.
func (s *schedule) after(parentTime uint64) (uint32, *chain.Genesis, error) {
	number := s.upgrades.RulesAfter(parentTime)
	values, ok := s.values[number]
	if !ok {
		return 0, nil, s.unknown(number)
	}
	return number, values, nil
}

func (s *schedule) unknown(number uint32) error {
	return refusal.New(refusal.ErrVersion,
		fmt.Sprintf("rules that this software knows, up to rule set %d; replace it with a version that knows rule set %d", slices.Max(slices.Collect(maps.Keys(s.values))), number),
		fmt.Sprintf("rule set %d", number))
}

// firstUnknown returns the first upgrade that this software does not know.
func (s *schedule) firstUnknown() (upgrade chain.Upgrade, exists bool) {
	for _, upgrade := range s.upgrades {
		if s.values[upgrade.Rules] == nil {
			return upgrade, true
		}
	}
	return chain.Upgrade{}, false
}

// maxBlockBytes returns the bytes of the largest block of any known rule set.
func (s *schedule) maxBlockBytes() (most int) {
	for _, values := range s.values {
		most = max(most, int(values.Limits.MaxBlockBytes))
	}
	return most
}
