package contracts

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"testing"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/warp"
)

var testEVMChain = ids.ID{'e', 'v', 'm'} // as the stand-in says

const (
	testPrefix = 0x07
	testWindow = 300 // seconds
	testTime   = 1_700_000_000
)

// sender is a deployed SessionSender.
type sender struct {
	*testEVM
	*SessionSender
	at common.Address
	id ids.ID
}

func newSender(t testing.TB) *sender {
	s := &sender{testEVM: newTestEVM(t), SessionSender: NewSessionSender()}
	s.config.Time = testTime
	s.at = s.deploy(SessionSenderMetaData.Bin, s.PackConstructor(testChain, [1]byte{testPrefix}, testWindow))
	s.id = chain.ContractID(testEVMChain, s.at[:])
	return s
}

// sends makes a call, and returns what it returns, the event that it logs, and the transaction that the session chain gets.
func (s *sender) sends(input []byte) (output []byte, event *types.Log, tx *chain.Transaction) {
	s.t.Helper()
	before := len(s.config.State.Logs())
	output = s.does(s.at, input)
	logs := s.config.State.Logs()[before:]
	require.Len(s.t, logs, 2)
	require.Equal(s.t, warpAddress, logs[0].Address)
	sent, err := NewIWarpMessenger().UnpackSendWarpMessageEvent(logs[0])
	require.NoError(s.t, err)
	require.Equal(s.t, s.at, sent.Sender)

	m, err := warp.ParseUnsignedMessage(sent.Message) // a Warp message has room for it
	require.NoError(s.t, err)
	chainID, tx, err := warp.ParseCall(&warp.Message{UnsignedMessage: *m, Signers: warp.Signers{1}})
	require.NoError(s.t, err)
	require.Equal(s.t, testChain, chainID)
	from := &chain.ReceiveWarp{SourceChain: testEVMChain, Address: s.at[:]}
	require.Equal(s.t, warp.CallMessage(0, testChain, tx.Body, from), m, "byte for byte")
	require.Equal(s.t, m.ID(), ids.ID(sent.MessageID))
	return output, logs[1], tx
}

func (s *sender) refuses(input []byte, want any) {
	s.t.Helper()
	before := len(s.config.State.Logs())
	s.testEVM.refuses(s.at, input, s.UnpackError, want)
	require.Len(s.t, s.config.State.Logs(), before)
}

func TestAContractMakesASession(t *testing.T) {
	s := newSender(t)
	participant, err := s.UnpackParticipant(s.does(s.at, s.PackParticipant()))
	require.NoError(t, err)
	require.Equal(t, s.id, ids.ID(participant))

	for nonce, others := range [][][32]byte{nil, {testSender}, {testSender, testReader}, many(127)} {
		output, log, tx := s.sends(s.PackCreate(others))
		participants := []ids.ID{s.id}
		for _, other := range others {
			participants = append(participants, other)
		}
		require.Equal(t, chain.CallBytes(testChain, &chain.CreateSession{
			Participants: participants, Metadata: messaging.Metadata(), Creator: s.id, Nonce: uint64(nonce) + 1, Deadline: (testTime + testWindow) * 1000,
		}), chain.CallBytes(testChain, tx.Body))
		session, err := s.UnpackCreate(output)
		require.NoError(t, err)
		require.Equal(t, chain.SessionID(testPrefix, testChain, tx.ID()), ids.ID(session))
		made, err := s.UnpackSessionMadeEvent(log)
		require.NoError(t, err)
		require.Equal(t, session, made.Session)
		t.Logf("%d gas for a session of %d", s.gas, len(participants))
	}
	require.NotPanics(t, func() { s.does(s.at, s.PackCreate(many(255))) })
	s.refuses(s.PackCreate(many(256)), &SessionSenderTooManyParticipants{big.NewInt(256), big.NewInt(257)})
	s.refuses(s.PackCreate([][32]byte{testSender, testReader, testSender}), &SessionSenderBadParticipant{testSender})
	s.refuses(s.PackCreate([][32]byte{{}}), &SessionSenderBadParticipant{})
	s.refuses(s.PackCreate([][32]byte{s.id}), &SessionSenderBadParticipant{s.id})
}

// many returns that many IDs.
func many(n int) (all [][32]byte) {
	for i := range n {
		all = append(all, sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
	}
	return all
}

func TestAContractSendsAMessage(t *testing.T) {
	s := newSender(t)
	longest := chain.MaxCallBytes - 32 - 2*34 - 4 - 4
	for _, length := range []int{1, 47, 48, 127, 128, 1000, 16383 - 72, 16384 - 72, 16384, longest} {
		ciphertext := bytes.Repeat([]byte{0xab}, length)
		output, log, tx := s.sends(s.PackSend(testSession, ciphertext))
		require.Equal(t, &chain.SendMessage{Session: testSession, Sender: s.id, Ciphertext: ciphertext}, plain(t, tx.Body))
		message, err := s.UnpackSend(output)
		require.NoError(t, err)
		require.Equal(t, tx.ID(), ids.ID(message))
		sent, err := s.UnpackMessageSentEvent(log)
		require.NoError(t, err)
		require.Equal(t, ids.ID(message), ids.ID(sent.Message))
		require.Equal(t, testSession, ids.ID(sent.Session))
		t.Logf("%d gas for a message of %d bytes", s.gas, length)
	}
	s.refuses(s.PackSend(testSession, make([]byte, longest+1)), &SessionSenderTooLong{big.NewInt(chain.MaxCallBytes), big.NewInt(chain.MaxCallBytes + 1)})
	s.refuses(s.PackSend(testSession, nil), &SessionSenderNoCiphertext{})
	s.refuses(s.PackSend([32]byte{}, []byte{1}), &SessionSenderNoSession{})
}

func TestAContractAcknowledges(t *testing.T) {
	s := newSender(t)
	for _, sequence := range []uint64{1, 127, 128, 300, 1<<63 + 5, 1<<64 - 1} {
		_, log, tx := s.sends(s.PackAcknowledge(testSession, sequence, testMessage))
		require.Equal(t, &chain.Acknowledge{Session: testSession, Participant: s.id, Sequence: sequence, Transcript: chain.Hash(testMessage)}, plain(t, tx.Body))
		acknowledged, err := s.UnpackAcknowledgedEvent(log)
		require.NoError(t, err)
		require.Equal(t, sequence, acknowledged.Sequence)
	}
	t.Logf("%d gas for a receipt", s.gas)
	s.refuses(s.PackAcknowledge(testSession, 0, testMessage), &SessionSenderNoSequence{})
	s.refuses(s.PackAcknowledge(testSession, 1, [32]byte{}), &SessionSenderNoTranscript{})
	s.refuses(s.PackAcknowledge([32]byte{}, 1, testMessage), &SessionSenderNoSession{})
}

// TestAContractActsForItsOwner alone.
func TestAContractActsForItsOwner(t *testing.T) {
	s := newSender(t)
	owner, stranger := s.config.Origin, common.Address{2}
	s.config.Origin = stranger
	for _, input := range [][]byte{s.PackCreate(nil), s.PackSend(testSession, []byte{1}), s.PackAcknowledge(testSession, 1, testMessage)} {
		s.refuses(input, &SessionSenderNotOwner{owner, stranger})
	}
}

// plain returns a body as it is before it was encoded: without what canoto remembers of it.
func plain(t *testing.T, body chain.Body) chain.Body {
	switch b := body.(type) {
	case *chain.SendMessage:
		return &chain.SendMessage{Session: b.Session, Sender: b.Sender, Ciphertext: b.Ciphertext}
	case *chain.Acknowledge:
		return &chain.Acknowledge{Session: b.Session, Participant: b.Participant, Sequence: b.Sequence, Transcript: b.Transcript}
	}
	t.Fatalf("%T", body)
	return nil
}
