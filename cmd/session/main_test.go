package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nodeAddress is the RPC address of the node that the tests talk to: a real one, built and
// started once.
var nodeAddress string

// nodeFolder is its data folder.
var nodeFolder string

func TestMain(m *testing.M) {
	status, err := withNode(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the node for the tests:", err)
		status = 1
	}
	os.Exit(status)
}

// withNode builds sessionvm, and runs the tests while it runs a chain of its own.
func withNode(tests func() int) (status int, err error) {
	folder, err := os.MkdirTemp("", "session-test-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	nodeFolder = filepath.Join(folder, "data")
	binary := filepath.Join(folder, "sessionvm")
	build := exec.Command("go", "build", "-o", binary, "../../plugin")
	if output, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, output)
	}
	node := exec.Command(binary, "run", "--http", "127.0.0.1:0", "--data", nodeFolder,
		"--block-interval", "5ms", "--max-run", "10m", "--log-level", "ERROR")
	node.Stderr = os.Stderr
	output, err := node.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := node.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = node.Process.Signal(os.Interrupt)
		if ended := node.Wait(); err == nil {
			err = ended
		}
	}()
	for lines := bufio.NewScanner(output); nodeAddress == "" && lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok && name == "JSON-RPC" {
			nodeAddress = strings.TrimSpace(value)
		}
	}
	if nodeAddress == "" {
		return 0, fmt.Errorf("it did not say its address")
	}
	return tests(), nil
}
