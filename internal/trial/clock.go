package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ClockVariable names the environment variable that has the file of a Clock. Only a program that was
// built with the tag fakeclock looks at it (plugin/standalone).
const ClockVariable = "SESSIONVM_CLOCK"

// Clock is a clock that runs faster than the machine's and can be set. A server reads it from a file: the
// machine's time in Unix milliseconds, the clock's time then, and the clock's milliseconds for each of the
// machine's.
type Clock struct {
	path  string
	speed int64

	mu         sync.Mutex
	real, fake int64
}

// NewClock writes the file of a clock that shows the right time now.
func NewClock(path string, speed int64) (*Clock, error) {
	now := time.Now().UnixMilli()
	c := &Clock{path: path, speed: speed, real: now, fake: now}
	return c, c.write()
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.UnixMilli(c.now())
}

func (c *Clock) now() int64 { return c.fake + (time.Now().UnixMilli()-c.real)*c.speed }

// Step sets the clock forward, or back.
func (c *Clock) Step(by time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fake, c.real = c.now()+by.Milliseconds(), time.Now().UnixMilli()
	return c.write()
}

// write replaces the file in one step.
func (c *Clock) write() error {
	next := filepath.Join(filepath.Dir(c.path), ".next")
	if err := os.WriteFile(next, fmt.Appendf(nil, "%d %d %d", c.real, c.fake, c.speed), 0o600); err != nil {
		return err
	}
	return os.Rename(next, c.path)
}

// SetSpeed changes how fast the clock is from now on.
func (c *Clock) SetSpeed(speed int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fake, c.real, c.speed = c.now(), time.Now().UnixMilli(), speed
	return c.write()
}
