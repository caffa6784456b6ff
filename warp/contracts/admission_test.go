package contracts

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/warp"
)

const testPrice = 1000

// admission is a deployed SessionAdmission.
type admission struct {
	*testEVM
	*SessionAdmission
	at       common.Address
	kem, dsa []byte // public keys
}

func newAdmission(t testing.TB, price int64) *admission {
	a := &admission{testEVM: newTestEVM(t), SessionAdmission: NewSessionAdmission()}
	a.kem, a.dsa = bytes.Repeat([]byte{1}, chain.KEMPublicKeySize), bytes.Repeat([]byte{2}, chain.DSAPublicKeySize)
	a.config.Time = testTime
	a.at = a.deploy(SessionAdmissionMetaData.Bin, a.PackConstructor(testChain, [1]byte{testPrefix}, testWindow, big.NewInt(price)))
	a.give(a.config.Origin, 100*testPrice)
	return a
}

// admits pays, and returns the transaction that the session chain gets.
func (a *admission) admits(value int64) *chain.Transaction {
	a.t.Helper()
	before := len(a.config.State.Logs())
	output, err := a.call(a.at, a.PackAdmit(a.kem, a.dsa), value)
	require.NoError(a.t, err, "%x", output)
	logs := a.config.State.Logs()[before:]
	require.Len(a.t, logs, 2)
	tx := a.sent(logs[0])
	id, err := a.UnpackAdmit(output)
	require.NoError(a.t, err)
	require.Equal(a.t, tx.ID(), ids.ID(id))
	event, err := a.UnpackRegisteredEvent(logs[1])
	require.NoError(a.t, err)
	require.Equal(a.t, id, event.Transaction)
	return tx
}

// sent returns the transaction that a Warp message makes on the session chain.
func (a *admission) sent(log *types.Log) *chain.Transaction {
	a.t.Helper()
	event, err := NewIWarpMessenger().UnpackSendWarpMessageEvent(log)
	require.NoError(a.t, err)
	m, err := warp.ParseUnsignedMessage(event.Message)
	require.NoError(a.t, err)
	chainID, tx, err := warp.ParseCall(&warp.Message{UnsignedMessage: *m, Signers: warp.Signers{1}})
	require.NoError(a.t, err)
	require.Equal(a.t, testChain, chainID)
	require.Equal(a.t, warp.CallMessage(0, testChain, tx.Body, &chain.ReceiveWarp{SourceChain: testEVMChain, Address: a.at[:]}), m, "byte for byte")
	return tx
}

// refusesPrice requires that the contract does not admit for an amount.
func (a *admission) refusesPrice(value int64, want any) {
	a.t.Helper()
	a.refusesPayment(a.at, a.PackAdmit(a.kem, a.dsa), value, a.UnpackError, want)
}

func TestAContractAdmitsWhoPays(t *testing.T) {
	a := newAdmission(t, testPrice)
	t.Logf("%d gas to deploy", a.gas)
	tx := a.admits(testPrice)
	gas := a.gas
	payload := append([]byte{warp.CallType}, chain.CallBytes(testChain, tx.Body)...)
	a.does(warpAddress, NewIWarpMessenger().PackSendWarpMessage(payload))
	t.Logf("%d gas for an admission, beside the stand-in's", gas-a.gas)
	want := &chain.RegisterIdentity{KEMPublicKey: a.kem, DSAPublicKey: a.dsa, Deadline: (testTime + testWindow) * 1000}
	require.Equal(t, chain.CallBytes(testChain, want), chain.CallBytes(testChain, tx.Body))
	require.Equal(t, chain.TransactionID(testChain, want), tx.ID())
	require.EqualValues(t, testPrice, a.balance(a.at))

	for _, value := range []int64{1, testPrice - 1, testPrice + 1} {
		a.refusesPrice(value, &SessionAdmissionWrongPrice{big.NewInt(testPrice), big.NewInt(value)})
	}

	// What is paid for can be sent again for a day, with a later deadline.
	const day = 24 * 60 * 60
	a.config.Time += day - 1
	again := a.admits(0)
	require.EqualValues(t, (testTime+day-1+testWindow)*1000, again.Body.(*chain.RegisterIdentity).Deadline)
	require.EqualValues(t, testPrice, a.balance(a.at))
	a.config.Time++
	a.refusesPrice(0, &SessionAdmissionWrongPrice{big.NewInt(testPrice), new(big.Int)})
	a.dsa = bytes.Repeat([]byte{3}, chain.DSAPublicKeySize)
	a.refusesPrice(0, &SessionAdmissionWrongPrice{big.NewInt(testPrice), new(big.Int)})
	a.admits(testPrice)

	for name, short := range map[string]struct {
		kem, dsa      int
		expected, got int64
	}{
		"a short KEM key": {chain.KEMPublicKeySize - 1, chain.DSAPublicKeySize, chain.KEMPublicKeySize, chain.KEMPublicKeySize - 1},
		"a long DSA key":  {chain.KEMPublicKeySize, chain.DSAPublicKeySize + 1, chain.DSAPublicKeySize, chain.DSAPublicKeySize + 1},
		"no keys":         {0, 0, chain.KEMPublicKeySize, 0},
		"keys that share": {chain.KEMPublicKeySize + 1, chain.DSAPublicKeySize - 1, chain.KEMPublicKeySize, chain.KEMPublicKeySize + 1},
	} {
		t.Log(name)
		a.kem, a.dsa = bytes.Repeat([]byte{1}, short.kem), bytes.Repeat([]byte{1}, short.dsa)
		a.refusesPrice(testPrice, &SessionAdmissionKeySize{big.NewInt(short.expected), big.NewInt(short.got)})
	}
}

// TestTheOwnerHasWhatWasPaid, and nobody else.
func TestTheOwnerHasWhatWasPaid(t *testing.T) {
	a := newAdmission(t, testPrice)
	owner, stranger := a.config.Origin, common.Address{2}
	a.admits(testPrice)
	a.admits(testPrice)
	a.config.Origin = stranger
	a.refuses(a.at, a.PackWithdraw(), a.UnpackError, &SessionAdmissionNotOwner{owner, stranger})
	a.config.Origin = owner
	before := a.balance(owner)
	a.does(a.at, a.PackWithdraw())
	require.EqualValues(t, 2*testPrice, a.balance(owner)-before)
	require.Zero(t, a.balance(a.at))
}

func TestAnAdmissionMayCostNothing(t *testing.T) {
	a := newAdmission(t, 0)
	a.admits(0)
	a.config.Time += 10 * 24 * 60 * 60
	a.admits(0)
	a.refusesPrice(1, &SessionAdmissionWrongPrice{new(big.Int), big.NewInt(1)})
}
