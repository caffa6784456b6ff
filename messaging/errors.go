package messaging

import "errors"

// What a call fails with, beside the errors of the chain (refusal.Reason), of the protocol
// (package e2ee) and of the network. Each error that is returned wraps one.
var (
	// ErrConfig: something is missing in the Config.
	ErrConfig = errors.New("configuration refused")
	// ErrTrust: what is trusted is of another chain, or can't be read.
	ErrTrust = errors.New("trust refused")
	// ErrBehind: the node answers from a state before one that was verified already. Nothing
	// changed: ask again, or another node.
	ErrBehind = errors.New("the node is behind")
	// ErrNode: the node's answer contradicts itself, the chain's rules or a signature. Nothing
	// changed: another node may answer truly.
	ErrNode = errors.New("the node answers falsely")
	// ErrWithheld: the node leaves out messages that the chain must still have. Nothing
	// changed: ask again, or another node.
	ErrWithheld = errors.New("the node leaves out messages")
	// ErrTranscript: the node's messages are not those that the chain has, in its order. Nothing
	// changed: ask another node.
	ErrTranscript = errors.New("another transcript of the session")
	// ErrPrekey: somebody is not registered, or has published no prekey, or none for too long:
	// there is no key to seal a first message to that keeps it secret later too. Opening a
	// Messenger publishes one.
	ErrPrekey = errors.New("no fresh prekey")
	// ErrInvitation: somebody has sent no invitation, or none that is not answered or declined.
	ErrInvitation = errors.New("unknown invitation")
	// ErrGroup: a private group that this identity is not in, or not any more.
	ErrGroup = errors.New("unknown group")
	// ErrAlone: nobody else is in a private group yet, as far as this identity was told.
	ErrAlone = errors.New("nobody else is in the group yet")
	// ErrQueued: what was to be sent is stored, and not known to be on the chain. The next Send,
	// Receive or Flush sends it, or the same bytes again: do not call Send with the same content.
	ErrQueued = errors.New("stored, and to be sent again")
	// ErrUnsent: the session is over, and what was to be sent did not get onto the chain. Receive
	// returns it, and what was queued before it, as Unsent.
	ErrUnsent = errors.New("the session is over, it was not sent")
	// ErrBacklog: too much of what was sent has not been received back. Call Receive. Or there are too many private
	// sessions: the oldest are forgotten once the chain has.
	ErrBacklog = errors.New("too much was sent without receiving")
	// ErrIncomplete: not all of an attachment is on the chain yet.
	ErrIncomplete = errors.New("not all of the attachment is there yet")
	// ErrStore: the session's file could not be written. What is on disk counts: Close the
	// session, and Join again.
	ErrStore = errors.New("the session could not be stored")
	// ErrFile: the session's file is damaged, or of another identity, session or chain.
	ErrFile = errors.New("not this identity's file of this session")
	// ErrLocked: another program, or another Session of this one, has the session open.
	ErrLocked = errors.New("the session is in use")
	// ErrOldState: the chain has messages of this identity that the session's file does not
	// know of. The file is an old copy, or was used in two places. Its keys must not be used
	// again: remove it and Join.
	ErrOldState = errors.New("the session's file is an old copy")
	// ErrSentElsewhere: a message of this identity that this file did not seal: its content is not
	// here.
	ErrSentElsewhere = errors.New("sent by this identity, and not from this file")
	// ErrClosed: the Session was closed.
	ErrClosed = errors.New("closed")
)
