package client

import (
	"context"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// Weight is how much of a validator set's weight has signed. A client does not believe it:
// it verifies the signatures against a set that it trusts (package lightclient).
type Weight struct {
	Signed uint64 `json:"signed"`
	Total  uint64 `json:"total"` // also of validators that have no BLS key
}

// GetValidatorsParams name a validator set by an accepted block, or by a height of the
// platform chain; neither means the validators now.
type GetValidatorsParams struct {
	Height       *uint64 `json:"height,omitempty"`       // on the wire also "latest"
	PChainHeight *uint64 `json:"pChainHeight,omitempty"` // on the wire also "latest": now
}

// GetValidatorsResult is a validator set as the node knows it. Nothing of it may be trusted
// because the node says it: who verifies takes the set from where the validators are
// registered, and the ciphersuite and the network ID from what is known of the network.
type GetValidatorsResult struct {
	NetworkID        uint32      `json:"networkId"`
	ChainID          ids.ID      `json:"chainId"`
	PChainHeight     uint64      `json:"pChainHeight"` // 0 where there is no platform chain
	ValidatorSet     Bytes       `json:"validatorSet"` // warp.ValidatorSet.Bytes
	ValidatorSetHash chain.Hash  `json:"validatorSetHash"`
	TotalWeight      uint64      `json:"totalWeight"` // also of validators that have no BLS key
	Validators       []Validator `json:"validators"`
	Ciphersuite      string      `json:"ciphersuite,omitempty"` // what the node signs with; left out if it does not sign
	Quorum           string      `json:"quorum"`                // what the node collects, for people
}

// Validator is one BLS key of a validator set.
type Validator struct {
	PublicKey Bytes    `json:"publicKey"` // compressed, 48 bytes
	Weight    uint64   `json:"weight"`
	NodeIDs   []string `json:"nodeIds"` // who signs with it
}

// GetValidators returns a validator set.
func (c *Client) GetValidators(ctx context.Context, params GetValidatorsParams) (*GetValidatorsResult, error) {
	return call[GetValidatorsResult](ctx, c, "GetValidators", params)
}

// GetCertificateParams name an accepted block by ID or height (neither: the last one), and
// the validator set that is to have signed it: by its hash, if it is the block's own or the
// one of now, or as the one behind another block. Neither means the block's own.
type GetCertificateParams struct {
	BlockID          ids.ID     `json:"blockId,omitzero"`
	Height           *uint64    `json:"height,omitempty"` // on the wire also "latest"
	ValidatorSetHash chain.Hash `json:"validatorSetHash,omitzero"`
	TrustedHeight    uint64     `json:"trustedHeight,omitzero"`
	// PostQuantum asks for the certificate by the block's own set that rests on ML-DSA-65 alone.
	PostQuantum bool    `json:"postQuantum,omitzero"`
	Wait        Seconds `json:"wait,omitzero"` // for signatures; zero: the service's default
}

// GetCertificateResult is a header and the validators' certificate of it.
type GetCertificateResult struct {
	Header           Header     `json:"header"`
	Certificate      Bytes      `json:"certificate"`    // a Warp message with the payload Hash(block ID); if asked for a warp.PostQuantumCertificate
	Keys             []Bytes    `json:"keys,omitempty"` // of that one: the keys of the set's validators, in its order; empty: none
	ValidatorSetHash chain.Hash `json:"validatorSetHash"`
	PChainHeight     uint64     `json:"pChainHeight"` // of the set
	Weight           Weight     `json:"weight"`
}

// GetCertificate returns the certificate of an accepted block. refusal.ErrNoQuorum says that
// too little of the set's weight has signed it.
func (c *Client) GetCertificate(ctx context.Context, params GetCertificateParams) (*GetCertificateResult, error) {
	return call[GetCertificateResult](ctx, c, "GetCertificate", params)
}

// GetLightBlockParams name an accepted block for a light client that trusts another one.
type GetLightBlockParams struct {
	Height        uint64  `json:"height,omitzero"`        // zero: the last accepted block
	TrustedHeight uint64  `json:"trustedHeight,omitzero"` // of the block that the client trusts; zero: none
	PostQuantum   bool    `json:"postQuantum,omitzero"`   // with ML-DSA-65 signatures, and the keys that they are made with
	Keys          bool    `json:"keys,omitzero"`          // with these keys, or that there are none, and without such signatures
	KnownKeys     uint64  `json:"knownKeys,omitzero"`     // of a block whose keys the client has: proofs leave out those that are the same; zero: none
	Wait          Seconds `json:"wait,omitzero"`          // for signatures; zero: the service's default
}

// GetLightBlockResult is what a light client verifies.
type GetLightBlockResult struct {
	Height     uint64 `json:"height"`
	BlockID    ids.ID `json:"blockId"`
	LightBlock Bytes  `json:"lightBlock"` // lightclient.LightBlock.Bytes
	Handover   bool   `json:"handover"`   // whether a certificate by the trusted block's set is with it
	Weight     Weight `json:"weight"`
}

// GetLightBlock returns a block's header, validator set and certificate, and a certificate
// by the set behind the trusted block if that is another one.
func (c *Client) GetLightBlock(ctx context.Context, params GetLightBlockParams) (*GetLightBlockResult, error) {
	return call[GetLightBlockResult](ctx, c, "GetLightBlock", params)
}
