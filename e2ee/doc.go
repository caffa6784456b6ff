// Package e2ee is the end-to-end protocol of a session: post-quantum encryption between two
// members or many, whose keys rotate by themselves. It is pure: no network, and no clock but
// the time that is passed in. A Session is state in and state out; State and Restore carry it
// over restarts.
//
// # How it works
//
// Each member sends in epochs of its own. An epoch begins with an announcement: a fresh KEM
// key of the sender, and a fresh secret, sealed to each other member in a stanza of its own.
// From the secret follow a commitment, which every recipient checks, and the chain of the
// epoch's message keys: each is used once and erased. So a message costs the same for two
// members and for a hundred, and only announcements grow with the group.
//
// Nobody has to answer before anything can be sent. A member's first announcement is sealed
// to the keys that are there: the session keys that the chain lists, the members' registered
// identities, an Offer, or a key that a member announced in an earlier session
// (Member.Carried). Later ones are sealed to the keys of the members' own announcements,
// together with a ratchet over all that was sealed to that key before.
//
// What every key is bound to: the chain, the session, the suite, the roster with all members
// and their keys, the sender, and the announcement itself. The message's place (epoch and
// index) is associated data. Who wrote a message within a group is said by the sender's
// ML-DSA-65 signature of the transaction, which the chain has checked.
//
// Content that is larger than one message is an attachment: a Manifest, which is sealed in a
// message, has the secret of its chunks, which go beside. A Download gathers them in any order
// and over restarts, and verifies the whole before it is used.
//
// # When it rotates
//
// After a number of messages, after a time, when the roster changes, when the keys of others
// are renewed, and when it is asked for (Policy, Session.Rotate). What a Reason says.
//
// # What it promises
//
//   - Forward secrecy: a message's key is erased when it is used, and a KEM key with the last
//     of the epochs that have it. What is past its time is erased with the next message. Who
//     copies a state later reads nothing that was opened before.
//   - Post-compromise security: after a rotation that two members took part in, who copied
//     the state of one of them before reads nothing new between them.
//   - Removal and joining: who left can't read what begins after, who joined nothing from
//     before.
//   - No downgrade: the suite is in the transcript, and Policy.MinSuite is the floor.
//   - Sizes are padded (PaddedSize), those of attachments as a whole.
//
// An attachment is as secret as the message that has its manifest, for as long as that manifest
// is kept: its chunks on the chain can be read with it.
//
// What it does not promise: deniability, because messages are signed on the chain; that an
// observer does not see who writes to whom, when, and about how much; and that what a member
// sends from an old copy of its state is read: it repeats keys and places, so the others refuse
// it. Nonces are computed from the content, so all that shows is which messages are equal: see
// Session.State.
//
// A session can be one of private identities (pq.Identity.Private). An IdentityProof, sent as a
// message, then shows the other members which identity stands behind its sender.
//
// Secrets are wiped where Go allows, and are never written by fmt, slog or encoding/json.
package e2ee
