package trial

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = time.Minute
	stopTimeout  = time.Minute
	// logTail is how much of a server's log is kept, in bytes.
	logTail = 16 << 10
)

// Server is a "sessionvm run".
type Server struct {
	RPC     string // URL of JSON-RPC
	Metrics string // URL of the metrics
	Folder  string // its data

	command *exec.Cmd
	log     *tail
	ended   chan struct{}
	failure error // once it has ended
}

// Start starts the program on a data folder, on a free port of loopback, and waits until it serves.
// It ends by itself after longest.
func Start(program, folder string, longest time.Duration, arguments ...string) (*Server, error) {
	arguments = append([]string{"run", "--data", folder, "--http", "127.0.0.1:0", "--max-run", longest.String()}, arguments...)
	s := &Server{Folder: folder, command: exec.Command(program, arguments...), log: new(tail), ended: make(chan struct{})}
	s.command.Stderr = s.log
	stdout, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	serves := make(chan struct{})
	go func() {
		defer close(s.ended)
		s.listen(stdout, serves)
		s.failure = s.command.Wait()
	}()
	select {
	case <-serves:
		return s, nil
	case <-s.ended:
		return nil, fmt.Errorf("the server has ended: %w: %s", s.failure, s.log)
	case <-time.After(startTimeout):
		s.Kill()
		return nil, fmt.Errorf("the server does not serve after %s: %s", startTimeout, s.log)
	}
}

// listen reads what the program announces: a name, spaces and a value a line.
func (s *Server) listen(stdout io.Reader, serves chan<- struct{}) {
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		switch value := fields[len(fields)-1]; fields[0] {
		case "metrics":
			s.Metrics = value
		case "JSON-RPC": // the last line
			s.RPC = value
			close(serves)
		}
	}
}

// Kill ends the process at once.
func (s *Server) Kill() {
	_ = s.command.Process.Kill()
	<-s.ended
}

// Stop ends the process in order. The error is how it has ended.
func (s *Server) Stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.ended:
	case <-time.After(stopTimeout):
		s.Kill()
		return fmt.Errorf("the server does not end after %s", stopTimeout)
	}
	if s.failure != nil {
		return fmt.Errorf("%w: %s", s.failure, s.log)
	}
	return nil
}

// Ended is closed when the process has ended.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Log returns the end of the process' log.
func (s *Server) Log() string { return s.log.String() }

// PID returns the process' ID.
func (s *Server) PID() int { return s.command.Process.Pid }

// DiskBytes returns the size of the files in the data folder.
func (s *Server) DiskBytes() (size int64) {
	_ = filepath.WalkDir(s.Folder, func(_ string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil // a file may go meanwhile
	})
	return size
}

// tail keeps the end of what is written.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(written []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, written...)
	if surplus := len(t.kept) - logTail; surplus > 0 {
		t.kept = bytes.Clone(t.kept[surplus:])
	}
	return len(written), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
