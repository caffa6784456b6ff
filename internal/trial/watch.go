package trial

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc (proc_pid_stat(5): sysconf(_SC_CLK_TCK), 100 on Linux).
const tick = 10 * time.Millisecond

// CPU returns the CPU time that the process has used.
func (s *Server) CPU() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.PID()))
	if err != nil {
		return 0 // it has ended
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const user, system = 11, 12 // utime and stime, behind the name
	var total time.Duration
	for _, field := range []string{fields[user], fields[system]} {
		ticks, _ := strconv.Atoi(field)
		total += time.Duration(ticks) * tick
	}
	return total
}

// Memory returns the process' resident memory in bytes: now, and its peak.
func (s *Server) Memory() (now, peak int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID()))
	if err != nil {
		return 0, 0
	}
	return kilobytes(status, "VmRSS"), kilobytes(status, "VmHWM")
}

func kilobytes(status []byte, name string) int64 {
	_, after, _ := strings.Cut(string(status), name+":")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	value, _ := strconv.ParseInt(fields[0], 10, 64)
	return value << 10
}

// ResetPeak makes the memory of now the peak (proc_pid_clear_refs(5)).
func (s *Server) ResetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.PID()), []byte("5"), 0)
}

var sample = regexp.MustCompile(`(?m)^(\w+)(?:\{[^}]*\})? (\S+)$`)

// Sample returns the metrics, those with labels added up.
func (s *Server) Sample(ctx context.Context) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Metrics, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	values := make(map[string]float64)
	for _, match := range sample.FindAllSubmatch(content, -1) {
		value, err := strconv.ParseFloat(string(match[2]), 64)
		if err != nil {
			return nil, err
		}
		values[string(match[1])] += value
	}
	return values, nil
}
