package network

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ava-labs/avalanchego/api/health"
	"github.com/ava-labs/avalanchego/ids"
	"github.com/ava-labs/avalanchego/staking"
)

const (
	// Size is how many validators the local network's genesis has.
	Size = 5

	// temporary is the folder in a node's own for its temporary files, which it leaves behind.
	temporary = "tmp"
	plugins   = "plugins"

	healthPoll  = 100 * time.Millisecond
	stopTimeout = 20 * time.Second
	// callTimeout bounds a call to a node: one whose plugin was killed accepts
	// connections and never answers.
	callTimeout = 10 * time.Second

	// peerRate bounds what a peer may send, in bytes per second, and peerBurst at once: blocks of 1.8 MB
	// wait for seconds with AvalancheGo's 512 KiB and 2 MiB.
	peerRate, peerBurst = "8388608", "33554432"
)

// Node is one validator, or a guest. It may be running or not.
type Node struct {
	Index int        // from 0; of a guest from Size
	ID    ids.NodeID // a guest has another one at each start, here from AddValidator on

	network     *Network
	folder      string
	httpPort    int
	stakingPort int
	process     *exec.Cmd     // nil: it is not running
	ended       chan struct{} // closed when the process has ended
	running     atomic.Bool
}

func newNode(n *Network, index int) (*Node, error) {
	folder := filepath.Join(n.folder, fmt.Sprintf("node%d", index+1))
	for _, below := range []string{temporary, plugins} {
		if err := os.MkdirAll(filepath.Join(folder, below), 0o700); err != nil {
			return nil, err
		}
	}
	node := &Node{Index: index, network: n, folder: folder}
	if index < Size {
		certificate, err := staking.LoadTLSCertFromFiles(n.stakingFile("staker", index, "key"), n.stakingFile("staker", index, "crt"))
		if err != nil {
			return nil, err
		}
		parsed, err := staking.ParseCertificate(certificate.Leaf.Raw)
		if err != nil {
			return nil, err
		}
		node.ID = ids.NodeIDFromCert(parsed)
	}
	err := node.SetPlugin(n.options.Plugin)
	if err == nil && n.options.EVM != "" {
		err = node.setEVM(n.options.EVM)
	}
	if err != nil {
		return nil, err
	}
	if node.httpPort, err = freePort(); err != nil {
		return nil, err
	}
	node.stakingPort, err = freePort()
	return node, err
}

// SetPlugin makes a program of SessionVM's the node's plugin from its next start on.
func (n *Node) SetPlugin(program string) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	wrapper := fmt.Sprintf("#!/bin/sh\nexec '%s' --plugin-protocol=%d\n", program, n.network.options.Protocol)
	return os.WriteFile(filepath.Join(n.folder, plugins, VMID), []byte(wrapper), 0o700)
}

// Configure writes a file of the chain's configuration, config.json or upgrade.json, which the node
// reads at its next start.
func (n *Node) Configure(name string, content []byte) error {
	folder := filepath.Join(n.folder, "configs", "chains", n.network.ChainID.String())
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), content, 0o600)
}

// stakingFile returns a file with one of the keys that the local network's genesis knows.
func (n *Network) stakingFile(name string, index int, extension string) string {
	return filepath.Join(n.stakingFolder, fmt.Sprintf("%s%d.%s", name, index+1, extension))
}

// freePort returns a port of the loopback interface that nobody uses now. It is none of those
// that the system gives to outgoing connections (ip(7), ip_local_port_range: from 32768 on):
// a node may start minutes later, after thousands of them.
func freePort() (int, error) {
	const first, last, tries = 10_000, 32_000, 100
	var err error
	for range tries {
		port := first + rand.IntN(last-first)
		var listener net.Listener
		if listener, err = net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			return port, listener.Close()
		}
	}
	return 0, fmt.Errorf("no free port between %d and %d: %w", first, last, err)
}

// URL is where the node serves HTTP.
func (n *Node) URL() string { return "http://127.0.0.1:" + strconv.Itoa(n.httpPort) }

// RPC is where the node serves the chain's JSON-RPC.
func (n *Node) RPC() string {
	return fmt.Sprintf("%s/ext/bc/%s/rpc", n.URL(), n.network.ChainID)
}

// StakingAddress is where the node takes connections of other nodes.
func (n *Node) StakingAddress() string { return "127.0.0.1:" + strconv.Itoa(n.stakingPort) }

// Log is the file that the node and its plugin write to.
func (n *Node) Log() string { return filepath.Join(n.folder, "stdout.log") }

// ChainFolder is where the plugin keeps what is the chain's (--chain-data-dir).
func (n *Node) ChainFolder() string {
	return filepath.Join(n.folder, "chainData", n.network.ChainID.String())
}

// Running reports whether the node was started and not stopped since.
func (n *Node) Running() bool { return n.running.Load() }

// start starts the node's process.
func (n *Node) start() error {
	if n.process != nil {
		return fmt.Errorf("node %d runs already", n.Index+1)
	}
	first := n.network.Nodes[0]
	bootstrapIPs, bootstrapIDs := "", ""
	if n != first {
		bootstrapIPs, bootstrapIDs = first.StakingAddress(), first.ID.String()
	}
	log, err := os.OpenFile(n.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	arguments := []string{
		"--network-id=local",
		"--http-host=127.0.0.1", "--http-port=" + strconv.Itoa(n.httpPort),
		"--staking-host=127.0.0.1", "--staking-port=" + strconv.Itoa(n.stakingPort), "--public-ip=127.0.0.1",
		"--data-dir=" + n.folder, "--plugin-dir=" + filepath.Join(n.folder, plugins),
		"--bootstrap-ips=" + bootstrapIPs, "--bootstrap-ids=" + bootstrapIDs,
		"--track-subnets=" + n.network.SubnetID.String(),
		"--subnet-config-dir=" + n.network.subnetFolder(),
		"--fd-limit=4096", "--health-check-frequency=500ms",
		"--network-max-reconnect-delay=1s", "--network-health-min-conn-peers=0",
		"--system-tracker-disk-required-available-space-percentage=1", "--system-tracker-disk-warning-available-space-percentage=1", // of a disk that others use too
		"--log-level=info", "--log-display-level=info",
	}
	if n.Index < Size {
		arguments = append(arguments,
			"--staking-tls-cert-file="+n.network.stakingFile("staker", n.Index, "crt"),
			"--staking-tls-key-file="+n.network.stakingFile("staker", n.Index, "key"),
			"--staking-signer-key-file="+n.network.stakingFile("signer", n.Index, "key"))
	} else {
		arguments = append(arguments, "--staking-ephemeral-cert-enabled=true", "--staking-ephemeral-signer-enabled=true")
	}
	if !n.network.options.DefaultBandwidth {
		arguments = append(arguments, "--throttler-inbound-bandwidth-refill-rate="+peerRate, "--throttler-inbound-bandwidth-max-burst-size="+peerBurst)
	}
	command := exec.Command(n.network.options.Node, arguments...)
	command.Stdout, command.Stderr = log, log
	command.Env = append(os.Environ(), "TMPDIR="+filepath.Join(n.folder, temporary))
	if err := startProcess(command); err != nil {
		return err
	}
	n.process, n.ended = command, make(chan struct{})
	n.running.Store(true)
	go func() {
		defer close(n.ended)
		command.Wait() //nolint:errcheck // how it ended is in its log
	}()
	return nil
}

// AwaitHealthy waits until the node and the chains that it knows of are healthy.
func (n *Node) AwaitHealthy(ctx context.Context) error {
	client := health.NewClient(n.URL())
	for {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		reply, err := client.Health(call, nil)
		cancel()
		if err == nil && reply.Healthy {
			return nil
		}
		select {
		case <-time.After(healthPoll):
		case <-n.ended:
			return fmt.Errorf("node %d has ended: see %s", n.Index+1, n.Log())
		case <-ctx.Done():
			return fmt.Errorf("node %d is not healthy: %w: see %s", n.Index+1, ctx.Err(), n.Log())
		}
	}
}

// Stop ends the node in order.
func (n *Node) Stop() error { return n.end(syscall.SIGTERM) }

// Kill ends the node at once, as a crash does.
func (n *Node) Kill() error { return n.end(syscall.SIGKILL) }

func (n *Node) end(signal os.Signal) error {
	if n.process == nil {
		return nil
	}
	children, err := n.plugins()
	if err != nil {
		return err
	}
	n.running.Store(false)
	err = n.process.Process.Signal(signal)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	select {
	case <-n.ended:
	case <-time.After(stopTimeout): // it waits for a plugin that is gone
		err = errors.Join(err, n.process.Process.Kill())
		<-n.ended
	}
	n.process = nil
	return errors.Join(err, awaitGone(children))
}

// awaitGone waits until processes are gone that nobody waits for here.
func awaitGone(processes []int) error {
	deadline := time.Now().Add(stopTimeout)
	for _, process := range processes {
		for syscall.Kill(process, 0) == nil && !zombie(process) {
			if time.Now().After(deadline) {
				return fmt.Errorf("process %d is still there: %w", process, syscall.Kill(process, syscall.SIGKILL))
			}
			time.Sleep(healthPoll)
		}
	}
	return nil
}

// KillPlugin kills the node's SessionVM plugin, and leaves the node.
func (n *Node) KillPlugin() error {
	children, err := n.plugins()
	if err != nil {
		return err
	}
	if len(children) == 0 {
		return fmt.Errorf("node %d has no plugin that runs", n.Index+1)
	}
	for _, process := range children {
		if err := syscall.Kill(process, syscall.SIGKILL); err != nil {
			return err
		}
	}
	return awaitGone(children)
}

// plugins returns the process IDs of the node's plugins: its children.
func (n *Node) plugins() ([]int, error) {
	children, err := childrenOf(n.process.Process.Pid)
	if err != nil {
		return nil, err
	}
	var found []int
	for _, child := range children {
		if zombie(child) {
			continue
		}
		found = append(found, child)
	}
	return found, nil
}

// childrenOf returns the process IDs of a process' children (proc(5)).
func childrenOf(process int) ([]int, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", process))
	if err != nil {
		return nil, err
	}
	var children []int
	for _, task := range tasks {
		list, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		for _, field := range strings.Fields(string(list)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				return nil, err
			}
			children = append(children, child)
		}
	}
	return children, nil
}

func zombie(process int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return true
	}
	_, after, _ := strings.Cut(string(status), ") ")
	return strings.HasPrefix(after, "Z")
}
