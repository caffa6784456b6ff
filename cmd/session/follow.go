package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/luxfi/session/lightclient"
)

// followRequest is how the user wants the chain to be followed.
type followRequest struct {
	lightOptions
	once     bool
	interval time.Duration
}

func newFollow(s *shell) *cobra.Command {
	var (
		request followRequest
		trust   string
	)
	c := &cobra.Command{
		Use:   "follow --trust FILE [--store DIR] [--witness URL]...",
		Short: "Follow the chain by its validators' signatures, without trusting the node",
		Long: `Follow the chain from a trust file ("session trust"): each block is shown once it is trusted,
with what it rests on. The node is asked for headers, validator sets and certificates, and is
trusted with nothing. Blocks between two that enough of the same validators have signed are
skipped; --every goes through each.

Witnesses are other nodes, which must have the same block. If one shows another block that
verifies too, validators are dishonest: the evidence is kept in the store, and the exit
status is 1.

With --store it goes on from where it was, also when the trust file has expired since. It ends
when it is interrupted, or with --once when it has caught up. With --json each block is one
line.`,
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if trust == "" {
				return usage("--trust FILE is missing: make one with \"session trust\"")
			}
			if request.interval <= 0 {
				return usage("--interval must be above 0")
			}
			if request.trust, err = readTrust(trust); err != nil {
				return err
			}
			return s.followChain(c.Context(), request)
		},
	}
	flags := c.Flags()
	flags.StringVar(&trust, "trust", "", "the trust file to begin with")
	flags.StringVar(&request.store, "store", "", "folder that keeps what is trusted (default: in memory)")
	flags.StringArrayVar(&request.witnesses, "witness", nil, "RPC address of another node that must have the same blocks")
	flags.BoolVar(&request.sequential, "every", false, "go through every block")
	flags.BoolVar(&request.once, "once", false, "end when it has caught up with the node")
	flags.DurationVar(&request.interval, "interval", 2*time.Second, "how often to look for new blocks")
	return c
}

func (s *shell) followChain(ctx context.Context, request followRequest) error {
	l, err := s.follower(request.lightOptions)
	if err != nil {
		return err
	}
	f := &chainFollower{shell: s, light: l}
	if err := f.begin(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		err := f.update(ctx)
		switch {
		case ctx.Err() != nil:
			return nil // the user had enough
		case request.once:
			return err
		case passing(err):
			f.tell(err)
		case err != nil:
			return err
		}
		pause(ctx, request.interval)
	}
	return nil
}

// chainFollower shows what a light client trusts.
type chainFollower struct {
	*shell
	*light
	shown  uint64 // height of the last block shown
	faults int    // of witnesses, that the user was told of
	told   string // what the user was told last
}

// begin shows from where the chain is followed.
func (f *chainFollower) begin(ctx context.Context) error {
	b, basis, err := f.latest(ctx)
	if err != nil {
		return err
	}
	f.shown = b.Header.Height
	return f.show(basis)
}

// update follows the chain and shows the blocks that are trusted since.
func (f *chainFollower) update(ctx context.Context) error {
	_, err := f.Update(ctx)
	for _, fault := range f.Faults()[f.faults:] {
		f.note("The witness %s is not asked again: %v", fault.Provider, fault.Err)
		f.faults++
	}
	if err != nil {
		return dishonest(err)
	}
	f.told = ""
	heights, err := f.store.Heights()
	if err != nil {
		return err
	}
	for _, height := range heights {
		if height <= f.shown {
			continue
		}
		_, basis, err := f.Header(ctx, height)
		if err != nil {
			return err
		}
		if err := f.show(basis); err != nil {
			return err
		}
		f.shown = height
	}
	return nil
}

func (f *chainFollower) show(basis lightclient.Basis) error {
	why := "signed by " + signedText(basis)
	if basis.Checkpoint {
		why = "the trust file's checkpoint"
	}
	return f.line(basis, fmt.Sprintf("block %-8d %s  %s  %s\n", basis.Height, moment(basis.Time), basis.BlockID, why))
}

// signedText says how much of the weight has signed, and how.
func signedText(basis lightclient.Basis) string {
	if basis.PostQuantum {
		return basis.Weight.String() + " of the validators' weight (post-quantum)"
	}
	return basis.Weight.String() + " of the validators' weight (BLS, not post-quantum)"
}

// dishonest says what evidence means and where it is.
func dishonest(err error) error {
	var diverged lightclient.ErrDivergence
	if !errors.As(err, &diverged) {
		return err
	}
	return fmt.Errorf("VALIDATORS ARE DISHONEST: %w. %s have signed both; the evidence is kept with --store", err, plural(uint64(len(diverged.Evidence.DoubleSigners())), "validator"))
}

// tell tells the user of something that may pass, once.
func (f *chainFollower) tell(err error) {
	if text := f.explain(err); text != f.told {
		f.note("%s\nTrying again.", text)
		f.told = text
	}
}
