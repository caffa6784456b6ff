package proofs

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/refusal"
)

// Header is the JSON form of a chain.Header: IDs in CB58, hashes in hex.
type Header struct {
	Version          uint32     `json:"version"`
	ChainID          ids.ID     `json:"chainId"`
	Parent           ids.ID     `json:"parent"`
	Height           uint64     `json:"height"`
	Timestamp        uint64     `json:"timestamp"` // Unix milliseconds
	StateRoot        chain.Hash `json:"stateRoot"`
	TransactionsRoot chain.Hash `json:"transactionsRoot"`
	PChainHeight     uint64     `json:"pChainHeight"`
	ValidatorSetHash chain.Hash `json:"validatorSetHash"`
}

// NewHeader returns the JSON form of a header.
func NewHeader(h *chain.Header) Header {
	return Header{
		Version:          h.Version,
		ChainID:          h.ChainID,
		Parent:           h.Parent,
		Height:           h.Height,
		Timestamp:        h.Timestamp,
		StateRoot:        h.StateRoot,
		TransactionsRoot: h.TransactionsRoot,
		PChainHeight:     h.PChainHeight,
		ValidatorSetHash: h.ValidatorSetHash,
	}
}

// Chain returns the header.
func (h Header) Chain() chain.Header {
	return chain.Header{
		Version:          h.Version,
		ChainID:          h.ChainID,
		Parent:           h.Parent,
		Height:           h.Height,
		Timestamp:        h.Timestamp,
		StateRoot:        h.StateRoot,
		TransactionsRoot: h.TransactionsRoot,
		PChainHeight:     h.PChainHeight,
		ValidatorSetHash: h.ValidatorSetHash,
	}
}

// hexBytes is hex in JSON.
type hexBytes []byte

func (b hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b), nil }

func (b *hexBytes) UnmarshalText(text []byte) error {
	decoded, err := hex.AppendDecode(nil, text)
	if err != nil {
		return err
	}
	*b = decoded
	return nil
}

// bundleJSON is the JSON form of a Bundle.
type bundleJSON struct {
	Version      uint32   `json:"version"`
	BlockID      ids.ID   `json:"blockId"`
	Header       Header   `json:"header"`
	Key          hexBytes `json:"key"`
	Commitment   hexBytes `json:"commitment"`
	SessionKeys  hexBytes `json:"sessionKeys,omitempty"`
	Transaction  hexBytes `json:"transaction,omitempty"`
	KEMPublicKey hexBytes `json:"kemPublicKey,omitempty"`
	DSAPublicKey hexBytes `json:"dsaPublicKey,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (b *Bundle) MarshalJSON() ([]byte, error) {
	return json.Marshal(bundleJSON{
		Version:      b.Version,
		BlockID:      b.BlockID,
		Header:       NewHeader(&b.Header),
		Key:          b.Key,
		Commitment:   b.Commitment,
		SessionKeys:  b.SessionKeys,
		Transaction:  b.Transaction,
		KEMPublicKey: b.KEMPublicKey,
		DSAPublicKey: b.DSAPublicKey,
	})
}

// ParseBundleJSON decodes the JSON form strictly. It verifies nothing.
func ParseBundleJSON(text []byte) (*Bundle, error) {
	if len(text) > 2*MaxBundleBytes+64<<10 {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a bundle of at most %d bytes", MaxBundleBytes), len(text))
	}
	var form bundleJSON
	if err := strictjson.UnmarshalKnown(text, &form); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, "the JSON form of a bundle", err)
	}
	b := &Bundle{
		Version:      form.Version,
		BlockID:      form.BlockID,
		Header:       form.Header.Chain(),
		Key:          form.Key,
		Commitment:   form.Commitment,
		SessionKeys:  form.SessionKeys,
		Transaction:  form.Transaction,
		KEMPublicKey: form.KEMPublicKey,
		DSAPublicKey: form.DSAPublicKey,
	}
	if err := b.checkVersion(); err != nil {
		return nil, err
	}
	if err := CheckNames(text, b); err != nil {
		return nil, err
	}
	return b, nil
}

// Parse decodes a proof file of either form: JSON begins with an opening brace, after
// white space.
func Parse(file []byte) (*Bundle, error) {
	if trimmed := bytes.TrimLeft(file, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		return ParseBundleJSON(file)
	}
	return ParseBundle(file)
}

// CheckNames refuses JSON text that does not have each field of a value's own JSON form
// exactly once and under its exact name: the decoder would take the last of several, and
// names in any case. Their order is free.
func CheckNames(text []byte, value json.Marshaler) error {
	canonical, err := value.MarshalJSON()
	if err != nil {
		return refusal.New(refusal.ErrMalformed, "a JSON form", err)
	}
	want, err := appendNames(nil, "", json.NewDecoder(bytes.NewReader(canonical)))
	if err != nil {
		return refusal.New(refusal.ErrMalformed, "a JSON form", err)
	}
	got, err := appendNames(nil, "", json.NewDecoder(bytes.NewReader(text)))
	if err != nil {
		return refusal.New(refusal.ErrMalformed, "a JSON form", err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if slices.Equal(want, got) {
		return nil
	}
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	return refusal.New(refusal.ErrMalformed, fmt.Sprintf("%d fields, the next %q", len(want), want[i:min(i+1, len(want))]),
		fmt.Sprintf("%d, the next %q", len(got), got[i:min(i+1, len(got))]))
}

// appendNames appends the names of the fields of a value, each with the names of the objects
// and the places in the arrays that it is in.
func appendNames(names []string, path string, decoder *json.Decoder) ([]string, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		for decoder.More() {
			token, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			name, ok := token.(string)
			if !ok {
				return nil, fmt.Errorf("a field's name, not %v", token)
			}
			names = append(names, path+name)
			if names, err = appendNames(names, path+name+".", decoder); err != nil {
				return nil, err
			}
		}
	case json.Delim('['):
		for i := 0; decoder.More(); i++ {
			if names, err = appendNames(names, fmt.Sprintf("%s%d.", path, i), decoder); err != nil {
				return nil, err
			}
		}
	default:
		return names, nil
	}
	_, err = decoder.Token() // the closing brace or bracket
	return names, err
}
