package warp

import (
	"bytes"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

func TestWhatBindsAValidatorsKeyIsNothingElse(t *testing.T) {
	signer := testSigner(t, 1)
	body := &chain.RegisterValidatorKey{
		Scheme: chain.SchemeMLDSA65, PublicKey: make([]byte, chain.DSAPublicKeySize), BLSPublicKey: signer.PublicKey().Bytes(), Deadline: 1,
	}
	id := chain.TransactionID(testChainID, body)
	message := ValidatorKeyMessage(testNetworkID, testChainID, id)
	call, err := ParseAddressedCall(message.Payload)
	require.NoError(t, err)
	require.Empty(t, call.SourceAddress)
	require.Equal(t, append([]byte{0x02}, id[:]...), call.Payload)
	_, err = message.Delivery()
	require.ErrorIs(t, err, ErrPayloadType)
	_, err = ParseHashPayload(message.Payload)
	require.Error(t, err)

	for _, suite := range Ciphersuites() {
		signature, err := signer.Sign(suite, message.Bytes())
		require.NoError(t, err)
		body.BLSSignature = signature[:]
		require.NoError(t, VerifyValidatorKey(testNetworkID, testChainID, body))
		require.ErrorIs(t, VerifyValidatorKey(testNetworkID+1, testChainID, body), ErrBadSignature)
		require.ErrorIs(t, VerifyValidatorKey(testNetworkID, ids.ID{9}, body), ErrBadSignature)
		body.Deadline++
		require.ErrorIs(t, VerifyValidatorKey(testNetworkID, testChainID, body), ErrBadSignature)
		body.Deadline--
	}
	certified, err := signer.Sign(CiphersuitePOP, BlockMessage(testNetworkID, testChainID, id).Bytes())
	require.NoError(t, err)
	body.BLSSignature = certified[:]
	require.ErrorIs(t, VerifyValidatorKey(testNetworkID, testChainID, body), ErrBadSignature, "the certificate of a block with that ID")
	body.BLSSignature = bytes.Repeat([]byte{1}, SignatureSize)
	require.ErrorIs(t, VerifyValidatorKey(testNetworkID, testChainID, body), ErrSignaturePoint)
	body.BLSSignature = nil
	require.ErrorIs(t, VerifyValidatorKey(testNetworkID, testChainID, body), ErrSignaturePoint)
	body.BLSPublicKey = make([]byte, PublicKeySize)
	require.ErrorIs(t, VerifyValidatorKey(testNetworkID, testChainID, body), ErrPublicKey)
}
