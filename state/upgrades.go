package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// rememberUpgrades writes, with the first block under new rules, which upgrades the chain has
// had.
func (s *Store) rememberUpgrades(batch setter, header *chain.Header) error {
	if s.accepted == nil || s.accepted.header.Version == header.Version {
		return nil
	}
	used, err := json.Marshal(s.options.Upgrades.Until(header.Version))
	if err != nil {
		return err
	}
	return batch.Set([]byte{keyUpgrades}, used)
}

// checkUpgrades refuses a schedule by which the accepted blocks would have had other rules. An
// upgrade that no accepted block was made under may still be changed.
func (s *Store) checkUpgrades(last *chain.Header) error {
	scheduled := s.options.Upgrades
	value, err := s.db.Get([]byte{keyUpgrades})
	if err != nil {
		return err
	}
	if value != nil {
		var used chain.Upgrades
		if err := json.Unmarshal(value, &used); err != nil {
			return fmt.Errorf("damaged database: the upgrades: %w", err)
		}
		if given := scheduled.Until(last.Version); !slices.Equal(used, given) {
			return refusal.New(refusal.ErrConfig, fmt.Sprintf("the upgrades that the chain has had: %v", used), fmt.Sprintf("%v; restore the upgrade file", given))
		}
	}
	if last.Height == 0 {
		return nil
	}
	if rules := scheduled.RulesAfter(last.Timestamp); rules < last.Version { // also where the parent is not held
		return refusal.New(refusal.ErrConfig, fmt.Sprintf("upgrades by which block %d has rule set %d", last.Height, last.Version),
			fmt.Sprintf("rule set %d by %v; all nodes of a chain need the same upgrade file", rules, scheduled))
	}
	parent, err := s.HeaderAt(last.Height - 1)
	if errors.Is(err, refusal.ErrNotFound) || errors.Is(err, refusal.ErrNotHeld) {
		return nil // the chain's past was not copied, or is forgotten
	} else if err != nil {
		return err
	}
	if rules := scheduled.RulesAfter(parent.Timestamp); rules != last.Version {
		return refusal.New(refusal.ErrConfig,
			fmt.Sprintf("upgrades by which block %d, whose parent is of %d (Unix milliseconds), has rule set %d", last.Height, parent.Timestamp, last.Version),
			fmt.Sprintf("rule set %d by %v; all nodes of a chain need the same upgrade file", rules, scheduled))
	}
	return nil
}
