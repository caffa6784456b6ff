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
	nodes [][]ids.NodeID // by the index of the key in the set
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
	indices := make(map[string]int, set.Len())
	for i := range set.Len() {
		key := set.Validator(i).PublicKey
		indices[string(key.Bytes())], indices[string(key.Uncompressed())] = i, i
	}
	all := &Validators{ValidatorSet: set, nodes: make([][]ids.NodeID, set.Len())}
	for _, v := range validators {
		if i, ok := indices[string(v.PublicKey)]; ok {
			all.nodes[i] = append(all.nodes[i], v.Node)
		}
	}
	for _, nodes := range all.nodes {
		slices.SortFunc(nodes, ids.NodeID.Compare)
	}
	return all, nil
}

// Nodes returns the nodes that sign with the key at an index of the set.
func (v *Validators) Nodes(index int) []ids.NodeID { return v.nodes[index] }
