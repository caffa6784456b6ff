package main

import (
	"context"
	"io"
	"math/big"
	"strconv"

	"github.com/luxfi/geth/common"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/warp/contracts"
	"github.com/luxfi/session/warp/relay"
)

type deployResult struct {
	Contract    string         `json:"contract"`
	Address     common.Address `json:"address"`
	Transaction common.Hash    `json:"transaction"`
	Block       uint64         `json:"block"`
	Gas         uint64         `json:"gas"`
}

func newEVMDeploy(s *shell, f *evmFlags) *cobra.Command {
	var price string
	c := &cobra.Command{
		Use:   "deploy {escrow | log | sender | admission --price AMOUNT}",
		Short: "Deploy a contract for this session chain",
		Long: `Deploy a contract for this session chain. An admission is deployed only if the chain's genesis names the address that it
gets ("session evm next"): another one can't admit.`,
		Args: exactly("CONTRACT"),
		RunE: func(c *cobra.Command, args []string) error {
			var asked *big.Int
			switch args[0] {
			case "escrow", "log", "sender":
			case "admission":
				var err error
				if asked, err = parseCoins("--price", price); err != nil {
					return err
				}
			default:
				return usage("%q is none of the contracts: escrow, log, sender, admission", args[0])
			}
			n, evm, err := s.bothChains(c.Context(), *f)
			if err != nil {
				return err
			}
			code, err := s.contractCode(c.Context(), args[0], asked, n, evm)
			if err != nil {
				return err
			}
			receipt, err := evm.Do(c.Context(), relay.Call{Input: code})
			if err != nil {
				return err
			}
			result := deployResult{args[0], receipt.ContractAddress, receipt.TxHash, receipt.BlockNumber.Uint64(), receipt.GasUsed}
			return s.show(result, func(w io.Writer) {
				fields(w, "Address", result.Address.Hex(), "Transaction", result.Transaction.Hex(), "Block", strconv.FormatUint(result.Block, 10),
					"Gas", strconv.FormatUint(result.Gas, 10))
			})
		},
	}
	c.Flags().StringVar(&price, "price", "", "what an admission costs, in the EVM chain's coins")
	return c
}

// contractCode returns what makes a contract for the node's chain. Of the genesis, which is verified, a sender and an admission need the rules for
// what they send, and an admission that it is named there: with the address that the key's next transaction gives it.
func (s *shell) contractCode(ctx context.Context, contract string, price *big.Int, n *node, evm *relay.EVM) ([]byte, error) {
	switch contract {
	case "escrow":
		return append(common.FromHex(contracts.SessionEscrowMetaData.Bin), contracts.NewSessionEscrow().PackConstructor(n.chainID)...), nil
	case "log":
		return append(common.FromHex(contracts.SessionLogMetaData.Bin), contracts.NewSessionLog().PackConstructor(n.chainID)...), nil
	case "sender":
		return relay.SenderCode(n.chainID, n.genesis), s.checkGenesis(ctx, n)
	default:
		next, err := evm.NextContract(ctx)
		if err != nil {
			return nil, err
		}
		return relay.AdmissionCode(n.chainID, n.genesis, price), s.checkAdmits(ctx, n, evm, next)
	}
}
