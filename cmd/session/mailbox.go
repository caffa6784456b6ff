package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
)

// pollReceipts is how often receipts are looked for while nothing else happens.
const pollReceipts = time.Second

// sessionsFolder is where what an identity says and hears is kept.
func (s *shell) sessionsFolder() (string, error) {
	folder, err := s.folder()
	return filepath.Join(folder, "sessions"), err
}

// addressBook opens the address book of the identity that the user acts as, and returns the identity.
func (s *shell) addressBook() (*mailbox.AddressBook, *pq.Identity, error) {
	identity, err := s.unlock()
	if err != nil {
		return nil, nil, err
	}
	folder, err := s.sessionsFolder()
	if err != nil {
		return nil, nil, err
	}
	book, err := mailbox.OpenAddressBook(folder, identity)
	return book, identity, err
}

// withMailbox unlocks the identity, connects, opens the mailbox, which registers the identity if it is
// not, and runs a command in it.
func (s *shell) withMailbox(ctx context.Context, run func(*mailbox.Mailbox) error) error {
	identity, n, err := s.actor(ctx)
	if err != nil {
		return err
	}
	m, err := s.openMailbox(ctx, identity, n)
	if err == nil {
		err = run(m)
	}
	return err
}

// withPeer runs a command in the mailbox, with whom or what the user names.
func (s *shell) withPeer(ctx context.Context, name string, run func(*mailbox.Mailbox, mailbox.Peer) error) error {
	if err := mailbox.CheckPeer(name); err != nil { // before anybody is asked
		return err
	}
	return s.withMailbox(ctx, func(m *mailbox.Mailbox) error {
		peer, err := m.Find(ctx, name)
		if err != nil {
			return err
		}
		return run(m, peer)
	})
}

// withLatest runs a command in the last session with whom or what the user names.
func (s *shell) withLatest(ctx context.Context, name string, run func(*mailbox.Mailbox, *mailbox.Conversation) error) error {
	return s.withPeer(ctx, name, func(m *mailbox.Mailbox, peer mailbox.Peer) error {
		c, err := m.Latest(ctx, peer)
		if err != nil {
			return err
		}
		defer c.Close()
		return run(m, c)
	})
}

func (s *shell) openMailbox(ctx context.Context, identity *pq.Identity, n *node) (*mailbox.Mailbox, error) {
	folder, err := s.sessionsFolder()
	if err != nil {
		return nil, err
	}
	config := messaging.Config{
		Client: n.Client, Circuit: s.circuits(), Identity: identity, Folder: folder, Poll: pollReceipts, Chain: n.meant, TrustNode: s.trustNode, Delay: s.delay,
		FirstUse: s.firstUse, Warn: func(err error) { s.note("WARNING: %v", err) },
	}
	switch {
	case s.trustNode && s.trustFile != "":
		return nil, usage("--trust FILE or --trust-node: not both")
	case s.trustNode:
		s.note("Trusting %s: nothing that it says of the chain is verified (--trust-node)", n.address)
	case s.trustFile != "":
		if config.Trust, err = readTrust(s.trustFile); err != nil {
			return nil, err
		}
	}
	for _, known := range n.known {
		config.Known = append(config.Known, known)
	}
	return mailbox.Open(ctx, mailbox.Config{Config: config, Public: s.isPublic(), LockWait: s.timeout})
}

// isPublic reports whether the user wants to be seen.
func (s *shell) isPublic() bool { return s.public || s.getenv(envPublic) == "1" }

// kind says whether the chain shows who takes part.
func kind(public bool) string {
	if public {
		return "public"
	}
	return "private"
}

// firstUse tells the user what was pinned on the node's word.
func (s *shell) firstUse(trust *lightclient.TrustOptions) {
	header := trust.Checkpoint.Header
	s.note("First use of chain %s: from now on its answers are verified from block %d, %s,\nand %s that the node named. Compare the block with somebody who has it from elsewhere, or use --trust FILE.",
		trust.ChainID, header.Height, header.ID(), plural(uint64(trust.Checkpoint.Validators.Len()), "validator"))
}

// label is an ID with the name that the user has for it.
func label(m *mailbox.Mailbox, id ids.ID) string {
	if name := nameOf(m, id); name != "" {
		return pq.FormatID(id) + "  (" + name + ")"
	}
	return pq.FormatID(id)
}

// nameOf is what the user calls an identity, empty if it is no contact.
func nameOf(m *mailbox.Mailbox, id ids.ID) string {
	if id == m.Self() {
		return "you"
	}
	contact, _ := m.ContactOf(id)
	return contact.Name
}
