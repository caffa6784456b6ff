package client

import (
	"context"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// HealthResult is LP-42's healthy, sessions and channels, and what an operator wants
// beside them.
type HealthResult struct {
	Healthy      bool   `json:"healthy"`
	Sessions     uint64 `json:"sessions"` // active sessions
	Channels     uint64 `json:"channels"` // live channels
	Bootstrapped bool   `json:"bootstrapped"`
	Height       uint64 `json:"height"`
	Mempool      int    `json:"mempool"`         // transactions waiting
	Error        string `json:"error,omitempty"` // why it is not healthy
}

// Health says how the node is.
func (c *Client) Health(ctx context.Context) (*HealthResult, error) {
	return call[HealthResult](ctx, c, "Health", nil)
}

// ChainInfo says what chain this is and where it is.
type ChainInfo struct {
	ChainID         ids.ID            `json:"chainId"`
	NetworkID       uint32            `json:"networkId"`
	VMID            ids.ID            `json:"vmId"`
	Name            string            `json:"name"`    // sessionvm
	Version         string            `json:"version"` // of the node's software
	GenesisHash     ids.ID            `json:"genesisHash"`
	Genesis         *chain.Genesis    `json:"genesis"` // with LP-42's options and the limits on blocks and transactions
	Registration    Price             `json:"registration"`
	Invitations     InvitationPrice   `json:"invitations"`
	Service         ServiceLimits     `json:"service"`
	SigningContexts map[string]string `json:"signingContexts"` // of each transaction type
	LastAccepted    LastAccepted      `json:"lastAccepted"`
}

// Price is what a registration costs in a block that is made now.
type Price struct {
	Mode    string `json:"mode"`             // open, work or issuer: see chain.Registration
	Bits    uint64 `json:"bits,omitzero"`    // of the work of a new identity
	Renewal uint64 `json:"renewal,omitzero"` // bits of the work of a renewal
	Beacon  ids.ID `json:"beacon,omitzero"`  // that the work is for: see chain.NewChallenge

	Contracts []chain.Contract `json:"contracts,omitempty"` // of other chains that admit identities, in the mode issuer
}

// LastAccepted is the last accepted block.
type LastAccepted struct {
	ID        ids.ID    `json:"id"`
	Height    uint64    `json:"height"`
	Timestamp time.Time `json:"timestamp"`
}

// ServiceLimits are the bounds of the JSON-RPC service itself.
type ServiceLimits struct {
	MaxBodyBytes int64   `json:"maxBodyBytes"`
	MaxBatch     int     `json:"maxBatch"`
	MaxPageSize  uint64  `json:"maxPageSize"`
	PageSize     uint64  `json:"pageSize"`
	MaxWait      Seconds `json:"maxWait"`

	MaxTransactions int     `json:"maxTransactions"` // of SendTransactions
	Wait            Seconds `json:"wait"`
}

// GetChainInfo says what chain this is and where it is.
func (c *Client) GetChainInfo(ctx context.Context) (*ChainInfo, error) {
	return call[ChainInfo](ctx, c, "GetChainInfo", nil)
}
