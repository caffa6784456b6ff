package e2ee

import (
	"errors"
	"fmt"
)

// The ways a call of this package is refused. Each error that is returned wraps one of
// them, and says what was expected and what came. A refused call leaves the state as it was.
var (
	// ErrConfig: a session cannot be made from what was given.
	ErrConfig = errors.New("e2ee: configuration refused")
	// ErrPrekey: a prekey is missing, or is no key; or an announcement was not sealed to this member,
	// because its sender had no prekey of it.
	ErrPrekey = errors.New("e2ee: prekey refused")
	// ErrSuite: another suite than this protocol's.
	ErrSuite = errors.New("e2ee: suite refused")
	// ErrRandom: the source of randomness failed.
	ErrRandom = errors.New("e2ee: no randomness")

	// ErrMalformed: bytes that are not a message of this protocol.
	ErrMalformed = errors.New("e2ee: malformed message")
	// ErrVersion: a first byte that this code does not know.
	ErrVersion = errors.New("e2ee: unknown kind of message")
	// ErrChunk: a chunk of an attachment, which a Download takes and a Session does not.
	ErrChunk = errors.New("e2ee: a chunk of an attachment")
	// ErrSize: more content than a message may carry.
	ErrSize = errors.New("e2ee: content too large")
	// ErrSender: the sender is not a member, or is the reader itself.
	ErrSender = errors.New("e2ee: not a message of another member")
	// ErrWiped: the session's keys are erased.
	ErrWiped = errors.New("e2ee: the session's keys are erased")
	// ErrEpochUnknown: its announcement has not been opened. Open that, then this again.
	ErrEpochUnknown = errors.New("e2ee: the epoch's announcement has not been opened")
	// ErrEpochErased: its epoch's keys are erased.
	ErrEpochErased = errors.New("e2ee: the epoch's keys are erased")
	// ErrRepeated: its key was used, or given up.
	ErrRepeated = errors.New("e2ee: the message was opened before, or given up")
	// ErrTooFarAhead: more messages are missing before it than keys are kept for.
	ErrTooFarAhead = errors.New("e2ee: too many messages are missing before it")
	// ErrKeyErased: it is sealed to a key of this member that is erased, or was never its.
	ErrKeyErased = errors.New("e2ee: sealed to a key that is not here")
	// ErrAuthentication: it is not what was sealed, or not in this session by this sender.
	ErrAuthentication = errors.New("e2ee: failed authentication")
	// ErrExhausted: an epoch or index has reached the end of its numbers.
	ErrExhausted = errors.New("e2ee: numbers are used up")

	// ErrState: bytes that are not the state of a session.
	ErrState = errors.New("e2ee: not the state of a session")
	// ErrSecret: a secret was about to be written in the clear.
	ErrSecret = errors.New("e2ee: a secret is not written in the clear")
	// ErrProof: a proof of identity that is malformed, forged, or for another session.
	ErrProof = errors.New("e2ee: proof of identity refused")
	// ErrAttachment: a manifest, chunk or content that is not the attachment's.
	ErrAttachment = errors.New("e2ee: attachment refused")
	// ErrContent: the content of an attachment could not be read or written. Try again.
	ErrContent = errors.New("e2ee: an attachment's content cannot be read or written")
)

// wrapf returns an error that is reason, and says more.
func wrapf(reason error, format string, arguments ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{reason}, arguments...)...)
}
