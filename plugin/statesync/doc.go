// Package statesync lets a node join a chain by fetching the state after a block from the other nodes,
// instead of executing all blocks up to it.
//
// # What is trusted
//
// A Summary is the header of a block. The node's consensus engine asks the validators for summaries and
// takes one that enough of them have; and nothing is fetched before a certificate of the header verifies
// against the validators that the platform knew at the header's height: a quorum has accepted the block.
// From there on everything is verified by its hash before it is stored: chunks of the tree against the
// header's state root, or against the chunk above them, blocks against their child's header. So what is
// fetched may come from anybody.
//
// A summary's bytes are the same on all nodes, because the engine counts votes for them. That is why
// the certificate, of which each node has collected its own, is no part of them.
//
// # Fetching
//
// Sync fetches the certificate, the tree, and the blocks of the transaction window, whose transactions
// could come again. It asks many peers at a time. One that sends what is wrong is asked nothing more; one
// that is silent, or busy, is left alone for a while. What was fetched is in a folder, so that a sync that
// was broken off at any moment goes on with what it has. A database is made of it (state.Builder), and put
// in the place of the chain's own by renaming: Install does that again after a crash.
//
// Backfill fetches the older blocks that the node is to hold, while the chain goes on.
//
// Server answers other nodes. It is bounded in work and memory.
package statesync
