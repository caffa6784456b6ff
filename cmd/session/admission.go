package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	maxAdmissionBytes = 64 << 10
	// quietWork is how many bits of work are done without a word: about a second.
	quietWork = 23
)

// working tells the user of work that takes long, whichever command it belongs to.
func (s *shell) working(bits uint64) {
	if bits > quietWork {
		s.note("%s says that a registration costs work: about %d million hashes on one processor. Ctrl-C ends it.", s.address(), uint64(1)<<bits/1_000_000)
	}
}

// register registers an identity, and says where an admission comes from.
func (s *shell) register(ctx context.Context, n *node, params client.RegisterIdentityParams) (*client.RegisterIdentityResult, error) {
	answer, err := n.RegisterIdentity(ctx, params)
	if errors.Is(err, refusal.ErrNotAdmitted) && params.Issuer == 0 {
		s.note("Send an issuer of this chain your ID, and run \"session id register --admission FILE\" with what they answer.")
	}
	return answer, err
}

// readAdmission takes an admission of the identity on the node's chain from a file.
func readAdmission(path string, n *node, identity *pq.Identity, params *client.RegisterIdentityParams) error {
	content, err := readFile(path, maxAdmissionBytes)
	if err != nil {
		return err
	}
	var a client.Admission
	if err := strictjson.Unmarshal(content, &a); err != nil {
		return usage("%s is no admission, as \"session id admit\" writes it: %v", path, err)
	}
	if a.Identity != identity.ID() {
		return usage("%s admits %s, and not %s", path, pq.FormatID(a.Identity), pq.FormatID(identity.ID()))
	}
	if a.ChainID != n.chainID {
		return usage("%s is an admission to chain %s, and not to %s", path, a.ChainID, n.chainID)
	}
	params.Issuer, params.Until, params.Admission = a.Issuer, a.Until, a.Signature
	return nil
}

func newIDAdmit(s *shell) *cobra.Command {
	var days uint
	c := &cobra.Command{
		Use:   "admit ID",
		Short: "Admit somebody's identity to a chain that you are an issuer of",
		Long: `Write an admission: your signature that an identity may register, and renew, for so many
days, on a chain whose genesis names you as an issuer ("registration" with the mode "issuer" and
the dsaPublicKey of "session id show --json"). Send the output to whom it is for.`,
		Args: exactly("ID"),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := mailbox.ParseIdentity(args[0])
			if err != nil {
				return usage("%w", err)
			}
			identity, n, err := s.actor(c.Context())
			if err != nil {
				return err
			}
			until := time.Now().Add(time.Duration(days) * 24 * time.Hour)
			admission, err := n.Admit(c.Context(), identity, identity.Public().DSA, id, uint64(until.UnixMilli()))
			if err != nil {
				return err
			}
			return s.show(admission, func(w io.Writer) { _ = writeJSON(w, admission, "  ") })
		},
	}
	c.Flags().UintVar(&days, "days", 30, "how many `days` the admission is good for")
	return c
}
