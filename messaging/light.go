package messaging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/client/provider"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

const (
	// pinPeriod is how long after its time a block that was trusted on first use is good to go
	// on from. After that a node's word would have to be taken anew, which is worse than the
	// word of validators that may have left since.
	pinPeriod = 365 * 24 * time.Hour
	// pinRenewal is how much later than the pinned block a block is that takes its place.
	pinRenewal = 24 * time.Hour
	// attestPeriod is how old the latest block that was verified with ML-DSA-65 is when the next answer with news is, on a chain
	// that was pinned on first use: of 100 validators that takes 264 KB.
	attestPeriod = 5 * time.Minute
	// trustedBlocks is how many blocks are kept in memory.
	trustedBlocks = 32
)

// light verifies what a node answers. Without a client of its own it believes the node.
type light struct {
	chainID ids.ID
	rpc     *client.Client
	client  *lightclient.Client // nil: the node is trusted
	pin     string              // path of the pinned trust file; empty if there is none
	rules   lightclient.Rules
	primary *provider.Provider // of the client

	mu     sync.Mutex
	pinned time.Time           // the pinned block's
	quick  *lightclient.Client // goes by BLS between attested blocks, see lazy; nil: none
}

// nodesFile is the file in the folder that says which chain the node of an address was of.
const nodesFile = "nodes.json"

// checkNode refuses a node of another chain than is meant, or than it was of before.
func (m *Messenger) checkNode() error {
	meant := m.config.Chain
	if m.config.Trust != nil {
		meant = m.config.Trust.ChainID
	}
	if meant == ids.Empty {
		nodes, err := m.nodes()
		if err != nil {
			return err
		}
		meant = nodes[m.client.Address()]
	}
	if meant != ids.Empty && meant != m.chainID {
		return refusal.Wrap(ErrTrust, refusal.ErrWrongChain, fmt.Sprintf("%s to be a node of chain %s", m.client.Address(), meant), m.chainID)
	}
	return nil
}

// nodes returns which chains the nodes were of that the folder was used with, by their addresses.
func (m *Messenger) nodes() (map[string]ids.ID, error) {
	nodes := map[string]ids.ID{}
	path := filepath.Join(m.config.Folder, nodesFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nodes, nil
	}
	if err == nil {
		err = strictjson.Unmarshal(content, &nodes)
	}
	if err != nil {
		return nil, refusal.Because(ErrTrust, "%s: %w", path, err)
	}
	return nodes, nil
}

// keepNode notes which chain the node is of.
func (m *Messenger) keepNode(ctx context.Context) error {
	address := m.client.Address()
	return updateJSON(ctx, filepath.Join(m.config.Folder, nodesFile), func([]byte) (any, error) {
		nodes, err := m.nodes()
		if err != nil || nodes[address] == m.chainID {
			return nil, err
		}
		nodes[address] = m.chainID
		return nodes, nil
	})
}

// updateJSON writes what change makes of a file's content, nil if there is none, while no other program
// does. If that is nil the file stays as it is.
func updateJSON(ctx context.Context, path string, change func(content []byte) (any, error)) error {
	var refused error
	err := sealedfile.Update(ctx, path, func(content []byte) ([]byte, error) {
		var value any
		if value, refused = change(content); refused != nil || value == nil {
			return nil, nil
		}
		encoded, err := json.MarshalIndent(value, "", "  ")
		return append(encoded, '\n'), err
	})
	if err != nil {
		return refusal.Because(ErrStore, "%w", err)
	}
	return refused
}

// openLight takes the trust options, or what was pinned for the chain, or pins what the node
// says now.
func (m *Messenger) openLight(ctx context.Context) (err error) {
	l := &light{chainID: m.chainID, rpc: m.client}
	m.light = l
	if m.config.TrustNode {
		return nil
	}
	trust := m.config.Trust
	if trust == nil {
		l.pin = filepath.Join(m.config.Folder, m.chainID.String()+".trust.json")
		if trust, err = l.pinnedTrust(ctx, m.config.FirstUse); err != nil {
			return err
		}
		l.pinned = trust.Checkpoint.Header.Time()
	}
	l.rules = trust.Rules
	l.primary = provider.New("the node", m.client)
	l.primary.PostQuantum = trust.Policy.PostQuantum()
	l.client, err = lightclient.New(lightclient.Config{Trust: *trust, Primary: l.primary, MaxBlocks: trustedBlocks})
	if err == nil && l.lazy() {
		err = l.goOn(trust.Checkpoint)
	}
	return err
}

// lazy reports whether not each answer is verified with ML-DSA-65: on a chain that was pinned on first use with both policies.
// Answers in between are verified with BLS alone, from the latest attested block on, and say so.
func (l *light) lazy() bool { return l.pin != "" && l.rules.Policy == lightclient.PolicyBoth }

// goOn has BLS lead on from an attested block. What it led to before is forgotten if it was something else.
func (l *light) goOn(attested lightclient.Checkpoint) (err error) {
	attested.Keys = nil
	if l.quick != nil && l.quick.Renew(&attested) == nil {
		return nil
	}
	trust := lightclient.TrustOptions{Rules: l.rules, Checkpoint: attested}
	trust.Policy = lightclient.PolicyBLS
	l.quick, err = lightclient.New(lightclient.Config{Trust: trust, Primary: provider.New("the node", l.rpc), MaxBlocks: trustedBlocks})
	return err
}

// due reports whether the next answer with news is to be verified with ML-DSA-65.
func (l *light) due(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lazy() && now.Sub(l.pinned) >= attestPeriod
}

// followed returns the client that follows to a block: if not each answer is verified with ML-DSA-65, the one that goes by BLS, unless
// the block is attested.
func (l *light) followed(b *lightclient.LightBlock) (*lightclient.Client, error) {
	if !l.lazy() || b.PostQuantum != nil {
		return l.client, nil
	}
	latest, err := l.client.Latest()
	if err != nil || latest.Header.ID() == b.Header.ID() {
		return l.client, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.quick, nil
}

// pinnedTrust reads the pinned trust file. On first use it makes it from what the node says.
func (l *light) pinnedTrust(ctx context.Context, firstUse func(*lightclient.TrustOptions)) (trust *lightclient.TrustOptions, err error) {
	made := false
	err = updateJSON(ctx, l.pin, func(content []byte) (any, error) {
		if content != nil {
			if trust, err = lightclient.ParseTrustOptions(content); err != nil {
				return nil, refusal.Because(ErrTrust, "%s: %w", l.pin, err)
			}
			return nil, nil
		}
		if trust, err = provider.FirstUse(ctx, l.rpc); err != nil {
			return nil, l.blame(err)
		}
		if trust.ChainID != l.chainID { // nothing false is pinned
			return nil, refusal.Because(ErrNode, "expected the validators of chain %s, got those of %s", l.chainID, trust.ChainID)
		}
		trust.TrustingPeriod, made = pinPeriod, true
		return trust, nil
	})
	if err == nil && made && firstUse != nil {
		firstUse(trust)
	}
	return trust, err
}

// renew pins a later block, from time to time, or the one that was attested.
func (l *light) renew(ctx context.Context) error {
	if l.pin == "" {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b, err := l.client.Latest()
	if err != nil || !b.Header.Time().After(l.pinned) || !l.lazy() && b.Header.Time().Sub(l.pinned) < pinRenewal {
		return err
	}
	checkpoint, err := b.Checkpoint(l.rules.Policy)
	if err == nil && l.lazy() {
		err = l.goOn(*checkpoint)
	}
	if err == nil {
		err = updateJSON(ctx, l.pin, func([]byte) (any, error) {
			return &lightclient.TrustOptions{Rules: l.rules, Checkpoint: *checkpoint}, nil
		})
	}
	if err == nil {
		l.pinned = b.Header.Time()
	}
	return err
}

// trusted is the height of the latest block that is trusted, 0 if the node is.
func (l *light) trusted() (uint64, error) {
	by := l.client
	if l.client == nil {
		return 0, nil
	}
	if l.lazy() {
		l.mu.Lock()
		by = l.quick
		l.mu.Unlock()
	}
	b, err := by.Latest()
	if err != nil {
		return 0, err
	}
	return b.Header.Height, nil
}

// verify returns what a proof shows of the chain's state, and whether that rests on ML-DSA-65.
func (l *light) verify(ctx context.Context, proof *lightclient.StateProof) (_ *lightclient.State, postQuantum bool, _ error) {
	if got := proof.Block.Header.ChainID; got != l.chainID {
		return nil, false, refusal.Because(ErrNode, "expected a block of chain %s, got one of %s", l.chainID, got)
	}
	if l.client == nil {
		state, err := proof.State()
		return state, false, l.blame(err)
	}
	by, err := l.followed(proof.Block)
	if err != nil {
		return nil, false, err
	}
	state, basis, err := by.State(ctx, proof)
	if errors.Is(err, lightclient.ErrNotFound) && !errors.As(err, new(lightclient.ErrProvider)) { // it is before all that is trusted
		return nil, false, refusal.Because(ErrBehind, "expected a block after the one that is trusted, got block %d: the node is behind, or not of this chain", proof.Block.Header.Height)
	}
	if err != nil {
		return nil, false, l.blame(err)
	}
	return state, basis.PostQuantum, l.renew(ctx)
}

// blame tells a proof that does not hold from a node that does not answer.
func (l *light) blame(err error) error {
	switch {
	case err == nil, client.Unanswered(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.As(err, new(*client.Error)):
		return err
	case errors.Is(err, lightclient.ErrNotFound):
		return err
	default:
		return fmt.Errorf("%w: %w", ErrNode, err)
	}
}

// state returns what a state of the chain holds at keys: the latest, if the node is not behind.
func (m *Messenger) state(ctx context.Context, keys ...[]byte) (*lightclient.State, error) {
	trusted, err := m.trusted()
	if err != nil {
		return nil, err
	}
	params := client.GetStateProofParams{TrustedHeight: trusted, Uncertified: m.config.TrustNode}
	for _, key := range keys {
		params.Keys = append(params.Keys, key)
	}
	answer, err := m.client.GetStateProof(ctx, params)
	if err != nil {
		return nil, err
	}
	proof, err := lightclient.ParseStateProof(answer.Proof)
	if err != nil {
		return nil, refusal.Because(ErrNode, "%w", err)
	}
	state, _, err := m.verify(ctx, proof)
	return state, err
}

// trusted is up to which height a node is told that the chain is trusted, 0: not at all. On a circuit it is the
// height of the last answer there: that of another one would tie the two.
func (m *Messenger) trusted() (uint64, error) {
	if m.seen != nil {
		return m.seen.Load(), nil
	}
	return m.light.trusted()
}

// attest asks for the ML-DSA-65 signatures of a proof's block, and puts them in, so that verify demands them.
func (m *Messenger) attest(ctx context.Context, proof *lightclient.StateProof) error {
	latest, err := m.light.client.Latest()
	if err != nil {
		return err
	}
	node, trusted := m.light.primary, latest.Header.Height
	if m.seen != nil { // nothing of what is known from elsewhere is told on a circuit
		node, trusted = provider.New("the node", m.client), m.seen.Load()
		node.PostQuantum = true
	}
	block, err := node.LightBlock(ctx, proof.Block.Header.Height, trusted)
	if err != nil {
		return m.light.blame(err)
	}
	if got, want := block.Header.ID(), proof.Block.Header.ID(); got != want || block.PostQuantum == nil {
		return refusal.Because(ErrNode, "expected block %s with ML-DSA-65 signatures, got %s, or none", want, got)
	}
	proof.Block = block
	return nil
}

// verify returns what a proof shows of the chain's state, and whether that rests on ML-DSA-65.
func (m *Messenger) verify(ctx context.Context, proof *lightclient.StateProof) (*lightclient.State, bool, error) {
	state, postQuantum, err := m.light.verify(ctx, proof)
	if m.seen == nil {
		return state, postQuantum, err
	}
	if errors.Is(err, refusal.ErrValidatorSet) { // it was made for who trusts what was seen here alone
		m.seen.Store(0)
	} else if err == nil {
		m.seen.Store(max(m.seen.Load(), state.Header.Height))
	}
	return state, postQuantum, err
}

// leafOf returns the record at a key of a verified state. What is not there, or was not
// proven, is an ErrNode.
func leafOf[R any](state *lightclient.State, key []byte, parse func([]byte) (R, error)) (record R, err error) {
	value, err := state.Leaf(key)
	if err == nil && value == nil {
		err = refusal.New(refusal.ErrProof, fmt.Sprintf("a record at key %x", key), "none")
	}
	if err == nil {
		record, err = parse(value)
	}
	if err != nil {
		err = refusal.Because(ErrNode, "%w", err)
	}
	return record, err
}

// checkGenesis proves that the rules that the node tells of are the chain's.
func (m *Messenger) checkGenesis(ctx context.Context) error {
	state, err := m.state(ctx, chain.TotalsKey())
	if err != nil {
		return err
	}
	totals, err := leafOf(state, chain.TotalsKey(), chain.ParseTotals)
	if err != nil {
		return err
	}
	if want := m.genesis.Hash(); totals.Genesis != want {
		return refusal.Because(ErrNode, "expected the genesis %s, got %s", totals.Genesis, want)
	}
	return nil
}
