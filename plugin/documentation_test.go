package main

import (
	"context"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	nodelog "github.com/luxfi/log"
	"github.com/luxfi/p2p"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/plugin/gossip"
	"github.com/luxfi/session/plugin/statesync"
	"github.com/luxfi/session/rpc"
	"github.com/luxfi/session/vm"
)

// optionsOf returns the JSON names of a configuration's members.
func optionsOf(configuration any) (names []string) {
	members := reflect.TypeOf(configuration)
	for i := range members.NumField() {
		name, _, _ := strings.Cut(members.Field(i).Tag.Get("json"), ",")
		if name != "-" {
			names = append(names, name)
		}
	}
	return names
}

func TestOperationsDocumentsEveryFlagOptionAndMetric(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	documented := make(map[string]bool)
	for _, word := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(string(content), -1) {
		documented[word[1]] = true
	}

	runCommand().Flags().VisitAll(func(flag *pflag.Flag) {
		require.True(t, documented["--"+flag.Name], "--%s of run", flag.Name)
	})
	for _, name := range optionsOf(vm.Config{}) {
		if name != "mempool" && name != "stateSync" {
			require.True(t, documented[name], name)
		}
	}
	for _, name := range optionsOf(vm.MempoolConfig{}) {
		require.True(t, documented["mempool."+name], name)
	}
	for _, name := range optionsOf(vm.StateSyncConfig{}) {
		require.True(t, documented["stateSync."+name], name)
	}
	for _, name := range optionsOf(rpc.Config{}) {
		require.True(t, documented[name], name)
	}
	for _, name := range optionsOf(chain.Options{}) {
		require.True(t, documented[name], name)
	}

	exported := servedMetrics(t)
	for name := range exported {
		if strings.HasPrefix(name, "sessionvm_") {
			require.True(t, documented[name], name)
		}
	}
	for word := range documented {
		if strings.HasPrefix(word, "sessionvm_") {
			require.True(t, exported[word], "%s is documented and not exported", word)
		}
	}
}

// servedMetrics returns the names of what "sessionvm run" or a plugin exports.
func servedMetrics(t *testing.T) map[string]bool {
	t.Helper()
	p := startRun(t, t.TempDir())
	c := p.client()
	chainID, err := c.ChainID(context.Background())
	require.NoError(t, err)
	newPerson(t, 1, chainID).register(t, c) // metrics with a label are exported once there is something to count
	_, metrics := get(t, p.said["metrics"])
	p.stop()
	names := make(map[string]bool)
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (\w+)`).FindAllStringSubmatch(metrics, -1) {
		names[line[1]] = true
	}
	require.Greater(t, len(names), 20)
	for _, name := range networkMetrics(t) {
		names[name] = true
	}
	return names
}

// networkMetrics returns the names of what is exported in a node and not by itself.
func networkMetrics(t *testing.T) (names []string) {
	t.Helper()
	network, err := p2p.NewNetwork(nodelog.NewNoOpLogger(), nil, nil, "")
	require.NoError(t, err)
	registry := prometheus.NewRegistry()
	_, err = gossip.New(gossip.Options{Chain: vm.New(), Network: network, Metrics: registry})
	require.NoError(t, err)
	require.NoError(t, registry.Register(statesync.NewMetrics()))
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		names = append(names, family.GetName())
	}
	return names
}
