package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trial"
)

// victim is what the victim's process needs. It is one of its own: in the attackers' it would wait for its turn behind
// a hundred of them.
type victim struct {
	RPC     string
	Address int
	Seed    []byte // of its identity
	Friend  ids.ID
	Session ids.ID // of both
	Lasts   time.Duration

	person *trial.Person
}

// live starts a process of the victim's, and returns what it has seen.
func (f *field) live(ctx context.Context, lasts time.Duration) (*experience, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	task, err := json.Marshal(victim{RPC: f.server.RPC, Address: f.address, Seed: f.victim.Seed, Friend: f.friend.ID(), Session: f.session, Lasts: lasts})
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program, "-victim")
	command.Stdin, command.Stderr = bytes.NewReader(task), os.Stderr
	seen, err := command.Output()
	if err != nil {
		return nil, err
	}
	e := new(experience)
	return e, json.Unmarshal(seen, e)
}

// runVictim is the victim's process: what it needs comes from the standard input, and what it has seen goes to the output.
func runVictim(ctx context.Context) error {
	v := new(victim)
	if err := json.NewDecoder(os.Stdin).Decode(v); err != nil {
		return err
	}
	var err error
	if v.person, err = trial.PersonFromSeed(v.RPC, v.Address, v.Seed); err != nil {
		return err
	}
	e := &experience{Failed: make(map[string]int), Tried: make(map[string]int)}
	e.live(ctx, v)
	return json.NewEncoder(os.Stdout).Encode(e)
}

// experience is what the victim sees.
type experience struct {
	Waits   []time.Duration
	Blocks  []uint64
	Invited []uint64       // the same for invitations
	Failed  map[string]int // by what was tried
	Tried   map[string]int
}

// live sends small messages for a time, and then does what needs room in the state.
func (e *experience) live(ctx context.Context, v *victim) {
	for until := time.Now().Add(v.Lasts); time.Now().Before(until); {
		pause(ctx, 300*time.Millisecond)
		e.try("message", func() error { return e.message(ctx, v) })
	}
	stranger, err := trial.NewPerson(v.RPC, 0)
	if err != nil {
		e.try("registration", func() error { return err })
		return
	}
	wait := func(do func(context.Context) error) func() error {
		return func() error {
			ctx, cancel := context.WithTimeout(ctx, victimWait)
			defer cancel()
			return do(ctx)
		}
	}
	e.try("invitation", wait(func(ctx context.Context) error {
		tx, err := v.person.Invitation(ctx)
		if err != nil {
			return err
		}
		_, err = e.issue(ctx, v, tx, &e.Invited)
		return err
	}))
	e.try("registration", wait(stranger.Register))
	e.try("channel", wait(v.person.Channel))
	e.try("session", wait(func(ctx context.Context) error { _, err := v.person.Session(ctx, v.Friend); return err }))
	e.try("plain session", wait(v.person.PlainSession))
}

func (e *experience) try(what string, do func() error) {
	e.Tried[what]++
	if err := do(); err != nil {
		e.Failed[what]++
	}
}

// message sends one of 64 bytes and waits for its block.
func (e *experience) message(ctx context.Context, v *victim) error {
	tx, err := v.person.Message(ctx, v.Session, 64)
	if err != nil {
		return err
	}
	took, err := e.issue(ctx, v, tx, &e.Blocks)
	if took > 0 {
		e.Waits = append(e.Waits, took)
	}
	return err
}

// issue sends a transaction and waits for it. It adds how many blocks after the node took it have come up to its own.
func (e *experience) issue(ctx context.Context, v *victim, tx *chain.Transaction, blocks *[]uint64) (took time.Duration, err error) {
	sent := time.Now()
	count, err := func() (uint64, error) {
		if _, err := v.person.Issue(ctx, tx, 0); err != nil {
			return math.MaxUint64, err
		}
		health, err := v.person.Client.Health(ctx)
		if err != nil {
			return math.MaxUint64, err
		}
		accepted, err := v.person.Issue(ctx, tx, victimWait)
		if err != nil {
			return math.MaxUint64, err
		}
		return accepted.Height - min(health.Height, accepted.Height), nil
	}()
	*blocks = append(*blocks, count)
	return time.Since(sent), err
}

func (e *experience) latency() string {
	if len(e.Waits) == 0 {
		return "no answer"
	}
	slices.Sort(e.Waits)
	return fmt.Sprintf("%d, %d ms", e.Waits[len(e.Waits)/2].Milliseconds(), e.Waits[len(e.Waits)-1].Milliseconds())
}

func inBlocks(blocks []uint64) string {
	if len(blocks) == 0 {
		return "–"
	}
	if worst := slices.Max(blocks); worst != math.MaxUint64 {
		return fmt.Sprint(worst)
	}
	return "not taken"
}

func (e *experience) refusals() string {
	var all []string
	for _, what := range []string{"registration", "channel", "session", "plain session", "invitation", "message"} {
		if e.Failed[what] > 0 {
			all = append(all, fmt.Sprintf("%s %d of %d", what, e.Failed[what], e.Tried[what]))
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}
