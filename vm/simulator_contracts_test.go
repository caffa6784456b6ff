package vm

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// simulatedSources are the chains whose contracts act; the platform does not know the last one. Their validators are the
// simulator's in another order, and the second chain is there from a height on.
var simulatedSources = []ids.ID{{0xc1}, {0xc2}, {0xc3}}

// sourceFrom is the first height that knows the second chain.
const sourceFrom = 6

func (simulatedPlatform) SourceValidators(_ context.Context, source ids.ID, pChainHeight uint64) (set []signing.Validator, err error) {
	if source == simulatedSources[2] || source == simulatedSources[1] && pChainHeight < sourceFrom {
		return nil, fmt.Errorf("chain %s is not known", source)
	}
	for i, key := range simulatedValidators() {
		if source == simulatedSources[1] || pChainHeight>>(3-i)&1 == 1 {
			set = append(set, signing.Validator{Node: nodeID(i), PublicKey: key.PublicKey().Uncompressed(), Weight: uint64(1 + i)})
		}
	}
	return set, nil
}

// received returns a transaction of a contract, mostly one that enough of the validators have signed who stand behind the next block.
func (g *simulatedTransactions) received(o *oracle) *chain.Transaction {
	g.nonce++
	from := &chain.ReceiveWarp{SourceChain: simulatedSources[g.random.IntN(2)], Address: []byte{7}}
	if g.chance(10) {
		from.Address = []byte{8}
	}
	if g.chance(4) {
		from.SourceChain = simulatedSources[2]
	}
	if contracts := o.genesis.Registration.Contracts; g.chance(8) || len(contracts) > 0 && g.chance(30) {
		if len(contracts) > 0 && !g.chance(15) {
			c := pick(g.random, contracts)
			from = &chain.ReceiveWarp{SourceChain: c.Chain, Address: c.Address}
		}
		public := g.person().Public()
		body := &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: g.deadline(o)}
		return g.signed(body, from, g.signedAt(o))
	}
	contract := from.Contract()
	sessions := make(map[ids.ID]oracleSession)
	for _, id := range sortedKeys(o.sessions) {
		session := o.sessions[id]
		if slices.Contains(session.participants, contract) && (session.status == chain.SessionActive && uint64(len(session.messages)) < o.genesis.MaxMessages || g.chance(8)) {
			sessions[id] = session
		}
	}
	var body chain.Body
	id := someID(g, sessions)
	switch n := g.random.IntN(10); {
	case n < 1 || len(sessions) == 0:
		body = &chain.CreateSession{Participants: []ids.ID{g.person().ID(), contract}, Metadata: g.metadata(), Creator: contract, Nonce: g.nonce, Deadline: g.deadline(o)}
	case n < 8:
		body = &chain.SendMessage{Session: id, Sender: contract, Ciphertext: fmt.Appendf(nil, "event %d", g.nonce)}
	default:
		sequence := max(1, g.random.IntN(len(o.sessions[id].messages)+2))
		receipt := &chain.Acknowledge{Session: id, Participant: contract, Sequence: uint64(sequence)}
		if sequence <= len(o.sessions[id].messages) {
			receipt.Transcript = o.transcript(id, sequence)
		}
		body = receipt
	}
	return g.signed(body, from, g.signedAt(o))
}

// signedAt returns the height whose validators sign, mostly that of the next block.
func (g *simulatedTransactions) signedAt(o *oracle) uint64 {
	if g.chance(10) {
		return 1 + g.random.Uint64N(allValidators)
	}
	return max(1, o.pChainHeight)
}

// signed returns a contract's transaction that validators of a height have signed, mostly enough of them.
func (g *simulatedTransactions) signed(body chain.Body, from *chain.ReceiveWarp, height uint64) *chain.Transaction {
	networkID := uint32(testNetworkID)
	if g.chance(3) {
		networkID++ // of another network
	}
	members, err := simulatedPlatform{}.SourceValidators(context.Background(), from.SourceChain, height)
	if err != nil {
		members, _ = simulatedPlatform{}.SourceValidators(context.Background(), simulatedSources[0], height)
	}
	set, err := signing.NewValidators(members)
	if err != nil {
		panic(err)
	}
	message := warp.CallMessage(networkID, testChainID, body, from)
	suite := pick(g.random, warp.Ciphersuites())
	var signers []string
	var indices []int
	sum, mask := new(big.Int), 0
	for i, key := range simulatedValidators() {
		if !set.Has(key.PublicKey().Bytes()) || len(signers) > 0 && g.chance(12) {
			continue
		}
		signers, mask = append(signers, string(key.PublicKey().Uncompressed())), mask|1<<i
		indices = append(indices, set.Index(key.PublicKey()))
		scalar, err := key.Bytes()
		if err != nil {
			panic(err)
		}
		sum.Add(sum, new(big.Int).SetBytes(scalar))
	}
	key, ok := g.together[mask]
	if !ok { // the sum of their signatures is the one by the sum of their keys
		key, err = signing.ParseSecretKey(sum.Mod(sum, groupOrder).FillBytes(make([]byte, 32)))
		g.together[mask] = key
	}
	var signature warp.Signature
	if err == nil {
		signature, err = key.Sign(suite, message.Bytes())
	}
	if err != nil {
		panic(err)
	}
	tx, err := chain.NewReceived(testChainID, body, &chain.ReceiveWarp{SourceChain: from.SourceChain, Address: from.Address, Signers: warp.NewSigners(indices...), Signature: signature[:]})
	if err != nil {
		panic(err)
	}
	if networkID == testNetworkID {
		g.signers[tx.Leaf()] = signers
	}
	return tx
}

// oracleContracts is what the contracts of each chain have used, and who has signed what they send.
type oracleContracts struct {
	contractsAt uint64 // the platform's height whose validators count; 0: none do
	received    uint64 // in this block
	usedBy      map[ids.ID][4]uint64
	signers     map[chain.Hash][]string // BLS keys, by the transaction's leaf; of those that are signed for this network
}

func (o *oracleContracts) nextContracts(pChainHeight uint64) {
	o.contractsAt, o.received = pChainHeight, 0
	o.usedBy = maps.Clone(o.usedBy)
}

// refuseContract refuses what too few have signed of the validators of the contract's chain, and what more than a block has room for.
func (o *oracle) refuseContract(refuse func(bool, refusal.Reason), tx *chain.Transaction) {
	refuse(o.genesis.Limits.MaxBlockWarpMessages == 0, refusal.ErrContractCall)
	refuse(o.received >= o.genesis.Limits.MaxBlockWarpMessages, refusal.ErrWarpBlockLimit)
	members, err := simulatedPlatform{}.SourceValidators(context.Background(), tx.Warp.SourceChain, o.contractsAt)
	if o.contractsAt == 0 || err != nil {
		refuse(true, refusal.ErrWarpSource)
		return
	}
	slices.SortFunc(members, func(a, b signing.Validator) int { // as the platform numbers them
		return slices.Compare(a.PublicKey, b.PublicKey)
	})
	signers, total, weight, matches := o.signers[tx.Leaf()], uint64(0), uint64(0), true
	bits := warp.Signers(tx.Warp.Signers)
	for i, member := range members {
		total += member.Weight
		if bits.Contains(i) {
			weight += member.Weight
		}
		matches = matches && bits.Contains(i) == slices.Contains(signers, string(member.PublicKey))
	}
	matches = matches && bits.Len() == len(signers) && !slices.ContainsFunc(bits.Indices(), func(i int) bool { return i >= len(members) })
	refuse(!matches || 100*weight < 67*total, refusal.ErrWarpSignature)
}

// groupOrder is the order of BLS12-381's groups (draft-irtf-cfrg-pairing-friendly-curves, section 4.2.1).
var groupOrder, _ = new(big.Int).SetString("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16)
