package proofs

//go:generate go tool canoto $GOFILE

import (
	"bytes"
	"fmt"

	"github.com/StephenButtolph/canoto"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/refusal"
)

const (
	// BundleVersion is the version of the bundle's forms.
	BundleVersion = 1
	// MaxBundleBytes bounds the binary form of a bundle.
	MaxBundleBytes = 16 << 20
	// MaxFileBytes bounds a proof file of either form.
	MaxFileBytes = 2*MaxBundleBytes + 64<<10
)

// Bundle is one self-contained proof file. What it claims follows from its key; see
// Statement. It has a binary form (Bytes) and a JSON form, with bytes in hex.
type Bundle struct {
	// Version is BundleVersion.
	Version uint32 `canoto:"uint,1" json:"version"`
	// Header is the block's; its state root is what the proof leads to.
	Header chain.Header `canoto:"value,2" json:"header"`
	// BlockID is the header's hash.
	BlockID ids.ID `canoto:"fixed bytes,3" json:"blockId"`
	// Key is the tree key that the proof is about, see chain.MessageKey and the others.
	Key chain.Bytes `canoto:"bytes,4" json:"key"`
	// Commitment is the encoded ICS-23 proof. It holds the leaf's value.
	Commitment chain.Bytes `canoto:"bytes,5" json:"commitment"`
	// SessionKeys is the encoded chain.SessionKeys of a session; may be empty.
	SessionKeys chain.Bytes `canoto:"bytes,6" json:"sessionKeys,omitempty"`
	// Transaction is the encoded SendMessage transaction of a message, or the Acknowledge
	// of a receipt; may be empty.
	Transaction chain.Bytes `canoto:"bytes,7" json:"transaction,omitempty"`
	// KEMPublicKey and DSAPublicKey are of who signed the transaction; may be empty. The
	// signer's ID commits to them.
	KEMPublicKey chain.Bytes `canoto:"bytes,8" json:"kemPublicKey,omitempty"`
	DSAPublicKey chain.Bytes `canoto:"bytes,9" json:"dsaPublicKey,omitempty"`
	// Certificates show that validators have accepted the block; may be empty. Package
	// lightclient makes and verifies them: here they are bytes.
	Certificates chain.Bytes `canoto:"bytes,10" json:"certificates,omitempty"`
	// Disclosure says who stands behind the pseudonym that signed the transaction, see Disclose;
	// may be empty.
	Disclosure chain.Bytes `canoto:"bytes,11" json:"disclosure,omitempty"`

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

// Parse decodes a proof file of either form strictly: JSON begins with an opening brace, after
// white space. It verifies nothing.
func Parse(file []byte) (*Bundle, error) {
	if trimmed := bytes.TrimLeft(file, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		return ParseBundleJSON(file)
	}
	return ParseBundle(file)
}

// ParseBundle decodes the binary form strictly. It verifies nothing.
func ParseBundle(encoded []byte) (*Bundle, error) {
	if len(encoded) > MaxBundleBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a bundle of at most %d bytes", MaxBundleBytes), len(encoded))
	}
	b := new(Bundle)
	if _, err := b.UnmarshalCanotoFrom(canoto.Reader{B: encoded, MemoryRemaining: 2*uint64(len(encoded)) + 16<<10, DepthLimit: 4}); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, "a canonically encoded bundle", err)
	}
	if err := b.checkVersion(); err != nil {
		return nil, err
	}
	return b, nil
}

// ParseBundleJSON decodes the JSON form strictly. It verifies nothing.
func ParseBundleJSON(text []byte) (*Bundle, error) {
	if len(text) > MaxFileBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a proof file of at most %d bytes", MaxFileBytes), len(text))
	}
	b := new(Bundle)
	if err := strictjson.UnmarshalKnown(text, b); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, "the JSON form of a bundle", err)
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
