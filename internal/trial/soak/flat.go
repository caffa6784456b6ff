package main

import (
	"context"
	"fmt"
	"time"
)

// sample is what the server takes at a time.
type sample struct {
	at                        time.Time
	memory, disk              int64
	goroutines, files, leaves float64
	calm                      bool
}

func (s *soak) sample(ctx context.Context, calm bool) {
	ctx, cancel := context.WithTimeout(ctx, samplePeriod)
	defer cancel()
	values, err := s.server.Sample(ctx)
	if err != nil {
		return // between two servers
	}
	memory, _ := s.server.Memory()
	s.samples = append(s.samples, sample{
		at: time.Now(), memory: memory, disk: s.server.DiskBytes(), calm: calm,
		goroutines: values["go_goroutines"], files: values["process_open_fds"], leaves: values["sessionvm_tree_leaves"],
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
		{"memory, MB", func(s sample) float64 { return float64(s.memory) / 1e6 }, 64, false},
		{"goroutines", func(s sample) float64 { return s.goroutines }, 20, false},
		{"open files", func(s sample) float64 { return s.files }, 20, false},
		{"leaves of the tree", func(s sample) float64 { return s.leaves }, 500, true},
		{"disk, MB", func(s sample) float64 { return float64(s.disk) / 1e6 }, 64, true},
	} {
		before, after := highest(early, one.value), highest(late, one.value)
		fmt.Printf("%s: at most %.0f, then %.0f\n", one.name, before, after)
		if one.settled && !settled {
			fmt.Printf("  (the run is too short for the retention to end before: not compared)\n")
		} else if limit := 1.3*before + one.slack; after > limit {
			return fmt.Errorf("%s: expected at most %.0f, got %.0f", one.name, limit, after)
		}
	}
	return nil
}

func highest(samples []sample, value func(sample) float64) (most float64) {
	for _, one := range samples {
		most = max(most, value(one))
	}
	return most
}
