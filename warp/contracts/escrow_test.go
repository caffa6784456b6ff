package contracts

import (
	"math/big"
	"slices"
	"testing"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/vm"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/warp"

	"github.com/luxfi/session/warp/contracts/test"
)

var (
	testChain   = ids.ID{'c', 'h', 'a', 'i', 'n'}
	testSession = ids.ID{7, 1}
	testSender  = ids.ID{'a', 'l', 'i', 'c', 'e', 31: 'A'}
	testReader  = ids.ID{'b', 'o', 'b', 31: 'B'}
	testMessage = ids.ID{2, 2}
	payee       = common.Address{'p', 'a', 'y', 'e', 'e'}
	payer       = common.Address{1} // the testEVM's origin
)

const (
	testDeadline = 5000
	testHeight   = 10
	amount       = 1000
)

// scene is a chain on which a session has some messages, and the reader has read up to one of them.
type scene struct {
	*testTree
	header *chain.Header
	said   []SessionStateSaid
}

// newScene returns the scene in a block, of the message IDs in order. The reader has no receipt if it has read none.
func newScene(t testing.TB, read uint64, messages ...ids.ID) *scene {
	s := &scene{header: &chain.Header{Version: 1, ChainID: testChain, Parent: ids.ID{9}, Height: 20, Timestamp: testDeadline, PChainHeight: 3}}
	leaves := [][2][]byte{{chain.TotalsKey(), []byte{1}}, {chain.IdentityKey(testSender), []byte{2}}, {chain.UsageKey(testSender), []byte{3}}}
	record := &chain.Session{Status: chain.SessionActive, Participants: []ids.ID{testSender, testReader}, Created: 100, Expires: 100_000, Number: 1, Acted: []bool{true, true}}
	transcript := chain.FirstTranscript(testSession)
	for i, id := range messages {
		m := &chain.Message{ID: id, Session: testSession, Sender: testSender, Sequence: uint64(i + 1), Timestamp: uint64(200 + i), Previous: record.Head}
		record.Messages, record.Head = m.Sequence, uint64(5+i)
		transcript = chain.NextTranscript(transcript, id, m.Timestamp)
		m.Transcript = transcript
		leaves = append(leaves, [2][]byte{chain.MessageKey(record.Head), m.Bytes()})
		s.said = append(s.said, SessionStateSaid{id, m.Timestamp})
		if m.Sequence == read {
			r := &chain.Receipt{Sequence: read, Timestamp: 300, Transaction: ids.ID{3}, Transcript: transcript}
			leaves = append(leaves, [2][]byte{chain.ReceiptKey(testSession, testReader), r.Bytes()})
		}
	}
	record.Transcript = transcript
	if len(messages) > 0 {
		leaves = append(leaves, [2][]byte{chain.SessionKey(testSession), record.Bytes()})
	}
	s.testTree = newTestTree(t, leaves...)
	s.header.StateRoot = s.root
	return s
}

// at returns the proof of a message by its sequence.
func (s *scene) at(sequence uint64) []byte { return s.prove(chain.MessageKey(4 + sequence)) }

func (s *scene) receipt() []byte { return s.prove(chain.ReceiptKey(testSession, testReader)) }

// certificate returns what puts the scene's block into the stand-in.
func (s *scene) certificate() []byte {
	return test.NewWarpStandIn().PackPutBlock(testChain, s.header.ID())
}

func testDelivery() *warp.Delivery {
	return &warp.Delivery{
		Type: warp.MessageType, ChainID: testChain, Height: testHeight, StateRoot: chain.Hash{4}, Session: testSession, Transaction: testMessage,
		Sequence: 2, Sender: testSender,
	}
}

// deliver returns what puts a delivery into the stand-in.
func deliver(d *warp.Delivery) []byte { return message(d.ChainID, d.Sender, d.Bytes()) }

// escrow is a deployed SessionEscrow with one deposit, number 0.
type escrow struct {
	*testEVM
	*SessionEscrow
	at common.Address
}

func newEscrow(t testing.TB, reader ids.ID) *escrow { return newEscrowFor(t, testMessage, 0, reader) }

func newEscrowFor(t testing.TB, message ids.ID, sequence uint64, reader ids.ID) *escrow {
	e := &escrow{testEVM: newTestEVM(t), SessionEscrow: NewSessionEscrow()}
	e.at = e.deploy(SessionEscrowMetaData.Bin, e.PackConstructor(testChain))
	e.give(payer, amount)
	_, err := e.call(e.at, e.PackDeposit(payee, testSession, message, sequence, reader, testDeadline), amount)
	require.NoError(t, err)
	require.Zero(t, e.balance(payer))
	return e
}

func (e *escrow) refuses(input []byte, want any) {
	e.t.Helper()
	e.testEVM.refuses(e.at, input, e.UnpackError, want)
	require.EqualValues(e.t, amount, e.balance(e.at), "nothing is paid")
}

// pays makes a call that pays the deposit to somebody, and nobody can have it once more.
func (e *escrow) pays(to common.Address, input []byte) {
	e.t.Helper()
	e.does(e.at, input)
	gas := e.gas
	require.EqualValues(e.t, amount, e.balance(to))
	require.Zero(e.t, e.balance(e.at))
	settled := &SessionEscrowAlreadySettled{zero}
	for _, again := range [][]byte{
		input, e.PackClaim(zero, 0), e.PackRefund(zero, 0, nil, nil, nil), e.PackRefundUnread(zero, 0, nil, nil, nil),
	} {
		e.testEVM.refuses(e.at, again, e.UnpackError, settled)
	}
	e.gas = gas
}

var zero = new(big.Int)

func TestAnEscrowPaysForADelivery(t *testing.T) {
	e := newEscrow(t, ids.Empty)
	output := e.does(e.at, e.PackDeposits(zero))
	deposit, err := e.UnpackDeposits(output)
	require.NoError(t, err)
	require.Equal(t, SessionEscrowDeposit{payer, payee, big.NewInt(amount), testSession, testMessage, 0, [32]byte{}, testDeadline}, deposit)

	claim := e.PackClaim(zero, 0)
	e.verified()
	e.refuses(claim, &SessionEscrowNotVerified{0})
	e.refuses(e.PackClaim(big.NewInt(1), 0), &SessionEscrowNoSuchDeposit{big.NewInt(1)})
	e.refuses(e.PackDeposit(payee, testSession, testMessage, 0, ids.Empty, 0), &SessionEscrowNothingDeposited{})
	e.verified(deliver(testReceipt(3)))
	e.refuses(claim, &SessionEscrowNotADelivery{})
	e.refuses(e.PackRefundUnread(zero, 0, nil, nil, nil), &SessionEscrowNoReceiptNeeded{})
	other := ids.ID{0xff}
	for _, test := range []struct {
		change func(*warp.Delivery)
		want   any
	}{
		{func(d *warp.Delivery) { d.ChainID = other }, &SessionEscrowWrongChain{testChain, other}},
		{func(d *warp.Delivery) { d.Session = other }, &SessionEscrowWrongSession{testSession, other}},
		{func(d *warp.Delivery) { d.Transaction = other }, &SessionEscrowWrongMessage{testMessage, other}},
	} {
		d := testDelivery()
		test.change(d)
		e.verified(deliver(d))
		e.refuses(claim, test.want)
	}
	bytes := testDelivery().Bytes()
	e.verified(message(testChain, testSender, other[:]), message(testChain, testSender, slices.Concat(bytes, bytes[:1])), message(testChain, testSender, nil),
		message(testChain, testSender, slices.Concat([]byte{2}, bytes[1:])), message(testChain, testReader, bytes), message(other, testSender, bytes))
	for index := range uint32(5) {
		e.refuses(e.PackClaim(zero, index), &SessionEscrowNotADelivery{})
	}
	e.refuses(e.PackClaim(zero, 5), &SessionEscrowWrongChain{testChain, other})

	e.verified(deliver(testDelivery()))
	e.pays(payee, claim)
}

// TestAnEscrowPaysForAnyMessageFromASequenceOn, or for a receipt of it, and refunds what a shorter session shows.
func TestAnEscrowPaysForAnyMessageFromASequenceOn(t *testing.T) {
	e := newEscrowFor(t, ids.Empty, 3, ids.Empty)
	e.give(payer, 1)
	output, err := e.call(e.at, e.PackDeposit(payee, testSession, ids.Empty, 0, ids.Empty, 0), 1)
	require.ErrorIs(t, err, vm.ErrExecutionReverted)
	reason, err := e.UnpackError(output)
	require.NoError(t, err)
	require.Equal(t, &SessionEscrowNoMessage{}, reason)
	d := testDelivery()
	e.verified(deliver(d))
	e.refuses(e.PackClaim(zero, 0), &SessionEscrowSequenceTooLow{3, 2})
	d.Sequence = 4
	e.verified(deliver(d))
	e.pays(payee, e.PackClaim(zero, 0))

	first := ids.ID{1, 1}
	long, short := newScene(t, 3, first, testMessage, ids.ID{3}), newScene(t, 2, first, testMessage)
	for name, s := range map[string]*scene{"a shorter session": short, "no session": newScene(t, 0)} {
		t.Run(name, func(t *testing.T) {
			e := newEscrowFor(t, ids.Empty, 3, ids.Empty)
			e.verified(long.certificate())
			e.refuses(e.PackRefund(zero, 0, long.header.Bytes(), long.prove(chain.SessionKey(testSession)), nil), &SessionEscrowWasSaid{big.NewInt(3)})
			e.verified(s.certificate())
			e.pays(payer, e.PackRefund(zero, 0, s.header.Bytes(), s.prove(chain.SessionKey(testSession)), nil))
		})
	}
	e = newEscrowFor(t, ids.Empty, 3, testReader)
	e.verified(short.certificate(), long.certificate(), deliver(testReceipt(2)), deliver(testReceipt(3)))
	e.refuses(e.PackClaim(zero, 2), &SessionEscrowNotRead{3, 2})
	e.refuses(e.PackRefundUnread(zero, 1, long.header.Bytes(), long.receipt(), nil), &SessionEscrowWasRead{3, 3})
	before := e.config.State.Snapshot()
	e.does(e.at, e.PackRefundUnread(zero, 0, short.header.Bytes(), short.receipt(), nil))
	e.config.State.RevertToSnapshot(before)
	e.pays(payee, e.PackClaim(zero, 3))
}

// TestNoChangedByteOfADeliveryPays, but for those that say what the deposit does not ask for: the height, the state
// root, the sequence, the transcript, and what the platform does not show of the sender. (Validators sign none of these.)
func TestNoChangedByteOfADeliveryPays(t *testing.T) {
	e := newEscrow(t, ids.Empty)
	valid := testDelivery().Bytes()
	for i := range valid {
		changed := slices.Clone(valid)
		changed[i] ^= 1
		e.verified(message(testChain, testSender, changed))
		snapshot := e.config.State.Snapshot()
		_, err := e.call(e.at, e.PackClaim(zero, 0), 0)
		free := i >= 33 && i < 73 || i >= 137 && i < 157 || i >= 177
		require.Equal(t, free, err == nil, "byte %d", i)
		e.config.State.RevertToSnapshot(snapshot)
	}
}

// testReceipt is the reader's receipt up to a sequence.
func testReceipt(sequence uint64) *warp.Delivery {
	return &warp.Delivery{
		Type: warp.ReceiptType, ChainID: testChain, Height: testHeight, Session: testSession, Transaction: ids.ID{8}, Sequence: sequence, Sender: testReader,
	}
}

func TestAnEscrowPaysForAReceipt(t *testing.T) {
	e := newEscrow(t, testReader)
	claim, other := e.PackClaim(zero, 0), ids.ID{0xff}
	e.verified(deliver(testDelivery()))
	e.refuses(claim, &SessionEscrowNotADelivery{}) // of the message, and nobody has read it
	for _, test := range []struct {
		receipt, message func(*warp.Delivery)
		want             any
	}{
		{func(d *warp.Delivery) { d.ChainID = other }, nil, &SessionEscrowWrongChain{testChain, other}},
		{func(d *warp.Delivery) { d.Session = other }, nil, &SessionEscrowWrongSession{testSession, other}},
		{func(d *warp.Delivery) { d.Sender = testSender }, nil, &SessionEscrowWrongReader{testReader, testSender}},
		{func(d *warp.Delivery) { d.Sequence = 1 }, nil, &SessionEscrowNotRead{2, 1}},
		{nil, func(d *warp.Delivery) { d.Session = other }, &SessionEscrowWrongSession{testSession, other}},
		{nil, func(d *warp.Delivery) { d.Transaction = other }, &SessionEscrowWrongMessage{testMessage, other}},
		{nil, func(d *warp.Delivery) { d.Type = warp.ReceiptType }, &SessionEscrowNotADelivery{}},
		{nil, func(d *warp.Delivery) { d.Sequence = 4 }, &SessionEscrowNotRead{4, 3}},
	} {
		receipt, message := testReceipt(3), testDelivery()
		for change, d := range map[*func(*warp.Delivery)]*warp.Delivery{&test.receipt: receipt, &test.message: message} {
			if *change != nil {
				(*change)(d)
			}
		}
		e.verified(deliver(receipt), deliver(message))
		e.refuses(claim, test.want)
	}
	e.verified(deliver(testReceipt(3)))
	e.refuses(claim, &SessionEscrowNotVerified{1})
	e.verified(deliver(testReceipt(3)), deliver(testDelivery()))
	e.pays(payee, claim)
}

func TestAnEscrowRefundsWhatWasNotSaid(t *testing.T) {
	first, last := ids.ID{1, 1}, ids.ID{3, 3}
	with := func(s *scene, said ...SessionStateSaid) []byte {
		return NewSessionEscrow().PackRefund(zero, 0, s.header.Bytes(), s.prove(chain.SessionKey(testSession)), said)
	}
	for name, s := range map[string]*scene{"in no session": newScene(t, 0), "among others": newScene(t, 0, first, last)} {
		t.Run(name, func(t *testing.T) {
			e := newEscrow(t, ids.Empty)
			said := newScene(t, 0, first, testMessage, last)
			e.verified(said.certificate())
			e.refuses(with(said, said.said...), &SessionEscrowWasSaid{big.NewInt(2)})
			for _, hidden := range [][]SessionStateSaid{nil, said.said[:1], {said.said[0], said.said[2]}, {said.said[2], said.said[0]}} {
				e.refuses(with(said, hidden...), &SessionEscrowWrongTranscript{chain.NextTranscript(chain.NextTranscript(chain.NextTranscript(
					chain.FirstTranscript(testSession), first, 200), testMessage, 201), last, 202), transcriptOf(hidden)})
			}
			e.refuses(e.PackRefund(zero, 0, said.header.Bytes(), said.prove(chain.SessionKey(ids.ID{1})), nil),
				&SessionEscrowWrongKey{chain.SessionKey(testSession), chain.SessionKey(ids.ID{1})})
			e.refuses(e.PackRefund(zero, 0, said.header.Bytes(), s.prove(chain.SessionKey(testSession)), s.said), &SessionEscrowWrongRoot{said.root, s.root})

			early := *s.header
			early.Timestamp--
			e.verified(test.NewWarpStandIn().PackPutBlock(testChain, early.ID()), test.NewWarpStandIn().PackPutBlock(ids.ID{1}, s.header.ID()))
			proof := s.prove(chain.SessionKey(testSession))
			e.refuses(e.PackRefund(zero, 0, early.Bytes(), proof, s.said), &SessionEscrowBeforeDeadline{testDeadline, testDeadline - 1})
			e.refuses(e.PackRefund(zero, 1, s.header.Bytes(), proof, s.said), &SessionEscrowWrongChain{testChain, ids.ID{1}})
			e.refuses(e.PackRefund(zero, 2, s.header.Bytes(), proof, s.said), &SessionEscrowNotVerified{2})
			e.verified(s.certificate())
			e.pays(payer, with(s, s.said...))
		})
	}
}

// TestALongSessionIsScannedInParts, by each sender for itself, before a refund.
func TestALongSessionIsScannedInParts(t *testing.T) {
	var messages []ids.ID
	for i := range 60 {
		messages = append(messages, ids.ID{1, byte(i)})
	}
	s := newScene(t, 0, messages...)
	refund := func(said []SessionStateSaid) []byte {
		return NewSessionEscrow().PackRefund(zero, 0, s.header.Bytes(), s.prove(chain.SessionKey(testSession)), said)
	}
	e := newEscrow(t, ids.Empty)
	e.verified(s.certificate())
	e.does(e.at, e.PackScan(zero, s.said[:20]))
	e.does(e.at, e.PackScan(zero, s.said[20:50]))
	scanned, err := e.UnpackScans(e.does(e.at, e.PackScans(zero, payer)))
	require.NoError(t, err)
	require.Equal(t, SessionEscrowScan{transcriptOf(s.said[:50]), 50}, scanned)
	e.refuses(e.PackScan(zero, []SessionStateSaid{{testMessage, 1}}), &SessionEscrowWasSaid{big.NewInt(51)})
	e.refuses(refund(s.said), &SessionEscrowWrongTranscript{transcriptOf(s.said), transcriptOf(slices.Concat(s.said[:50], s.said))})
	e.config.Origin = common.Address{2}
	e.refuses(refund(s.said[50:]), &SessionEscrowWrongTranscript{transcriptOf(s.said), transcriptOf(s.said[50:])})
	e.does(e.at, e.PackScan(zero, s.said[50:])) // wrong, and nobody else's
	e.config.Origin = payer
	e.pays(payer, refund(s.said[50:]))
	e.testEVM.refuses(e.at, e.PackScan(zero, nil), e.UnpackError, &SessionEscrowAlreadySettled{zero})
}

func transcriptOf(said []SessionStateSaid) chain.Hash {
	transcript := chain.FirstTranscript(testSession)
	for _, s := range said {
		transcript = chain.NextTranscript(transcript, s.Message, s.Timestamp)
	}
	return transcript
}

func TestAnEscrowRefundsWhatWasNotRead(t *testing.T) {
	first := ids.ID{1, 1}
	with := func(s *scene, message []byte) []byte {
		return NewSessionEscrow().PackRefundUnread(zero, 0, s.header.Bytes(), s.receipt(), message)
	}
	unread, none := newScene(t, 1, first, testMessage), newScene(t, 0, first, testMessage)
	for name, example := range map[string]struct {
		*scene
		message []byte
	}{"no receipt": {none, nil}, "an earlier one": {unread, unread.at(2)}} {
		t.Run(name, func(t *testing.T) {
			e := newEscrow(t, testReader)
			read := newScene(t, 2, first, testMessage)
			e.verified(read.certificate())
			e.refuses(with(read, read.at(2)), &SessionEscrowWasRead{2, 2})
			e.refuses(with(read, read.at(1)), &SessionEscrowWrongMessage{testMessage, first})
			early := *example.header
			early.Timestamp--
			e.verified(test.NewWarpStandIn().PackPutBlock(testChain, early.ID()))
			e.refuses(e.PackRefundUnread(zero, 0, early.Bytes(), example.receipt(), example.message), &SessionEscrowBeforeDeadline{testDeadline, testDeadline - 1})
			e.verified(example.certificate())
			e.pays(payer, with(example.scene, example.message))
		})
	}
}

func TestALogSaysWhoSaidWhatAndWhen(t *testing.T) {
	s := newScene(t, 0, ids.ID{1, 1}, testMessage, ids.ID{3, 3})
	d := testDelivery()
	d.StateRoot = s.root
	e, log := newTestEVM(t), NewSessionLog()
	at := e.deploy(SessionLogMetaData.Bin, log.PackConstructor(testChain))
	says := func(sender ids.ID, said bool, timestamp uint64) {
		t.Helper()
		got, err := log.UnpackSaidBy(e.does(at, log.PackSaidBy(testMessage, sender)))
		require.NoError(t, err)
		require.Equal(t, SaidByOutput{said, timestamp}, got)
	}
	says(testSender, false, 0)
	e.verified(deliver(d))
	e.refuses(at, log.PackRecord(0, s.at(1)), log.UnpackError, &SessionLogWrongMessage{testMessage, ids.ID{1, 1}})
	e.refuses(at, log.PackRecord(0, s.prove(chain.SessionKey(testSession))), log.UnpackError, &SessionLogWrongMessage{testMessage, [32]byte{}})
	e.refuses(at, log.PackRecord(1, nil), log.UnpackError, &SessionLogNotVerified{1})
	says(testSender, false, 0)
	e.does(at, log.PackRecord(0, nil))
	says(testSender, true, 0)
	again := &SessionLogAlreadyRecorded{testMessage}
	e.refuses(at, log.PackRecord(0, nil), log.UnpackError, again)
	e.does(at, log.PackRecord(0, s.at(2)))
	says(testSender, true, 201)
	says(testReader, false, 0)
	e.refuses(at, log.PackRecord(0, s.at(2)), log.UnpackError, again)
	entry, err := log.UnpackEntry(e.does(at, log.PackEntry(testMessage)))
	require.NoError(t, err)
	require.Equal(t, SessionLogEntry{testSession, testSender, 2, testHeight, 201}, entry)
}

// TestAnInboxTakesDeliveriesInTheirOrder, each once, and leaves those out that it is not given.
func TestAnInboxTakesDeliveriesInTheirOrder(t *testing.T) {
	e, inbox := newTestEVM(t), test.NewInbox()
	at := e.deploy(test.InboxMetaData.Bin, inbox.PackConstructor(testChain))
	delivered := func(sequence, height uint64, session ids.ID) {
		d := testDelivery()
		d.Sequence, d.Height, d.Session = sequence, height, session
		e.verified(deliver(d))
	}
	take := inbox.PackTake(0)
	delivered(2, 10, testSession)
	e.does(at, take)
	e.refuses(at, take, inbox.UnpackError, &test.InboxReplayed{Session: testSession, Taken: 2, Sequence: 2})
	delivered(1, 10, testSession)
	e.refuses(at, take, inbox.UnpackError, &test.InboxReplayed{Session: testSession, Taken: 2, Sequence: 1})
	delivered(3, 9, testSession)
	e.refuses(at, take, inbox.UnpackError, &test.InboxOlderHeight{Taken: 10, Height: 9})
	delivered(1, 9, ids.ID{7, 2})
	e.does(at, take)
	delivered(5, 10, testSession)
	e.does(at, take)
}
