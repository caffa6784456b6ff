// Package standalone runs a chain by itself, with one validator: the same vm.VM that a
// node runs as a plugin, driven in process and served over HTTP.
//
// The chain's folder holds genesis.json, which is written once and is the chain's identity,
// the chain's database in chain/, and a lock against a second process. A block is built as
// soon as a transaction waits, but not sooner than the block interval after the last one;
// it counts as accepted once it is synced to disk.
package standalone
