package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/plugin/node"
)

// What a build may set: go build -ldflags "-X main.version=v1.2.3 -X main.commit=...". Else
// the Go toolchain's record of the build is used.
var version, commit string

// info says what this program is.
type info struct {
	Version  string `json:"version"`
	VMID     ids.ID `json:"vmId"`
	Protocol uint   `json:"protocol"` // of the plugin, unless --plugin-protocol says another
	Rules    uint32 `json:"rules"`    // the latest rule set that it knows
	Go       string `json:"go"`
	Commit   string `json:"commit"`
}

func versionInfo() info {
	i := info{Version: version, VMID: chain.VMID, Protocol: node.Protocol, Rules: chain.LatestRules(), Go: runtime.Version(), Commit: commit}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}
	settings := make(map[string]string, len(build.Settings))
	for _, setting := range build.Settings {
		settings[setting.Key] = setting.Value
	}
	if i.Version == "" {
		i.Version = build.Main.Version
	}
	if i.Version == "" || i.Version == "(devel)" {
		i.Version = "devel"
	}
	if i.Commit == "" {
		i.Commit = settings["vcs.revision"]
		if settings["vcs.modified"] == "true" {
			i.Commit += "+dirty"
		}
	}
	if i.Commit == "" {
		i.Commit = "unknown"
	}
	return i
}

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print version, VM ID, plugin protocol, latest rule set, Go version and commit",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			i := versionInfo()
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(i)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "sessionvm %s\nVM ID     %s\nprotocol  %d\nrules     %d\nGo        %s\ncommit    %s\n",
				i.Version, i.VMID, i.Protocol, i.Rules, i.Go, i.Commit)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}
