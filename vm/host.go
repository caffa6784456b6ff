package vm

import (
	"log/slog"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/warp/signing"
)

// Host is what the chain gets from where it runs.
type Host struct {
	NetworkID uint32
	ChainID   ids.ID
	NodeID    ids.NodeID
	// DataDir is a folder of the chain's own.
	DataDir string
	// Log takes what an operator should know; nil: slog.Default().
	Log *slog.Logger
	// SetLog is told how the configuration wants the log; nil: nobody is.
	SetLog func(level slog.Level, json bool)
	// Metrics takes the chain's metrics; nil: none.
	Metrics prometheus.Registerer
	// Clock tells the time; nil: time.Now. Blocks are built with it, and blocks from too
	// far in the future are refused. What executes never reads it.
	Clock func() time.Time
	// Elapsed is the time since some moment, by a clock that nobody sets; nil: Clock tells it.
	Elapsed func() time.Duration
	// Alone says that no other node checks the time of the blocks that this one builds.
	Alone bool
	// AcceptTime says that the clock is right, however long ago the last block was.
	AcceptTime bool
	// FreeSpace returns how many bytes are free on the disk of DataDir; nil: unknown.
	FreeSpace func() (uint64, error)
	// Upgrades is the upgrade file, which all nodes of the chain must have alike (chain.Upgrades,
	// JSON); nil: none.
	Upgrades []byte
	// Archive is whether a node keeps all blocks whose configuration does not say.
	Archive bool
	// Database is used instead of one in DataDir, if it is not nil.
	Database dbm.DB

	// What follows lets the chain certify what it has accepted. Each may be missing: then
	// it works with less.

	// Submitted is told of each transaction that Submit has put into the mempool, to pass it
	// on to other nodes. It is on its stem: no block of this node has it before Diffuse. Submitted must not
	// block. nil: nobody is told, and it waits for a block at once.
	Submitted func(*chain.Transaction, Source)

	// Platform knows the chain's validators; nil: headers commit to none.
	Platform Platform
	// Signer has this validator's BLS key; nil: this node signs nothing, and collects no
	// signatures.
	Signer signing.Signer
	// Keys returns this validator's ML-DSA-65 keys, the one in use first, then those that it has replaced. It is called
	// once, when the chain is open. nil: none is registered, and this node signs with BLS alone.
	Keys func() ([]*pq.DSAKey, error)
	// Network reaches the other validators; nil: there are none.
	Network signing.Network
}
