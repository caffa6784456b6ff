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
// Nobody has to answer before anything can be sent. A member publishes a prekey. What is sealed to a
// member that has not announced a key of its own is sealed to its latest prekey and to its identity's
// key together (Session.Silent, Session.SetPrekey): that needs both secrets, and a prekey is
// erased. What comes later is sealed to the keys of the members' own announcements, together with a
// ratchet over all that was sealed to that key before. A member that the others have told of inside the encryption, before
// the session was, has announced itself from the start: by its Seat (Session.SetSeat).
//
// What every key is bound to: the chain, the session, the suite, all members, whose IDs commit to
// their identities' keys, the sender, and the announcement itself. The message's place (epoch and
// index) is associated data. A message says how far its sender had read (Seen), so that a reader
// notices a sender that was shown another session. Who wrote a message within a group is said by the
// sender's ML-DSA-65 signature of the transaction, which the chain has checked.
//
// Members do not change: who joins or leaves a group does so with another session.
//
// Content that is larger than one message is an attachment: a Manifest, which is sealed in a
// message, has the secret of its chunks, which go beside. A Download gathers them in any order
// and over restarts, and verifies the whole before it is used.
//
// Who does not want to be seen talking to somebody sends an invitation (SealInvitation): one envelope,
// sealed to the other's prekey alone, that shows neither side. In it are who invites, proven, its
// Seat in the session that will follow, and the first message. Readers try their prekeys on all heads
// (OpenHead) and verify what opens (OpenInvitation).
//
// # When it rotates
//
// After a number of messages, after a time, when the keys of others are renewed, and when it is
// asked for (Policy, Session.Rotate). What a Reason says.
//
// # What it promises
//
//   - Forward secrecy: a message's key is erased when it is used, and a KEM key with the last
//     of the epochs that have it. What is past its time is erased with the next message. Who
//     copies a state later reads nothing that was opened before.
//   - Post-compromise security: after a rotation that two members took part in, who copied
//     the state of one of them before reads nothing new between them.
//   - Hybrid from the first byte: a flaw in ML-KEM-768 or in X25519 alone opens nothing.
//   - Sizes are padded (PaddedSize), those of attachments as a whole.
//   - An invitation shows no one for whom it is, as far as X-Wing's ciphertexts are anonymous: that
//     rests on ML-KEM-768, also against who breaks X25519 later. It opens for one prekey only.
//
// An attachment is as secret as the message that has its manifest, for as long as that manifest
// is kept: its chunks on the chain can be read with it.
//
// What it does not promise: deniability, because messages are signed on the chain; that an
// observer does not see who writes to whom, when, and about how much; and that what a member
// sends from an old copy of its state is read: it repeats places, so the others refuse it. It
// repeats no nonce, because each message has a salt.
//
// A session can be one of private identities (pq.Identity.Private). An IdentityProof, sent as a
// message, then shows the other members which identity stands behind its sender. What its promises
// leave out, who talks to whom, is then hidden as well, but for times and sizes.
//
// Secrets are wiped where Go allows, and are never written by fmt, slog or encoding/json.
package e2ee
