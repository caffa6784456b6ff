package vm

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/warp/signing"
)

var (
	simulatorSeeds = flag.Int("simulator.seeds", 0, "how many seeds the simulator runs; 0: a few hundred, fewer under the race detector")
	simulatorSeed  = flag.Uint64("simulator.seed", 0, "run this seed of the simulator alone")
)

// TestEveryOrderOfVerificationGivesTheStateOfThePlainMap runs several nodes over one random
// tree of blocks: each verifies the blocks in an order of its own, with siblings,
// grandchildren, preference changes, rejects and restarts between, and decides on them
// sooner or later. After each accepted block everything that a node answers must be what
// the oracle says, which knows no trees, layers or indexes.
func TestEveryOrderOfVerificationGivesTheStateOfThePlainMap(t *testing.T) {
	if *simulatorSeed != 0 {
		simulate(t, *simulatorSeed)
		return
	}
	seeds := *simulatorSeeds
	switch {
	case seeds > 0:
	case race.Enabled || testing.Short():
		seeds = 40
	default:
		seeds = 300
	}
	const chunk = 20
	for first := 1; first <= seeds; first += chunk {
		last := min(first+chunk-1, seeds)
		t.Run(fmt.Sprintf("seeds %d to %d", first, last), func(t *testing.T) {
			t.Parallel()
			for seed := first; seed <= last; seed++ {
				simulate(t, uint64(seed))
			}
		})
	}
}

// simulation is one random history.
type simulation struct {
	t testing.TB
	*require.Assertions
	*simulatedTransactions
	clock        *clock
	genesis      *chain.Genesis
	genesisBytes []byte
	upgrades     []byte // the upgrade file
	upgradeTime  uint64 // when the trial rule set begins
	slow         bool   // days go by
	nodes        []*simulatedNode
	blocks       map[ids.ID]*simulatedBlock
	all          []*simulatedBlock // in the order in which they were made
	accepted     []*simulatedBlock // by height
	seen         everSeen
}

// simulatedBlock is a block that somebody has made.
type simulatedBlock struct {
	*chain.Block
	parent *simulatedBlock
	state  *oracle
}

// descendsFrom reports whether a block is another one or comes after it.
func (b *simulatedBlock) descendsFrom(ancestor *simulatedBlock) bool {
	for ; b != nil; b = b.parent {
		if b == ancestor {
			return true
		}
	}
	return false
}

// simulatedGenesis has limits so small that the simulator runs into all of them.
func simulatedGenesis(random *rand.Rand) *chain.Genesis {
	genesis := chain.DefaultGenesis()
	genesis.Registration = simulatedRegistration(random)
	genesis.Timestamp = newClock().millis()
	genesis.RequireSignedSessions = random.IntN(8) == 0
	genesis.Options = chain.Options{
		SessionTTL:    30 + 5*random.Uint64N(18),
		MaxMessages:   4 + random.Uint64N(3),
		MaxChannels:   2,
		RetentionDays: 1,
		IDPrefix:      fmt.Sprintf("%02x", random.IntN(256)),
	}
	limits := &genesis.Limits
	limits.MaxBlockTransactions = 8
	limits.MaxBlockStateBytes = 19_000 + random.Uint64N(15_000)
	limits.MaxParticipants = 4
	if random.IntN(2) == 0 { // what comes back within an hour, and within a day
		genesis.Allowances = chain.Allowances{
			TransactionBytes: chain.Allowance{PerDay: 40 << 20, Burst: genesis.Limits.MaxBlockBytes},
			StateBytes:       chain.Allowance{PerDay: 3_000_000 + random.Uint64N(1000), Burst: 40_000},
			Sessions:         chain.Allowance{PerDay: 700, Burst: 3},
			Keys:             chain.Allowance{PerDay: 50 * random.Uint64N(3), Burst: 2},
			FreshShare:       random.Uint64N(4),
		}
	}
	limits.MaxCiphertextBytes = 64
	limits.MaxMetadataBytes = 32
	limits.PendingTTL = 15
	limits.MaxPendingSessions = 4
	limits.MaxBlockPendingSessions = 2
	limits.MaxIdentities = 5
	limits.MaxBlockRegistrations = 3
	limits.MaxBlockWarpMessages = max(random.Uint64N(4), uint64(min(1, len(genesis.Registration.Contracts))))
	limits.IdentityDays = 1 + random.Uint64N(2)
	limits.TransactionWindow = 20 + random.Uint64N(101)
	genesis.Invitations = chain.InvitationTerms{WorkBits: random.Uint64N(6), MaxKept: 12, MaxBlock: 2, MaxBlockBytes: 30_000, BucketIdentities: 1}
	return genesis
}

func simulate(t *testing.T, seed uint64) {
	defer func() {
		if t.Failed() {
			t.Logf("to run it again: go test ./vm -run %s -simulator.seed %d", "TestEveryOrderOfVerificationGivesTheStateOfThePlainMap", seed)
		}
	}()
	random := rand.New(rand.NewPCG(seed, 7))
	genesis := simulatedGenesis(random)
	s := &simulation{
		t:                     t,
		Assertions:            require.New(t),
		simulatedTransactions: &simulatedTransactions{random: random, people: simulatedPeople(), signers: make(map[chain.Hash][]string), together: make(map[int]*signing.SecretKey)},
		clock:                 newClock(),
		slow:                  random.IntN(4) == 0,
		blocks:                make(map[ids.ID]*simulatedBlock),
		seen:                  everSeen{sessions: make(map[ids.ID]struct{}), channels: make(map[ids.ID]struct{}), transactions: make(map[ids.ID]*chain.Transaction)},
	}
	s.scheduleUpgrade(genesis)
	var err error
	s.genesis, err = chain.ParseGenesis(s.genesisBytes)
	s.NoError(err)
	for _, person := range s.people {
		s.seen.people = append(s.seen.people, person.ID())
	}
	for n := range 2 + random.IntN(2) {
		node := &simulatedNode{simulation: s, name: fmt.Sprintf("node %d", n), db: dbm.NewMemDB(), history: pick(random, []int{1, 3, 4096})}
		node.old = n > 0 && random.IntN(2) == 0
		node.open()
		s.nodes = append(s.nodes, node)
	}
	s.begin()
	for range 160 + random.IntN(80) {
		s.step()
	}
	s.settle()
}

// begin takes block 0 from the nodes.
func (s *simulation) begin() {
	for _, node := range s.nodes {
		blk, err := node.BlockAt(0)
		s.NoError(err)
		if len(s.accepted) == 0 {
			first := &simulatedBlock{Block: blk, state: newOracle(s.genesis, s.upgradeTime)}
			first.state.oracleContracts.signers = s.simulatedTransactions.signers
			s.blocks[blk.ID()] = first
			s.accepted = append(s.accepted, first)
		}
		s.Equal(s.accepted[0].ID(), blk.ID(), "all nodes make the same block 0")
	}
}

// step does one random thing.
func (s *simulation) step() {
	node := pick(s.random, s.nodes)
	switch n := s.random.IntN(100); {
	case n < 12:
		s.pass()
	case n < 34:
		state, _ := node.tip().next(max(node.tip().Header.Timestamp, s.clock.millis()), s.platformHeight())
		node.submit(s.transaction(state))
	case n < 44:
		node.build()
	case n < 58:
		node.craft(node.somewhere())
	case n < 60:
		node.replaceOnTime(node.somewhere())
	case n < 63:
		node.offerInvalid()
	case n < 73:
		node.verifySomething()
	case n < 76:
		node.prefer(node.somewhere())
	case n < 83:
		s.decide()
	case n < 97:
		if node.behind() {
			node.catchUp()
		}
	case n < 98:
		node.restart()
	default:
		node.repeatItself()
	}
}

// pass lets time go by: often none, sometimes past a session's life, now and then past
// retention or an identity's life. It goes in seconds, so that blocks hit the very moment
// at which something ends.
func (s *simulation) pass() {
	switch n := s.random.IntN(100); {
	case n < 65:
		s.clock.advance(time.Duration(s.random.IntN(3)) * time.Second)
	case n < 85:
		s.clock.advance(time.Duration(5*s.random.IntN(4)) * time.Second)
	case n < 92 && !s.slow:
		s.clock.advance(time.Duration(10*s.random.IntN(10)) * time.Second)
	case n < 97:
		s.clock.advance(time.Duration(pick(s.random, []uint64{s.genesis.Limits.TransactionWindow * 1000, s.genesis.Retention()})) * time.Millisecond)
	default:
		s.clock.advance(time.Duration(1+s.random.IntN(40)) * time.Hour)
	}
}

// transaction makes a random transaction.
func (s *simulation) transaction(o *oracle) *chain.Transaction {
	often := 10
	if len(o.genesis.Registration.Contracts) > 0 && len(o.identities) < 3 {
		often = 40 // there may be no other way in
	}
	if s.chance(often) {
		return s.received(o)
	}
	for {
		signer, body := s.body(o)
		var signature []byte
		if signer != nil {
			var err error
			signature, err = signer.SignDeterministic(body.Context(), chain.SigningBytes(testChainID, body))
			s.NoError(err)
		}
		if tx, err := chain.NewTransaction(testChainID, body, signature); err == nil { // else wrong by itself
			return s.carry(o, signer, tx)
		}
	}
}

// add takes a new block up and executes it in the oracle.
func (s *simulation) add(blk *chain.Block) *simulatedBlock {
	if known, ok := s.blocks[blk.ID()]; ok {
		return known
	}
	parent := s.blocks[blk.Header.Parent]
	s.NotNil(parent)
	s.Equal(parent.Header.Height+1, blk.Header.Height)
	s.Equal(s.versionAfter(parent), blk.Header.Version)
	state, _ := parent.next(blk.Header.Timestamp, blk.Header.PChainHeight)
	for i, tx := range blk.Transactions {
		s.Empty(state.refusals(tx), "transaction %d of block %s, %T", i, blk.ID(), tx.Body)
		state.apply(tx)
		s.seen.transactions[tx.ID()] = tx
		switch tx.Body.(type) {
		case *chain.CreateSession:
			s.seen.sessions[chain.SessionID(s.genesis.Prefix(), testChainID, tx.ID())] = struct{}{}
		case *chain.CreateChannel:
			s.seen.channels[chain.ChannelID(testChainID, tx.ID())] = struct{}{}
		}
	}
	made := &simulatedBlock{Block: blk, parent: parent, state: state}
	s.blocks[blk.ID()] = made
	s.all = append(s.all, made)
	return made
}

// decide accepts one of the children of the last accepted block, for all nodes: each of
// them hears of it later.
func (s *simulation) decide() {
	last := s.accepted[len(s.accepted)-1]
	var children []*simulatedBlock
	for _, blk := range s.all {
		if blk.parent == last {
			children = append(children, blk)
		}
	}
	if len(children) > 0 {
		s.accepted = append(s.accepted, pick(s.random, children))
	}
}

// settle brings all nodes to the same block, gives every transaction that waits its chance,
// and compares everything again after a restart.
func (s *simulation) settle() {
	ctx := context.Background()
	for _, node := range s.nodes {
		node.replace()
		node.settle()
	}
	for _, node := range s.nodes {
		for {
			node.prefer(s.accepted[len(s.accepted)-1])
			blk := node.build()
			if blk == nil {
				break
			}
			s.accepted = append(s.accepted, blk)
			for _, other := range s.nodes {
				other.settle()
			}
		}
		s.Empty(node.waiting, "%s: every transaction is accepted, or refused on an accepted state", node.name)
		count, bytes := node.mempool.size()
		s.Zero(count)
		s.Zero(bytes)
	}
	included := make(map[ids.ID]uint64)
	for _, blk := range s.accepted {
		for _, tx := range blk.Transactions {
			s.NotContains(included, tx.ID(), "accepted twice")
			included[tx.ID()] = blk.Header.Height
		}
	}
	for _, node := range s.nodes {
		node.restart()
		node.compare()
		for height, blk := range s.accepted {
			id, err := node.GetBlockIDAtHeight(ctx, uint64(height))
			s.NoError(err)
			s.Equal(blk.ID(), id)
			stored, err := node.GetBlock(ctx, id)
			s.NoError(err)
			s.Equal(blk.Bytes(), stored.Bytes())
		}
		s.NoError(node.Shutdown(ctx))
		requireConsistentDatabase(s.t, node.db, slices.Collect(func(yield func(*chain.Block) bool) {
			for _, blk := range s.accepted {
				if !yield(blk.Block) {
					return
				}
			}
		}), chain.Upgrade{Rules: trialrules.Rules, Time: s.upgradeTime})
	}
}

// discard is a logger.
var discard = slog.New(slog.DiscardHandler)
