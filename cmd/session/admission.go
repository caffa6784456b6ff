package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/relay"
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
		s.sayWhoAdmits(n)
	}
	return answer, err
}

// sayWhoAdmits tells the user which ways in the node's genesis has.
func (s *shell) sayWhoAdmits(n *node) {
	price := &n.genesis.Registration
	if len(price.Issuers) > 0 {
		s.note("Send an issuer of this chain your ID, and run \"session id register --admission FILE\" with what they answer.")
	}
	for _, c := range price.Contracts {
		s.note("The contract 0x%s on chain %s admits: \"session id register --contract\" prints what it is to be given.", c.Address, c.Chain)
	}
}

// registered waits until an identity that a contract is to admit is registered.
func (n *node) registered(ctx context.Context, id ids.ID) (*client.RegisterIdentityResult, error) {
	for {
		answer, err := n.GetIdentity(ctx, client.GetIdentityParams{IdentityID: id})
		if err == nil {
			return &client.RegisterIdentityResult{IdentityID: answer.Identity.ID, Registered: answer.Identity.Registered, Expires: answer.Identity.Expires}, nil
		}
		if !errors.Is(err, refusal.ErrNotRegistered) {
			return nil, err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// admissionInput is what a contract that admits is given.
type admissionInput struct {
	Contracts []chain.Contract `json:"contracts"`
	Input     chain.Bytes      `json:"input"` // of a SessionAdmission's admit(bytes kemKey, bytes dsaKey)
}

// registerByContract prints what a contract is to be given, and waits until the identity is registered.
func (s *shell) registerByContract(ctx context.Context, n *node, public pq.PublicIdentity) (*client.RegisterIdentityResult, error) {
	contracts := n.genesis.Registration.Contracts
	if len(contracts) == 0 {
		return nil, usage("no contract admits identities to this chain: its registrations are %s", n.genesis.Registration.Mode)
	}
	given := admissionInput{contracts, relay.AdmitInput(public.KEM, public.DSA)}
	if err := s.line(given, "0x"+given.Input.String()+"\n"); err != nil {
		return nil, err
	}
	for _, c := range contracts {
		s.note("This is the input of a transaction that calls admit(bytes,bytes) of a SessionAdmission, for 0x%s on chain %s.", c.Address, c.Chain)
	}
	s.note("Waiting until the identity is registered. Ctrl-C ends it.")
	return n.registered(ctx, public.ID())
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
