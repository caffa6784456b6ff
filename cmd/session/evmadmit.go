package main

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"strconv"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/warp/relay"
)

type nextResult struct {
	Address common.Address `json:"address"`
}

func newEVMNext(s *shell, f *evmFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "next",
		Short: "Show the address of the contract that the key deploys next",
		Long: `Show the address of the contract that the key deploys with its next transaction. The genesis of a session chain
names the contracts that admit, before there is the chain that they are for: let the key do nothing else until then.`,
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			evm, err := s.dialEVM(c.Context(), *f)
			if err != nil {
				return err
			}
			next, err := evm.NextContract(c.Context())
			if err != nil {
				return err
			}
			return s.show(nextResult{next}, func(w io.Writer) { fields(w, "Address", next.Hex()) })
		},
	}
}

type admitResult struct {
	ID           string      `json:"id"`
	Registration ids.ID      `json:"registration"` // its transaction on the session chain: there once a relayer has brought it
	Paid         string      `json:"paid"`         // in coins
	Transaction  common.Hash `json:"transaction"`
	Gas          uint64      `json:"gas"`
}

func newEVMAdmit(s *shell, f *evmFlags) *cobra.Command {
	var again bool
	c := &cobra.Command{
		Use:   "admit ADMISSION",
		Short: "Pay a contract that admits to the session chain for your identity",
		Long: `Pay a SessionAdmission what it asks for, so that it admits your identity. The identity is registered once "session relay
--sender ADMISSION" has brought that to the session chain, which has to be within minutes. For a day --again sends
it again for nothing. A contract that the session chain's genesis does not name is not paid: it can't admit.`,
		Args: exactly("ADMISSION"),
		RunE: func(c *cobra.Command, args []string) error {
			at, err := parseAddress(args[0])
			if err != nil {
				return err
			}
			identity, err := s.unlock()
			if err != nil {
				return err
			}
			n, evm, err := s.bothChains(c.Context(), *f)
			if err != nil {
				return err
			}
			if err := s.checkAdmits(c.Context(), n, evm, at); err != nil {
				return err
			}
			paid := new(big.Int)
			if !again {
				if paid, err = relay.AdmissionPrice(c.Context(), evm, at); err != nil {
					return err
				}
			}
			public := identity.Public()
			receipt, err := evm.Do(c.Context(), relay.Call{To: &at, Value: paid, Input: relay.AdmitInput(public.KEM, public.DSA)})
			if err != nil {
				return err
			}
			registration, err := relay.Admitted(receipt)
			if err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
			result := admitResult{pq.FormatID(identity.ID()), registration, coins(paid), receipt.TxHash, receipt.GasUsed}
			return s.show(result, func(w io.Writer) {
				fields(w, "Identity", result.ID, "Paid", result.Paid, "Registration", result.Registration.String(), "Transaction", result.Transaction.Hex(),
					"Gas", strconv.FormatUint(result.Gas, 10))
			})
		},
	}
	c.Flags().BoolVar(&again, "again", false, "send it again: what was paid within a day counts")
	return c
}

// checkAdmits refuses a contract that the session chain's genesis, which is verified, does not name.
func (s *shell) checkAdmits(ctx context.Context, n *node, evm *relay.EVM, at common.Address) error {
	if err := s.checkGenesis(ctx, n); err != nil {
		return err
	}
	return relay.CheckAdmits(ctx, evm, n.genesis, at)
}
