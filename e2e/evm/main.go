// Command evm is the plugin of an EVM chain: Subnet-EVM with its Warp API, without its own program, which ends where a process
// may open fewer than 32,768 files.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/ava-labs/avalanchego/database"
	"github.com/ava-labs/avalanchego/graft/subnet-evm/plugin/evm"
	"github.com/ava-labs/avalanchego/snow"
	"github.com/ava-labs/avalanchego/snow/engine/common"
	"github.com/ava-labs/avalanchego/vms/rpcchainvm"
)

// config is the chain's where its node has none: nodes look for the configuration of a chain when they start, which here is
// before the chain is made and has an ID.
const config = `{"warp-api-enabled": true}`

type vm struct{ *evm.VM }

func (v *vm) Initialize(
	ctx context.Context, chain *snow.Context, db database.Database, genesis, upgrades, configuration []byte, fxs []*common.Fx, sender common.AppSender,
) error {
	if len(configuration) == 0 {
		configuration = []byte(config)
	}
	return v.VM.Initialize(ctx, chain, db, genesis, upgrades, configuration, fxs, sender)
}

func main() {
	evm.RegisterAllLibEVMExtras()
	if err := rpcchainvm.Serve(context.Background(), &vm{new(evm.VM)}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
