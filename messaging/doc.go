// Package messaging gives a program an end-to-end encrypted session on the chain: open, send,
// receive, acknowledge. It joins the protocol (package e2ee) to the JSON-RPC client (package
// client), and keeps on disk what must outlive the program.
//
// # What it promises
//
//   - Nothing is lost. What is given to Send is stored before a node is asked, sealed and stored again
//     before it leaves, and sent as the same bytes until it is proven that the chain has it; the
//     chain counts the same bytes once. What was opened is
//     stored with the keys as they are after it, and returned until the next Receive.
//   - No key seals twice. After a write that failed a Session refuses everything, so nothing
//     leaves that is not on disk. An old copy of a session's file is found out by the messages
//     on the chain that it does not know, and sends nothing. A node that is behind does not
//     show them: then a key does seal twice, with a nonce of its own for each text.
//   - No node is believed. Which messages there are, in which order and when, receipts, and that
//     what was sent is on the chain is verified under the certificate of a block, which a light
//     client follows from what is trusted: Config.Trust, or what Folder has pinned when the
//     chain was first used. What is pinned demands ML-DSA-65 signatures of the validators if these have keys, but only
//     every five minutes: Event.PostQuantum and Session.Attested say what rests on BLS until then. Each message's and receipt's ML-DSA-65 signature is verified too,
//     with the keys that the sender's ID commits to. What a false answer shows is not stored, so
//     an honest node goes on from the same place.
//
// # What it does not promise
//
// A node can hold back the newest messages, or answer late: that cannot be told from a quiet
// session. A lost certificate's quorum, validators that lie, and Config.TrustNode take the proofs
// away.
//
// # Private sessions
//
// Invite sends somebody a first message, and the chain shows neither side. Who is invited finds it with
// Invitations, and Accept makes the session. Both have pseudonyms in it that no other session has
// (Session.Self), and each has proven to the other who it is before the session is shown. Pairs lists these
// sessions and goes on with what is under way, after a restart too. What an observer still sees is in
// docs/PRIVACY.md.
//
// # Keys
//
// The members of a session are its participants: those of the transaction that made it, to which
// its ID commits, so no node adds a reader. First messages are sealed to a member's latest prekey and
// its identity together; that the prekey is the latest one is proven. A Messenger publishes its own
// when it is opened, replaces it weekly, and erases the old one a week later; the secrets are in
// Folder. Session keys that the chain lists (LP-42) are not used.
package messaging
