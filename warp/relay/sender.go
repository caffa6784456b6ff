package relay

import (
	"fmt"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/warp/contracts"
)

var sessionSender = contracts.NewSessionSender()

// SenderCode returns what makes a SessionSender for a session chain.
func SenderCode(chainID ids.ID, genesis *chain.Genesis) []byte {
	return append(common.FromHex(contracts.SessionSenderMetaData.Bin), sessionSender.PackConstructor(chainID, [1]byte{genesis.Prefix()}, genesis.Limits.TransactionWindow)...)
}

// CreateCall returns the call that has a SessionSender make a session with others.
func CreateCall(at common.Address, others []ids.ID) Call {
	participants := make([][32]byte, len(others))
	for i, other := range others {
		participants[i] = other
	}
	return Call{To: &at, Input: sessionSender.PackCreate(participants)}
}

// Created returns the session that a transaction has had a SessionSender make.
func Created(receipt *types.Receipt) (session ids.ID, err error) {
	for _, log := range receipt.Logs {
		if event, err := sessionSender.UnpackSessionMadeEvent(log); err == nil {
			return event.Session, nil
		}
	}
	return ids.Empty, fmt.Errorf("transaction %s has made no session", receipt.TxHash)
}

// SendCall returns the call that has a SessionSender send a message.
func SendCall(at common.Address, session ids.ID, ciphertext []byte) Call {
	return Call{To: &at, Input: sessionSender.PackSend(session, ciphertext)}
}

// AcknowledgeCall returns the call that has a SessionSender acknowledge a session up to the message of a sequence, after which
// the session has a transcript.
func AcknowledgeCall(at common.Address, session ids.ID, sequence uint64, transcript chain.Hash) Call {
	return Call{To: &at, Input: sessionSender.PackAcknowledge(session, sequence, transcript)}
}

// Sent returns the ID of the message that a transaction has had a SessionSender send.
func Sent(receipt *types.Receipt) (message ids.ID, err error) {
	for _, log := range receipt.Logs {
		if event, err := sessionSender.UnpackMessageSentEvent(log); err == nil {
			return event.Message, nil
		}
	}
	return ids.Empty, fmt.Errorf("transaction %s has sent no message", receipt.TxHash)
}
