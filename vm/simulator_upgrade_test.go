package vm

import (
	"context"
	"encoding/json"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/refusal"
)

func init() { trialrules.Enable() }

// oracleRules are the oracle's two rule sets.
type oracleRules struct {
	first, trial *chain.Genesis
	time         uint64 // from which on a parent's children are of the trial rule set
}

func newOracleRules(genesis *chain.Genesis, time uint64) *oracleRules {
	halved := *genesis
	halved.Limits.MaxCiphertextBytes = genesis.Limits.MaxCiphertextBytes / 2
	return &oracleRules{genesis, &halved, time}
}

func (r *oracleRules) after(parent uint64) *chain.Genesis {
	if parent < r.time {
		return r.first
	}
	return r.trial
}

// scheduleUpgrade schedules the trial rule set while the simulation runs, in the genesis or in the
// upgrade file.
func (s *simulation) scheduleUpgrade(genesis *chain.Genesis) {
	s.upgradeTime = genesis.Timestamp + 1000*(1+s.random.Uint64N(60))
	upgrades := chain.Upgrades{{Rules: trialrules.Rules, Time: s.upgradeTime}}
	if s.chance(50) {
		genesis.Upgrades = upgrades
	} else {
		file, err := json.Marshal(map[string]chain.Upgrades{"upgrades": upgrades})
		s.NoError(err)
		s.upgrades = file
	}
	s.genesisBytes = genesis.Bytes()
}

// versionAfter returns the header version of a block's children.
func (s *simulation) versionAfter(parent *simulatedBlock) uint32 {
	if parent.Header.Timestamp < s.upgradeTime {
		return 1
	}
	return 2
}

// knows reports whether the node's software knows the rules of a block. If not, the node must
// refuse the block and say so.
func (n *simulatedNode) knows(blk *simulatedBlock) bool {
	known := !n.old || blk.Header.Version == 1
	if !known {
		_, err := n.ParseBlock(context.Background(), blk.Bytes())
		n.ErrorIs(err, refusal.ErrVersion)
	}
	return known
}

// stopsAfter reports whether the node's software does not know the rules of a block's children.
func (n *simulatedNode) stopsAfter(parent *simulatedBlock) bool {
	return n.old && n.versionAfter(parent) == 2
}

// requireStopped requires that the node makes and takes nothing if it does not know the rules of
// the next block, says why, and stays as it is.
func (n *simulatedNode) requireStopped() {
	if n.stopsAfter(n.tip()) {
		tx := n.transaction(n.tip().state)
		if _, waits := n.waiting[tx.ID()]; !waits {
			n.ErrorIs(n.Submit(context.Background(), tx, ""), refusal.ErrVersion)
		}
	}
	parent := n.preferred
	if _, ok := n.verified[n.idOf(parent)]; !ok {
		parent = n.tip()
	}
	if n.stopsAfter(parent) {
		_, err := n.BuildBlock(context.Background())
		n.ErrorIs(err, refusal.ErrVersion)
		n.ErrorContains(err, "replace it with a version that knows rule set 2")
		n.ErrorIs(n.canBuild(), refusal.ErrVersion)
	}
	n.NoError(n.ready())
	n.requireWaiting()
}

// replace gives the node software that knows all rules, if its own does not.
func (n *simulatedNode) replace() {
	if n.old {
		n.old = false
		n.restart()
	}
}
