package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/plugin/standalone"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

func snapshotCommand() *cobra.Command {
	var data, out string
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Write a chain into one file, also while it runs",
		Long: `Write a chain into one file, also while it runs.

The file has the chain at its last block: the state, and all blocks that the node holds. It
does not have validator.key. "sessionvm restore" makes a data folder of it.`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&data, "data", "", "data `folder` (default ~/.sessionvm)")
	cmd.Flags().StringVar(&out, "out", "", "`file` to write")
	_ = cmd.MarkFlagRequired("out")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		return snapshot(ctx, cmd.OutOrStdout(), data, out)
	}
	return cmd
}

func snapshot(ctx context.Context, to io.Writer, data, out string) error {
	data, err := dataPath(data)
	if err != nil {
		return err
	}
	header, err := standalone.Snapshot(ctx, data, out)
	if err != nil {
		return err
	}
	fmt.Fprintf(to, "chain ID    %s\n", header.ChainID)
	fmt.Fprintf(to, "height      %d\n", header.Height)
	fmt.Fprintf(to, "block       %s\n", header.ID())
	return nil
}

// restoreOptions are the flags of "sessionvm restore". Exactly one of the last three says why
// the file's block is the chain's.
type restoreOptions struct {
	data, database string

	block, trust string
	own          bool
}

func restoreCommand() *cobra.Command {
	var o restoreOptions
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a data folder from a snapshot file",
		Long: `Make a data folder from a snapshot file.

Everything in the file is verified against its block. That this block is the chain's, say with
--block (its ID, from "sessionvm snapshot" or another node), --trust (a trust file, with which
the file's certificate is verified), or --own-file. A chain that goes on in the new folder
needs the validator.key of the old one: copy it there.`,
		Args: cobra.ExactArgs(1),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.data, "data", "", "data `folder` to make, missing or empty (default ~/.sessionvm)")
	flags.StringVar(&o.database, "database", state.PebbleDB, "`backend`: pebbledb or goleveldb")
	flags.StringVar(&o.block, "block", "", "`ID` of the block that the file must be of")
	flags.StringVar(&o.trust, "trust", "", "trust `file` (see session trust)")
	flags.BoolVar(&o.own, "own-file", false, "the file is one's own, and nobody else could have changed it")
	cmd.MarkFlagsOneRequired("block", "trust", "own-file")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return restore(cmd.OutOrStdout(), args[0], o)
	}
	return cmd
}

func restore(to io.Writer, path string, o restoreOptions) error {
	data, err := dataPath(o.data)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	header, err := standalone.Restore(file, data, o.database, o.check)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(to, "data        %s\n", data)
	fmt.Fprintf(to, "chain ID    %s\n", header.ChainID)
	fmt.Fprintf(to, "height      %d\n", header.Height)
	fmt.Fprintf(to, "block       %s\n", header.ID())
	return nil
}

// check refuses a file whose block the user does not trust.
func (o *restoreOptions) check(file *state.SnapshotFile) error {
	id := file.Header.ID()
	if o.block == "" && o.trust == "" && !o.own { // a variable that is not set, for one
		return refusal.New(refusal.ErrInvalidArgs, "--block ID, --trust FILE or --own-file", "an empty one")
	}
	if o.block != "" {
		expected, err := ids.FromString(o.block)
		if err != nil {
			return refusal.New(refusal.ErrInvalidArgs, "--block with the ID of a block", o.block)
		}
		if id != expected {
			return refusal.New(refusal.ErrProof, "a file of block "+o.block, id)
		}
	}
	if o.trust == "" {
		return nil
	}
	text, err := readBounded(o.trust, lightclient.MaxTrustFileBytes)
	if err != nil {
		return err
	}
	trusted, err := lightclient.ParseTrustOptions(text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.trust, err)
	}
	checkpoint := trusted.Checkpoint.Block()
	if checkpoint.Header.ID() == id {
		return nil
	}
	block, err := lightclient.ParseLightBlock(file.Certificate)
	if err != nil {
		return fmt.Errorf("the file's certificate: %w", err)
	}
	if block.Header.ID() != id {
		return refusal.New(refusal.ErrProof, "the certificate of block "+id.String(), block.Header.ID())
	}
	verify := lightclient.Verify
	if block.Header.Height < checkpoint.Header.Height {
		verify = lightclient.VerifyEarlier
	}
	_, err = verify(&trusted.Rules, checkpoint, block, time.Now())
	return err
}
