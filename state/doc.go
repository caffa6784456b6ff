// Package state keeps the state of a SessionVM chain: an IAVL tree over a cometbft-db
// database, whose root hash is in every block, the block store, and the indexes that a
// node needs to find things.
//
// # Forks and layers
//
// Consensus verifies siblings and grandchildren before it accepts one of them, but an
// IAVL tree has one linear history and its hashes contain the version. So each processing
// block has a Fork: a layer in memory over its parent's, holding everything the block
// writes. A child of the tip of a tree goes on with that tree and its warm node cache;
// any other block opens a tree of its own on its parent's layer. Accept appends the block to
// the block log, then flushes the layer and the indexes in one synced batch, so that a crash
// leaves the last accepted block or the one before; Reject drops the layer.
//
// The tree's version is the block's height plus one: block 0 is version 1, because IAVL
// has no version 0 to save.
//
// # What is in the database
//
// IAVL owns the keys that begin with its lower-case letters (s: nodes; f, m, n, o, r:
// unused by new trees). This package's keys begin with upper-case letters, see index.go.
//
// # Reads
//
// A Snapshot reads the state after an accepted block through a read-only tree of its own,
// at any height that has not been pruned, and never touches a tree that executes.
package state
