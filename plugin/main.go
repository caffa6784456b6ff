// Command sessionvm is a SessionVM chain (LP-42).
//
// Started by a node it is the plugin: the node passes its address in the environment, and
// no arguments are needed. Started by hand it has commands: "sessionvm run" is a chain of
// its own with one validator, "sessionvm genesis" prints a genesis, "sessionvm snapshot" and
// "sessionvm restore" copy a chain, "sessionvm check" verifies one on disk, "sessionvm rotate-key" gives a
// validator a new ML-DSA-65 key, "sessionvm version" says what this is.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/luxfi/session/plugin/node"
)

func main() {
	if err := command().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "sessionvm:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var protocol uint
	root := &cobra.Command{
		Use:   "sessionvm",
		Short: "A blockchain for post-quantum secure, session-based messaging (LP-42)",
		Long: `A blockchain for post-quantum secure, session-based messaging (LP-42).

In a node's plugin folder, under its VM ID as its name, this program is the node's plugin
(make install puts it there). By hand it has the commands below.`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine := node.EngineAddress()
			if engine == "" {
				return cmd.Help()
			}
			var logs logging
			log := logs.logger(os.Stderr).With("vm", "sessionvm")
			setProcessors()
			setMemory(0.4, log) // the node has a share too
			return node.Serve(cmd.Context(), engine, node.Options{
				Version:  versionInfo().Version,
				Protocol: protocol,
				Log:      log,
				SetLog:   logs.set,
			})
		},
	}
	root.Flags().UintVar(&protocol, "plugin-protocol", node.Protocol, "number of the plugin protocol that the node is told; it refuses any but its own")
	root.AddCommand(runCommand(), genesisCommand(), snapshotCommand(), restoreCommand(), checkCommand(), rotateKeyCommand(), versionCommand())
	return root
}
