package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/relay"
)

// Exit statuses.
const (
	ExitDone        = 0   // all done, all verified
	ExitRefused     = 1   // the node refused, or something does not verify or decrypt
	ExitUsage       = 2   // the command line is wrong, or names a file that cannot be read
	ExitUnreachable = 3   // no answer from the node
	ExitInterrupted = 130 // the user ended the command before it was done
)

const exitHelp = `Exit status:
  0    done; for "verify" and "read": everything verified
  1    refused by the node, or something does not verify or decrypt
  2    the command line is wrong, or names a file that cannot be read or written
  3    no answer from the node
  130  interrupted; "read --follow" ends with 0 or 1`

// usageError is a mistake in the command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// undecidedError is that nobody has said whether a transaction is accepted.
type undecidedError struct {
	transaction ids.ID
	error
}

func (e *undecidedError) Unwrap() error { return e.error }

// isUnreachable reports whether an error is that a node does not answer.
func isUnreachable(err error) bool {
	return client.Unanswered(err) || errors.Is(err, context.DeadlineExceeded)
}

// explain says what an error is for the user: of a node that does not answer its address, and of what
// was to be sent that it is stored.
func (s *shell) explain(err error) string {
	text := ""
	if errors.Is(err, messaging.ErrQueued) && !errors.Is(err, mailbox.ErrPartial) {
		text = "it is stored, and the next command in this conversation sends it (do not send it again): "
	}
	if undecided := new(undecidedError); errors.As(err, &undecided) {
		text, err = fmt.Sprintf("transaction %s may be accepted or not: ", undecided.transaction), undecided.error
	}
	if !isUnreachable(err) {
		return text + err.Error()
	}
	address, transport := s.address(), new(url.Error)
	if errors.As(err, &transport) {
		address, err = transport.URL, transport.Err // the rest says which call it was
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("nothing within %s (--timeout)", s.timeout)
	}
	return fmt.Sprintf("%sno answer from the node at %s: %v\nStart one with \"sessionvm run\", or name one with --node or SESSION_NODE.", text, address, err)
}

// isInput reports whether an error is of what the user gave: a name, an ID, or a file.
func isInput(err error) bool {
	for _, input := range []error{mailbox.ErrName, mailbox.ErrUnknown, mailbox.ErrTaken, mailbox.ErrNoSession, mailbox.ErrNoFile, mailbox.ErrExists, mailbox.ErrPath} {
		if errors.Is(err, input) {
			return true
		}
	}
	return false
}

// errShown ends a command whose output has said already what is wrong.
var errShown = errors.New("not everything verified")

// exit reports an error and returns the exit status.
func (s *shell) exit(ctx context.Context, err error) int {
	status := ExitRefused
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, errShown):
		return ExitRefused
	case ctx.Err() != nil:
		return ExitInterrupted // nobody needs to be told
	case errors.As(err, new(*usageError)), isInput(err):
		status = ExitUsage
	case isUnreachable(err):
		status = ExitUnreachable
	}
	if s.json {
		s.exitJSON(status, err)
		return status
	}
	// Package names tell programmers where an error is from; here they are noise.
	fmt.Fprintln(s.errOut, "session:", printable(s.explain(err), ""))
	if hint := hint(err); hint != "" {
		fmt.Fprintln(s.errOut, hint)
	}
	if status == ExitUsage {
		fmt.Fprintln(s.errOut, `Help: "session --help", or any command with --help.`)
	}
	return status
}

// failure is an error for programs, on standard error.
type failure struct {
	Exit     int    `json:"exit"`
	Code     int    `json:"code,omitempty"` // refusal.Reason, where there is one
	Message  string `json:"message"`
	Expected string `json:"expected,omitempty"`
	Got      string `json:"got,omitempty"`
}

func (s *shell) exitJSON(status int, err error) {
	report := failure{Exit: status, Message: s.explain(err)}
	var (
		refused *client.Error
		invalid *refusal.Error
		reason  refusal.Reason
	)
	switch {
	case errors.As(err, &refused):
		report.Expected, report.Got = refused.Data.Expected, refused.Data.Got
	case errors.As(err, &invalid):
		report.Expected, report.Got = invalid.Expected, invalid.Got
	}
	if errors.As(err, &reason) {
		report.Code = int(reason)
	}
	_ = writeJSON(s.errOut, map[string]failure{"error": report}, "") // nowhere left to report to
}

// hint says what to do about an error whose text does not.
func hint(err error) string {
	switch {
	case errors.Is(err, messaging.ErrTrust) && errors.Is(err, refusal.ErrWrongChain):
		return "If another chain is meant, say which: --chain ID."
	case errors.Is(err, mailbox.ErrUnknown):
		return `Names: "session contacts" and "session group list". Add one: "session contacts add NAME ID".`
	case errors.Is(err, mailbox.ErrNoSession):
		return `"session send" makes one.`
	case errors.Is(err, messaging.ErrPrekey):
		return `They have to run "session id register" once, or to read or send: that publishes a fresh prekey.`
	case errors.Is(err, refusal.ErrNotRegistered):
		return `Register the identity first: "session id register".`
	case errors.Is(err, relay.ErrNotNamed):
		return "Nothing was sent. Name a contract of the genesis and a node of its chain (--evm), or another session chain (--node). What a key would deploy next: \"session evm next\"."
	case errors.Is(err, refusal.ErrUnknownSession):
		return `Sessions of yours: "session sessions".`
	case errors.Is(err, refusal.ErrSessionExpired), errors.Is(err, refusal.ErrSessionClosed):
		return `Make a new one: "session create --with ID".`
	case errors.Is(err, refusal.ErrNotParticipant):
		return "Only its participants can act in a session. Is --identity the right one?"
	case errors.Is(err, refusal.ErrWaitTimeout):
		return "It may still be accepted. Doing the same again is safe: it is counted once."
	case errors.Is(err, refusal.ErrDeadlineTooFar), errors.Is(err, refusal.ErrDeadlinePassed):
		return "Is this machine's clock right? The chain's time is in \"session info\"."
	case errors.Is(err, refusal.ErrRateLimited), errors.Is(err, refusal.ErrMempoolFull), errors.Is(err, refusal.ErrMempoolSender):
		return "Wait a moment and try again."
	case errors.As(err, new(lightclient.ErrOldHeaderExpired)), errors.As(err, new(lightclient.ErrTrustLost)):
		return "Make a new trust file: \"session trust\"."
	case errors.Is(err, refusal.ErrNoQuorum):
		return "Try again, or ask another node: the validators may be out of reach for now. --trust-node believes the node instead."
	case errors.Is(err, refusal.ErrValidatorSet):
		return "No validators stand behind that block. Before its first transaction a chain has none."
	case errors.Is(err, refusal.ErrPruned):
		return "Ask for a later height, or ask a node that keeps more of the past."
	default:
		return ""
	}
}
