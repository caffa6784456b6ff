package warp

import (
	"errors"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// testCall returns what a contract of another chain sends, signed by some of a set's validators, and the session chain's ID.
func testCall(t testing.TB, networkID uint32, suite Ciphersuite, signers ...int) (*Message, *ValidatorSet) {
	t.Helper()
	keys, set := testSet(t, 10, 10, 10, 10)
	from := &chain.ReceiveWarp{SourceChain: ids.ID{0xee}, Address: []byte{19: 0xad}}
	body := &chain.SendMessage{Session: ids.ID{7}, Sender: from.Contract(), Ciphertext: []byte("\x00an event")}
	return testMessage(t, suite, CallMessage(networkID, testChainID, body, from), set, keys, signers...), set
}

func TestACallIsVerifiedInEitherCiphersuite(t *testing.T) {
	for _, suite := range Ciphersuites() {
		signed, set := testCall(t, testNetworkID, suite, 0, 1, 3)
		chainID, tx, err := ParseCall(signed)
		require.NoError(t, err)
		require.Equal(t, testChainID, chainID)
		require.NoError(t, VerifyCall(testNetworkID, testChainID, tx, set))
		require.ErrorIs(t, VerifyCall(testNetworkID+1, testChainID, tx, set), ErrBadSignature)
		require.ErrorIs(t, VerifyCall(testNetworkID, ids.ID{9}, tx, set), ErrBadSignature, "for another session chain")
		few, set := testCall(t, testNetworkID, suite, 0, 1)
		_, tx, err = ParseCall(few)
		require.NoError(t, err)
		require.ErrorIs(t, VerifyCall(testNetworkID, testChainID, tx, set), ErrInsufficientWeight)
	}
}

func TestGoldenCall(t *testing.T) {
	signed, _ := testCall(t, testNetworkID, CiphersuitePOP, 0, 1, 3)
	goldenFile(t, "call", signed.Bytes())
}

func TestWhatIsNoCallIsRefused(t *testing.T) {
	signed, _ := testCall(t, testNetworkID, CiphersuitePOP, 0, 1, 3)
	for name, payload := range map[string][]byte{
		"a hash":     HashPayload(ids.ID{1}),
		"a delivery": testDelivery().UnsignedMessage(testNetworkID).Payload,
		"nothing":    (&AddressedCall{SourceAddress: []byte{1}}).Bytes(),
	} {
		changed := *signed
		changed.Payload = payload
		_, _, err := ParseCall(&changed)
		require.ErrorIs(t, err, ErrPayloadType, name)
	}
	changed := *signed
	changed.SourceChainID[0]++ // another chain's contract with the same address
	_, _, err := ParseCall(&changed)
	require.ErrorIs(t, err, refusal.ErrContractCall)
}

func FuzzParseCall(f *testing.F) {
	signed, _ := testCall(f, testNetworkID, CiphersuitePOP, 0, 1, 3)
	fuzzDecoder(f, signed.Bytes(), func(encoded []byte) ([]byte, error) {
		m, err := ParseMessage(encoded)
		if err != nil {
			return nil, err
		}
		chainID, tx, err := ParseCall(m)
		if err != nil {
			return nil, err
		}
		if len(tx.Warp.Signature) != SignatureSize {
			return nil, errors.New("a signature of another size")
		}
		again := Message{UnsignedMessage: *CallMessage(m.NetworkID, chainID, tx.Body, tx.Warp), Signers: tx.Warp.Signers, Signature: Signature(tx.Warp.Signature)}
		return again.Bytes(), nil
	})
}
