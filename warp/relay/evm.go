package relay

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/luxfi/geth"
	"github.com/luxfi/geth/accounts/abi"
	"github.com/luxfi/geth/accounts/abi/bind/v2"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/common/hexutil"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/geth/ethclient"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
)

var (
	// ErrReverted is that a transaction is in a block and was refused by the contract.
	ErrReverted = errors.New("the contract has refused the transaction")
	// ErrReplaced is that another transaction of the same key has a transaction's nonce: it will never be in a block.
	ErrReplaced = errors.New("another transaction has taken its place")
	// ErrNoContract is that there is no contract at an address.
	ErrNoContract = errors.New("no contract is at this address")
)

const (
	// warpGas is the gas of a transaction that brings Warp messages, and gasPerByte that for each byte of its input: nodes
	// can't estimate it, because they verify Warp messages in blocks alone. What is not used costs nothing.
	warpGas    = 1_500_000
	gasPerByte = 60
	// receiptPoll is how often is looked whether a transaction is in a block.
	receiptPoll = 300 * time.Millisecond
)

// warpAddress is where EVM chains have the Warp precompile.
var warpAddress = common.HexToAddress("0x0200000000000000000000000000000000000005")

// Backend is what a relayer asks of a node of the EVM chain; package ethclient has it but for SignedWarpMessage.
type Backend interface {
	bind.ContractBackend
	bind.DeployBackend
	BlockNumber(ctx context.Context) (uint64, error)
	ChainID(ctx context.Context) (*big.Int, error)
	NonceAt(ctx context.Context, account common.Address, blockNumber *big.Int) (uint64, error)
	// SignedWarpMessage returns a Warp message that a contract has sent, with signatures of a quorum of the chain's validators.
	SignedWarpMessage(ctx context.Context, id ids.ID) ([]byte, error)
}

// evmNode is a node of an EVM chain of AvalancheGo.
type evmNode struct{ *ethclient.Client }

// SignedWarpMessage implements Backend, with the API of graft/subnet-evm/warp: the node has it if its configuration of the chain
// says "warp-api-enabled".
func (n evmNode) SignedWarpMessage(ctx context.Context, id ids.ID) (signed []byte, err error) {
	var answer hexutil.Bytes
	err = n.Client.Client().CallContext(ctx, &answer, "warp_getMessageAggregateSignature", id, quorum, "")
	return answer, err
}

// EVM is an EVM chain, and a key that pays fees there.
type EVM struct {
	backend Backend
	key     *ecdsa.PrivateKey
	chainID *big.Int
}

// DialEVM connects to a node of an EVM chain.
func DialEVM(ctx context.Context, url string, key *ecdsa.PrivateKey) (*EVM, error) {
	backend, err := ethclient.DialContext(ctx, url)
	if err != nil {
		return nil, err
	}
	return NewEVM(ctx, evmNode{backend}, key)
}

// NewEVM returns the EVM chain behind a backend.
func NewEVM(ctx context.Context, backend Backend, key *ecdsa.PrivateKey) (*EVM, error) {
	chainID, err := backend.ChainID(ctx)
	return &EVM{backend, key, chainID}, err
}

// Call is what a transaction does.
type Call struct {
	To    *common.Address // nil: Input makes a contract
	Input []byte
	Value *big.Int // nil: none
	Warp  [][]byte // signed Warp messages, by the place at which the contract reads them
}

// bring adds the Warp message of the delivery of a message, or of a receipt, to a call.
func (c *Call) bring(ctx context.Context, sessions *client.Client, transaction ids.ID) error {
	delivery, err := sessions.GetWarpMessage(ctx, client.GetWarpMessageParams{TransactionID: transaction})
	if err == nil {
		c.Warp = append(c.Warp, delivery.Signed)
	}
	return err
}

// Sign returns the transaction of a call, with the key's next nonce. It is not sent.
func (e *EVM) Sign(ctx context.Context, call Call) (*types.Transaction, error) {
	options := bind.NewKeyedTransactor(e.key, e.chainID)
	options.Context, options.NoSend, options.Value = ctx, true, call.Value
	if len(call.Warp) > 0 {
		options.GasLimit = warpGas + gasPerByte*uint64(len(call.Input))
	}
	for _, message := range call.Warp {
		options.AccessList = append(options.AccessList, types.AccessTuple{Address: warpAddress, StorageKeys: predicate(message)})
	}
	if call.To == nil {
		return bind.NewBoundContract(common.Address{}, abi.ABI{}, e.backend, e.backend, e.backend).RawCreationTransact(options, call.Input)
	}
	return bind.NewBoundContract(*call.To, abi.ABI{}, e.backend, e.backend, e.backend).RawTransact(options, call.Input)
}

// Do signs the transaction of a call, sends it, and waits until it is in a block. Errors: ErrReverted.
func (e *EVM) Do(ctx context.Context, call Call) (*types.Receipt, error) {
	tx, err := e.Sign(ctx, call)
	if err != nil {
		return nil, err
	}
	return e.Submit(ctx, tx)
}

// predicate returns the bytes as storage keys of an access list: behind them 0xff, and zeros up to a multiple of 32
// (AvalancheGo, vms/evm/predicate).
func predicate(message []byte) []common.Hash {
	keys := make([]common.Hash, len(message)/common.HashLength+1)
	for i := range keys {
		copy(keys[i][:], message[i*common.HashLength:])
	}
	keys[len(keys)-1][len(message)%common.HashLength] = 0xff
	return keys
}

// Submit sends a transaction, which may have been sent before, and waits until it is in a block.
// Errors: ErrReverted; ErrReplaced.
func (e *EVM) Submit(ctx context.Context, tx *types.Transaction) (*types.Receipt, error) {
	sending := e.backend.SendTransaction(ctx, tx) // it may be known, or in a block already
	for {
		used, err := e.backend.NonceAt(ctx, e.Address(), nil) // before the receipt, which is there if this nonce is the transaction's
		if err != nil {
			return nil, errors.Join(sending, err)
		}
		receipt, err := e.backend.TransactionReceipt(ctx, tx.Hash())
		switch {
		case err == nil && receipt.Status != types.ReceiptStatusSuccessful:
			return receipt, fmt.Errorf("%w: %s", ErrReverted, tx.Hash())
		case err == nil:
			return receipt, nil
		case !errors.Is(err, ethereum.NotFound):
			return nil, errors.Join(sending, err)
		case used > tx.Nonce():
			return nil, fmt.Errorf("%w: nonce %d", ErrReplaced, tx.Nonce())
		}
		if sending != nil {
			if next, err := e.backend.PendingNonceAt(ctx, e.Address()); err != nil || next <= tx.Nonce() { // the node does not have it
				return nil, errors.Join(sending, err)
			}
		}
		select {
		case <-time.After(receiptPoll):
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), sending)
		}
	}
}

// Address is the key's.
func (e *EVM) Address() common.Address { return bind.NewKeyedTransactor(e.key, e.chainID).From }

// Ask calls a function of a contract that changes nothing. Errors: ErrNoContract.
func (e *EVM) Ask(ctx context.Context, contract common.Address, input []byte) ([]byte, error) {
	output, err := e.backend.CallContract(ctx, ethereum.CallMsg{To: &contract, Data: input}, nil)
	if err == nil && len(output) == 0 {
		err = fmt.Errorf("%w: %s", ErrNoContract, contract)
	}
	return output, err
}

// ask unpacks what a function of a contract answers.
func ask[T any](ctx context.Context, e *EVM, contract common.Address, input []byte, unpack func([]byte) (T, error)) (answer T, err error) {
	output, err := e.Ask(ctx, contract, input)
	if err != nil {
		return answer, err
	}
	return unpack(output)
}
