package lightclient

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// MaxTrustFileBytes bounds a trust file.
const MaxTrustFileBytes = 256*warp.MaxValidators + 64<<10 + 2*MaxPostQuantumBytes

const trustFileVersion = 1

// trustFile is the JSON form of TrustOptions, for people to read.
type trustFile struct {
	Version        uint32           `json:"version"`
	NetworkID      uint32           `json:"networkId"`
	ChainID        ids.ID           `json:"chainId"`
	Ciphersuite    warp.Ciphersuite `json:"ciphersuite"`
	Quorum         warp.Threshold   `json:"quorum"`
	TrustingPeriod string           `json:"trustingPeriod"` // as time.ParseDuration reads it
	MaxClockDrift  string           `json:"maxClockDrift"`
	// Policy and PostQuantumQuorum are left out of a file that demands BLS signatures alone, so that software which knows
	// no other reads it; and refuses the others.
	Policy            Policy          `json:"policy,omitempty"`
	PostQuantumQuorum *warp.Threshold `json:"postQuantumQuorum,omitempty"`
	Checkpoint        checkpointForm  `json:"checkpoint"`
}

type checkpointForm struct {
	BlockID     ids.ID          `json:"blockId"`
	Header      chain.Header    `json:"header"`
	TotalWeight uint64          `json:"totalWeight"` // also of validators without a key
	Validators  []validatorForm `json:"validators"`
}

type validatorForm struct {
	PublicKey string `json:"publicKey"` // compressed, in hex
	Weight    uint64 `json:"weight"`
	// MLDSAPublicKey is the validator's ML-DSA-65 key, in hex; left out if it has none, or none is demanded.
	MLDSAPublicKey chain.Bytes `json:"mlDsaPublicKey,omitempty"`
}

// MarshalJSON implements json.Marshaler: the content of a trust file.
func (o *TrustOptions) MarshalJSON() ([]byte, error) {
	set, quorum := o.Checkpoint.Validators, o.Quorum
	if quorum == (warp.Threshold{}) {
		quorum = warp.DefaultQuorum
	}
	form := trustFile{
		Version:        trustFileVersion,
		NetworkID:      o.NetworkID,
		ChainID:        o.ChainID,
		Ciphersuite:    o.Ciphersuite,
		Quorum:         quorum,
		TrustingPeriod: o.TrustingPeriod.String(),
		MaxClockDrift:  o.MaxClockDrift.String(),
		Checkpoint: checkpointForm{
			BlockID:     o.Checkpoint.Header.ID(),
			Header:      *o.Checkpoint.Header,
			TotalWeight: set.TotalWeight(),
			Validators:  make([]validatorForm, set.Len()),
		},
	}
	for i := range form.Checkpoint.Validators {
		v := set.Validator(i)
		form.Checkpoint.Validators[i] = validatorForm{PublicKey: v.PublicKey.String(), Weight: v.Weight}
		if o.Policy.PostQuantum() {
			form.Checkpoint.Validators[i].MLDSAPublicKey = o.Checkpoint.Keys.Key(i)
		}
	}
	if o.Policy.PostQuantum() {
		quorum := o.postQuantumQuorum()
		form.Policy, form.PostQuantumQuorum = o.Policy, &quorum
	}
	return json.Marshal(form)
}

// ParseTrustOptions decodes a trust file strictly and checks it.
func ParseTrustOptions(text []byte) (*TrustOptions, error) {
	var form trustFile
	if err := unmarshalJSON(text, MaxTrustFileBytes, &form); err != nil {
		return nil, err
	}
	if form.Version != trustFileVersion {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrVersion, fmt.Sprintf("trust file version %d", trustFileVersion), form.Version)
	}
	set, err := form.Checkpoint.validators()
	if err != nil {
		return nil, err
	}
	header := form.Checkpoint.Header
	if id := header.ID(); id != form.Checkpoint.BlockID {
		return nil, refusal.Wrap(ErrCheckpoint, refusal.ErrProof, "the header's hash as block ID, "+id.String(), form.Checkpoint.BlockID)
	}
	o := &TrustOptions{
		Rules: Rules{
			Verifier: warp.Verifier{NetworkID: form.NetworkID, ChainID: form.ChainID, Ciphersuite: form.Ciphersuite, Quorum: form.Quorum},
		},
		Checkpoint: Checkpoint{Header: &header, Validators: set},
	}
	if o.Policy = form.Policy; form.PostQuantumQuorum != nil {
		o.PostQuantumQuorum = *form.PostQuantumQuorum
	}
	if o.Policy.PostQuantum() {
		if o.Checkpoint.Keys, err = form.Checkpoint.keys(set); err != nil {
			return nil, err
		}
	}
	for _, duration := range []struct {
		text   string
		target *time.Duration
	}{{form.TrustingPeriod, &o.TrustingPeriod}, {form.MaxClockDrift, &o.MaxClockDrift}} {
		if *duration.target, err = time.ParseDuration(duration.text); err != nil {
			return nil, refusal.Wrap(ErrOptions, refusal.ErrMalformed, `a duration like "168h"`, duration.text)
		}
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	return o, nil
}

// keys returns the ML-DSA-65 keys of the set that validators returns, whatever the order in the file.
func (c *checkpointForm) keys(set *warp.ValidatorSet) (*warp.KeySet, error) {
	keys := make([][]byte, set.Len())
	for _, v := range c.Validators {
		encoded, err := hex.DecodeString(v.PublicKey)
		if err != nil {
			return nil, refusal.Wrap(warp.ErrPublicKey, refusal.ErrMalformed, "a public key in hex", v.PublicKey)
		}
		key, err := warp.ParsePublicKey(encoded)
		if err != nil {
			return nil, err
		}
		if i := set.Index(key); i >= 0 && len(v.MLDSAPublicKey) > 0 {
			keys[i] = v.MLDSAPublicKey
		}
	}
	return warp.NewKeySet(set, keys)
}

func (c *checkpointForm) validators() (*warp.ValidatorSet, error) {
	members := make([]warp.Member, 0, len(c.Validators)+1)
	var sum, carry uint64
	for _, v := range c.Validators {
		key, err := hex.DecodeString(v.PublicKey)
		if err != nil || len(key) == 0 {
			return nil, refusal.Wrap(warp.ErrPublicKey, refusal.ErrMalformed, "a public key in hex", v.PublicKey)
		}
		if sum, carry = bits.Add64(sum, v.Weight, 0); carry != 0 {
			return nil, refusal.Wrap(warp.ErrWeightOverflow, refusal.ErrMalformed, "a total weight of 64 bits", "more")
		}
		members = append(members, warp.Member{PublicKey: key, Weight: v.Weight})
	}
	if sum > c.TotalWeight {
		return nil, refusal.Wrap(warp.ErrValidatorSet, refusal.ErrMalformed, fmt.Sprintf("a total weight of at least %d", sum), c.TotalWeight)
	}
	return warp.NewValidatorSet(append(members, warp.Member{Weight: c.TotalWeight - sum}))
}
