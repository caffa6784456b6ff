package warp

import (
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// CallMessage returns the Warp message by which a contract acts on a session chain: an AddressedCall from the contract,
// whose payload is CallType and chain.CallBytes. The Warp precompile of an EVM chain makes it of what a contract sends.
func CallMessage(networkID uint32, chainID ids.ID, body chain.Body, from *chain.ReceiveWarp) *UnsignedMessage {
	call := AddressedCall{SourceAddress: from.Address, Payload: append([]byte{CallType}, chain.CallBytes(chainID, body)...)}
	return &UnsignedMessage{NetworkID: networkID, SourceChainID: from.SourceChain, Payload: call.Bytes()}
}

// ParseCall returns the session chain's ID that a contract means, and the transaction that a signed Warp message of the
// contract makes there. It verifies no signature.
func ParseCall(m *Message) (chainID ids.ID, tx *chain.Transaction, err error) {
	call, err := ParseAddressedCall(m.Payload)
	if err != nil {
		return ids.Empty, nil, err
	}
	if len(call.Payload) == 0 || call.Payload[0] != CallType {
		return ids.Empty, nil, refusal.Wrap(ErrPayloadType, refusal.ErrMalformed, fmt.Sprintf("type %d, a contract's call", CallType), fmt.Sprintf("%.1x", call.Payload))
	}
	chainID, body, err := chain.ParseCall(call.Payload[1:])
	if err != nil {
		return ids.Empty, nil, err
	}
	tx, err = chain.NewReceived(chainID, body, &chain.ReceiveWarp{
		SourceChain: m.SourceChainID, Address: call.SourceAddress, Signers: m.Signers, Signature: m.Signature[:],
	})
	return chainID, tx, err
}

// VerifyCall checks that a quorum of the validators of a contract's chain has signed what makes a transaction of it. A chain
// does not know its network's ciphersuite, and need not: whoever has signed with their keys has, with either.
func VerifyCall(networkID uint32, chainID ids.ID, tx *chain.Transaction, set *ValidatorSet) error {
	from := tx.Warp
	if len(from.Signature) != SignatureSize {
		return refusal.Wrap(ErrSignaturePoint, refusal.ErrSignatureSize, "a compressed point of G2", len(from.Signature))
	}
	m := &Message{UnsignedMessage: *CallMessage(networkID, chainID, tx.Body, from), Signers: from.Signers, Signature: Signature(from.Signature)}
	v := Verifier{NetworkID: networkID, ChainID: from.SourceChain, Ciphersuite: CiphersuitePOP}
	_, err := v.VerifyMessage(m, set)
	if errors.Is(err, ErrWrongCiphersuite) {
		return nil
	}
	return err
}
