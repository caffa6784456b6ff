package relay

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/crypto"
	"github.com/luxfi/geth"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/contracts"
	"github.com/luxfi/session/warp/contracts/test"
)

// Where the network test runs TestContractsOfANetworkRefuse.
var (
	networkNode     = flag.String("network-node", "", "JSON-RPC address of a node of a session chain in a network")
	networkEVM      = flag.String("network-evm", "", "that of a node of the EVM chain beside it")
	networkKey      = flag.String("network-key", "", "file with a private key that has funds there, in hex")
	networkSessions = flag.String("network-sessions", "", "the IDs of a public session of two messages or more, and of another one of one or more")
)

const (
	// blockGas is what a block of the network's EVM chain has, and flippedAtOnce of how many changed Warp messages one takes:
	// 165,000 gas each, most of it for the check of a signature.
	blockGas      = 15_000_000
	flippedAtOnce = 80
	// longestNetworkCall bounds a step in the network, of about a block each.
	longestNetworkCall = 30 * time.Second
)

// network is a network's two chains, and a Caller on the EVM chain: Warp messages that a transaction brings are there for all of its
// steps. (A call of eth_call has none: nodes verify Warp messages in blocks alone.)
type network struct {
	*testing.T
	sessions        *client.Client
	evm             *EVM
	chainID, source ids.ID // of the session chain, and of the EVM chain
	caller          common.Address
	nonce           uint64
}

func joinNetwork(t *testing.T) *network {
	n := &network{T: t}
	var err error
	n.sessions, err = client.New(*networkNode, client.Options{})
	require.NoError(t, err)
	content, err := os.ReadFile(*networkKey)
	require.NoError(t, err)
	key, err := crypto.HexToECDSA(strings.TrimSpace(string(content)))
	require.NoError(t, err)
	n.evm, err = DialEVM(t.Context(), *networkEVM, key)
	require.NoError(t, err)
	n.chainID, err = n.sessions.ChainID(t.Context())
	require.NoError(t, err)
	n.source, err = n.evm.Blockchain(t.Context())
	require.NoError(t, err)
	n.nonce, err = n.evm.backend.PendingNonceAt(t.Context(), n.evm.Address())
	require.NoError(t, err)
	n.caller = common.CreateAddress(n.evm.Address(), n.nonce)
	return n
}

// sign returns a transaction with the key's next nonce and most of a block's gas, which no node can estimate.
func (n *network) sign(call Call, gas uint64) *types.Transaction {
	n.Helper()
	var list types.AccessList
	for _, message := range call.Warp {
		list = append(list, types.AccessTuple{Address: warpAddress, StorageKeys: predicate(message)})
	}
	tx, err := types.SignNewTx(n.evm.key, types.LatestSignerForChainID(n.evm.chainID), &types.DynamicFeeTx{
		ChainID: n.evm.chainID, Nonce: n.nonce, GasTipCap: big.NewInt(1e9), GasFeeCap: big.NewInt(1e12), Gas: gas, To: call.To, Value: call.Value,
		Data: call.Input, AccessList: list,
	})
	require.NoError(n, err)
	n.nonce++
	return tx
}

// steps returns what has the Caller take steps, which it has the Warp messages for.
func (n *network) steps(warp [][]byte, steps ...test.CallerStep) Call {
	value := new(big.Int)
	for _, s := range steps {
		value.Add(value, s.Value)
	}
	return Call{To: &n.caller, Value: value, Input: test.NewCaller().PackRun(steps), Warp: warp}
}

func step(to common.Address, input []byte) test.CallerStep {
	return test.CallerStep{To: to, Value: new(big.Int), Input: input}
}

// answered returns what the steps of a transaction were answered.
func (n *network) answered(tx *types.Transaction) (answers []*test.CallerAnswered, receipt *types.Receipt) {
	ctx, cancel := context.WithTimeout(n.Context(), longestNetworkCall)
	defer cancel()
	receipt, err := n.evm.Submit(ctx, tx)
	require.NoError(n, err)
	for _, log := range receipt.Logs {
		if log.Address == n.caller {
			a, err := test.NewCaller().UnpackAnsweredEvent(log)
			require.NoError(n, err)
			answers = append(answers, a)
		}
	}
	return answers, receipt
}

// signed returns the delivery of a message, with the signatures of the session chain's validators.
func (n *network) signed(session ids.ID, sequence uint64) (*client.Message, []byte) {
	m, err := n.sessions.GetMessage(n.Context(), client.GetMessageParams{SessionID: session, Sequence: sequence})
	require.NoError(n, err)
	delivery, err := n.sessions.GetWarpMessage(n.Context(), client.GetWarpMessageParams{TransactionID: m.Message.ID})
	require.NoError(n, err)
	return &m.Message, delivery.Signed
}

// forged returns what the Caller has sent as Warp messages of the EVM chain, signed by its validators.
func (n *network) forged(receipt *types.Receipt) (signed [][]byte) {
	for _, log := range receipt.Logs {
		if log.Address != warpAddress {
			continue
		}
		require.Eventually(n, func() bool {
			message, err := n.evm.backend.SignedWarpMessage(n.Context(), ids.ID(log.Topics[2]))
			signed = append(signed, message)
			return err == nil
		}, longestNetworkCall, time.Millisecond)
	}
	return signed
}

// hostile is a call that a contract takes, or refuses with a reason.
type hostile struct {
	name   string
	to     common.Address
	input  []byte
	unpack func([]byte) (any, error)
	reason any // nil: it is taken; []string: one of these names
}

// proofReasons are the names of the reasons why a proof is refused.
var proofReasons = []string{"NotAProof", "Malformed", "WrongKey", "WrongRoot", "NotNeighbours"}

// noReason is how the Warp precompile fails that is asked for a message of one kind and finds one of the other.
const noReason = "none: the precompile fails"

// nameOf returns a reason's name, without that of the contract.
func nameOf(reason any) string {
	name := fmt.Sprintf("%T", reason)
	for _, contract := range []string{"*contracts.SessionEscrow", "*test.Inbox", "*test.Proofs"} {
		name = strings.TrimPrefix(name, contract)
	}
	return name
}

// requireReason requires that a call was refused with a reason.
func (n *network) requireReason(h hostile, answer []byte) {
	n.Helper()
	if h.reason == noReason {
		require.Empty(n, answer, h.name)
		n.Logf("%s: refused without a reason", h.name)
		return
	}
	reason, err := h.unpack(answer)
	require.NoError(n, err, "%s: %x", h.name, answer)
	n.Logf("%s: %s", h.name, nameOf(reason))
	switch want := h.reason.(type) {
	case []string:
		require.Contains(n, want, nameOf(reason), h.name)
	default:
		shown := func(reason any) string { return fmt.Sprintf("%T%+v", reason, reason) } // a zero of package big has two forms
		require.Equal(n, shown(want), shown(reason), h.name)
	}
}

// TestContractsOfANetworkRefuse: real contracts, Warp messages that real validators have signed, and the reasons of the real chain.
func TestContractsOfANetworkRefuse(t *testing.T) {
	if *networkNode == "" {
		t.Skip("needs a network: make test-network runs it")
	}
	n := joinNetwork(t)
	one, other, _ := strings.Cut(*networkSessions, ",")
	session, err := ids.FromString(one)
	require.NoError(t, err)
	elsewhere, err := ids.FromString(other)
	require.NoError(t, err)
	first, firstSigned := n.signed(session, 1)
	second, secondSigned := n.signed(session, 2)
	_, elsewhereSigned := n.signed(elsewhere, 1)
	last, err := lastBlock(t.Context(), n.sessions)
	require.NoError(t, err)
	before, err := n.sessions.GetHeader(t.Context(), client.BlockParams{Height: &first.Height})
	require.NoError(t, err)

	// The Caller makes the contracts and deposits, and says on its own chain what validators of the session chain would never sign.
	escrowAt, inboxAt := common.CreateAddress(n.caller, 1), common.CreateAddress(n.caller, 2)
	ownInboxAt, proofsAt := common.CreateAddress(n.caller, 3), common.CreateAddress(n.caller, 4)
	absent := ids.ID{0xab, 0x5e, 0x17}
	deposit := func(session, message ids.ID, sequence uint64) test.CallerStep {
		call := DepositCall(escrowAt, contracts.SessionEscrowDeposit{
			Payee: payee, Amount: common.Big1, Session: session, Message: message, Sequence: sequence, Deadline: last.header.Timestamp,
		})
		return test.CallerStep{To: escrowAt, Value: call.Value, Input: call.Input}
	}
	says := func(d *warp.Delivery) test.CallerStep {
		return step(warpAddress, messenger.PackSendWarpMessage(d.Bytes()))
	}
	message, err := warp.ParseMessage(firstSigned)
	require.NoError(t, err)
	delivery, err := message.Delivery()
	require.NoError(t, err)
	own := func(sequence, height uint64) *warp.Delivery {
		return &warp.Delivery{Type: warp.MessageType, ChainID: n.source, Height: height, Session: session, Sequence: sequence, Sender: ids.ID(common.LeftPadBytes(n.caller[:], 32))}
	}
	code := func(bin string, constructor []byte) test.CallerStep {
		return step(common.Address{}, append(common.FromHex(bin), constructor...))
	}
	inbox := test.NewInbox()
	deployment := n.sign(Call{Input: common.FromHex(test.CallerMetaData.Bin)}, blockGas/10)
	preparation := n.sign(n.steps(nil,
		code(contracts.SessionEscrowMetaData.Bin, escrow.PackConstructor(n.chainID)), code(test.InboxMetaData.Bin, inbox.PackConstructor(n.chainID)),
		code(test.InboxMetaData.Bin, inbox.PackConstructor(n.source)), code(test.ProofsMetaData.Bin, nil),
		deposit(session, first.ID, 0), deposit(absent, ids.Empty, 1), deposit(session, ids.Empty, 1),
		says(delivery), says(own(2, 10)), says(own(3, 9)),
	), blockGas*8/10)
	require.NoError(t, n.evm.backend.SendTransaction(t.Context(), deployment))
	answers, receipt := n.answered(preparation)
	for i, a := range answers {
		require.True(t, a.Done, "step %d: %x", i, a.Answer)
	}
	forged := n.forged(receipt)
	require.Len(t, forged, 3)

	certified, err := last.certify(t.Context(), func([]byte) []byte { return nil })
	require.NoError(t, err)
	early, err := (&block{n.sessions, before.Header.Header}).certify(t.Context(), func([]byte) []byte { return nil })
	require.NoError(t, err)
	absence, err := last.prove(t.Context(), chain.SessionKey(absent), client.GetProofParams{SessionID: absent})
	require.NoError(t, err)
	brought := [][]byte{certified.Warp[0], early.Warp[0], firstSigned, secondSigned, elsewhereSigned, forged[0], forged[1], forged[2]}
	const ofLast, ofEarly, ofFirst, ofSecond, ofElsewhere, ofForged, ofOwn, ofOlder, ofNone = 0, 1, 2, 3, 4, 5, 6, 7, 8
	claim := func(name string, id int64, index uint32, reason any) hostile {
		return hostile{name, escrowAt, escrow.PackClaim(big.NewInt(id), index), escrow.UnpackError, reason}
	}
	take := func(name string, at common.Address, index uint32, reason any) hostile {
		return hostile{name, at, inbox.PackTake(index), inbox.UnpackError, reason}
	}
	header := last.header.Bytes()
	refund := func(name string, index uint32, header, proof []byte, reason any) hostile {
		return hostile{name, escrowAt, escrow.PackRefund(big.NewInt(1), index, header, proof, nil), escrow.UnpackError, reason}
	}
	all := []hostile{
		claim("a delivery that another chain's validators have signed", 0, ofForged, &contracts.SessionEscrowWrongChain{Expected: n.chainID, Got: n.source}),
		claim("a delivery of another session", 0, ofElsewhere, &contracts.SessionEscrowWrongSession{Expected: session, Got: elsewhere}),
		claim("a delivery of another message", 0, ofSecond, &contracts.SessionEscrowWrongMessage{Expected: first.ID, Got: second.ID}),
		claim("a certificate of a block for a delivery", 0, ofLast, noReason),
		claim("no Warp message", 0, ofNone, &contracts.SessionEscrowNotVerified{Index: ofNone}),
		claim("the delivery", 0, ofFirst, nil),
		claim("a second claim", 0, ofFirst, &contracts.SessionEscrowAlreadySettled{Id: new(big.Int)}),
		take("another chain's delivery for an inbox", inboxAt, ofForged, &test.InboxWrongChain{Expected: n.chainID, Got: n.source}),
		take("the second message", inboxAt, ofSecond, nil),
		take("the same delivery again", inboxAt, ofSecond, &test.InboxReplayed{Session: session, Taken: 2, Sequence: 2}),
		take("the one before it", inboxAt, ofFirst, &test.InboxReplayed{Session: session, Taken: 2, Sequence: 1}),
		take("a delivery at height 10", ownInboxAt, ofOwn, nil),
		take("the next one at an older height", ownInboxAt, ofOlder, &test.InboxOlderHeight{Taken: 10, Height: 9}),
		refund("a block before the deadline", ofEarly, before.Header.Header.Bytes(), absence.Commitment,
			&contracts.SessionEscrowBeforeDeadline{Deadline: last.header.Timestamp, Timestamp: before.Header.Header.Timestamp}),
		refund("a delivery for a certificate of a block", ofFirst, header, absence.Commitment, noReason),
	}
	const stride = 61 // so that all fit into a block; provesNoFlip changes every byte of the proof
	for i := 0; i < len(header); i += stride {
		all = append(all, refund(fmt.Sprintf("byte %d of the header changed", i), ofLast, flipped(header, i), absence.Commitment, []string{"WrongHeader"}))
	}
	for i := 0; i < len(absence.Commitment); i += stride {
		all = append(all, refund(fmt.Sprintf("byte %d of the proof of absence changed", i), ofLast, header, flipped(absence.Commitment, i), proofReasons))
	}
	all = append(all, refund("the proof of absence", ofLast, header, absence.Commitment, nil),
		refund("a second refund", ofLast, header, absence.Commitment, &contracts.SessionEscrowAlreadySettled{Id: common.Big1}))
	var calls []test.CallerStep
	for _, h := range all {
		calls = append(calls, step(h.to, h.input))
	}
	attack := n.sign(n.steps(brought, calls...), blockGas*99/100)
	answers, receipt = n.answered(attack)
	require.Len(t, answers, len(all))
	for i, h := range all {
		require.Equal(t, h.reason == nil, answers[i].Done, h.name)
		if h.reason != nil {
			n.requireReason(h, answers[i].Answer)
		}
	}
	t.Logf("%d calls in a transaction of %d gas", len(all), receipt.GasUsed)
	n.refusesEveryFlip(firstSigned, escrowAt)
	n.provesNoFlip(proofsAt, last.header.StateRoot, chain.SessionKey(absent), absence.Commitment)
}

// flipped returns b with one bit of a byte changed.
func flipped(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1 << (i % 8)
	return b
}

// refusesEveryFlip brings a signed delivery with each byte changed for a deposit that it would pay. What is no Warp message any more is
// refused by the node, and what is by the contract.
func (n *network) refusesEveryFlip(signed []byte, escrowAt common.Address) {
	claim := func(index int) test.CallerStep { return step(escrowAt, escrow.PackClaim(big.NewInt(2), uint32(index))) }
	var wellFormed [][]byte
	for i := range signed {
		changed := flipped(signed, i)
		m, err := warp.ParseMessage(changed)
		if err == nil {
			_, err = warp.ParseAddressedCall(m.Payload)
		}
		if err == nil {
			wellFormed = append(wellFormed, changed)
			continue
		}
		err = n.evm.backend.SendTransaction(n.Context(), n.sign(n.steps([][]byte{changed}, claim(0)), warpGas))
		n.nonce--
		require.ErrorContains(n, err, "cannot unpack warp message", "byte %d", i)
	}
	n.Logf("of %d bytes of a signed delivery: each changed byte of %d has the node refuse the transaction: cannot unpack warp message", len(signed), len(signed)-len(wellFormed))
	var txs []*types.Transaction
	for batch := range slices.Chunk(wellFormed, flippedAtOnce) {
		var claims []test.CallerStep
		for i := range batch {
			claims = append(claims, claim(i))
		}
		tx := n.sign(n.steps(batch, claims...), blockGas*99/100)
		require.NoError(n, n.evm.backend.SendTransaction(n.Context(), tx))
		txs = append(txs, tx)
	}
	refused := 0
	for _, tx := range txs { // each is in a block of its own
		answers, _ := n.answered(tx)
		for i, a := range answers {
			require.False(n, a.Done)
			reason, err := escrow.UnpackError(a.Answer)
			require.NoError(n, err, "%x", a.Answer)
			require.Equal(n, &contracts.SessionEscrowNotVerified{Index: uint32(i)}, reason)
			refused++
		}
	}
	require.Len(n, wellFormed, refused)
	n.Logf("each changed byte of the other %d: NotVerified", refused)
}

// provesNoFlip shows an ICS-23 proof with each byte changed to the library on the chain, by eth_call: proofs need no Warp message.
func (n *network) provesNoFlip(at common.Address, root chain.Hash, key, proof []byte) {
	n.Helper()
	proofs := test.NewProofs()
	var calls []test.CallerStep
	for i := range proof {
		calls = append(calls, step(at, proofs.PackAbsent(root, key, flipped(proof, i))))
	}
	calls = append(calls, step(at, proofs.PackAbsent(root, key, proof)))
	var answers [][]byte
	for batch := range slices.Chunk(calls, 200) {
		output, err := n.evm.backend.CallContract(n.Context(), ethereum.CallMsg{To: &n.caller, Data: test.NewCaller().PackRun(batch)}, nil)
		require.NoError(n, err)
		some, err := test.NewCaller().UnpackRun(output)
		require.NoError(n, err)
		answers = append(answers, some...)
	}
	require.Len(n, answers, len(proof)+1)
	require.Empty(n, answers[len(proof)], "the proof itself")
	reasons := make(map[string]int)
	for i := range proof {
		reason, err := proofs.UnpackError(answers[i])
		require.NoError(n, err, "byte %d: %x", i, answers[i])
		require.Contains(n, proofReasons, nameOf(reason), "byte %d", i)
		reasons[nameOf(reason)]++
	}
	n.Logf("each of %d bytes of a proof of absence changed: %v", len(proof), reasons)
}
