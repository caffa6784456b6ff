package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/internal/trial"
)

const (
	// networkInterval is how often a network makes a block.
	networkInterval = time.Second
	// setupInterval is for attacks on reading that need a longer chain first.
	setupInterval = 100 * time.Millisecond

	// invitationBits is the price of an invitation: so little that the attackers, who share the
	// server's processors, have more than blocks take.
	invitationBits = 6

	longestTrial = 3 * time.Minute
	victimWait   = 20 * time.Second // the longest that the service waits
	// pace is an attacker's pause after a refusal.
	pace = 5 * time.Millisecond
	// refillWait lets a client's allowance of unsigned transactions come back before a trial.
	refillWait = 500 * time.Millisecond
)

// attack is something that a hostile client does again and again.
type attack struct {
	name     string
	interval time.Duration  // between blocks; zero: networkInterval
	genesis  map[string]any // options and limits of the genesis that differ
	counts   []int          // how many attackers; nil: one, and many
	identity bool           // whether an attacker needs a registered identity
	same     bool           // whether the victim comes from the first attacker's address
	prepare  func(context.Context, *field) error
	// once is one request, measured alone; nil: there is none of interest.
	once func(context.Context, *field) error
	// act is one step of an attacker.
	act func(ctx context.Context, f *field, attacker int) error
	// note says what the table has no column for.
	note func(context.Context, *field) string
}

func (a *attack) attackers(many int) []int {
	if a.counts != nil {
		return a.counts
	}
	return []int{1, many}
}

// field is where an attack happens.
type field struct {
	server   *trial.Server
	victim   *trial.Person // lives in a process of its own, see live
	address  int           // of its connections, see trial.Address
	friend   *trial.Person
	session  ids.ID // of victim and friend
	people   []*trial.Person
	sessions [][]ids.ID // each attacker's
	taken    atomic.Int64
	refused  atomic.Int64
	started  time.Time
	steps    []atomic.Int64 // each attacker's, to take turns
}

type options struct {
	program   string
	lasts     time.Duration
	many      int
	maxMemory int64
}

// start starts a server on a new chain.
func (o *options) start(ctx context.Context, a *attack, folder string) (*trial.Server, error) {
	encoded, err := exec.CommandContext(ctx, o.program, "genesis", "--registration", "open").Output()
	if err != nil {
		return nil, fmt.Errorf("%s genesis: %w", o.program, err)
	}
	var genesis map[string]any
	if err := json.Unmarshal(encoded, &genesis); err != nil {
		return nil, err
	}
	limits, ok := genesis["limits"].(map[string]any)
	if !ok {
		return nil, errors.New("the genesis has no limits")
	}
	if invitations, ok := genesis["invitations"].(map[string]any); ok {
		invitations["workBits"] = invitationBits
	}
	for name, value := range a.genesis {
		if _, option := genesis[name]; option {
			genesis[name] = value
		} else {
			limits[name] = value
		}
	}
	if encoded, err = json.Marshal(genesis); err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "genesis.json")
	if err := os.WriteFile(file, encoded, 0o600); err != nil {
		return nil, err
	}
	interval := a.interval
	if interval == 0 {
		interval = networkInterval
	}
	return trial.Start(o.program, filepath.Join(folder, "data"), longestTrial, "--genesis", file, "--block-interval", interval.String(), "--log-level", "ERROR")
}

// newField makes the people, and what they need before the attack.
func newField(ctx context.Context, a *attack, server *trial.Server, attackers int) (*field, error) {
	f := &field{server: server, sessions: make([][]ids.ID, attackers), steps: make([]atomic.Int64, attackers)}
	if a.same {
		f.address = 1
	}
	var err error
	if f.victim, err = trial.NewPerson(server.RPC, f.address); err != nil {
		return nil, err
	}
	if f.friend, err = trial.NewPerson(server.RPC, 0); err != nil {
		return nil, err
	}
	for n := range attackers {
		attacker, err := trial.NewPerson(server.RPC, 1+n)
		if err != nil {
			return nil, err
		}
		f.people = append(f.people, attacker)
	}
	var group errgroup.Group
	for _, p := range []*trial.Person{f.victim, f.friend} {
		group.Go(func() error { return p.Register(ctx) })
	}
	if a.identity {
		for _, p := range f.people {
			group.Go(func() error { return p.Register(ctx) })
		}
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("registering: %w", err)
	}
	if f.session, err = f.friend.Session(ctx, f.victim.ID()); err != nil {
		return nil, fmt.Errorf("the victim's session: %w", err)
	}
	if a.prepare != nil {
		if err := a.prepare(ctx, f); err != nil {
			return nil, fmt.Errorf("preparing: %w", err)
		}
	}
	return f, nil
}

// attack lets all attackers act until ctx ends.
func (f *field) attack(ctx context.Context, a *attack) {
	var group sync.WaitGroup
	for n := range f.people {
		group.Go(func() {
			for ctx.Err() == nil {
				err := a.act(ctx, f, n)
				switch {
				case ctx.Err() != nil:
				case err != nil:
					f.refused.Add(1)
					pause(ctx, pace)
				default:
					f.taken.Add(1)
				}
			}
		})
	}
	group.Wait()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// guard ends the server when it takes more memory than the machine should give it.
func (o *options) guard(ctx context.Context, server *trial.Server, exceeded *atomic.Bool) {
	for ctx.Err() == nil {
		if now, _ := server.Memory(); now > o.maxMemory {
			exceeded.Store(true)
			server.Kill()
			return
		}
		pause(ctx, 20*time.Millisecond)
	}
}
