package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
)

// proofRequest is what is to be proven.
type proofRequest struct {
	session  ids.ID
	sequence uint64
	message  ids.ID
	receipt  ids.ID // of this participant
	height   *uint64
}

// proofOptions are how a proof is to be made.
type proofOptions struct {
	binary    bool
	certified bool
	reveal    bool                      // show who stands behind this identity's pseudonym
	trust     *lightclient.TrustOptions // nil: the block is not checked
}

type proofResult struct {
	File  string        `json:"file"`
	Bytes int           `json:"bytes"`
	Shows *verifyResult `json:"shows"`
}

func newProof(s *shell) *cobra.Command {
	var (
		message, receipt, out string
		trust                 string
		height                uint64
		options               proofOptions
	)
	c := &cobra.Command{
		Use:   "proof {SESSION [SEQUENCE] | --message ID} [--out FILE]",
		Short: "Get a proof that a message, a session or a receipt is on the chain, or is not",
		Long: `Get a self-contained proof file, which "session verify FILE" checks without any node:

  session proof SESSION SEQUENCE       a message: its place, itself, and its sender's signature
  session proof --message ID           the same, by the message's ID
  session proof SESSION                a session, or that there is none of that ID
  session proof SESSION --receipt ID   that ID's receipt in the session, or that there is none

SESSION may be the name of a contact or a group, for the last session, and the ID of a receipt the
name of a contact, or "me". In a private session it is the pseudonym's receipt that is proven.
Of a SEQUENCE beyond the session's last message the session itself is proven: its count
shows that there is no such message. The proof is checked before it is written. Without
--out it goes to standard output.

With --certified the validators' certificate of the block is in the file, so that whoever has a
trust file can check all of it without any node. If they trust another block than you do, give
a trust file of theirs with --trust: their validators may have to sign as well.

In a private session the file shows a pseudonym, and nothing of who stands behind it. With
--reveal it shows that too, of a message or a receipt of your own: your identity and the
pseudonym both sign it. WHO SEES THAT FILE KNOWS THAT YOU ARE BEHIND ALL that the pseudonym does
in that session, and can show it to everybody. Of the other side's messages only the other side
can make such a file.`,
		Args: between(0, "SESSION", "SEQUENCE"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := s.namesToIDs(c.Context(), args, &receipt); err != nil {
				return err
			}
			request, err := parseProofRequest(args, message, receipt)
			if err != nil {
				return err
			}
			if c.Flags().Changed("height") {
				request.height = &height
			}
			if trust != "" {
				options.certified = true
				if options.trust, err = readTrust(trust); err != nil {
					return err
				}
			}
			return s.prove(c.Context(), request, out, options)
		},
	}
	flags := c.Flags()
	flags.StringVar(&message, "message", "", "the message's ID, instead of SESSION and SEQUENCE")
	flags.StringVar(&receipt, "receipt", "", "prove this participant's receipt, or that there is none")
	flags.StringVar(&out, "out", "", "file to write")
	flags.Uint64Var(&height, "height", 0, "prove it of the state after this block (default: the latest)")
	flags.BoolVar(&options.certified, "certified", false, "with the validators' certificate of the block")
	flags.StringVar(&trust, "trust", "", "certify the proof for readers who have this trust file, and check it with that file")
	flags.BoolVar(&options.reveal, "reveal", false, "show also which identity, yours, stands behind the pseudonym: for all of that session")
	flags.BoolVar(&options.binary, "binary", false, "write the short binary form instead of JSON")
	return c
}

// namesToIDs turns names into the IDs that they stand for.
func (s *shell) namesToIDs(ctx context.Context, args []string, receipt *string) error {
	isName := func(text string) bool {
		_, err := mailbox.ParseIdentity(text)
		return err != nil && (text == mailbox.Me || mailbox.CheckName(text) == nil)
	}
	if len(args) == 0 || !isName(args[0]) && !isName(*receipt) {
		return nil
	}
	return s.withPeer(ctx, args[0], func(m *mailbox.Mailbox, peer mailbox.Peer) error {
		id, err := m.LatestSession(ctx, peer)
		if args[0] = id.String(); err != nil || !isName(*receipt) {
			return err
		}
		who := m.Self()
		if *receipt != mailbox.Me {
			all, err := m.Identities(*receipt)
			if err != nil {
				return err
			}
			who = all[0]
		}
		c, err := m.Join(ctx, peer, id)
		if err != nil {
			return err
		}
		defer c.Close()
		*receipt = c.Member(who).String()
		return nil
	})
}

func parseProofRequest(args []string, message, receipt string) (request proofRequest, err error) {
	switch {
	case message != "" && (len(args) > 0 || receipt != ""):
		return request, usage("--message ID is enough: leave out SESSION, SEQUENCE and --receipt")
	case message == "" && len(args) == 0:
		return request, usage("SESSION is missing, or --message ID")
	case receipt != "" && len(args) == 2:
		return request, usage("a receipt has no SEQUENCE: leave out one of the two")
	}
	if message != "" {
		request.message, err = mailbox.ParseID(message)
		return request, err
	}
	if request.session, err = mailbox.ParseID(args[0]); err != nil {
		return request, err
	}
	if len(args) == 2 {
		request.sequence, err = parseSequence(args[1])
	} else if receipt != "" {
		request.receipt, err = mailbox.ParseIdentity(receipt)
	}
	return request, err
}

func (s *shell) prove(ctx context.Context, request proofRequest, out string, options proofOptions) error {
	n, err := s.apart().connect(ctx) // not where the mailbox has asked for what is the identity's
	if err != nil {
		return err
	}
	bundle, err := n.fetch(ctx, request, options)
	if err != nil {
		return err
	}
	if options.reveal {
		if err := s.reveal(ctx, bundle); err != nil {
			return err
		}
	}
	shows, statement, err := verifyBundle(bundle, options.trust)
	if err == nil {
		err = request.check(statement, n.chainID)
	}
	if err == nil && options.certified && !shows.Certified {
		err = refusal.New(refusal.ErrProof, "a proof with the validators' certificates", "one without")
	}
	if err != nil {
		return fmt.Errorf("%s gave a proof that does not show what was asked for: %w", n.address, err)
	}
	content := bundle.Bytes()
	if !options.binary {
		if content, err = json.MarshalIndent(bundle, "", "  "); err != nil {
			return err
		}
		content = append(content, '\n')
	}
	if out == "" {
		_, err := s.out.Write(content)
		return err
	}
	if err := writeFile(out, content); err != nil {
		return err
	}
	return s.show(proofResult{File: out, Bytes: len(content), Shows: shows}, func(w io.Writer) {
		fields(w,
			"Proof", fmt.Sprintf("%s  (%d bytes)", out, len(content)),
			"Shows", request.summary(statement),
			"Reveals", shows.Behind,
			"Block", fmt.Sprintf("%d  %s", statement.Height, statement.BlockID),
			"Certified", certifiedText(shows))
	})
}

// certifiedText says whose signatures are in a proof file, and whether they were checked.
func certifiedText(shows *verifyResult) string {
	switch {
	case shows.Trusted && shows.Basis.Checkpoint:
		return "it is the block of the trust file"
	case shows.Trusted:
		return "signed by " + signedText(*shows.Basis)
	case shows.Attested:
		return "by the validators (BLS, and ML-DSA-65, which is post-quantum), to be checked with --trust"
	case shows.Certified:
		return "by the validators (BLS, not post-quantum), to be checked with --trust"
	default:
		return ""
	}
}

// fetch gets a proof, with its block's certificates if they are wanted.
func (n *node) fetch(ctx context.Context, r proofRequest, options proofOptions) (*proofs.Bundle, error) {
	params := client.GetProofParams{
		MessageID: r.message, SessionID: r.session, Sequence: r.sequence, Participant: r.receipt,
		Height: r.height, Full: r.message != ids.Empty || r.sequence != 0 || r.receipt != ids.Empty, Certified: options.certified,
	}
	if options.trust != nil {
		params.TrustedHeight, params.PostQuantum = options.trust.Checkpoint.Header.Height, options.trust.Policy.PostQuantum()
	} else {
		params.PostQuantum = options.certified // for whatever trust file there will be
	}
	answer, err := n.GetProof(ctx, params)
	if errors.Is(err, refusal.ErrNoQuorum) && options.trust == nil {
		params.PostQuantum = false
		answer, err = n.GetProof(ctx, params)
	}
	if err != nil {
		return nil, err
	}
	bundle, err := answer.Bundle()
	if err != nil {
		return nil, fmt.Errorf("%s gave a proof that cannot be read: %w", n.address, err)
	}
	bundle.Disclosure = nil // whose it is to give
	return bundle, nil
}

// check refuses a statement that is true and about something else.
func (r proofRequest) check(s *proofs.Statement, chainID ids.ID) error {
	if s.ChainID != chainID {
		return refusal.New(refusal.ErrWrongChain, chainID.String(), s.ChainID)
	}
	if r.height != nil && *r.height != s.Height {
		return refusal.New(refusal.ErrProof, "a statement about block "+fmt.Sprint(*r.height), s.Height)
	}
	right := false
	switch {
	case r.message != ids.Empty:
		right = s.Message != nil && s.Message.ID == r.message && s.Attributed()
	case r.sequence != 0 && s.Kind == proofs.KindSession:
		right = s.ID == r.session && proofs.VerifyNoMessage(s, r.sequence) == nil
	case r.sequence != 0:
		right = s.Message != nil && s.Message.Session == r.session && s.Message.Sequence == r.sequence && s.Attributed()
	case r.receipt != ids.Empty:
		right = s.Kind == proofs.KindReceipt && s.ID == r.session && s.Participant == r.receipt && (!s.Present || s.Attributed())
	default:
		right = s.Kind == proofs.KindSession && s.ID == r.session
	}
	if !right {
		return refusal.New(refusal.ErrProof, "a statement about what was asked for", headline(s))
	}
	return nil
}

// summary says what the proof shows in the words of the request.
func (r proofRequest) summary(s *proofs.Statement) string {
	if r.sequence == 0 || s.Kind != proofs.KindSession {
		return headline(s)
	}
	if !s.Present {
		return fmt.Sprintf("there is no message #%d: there is no such session", r.sequence)
	}
	return fmt.Sprintf("there is no message #%d: the session has %d", r.sequence, s.Session.Messages)
}
