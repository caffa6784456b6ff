package main

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/luxfi/session/plugin/keyfile"
)

func rotateKeyCommand() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "rotate-key",
		Short: "Give a validator a new ML-DSA-65 key, from its next start on",
		Long: `Give a validator a new ML-DSA-65 key, from its next start on.

The new key is put before the old ones in validator-pq.key, and the validator then has the chain
replace the old key, which signs for that. So the old ones stay in the file. Run it as the user
that the validator runs as; in a node the folder is the chain's, in --chain-data-dir.`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&data, "data", "", "data `folder` (default ~/.sessionvm)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return rotateKey(cmd.OutOrStdout(), data) }
	return cmd
}

func rotateKey(to io.Writer, data string) error {
	data, err := dataPath(data)
	if err != nil {
		return err
	}
	keys, err := keyfile.Rotate(data)
	if err != nil {
		return err
	}
	fmt.Fprintf(to, "new key     %x (SHA-256 of the public key)\n", sha256.Sum256(keys[0].Public()))
	fmt.Fprintf(to, "in place of %x\n", sha256.Sum256(keys[1].Public()))
	fmt.Fprintln(to, "Keep a copy of validator-pq.key, and start the validator again.")
	return nil
}
