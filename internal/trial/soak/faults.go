package main

import (
	"fmt"
	"time"
)

// fault is something that happens to a server. After it, one runs.
type fault struct {
	name string
	do   func() error
}

// fault chooses one.
func (s *soak) fault() fault {
	all := []fault{
		{"kill", func() error { s.server.Kill(); return s.start() }},
		{"kill", func() error { s.server.Kill(); return s.start() }},
		{"stop", func() error {
			if err := s.server.Stop(); err != nil {
				return err
			}
			return s.start()
		}},
		{"clock forward", func() error { return s.clock.Step(time.Duration(s.random.Int64N(int64(2 * time.Hour)))) }},
		{"clock back", func() error { return s.clock.Step(-time.Duration(s.random.Int64N(int64(2 * time.Hour)))) }},
	}
	if s.mounted {
		all = append(all, fault{"disk full", s.diskFull})
	}
	return all[s.random.IntN(len(all))]
}

// diskFull leaves no room. The server has to end, saying so, as soon as it has to write; with room it goes on.
func (s *soak) diskFull() error {
	if err := s.fill(); err != nil {
		return err
	}
	select {
	case <-s.server.Ended():
	case <-time.After(diskFullWithin):
		return fmt.Errorf("the server still runs %s after the disk is full", diskFullWithin)
	}
	if err := s.empty(); err != nil {
		return err
	}
	return s.start()
}
