package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/internal/trial"
)

const (
	sessionTTL    = 6 * time.Hour // all three by the chain's clock
	retentionDays = 1
	// settles is when as much leaves the state and the disk as comes: after a session's lifetime and its
	// retention, and the sweep.
	settles = sessionTTL + retentionDays*24*time.Hour + 2*time.Hour

	samplePeriod   = 2 * time.Second
	quietFor       = 5 * time.Second // between two faults, on average
	diskFullWithin = 30 * time.Second
	startMargin    = 10 * time.Minute // a server runs so much longer than the load, for the checks
)

// The chain's clock runs faster, so a day of retention ends soon, and what is signed has a window that is
// wide enough.
var genesisChanges = map[string]any{"sessionTTL": sessionTTL / time.Second, "retentionDays": retentionDays}

const transactionWindow = 12 * 3600 // seconds of the chain's clock

type soak struct {
	program, folder, disk, config string
	lasts                         time.Duration
	seed                          uint64
	count, diskMB                 int
	speed                         int64
	mounted                       bool

	clock   *trial.Clock
	server  *trial.Server
	writers []*writer
	random  *rand.Rand
	samples []sample
	started time.Time
	faults  map[string]int
}

// run runs the load, the faults and the checks.
func (s *soak) run(ctx context.Context) (err error) {
	s.random = rand.New(rand.NewPCG(s.seed, 0))
	s.faults = make(map[string]int)
	clockFile := filepath.Join(s.folder, "clock")
	if s.clock, err = trial.NewClock(clockFile, s.speed); err != nil {
		return err
	}
	if err := os.Setenv(trial.ClockVariable, clockFile); err != nil {
		return err
	}
	if err := s.makeGenesis(ctx); err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	defer func() { s.server.Kill() }()
	for i := range s.count {
		person, err := trial.NewPerson(s.server.RPC, 0)
		if err != nil {
			return err
		}
		w := &writer{Person: person, clock: s.clock, random: rand.New(rand.NewPCG(s.seed, uint64(i+1)))}
		if err := w.RegisterUntil(ctx, s.clock.Now().Add(deadlineAhead)); err != nil {
			return fmt.Errorf("registering: %w", err)
		}
		s.writers = append(s.writers, w)
	}
	s.started = time.Now()
	half := time.Now().Add(s.lasts / 2)
	for time.Now().Before(half) && ctx.Err() == nil {
		quiet := time.Duration(s.random.Int64N(int64(2 * quietFor)))
		if err := s.load(ctx, quiet, s.fault()); err != nil {
			return err
		}
	}
	fmt.Printf("faults: %v\n", s.faults)
	if err := s.load(ctx, s.lasts/2, fault{}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return errors.Join(s.checkAll(ctx), s.flat(), s.server.Stop())
}

func (s *soak) makeGenesis(ctx context.Context) error {
	encoded, err := exec.CommandContext(ctx, s.program, "genesis", "--registration", "open", "--fresh-share", "1").Output()
	if err != nil {
		return fmt.Errorf("%s genesis: %w", s.program, err)
	}
	var genesis map[string]any
	if err := json.Unmarshal(encoded, &genesis); err != nil {
		return err
	}
	for name, value := range genesisChanges {
		genesis[name] = value
	}
	limits, ok := genesis["limits"].(map[string]any)
	if !ok {
		return errors.New("the genesis has no limits")
	}
	limits["transactionWindow"] = transactionWindow
	if encoded, err = json.Marshal(genesis); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.folder, "genesis.json"), encoded, 0o600)
}

// start starts the server again, and connects everybody.
func (s *soak) start() (err error) {
	arguments := []string{"--genesis", filepath.Join(s.folder, "genesis.json"), "--log-level", "ERROR", "--config", s.config}
	if s.server, err = trial.Start(s.program, filepath.Join(s.disk, "data"), s.lasts+startMargin, arguments...); err != nil {
		return err
	}
	for _, w := range s.writers {
		if err := w.connect(s.server.RPC); err != nil {
			return err
		}
	}
	return nil
}

// load has everybody write for a time, then the fault happens, and what was answered until then is checked.
func (s *soak) load(ctx context.Context, quiet time.Duration, f fault) error {
	writing, stop := context.WithCancel(ctx)
	var group errgroup.Group
	for _, w := range s.writers {
		group.Go(func() error { return w.write(writing) })
	}
	until := time.After(quiet)
	ticks := time.NewTicker(samplePeriod)
	defer ticks.Stop()
	var failed error
	for waiting := true; waiting && failed == nil; {
		select {
		case <-until:
			waiting = false
		case <-ticks.C:
			s.sample(ctx, f.name == "")
		case <-s.server.Ended():
			failed = fmt.Errorf("the server has ended: %s", s.server.Log())
		case <-ctx.Done():
			waiting = false
		}
	}
	if failed == nil && f.do != nil && ctx.Err() == nil {
		s.faults[f.name]++
		failed = f.do()
	}
	stop()
	if err := errors.Join(failed, group.Wait()); err != nil || f.do == nil || ctx.Err() != nil {
		return err
	}
	return s.checkLatest(ctx)
}

// checkLatest checks the conversations that are being written.
func (s *soak) checkLatest(ctx context.Context) error {
	var group errgroup.Group
	for _, w := range s.writers {
		if last := len(w.conversations) - 1; last >= 0 {
			group.Go(func() error { return w.check(ctx, w.conversations[last]) })
		}
	}
	return group.Wait()
}

// checkAll checks every conversation that is within its retention.
func (s *soak) checkAll(ctx context.Context) error {
	if err := s.clock.SetSpeed(1); err != nil {
		return err
	}
	conversations, messages, refused, late := 0, 0, 0, 0
	for _, w := range s.writers {
		refused += w.refused
		late += w.late
		for _, c := range w.conversations {
			messages += len(c.answered)
			if s.clock.Now().Sub(c.opened) > keepsFor {
				continue
			}
			conversations++
			if err := w.check(ctx, c); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%d messages were answered (%d refusals); every one was proven at the end of its session (but for %d sessions, which were past their retention by then), and those of %d sessions within their retention again: none lost, none twice\n", messages, refused, late, conversations)
	return nil
}
