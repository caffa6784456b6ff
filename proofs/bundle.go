package proofs

//go:generate go tool canoto $GOFILE

import (
	"fmt"

	"github.com/StephenButtolph/canoto"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

const (
	// BundleVersion is the version of the bundle's forms.
	BundleVersion = 1
	// MaxBundleBytes bounds the binary form of a bundle.
	MaxBundleBytes = 4 << 20
)

// Bundle is one self-contained proof file. What it claims follows from its key; see
// Statement.
//
// A certificate, the validators' signature on the block, will be one more field: bundles
// of this version have none.
type Bundle struct {
	// Version is BundleVersion.
	Version uint32 `canoto:"uint,1"`
	// Header is the block's; its state root is what the proof leads to.
	Header chain.Header `canoto:"value,2"`
	// BlockID is the header's hash.
	BlockID ids.ID `canoto:"fixed bytes,3"`
	// Key is the tree key that the proof is about, see chain.MessageKey and the others.
	Key []byte `canoto:"bytes,4"`
	// Commitment is the encoded ICS-23 proof. It holds the leaf's value.
	Commitment []byte `canoto:"bytes,5"`
	// SessionKeys is the encoded chain.SessionKeys of a session; may be empty.
	SessionKeys []byte `canoto:"bytes,6"`
	// Transaction is the encoded SendMessage transaction of a message, or the Acknowledge
	// of a receipt; may be empty.
	Transaction []byte `canoto:"bytes,7"`
	// KEMPublicKey and DSAPublicKey are of who signed the transaction; may be empty. The
	// signer's ID commits to them.
	KEMPublicKey []byte `canoto:"bytes,8"`
	DSAPublicKey []byte `canoto:"bytes,9"`

	canotoData canotoData_Bundle
}

// NewBundle returns the bundle of a proof, made by the tree of the header's block, of what
// is at a key or that nothing is.
func NewBundle(header *chain.Header, key []byte, proof *ics23.CommitmentProof) (*Bundle, error) {
	if header == nil {
		return nil, refusal.Wrap(ErrBlockID, refusal.ErrProof, "a header", "none")
	}
	commitment, err := EncodeCommitment(proof)
	if err != nil {
		return nil, err
	}
	return &Bundle{Version: BundleVersion, Header: *header, BlockID: header.ID(), Key: key, Commitment: commitment}, nil
}

// Bytes returns the binary form.
func (b *Bundle) Bytes() []byte { return b.MarshalCanoto() }

// ParseBundle decodes the binary form strictly. It verifies nothing.
func ParseBundle(bytes []byte) (*Bundle, error) {
	if len(bytes) > MaxBundleBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a bundle of at most %d bytes", MaxBundleBytes), len(bytes))
	}
	b := new(Bundle)
	if _, err := b.UnmarshalCanotoFrom(canoto.Reader{B: bytes, MemoryRemaining: 2*uint64(len(bytes)) + 16<<10, DepthLimit: 4}); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, "a canonically encoded bundle", err)
	}
	if err := b.checkVersion(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *Bundle) checkVersion() error {
	if b.Version != BundleVersion {
		return refusal.New(refusal.ErrVersion, fmt.Sprintf("bundle version %d", BundleVersion), b.Version)
	}
	return b.Header.CheckVersion()
}
