package lightclient

//go:generate go tool canoto $GOFILE

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
)

const (
	// MaxCertifiedBundleBytes bounds an encoded certified bundle.
	MaxCertifiedBundleBytes = proofs.MaxBundleBytes + MaxLightBlockBytes + 64

	certifiedBundleVersion = 1
)

// CertifiedBundle is a bundle with the light block that it rests on: one file that whoever
// has a trust file can verify offline.
type CertifiedBundle struct {
	Bundle *proofs.Bundle
	Block  *LightBlock
}

// certifiedBundleWire is the encoding of a certified bundle.
type certifiedBundleWire struct {
	Version uint32 `canoto:"uint,1"`  // certifiedBundleVersion
	Bundle  []byte `canoto:"bytes,2"` // proofs.Bundle
	Block   []byte `canoto:"bytes,3"` // LightBlock

	canotoData canotoData_certifiedBundleWire
}

// Bytes returns the binary form.
func (b *CertifiedBundle) Bytes() []byte {
	wire := certifiedBundleWire{Version: certifiedBundleVersion, Bundle: b.Bundle.Bytes(), Block: b.Block.Bytes()}
	return wire.MarshalCanoto()
}

// ParseCertifiedBundle decodes the binary form strictly. It verifies nothing.
func ParseCertifiedBundle(encoded []byte) (*CertifiedBundle, error) {
	if len(encoded) > MaxCertifiedBundleBytes {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, fmt.Sprintf("a certified bundle of at most %d bytes", MaxCertifiedBundleBytes), len(encoded))
	}
	var wire certifiedBundleWire
	if err := unmarshal(encoded, &wire); err != nil {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "a canonically encoded certified bundle", err)
	}
	if wire.Version != certifiedBundleVersion {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrVersion, fmt.Sprintf("certified bundle version %d", certifiedBundleVersion), wire.Version)
	}
	bundle, err := proofs.ParseBundle(wire.Bundle)
	if err != nil {
		return nil, err
	}
	block, err := ParseLightBlock(wire.Block)
	if err != nil {
		return nil, err
	}
	return &CertifiedBundle{Bundle: bundle, Block: block}, nil
}

// certifiedBundleJSON is the JSON form of a CertifiedBundle.
type certifiedBundleJSON struct {
	Version uint32          `json:"version"`
	Bundle  json.RawMessage `json:"bundle"`
	Block   string          `json:"block"` // a LightBlock in hex
}

// MarshalJSON implements json.Marshaler.
func (b *CertifiedBundle) MarshalJSON() ([]byte, error) {
	bundle, err := json.Marshal(b.Bundle)
	if err != nil {
		return nil, err
	}
	return json.Marshal(certifiedBundleJSON{Version: certifiedBundleVersion, Bundle: bundle, Block: hex.EncodeToString(b.Block.Bytes())})
}

// ParseCertifiedBundleJSON decodes the JSON form strictly. It verifies nothing.
func ParseCertifiedBundleJSON(text []byte) (*CertifiedBundle, error) {
	var form certifiedBundleJSON
	if err := unmarshalJSON(text, 2*MaxCertifiedBundleBytes+64<<10, &form); err != nil {
		return nil, err
	}
	if form.Version != certifiedBundleVersion {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrVersion, fmt.Sprintf("certified bundle version %d", certifiedBundleVersion), form.Version)
	}
	bundle, err := proofs.ParseBundleJSON(form.Bundle)
	if err != nil {
		return nil, err
	}
	encoded, err := hex.DecodeString(form.Block)
	if err != nil {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "a light block in hex", err)
	}
	block, err := ParseLightBlock(encoded)
	if err != nil {
		return nil, err
	}
	b := &CertifiedBundle{Bundle: bundle, Block: block}
	if err := proofs.CheckNames(text, b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	return b, nil
}

// Verify checks the bundle against the options' checkpoint, without anybody else: its block
// is the checkpoint, or follows from it, or was signed by its validators. What the bundle
// shows is up to the caller to look at.
func (b *CertifiedBundle) Verify(options *TrustOptions, now time.Time) (*Verified, error) {
	if err := options.Check(); err != nil {
		return nil, err
	}
	basis, err := b.basis(options, now)
	if err != nil {
		return nil, err
	}
	return VerifyBundle(b.Bundle, basis)
}

func (b *CertifiedBundle) basis(options *TrustOptions, now time.Time) (Basis, error) {
	trusted := options.Checkpoint.Block()
	header := b.Block.Header
	switch {
	case header.Height == trusted.Header.Height:
		if id := trusted.Header.ID(); header.ID() != id {
			return Basis{}, refusal.Wrap(ErrCheckpoint, refusal.ErrProof, "block "+id.String(), header.ID())
		}
		return newBasis(&options.Rules, header, trusted)
	case header.Height < trusted.Header.Height:
		weight, err := VerifyEarlier(&options.Rules, trusted, b.Block, now)
		return options.basis(header, header.Height, weight), err
	default:
		weight, err := Verify(&options.Rules, trusted, b.Block, now)
		return options.basis(header, header.Height, weight), err
	}
}

// unmarshalJSON decodes one JSON object strictly.
func unmarshalJSON(text []byte, maxBytes int, form any) error {
	if len(text) > maxBytes {
		return refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, fmt.Sprintf("at most %d bytes", maxBytes), len(text))
	}
	if err := strictjson.UnmarshalKnown(text, form); err != nil {
		return refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "its JSON form", err)
	}
	return nil
}
