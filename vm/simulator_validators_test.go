package vm

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// simulatedValidators are the BLS keys of who may stand behind a block. Their ML-DSA-65 keys are those of the simulator's people:
// which of them a validator has is chance.
var simulatedValidators = sync.OnceValue(func() (keys []*signing.SecretKey) {
	for n := range 4 {
		key, err := signing.SecretKeyFromSeed(bytes.Repeat([]byte{byte(n + 1)}, signing.SeedSize))
		if err != nil {
			panic(err)
		}
		keys = append(keys, key)
	}
	return keys
})

// simulatedPlatform has sets whose height says who is in them, a bit for each validator. At height 0 there is none, and blocks
// with that height have no context.
type simulatedPlatform struct{}

// allValidators is the height with all.
const allValidators = 1<<4 - 1

func (simulatedPlatform) CurrentHeight(context.Context) (uint64, error) { return allValidators, nil }

func (simulatedPlatform) Validators(_ context.Context, pChainHeight uint64) (set []signing.Validator, err error) {
	for i, key := range simulatedValidators() {
		if pChainHeight>>i&1 == 1 {
			set = append(set, signing.Validator{Node: nodeID(i), PublicKey: key.PublicKey().Bytes(), Weight: uint64(1 + i)})
		}
	}
	return set, nil
}

// platformHeight returns a height of the platform chain for a block, 0 for one without a context. Mostly it is the same for a while.
func (g *simulatedTransactions) platformHeight() uint64 {
	switch n := g.random.IntN(100); {
	case n < 15:
		return 0
	case n < 20:
		return 1 + g.random.Uint64N(allValidators)
	case n < 24 || g.regular == 0:
		g.regular = 1 + g.random.Uint64N(allValidators)
	}
	return g.regular
}

// verifyAt verifies a block as a host does that has a context with a height, or none.
func verifyAt(blk *Block, pChainHeight uint64) error {
	if pChainHeight == 0 {
		return blk.Verify(context.Background())
	}
	return blk.VerifyWithContext(context.Background(), Context{PChainHeight: pChainHeight})
}

// buildAt builds a block as a host asks for it that has a context with a height, or none.
func (n *simulatedNode) buildAt(pChainHeight uint64) (*Block, error) {
	if pChainHeight == 0 {
		return n.BuildBlock(context.Background())
	}
	return n.BuildBlockWithContext(context.Background(), Context{PChainHeight: pChainHeight})
}

// validatorKey returns a registration of a validator's key, mostly one that replaces the key that the validator has.
func (g *simulatedTransactions) validatorKey(o *oracle) *chain.RegisterValidatorKey {
	signer := pick(g.random, simulatedValidators())
	if ready := o.readyValidators(); len(ready) > 0 && !g.chance(30) {
		signer = pick(g.random, ready)
	}
	return g.validatorKeyOf(o, signer)
}

func (g *simulatedTransactions) validatorKeyOf(o *oracle, signer *signing.SecretKey) *chain.RegisterValidatorKey {
	key, replaced := g.person(), (*pq.Identity)(nil)
	body := &chain.RegisterValidatorKey{Scheme: chain.SchemeMLDSA65, PublicKey: key.Public().DSA, BLSPublicKey: signer.PublicKey().Bytes(), Deadline: g.deadline(o)}
	now, registered := o.validatorKeys[string(body.BLSPublicKey)]
	switch {
	case g.chance(12):
		replaced = g.person()
	case registered && !g.chance(8):
		replaced = g.people[slices.IndexFunc(g.people, func(p *pq.Identity) bool { return bytes.Equal(p.Public().DSA, now.public) })]
	}
	if replaced != nil {
		body.Replaces = replaced.Public().DSA
	}
	signed := chain.SigningBytes(testChainID, body)
	message := warp.ValidatorKeyMessage(testNetworkID, testChainID, chain.TransactionID(testChainID, body))
	signature, err := signer.Sign(pick(g.random, warp.Ciphersuites()), message.Bytes())
	if err == nil {
		body.BLSSignature = signature[:]
		body.Possession, err = key.SignDeterministic(body.Context(), signed)
	}
	if err == nil && replaced != nil {
		body.Consent, err = replaced.SignDeterministic(chain.ContextReplaceValidatorKey, signed)
	}
	if err != nil {
		panic(err)
	}
	return body
}

// replaceOnTime has a validator replace its key in a block at the very moment from which it may, or a second before. The time goes
// by until then.
func (n *simulatedNode) replaceOnTime(parent *simulatedBlock) {
	signer := pick(n.random, simulatedValidators())
	key, registered := parent.state.validatorKeys[string(signer.PublicKey().Bytes())]
	moment := key.registered + 1000*(parent.state.genesis.Limits.TransactionWindow-n.random.Uint64N(2))
	if !registered || moment < parent.Header.Timestamp || n.stopsAfter(parent) {
		return
	}
	if now := n.clock.millis(); now < moment {
		n.clock.advance(time.Duration(moment-now) * time.Millisecond)
	}
	state, _ := parent.next(moment, allValidators)
	tx, err := chain.NewTransaction(testChainID, n.validatorKeyOf(state, signer), nil)
	if err != nil { // wrong by itself
		return
	}
	if reasons := state.refusals(tx); len(reasons) > 0 {
		header, _ := n.header(parent, moment, allValidators, nil)
		n.requireInvalid(chain.NewBlock(header, []*chain.Transaction{tx}), reasons)
		return
	}
	state.apply(tx)
	n.verify(n.add(n.assemble(parent, moment, allValidators, []*chain.Transaction{tx})))
}

// spoil changes one of a registration's signatures, and returns the reason to refuse it.
func (g *simulatedTransactions) spoil(body *chain.RegisterValidatorKey) (*chain.RegisterValidatorKey, refusal.Reason) {
	reason := refusal.ErrBadSignature
	changed := &chain.RegisterValidatorKey{
		Scheme: body.Scheme, PublicKey: body.PublicKey, BLSPublicKey: body.BLSPublicKey, Replaces: body.Replaces, Deadline: body.Deadline,
		BLSSignature: bytes.Clone(body.BLSSignature), Possession: bytes.Clone(body.Possession), Consent: bytes.Clone(body.Consent),
	}
	signature := changed.Possession
	switch n := g.random.IntN(3); {
	case n == 0:
		signature, reason = changed.BLSSignature, refusal.ErrBLSSignature
	case n == 1 && len(changed.Consent) > 0:
		signature = changed.Consent
	}
	signature[g.random.IntN(len(signature))] ^= 1
	return changed, reason
}

// oracleValidators are the validators of a block and the ML-DSA-65 keys that the chain has of them.
type oracleValidators struct {
	pChainHeight  uint64
	validatorKeys map[string]oracleValidatorKey // by BLS key
	keyEvents     []string                      // BLS keys; the first has number 1
	keysSwept     int
}

type oracleValidatorKey struct {
	public           []byte
	registered, seen uint64
	number           int
	absent           bool
}

func (o *oracle) validates(bls string) bool {
	set, _ := simulatedPlatform{}.Validators(context.Background(), o.pChainHeight)
	return slices.ContainsFunc(set, func(v signing.Validator) bool { return string(v.PublicKey) == bls })
}

// readyValidators returns those of the validators with a key that they may replace.
func (o *oracle) readyValidators() (ready []*signing.SecretKey) {
	for _, signer := range simulatedValidators() {
		bls := string(signer.PublicKey().Bytes())
		if key, ok := o.validatorKeys[bls]; ok && o.validates(bls) && o.now >= key.registered+o.genesis.Limits.TransactionWindow*1000 {
			ready = append(ready, signer)
		}
	}
	return ready
}

func (o *oracle) refuseValidatorKey(refuse func(bool, refusal.Reason), body *chain.RegisterValidatorKey) {
	key, registered := o.validatorKeys[string(body.BLSPublicKey)]
	refuse(!o.validates(string(body.BLSPublicKey)), refusal.ErrNotValidator)
	refuse(!registered && len(body.Replaces) > 0, refusal.ErrValidatorKey)
	refuse(registered && !bytes.Equal(body.Replaces, key.public), refusal.ErrValidatorKey)
	refuse(registered && o.now < key.registered+o.genesis.Limits.TransactionWindow*1000, refusal.ErrValidatorKeyRenewal)
}

// putValidatorKey writes a key that is looked at now.
func (o *oracle) putValidatorKey(bls string, key oracleValidatorKey) {
	o.keyEvents = append(o.keyEvents, bls)
	key.number, key.seen = len(o.keyEvents), o.now
	o.validatorKeys[bls] = key
}

// sweepValidatorKeys lets go of the keys of validators that were none twice, a retention apart. A block without a set can't see that.
func (o *oracle) sweepValidatorKeys() (swept int) {
	for o.pChainHeight != 0 && o.keysSwept < len(o.keyEvents) {
		bls := o.keyEvents[o.keysSwept]
		if key, ok := o.validatorKeys[bls]; ok && key.number == o.keysSwept+1 {
			if key.seen+o.retention() > o.now {
				break
			}
			absent := !o.validates(bls)
			if absent && key.absent {
				delete(o.validatorKeys, bls)
			} else {
				key.absent = absent
				o.putValidatorKey(bls, key)
			}
			swept++
		}
		o.keysSwept++
	}
	return swept
}

// requireValidatorKeys holds the keys of all validators against the oracle's.
func (n *simulatedNode) requireValidatorKeys(o *oracle, snapshot *state.Snapshot) {
	for _, signer := range simulatedValidators() {
		bls := signer.PublicKey().Bytes()
		id := chain.ValidatorKeyID(bls)
		var expected *chain.ValidatorKey
		key, ok := o.validatorKeys[string(bls)]
		if ok {
			expected = &chain.ValidatorKey{Scheme: 1, PublicKey: key.public, BLSPublicKey: bls, Registered: key.registered, Number: uint64(key.number), Seen: key.seen, Absent: key.absent}
		}
		got, err := snapshot.ValidatorKey(id)
		requireRecord(n.Assertions, expected, got, err, "key of validator", id)
	}
}
