package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/ava-labs/avalanchego/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

const (
	// Steady load: this many senders, each with one message at a time and this pause.
	senders     = 8
	senderPause = 200 * time.Millisecond
	// sendWait is how long a sender waits for one message before it sends it again.
	sendWait = 5 * time.Second
	// settle is how long a node that was started gets before times are measured: it has
	// to be connected to all others.
	settle = 5 * time.Second
)

// load is messages that are sent all the time, each to a node that is picked at random,
// and to another one if that does not answer.
type load struct {
	stop    context.CancelFunc
	done    sync.WaitGroup
	session ids.ID

	mu       sync.Mutex
	accepted map[string]sent // by ciphertext
	attempts int

	measure bool            // messages that are sent now are measured
	pending sync.WaitGroup  // messages that are measured and not yet everywhere
	times   []time.Duration // from the first sending to accepted on every node
	err     error           // a measured message is not everywhere
}

func startLoad(ctx context.Context, t *testing.T) *load {
	t.Helper()
	ctx, stop := context.WithCancel(ctx)
	l := &load{stop: stop, accepted: make(map[string]sent)}
	var persons []*person
	for range senders {
		p, err := newPerson(ctx, net.Nodes[0])
		require.NoError(t, err)
		persons = append(persons, p)
	}
	var err error
	l.session, err = newSession(ctx, net.Nodes[0], persons...)
	require.NoError(t, err)
	first, err := persons[0].send(ctx, net.Nodes[0], net.ChainID, l.session, []byte("first"), longestWait)
	require.NoError(t, err)
	l.accepted["first"] = first
	for i, p := range persons {
		random := rand.New(rand.NewPCG(uint64(i), 1))
		l.done.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				l.send(ctx, p, random, fmt.Sprintf("%d/%d", i, n))
				time.Sleep(senderPause)
			}
		})
	}
	return l
}

// send sends one message until some node says that it is accepted: the same bytes each
// time but for the signature, so that it is the same message.
func (l *load) send(ctx context.Context, p *person, random *rand.Rand, text string) {
	l.mu.Lock()
	measured := l.measure
	if measured {
		l.pending.Add(1)
		defer l.pending.Done()
	}
	l.mu.Unlock()
	started := time.Now()
	for ctx.Err() == nil {
		node := net.Nodes[random.IntN(len(net.Nodes))]
		call, cancel := context.WithTimeout(ctx, 2*sendWait)
		sent, err := p.send(call, node, net.ChainID, l.session, []byte(text), sendWait)
		cancel()
		l.mu.Lock()
		l.attempts++
		if err == nil {
			l.accepted[text] = sent
		}
		l.mu.Unlock()
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if measured {
			err := awaitEverywhere(ctx, sent.ID)
			l.mu.Lock()
			l.times, l.err = append(l.times, time.Since(started)), errors.Join(l.err, err)
			l.mu.Unlock()
		}
		return
	}
}

// measured returns how long each message took that was sent within a time, from sending to
// accepted on every node. It waits for the last of them, or the slow ones would not count.
func (l *load) measured(t *testing.T, during time.Duration) []time.Duration {
	t.Helper()
	set := func(measure bool) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.measure = measure
	}
	set(true)
	time.Sleep(during)
	set(false)
	l.pending.Wait()
	require.NoError(t, l.err)
	require.NotEmpty(t, l.times)
	return l.times
}

// finish ends the load, and requires that every accepted message is on every node, once and
// where it was said to be.
func (l *load) finish(ctx context.Context, t *testing.T) {
	t.Helper()
	l.stop()
	l.done.Wait()
	for _, sent := range l.accepted {
		require.NoError(t, awaitEverywhere(ctx, sent.ID))
	}
	for _, node := range net.Running() {
		all, err := list(ctx, node, l.session)
		require.NoError(t, err)
		seen := make(map[ids.ID]uint64)
		for i, m := range all {
			require.EqualValues(t, i+1, m.Sequence)
			require.Zero(t, seen[m.ID], "node %d has message %s twice", node.Index+1, m.ID)
			seen[m.ID] = m.Sequence
		}
		for text, sent := range l.accepted {
			require.Equal(t, sent.Sequence, seen[sent.ID], "message %s on node %d", text, node.Index+1)
		}
	}
	t.Logf("%d messages accepted in %d attempts: none lost, none twice", len(l.accepted), l.attempts)
}

func since(started time.Time) time.Duration { return time.Since(started).Round(time.Millisecond) }

func testFaults(ctx context.Context, t *testing.T) {
	l := startLoad(ctx, t)

	// A validator that was never there bootstraps from genesis.
	late := net.Nodes[network.Size-1]
	require.False(t, late.Running())
	started := time.Now()
	require.NoError(t, net.StartNode(ctx, late))
	t.Logf("the late validator has bootstrapped after %s", since(started))

	// Load alone.
	time.Sleep(settle)
	t.Logf("%d nodes, %d senders: from sending to accepted on every node, under load: %s", len(net.Running()), senders, spread(l.measured(t, 10*time.Second)))

	// A validator is killed, and catches up by itself.
	victim := net.Nodes[2]
	require.NoError(t, victim.Kill())
	time.Sleep(3 * time.Second)
	started = time.Now()
	require.NoError(t, net.StartNode(ctx, victim))
	t.Logf("the killed validator is back after %s", since(started))

	// A plugin is killed: the others go on. After its node's restart its data is whole.
	wounded := net.Nodes[1]
	before, err := net.Nodes[0].Height(ctx)
	require.NoError(t, err)
	started = time.Now()
	require.NoError(t, wounded.KillPlugin())
	eventually(ctx, t, 50*time.Millisecond, "the others go on", func() bool {
		height, err := net.Nodes[0].Height(ctx)
		return err == nil && height > before+2
	})
	t.Logf("three blocks without the plugin that was killed after %s", since(started))
	require.NoError(t, wounded.Kill()) // in order it would wait for its plugin
	started = time.Now()
	require.NoError(t, net.StartNode(ctx, wounded))
	t.Logf("the node whose plugin was killed is back after %s", since(started))

	l.finish(ctx, t)
	requireAgreement(ctx, t)
}

// testRest measures one message after the other, each at another node, when all validators
// are there and nothing else happens.
func testRest(ctx context.Context, t *testing.T) {
	time.Sleep(settle)
	_, session, alice := sendOne(ctx, t, net.Nodes[0], "first")
	var times []time.Duration
	for i := range 50 {
		started := time.Now()
		sent, err := alice.send(ctx, net.Nodes[i%len(net.Nodes)], net.ChainID, session, fmt.Appendf(nil, "message %d", i), longestWait)
		require.NoError(t, err)
		require.NoError(t, awaitEverywhere(ctx, sent.ID))
		times = append(times, time.Since(started))
		time.Sleep(50 * time.Millisecond)
	}
	t.Logf("%d nodes: from sending to accepted on every node, at rest: %s", len(net.Running()), spread(times))
	requireAgreement(ctx, t)
}

// joinWithRules has a node join that knows the rules of now.
func joinWithRules(ctx context.Context, t *testing.T) *network.Node {
	t.Helper()
	guest, err := net.AddNode()
	require.NoError(t, err)
	require.NoError(t, guest.SetPlugin(*trialPlugin))
	require.NoError(t, guest.Configure("upgrade.json", schedule))
	require.NoError(t, guest.Configure("config.json", []byte(`{"stateSync":{"minBlocks":16}}`)))
	joined, err := net.Join(ctx, guest)
	require.NoError(t, err)
	t.Logf("a node that is to be a validator has joined: %s", joined)
	return guest
}

// testValidatorsChange puts another one in the place of one of the five: headers follow, and what was certified by
// the old set is certified by the new one.
func testValidatorsChange(ctx context.Context, t *testing.T) {
	early, _, _ := sendOne(ctx, t, net.Nodes[0], "before")
	before, err := headerAt(ctx, net.Nodes[0], early.Height)
	require.NoError(t, err)
	joins, leaves := joinWithRules(ctx, t), net.Nodes[network.Size-1]
	require.NoError(t, net.AddValidator(ctx, joins))
	require.NoError(t, net.RemoveValidator(ctx, leaves))
	var (
		after header
		later sent
	)
	eventually(ctx, t, time.Second, "headers follow the validators", func() bool {
		later, _, _ = sendOne(ctx, t, net.Nodes[0], "after")
		after, err = headerAt(ctx, net.Nodes[0], later.Height)
		require.NoError(t, err)
		set := canonicalSet(ctx, t, after.PChainHeight)
		return after.ValidatorSetHash != before.ValidatorSetHash && indexIn(set, joins) >= 0 && indexIn(set, leaves) < 0
	})
	require.Greater(t, after.PChainHeight, before.PChainHeight)
	var delivered struct {
		Signed       hexBytes `json:"signed"`
		PChainHeight uint64   `json:"pChainHeight"`
	}
	require.NoError(t, net.Nodes[0].Call(ctx, "GetWarpMessage", map[string]any{"transactionId": early.ID.String()}, &delivered))
	require.GreaterOrEqual(t, delivered.PChainHeight, after.PChainHeight)
	verified(ctx, t, delivered.Signed, delivered.PChainHeight)
	var certified struct {
		Certificate hexBytes `json:"certificate"`
	}
	require.NoError(t, net.Nodes[0].Call(ctx, "GetCertificate", map[string]any{"height": after.Height}, &certified))
	verified(ctx, t, certified.Certificate, after.PChainHeight)
	followChange(ctx, t, later)
	followWithoutBLS(ctx, t, joins)
	peopleAfterChange(ctx, t)
	requireAgreement(ctx, t)
}
