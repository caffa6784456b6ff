package warp

//go:generate go tool canoto $GOFILE

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"github.com/StephenButtolph/canoto"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

const (
	// MaxValidators bounds the validators with keys of a set.
	MaxValidators = 1 << 14
	// MaxValidatorSetBytes bounds an encoded set: a validator takes at most 63 bytes.
	MaxValidatorSetBytes = 64*MaxValidators + 64

	validatorSetVersion = 1
	// domainValidatorSet separates the hash of a set from all others of the chain.
	domainValidatorSet = "sessionvm/validator-set/v1"
)

// Member is a validator as the platform knows it.
type Member struct {
	// PublicKey is its BLS key, compressed or uncompressed; empty if it has none.
	PublicKey []byte
	Weight    uint64
}

// Validator is one BLS key of a ValidatorSet.
type Validator struct {
	PublicKey *PublicKey
	// Weight is that of all members with this key.
	Weight uint64
}

// ValidatorSet is the canonical form of a platform's validator set, as its Warp messages
// count it: the members with a BLS key, those with the same key merged, sorted by the
// key's uncompressed form. Members without a key can't sign, but count in the total. It is
// immutable.
type ValidatorSet struct {
	validators []Validator
	total      uint64
	encoded    []byte
}

// validatorSetWire is the encoding of a set.
type validatorSetWire struct {
	Version     uint32          `canoto:"uint,1"` // validatorSetVersion
	TotalWeight uint64          `canoto:"uint,2"`
	Validators  []validatorWire `canoto:"repeated value,3"`

	canotoData canotoData_validatorSetWire
}

type validatorWire struct {
	PublicKey [PublicKeySize]byte `canoto:"fixed bytes,1"`
	Weight    uint64              `canoto:"uint,2"`

	canotoData canotoData_validatorWire
}

// NewValidatorSet returns the canonical set of a platform's validators, in any order. Keys
// that are no keys are refused: the platform has none.
func NewValidatorSet(members []Member) (*ValidatorSet, error) {
	s := new(ValidatorSet)
	merged := make(map[string]int, len(members))
	for _, member := range members {
		var carry uint64
		if s.total, carry = bits.Add64(s.total, member.Weight, 0); carry != 0 {
			return nil, refusal.Wrap(ErrWeightOverflow, refusal.ErrValidatorSet, "a total weight of 64 bits", "more")
		}
		if len(member.PublicKey) == 0 {
			continue
		}
		key, err := ParsePublicKey(member.PublicKey)
		if err != nil {
			return nil, err
		}
		at, known := merged[string(key.compressed[:])]
		if !known {
			at = len(s.validators)
			merged[string(key.compressed[:])] = at
			s.validators = append(s.validators, Validator{PublicKey: key})
		}
		s.validators[at].Weight += member.Weight // no overflow: at most the total
	}
	if len(s.validators) > MaxValidators {
		return nil, refusal.Wrap(ErrValidatorSet, refusal.ErrTooLarge, fmt.Sprintf("at most %d validators with keys", MaxValidators), len(s.validators))
	}
	slices.SortFunc(s.validators, compareValidators)
	wire := validatorSetWire{Version: validatorSetVersion, TotalWeight: s.total, Validators: make([]validatorWire, len(s.validators))}
	for i := range s.validators {
		wire.Validators[i].PublicKey = s.validators[i].PublicKey.compressed
		wire.Validators[i].Weight = s.validators[i].Weight
	}
	s.encoded = wire.MarshalCanoto()
	return s, nil
}

func compareValidators(a, b Validator) int {
	return bytes.Compare(a.PublicKey.uncompressed[:], b.PublicKey.uncompressed[:])
}

// ParseValidatorSet decodes a set strictly: keys valid, sorted, each once, and the total
// not below their weights' sum. It takes about 0.3 ms for each key.
func ParseValidatorSet(encoded []byte) (*ValidatorSet, error) {
	if len(encoded) > MaxValidatorSetBytes {
		return nil, refusal.Wrap(ErrValidatorSet, refusal.ErrTooLarge, fmt.Sprintf("a validator set of at most %d bytes", MaxValidatorSetBytes), len(encoded))
	}
	var wire validatorSetWire
	if _, err := wire.UnmarshalCanotoFrom(canoto.Reader{
		B:               encoded,
		MemoryRemaining: 2*uint64(len(encoded)) + 4<<10,
		DepthLimit:      2,
	}); err != nil {
		return nil, refusal.Wrap(ErrValidatorSet, refusal.ErrMalformed, "a canonically encoded validator set", err)
	}
	if wire.Version != validatorSetVersion {
		return nil, refusal.Wrap(ErrValidatorSet, refusal.ErrVersion, fmt.Sprintf("validator set version %d", validatorSetVersion), wire.Version)
	}
	if len(wire.Validators) > MaxValidators {
		return nil, refusal.Wrap(ErrValidatorSet, refusal.ErrTooLarge, fmt.Sprintf("at most %d validators with keys", MaxValidators), len(wire.Validators))
	}
	s := &ValidatorSet{
		validators: make([]Validator, len(wire.Validators)),
		total:      wire.TotalWeight,
		encoded:    bytes.Clone(encoded),
	}
	var sum, carry uint64
	for i := range wire.Validators {
		v := &wire.Validators[i]
		if sum, carry = bits.Add64(sum, v.Weight, 0); carry != 0 {
			return nil, refusal.Wrap(ErrWeightOverflow, refusal.ErrMalformed, "a total weight of 64 bits", "more")
		}
		key, err := ParsePublicKey(v.PublicKey[:])
		if err != nil {
			return nil, fmt.Errorf("validator %d: %w", i, err)
		}
		s.validators[i] = Validator{PublicKey: key, Weight: v.Weight}
		if i > 0 && compareValidators(s.validators[i-1], s.validators[i]) >= 0 {
			return nil, refusal.Wrap(ErrValidatorSet, refusal.ErrMalformed, "validators sorted by their keys' uncompressed forms, each once", fmt.Sprintf("%s after %s", key, s.validators[i-1].PublicKey))
		}
	}
	if sum > s.total {
		return nil, refusal.Wrap(ErrValidatorSet, refusal.ErrMalformed, fmt.Sprintf("a total weight of at least %d", sum), s.total)
	}
	return s, nil
}

// Bytes returns the canonical encoding. The caller must not change it.
func (s *ValidatorSet) Bytes() []byte { return s.encoded }

// Hash returns what chain.Header.ValidatorSetHash has to be for the set: SHA-256 over
// "sessionvm/validator-set/v1", a zero byte, the network ID (4 bytes, big endian), the
// chain ID and the encoding. The header names its chain but not its network: so a header
// binds both, and the hash of a set of one network is none of another.
func (s *ValidatorSet) Hash(networkID uint32, chainID ids.ID) (hash chain.Hash) {
	h := sha256.New()
	h.Write([]byte(domainValidatorSet + "\x00"))
	h.Write(binary.BigEndian.AppendUint32(nil, networkID))
	h.Write(chainID[:])
	h.Write(s.encoded)
	h.Sum(hash[:0])
	return hash
}

// Len returns how many validators have a key.
func (s *ValidatorSet) Len() int { return len(s.validators) }

// Validator returns the validator at an index of the canonical order.
func (s *ValidatorSet) Validator(index int) Validator { return s.validators[index] }

// TotalWeight returns the weight of all members, also of those without a key.
func (s *ValidatorSet) TotalWeight() uint64 { return s.total }

// Index returns the index of the validator with a key, or -1.
func (s *ValidatorSet) Index(key *PublicKey) int {
	at, found := slices.BinarySearchFunc(s.validators, Validator{PublicKey: key}, compareValidators)
	if !found {
		return -1
	}
	return at
}

// Weight returns the weight of signers. They are all in the set, or it fails.
func (s *ValidatorSet) Weight(signers Signers) (Weight, error) {
	if err := signers.check(); err != nil {
		return Weight{}, err
	}
	w := Weight{Total: s.total}
	for _, i := range signers.Indices() {
		if i >= len(s.validators) {
			return Weight{}, refusal.Wrap(ErrUnknownSigner, refusal.ErrProof, fmt.Sprintf("signers among %d validators", len(s.validators)), fmt.Sprintf("signer %d", i))
		}
		w.Signed += s.validators[i].Weight // no overflow: at most the total
	}
	return w, nil
}
