package lightclient

import (
	"context"
	"fmt"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
)

// Verified is something that the chain has shown, and what that rests on.
type Verified struct {
	Statement *proofs.Statement
	Basis     Basis
}

// VerifiedSession is a session with all of its messages.
type VerifiedSession struct {
	Session Verified
	// Messages are all messages of the session as of the session's block, in order.
	Messages []Verified
}

// VerifyBundle checks a bundle that is about the block of a basis.
func VerifyBundle(bundle *proofs.Bundle, basis Basis) (*Verified, error) {
	if bundle.BlockID != basis.BlockID {
		return nil, refusal.Wrap(ErrOtherBlock, refusal.ErrProof, "a proof about block "+basis.BlockID.String(), bundle.BlockID)
	}
	statement, err := bundle.Verify(pq.Verify)
	if err != nil {
		return nil, err
	}
	return &Verified{Statement: statement, Basis: basis}, nil
}

// VerifyMessage checks that a message was delivered. If the bundle has the message itself
// with its sender's keys, Statement.SignatureVerified says that the sender signed it with
// ML-DSA-65, which is post-quantum.
func (c *Client) VerifyMessage(ctx context.Context, bundle *proofs.Bundle) (*Verified, error) {
	return c.expect(ctx, bundle, func(s *proofs.Statement) bool { return s.Message != nil }, "a message that is there")
}

// VerifyReceipt checks that a participant has acknowledged messages.
func (c *Client) VerifyReceipt(ctx context.Context, bundle *proofs.Bundle) (*Verified, error) {
	return c.expect(ctx, bundle, func(s *proofs.Statement) bool { return s.Receipt != nil }, "a receipt that is there")
}

// VerifyAbsence checks that something is not in the state of the bundle's block.
func (c *Client) VerifyAbsence(ctx context.Context, bundle *proofs.Bundle) (*Verified, error) {
	return c.expect(ctx, bundle, func(s *proofs.Statement) bool { return !s.Present }, "something that is not there")
}

// VerifySession checks that a session is there and that the messages, in order, are all
// that it has in the state of its bundle's block: that none is withheld, and none put in.
// What came later it cannot know; the basis says how old that block is.
func (c *Client) VerifySession(ctx context.Context, session *proofs.Bundle, messages []*proofs.Bundle) (*VerifiedSession, error) {
	shown, err := c.expect(ctx, session, func(s *proofs.Statement) bool { return s.Session != nil }, "a session that is there")
	if err != nil {
		return nil, err
	}
	all := &VerifiedSession{Session: *shown}
	statements := make([]*proofs.Statement, len(messages))
	for i, bundle := range messages {
		message, err := c.VerifyMessage(ctx, bundle)
		if err != nil {
			return nil, fmt.Errorf("message %d of %d: %w", i+1, len(messages), err)
		}
		all.Messages = append(all.Messages, *message)
		statements[i] = message.Statement
	}
	if err := verifyAll(shown.Statement, statements); err != nil {
		return nil, err
	}
	return all, nil
}

// verifyAll checks that messages are all of a session's.
func verifyAll(session *proofs.Statement, messages []*proofs.Statement) error {
	if want := session.Session.Messages; uint64(len(messages)) < want {
		return refusal.Wrap(ErrWithheld, refusal.ErrProof, fmt.Sprintf("%d messages", want), len(messages))
	}
	if err := proofs.VerifyComplete(session, messages); err != nil {
		return fmt.Errorf("%w: %w", ErrWithheld, err)
	}
	return nil
}

// expect verifies a bundle against the trusted header at its height, and that it shows what
// is expected.
func (c *Client) expect(ctx context.Context, bundle *proofs.Bundle, shows func(*proofs.Statement) bool, expected string) (*Verified, error) {
	_, basis, err := c.Header(ctx, bundle.Header.Height)
	if err != nil {
		return nil, err
	}
	verified, err := VerifyBundle(bundle, basis)
	if err != nil {
		return nil, err
	}
	if s := verified.Statement; !shows(s) {
		return nil, refusal.Wrap(ErrStatement, refusal.ErrProof, expected, fmt.Sprintf("%s, present: %t", s.Kind, s.Present))
	}
	return verified, nil
}
