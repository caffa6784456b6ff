package chain

//go:generate go tool canoto $GOFILE

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// MaxHeaderBytes bounds an encoded header.
const MaxHeaderBytes = 512

// Header commits to everything about a block. Its hash is the block's ID, so a light
// client needs the header alone. In JSON, IDs are in CB58 and hashes in hex.
type Header struct {
	// Version is the number of the rule set that the block executes by, from HeaderVersion on.
	Version uint32 `canoto:"uint,1" json:"version"`
	// ChainID is the chain that the block belongs to.
	ChainID ids.ID `canoto:"fixed bytes,2" json:"chainId"`
	// Parent is the parent block's ID; of block 0, the genesis hash.
	Parent ids.ID `canoto:"fixed bytes,3" json:"parent"`
	// Height is the parent's plus one; the genesis block has 0.
	Height uint64 `canoto:"uint,4" json:"height"`
	// Timestamp is the block's time in Unix milliseconds, never before the parent's.
	Timestamp uint64 `canoto:"uint,5" json:"timestamp"`
	// StateRoot is the root hash of the IAVL tree after the block.
	StateRoot Hash `canoto:"fixed bytes,6" json:"stateRoot"`
	// TransactionsRoot is the RFC 6962 tree hash over the encoded transactions,
	// signatures included.
	TransactionsRoot Hash `canoto:"fixed bytes,7" json:"transactionsRoot"`
	// PChainHeight is the height of the platform chain whose validator set stands behind
	// the block; 0 where the host gives none.
	PChainHeight uint64 `canoto:"uint,8" json:"pChainHeight"`
	// ValidatorSetHash is the hash of the canonical validator set at PChainHeight; zero
	// where the host gives none.
	ValidatorSetHash Hash `canoto:"fixed bytes,9" json:"validatorSetHash"`

	canotoData canotoData_Header
}

// Bytes returns the canonical encoding.
func (h *Header) Bytes() []byte { return h.MarshalCanoto() }

// ID returns the block's ID: SHA-256 over the header's canonical encoding, which names
// the version and the chain.
func (h *Header) ID() ids.ID { return sha256.Sum256(h.Bytes()) }

// Time returns the block's time.
func (h *Header) Time() time.Time { return time.UnixMilli(int64(h.Timestamp)).UTC() }

// ParseHeader decodes a header strictly.
func ParseHeader(bytes []byte) (*Header, error) {
	if len(bytes) > MaxHeaderBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a header of at most %d bytes", MaxHeaderBytes), len(bytes))
	}
	h := new(Header)
	if err := h.UnmarshalCanoto(bytes); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, "a canonically encoded header", err)
	}
	if err := h.CheckVersion(); err != nil {
		return nil, err
	}
	return h, nil
}
