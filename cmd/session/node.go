package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/ohttp"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// node is the chain as one node shows it. What it says about keys is checked.
type node struct {
	*client.Client
	address string
	timeout time.Duration
	chainID ids.ID
	meant   ids.ID // the chain that the user names; empty if none
	genesis *chain.Genesis
	known   map[ids.ID]pq.PublicIdentity // contacts, and identities looked up; all self-certified
}

// addresses are those of the nodes that the user named, or of the one that the relay has.
func (s *shell) addresses() []string {
	if s.relayAddress() != "" {
		return []string{ohttp.Address}
	}
	return strings.Split(cmp.Or(s.node, s.getenv(envNode), defaultNode), ",")
}

// address is the first of them.
func (s *shell) address() string { return s.addresses()[0] }

// dial returns a client of the node at an address. It asks nothing yet.
func (s *shell) dial(address string) (*client.Client, error) {
	if s.timeout <= 0 {
		return nil, usage("--timeout must be above 0")
	}
	through, err := s.httpClient()
	if err != nil {
		return nil, err
	}
	c, err := client.New(address, client.Options{HTTPClient: through, Timeout: s.timeout, Working: s.working})
	if err != nil {
		return nil, &usageError{err}
	}
	return c, nil
}

// connect asks the node which chain it has.
func (s *shell) connect(ctx context.Context) (*node, error) {
	address := s.address()
	c, err := s.dial(address)
	if err != nil {
		return nil, err
	}
	n := &node{
		Client: c, address: address, timeout: s.timeout,
		known: make(map[ids.ID]pq.PublicIdentity),
	}
	for _, path := range s.contacts {
		public, err := readPublicKeys(path)
		if err != nil {
			return nil, err
		}
		n.known[public.ID()] = public
	}
	if n.chainID, err = c.ChainID(ctx); err != nil {
		return nil, err
	}
	if n.genesis, err = c.Genesis(ctx); err != nil {
		return nil, err
	}
	n.meant, err = s.checkChain(n.chainID)
	return n, err
}

// checkChain returns the chain that the user wants, empty if none is named, and refuses another one.
func (s *shell) checkChain(got ids.ID) (want ids.ID, err error) {
	text := cmp.Or(s.chain, s.getenv(envChain))
	if text == "" {
		return ids.Empty, nil
	}
	if want, err = mailbox.ParseID(text); err == nil && want != got {
		err = refusal.New(refusal.ErrWrongChain, want.String(), got)
	}
	return want, err
}

// actor unlocks the identity and connects, which every action begins with.
func (s *shell) actor(ctx context.Context) (*pq.Identity, *node, error) {
	identity, err := s.unlock()
	if err != nil {
		return nil, nil, err
	}
	n, err := s.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	n.known[identity.ID()] = identity.Public()
	return identity, n, nil
}

// lookup returns an identity's public keys. They hash to its ID, whoever they came from.
func (n *node) lookup(ctx context.Context, id ids.ID) (pq.PublicIdentity, error) {
	if public, ok := n.known[id]; ok {
		return public, nil
	}
	answer, err := n.GetIdentity(ctx, client.GetIdentityParams{IdentityID: id})
	if errors.Is(err, refusal.ErrNotRegistered) || errors.Is(err, refusal.ErrNotFound) {
		return pq.PublicIdentity{}, fmt.Errorf("%s is %w: they can run \"session id register\", or send you \"session id show --json\" for --contact", pq.FormatID(id), notRegistered{})
	}
	if err != nil {
		return pq.PublicIdentity{}, err
	}
	public, err := pq.IdentityOf(id, answer.Identity.KEMPublicKey, answer.Identity.DSAPublicKey)
	if err != nil {
		return pq.PublicIdentity{}, fmt.Errorf("%s answers falsely: %w", n.address, err)
	}
	n.known[id] = public
	return public, nil
}

// notRegistered is somebody else's refusal.ErrNotRegistered: what to do is another thing.
type notRegistered struct{}

func (notRegistered) Error() string { return "not registered" }

// transact signs the transaction of a body, has it accepted and checks that the answer is
// about it. The signer is nil where nobody signs.
func (n *node) transact(ctx context.Context, body chain.Body, identity *pq.Identity) (*client.TransactionResult, error) {
	var signer client.Signer
	if identity != nil {
		signer = identity
	}
	id := chain.TransactionID(n.chainID, body)
	result, err := n.SendTransaction(ctx, body, signer)
	if isUnreachable(err) || errors.Is(err, refusal.ErrWaitTimeout) {
		return nil, &undecidedError{id, err}
	} else if err != nil {
		return nil, err
	}
	if result.TransactionID != id {
		return nil, fmt.Errorf("%s answers falsely: about transaction %s instead of %s", n.address, result.TransactionID, id)
	}
	if result.Status != client.TransactionAccepted {
		return nil, fmt.Errorf("transaction %s is %s: %w", id, result.Status, refusal.ErrWaitTimeout)
	}
	return result, nil
}
