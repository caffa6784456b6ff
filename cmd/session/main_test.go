package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luxfi/session/chain"
)

// nodeAddress is the RPC address of the node that the tests talk to: a real one, built and
// started once.
var nodeAddress string

// nodeFolder is its data folder, and nodeBinary its program.
var nodeFolder, nodeBinary string

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
	nodeBinary = filepath.Join(folder, "sessionvm")
	build := exec.Command("go", "build", "-o", nodeBinary, "../../plugin")
	if output, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, output)
	}
	encoded, err := exec.Command(nodeBinary, "genesis", "--registration", "open").Output()
	if err != nil {
		return 0, err
	}
	genesis, err := chain.ParseGenesis(encoded)
	if err != nil {
		return 0, err
	}
	genesis.Invitations.WorkBits = 12 // 22 take the race detector as long as a line may take to come
	file := filepath.Join(folder, "genesis.json")
	if err := os.WriteFile(file, genesis.Bytes(), 0o600); err != nil {
		return 0, err
	}
	address, stop, err := startNode(nodeFolder, "--genesis", file)
	if err != nil {
		return 0, err
	}
	nodeAddress = address
	return tests(), stop()
}

// startNode starts a chain of its own, and returns its RPC address and what ends it.
func startNode(folder string, arguments ...string) (address string, stop func() error, err error) {
	node := exec.Command(nodeBinary, append([]string{"run", "--http", "127.0.0.1:0", "--data", folder,
		"--block-interval", "5ms", "--max-run", "10m", "--log-level", "ERROR"}, arguments...)...)
	node.Stderr = os.Stderr
	output, err := node.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := node.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		_ = node.Process.Signal(os.Interrupt)
		return node.Wait()
	}
	for lines := bufio.NewScanner(output); address == "" && lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok && name == "JSON-RPC" {
			address = strings.TrimSpace(value)
		}
	}
	if address == "" {
		return "", nil, errors.Join(fmt.Errorf("it did not say its address"), stop())
	}
	return address, stop, nil
}
