package relay

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/crypto"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/geth/core/vm/runtime"
	"github.com/luxfi/geth/ethclient/simulated"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/plugin/standalone"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/contracts"
	"github.com/luxfi/session/warp/contracts/test"
	"github.com/luxfi/session/warp/signing"
)

var (
	payee    = common.Address{0xbb}
	errCrash = errors.New("crash")
)

// world is a session chain on which alice and bob have a session, and an EVM chain with an escrow and a log.
type world struct {
	*testing.T
	sessions *client.Client
	chainID  ids.ID
	people   [2]*pq.Identity
	session  ids.ID
	sent     []ids.ID

	simulated   *simulated.Backend
	platform    *ecdsa.PrivateKey // tells the stand-in what is verified
	key         *ecdsa.PrivateKey
	evm         *EVM
	escrow, log common.Address
	file        string           // the relayer's
	of          []common.Address // whose deposits it settles
	senders     []common.Address // whose calls it brings
	signers     int              // how many of the EVM chain's validators sign
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, platform: newKey(t), key: newKey(t), sessions: startSessions(t, chain.Registration{Mode: chain.RegistrationOpen}), signers: 3}
	var err error
	w.chainID, err = w.sessions.ChainID(t.Context())
	require.NoError(t, err)
	deadline, err := w.sessions.Deadline(t.Context())
	require.NoError(t, err)
	for i := range w.people {
		w.people[i], err = pq.GenerateIdentity()
		require.NoError(t, err)
		public := w.people[i].Public()
		_, err = w.sessions.SendTransaction(t.Context(), &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: deadline}, nil)
		require.NoError(t, err)
	}
	alice, bob := w.people[0], w.people[1]
	w.does(alice, &chain.CreateSession{
		Participants: []ids.ID{alice.ID(), bob.ID()}, PublicKeys: [][]byte{alice.Public().KEM, bob.Public().KEM}, Creator: alice.ID(), Deadline: deadline,
	})
	found, err := w.sessions.ListSessions(t.Context(), client.ListSessionsParams{Participant: alice.ID()})
	require.NoError(t, err)
	w.session = found.Sessions[0].ID

	w.startEVM()
	w.evm, err = NewEVM(t.Context(), &node{Client: w.simulated.Client(), world: w}, w.key)
	require.NoError(t, err)
	w.of = []common.Address{payee, w.evm.Address()}
	w.escrow = w.deploys(append(common.FromHex(contracts.SessionEscrowMetaData.Bin), escrow.PackConstructor(w.chainID)...))
	w.log = w.deploys(append(common.FromHex(contracts.SessionLogMetaData.Bin), sessionLog.PackConstructor(w.chainID)...))
	return w
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := crypto.GenerateKey()
	require.NoError(t, err)
	return key
}

// startSessions starts a session chain with a validator of its own.
func startSessions(t *testing.T, price chain.Registration) *client.Client {
	folder, err := standalone.OpenFolder(t.TempDir())
	require.NoError(t, err)
	genesis := chain.DefaultGenesis()
	genesis.Registration = price
	require.NoError(t, folder.SetGenesis(genesis.Bytes()))
	running, err := standalone.Open(folder, standalone.Options{
		BlockInterval: time.Millisecond, Version: "test", Log: slog.New(slog.DiscardHandler), Sources: map[ids.ID][]signing.Validator{evmChain: evmValidators(t)},
	})
	require.NoError(t, err)
	server := httptest.NewServer(running.Door().Handler)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, errors.Join(running.Close(), folder.Close()))
	})
	c, err := client.New(server.URL+"/rpc", client.Options{})
	require.NoError(t, err)
	return c
}

// lies has the relayer ask a node that changes one method's parameters, and its answer.
func (w *world) lies(method string, change func(params, result map[string]any)) {
	truth := w.sessions.Address()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		request := make(map[string]any)
		if err := json.NewDecoder(in.Body).Decode(&request); err != nil {
			return
		}
		lie := request["method"] == "sessionvm."+method
		if lie {
			change(request["params"].(map[string]any), map[string]any{})
		}
		asked, err := json.Marshal(request)
		if err != nil {
			return
		}
		told, err := http.Post(truth, "application/json", bytes.NewReader(asked))
		if err != nil {
			return
		}
		defer told.Body.Close()
		answer := make(map[string]any)
		numbers := json.NewDecoder(told.Body)
		numbers.UseNumber()
		if err := numbers.Decode(&answer); err != nil {
			return
		}
		if result, ok := answer["result"].(map[string]any); ok && lie {
			change(map[string]any{}, result)
		}
		out.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(out).Encode(answer)
	}))
	w.Cleanup(server.Close)
	var err error
	w.sessions, err = client.New(server.URL, client.Options{})
	require.NoError(w, err)
}

// TestALyingNodeStopsNothingForGood, and has the relayer send nothing that it can see to be false.
func TestALyingNodeStopsNothingForGood(t *testing.T) {
	w := newWorld(t)
	honest := w.sessions
	w.says("one")
	w.says("two")
	refused := func(want error) {
		t.Helper()
		used := w.nonce()
		_, err := relays(w.relayer(0))
		require.ErrorIs(t, err, want)
		require.Equal(t, used, w.nonce(), "nothing is sent")
	}
	w.file = filepath.Join(t.TempDir(), "relay.json")
	_, err := relays(w.relayer(0))
	require.NoError(t, err)

	// Of an old message it says that it is the latest: what comes after that is still recorded.
	w.says("three")
	w.lies("ListMessages", func(params, result map[string]any) {
		if _, asked := params["sessionId"]; asked {
			params["from"] = 1
		}
		if messages, ok := result["messages"].([]any); ok {
			messages[0].(map[string]any)["sequence"] = 1 << 40
		}
	})
	refused(ErrNode)
	w.sessions = honest
	done, err := relays(w.relayer(0))
	require.NoError(t, err)
	require.Len(t, done, 1)

	// It shows what is at another key.
	w.log = common.Address{}
	w.file = filepath.Join(t.TempDir(), "relay.json")
	w.deposits(contracts.SessionEscrowDeposit{Sequence: 1, Reader: w.people[1].ID(), Deadline: 1})
	w.lies("GetProof", func(params, _ map[string]any) { delete(params, "participant") })
	refused(ErrNode)
	w.sessions = honest
	_, err = relays(w.relayer(0))
	require.NoError(t, err)

	// It hides a message, or makes one up: nothing is scanned.
	w.file = filepath.Join(t.TempDir(), "relay.json")
	w.deposits(contracts.SessionEscrowDeposit{Message: ids.ID{1}, Deadline: 1})
	w.lies("ListMessages", func(_, result map[string]any) {
		if messages, ok := result["messages"].([]any); ok {
			messages[1].(map[string]any)["id"] = ids.ID{9}.String()
		}
	})
	refused(ErrNode)
	w.sessions = honest
	_, err = relays(w.relayer(0))
	require.NoError(t, err)
}

// startEVM starts an EVM chain that has the stand-in for the Warp precompile.
func (w *world) startEVM() {
	funds := new(big.Int).Exp(big.NewInt(10), big.NewInt(24), nil)
	alloc := types.GenesisAlloc{}
	for _, key := range []*ecdsa.PrivateKey{w.platform, w.key} {
		alloc[common.Address(crypto.PubkeyToAddress(key.PublicKey))] = types.Account{Balance: funds}
	}
	alloc[warpAddress] = types.Account{Balance: new(big.Int), Code: standInCode(w.T)}
	w.simulated = simulated.NewBackend(alloc)
	w.Cleanup(func() { require.NoError(w, w.simulated.Close()) })
}

// does has the session chain accept a transaction.
func (w *world) does(who *pq.Identity, body chain.Body) ids.ID {
	w.Helper()
	result, err := w.sessions.SendTransaction(w.Context(), body, who)
	require.NoError(w, err)
	return result.TransactionID
}

func (w *world) says(text string) {
	w.Helper()
	alice := w.people[0]
	w.sent = append(w.sent, w.does(alice, &chain.SendMessage{Session: w.session, Sender: alice.ID(), Ciphertext: []byte(text)}))
}

func (w *world) deploys(code []byte) common.Address {
	w.Helper()
	receipt, err := w.evm.Do(w.Context(), Call{Input: code})
	require.NoError(w, err)
	return receipt.ContractAddress
}

// standInCode returns the code of the stand-in for the Warp precompile, as it is on the chain.
func standInCode(t *testing.T) []byte {
	code, _, err := runtime.Execute(common.FromHex(test.WarpStandInMetaData.Bin), nil, nil)
	require.NoError(t, err)
	return code
}

// node is a node of the EVM chain, which makes a block of each transaction that it is sent. It verifies the Warp messages
// in a transaction's access list as the platform does, and tells the stand-in those that are valid.
type node struct {
	simulated.Client
	world *world
	crash int // the call in which the relayer crashes: none after it comes through; 0: none
	calls int
	mu    sync.Mutex // guards both
}

// crashes counts a call.
func (n *node) crashes() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.calls++; n.crash > 0 && n.calls >= n.crash {
		return errCrash
	}
	return nil
}

func (n *node) NonceAt(ctx context.Context, account common.Address, block *big.Int) (uint64, error) {
	if err := n.crashes(); err != nil {
		return 0, err
	}
	return n.Client.NonceAt(ctx, account, block)
}

func (n *node) TransactionReceipt(ctx context.Context, id common.Hash) (*types.Receipt, error) {
	if err := n.crashes(); err != nil {
		return nil, err
	}
	return n.Client.TransactionReceipt(ctx, id)
}

func (n *node) PendingNonceAt(ctx context.Context, account common.Address) (uint64, error) {
	if err := n.crashes(); err != nil {
		return 0, err
	}
	return n.Client.PendingNonceAt(ctx, account)
}

func (n *node) SendTransaction(ctx context.Context, tx *types.Transaction) error {
	if err := n.crashes(); err != nil {
		return err
	}
	nonce, err := n.Client.NonceAt(ctx, common.Address(crypto.PubkeyToAddress(n.world.key.PublicKey)), nil)
	if err != nil || tx.Nonce() < nonce {
		return errors.Join(err, errors.New("nonce too low"))
	}
	if err := n.world.verifies(ctx, tx.AccessList()); err != nil {
		return err
	}
	if err := n.Client.SendTransaction(ctx, tx); err != nil {
		return err
	}
	n.world.simulated.Commit()
	return n.crashes() // in a block, and the relayer does not know
}

// verifies tells the stand-in which messages of an access list are signed by the validators.
func (w *world) verifies(ctx context.Context, list types.AccessList) error {
	if len(list) == 0 && w.escrow == w.log { // nobody reads any
		return nil
	}
	set, err := w.sessions.GetValidators(ctx, client.GetValidatorsParams{})
	if err != nil {
		return err
	}
	validators, err := warp.ParseValidatorSet(set.ValidatorSet)
	if err != nil {
		return err
	}
	verifier := warp.Verifier{NetworkID: set.NetworkID, ChainID: w.chainID, Ciphersuite: warp.Ciphersuite(set.Ciphersuite)}
	inputs := [][]byte{test.NewWarpStandIn().PackClear()}
	for _, tuple := range list {
		var padded []byte
		for _, key := range tuple.StorageKeys {
			padded = append(padded, key[:]...)
		}
		m, err := warp.ParseMessage(bytes.TrimSuffix(bytes.TrimRight(padded, "\x00"), []byte{0xff}))
		if err != nil {
			return err
		}
		if _, err := verifier.VerifyMessage(m, validators); err != nil {
			return err
		}
		if hash, err := warp.ParseHashPayload(m.Payload); err == nil {
			inputs = append(inputs, test.NewWarpStandIn().PackPutBlock(m.SourceChainID, hash))
			continue
		}
		call, err := warp.ParseAddressedCall(m.Payload)
		if err != nil {
			return err
		}
		inputs = append(inputs, test.NewWarpStandIn().PackPut(m.SourceChainID, common.BytesToAddress(call.SourceAddress), call.Payload))
	}
	platform, err := NewEVM(ctx, &node{Client: w.simulated.Client(), world: w}, w.platform)
	if err != nil {
		return err
	}
	for _, input := range inputs {
		tx, err := platform.Sign(ctx, Call{To: &warpAddress, Input: input})
		if err != nil {
			return err
		}
		if err := w.simulated.Client().SendTransaction(ctx, tx); err != nil {
			return err
		}
		w.simulated.Commit()
	}
	return nil
}

// deposits deposits an amount with the key of the relayer, and returns its ID.
func (w *world) deposits(d contracts.SessionEscrowDeposit) uint64 {
	w.Helper()
	d.Payee, d.Amount, d.Session = payee, big.NewInt(1000), w.session
	if d.Deadline == 0 {
		d.Deadline = uint64(time.Now().Add(time.Hour).UnixMilli())
	}
	receipt, err := w.evm.Do(w.Context(), DepositCall(w.escrow, d))
	require.NoError(w, err)
	made, err := Deposited(receipt, d)
	require.NoError(w, err)
	return made.ID
}

// relayer opens a relayer whose process crashes in one of its calls of the EVM chain; 0: in none.
func (w *world) relayer(crash int) *Relayer {
	w.Helper()
	evm, err := NewEVM(w.Context(), &node{Client: w.simulated.Client(), world: w, crash: crash}, w.key)
	require.NoError(w, err)
	config := Config{
		Sessions: w.sessions, EVM: evm, Escrow: w.escrow, For: w.of, File: w.file, Senders: w.senders,
	}
	if w.log != (common.Address{}) {
		config.Log, config.LogSessions = w.log, []ids.ID{w.session}
	}
	r, err := Open(w.Context(), config)
	require.NoError(w, err)
	return r
}

// does relays until there is nothing to do, or the relayer crashes.
func relays(r *Relayer) (done []*Done, err error) {
	for {
		d, err := r.Step(context.Background())
		if err != nil || d == nil {
			return done, errors.Join(err, r.Close())
		}
		done = append(done, d)
	}
}

// TestEverythingIsDoneOnceWhereverTheRelayerCrashes: in each of its calls of the EVM chain, before and after a transaction
// is in a block.
func TestEverythingIsDoneOnceWhereverTheRelayerCrashes(t *testing.T) {
	w := newWorld(t)
	crashed := 0
	for crash := 1; crash == 1 || crashed == crash-1; crash++ {
		w.file = filepath.Join(t.TempDir(), "relay.json")
		paid := w.deposits(contracts.SessionEscrowDeposit{Sequence: uint64(len(w.sent) + 1)})
		back := w.deposits(contracts.SessionEscrowDeposit{Sequence: 1000, Deadline: 1})
		w.says(fmt.Sprintf("what is paid for, %d", crash))
		before := w.nonce()
		done, err := relays(w.relayer(crash))
		if errors.Is(err, errCrash) {
			crashed++
			more, err := relays(w.relayer(0))
			require.NoError(t, err)
			done = append(done, more...)
		} else {
			require.NoError(t, err)
		}
		require.EqualValues(t, 3, w.nonce()-before, "a payment, a refund and a record: no transaction twice; crash %d: %+v", crash, done)
		all, err := Deposits(t.Context(), w.evm, w.escrow, paid)
		require.NoError(t, err)
		require.Len(t, all, 2)
		require.False(t, all[0].Open() || all[1].Open(), "%d, %d: %+v", paid, back, done)
		entry, err := Entry(t.Context(), w.evm, w.log, w.sent[len(w.sent)-1])
		require.NoError(t, err)
		require.EqualValues(t, len(w.sent), entry.Sequence)
		require.NotZero(t, entry.Timestamp)
	}
	require.Greater(t, crashed, 10)
	balance, err := w.simulated.Client().BalanceAt(t.Context(), payee, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1000*len(w.sent), balance.Uint64())
}

func (w *world) nonce() uint64 {
	nonce, err := w.simulated.Client().NonceAt(w.Context(), w.evm.Address(), nil)
	require.NoError(w, err)
	return nonce
}

// TestARelayerSettlesWhatCanBeShown, each kind of deposit, and leaves those of others.
func TestARelayerSettlesWhatCanBeShown(t *testing.T) {
	w := newWorld(t)
	w.file = filepath.Join(t.TempDir(), "relay.json")
	alice, bob := w.people[0], w.people[1]
	reader := bob.ID()
	w.says("one")
	past := uint64(1)
	for name, example := range map[string]struct {
		contracts.SessionEscrowDeposit
		settled bool
		paid    bool
	}{
		"the message that is there":                {contracts.SessionEscrowDeposit{Message: w.sent[0]}, true, true},
		"any message":                              {contracts.SessionEscrowDeposit{Sequence: 1, Deadline: past}, true, true},
		"none yet":                                 {contracts.SessionEscrowDeposit{Sequence: 2}, false, false},
		"none in time":                             {contracts.SessionEscrowDeposit{Sequence: 2, Deadline: past}, true, false},
		"another message":                          {contracts.SessionEscrowDeposit{Message: ids.ID{1}, Deadline: past}, true, false},
		"a receipt that may come":                  {contracts.SessionEscrowDeposit{Sequence: 1, Reader: reader}, false, false},
		"a receipt that did not come":              {contracts.SessionEscrowDeposit{Sequence: 1, Reader: reader, Deadline: past}, true, false},
		"the same, of a message that is not there": {contracts.SessionEscrowDeposit{Message: ids.ID{1}, Reader: reader, Deadline: past}, true, false},
	} {
		t.Run(name, func(t *testing.T) { w.settles(t, example.SessionEscrowDeposit, example.settled, example.paid) })
	}
	first, err := w.sessions.GetMessage(t.Context(), client.GetMessageParams{SessionID: w.session, Sequence: 1})
	require.NoError(t, err)
	w.does(bob, &chain.Acknowledge{Session: w.session, Participant: bob.ID(), Sequence: 1, Transcript: first.Message.Transcript})
	w.says("two")
	_, err = relays(w.relayer(0)) // what could not be shown before
	require.NoError(t, err)
	for name, example := range map[string]struct {
		contracts.SessionEscrowDeposit
		settled bool
		paid    bool
	}{
		"a receipt":                       {contracts.SessionEscrowDeposit{Sequence: 1, Reader: reader}, true, true},
		"a receipt of a message":          {contracts.SessionEscrowDeposit{Message: w.sent[0], Reader: reader}, true, true},
		"one of the message before":       {contracts.SessionEscrowDeposit{Message: w.sent[1], Reader: reader}, false, false},
		"the same, too late":              {contracts.SessionEscrowDeposit{Message: w.sent[1], Reader: reader, Deadline: past}, true, false},
		"one of the sender, who has none": {contracts.SessionEscrowDeposit{Sequence: 2, Reader: alice.ID(), Deadline: past}, true, false},
	} {
		t.Run(name, func(t *testing.T) { w.settles(t, example.SessionEscrowDeposit, example.settled, example.paid) })
	}
}

// TestARelayerRefundsNobodyElse: who deposits for its payee does not have it pay for a refund that fails each time.
func TestARelayerRefundsNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.file = filepath.Join(t.TempDir(), "relay.json")
	w.of = []common.Address{payee}
	w.says("one")
	w.settles(t, contracts.SessionEscrowDeposit{Sequence: 2, Deadline: 1}, false, false)
	w.settles(t, contracts.SessionEscrowDeposit{Sequence: 1, Deadline: 1}, true, true)
}

// settles has a relayer look at a deposit, and requires what becomes of it.
func (w *world) settles(t *testing.T, d contracts.SessionEscrowDeposit, settled, paid bool) {
	before, err := w.simulated.Client().BalanceAt(t.Context(), payee, nil)
	require.NoError(t, err)
	id := w.deposits(d)
	_, err = relays(w.relayer(0))
	require.NoError(t, err)
	all, err := Deposits(t.Context(), w.evm, w.escrow, id)
	require.NoError(t, err)
	require.Equal(t, settled, !all[0].Open())
	after, err := w.simulated.Client().BalanceAt(t.Context(), payee, nil)
	require.NoError(t, err)
	require.Equal(t, paid, after.Cmp(before) > 0)
}

// TestALongSessionIsScannedInParts before a refund, one transaction for each.
func TestALongSessionIsScannedInParts(t *testing.T) {
	before := scanAtOnce
	scanAtOnce = 2
	t.Cleanup(func() { scanAtOnce = before })
	w := newWorld(t)
	w.file = filepath.Join(t.TempDir(), "relay.json")
	for i := range 5 {
		w.says(fmt.Sprint(i))
	}
	w.log = common.Address{} // nothing is recorded
	used := w.nonce() + 1
	w.settles(t, contracts.SessionEscrowDeposit{Message: ids.ID{1}, Deadline: 1}, true, false)
	require.EqualValues(t, 3, w.nonce()-used, "two scans and a refund")
}
