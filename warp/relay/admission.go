package relay

import (
	"context"
	"fmt"
	"math/big"

	"github.com/luxfi/crypto"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/warp/contracts"
)

var sessionAdmission = contracts.NewSessionAdmission()

// NextContract returns the address of the contract that the key's next transaction makes, if it makes one: a genesis that has a
// contract admit identities names it before it is there.
func (e *EVM) NextContract(ctx context.Context) (common.Address, error) {
	nonce, err := e.backend.PendingNonceAt(ctx, e.Address())
	return common.Address(crypto.CreateAddress(crypto.Address(e.Address()), nonce)), err
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
