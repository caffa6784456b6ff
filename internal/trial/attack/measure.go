package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trial"
)

const header = `| attack | clients | steps taken, refused a second | one request alone | peak memory | CPU a step | victim's message, median and worst | in blocks | its invitation in blocks | refused to the victim | disk a day | |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`

// result is a row of the table.
type result struct {
	attack    string
	attackers int
	seconds   float64
	taken     int64
	refused   int64
	once      string
	peak      int64
	exceeded  bool
	cpu       time.Duration
	victim    experience
	disk      int64
	note      string
}

func (r *result) String() string {
	memory := fmt.Sprintf("%d MB", r.peak/1e6)
	if r.exceeded {
		memory = fmt.Sprintf("above %s: ended", memory)
	}
	step := r.cpu / time.Duration(max(r.taken+r.refused, 1))
	return fmt.Sprintf("| %s | %d | %.0f, %.0f | %s | %s | %s | %s | %s | %s | %s | %.1f GB | %s |",
		r.attack, r.attackers, float64(r.taken)/r.seconds, float64(r.refused)/r.seconds, r.once, memory, milliseconds(step),
		r.victim.latency(), inBlocks(r.victim.blocks), inBlocks(r.victim.invited), r.victim.refusals(), float64(r.disk)/r.seconds*86400/1e9, r.note)
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.3g ms", d.Seconds()*1000) }

// measure makes an attack on a new server.
func (o *options) measure(ctx context.Context, a *attack, attackers int) (_ *result, err error) {
	folder, err := os.MkdirTemp("", "sessionvm-attack-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	server, err := o.start(ctx, a, folder)
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	ctx, cancel := context.WithTimeout(ctx, longestTrial)
	defer cancel()
	f, err := newField(ctx, a, server, attackers)
	if err != nil {
		return nil, err
	}
	var (
		r        = &result{attack: a.name, attackers: attackers, once: "–"}
		exceeded atomic.Bool
		watching sync.WaitGroup
	)
	ctx, stop := context.WithCancel(ctx)
	watching.Go(func() { o.guard(ctx, server, &exceeded) })
	pause(ctx, refillWait)
	if a.once != nil {
		r.once = alone(ctx, a, f)
	}
	disk, cpu := server.DiskBytes(), server.CPU()
	f.started = time.Now()
	watching.Go(func() { f.attack(ctx, a) })
	until := f.started.Add(o.lasts)
	r.victim.live(ctx, f, until)
	r.seconds = time.Since(f.started).Seconds()
	r.taken, r.refused = f.taken.Load(), f.refused.Load()
	_, r.peak = server.Memory()
	r.cpu, r.disk = server.CPU()-cpu, server.DiskBytes()-disk
	if exceeded.Load() {
		r.exceeded, r.peak, r.cpu = true, o.maxMemory, 0
	} else if a.note != nil {
		r.note = a.note(ctx, f)
	}
	stop()
	watching.Wait()
	return r, nil
}

// alone makes one request and says what it has cost: CPU, and memory above that of before.
func alone(ctx context.Context, a *attack, f *field) string {
	if err := f.server.ResetPeak(); err != nil {
		return err.Error()
	}
	before, _ := f.server.Memory()
	cpu := f.server.CPU()
	_ = a.once(ctx, f) // it may be refused: what it costs counts
	_, peak := f.server.Memory()
	return fmt.Sprintf("%d ms, %d MB", (f.server.CPU() - cpu).Milliseconds(), (peak-before)/1e6)
}

// experience is what the victim sees.
type experience struct {
	waits   []time.Duration
	blocks  []uint64
	invited []uint64       // the same for invitations
	failed  map[string]int // by what was tried
	tried   map[string]int
}

// live sends small messages until a time, and then does what needs room in the state.
func (e *experience) live(ctx context.Context, f *field, until time.Time) {
	e.failed, e.tried = make(map[string]int), make(map[string]int)
	for first := true; first || time.Now().Before(until); first = false {
		pause(ctx, 300*time.Millisecond)
		e.try("message", func() error { return e.message(ctx, f) })
		select {
		case <-f.server.Ended():
			return
		default:
		}
	}
	stranger, err := trial.NewPerson(f.server.RPC, 0)
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
		tx, err := f.victim.Invitation(ctx)
		if err != nil {
			return err
		}
		_, err = e.issue(ctx, f, tx, &e.invited)
		return err
	}))
	e.try("registration", wait(stranger.Register))
	e.try("channel", wait(f.victim.Channel))
	e.try("session", wait(func(ctx context.Context) error { _, err := f.victim.Session(ctx, f.friend.ID()); return err }))
	e.try("plain session", wait(f.victim.PlainSession))
}

func (e *experience) try(what string, do func() error) {
	e.tried[what]++
	if err := do(); err != nil {
		e.failed[what]++
	}
}

// message sends one of 64 bytes and waits for its block.
func (e *experience) message(ctx context.Context, f *field) error {
	tx, err := f.victim.Message(ctx, f.session, 64)
	if err != nil {
		return err
	}
	took, err := e.issue(ctx, f, tx, &e.blocks)
	if took > 0 {
		e.waits = append(e.waits, took)
	}
	return err
}

// issue sends a transaction and waits for it. It adds in how many blocks it was accepted.
func (e *experience) issue(ctx context.Context, f *field, tx *chain.Transaction, blocks *[]uint64) (took time.Duration, err error) {
	health, err := f.victim.Client.Health(ctx)
	if err != nil {
		return 0, err
	}
	sent := time.Now()
	accepted, err := f.victim.Issue(ctx, tx, victimWait)
	took = time.Since(sent)
	if err != nil {
		*blocks = append(*blocks, math.MaxUint64)
		return took, err
	}
	*blocks = append(*blocks, accepted.Height-min(health.Height, accepted.Height))
	return took, nil
}

func (e *experience) latency() string {
	if len(e.waits) == 0 {
		return "no answer"
	}
	slices.Sort(e.waits)
	return fmt.Sprintf("%d, %d ms", e.waits[len(e.waits)/2].Milliseconds(), e.waits[len(e.waits)-1].Milliseconds())
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
		if e.failed[what] > 0 {
			all = append(all, fmt.Sprintf("%s %d of %d", what, e.failed[what], e.tried[what]))
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}
