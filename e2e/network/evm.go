package network

import (
	"context"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ava-labs/avalanchego/genesis"
	"github.com/ava-labs/avalanchego/utils/rpc"
)

// evmVMID is Subnet-EVM's.
const evmVMID = "srEXiWaHuhNyGwPUi444Tu47ZEDwxTWrbQiuD7FmgSAQ6X7Dy"

// evmGenesis is the EVM chain's: it gives funds to EVMKey's address, and its Warp precompile takes what 67% of the
// weight of a subnet's validators has signed.
//
//go:embed evm-genesis.json
var evmGenesis []byte

// EVMKey returns the private key that has funds on the EVM chain, in hex.
func EVMKey() string { return hex.EncodeToString(genesis.EWOQKey.Bytes()) }

// EVM is where the node serves the EVM chain's JSON-RPC.
func (n *Node) EVM() string { return fmt.Sprintf("%s/ext/bc/%s/rpc", n.URL(), n.network.EVMChainID) }

// Environment returns what has the session command line use the network's first node, and the EVM chain with EVMKey, which it writes
// into a file: NAME=VALUE each.
func (n *Network) Environment() ([]string, error) {
	key := filepath.Join(n.folder, "evm.key")
	first := n.Nodes[0]
	return []string{"SESSION_NODE=" + first.RPC(), "SESSION_EVM=" + first.EVM(), "SESSION_EVM_KEY=" + key}, os.WriteFile(key, []byte(EVMKey()), 0o600)
}

// setEVM makes a program the node's plugin for EVM chains.
func (n *Node) setEVM(program string) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	return os.Symlink(program, filepath.Join(n.folder, plugins, evmVMID))
}

// evmAnswers reports why the node does not answer for the EVM chain, or nil.
func (n *Node) evmAnswers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var id string
	return rpc.NewEndpointRequester(n.EVM()).SendRequest(ctx, "eth_chainId", []any{}, &id)
}
