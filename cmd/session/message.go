package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/rpc/client"
)

// reader checks and decrypts the messages of one session for one participant.
type reader struct {
	*node
	identity *pq.Identity
	session  *client.Session
	epoch    uint64 // of the identity's key in the session
}

func (n *node) newReader(ctx context.Context, identity *pq.Identity, session ids.ID) (*reader, error) {
	shown, err := n.fetchSession(ctx, session)
	if err != nil {
		return nil, err
	}
	at, err := position(shown, identity.ID())
	if err != nil {
		return nil, err
	}
	n.known[identity.ID()] = identity.Public()
	return &reader{node: n, identity: identity, session: shown, epoch: shown.KeyEpochs[at]}, nil
}

// received is a message after its checks. Text or Data is there only if it is verified and
// decrypted; Problem says why it is not.
type received struct {
	Sequence  uint64     `json:"sequence"`
	Message   ids.ID     `json:"message,omitzero"`
	Sender    string     `json:"sender,omitempty"`
	Timestamp *time.Time `json:"timestamp,omitempty"` // of its block
	Height    uint64     `json:"height,omitempty"`
	Verified  bool       `json:"verified"`       // its ID, its place and its sender's signature
	Text      *string    `json:"text,omitempty"` // UTF-8
	Data      []byte     `json:"data,omitempty"` // what is not, in base64
	Problem   string     `json:"problem,omitempty"`

	sender ids.ID
}

// open checks and decrypts a message. Its error is that nothing could be checked because
// the node does not answer; whatever is wrong with the message is in its Problem.
func (r *reader) open(ctx context.Context, m *client.Message) (received, error) {
	shown := received{
		Sequence: m.Sequence, Message: m.ID, Sender: pq.FormatID(m.Sender),
		Timestamp: &m.Timestamp, Height: m.Height, sender: m.Sender,
	}
	if err := r.verifyMessage(ctx, m); err != nil {
		if isUnreachable(err) {
			return shown, err
		}
		shown.Problem = "does not verify: " + err.Error()
		return shown, nil
	}
	shown.Verified = true
	plaintext, err := openEnvelope(r.identity, r.chainID, r.session.ID, m.Sender, r.epoch, m.Ciphertext)
	switch {
	case err != nil:
		shown.Problem = "does not decrypt: " + err.Error()
	case utf8.Valid(plaintext):
		text := string(plaintext)
		shown.Text = &text
	default:
		shown.Data = plaintext
	}
	return shown, nil
}

// verifyMessage checks, in this order, that
//
//	a) it is of this session, and its sender a participant;
//	b) its ID is the one of its session, sender and ciphertext on this chain;
//	c) the sender signed it, with the key that the sender's ID commits to.
func (r *reader) verifyMessage(ctx context.Context, m *client.Message) error {
	if m.SessionID != r.session.ID {
		return fmt.Errorf("it is of session %s", m.SessionID)
	}
	if _, err := position(r.session, m.Sender); err != nil {
		return err
	}
	if id := chain.MessageID(r.chainID, m.SessionID, m.Sender, sha256.Sum256(m.Ciphertext)); id != m.ID {
		return fmt.Errorf("its ID is %s, and not the %s that the node gave", id, m.ID)
	}
	body := &chain.SendMessage{Session: m.SessionID, Sender: m.Sender, Ciphertext: m.Ciphertext}
	return r.verify(ctx, m.Sender, body, m.Signature)
}
