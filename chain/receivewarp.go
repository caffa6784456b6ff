package chain

//go:generate go tool canoto $GOFILE

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

const (
	// MaxContractAddressBytes bounds the address of a contract on its chain; EVM chains have 20 bytes.
	MaxContractAddressBytes = 64
	// MaxCallBytes bounds CallBytes: what a Warp message has room for, beside the contract's address.
	MaxCallBytes = 24<<10 - 128
	// maxSignersBytes bounds the bit set of who has signed, as package warp does.
	maxSignersBytes = 1 << 11
)

// ReceiveWarp stands in a contract's transaction in place of the signature: validators of the contract's chain have
// signed, with BLS, the Warp message that the contract has sent. The message is not here: it follows from the
// contract and the transaction's body, see CallBytes. Neither the transaction's ID nor CallBytes cover the signature,
// which others can collect in other ways.
type ReceiveWarp struct {
	SourceChain ids.ID `canoto:"fixed bytes,1"`
	Address     []byte `canoto:"bytes,2"` // of the contract, at most MaxContractAddressBytes
	Signers     []byte `canoto:"bytes,3"` // bit set of who has signed, in the order of the canonical validator set
	Signature   []byte `canoto:"bytes,4"` // aggregated, BLSSignatureSize bytes

	canotoData canotoData_ReceiveWarp
}

// ContractID returns the ID as which a contract of another chain takes part in sessions: H(domain, chain ID || address).
// No keys have it, so nobody can sign as the contract.
func ContractID(sourceChain ids.ID, address []byte) ids.ID {
	return ids.ID(domainHash(domainContract, sourceChain[:], address))
}

// Contract returns the contract's ID.
func (r *ReceiveWarp) Contract() ids.ID { return ContractID(r.SourceChain, r.Address) }

// CallBytes returns what a contract sends to act: the session chain's ID, and the canonical encoding of a transaction
// that has nothing but the body.
func CallBytes(chainID ids.ID, body Body) []byte {
	return append(chainID[:len(chainID):len(chainID)], encodeUnsigned(body)...)
}

// ParseCall decodes what CallBytes returns strictly: the session chain's ID, and the body. It checks neither.
func ParseCall(call []byte) (chainID ids.ID, body Body, err error) {
	if len(call) > MaxCallBytes {
		return ids.Empty, nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a contract's call of at most %d bytes", MaxCallBytes), len(call))
	}
	if len(call) < len(chainID) {
		return ids.Empty, nil, refusal.New(refusal.ErrMalformed, "a chain ID and a transaction's body", fmt.Sprintf("%d bytes", len(call)))
	}
	var wire transactionWire
	if err := unmarshal(call[len(chainID):], &wire); err != nil {
		return ids.Empty, nil, refusal.New(refusal.ErrMalformed, "a canonically encoded transaction", err)
	}
	if body = wire.body(); body == nil || len(wire.Signature) > 0 || wire.Registration != nil || wire.ReceiveWarp != nil {
		return ids.Empty, nil, refusal.New(refusal.ErrMalformed, "a transaction that has a body and nothing else", "another one")
	}
	return ids.ID(call[:len(chainID)]), body, nil
}

// NewReceived returns a contract's transaction, after the checks that need no state.
func NewReceived(chainID ids.ID, body Body, warp *ReceiveWarp) (*Transaction, error) {
	wire := body.wire()
	wire.ReceiveWarp = warp
	tx := &Transaction{Body: body, Warp: warp, bytes: wire.MarshalCanoto()}
	return tx, tx.finish(chainID)
}

// check refuses what is not the Warp message of the body's actor, or is none that a contract may send.
func (r *ReceiveWarp) check(chainID ids.ID, body Body) error {
	if n := len(r.Address); n == 0 || n > MaxContractAddressBytes {
		return refusal.New(refusal.ErrContractCall, fmt.Sprintf("an address of 1 to %d bytes", MaxContractAddressBytes), n)
	}
	if err := r.checkBody(body); err != nil {
		return err
	}
	if n := len(r.Signers); n == 0 || n > maxSignersBytes {
		return refusal.New(refusal.ErrContractCall, fmt.Sprintf("a bit set of signers of 1 to %d bytes", maxSignersBytes), n)
	}
	if len(r.Signature) != BLSSignatureSize {
		return refusal.New(refusal.ErrSignatureSize, fmt.Sprintf("a BLS signature of %d bytes", BLSSignatureSize), len(r.Signature))
	}
	if n := len(CallBytes(chainID, body)); n > MaxCallBytes {
		return refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a contract's call of at most %d bytes", MaxCallBytes), n)
	}
	return nil
}

// checkBody refuses what a contract may not do. It acts as itself, but for a registration, which has no actor: that is of
// the identity whose keys it has, and the contract admits it.
func (r *ReceiveWarp) checkBody(body Body) error {
	switch body := body.(type) {
	case *RegisterIdentity:
		if body.Issuer != 0 || body.Work != 0 {
			return refusal.New(refusal.ErrContractCall, "a contract's registration without an issuer and without work", fmt.Sprintf("issuer %d, work %d", body.Issuer, body.Work))
		}
		return nil
	case *CreateSession:
		if body.Single || body.Channel != ids.Empty || body.Creator == ids.Empty {
			return refusal.New(refusal.ErrContractCall, "a contract's session that names it as creator, without a channel, and is not single", "another one")
		}
	case *SendMessage, *Acknowledge:
	default:
		return refusal.New(refusal.ErrContractCall, "a contract that creates a session, sends, acknowledges or registers an identity", fmt.Sprintf("%T", body))
	}
	if contract := r.Contract(); body.Actor() != contract {
		return refusal.New(refusal.ErrContractCall, "the contract itself, "+contract.String()+", as who acts", body.Actor())
	}
	return nil
}
