package network

import (
	"context"
	"fmt"
	"time"

	"github.com/ava-labs/avalanchego/api/info"
	"github.com/ava-labs/avalanchego/genesis"
	"github.com/ava-labs/avalanchego/ids"
	"github.com/ava-labs/avalanchego/utils/rpc"
	"github.com/ava-labs/avalanchego/utils/units"
	"github.com/ava-labs/avalanchego/vms/platformvm"
	"github.com/ava-labs/avalanchego/vms/platformvm/txs"
	"github.com/ava-labs/avalanchego/vms/secp256k1fx"
	"github.com/ava-labs/avalanchego/wallet/chain/p/wallet"
	"github.com/ava-labs/avalanchego/wallet/subnet/primary"
	"github.com/ava-labs/avalanchego/wallet/subnet/primary/common"
)

// validatorWeight is each validator's in the subnet.
const validatorWeight = units.Schmeckle

// wallet returns one that the local network's genesis has given funds.
func (n *Network) wallet(ctx context.Context, subnets ...ids.ID) (wallet.Wallet, error) {
	keys := secp256k1fx.NewKeychain(genesis.EWOQKey)
	issuer, err := primary.MakePWallet(ctx, n.Nodes[0].URL(), keys, primary.WalletConfig{SubnetIDs: subnets})
	if err != nil {
		return nil, err
	}
	// Without a context it would wait for ever.
	return wallet.WithOptions(issuer, common.WithContext(ctx)), nil
}

func (n *Network) createSubnet(ctx context.Context) (ids.ID, error) {
	issuer, err := n.wallet(ctx)
	if err != nil {
		return ids.Empty, err
	}
	subnet, err := issuer.IssueCreateSubnetTx(&secp256k1fx.OutputOwners{Threshold: 1, Addrs: []ids.ShortID{genesis.EWOQKey.Address()}})
	if err != nil {
		return ids.Empty, fmt.Errorf("creating the subnet: %w", err)
	}
	return subnet.ID(), nil
}

// createChains makes all five nodes validators of the subnet, and its chains.
func (n *Network) createChains(ctx context.Context) error {
	issuer, err := n.wallet(ctx, n.SubnetID)
	if err != nil {
		return err
	}
	current, err := platformvm.NewClient(n.Nodes[0].URL()).GetCurrentValidators(ctx, ids.Empty, nil)
	if err != nil {
		return err
	}
	ends := make(map[ids.NodeID]uint64)
	for _, validator := range current {
		ends[validator.NodeID] = validator.EndTime
	}
	for _, node := range n.Nodes {
		if err := n.addValidator(issuer, node.ID, min(validatorEnd(), ends[node.ID])); err != nil {
			return err
		}
	}
	create := func(vm, name string, genesis []byte) (ids.ID, error) {
		vmID, err := ids.FromString(vm)
		if err != nil {
			return ids.Empty, err
		}
		chain, err := issuer.IssueCreateChainTx(n.SubnetID, genesis, vmID, nil, name)
		if err != nil {
			return ids.Empty, fmt.Errorf("creating the chain %q: %w", name, err)
		}
		return chain.ID(), nil
	}
	if n.ChainID, err = create(VMID, "sessions", n.options.Genesis); err != nil || n.options.EVM == "" {
		return err
	}
	n.EVMChainID, err = create(evmVMID, "evm", evmGenesis)
	return err
}

// validatorEnd is until when a validator is one, in Unix seconds: later than any test.
func validatorEnd() uint64 { return uint64(time.Now().Add(48 * time.Hour).Unix()) }

// addValidator makes a validator of the primary network one of the subnet.
func (n *Network) addValidator(issuer wallet.Wallet, node ids.NodeID, end uint64) error {
	if _, err := issuer.IssueAddSubnetValidatorTx(&txs.SubnetValidator{
		Validator: txs.Validator{NodeID: node, End: end, Wght: validatorWeight},
		Subnet:    n.SubnetID,
	}); err != nil {
		return fmt.Errorf("making %s a validator: %w", node, err)
	}
	return nil
}

// AddValidator makes a guest that runs a validator, of the primary network and of the subnet. It must not be stopped: it would
// come back as another node.
func (n *Network) AddValidator(ctx context.Context, guest *Node) error {
	issuer, err := n.wallet(ctx, n.SubnetID)
	if err != nil {
		return err
	}
	id, possession, err := info.NewClient(guest.URL()).GetNodeID(ctx)
	if err != nil {
		return err
	}
	guest.ID = id
	end := validatorEnd()
	owner := &secp256k1fx.OutputOwners{Threshold: 1, Addrs: []ids.ShortID{genesis.EWOQKey.Address()}}
	parameters := genesis.LocalParams.StakingConfig
	if _, err := issuer.IssueAddPermissionlessValidatorTx(&txs.SubnetValidator{
		Validator: txs.Validator{NodeID: id, End: end, Wght: parameters.MinValidatorStake},
	}, possession, issuer.Builder().Context().AVAXAssetID, owner, owner, parameters.MinDelegationFee); err != nil {
		return fmt.Errorf("making %s a validator of the primary network: %w", id, err)
	}
	return n.addValidator(issuer, id, end)
}

// RemoveValidator makes a node no validator of the subnet any more.
func (n *Network) RemoveValidator(ctx context.Context, node *Node) error {
	issuer, err := n.wallet(ctx, n.SubnetID)
	if err != nil {
		return err
	}
	_, err = issuer.IssueRemoveSubnetValidatorTx(node.ID, n.SubnetID)
	return err
}

// Call calls a method of the chain's JSON-RPC.
func (n *Node) Call(ctx context.Context, method string, params, result any) error {
	return rpc.NewEndpointRequester(n.RPC()).SendRequest(ctx, "sessionvm."+method, params, result)
}

// Height returns the height of the last block that the node has accepted.
func (n *Node) Height(ctx context.Context) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var health struct {
		Healthy      bool   `json:"healthy"`
		Bootstrapped bool   `json:"bootstrapped"`
		Height       uint64 `json:"height"`
	}
	if err := n.Call(ctx, "Health", struct{}{}, &health); err != nil {
		return 0, err
	}
	if !health.Healthy || !health.Bootstrapped {
		return 0, fmt.Errorf("node %d has not caught up: height %d", n.Index+1, health.Height)
	}
	return health.Height, nil
}

// AwaitChain waits until the node answers for the chain and takes part in it, and answers for the EVM chain if there is one.
func (n *Node) AwaitChain(ctx context.Context) error {
	answers := func() error {
		_, err := n.Height(ctx)
		if err == nil && n.network.EVMChainID != ids.Empty {
			err = n.evmAnswers(ctx)
		}
		return err
	}
	for {
		err := answers()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(healthPoll):
		case <-n.ended:
			return fmt.Errorf("node %d has ended: see %s", n.Index+1, n.Log())
		case <-ctx.Done():
			return fmt.Errorf("node %d does not answer for its chains: %w: %w: see %s", n.Index+1, ctx.Err(), err, n.Log())
		}
	}
}
