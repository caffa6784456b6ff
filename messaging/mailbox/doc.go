// Package mailbox keeps what a person has beside the keys of sessions (package messaging): an address
// book of contacts and groups, conversations that go on from one session of the chain to the next, their
// history, and an outbox.
//
// A Peer is whom or what one writes to: a person, a group, or one session by its ID. The chain's
// sessions end; a Conversation with a person or a group goes on in the next one. What a session did not
// take before it was over waits in the outbox, on disk, until the conversation is opened again.
//
// With people one talks in private sessions, unless Config.Public says otherwise: the chain shows neither who
// takes part in one, nor which follows which. The first message, and what is said when a session is over, goes
// in an invitation; Sessions and Resume answer those of contacts, and Requests lists those of strangers.
//
// Keys are erased as messages are read, so what was said is read again from the history, an
// encrypted file for each session. All files are encrypted with keys of the identity, and are in the
// Folder of the messaging.Config. Several programs may use one folder; a session is open in one at a
// time.
//
// Errors are those of package messaging, and the ones below. The package prints nothing.
package mailbox

import "errors"

var (
	// ErrName: a name or an ID that can't be one.
	ErrName = errors.New("name refused")
	// ErrUnknown: nobody and nothing of that name.
	ErrUnknown = errors.New("unknown name")
	// ErrTaken: a name that stands for somebody or something else.
	ErrTaken = errors.New("name taken")
	// ErrNoSession: there is no session with the peer that takes messages. Send makes one, or invites to one.
	ErrNoSession = errors.New("no session yet")
	// ErrNoFile: a message that announces no file.
	ErrNoFile = errors.New("no file announced")
	// ErrExists: a file that is in the way. It was left as it is.
	ErrExists = errors.New("file exists already")
	// ErrPath: a file that can't be read or written.
	ErrPath = errors.New("file not usable")
	// ErrOutbox: the outbox has no room for what a session gave back.
	ErrOutbox = errors.New("outbox is full")
	// ErrPartial: not all of a file is sent. SendFile with the same file goes on where it ended.
	ErrPartial = errors.New("not all of the file is sent")
)
