package main

import (
	"io"
	"strconv"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
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
		Args:  exactly("CONTRACT"),
		RunE: func(c *cobra.Command, args []string) error {
			codes := map[string]func(chainID ids.ID, genesis *chain.Genesis) []byte{
				"escrow": func(chainID ids.ID, _ *chain.Genesis) []byte {
					return append(common.FromHex(contracts.SessionEscrowMetaData.Bin), contracts.NewSessionEscrow().PackConstructor(chainID)...)
				},
				"log": func(chainID ids.ID, _ *chain.Genesis) []byte {
					return append(common.FromHex(contracts.SessionLogMetaData.Bin), contracts.NewSessionLog().PackConstructor(chainID)...)
				},
				"sender": relay.SenderCode,
			}
			if args[0] == "admission" {
				asked, err := parseCoins("--price", price)
				if err != nil {
					return err
				}
				codes[args[0]] = func(chainID ids.ID, genesis *chain.Genesis) []byte {
					return relay.AdmissionCode(chainID, genesis, asked)
				}
			}
			code, ok := codes[args[0]]
			if !ok {
				return usage("%q is none of the contracts: escrow, log, sender, admission", args[0])
			}
			n, evm, err := s.bothChains(c.Context(), *f)
			if err != nil {
				return err
			}
			genesis, err := n.Genesis(c.Context())
			if err != nil {
				return err
			}
			receipt, err := evm.Do(c.Context(), relay.Call{Input: code(n.chainID, genesis)})
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
