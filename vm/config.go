package vm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp"
)

// Config is a node's configuration (JSON). It does not change what a block means.
type Config struct {
	// Database is the backend: state.PebbleDB, state.GoLevelDB or state.MemDB.
	Database string `json:"database"`
	// ProofHistory is for how many blocks before the last accepted one proofs can be made.
	ProofHistory uint64 `json:"proofHistory"`
	// Archive keeps all blocks. Otherwise a block is forgotten once nothing that it has made can
	// be in the state. nil: as the host says.
	Archive *bool `json:"archive,omitempty"`
	// TreeCacheNodes is how many tree nodes are kept in memory, about 300 bytes each.
	TreeCacheNodes int `json:"treeCacheNodes"`
	// LeafCache is how many leaves of the accepted state are kept in memory, about 400
	// bytes each.
	LeafCache int `json:"leafCache"`
	// KeyCache is how many unpacked ML-DSA-65 public keys are kept in memory, about 38 KB
	// each.
	KeyCache int `json:"keyCache"`
	// Quorum is how much of the validators' weight signs a certificate, in percent: 67 to
	// 100.
	Quorum uint64 `json:"quorum"`
	// CheckpointInterval is how many seconds there are from one post-quantum certificate that the node collects by itself to the
	// next; 0: it collects none.
	CheckpointInterval uint64 `json:"checkpointInterval"`
	// Checkpoints is how many of them the node keeps.
	Checkpoints int `json:"checkpoints"`
	// MaxClockJump is how many seconds the clock may be ahead of what has passed since the last block
	// and the start; 0: any.
	MaxClockJump uint64 `json:"maxClockJump"`
	// MinFreeBytes is how much of the disk is free on a healthy node.
	MinFreeBytes uint64 `json:"minFreeBytes"`
	// LogLevel is the least level that is logged. DEBUG has a line for each block.
	LogLevel slog.Level `json:"logLevel"`
	// LogJSON makes each line of the log a JSON object.
	LogJSON bool `json:"logJSON"`
	// Mempool bounds what waits for a block.
	Mempool MempoolConfig `json:"mempool"`
	// Stem lets what clients submit here go along a few other nodes before it is spread.
	Stem bool `json:"stem"`
	// StateSync is how the node joins a chain, and helps others to.
	StateSync StateSyncConfig `json:"stateSync"`
	// RPC is the configuration of the JSON-RPC service, which the package rpc reads.
	RPC json.RawMessage `json:"rpc,omitempty"`

	// LP-42's options stand in the genesis. A node's configuration may repeat them; if it
	// disagrees, the node refuses to start.
	SessionTTL    *uint64 `json:"sessionTTL,omitempty"`
	MaxMessages   *uint64 `json:"maxMessages,omitempty"`
	MaxChannels   *uint64 `json:"maxChannels,omitempty"`
	RetentionDays *uint64 `json:"retentionDays,omitempty"`
	IDPrefix      *string `json:"idPrefix,omitempty"`
}

// MempoolConfig bounds the mempool. An eighth of it is kept for registrations, another for plain sessions and
// another for invitations, which nobody signs.
type MempoolConfig struct {
	MaxTransactions int `json:"maxTransactions"`
	MaxBytes        int `json:"maxBytes"`
	// MaxPerSender bounds the transactions of one identity, and of one client or peer the plain sessions, and
	// the invitations.
	MaxPerSender int `json:"maxPerSender"`
}

// StateSyncConfig is how a node fetches the state of other nodes instead of executing the chain.
type StateSyncConfig struct {
	// Enabled lets this node do so.
	Enabled bool `json:"enabled"`
	// MinBlocks is how many blocks the node has to be behind, to do so.
	MinBlocks uint64 `json:"minBlocks"`
	// Interval is how many blocks there are from one state that this node offers to the next.
	// Nodes need not have it alike.
	Interval uint64 `json:"interval"`
}

// DefaultConfig returns the configuration of a node that says nothing.
func DefaultConfig() Config {
	return Config{
		Database:       state.PebbleDB,
		ProofHistory:   4096,
		TreeCacheNodes: 200_000,
		LeafCache:      100_000,
		KeyCache:       2048,
		Quorum:         warp.DefaultQuorum.Num,

		CheckpointInterval: 60 * 60,
		Checkpoints:        7 * 24,

		MaxClockJump: 24 * 60 * 60,
		MinFreeBytes: 1 << 30,
		Mempool: MempoolConfig{
			MaxTransactions: 16_384,
			MaxBytes:        128 << 20,
			MaxPerSender:    256,
		},
		Stem:      true,
		StateSync: StateSyncConfig{Enabled: true, MinBlocks: 4096, Interval: 4096},
	}
}

// ParseConfig decodes a configuration strictly and holds it against the genesis. No bytes
// at all are the default.
func ParseConfig(configBytes []byte, genesis *chain.Genesis) (Config, error) {
	config := DefaultConfig()
	if len(bytes.TrimSpace(configBytes)) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(configBytes))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&config); err != nil {
			return config, refusal.New(refusal.ErrConfig, "a JSON object with the options of a node", err)
		}
		if _, err := decoder.Token(); err != io.EOF {
			return config, refusal.New(refusal.ErrConfig, "nothing after the JSON object", "more")
		}
	}
	for _, bound := range []struct {
		name       string
		value, low int
	}{
		{"treeCacheNodes", config.TreeCacheNodes, 1000},
		{"leafCache", config.LeafCache, 1},
		{"keyCache", config.KeyCache, 1},
		{"checkpoints", config.Checkpoints, 1},
		{"mempool.maxTransactions", config.Mempool.MaxTransactions, registrationShare},
		{"mempool.maxBytes", config.Mempool.MaxBytes, 2 * chain.MaxTransactionBytes},
		{"mempool.maxPerSender", config.Mempool.MaxPerSender, 1},
	} {
		if bound.value < bound.low {
			return config, refusal.New(refusal.ErrConfig, fmt.Sprintf("%s of at least %d", bound.name, bound.low), bound.value)
		}
	}
	if config.ProofHistory < 1 {
		return config, refusal.New(refusal.ErrConfig, "proofHistory of at least 1", config.ProofHistory)
	}
	if config.StateSync.Interval < 1 {
		return config, refusal.New(refusal.ErrConfig, "stateSync.interval of at least 1", config.StateSync.Interval)
	}
	for name, seconds := range map[string]uint64{"maxClockJump": config.MaxClockJump, "checkpointInterval": config.CheckpointInterval} {
		if most := uint64(100 * 366 * 24 * 60 * 60); seconds > most {
			return config, refusal.New(refusal.ErrConfig, fmt.Sprintf("%s of at most %d seconds", name, most), seconds)
		}
	}
	if least := warp.DefaultQuorum.Num; config.Quorum < least || config.Quorum > 100 {
		return config, refusal.New(refusal.ErrConfig, fmt.Sprintf("a quorum of %d to 100 percent", least), config.Quorum)
	}
	return config, config.agree(genesis)
}

// archives reports whether the node keeps all blocks.
func (c *Config) archives(host Host) bool {
	return c.Archive != nil && *c.Archive || c.Archive == nil && host.Archive
}

// agree refuses options that the genesis has otherwise.
func (c *Config) agree(genesis *chain.Genesis) error {
	for _, option := range []struct {
		name    string
		config  *uint64
		genesis uint64
	}{
		{"sessionTTL", c.SessionTTL, genesis.SessionTTL},
		{"maxMessages", c.MaxMessages, genesis.MaxMessages},
		{"maxChannels", c.MaxChannels, genesis.MaxChannels},
		{"retentionDays", c.RetentionDays, genesis.RetentionDays},
	} {
		if option.config != nil && *option.config != option.genesis {
			return refusal.New(refusal.ErrConfig, fmt.Sprintf("%s %d as in the genesis", option.name, option.genesis), *option.config)
		}
	}
	if c.IDPrefix != nil && *c.IDPrefix != genesis.IDPrefix {
		return refusal.New(refusal.ErrConfig, fmt.Sprintf("idPrefix %q as in the genesis", genesis.IDPrefix), *c.IDPrefix)
	}
	return nil
}
