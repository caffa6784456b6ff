package contracts

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/holiman/uint256"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/state"
	"github.com/luxfi/geth/core/tracing"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/geth/core/vm"
	"github.com/luxfi/geth/core/vm/runtime"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/warp/contracts/test"
)

// warpAddress is where EVM chains have the Warp precompile.
var warpAddress = common.HexToAddress("0x0200000000000000000000000000000000000005")

// testEVM is the EVM of go-ethereum with a stand-in for the Warp precompile, which has verified what is put into it.
type testEVM struct {
	t      testing.TB
	config *runtime.Config
	gas    uint64 // that the last call used, without what its bytes cost
}

func newTestEVM(t testing.TB) *testEVM {
	t.Helper()
	db, err := state.New(types.EmptyRootHash, state.NewDatabaseForTesting())
	require.NoError(t, err)
	e := &testEVM{t: t, config: &runtime.Config{State: db, Origin: common.Address{1}, GasLimit: 30_000_000}}
	code, _, _, err := runtime.Create(common.FromHex(test.WarpStandInMetaData.Bin), e.config)
	require.NoError(t, err)
	db.SetCode(warpAddress, code, tracing.CodeChangeUnspecified)
	return e
}

// deploy returns where a contract is.
func (e *testEVM) deploy(code string, constructor []byte) common.Address {
	_, address, left, err := runtime.Create(append(common.FromHex(code), constructor...), e.config)
	require.NoError(e.t, err)
	e.gas = e.config.GasLimit - left
	return address
}

// call calls a contract with some value, and returns what it returns, or how it reverts.
func (e *testEVM) call(to common.Address, input []byte, value int64) ([]byte, error) {
	config := *e.config
	config.Value = big.NewInt(value)
	output, left, err := runtime.Call(to, input, &config)
	e.gas = e.config.GasLimit - left
	return output, err
}

// does calls a contract.
func (e *testEVM) does(to common.Address, input []byte) []byte {
	e.t.Helper()
	output, err := e.call(to, input, 0)
	require.NoError(e.t, err, "%x", output)
	return output
}

// refuses calls a contract that reverts with a reason.
func (e *testEVM) refuses(to common.Address, input []byte, unpack func([]byte) (any, error), want any) {
	e.t.Helper()
	e.refusesPayment(to, input, 0, unpack, want)
}

// refusesPayment is refuses of a call with some value.
func (e *testEVM) refusesPayment(to common.Address, input []byte, value int64, unpack func([]byte) (any, error), want any) {
	e.t.Helper()
	output, err := e.call(to, input, value)
	require.ErrorIs(e.t, err, vm.ErrExecutionReverted)
	reason, err := unpack(output)
	require.NoError(e.t, err, "%x", output)
	shown := func(reason any) string { return fmt.Sprintf("%T %+v", reason, reason) } // a zero of package big has two forms
	require.Equal(e.t, shown(want), shown(reason))
}

func (e *testEVM) balance(of common.Address) uint64 { return e.config.State.GetBalance(of).Uint64() }

func (e *testEVM) give(to common.Address, amount uint64) {
	e.config.State.AddBalance(to, uint256.NewInt(amount), tracing.BalanceChangeUnspecified)
}

// verified has the platform verify messages, as if the next transaction's access list had them: the stand-in
// forgets those before.
func (e *testEVM) verified(puts ...[]byte) {
	e.t.Helper()
	e.does(warpAddress, test.NewWarpStandIn().PackClear())
	for _, put := range puts {
		e.does(warpAddress, put)
	}
}

// message returns what puts a message of a chain into the stand-in.
func message(chain ids.ID, source ids.ID, payload []byte) []byte {
	return test.NewWarpStandIn().PackPut(chain, common.BytesToAddress(source[:]), payload)
}
