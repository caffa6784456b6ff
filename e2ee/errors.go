package e2ee

import "errors"

// The ways a call of this package is refused. Each error that is returned wraps one of
// them, and says what was expected and what came. A refused call leaves the state as it was.
var (
	// ErrConfig: a session cannot be made from what was given.
	ErrConfig = errors.New("configuration refused")
	// ErrPrekey: a prekey is missing, or is no key; or an announcement was not sealed to this member,
	// because its sender had no prekey of it.
	ErrPrekey = errors.New("prekey refused")
	// ErrSeat: a seat, or the secret of one, that is none.
	ErrSeat = errors.New("seat refused")
	// ErrSuite: another suite than this protocol's.
	ErrSuite = errors.New("suite refused")
	// ErrRandom: the source of randomness failed.
	ErrRandom = errors.New("no randomness")

	// ErrMalformed: bytes that are not a message of this protocol.
	ErrMalformed = errors.New("malformed message")
	// ErrVersion: a first byte that this code does not know.
	ErrVersion = errors.New("unknown kind of message")
	// ErrChunk: a chunk of an attachment, which a Download takes and a Session does not.
	ErrChunk = errors.New("a chunk of an attachment")
	// ErrSize: more content than a message may carry.
	ErrSize = errors.New("content too large")
	// ErrSender: the sender is not a member, or is the reader itself.
	ErrSender = errors.New("not a message of another member")
	// ErrWiped: the session's keys are erased.
	ErrWiped = errors.New("the session's keys are erased")
	// ErrEpochUnknown: its announcement has not been opened. Open that, then this again.
	ErrEpochUnknown = errors.New("the epoch's announcement has not been opened")
	// ErrEpochErased: its epoch's keys are erased.
	ErrEpochErased = errors.New("the epoch's keys are erased")
	// ErrRepeated: its key was used, or given up.
	ErrRepeated = errors.New("the message was opened before, or given up")
	// ErrTooFarAhead: more messages are missing before it than keys are kept for.
	ErrTooFarAhead = errors.New("too many messages are missing before it")
	// ErrKeyErased: it is sealed to a key of this member that is erased, or was never its.
	ErrKeyErased = errors.New("sealed to a key that is not here")
	// ErrAuthentication: it is not what was sealed, or not in this session by this sender.
	ErrAuthentication = errors.New("failed authentication")
	// ErrExhausted: an epoch or index has reached the end of its numbers.
	ErrExhausted = errors.New("numbers are used up")

	// ErrState: bytes that are not the state of a session.
	ErrState = errors.New("not the state of a session")
	// ErrSecret: a secret was about to be written in the clear.
	ErrSecret = errors.New("a secret is not written in the clear")
	// ErrProof: a proof of identity that is malformed, forged, or for another session.
	ErrProof = errors.New("proof of identity refused")
	// ErrInvitation: an invitation that is malformed, forged, or for somebody else.
	ErrInvitation = errors.New("invitation refused")
	// ErrAttachment: a manifest, chunk or content that is not the attachment's.
	ErrAttachment = errors.New("attachment refused")
	// ErrContent: the content of an attachment could not be read or written. Try again.
	ErrContent = errors.New("an attachment's content cannot be read or written")
)
