package relay

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/luxfi/crypto"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/contracts"
)

// ErrNotNamed is that a session chain's genesis does not have a contract admit: the chain refuses what it sends.
var ErrNotNamed = errors.New("the session chain does not have this contract admit")

var sessionAdmission = contracts.NewSessionAdmission()

// NextContract returns the address of the contract that the key's next transaction makes, if it makes one: a genesis that has a
// contract admit identities names it before it is there.
func (e *EVM) NextContract(ctx context.Context) (common.Address, error) {
	nonce, err := e.backend.PendingNonceAt(ctx, e.Address())
	return common.Address(crypto.CreateAddress(crypto.Address(e.Address()), nonce)), err
}

// Blockchain returns the platform's ID of the EVM chain, as its Warp precompile says. Errors: ErrNoContract, if it has none.
func (e *EVM) Blockchain(ctx context.Context) (ids.ID, error) {
	id, err := ask(ctx, e, warpAddress, messenger.PackGetBlockchainID(), messenger.UnpackGetBlockchainID)
	if err != nil {
		return ids.Empty, fmt.Errorf("the ID of the EVM chain, of its Warp precompile: %w", err)
	}
	return id, nil
}

// CheckAdmits refuses a contract of the EVM chain that a session chain's genesis does not name among those that admit: ErrNotNamed.
func CheckAdmits(ctx context.Context, evm *EVM, genesis *chain.Genesis, at common.Address) error {
	source, err := evm.Blockchain(ctx)
	if err != nil {
		return err
	}
	if genesis.Registration.Admits(&chain.ReceiveWarp{SourceChain: source, Address: at[:]}) {
		return nil
	}
	named := make([]string, len(genesis.Registration.Contracts))
	for i, c := range genesis.Registration.Contracts {
		named[i] = fmt.Sprintf("0x%s on chain %s", c.Address, c.Chain)
	}
	expected := "a genesis that names contracts that admit (registration.contracts)"
	if len(named) > 0 {
		expected = strings.Join(named, ", or ")
	}
	return refusal.Wrap(ErrNotNamed, refusal.ErrNotAdmitted, expected, fmt.Sprintf("0x%x on chain %s", at, source))
}

// AdmissionCode returns what makes a SessionAdmission for a session chain, with a price in the smallest unit.
func AdmissionCode(chainID ids.ID, genesis *chain.Genesis, price *big.Int) []byte {
	return append(common.FromHex(contracts.SessionAdmissionMetaData.Bin), sessionAdmission.PackConstructor(chainID, [1]byte{genesis.Prefix()}, genesis.Limits.TransactionWindow, price)...)
}

// AdmitInput returns the input of a call that has a SessionAdmission admit the identity of two public keys.
func AdmitInput(kemPublicKey, dsaPublicKey []byte) []byte {
	return sessionAdmission.PackAdmit(kemPublicKey, dsaPublicKey)
}

// AdmissionPrice returns what a SessionAdmission asks for, in the smallest unit. Errors: ErrNoContract.
func AdmissionPrice(ctx context.Context, evm *EVM, at common.Address) (*big.Int, error) {
	return ask(ctx, evm, at, sessionAdmission.PackPrice(), sessionAdmission.UnpackPrice)
}

// Admitted returns the registration that a transaction has had a SessionAdmission send: its ID on the session chain.
func Admitted(receipt *types.Receipt) (registration ids.ID, err error) {
	for _, log := range receipt.Logs {
		if event, err := sessionAdmission.UnpackRegisteredEvent(log); err == nil {
			return event.Transaction, nil
		}
	}
	return ids.Empty, fmt.Errorf("transaction %s has admitted nobody", receipt.TxHash)
}
