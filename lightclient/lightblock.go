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
	MaxLightBlockBytes = MaxPostQuantumBytes + warp.MaxValidatorSetBytes + (1+MaxHandovers)*(warp.MaxCertificateBytes+64) + chain.MaxHeaderBytes + 64
	// MaxPostQuantumBytes bounds what a light block has for clients that demand ML-DSA-65: of 1,000 validators about 6 MB.
	MaxPostQuantumBytes = 10 << 20
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
	// PostQuantum is for clients that demand ML-DSA-65 signatures; nil if nobody has asked for them.
	PostQuantum *PostQuantum
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
	Version      uint32           `canoto:"uint,1"` // lightBlockVersion
	Header       chain.Header     `canoto:"value,2"`
	Certificates certificatesWire `canoto:"value,3"`

	canotoData canotoData_lightBlockWire
}

// certificatesWire is the encoding of what a light block has beside its header.
type certificatesWire struct {
	Validators  []byte           `canoto:"bytes,1"` // warp.ValidatorSet; may be empty in a StateProof
	Certificate []byte           `canoto:"bytes,2"` // warp.Certificate; may be empty
	Handovers   []handoverWire   `canoto:"repeated value,3"`
	PostQuantum *postQuantumWire `canoto:"pointer,4"`

	canotoData canotoData_certificatesWire
}

type handoverWire struct {
	ValidatorSetHash chain.Hash `canoto:"fixed bytes,1"`
	Certificate      []byte     `canoto:"bytes,2"`

	canotoData canotoData_handoverWire
}

// Bytes returns the canonical encoding.
func (b *LightBlock) Bytes() []byte {
	wire := lightBlockWire{Version: lightBlockVersion, Header: *b.Header, Certificates: b.certificates()}
	return wire.MarshalCanoto()
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
	return wire.Certificates.block(&wire.Header, true)
}

func (b *LightBlock) certificates() (wire certificatesWire) {
	if b.Validators != nil {
		wire.Validators = b.Validators.Bytes()
	}
	if b.Certificate != nil {
		wire.Certificate = b.Certificate.Bytes()
	}
	for _, h := range b.Handovers {
		wire.Handovers = append(wire.Handovers, handoverWire{ValidatorSetHash: h.ValidatorSetHash, Certificate: h.Certificate.Bytes()})
	}
	wire.PostQuantum = b.PostQuantum.wire()
	return wire
}

// block returns the light block of a header. Complete says that it has to have its validators.
func (w *certificatesWire) block(header *chain.Header, complete bool) (*LightBlock, error) {
	if err := header.CheckVersion(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if len(w.Handovers) > MaxHandovers {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, fmt.Sprintf("at most %d handovers", MaxHandovers), len(w.Handovers))
	}
	b, err := &LightBlock{Header: header}, error(nil)
	if complete || len(w.Validators) > 0 {
		if b.Validators, err = warp.ParseValidatorSet(w.Validators); err != nil {
			return nil, err
		}
	}
	if len(w.Certificate) > 0 {
		if b.Certificate, err = warp.ParseCertificate(w.Certificate); err != nil {
			return nil, err
		}
	}
	for i := range w.Handovers {
		certificate, err := warp.ParseCertificate(w.Handovers[i].Certificate)
		if err != nil {
			return nil, fmt.Errorf("handover %d: %w", i, err)
		}
		b.Handovers = append(b.Handovers, Handover{ValidatorSetHash: w.Handovers[i].ValidatorSetHash, Certificate: certificate})
	}
	b.PostQuantum, err = w.PostQuantum.decode(b.Validators)
	return b, err
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
