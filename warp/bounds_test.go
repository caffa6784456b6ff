package warp

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/cloudflare/circl/ecc/bls12381"
	"github.com/luxfi/ids"
	peerpayload "github.com/luxfi/node/vms/platformvm/warp/payload"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func TestTheLargestIsTakenAndNothingLarger(t *testing.T) {
	require.EqualValues(t, peerpayload.MaxMessageSize, MaxPayloadBytes)
	require.Len(t, NewSigners(MaxValidators-1), MaxSignersBytes)
	signers := append(Signers{1}, make(Signers, MaxSignersBytes-1)...)
	unsigned := UnsignedMessage{NetworkID: testNetworkID, SourceChainID: testChainID, Payload: make([]byte, MaxPayloadBytes)}
	require.Len(t, unsigned.Bytes(), MaxUnsignedMessageBytes)
	_, err := ParseUnsignedMessage(unsigned.Bytes())
	require.NoError(t, err)

	message := Message{UnsignedMessage: unsigned, Signers: signers}
	require.Len(t, message.Bytes(), MaxMessageBytes)
	parsed, err := ParseMessage(message.Bytes())
	require.NoError(t, err)
	require.Equal(t, signers, parsed.Signers)

	certificate := Certificate{SourceChainID: testChainID, Signers: signers}
	require.Len(t, certificate.Bytes(), MaxCertificateBytes)
	_, err = ParseCertificate(certificate.Bytes())
	require.NoError(t, err)

	unsigned.Payload = append(unsigned.Payload, 0)
	_, err = ParseUnsignedMessage(unsigned.Bytes())
	require.ErrorIs(t, err, refusal.ErrTooLarge)
	message = Message{UnsignedMessage: UnsignedMessage{Payload: []byte{1}}, Signers: append(signers, 0)}
	_, err = ParseMessage(message.Bytes())
	require.ErrorIs(t, err, refusal.ErrTooLarge)
}

// The memory that decoding may take is bounded by the input's size. A set whose weights are
// small has the fewest bytes for its memory.
func TestASetOfManyValidatorsIsRead(t *testing.T) {
	wire := validatorSetWire{Version: validatorSetVersion, Validators: make([]validatorWire, 400)}
	points := make([]bls12381.G1, len(wire.Validators))
	points[0] = *bls12381.G1Generator()
	for i := 1; i < len(points); i++ {
		points[i].Add(&points[i-1], bls12381.G1Generator())
	}
	slices.SortFunc(points, func(a, b bls12381.G1) int { return bytes.Compare(a.Bytes(), b.Bytes()) })
	for i := range points {
		copy(wire.Validators[i].PublicKey[:], points[i].BytesCompressed())
	}
	set, err := ParseValidatorSet(wire.MarshalCanoto())
	require.NoError(t, err)
	require.Equal(t, len(points), set.Len())
	require.Equal(t, 399, set.Index(set.Validator(399).PublicKey))
}

func TestTheLargestWeightsFitTheBoundOfASet(t *testing.T) {
	largest := validatorWire{PublicKey: [PublicKeySize]byte{0x80}, Weight: math.MaxUint64}
	empty := validatorSetWire{Version: validatorSetVersion, TotalWeight: math.MaxUint64}
	one := empty
	one.Validators = []validatorWire{largest}
	size := len(one.MarshalCanoto()) - len(empty.MarshalCanoto())
	require.LessOrEqual(t, MaxValidators*size+len(empty.MarshalCanoto()), MaxValidatorSetBytes)
}

func TestSignersAreCountedUpToTheLastValidator(t *testing.T) {
	_, set := testSet(t, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	weight, err := set.Weight(NewSigners(0, 8))
	require.NoError(t, err)
	require.Equal(t, Weight{Signed: set.Validator(0).Weight + set.Validator(8).Weight, Total: 45}, weight)
	for _, index := range []int{9, 15, 16} {
		_, err = set.Weight(NewSigners(0, index))
		require.ErrorIs(t, err, ErrUnknownSigner, index)
	}
}

func TestAHeaderOfAnotherChainCommitsToNoSet(t *testing.T) {
	_, set := testSet(t, 1)
	verifier := Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	header := testHeader(set)
	require.NoError(t, verifier.VerifySet(header, set))
	header.ChainID = ids.ID{1}
	require.ErrorIs(t, verifier.VerifySet(header, set), ErrWrongChain)
}
