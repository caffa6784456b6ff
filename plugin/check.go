package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/luxfi/session/plugin/standalone"
	"github.com/luxfi/session/refusal"
)

func checkCommand() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Verify the blocks, the state and the indexes of a chain that does not run",
		Args:  cobra.NoArgs,
	}
	cmd.Flags().StringVar(&data, "data", "", "data `folder` (default ~/.sessionvm)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return check(cmd.OutOrStdout(), data) }
	return cmd
}

func check(to io.Writer, data string) error {
	data, err := dataPath(data)
	if err != nil {
		return err
	}
	found, err := standalone.Check(data, func(problem string) { fmt.Fprintln(to, problem) })
	if err != nil {
		return err
	}
	fmt.Fprintf(to, "checked     %d blocks, %d leaves\n", found.Blocks, found.Leaves)
	if found.Problems > 0 {
		return refusal.New(refusal.ErrProof, "a chain without damage; restore a snapshot, or fetch the chain from other nodes", fmt.Sprintf("%d problems", found.Problems))
	}
	return nil
}
