package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

func newID(s *shell) *cobra.Command {
	c := group(&cobra.Command{
		Use:   "id",
		Short: "Make, show and register an identity",
		Long: `An identity is an ML-KEM-768 key pair, which others encrypt to, and an ML-DSA-65 key
pair, which signs. Both derive from one secret, which is kept in a file that a passphrase
encrypts (age). Its ID, 07 and 64 hex digits, commits to both public keys.

There is no way back from a lost file or a forgotten passphrase: keep a copy.`,
	})
	c.AddCommand(newIDNew(s), newIDShow(s), newIDRegister(s), newIDAdmit(s))
	return c
}

type newIdentityResult struct {
	ID   string `json:"id"`
	File string `json:"file"`
}

func newIDNew(s *shell) *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "new",
		Short: "Make an identity and write its key file",
		Long: `Make an identity and write it, encrypted to a passphrase, into a new file:
--identity FILE, or ~/.session/NAME.age with --name NAME, or ~/.session/identity.age.
A file that exists is left as it is.`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			path, err := s.identityPath()
			if name != "" {
				path, err = s.pathOf(name)
			}
			if err != nil {
				return err
			}
			identity, err := s.makeIdentity(path)
			if err != nil {
				return err
			}
			result := newIdentityResult{ID: pq.FormatID(identity.ID()), File: path}
			return s.show(result, func(w io.Writer) {
				fields(w, "Identity", result.ID, "File", result.File)
				fmt.Fprintln(w, "Keep a copy of the file and remember the passphrase: nobody can restore them.")
			})
		},
	}
	c.Flags().StringVar(&name, "name", "", "write ~/.session/NAME.age; --identity NAME then acts as it")
	return c
}

func (s *shell) makeIdentity(path string) (*pq.Identity, error) {
	if _, err := os.Lstat(path); err == nil { // before the user thinks of a passphrase; SaveIdentity decides
		return nil, usage("%s exists already and was left as it is: choose another with --name or --identity", path)
	}
	passphrase, err := s.passphrase(path, true)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, &usageError{err}
	}
	identity, err := pq.GenerateIdentity()
	if err != nil {
		return nil, err
	}
	if err := pq.SaveIdentity(path, identity, passphrase); err != nil {
		return nil, &usageError{err}
	}
	return identity, nil
}

type identityResult struct {
	publicKeys
	File string `json:"file"`
}

func newIDShow(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the identity's ID; with --json its public keys too",
		Long: `Show the identity's ID. With --json also its public keys: others can use that output
as a --contact file while the identity is not registered.`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			identity, err := s.unlock()
			if err != nil {
				return err
			}
			path, err := s.identityPath()
			if err != nil {
				return err
			}
			result := identityResult{publicKeys: newPublicKeys(identity.Public()), File: path}
			return s.show(result, func(w io.Writer) {
				fields(w, "Identity", result.ID, "File", result.File)
			})
		},
	}
}

type registerResult struct {
	ID                string    `json:"id"`
	AlreadyRegistered bool      `json:"alreadyRegistered"`
	Registered        time.Time `json:"registered"`
	Expires           time.Time `json:"expires"`
	Height            uint64    `json:"height,omitempty"`
	// Basis is what the registration's proof rests on; null if there was nothing to verify it from.
	Basis       *lightclient.Basis `json:"basis"`
	OnTheWordOf string             `json:"onTheWordOf,omitempty"` // the node, if there is no Basis
}

func newIDRegister(s *shell) *cobra.Command {
	var (
		admission string
		contract  bool
	)
	c := &cobra.Command{
		Use:   "register",
		Short: "Put the identity's public keys on the chain",
		Long: `Put the identity's public keys on the chain, so that it can act there and others find
its keys by its ID, and a prekey, which others seal their first messages to. Doing it again is no
error: it renews the registration and the prekey when that is due. Reading and sending do so too.

A chain may ask for work, which takes a second or more, or for an issuer's admission: the file
that they write with "session id admit". Contracts of other chains may admit, too: --contract prints what
one is to be given, in hex, and waits until that has come here; "session evm admit" gives it.

The registration that is shown is proven from --trust FILE, or from what the chain's first use pinned.
On first use, and with --trust-node, it is the node's word, and the output says so.`,
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			if contract && admission != "" {
				return usage("--admission FILE or --contract: not both")
			}
			identity, n, err := s.actor(c.Context())
			if err != nil {
				return err
			}
			public := identity.Public()
			params := client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA}
			if admission != "" {
				if err := readAdmission(admission, n, identity, &params); err != nil {
					return err
				}
			}
			register := func() (*client.RegisterIdentityResult, error) { return s.register(c.Context(), n, params) }
			if contract {
				register = func() (*client.RegisterIdentityResult, error) { return s.registerByContract(c.Context(), n, public) }
			}
			answer, err := register()
			if err != nil {
				return err
			}
			if answer.IdentityID != identity.ID() {
				return fmt.Errorf("%s answers falsely: it registered %s", n.address, pq.FormatID(answer.IdentityID))
			}
			anchor, err := s.anchor(n) // before there is one that the node has just named
			if err != nil {
				return err
			}
			if _, err := s.openMailbox(c.Context(), identity, n); err != nil { // publishes a prekey
				return err
			}
			result := registerResult{
				ID: pq.FormatID(identity.ID()), AlreadyRegistered: answer.AlreadyRegistered,
				Registered: answer.Registered, Expires: answer.Expires, Height: answer.Height, OnTheWordOf: n.address,
			}
			if anchor != nil {
				if err := s.proveRegistration(c.Context(), n, identity.ID(), &result); err != nil {
					return err
				}
			}
			return s.show(result, func(w io.Writer) {
				heading := "Registered"
				if result.AlreadyRegistered {
					heading = "Registered since"
				}
				fields(w, "Identity", result.ID, heading, moment(result.Registered), "Until", moment(result.Expires), "Block", number(result.Height),
					"Certified", result.certified())
			})
		},
	}
	c.Flags().BoolVar(&contract, "contract", false, "print what a contract that admits is to be given, and wait until it has admitted")
	c.Flags().StringVar(&admission, "admission", "", "`FILE` with an issuer's admission, where the chain asks for one")
	return c
}

// certified says what a registration rests on.
func (r *registerResult) certified() string {
	switch {
	case r.Basis == nil:
		return "no: it is the word of " + r.OnTheWordOf
	case r.Basis.Checkpoint:
		return "it is in the block that is trusted"
	default:
		return "signed by " + signedText(*r.Basis)
	}
}

// proveRegistration takes from the chain's state what is shown of a registration. The error is refusal.ErrNotRegistered if there is none, or
// one that has ended.
func (s *shell) proveRegistration(ctx context.Context, n *node, id ids.ID, result *registerResult) error {
	key := chain.IdentityKey(id)
	state, basis, err := s.proven(ctx, n, result.Height, key)
	if err != nil {
		return err
	}
	value, err := state.Leaf(key)
	if err != nil {
		return err
	}
	missing := func(got string) error {
		return fmt.Errorf("%s answers falsely: %w", n.address, refusal.New(refusal.ErrNotRegistered, pq.FormatID(id)+" in the chain's state", got))
	}
	if value == nil {
		return missing("none")
	}
	leaf, err := chain.ParseIdentity(value)
	if err != nil {
		return err
	}
	expires := leaf.Registered + n.genesis.IdentityLife()
	if expires <= state.Header.Timestamp {
		return missing("a registration that ended at " + timeOf(expires).Format(time.RFC3339))
	}
	result.Registered, result.Expires, result.Basis, result.OnTheWordOf = timeOf(leaf.Registered), timeOf(expires), basis, ""
	return nil
}
