package signing

import (
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/warp"
)

// Validator is a validator as the platform knows it.
type Validator struct {
	Node ids.NodeID
	// PublicKey is its BLS key, compressed or uncompressed; empty if it has none.
	PublicKey []byte
	Weight    uint64
}

// Validators is a validator set, and which nodes sign with its keys.
type Validators struct {
	*warp.ValidatorSet
	nodes   [][]ids.NodeID // by the index of the key in the set
	indices map[string]int // by the key, compressed and uncompressed
}

// NewValidators returns the canonical set of a platform's validators, in any order.
func NewValidators(validators []Validator) (*Validators, error) {
	members := make([]warp.Member, len(validators))
	for i, v := range validators {
		members[i] = warp.Member{PublicKey: v.PublicKey, Weight: v.Weight}
	}
	set, err := warp.NewValidatorSet(members)
	if err != nil {
		return nil, err
	}
	all := &Validators{ValidatorSet: set, nodes: make([][]ids.NodeID, set.Len()), indices: make(map[string]int, 2*set.Len())}
	for i := range set.Len() {
		key := set.Validator(i).PublicKey
		all.indices[string(key.Bytes())], all.indices[string(key.Uncompressed())] = i, i
	}
	for _, v := range validators {
		if i, ok := all.indices[string(v.PublicKey)]; ok {
			all.nodes[i] = append(all.nodes[i], v.Node)
		}
	}
	for _, nodes := range all.nodes {
		slices.SortFunc(nodes, ids.NodeID.Compare)
	}
	return all, nil
}

// Has reports whether a key, compressed or uncompressed, is one of the set's.
func (v *Validators) Has(publicKey []byte) bool {
	_, ok := v.indices[string(publicKey)]
	return ok
}

// Nodes returns the nodes that sign with the key at an index of the set.
func (v *Validators) Nodes(index int) []ids.NodeID { return v.nodes[index] }
