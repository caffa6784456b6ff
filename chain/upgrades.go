package chain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/refusal"
)

const (
	// MaxUpgradeBytes bounds an upgrade file.
	MaxUpgradeBytes = 64 << 10
	maxUpgrades     = 256
)

// Upgrade is the moment from which on a chain has other rules.
type Upgrade struct {
	// Rules is the number of the rule set, and the version of the headers under it.
	Rules uint32 `json:"rules"`
	// Time is the activation in Unix milliseconds: a block whose parent is of this time or
	// later executes by the rules. The parent's time decides, because the maker of a block
	// chooses the block's own.
	Time uint64 `json:"time"`
}

// At returns Time.
func (u Upgrade) At() time.Time { return time.UnixMilli(int64(u.Time)).UTC() }

func (u Upgrade) String() string {
	return fmt.Sprintf("rule set %d from %s on", u.Rules, u.At().Format(time.RFC3339))
}

// Upgrades are a chain's upgrades, both rules and times ascending.
type Upgrades []Upgrade

// RulesAfter returns the number of the rule set of a block whose parent has a time.
func (u Upgrades) RulesAfter(parentTime uint64) uint32 {
	rules := uint32(HeaderVersion)
	for _, upgrade := range u {
		if upgrade.Time <= parentTime {
			rules = upgrade.Rules
		}
	}
	return rules
}

// Until returns the upgrades up to a rule set.
func (u Upgrades) Until(rules uint32) Upgrades {
	for i, upgrade := range u {
		if upgrade.Rules > rules {
			return u[:i]
		}
	}
	return u
}

// check refuses upgrades out of order, or not after the genesis, whose block 0 has the first rules.
func (u Upgrades) check(reason refusal.Reason, genesisTime uint64) error {
	if len(u) > maxUpgrades {
		return refusal.New(reason, fmt.Sprintf("at most %d upgrades", maxUpgrades), len(u))
	}
	before := Upgrade{HeaderVersion, genesisTime}
	for _, upgrade := range u {
		if upgrade.Rules <= before.Rules || upgrade.Time <= before.Time || upgrade.Time > maxTime {
			return refusal.New(reason,
				fmt.Sprintf("upgrades with ascending rules and times (Unix milliseconds): after %d at %d a later one", before.Rules, before.Time),
				fmt.Sprintf("%d at %d", upgrade.Rules, upgrade.Time))
		}
		before = upgrade
	}
	return nil
}

// Schedule returns the genesis's upgrades and after them those of an upgrade file, strictly
// decoded: {"upgrades":[{"rules":2,"time":1790000000000}]}. No bytes at all are no file. All
// nodes of a chain must have the same.
func (g *Genesis) Schedule(upgradeBytes []byte) (Upgrades, error) {
	var file struct {
		Upgrades Upgrades `json:"upgrades"`
	}
	if len(upgradeBytes) > MaxUpgradeBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("an upgrade file of at most %d bytes", MaxUpgradeBytes), len(upgradeBytes))
	}
	if len(bytes.TrimSpace(upgradeBytes)) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(upgradeBytes))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&file); err != nil {
			return nil, refusal.New(refusal.ErrConfig, `an upgrade file like {"upgrades":[{"rules":2,"time":1790000000000}]}`, err)
		}
		if _, err := decoder.Token(); err != io.EOF {
			return nil, refusal.New(refusal.ErrConfig, "nothing after the JSON object of the upgrade file", "more")
		}
	}
	upgrades := append(append(Upgrades(nil), g.Upgrades...), file.Upgrades...)
	return upgrades, upgrades.check(refusal.ErrConfig, g.Timestamp)
}

// LatestRules returns the number of the latest rule set that this software knows, which is the
// highest header version that it reads.
func LatestRules() uint32 {
	if trialrules.Enabled() {
		return trialrules.Rules
	}
	return HeaderVersion
}

// CheckVersion refuses the version of a header that this software does not know.
func (h *Header) CheckVersion() error {
	if latest := LatestRules(); h.Version < HeaderVersion || h.Version > latest {
		return refusal.New(refusal.ErrVersion,
			fmt.Sprintf("a header of rule set %d to %d; a higher one needs newer software: upgrade", HeaderVersion, latest), h.Version)
	}
	return nil
}
