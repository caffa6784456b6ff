package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
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
	victim    *experience
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
		r.victim.latency(), inBlocks(r.victim.Blocks), inBlocks(r.victim.Invited), r.victim.refusals(), float64(r.disk)/r.seconds*86400/1e9, r.note)
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
	if r.victim, err = f.live(ctx, o.lasts); err != nil {
		stop()
		watching.Wait()
		return nil, fmt.Errorf("the victim: %w", err)
	}
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
