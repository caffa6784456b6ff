package main

import (
	"context"
	"fmt"
	"time"
)

// maxMemory is what a server takes at most whatever happens, in MB: its caches, and answers that are being sent.
const maxMemory = 1500

// sample is what the server takes at a time.
type sample struct {
	at                        time.Time
	memory, disk              int64
	goroutines, files, leaves float64
	heap                      float64 // bytes at which the collector runs next: what it has kept, times a factor
	calm                      bool
	chain                     time.Time // the chain's clock
	written                   int64     // bytes that were answered until then
}

func (s *soak) sample(ctx context.Context, calm bool) {
	ctx, cancel := context.WithTimeout(ctx, samplePeriod)
	defer cancel()
	values, err := s.server.Sample(ctx)
	if err != nil {
		return // between two servers
	}
	memory, _ := s.server.Memory()
	written := int64(0)
	for _, w := range s.writers {
		written += w.written.Load()
	}
	s.samples = append(s.samples, sample{
		at: time.Now(), chain: s.clock.Now(), memory: memory, disk: s.server.DiskBytes(), written: written, calm: calm,
		goroutines: values["go_goroutines"], files: values["process_open_fds"], leaves: values["sessionvm_tree_leaves"],
		heap: values["go_memstats_next_gc_bytes"],
	})
}

// flat compares the second and the last quarter of the calm half.
func (s *soak) flat() error {
	var calm []sample
	for _, one := range s.samples {
		if one.calm {
			calm = append(calm, one)
		}
	}
	quarter := len(calm) / 4
	if quarter == 0 {
		return fmt.Errorf("%d samples are too few", len(calm))
	}
	early, late := calm[quarter:2*quarter], calm[3*quarter:]
	settled := time.Duration(s.speed)*early[0].at.Sub(s.started) > settles
	for _, one := range []struct {
		name    string
		value   func(sample) float64
		slack   float64 // what it may differ by at least
		settled bool    // whether it grows until the retention has ended
	}{
		{"heap when it is collected, MB", func(s sample) float64 { return s.heap / 1e6 }, 256, false}, // the caches of a tree that is small fill it
		{"goroutines", func(s sample) float64 { return s.goroutines }, 20, false},
		{"open files", func(s sample) float64 { return s.files }, 20, false},
		{"leaves of the tree", func(s sample) float64 { return s.leaves }, 500, true},
	} {
		before, after := highest(early, one.value), highest(late, one.value)
		fmt.Printf("%s: at most %.0f, then %.0f\n", one.name, before, after)
		if one.settled && !settled {
			fmt.Printf("  (the run is too short for the retention to end before: not compared)\n")
		} else if limit := 1.3*before + one.slack; after > limit {
			return fmt.Errorf("%s: expected at most %.0f, got %.0f", one.name, limit, after)
		}
	}
	most := highest(calm, func(s sample) float64 { return float64(s.memory) / 1e6 })
	fmt.Printf("memory, MB: at most %.0f\n", most)
	if most > maxMemory {
		return fmt.Errorf("memory, MB: expected at most %d, got %.0f", maxMemory, most)
	}
	return s.bounded()
}

// bounded requires that while it was calm the disk held what was within its retention, and not what was
// written before: half as much again, a segment of the block log (64 MiB), and the logs of the database's
// memory (4 of 32 MiB, see pebbleOptions in state).
func (s *soak) bounded() error {
	const base = (64 + 4*32) << 20
	var most, bound, written int64
	for i, one := range s.samples {
		before := int64(0) // written before the retention
		for _, earlier := range s.samples[:i] {
			if one.chain.Sub(earlier.chain) > settles {
				before = earlier.written
			}
		}
		if limit := base + (one.written-before)*3/2; one.calm {
			if one.disk > limit {
				return fmt.Errorf("the disk holds %d MB of %d MB written, %d MB of it within its retention: expected at most %d MB",
					one.disk>>20, one.written>>20, (one.written-before)>>20, limit>>20)
			}
			most, bound, written = max(most, one.disk), max(bound, limit), one.written
		}
	}
	fmt.Printf("disk: at most %d MB of %d MB written; the bound is %d MB\n", most>>20, written>>20, bound>>20)
	if written < bound {
		fmt.Println("  (the run is too short to write more than the bound)")
	}
	return nil
}

func highest(samples []sample, value func(sample) float64) (most float64) {
	for _, one := range samples {
		most = max(most, value(one))
	}
	return most
}
