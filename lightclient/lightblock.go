package lightclient

//go:generate go tool canoto $GOFILE

import (
	"fmt"

	"github.com/StephenButtolph/canoto"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// MaxLightBlockBytes bounds an encoded light block.
	MaxLightBlockBytes = warp.MaxValidatorSetBytes + (1+MaxHandovers)*(warp.MaxCertificateBytes+64) + chain.MaxHeaderBytes + 64
	// MaxHandovers bounds the handovers of a light block.
	MaxHandovers = 8

	lightBlockVersion = 1
)

// LightBlock is what a client needs of a block to trust it: its header, the validator set
// behind it, and that set's certificate. It is not changed once made.
type LightBlock struct {
	Header *chain.Header
	// Validators is the set that the header commits to.
	Validators *warp.ValidatorSet
	// Certificate is signed by Validators. A checkpoint may have none.
	Certificate *warp.Certificate
	// Handovers are certificates of the same block by earlier sets, for clients that trust
	// one of these.
	Handovers []Handover
}

// Handover is a certificate of a block by another validator set than the one behind it.
type Handover struct {
	// ValidatorSetHash is of the set that the certificate's signers are of.
	ValidatorSetHash chain.Hash
	Certificate      *warp.Certificate
}

// handover returns the certificate by the set with a hash, or nil.
func (b *LightBlock) handover(validatorSetHash chain.Hash) *warp.Certificate {
	for _, h := range b.Handovers {
		if h.ValidatorSetHash == validatorSetHash {
			return h.Certificate
		}
	}
	return nil
}

// lightBlockWire is the encoding of a light block.
type lightBlockWire struct {
	Version     uint32         `canoto:"uint,1"` // lightBlockVersion
	Header      chain.Header   `canoto:"value,2"`
	Validators  []byte         `canoto:"bytes,3"` // warp.ValidatorSet
	Certificate []byte         `canoto:"bytes,4"` // warp.Certificate; may be empty
	Handovers   []handoverWire `canoto:"repeated value,5"`

	canotoData canotoData_lightBlockWire
}

type handoverWire struct {
	ValidatorSetHash chain.Hash `canoto:"fixed bytes,1"`
	Certificate      []byte     `canoto:"bytes,2"`

	canotoData canotoData_handoverWire
}

// Bytes returns the canonical encoding.
func (b *LightBlock) Bytes() []byte {
	wire := lightBlockWire{Version: lightBlockVersion, Header: *b.Header, Validators: b.Validators.Bytes()}
	if b.Certificate != nil {
		wire.Certificate = b.Certificate.Bytes()
	}
	wire.Handovers = b.handoversWire()
	return wire.MarshalCanoto()
}

func (b *LightBlock) handoversWire() []handoverWire {
	var wire []handoverWire
	for _, h := range b.Handovers {
		wire = append(wire, handoverWire{ValidatorSetHash: h.ValidatorSetHash, Certificate: h.Certificate.Bytes()})
	}
	return wire
}

// ParseLightBlock decodes strictly. It verifies nothing but that keys are keys.
func ParseLightBlock(encoded []byte) (*LightBlock, error) {
	if len(encoded) > MaxLightBlockBytes {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, fmt.Sprintf("a light block of at most %d bytes", MaxLightBlockBytes), len(encoded))
	}
	var wire lightBlockWire
	if err := unmarshal(encoded, &wire); err != nil {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "a canonically encoded light block", err)
	}
	if wire.Version != lightBlockVersion {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrVersion, fmt.Sprintf("light block version %d", lightBlockVersion), wire.Version)
	}
	if err := wire.Header.CheckVersion(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	validators, err := warp.ParseValidatorSet(wire.Validators)
	if err != nil {
		return nil, err
	}
	b := &LightBlock{Header: &wire.Header, Validators: validators}
	if err := b.addSignatures(wire.Certificate, wire.Handovers); err != nil {
		return nil, err
	}
	return b, nil
}

// addSignatures decodes a certificate, which may be empty, and handovers.
func (b *LightBlock) addSignatures(certificate []byte, handovers []handoverWire) (err error) {
	if len(handovers) > MaxHandovers {
		return refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, fmt.Sprintf("at most %d handovers", MaxHandovers), len(handovers))
	}
	if len(certificate) != 0 {
		if b.Certificate, err = warp.ParseCertificate(certificate); err != nil {
			return err
		}
	}
	for i := range handovers {
		certificate, err := warp.ParseCertificate(handovers[i].Certificate)
		if err != nil {
			return fmt.Errorf("handover %d: %w", i, err)
		}
		b.Handovers = append(b.Handovers, Handover{ValidatorSetHash: handovers[i].ValidatorSetHash, Certificate: certificate})
	}
	return nil
}

// unmarshal decodes into memory of its own, bounded by the input's size.
func unmarshal(encoded []byte, message interface {
	UnmarshalCanotoFrom(canoto.Reader) (canoto.UnmarshalResult, error)
}) error {
	_, err := message.UnmarshalCanotoFrom(canoto.Reader{
		B:               encoded,
		MemoryRemaining: 2*uint64(len(encoded)) + 16<<10,
		DepthLimit:      4,
	})
	return err
}
