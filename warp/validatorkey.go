package warp

import (
	"errors"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// ValidatorKeyMessage returns what a validator signs with BLS to bind a post-quantum key to itself: an
// AddressedCall without a source address, whose payload is ValidatorKeyType and the ID of the
// RegisterValidatorKey transaction, 33 bytes. A validator signs it for itself alone: nobody can ask for it.
func ValidatorKeyMessage(networkID uint32, chainID, transaction ids.ID) *UnsignedMessage {
	call := AddressedCall{Payload: append([]byte{ValidatorKeyType}, transaction[:]...)}
	return &UnsignedMessage{NetworkID: networkID, SourceChainID: chainID, Payload: call.Bytes()}
}

// VerifyValidatorKey checks the BLS signature of a RegisterValidatorKey. A chain does not know its network's
// ciphersuite, and need not: whoever has signed with the key has, with either.
func VerifyValidatorKey(networkID uint32, chainID ids.ID, body *chain.RegisterValidatorKey) error {
	key, err := ParsePublicKey(body.BLSPublicKey)
	if err != nil {
		return err
	}
	if len(body.BLSSignature) != SignatureSize {
		return refusal.Wrap(ErrSignaturePoint, refusal.ErrSignatureSize, "a compressed point of G2", len(body.BLSSignature))
	}
	message := ValidatorKeyMessage(networkID, chainID, chain.TransactionID(chainID, body)).Bytes()
	err = key.Verify(CiphersuitePOP, message, Signature(body.BLSSignature))
	if errors.Is(err, ErrWrongCiphersuite) {
		return nil
	}
	return err
}
