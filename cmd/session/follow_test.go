package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// follower is a command that goes on until it is stopped.
type follower struct {
	t      *testing.T
	lines  chan string
	cancel context.CancelFunc
	status chan int
}

func (p *person) follows(session string) *follower { return p.starts("read", "--follow", session) }

// starts starts a command.
func (p *person) starts(args ...string) *follower { return p.startsWith(&bytes.Buffer{}, args...) }

// startsWith starts a command with something on standard input.
func (p *person) startsWith(standard io.Reader, args ...string) *follower {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	f := &follower{t: p.t, lines: make(chan string, 16), cancel: cancel, status: make(chan int, 1)}
	out, in := io.Pipe()
	go func() {
		var errOut bytes.Buffer
		f.status <- run(ctx, args, standard, in, &errOut, func(name string) string { return p.env[name] })
		in.Close()
	}()
	go func() {
		defer close(f.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			f.lines <- scanner.Text()
		}
	}()
	p.t.Cleanup(cancel)
	return f
}

// line is the next line that it prints.
func (f *follower) line() string {
	f.t.Helper()
	select {
	case line, ok := <-f.lines:
		require.True(f.t, ok, "it ended")
		return line
	case <-time.After(time.Minute):
		require.FailNow(f.t, "nothing came")
		return ""
	}
}

// stop interrupts it and returns its exit status.
func (f *follower) stop() int {
	f.cancel()
	return <-f.status
}

func TestFollowShowsWhatComesUntilItIsInterrupted(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "before")
	follower := bob.follows(session)
	require.Contains(t, follower.line(), "before")
	alice.does("send", session, "after")
	require.Contains(t, follower.line(), "after")
	bob.does("rotate", session)
	alice.does("send", session, "to the new key")
	require.Contains(t, follower.line(), "to the new key")
	require.Equal(t, ExitDone, follower.stop())
}
