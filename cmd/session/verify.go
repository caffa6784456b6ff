package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
)

// verifyOptions are what the user requires beyond that the file holds together.
type verifyOptions struct {
	block     ids.ID
	trust     *lightclient.TrustOptions // nil: the block is not checked
	noMessage uint64
	read      bool
}

// verifyResult is what a proof shows.
type verifyResult struct {
	Verified bool        `json:"verified"`
	Shows    string      `json:"shows"` // in words
	Kind     proofs.Kind `json:"kind"`
	Present  bool        `json:"present"`
	Chain    ids.ID      `json:"chain"`

	Session     ids.ID     `json:"session,omitzero"`
	Status      string     `json:"status,omitempty"`   // of a session, at the block's time
	Messages    *uint64    `json:"messages,omitempty"` // how many a session has
	Participant string     `json:"participant,omitempty"`
	Message     ids.ID     `json:"message,omitzero"`
	Sender      string     `json:"sender,omitempty"`
	Sequence    uint64     `json:"sequence,omitempty"`
	Index       uint64     `json:"index,omitempty"`
	Accepted    *time.Time `json:"accepted,omitempty"` // time of the block that holds it

	SignatureVerified bool    `json:"signatureVerified"`
	Behind            string  `json:"behind,omitempty"` // the identity behind who signed, if the file discloses it
	Text              *string `json:"text,omitempty"`
	Data              []byte  `json:"data,omitempty"`
	NotRead           string  `json:"notRead,omitempty"` // why the text is not there, where an identity was given

	// What the statement rests on: whoever trusts this block can trust it.
	Block         ids.ID     `json:"block"`
	Height        uint64     `json:"height"`
	BlockTime     time.Time  `json:"blockTime"`
	StateRoot     chain.Hash `json:"stateRoot"`
	BlockRequired bool       `json:"blockRequired"` // --block named it
	Certified     bool       `json:"certified"`     // the file has the validators' certificate of it
	Attested      bool       `json:"attested"`      // with their ML-DSA-65 signatures
	Trusted       bool       `json:"trusted"`       // it follows from the trust file

	// Basis says why the block is trusted.
	Basis *lightclient.Basis `json:"basis,omitempty"`
}

func newVerify(s *shell) *cobra.Command {
	var (
		block, trust string
		options      verifyOptions
	)
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a proof file without any node",
		Long: `Check a proof file, JSON or binary, without any node: the ICS-23 proof against the state
root in the block's header, the header against the block ID, a message against its ID, and
its ML-DSA-65 signature with keys that its sender's ID commits to. If the file says who stands
behind a pseudonym ("session proof --reveal"), the signatures of both.

What is shown rests on the block. With --trust FILE ("session trust") the block is checked as
well: a certified proof ("session proof --certified") shows that validators with enough
weight have signed it. Without --trust it is not: compare the block ID with one that you
trust, or require it with --block. Require the chain with --chain. With --identity the message
is shown as that identity has read it.

The exit status is 0 only if everything in the file verifies (with --trust the block too),
and 1 if it is refused.`,
		Args: exactly("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if options.block, err = parseOptionalID(block); err != nil {
				return err
			}
			if trust != "" {
				if options.trust, err = readTrust(trust); err != nil {
					return err
				}
			}
			options.read = s.identity != ""
			return s.verifyFile(args[0], options)
		},
	}
	flags := c.Flags()
	flags.StringVar(&block, "block", "", "refuse a proof that rests on another block than this ID")
	flags.StringVar(&trust, "trust", "", "refuse a proof whose block does not follow from this trust file")
	flags.Uint64Var(&options.noMessage, "no-message", 0, "require that the proof shows that its session has no message of this sequence")
	return c
}

func (s *shell) verifyFile(path string, options verifyOptions) error {
	content, err := readFile(path, proofs.MaxFileBytes)
	if err != nil {
		return err
	}
	result, statement, err := s.verifyProof(content, options)
	if err != nil {
		return fmt.Errorf("%s is refused: %w", path, err)
	}
	result.BlockRequired = options.block != ids.Empty
	if options.noMessage > 0 {
		result.Shows = proofRequest{sequence: options.noMessage}.summary(statement)
	}
	if options.read {
		if err := s.readInto(result, statement); err != nil {
			return err
		}
	}
	return s.show(result, func(w io.Writer) { verifyText(w, result, statement) })
}

// verifyProof checks a proof file and what the user requires of it.
func (s *shell) verifyProof(content []byte, options verifyOptions) (*verifyResult, *proofs.Statement, error) {
	bundle, err := proofs.Parse(content)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range s.contacts {
		public, err := readPublicKeys(path)
		if err != nil {
			return nil, nil, err
		}
		addKeys(bundle, public)
	}
	result, statement, err := verifyBundle(bundle, options.trust)
	if err == nil {
		err = s.require(statement, options)
	}
	return result, statement, err
}

// verifyBundle checks a proof, and, if there is something to trust, that it rests on a block that
// follows from there.
func verifyBundle(bundle *proofs.Bundle, trust *lightclient.TrustOptions) (*verifyResult, *proofs.Statement, error) {
	verified := new(lightclient.Verified)
	block, err := lightclient.BlockOf(bundle) // its certificates are there to be read
	if err == nil && trust != nil {
		verified, err = lightclient.VerifyOffline(bundle, trust, time.Now())
	} else if err == nil {
		verified.Statement, err = bundle.Verify(pq.Verify)
	}
	if err != nil {
		return nil, nil, explainTrust(err)
	}
	result := newVerifyResult(verified.Statement)
	result.Certified = block != nil
	result.Attested = block != nil && block.PostQuantum != nil && block.PostQuantum.Certificate != nil
	if trust != nil {
		result.Trusted, result.Basis = true, &verified.Basis
	}
	return result, verified.Statement, nil
}

// explainTrust adds what to do about a block that does not follow from a trust file.
func explainTrust(err error) error {
	var missing lightclient.ErrNotEnoughTrust
	switch {
	case errors.As(err, &missing):
		return fmt.Errorf("%w. It is forged, or the validators have changed since: then get the proof with \"session proof --trust\" and this trust file, or make a newer one (\"session trust --from\")", err)
	case errors.Is(err, lightclient.ErrNoCertificate):
		return fmt.Errorf("%w. Get it with \"session proof --certified\"", err)
	case errors.Is(err, lightclient.ErrDowngrade):
		return fmt.Errorf("%w. Get the proof with \"session proof --trust\" and this trust file", err)
	default:
		return err
	}
}

// require checks what the user requires of a statement that is verified.
func (s *shell) require(statement *proofs.Statement, options verifyOptions) error {
	if options.block != ids.Empty && statement.BlockID != options.block {
		return refusal.New(refusal.ErrProof, "a proof that rests on block "+options.block.String(), statement.BlockID)
	}
	if statement.Transaction != nil && !statement.Attributed() {
		return refusal.New(refusal.ErrBadSignature, "the public keys of who signed, in the file or as --contact", "none: the signature cannot be checked")
	}
	if options.noMessage > 0 {
		if err := proofs.VerifyNoMessage(statement, options.noMessage); err != nil {
			return err
		}
	}
	_, err := s.checkChain(statement.ChainID)
	return err
}

// addKeys gives a proof without the signer's keys those of a contact, if it is the signer.
func addKeys(bundle *proofs.Bundle, public pq.PublicIdentity) {
	if len(bundle.Transaction) == 0 || len(bundle.KEMPublicKey) != 0 || len(bundle.DSAPublicKey) != 0 {
		return
	}
	tx, err := chain.ParseTransaction(bundle.Header.ChainID, bundle.Transaction)
	if err == nil && tx.Body.Actor() == public.ID() {
		bundle.KEMPublicKey, bundle.DSAPublicKey = public.KEM, public.DSA
	}
}

func newVerifyResult(s *proofs.Statement) *verifyResult {
	result := &verifyResult{
		Verified: true, Shows: headline(s), Kind: s.Kind, Present: s.Present, Chain: s.ChainID,
		SignatureVerified: s.SignatureVerified,
		Block:             s.BlockID, Height: s.Height, BlockTime: timeOf(s.Timestamp), StateRoot: s.StateRoot,
	}
	if s.Kind == proofs.KindSession || s.Kind == proofs.KindReceipt {
		result.Session = s.ID
	}
	if s.Kind == proofs.KindReceipt {
		result.Participant = pq.FormatID(s.Participant)
	}
	if s.Behind != ids.Empty {
		result.Behind = pq.FormatID(s.Behind)
	}
	if s.Session != nil {
		result.Status, result.Messages = s.Session.StatusAt(s.Timestamp).String(), &s.Session.Messages
	}
	if s.Receipt != nil {
		accepted := timeOf(s.Receipt.Timestamp)
		result.Sequence, result.Accepted = s.Receipt.Sequence, &accepted
	}
	if m := s.Message; m != nil {
		accepted := timeOf(m.Timestamp)
		result.Session, result.Message, result.Sender = m.Session, m.ID, pq.FormatID(m.Sender)
		result.Sequence, result.Index, result.Accepted = m.Sequence, s.Index, &accepted
	}
	return result
}

// headline says in a sentence what a statement shows.
func headline(s *proofs.Statement) string {
	switch {
	case s.Message != nil:
		return fmt.Sprintf("message #%d of the session was delivered to the chain", s.Message.Sequence)
	case s.Session != nil:
		return "the session is there, with " + plural(s.Session.Messages, "message")
	case s.Receipt != nil:
		return fmt.Sprintf("the participant acknowledged every message up to #%d", s.Receipt.Sequence)
	case s.Kind == proofs.KindSession && !s.Present:
		return "there is no such session"
	case s.Kind == proofs.KindReceipt && !s.Present:
		return "there is no receipt of the participant"
	case s.Kind == proofs.KindMessage && !s.Present:
		return fmt.Sprintf("there is no message of index %d", s.Index)
	case !s.Present:
		return fmt.Sprintf("there is no %s %s", s.Kind, s.ID)
	default:
		return fmt.Sprintf("the %s is there", s.Kind)
	}
}

// readInto adds what a message said, if the identity that the user gave has read it: its key
// is erased since.
func (s *shell) readInto(result *verifyResult, statement *proofs.Statement) error {
	if statement.Message == nil {
		return nil
	}
	identity, err := s.unlock()
	if err != nil {
		return err
	}
	folder, err := s.sessionsFolder()
	if err != nil {
		return err
	}
	result.NotRead = pq.FormatID(identity.ID()) + " has not read it"
	kept, err := mailbox.ReadHistory(folder, identity, statement.ChainID, statement.Message.Session)
	if err != nil {
		return err
	}
	for i := range kept {
		if e := &kept[i]; e.Kind == messaging.KindMessage && e.ID == statement.Message.ID {
			h := printed(e)
			result.Text, result.Data, result.NotRead = h.Text, h.Content, ""
		}
	}
	return nil
}

func verifyText(w io.Writer, result *verifyResult, statement *proofs.Statement) {
	fmt.Fprintf(w, "VERIFIED: %s.\n\n", result.Shows)
	pairs := []string{}
	add := func(name, value string) { pairs = append(pairs, name, value) }
	add("Chain", result.Chain.String())
	if result.Session != ids.Empty {
		add("Session", strings.TrimSpace(result.Session.String()+"  "+result.Status))
	}
	add("Participant", result.Participant)
	if result.Message != ids.Empty {
		add("Message", result.Message.String())
	}
	add("Sender", result.Sender)
	if result.Behind != "" {
		add("Behind it", result.Behind)
		add("", "stands behind all of this pseudonym in the session: both have signed that")
	}
	if result.Accepted != nil {
		add("Accepted", moment(*result.Accepted))
	}
	switch {
	case result.SignatureVerified:
		add("Signature", "ML-DSA-65, verified with the keys that the signer's ID commits to")
	case statement.Contract:
		from := statement.Transaction.Warp
		add("Contract", fmt.Sprintf("0x%x of chain %s", from.Address, from.SourceChain))
		add("Signature", "BLS, of validators of that chain, which this chain's validators have checked")
	case statement.Message != nil || statement.Receipt != nil:
		add("Signature", "not in the file, which holds the record only")
	}
	switch {
	case result.Text != nil:
		add("Text", printable(strings.TrimRight(*result.Text, "\n"), "\t"))
	case result.Data != nil:
		add("Content", fmt.Sprintf("%d bytes that are no text: use --json", len(result.Data)))
	case result.NotRead != "":
		add("Text", "("+result.NotRead+")")
	}
	add("Rests on", fmt.Sprintf("block %d  %s", result.Height, result.Block))
	add("", moment(result.BlockTime)+", state root "+result.StateRoot.String())
	if basis := result.Basis; basis != nil && !basis.Checkpoint {
		add("Signed by", signedText(*basis))
	}
	fields(w, pairs...)
	fmt.Fprintln(w)
	switch {
	case result.Trusted:
		trustedText(w, result)
	case result.BlockRequired:
		fmt.Fprintln(w, "That is the block you required.")
	default:
		fmt.Fprintln(w, "It is as true as that block, WHICH IS NOT CHECKED: compare its ID with one that you")
		fmt.Fprintln(w, "trust, or require it with --block ID. "+uncheckedText(result))
	}
}

// trustedText says what a verified proof rests on.
func trustedText(w io.Writer, result *verifyResult) {
	basis := result.Basis
	if basis.Checkpoint {
		fmt.Fprintln(w, "That is the block of the trust file.")
		return
	}
	if basis.PostQuantum {
		fmt.Fprintln(w, "The block follows from the trust file by its validators' signatures with ML-DSA-65:")
		fmt.Fprintln(w, "post-quantum.")
		return
	}
	fmt.Fprintln(w, "The block follows from the trust file by its validators' signatures. They are not")
	fmt.Fprintln(w, "post-quantum: with a quantum computer somebody could make them up, and so a delivery")
	fmt.Fprintln(w, "or its absence, but not what a sender has signed with ML-DSA-65.")
}

// uncheckedText says why the block was not checked.
func uncheckedText(result *verifyResult) string {
	if result.Certified {
		return "The file has the validators' certificate of\nthe block: it is checked with --trust FILE (\"session trust\")."
	}
	return "The file does not show that validators accepted\nthe block: \"session proof --certified\" does."
}

func timeOf(milliseconds uint64) time.Time { return time.UnixMilli(int64(milliseconds)).UTC() }
