package chain

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/blake2b"
)

// TestAMessageIsSignedWithoutTheEncoding: chain, session, sender and the ciphertext's hash.
func TestAMessageIsSignedWithoutTheEncoding(t *testing.T) {
	body := sampleBodies()["SendMessage"].(*SendMessage)
	hash := sha256.Sum256(body.Ciphertext)
	signed := bytes.Join([][]byte{sampleChainID[:], body.Session[:], body.Sender[:], hash[:]}, nil)
	require.Len(t, signed, 128)
	require.Equal(t, signed, SigningBytes(sampleChainID, body))
	require.Equal(t, signed, sampleTransaction(body).SigningBytes())

	id := ids.ID(sha256.Sum256(append([]byte("sessionvm/message/v1\x00"), signed...)))
	require.Equal(t, id, sampleTransaction(body).ID())
	require.Equal(t, id, TransactionID(sampleChainID, body))
	require.Equal(t, id, MessageID(sampleChainID, body.Session, body.Sender, hash))
}

// TestOthersSignTheirEncodingWithoutTheSignature.
func TestOthersSignTheirEncodingWithoutTheSignature(t *testing.T) {
	seen := make(map[ids.ID]string)
	contexts := make(map[string]string)
	for name, body := range sampleBodies() {
		tx := sampleTransaction(body)
		signing := SigningBytes(sampleChainID, body)
		require.Equal(t, ids.ID(sha256.Sum256(append([]byte(body.Context()+"\x00"), signing...))), tx.ID(), name)
		require.Empty(t, seen[tx.ID()], name)
		seen[tx.ID()] = name
		if name != "CreateSessionPlain" && name != "CreateSessionSingle" && name != "RegisterWorked" && name != "RegisterAdmitted" && name != "RegisterValidatorKeyAgain" {
			require.Empty(t, contexts[body.Context()], name)
			contexts[body.Context()] = name
		}
		require.LessOrEqual(t, len(body.Context()), 255, "FIPS 204, section 5.2")
		require.NotContains(t, body.Context(), "\x00")
		switch body.(type) {
		case *SendMessage, *Invite, *RegisterValidatorKey:
			continue
		}
		wire := body.wire()
		require.Equal(t, append(bytes.Clone(sampleChainID[:]), wire.MarshalCanoto()...), signing, name)
		require.True(t, bytes.HasPrefix(tx.Bytes(), signing[len(sampleChainID):]), name)
	}
	require.Len(t, contexts, 13)
}

// TestAValidatorsKeyIsSignedWithoutItsSignatures: all three sign the same bytes, and none covers another.
func TestAValidatorsKeyIsSignedWithoutItsSignatures(t *testing.T) {
	body := sampleBodies()["RegisterValidatorKeyAgain"].(*RegisterValidatorKey)
	unsigned := &RegisterValidatorKey{Scheme: body.Scheme, PublicKey: body.PublicKey, BLSPublicKey: body.BLSPublicKey, Replaces: body.Replaces, Deadline: body.Deadline}
	wire := unsigned.wire()
	require.Equal(t, append(bytes.Clone(sampleChainID[:]), wire.MarshalCanoto()...), SigningBytes(sampleChainID, body))
	require.NotEqual(t, ContextRegisterValidatorKey, ContextReplaceValidatorKey)
	require.LessOrEqual(t, len(ContextReplaceValidatorKey), 255, "FIPS 204, section 5.2")
}

// TestIDsCommitToEveryField: a change of any field of a body is another ID.
func TestIDsCommitToEveryField(t *testing.T) {
	for name, body := range sampleBodies() {
		want := TransactionID(sampleChainID, body)
		wire := body.wire()
		unsigned := wire.MarshalCanoto()
		changed, others := bytes.Clone(unsigned), 0
		for i := range unsigned {
			changed[i] ^= 1
			var other transactionWire
			if unmarshal(changed, &other) == nil && other.body() != nil {
				if invite, ok := other.body().(*Invite); ok && invite.Work != body.(*Invite).Work {
					invite.Work = body.(*Invite).Work // the ID does not cover it
					require.Equal(t, want, TransactionID(sampleChainID, invite))
					continue
				}
				if key, ok := other.body().(*RegisterValidatorKey); ok && bytes.Equal(key.unsigned(), body.unsigned()) {
					require.Equal(t, want, TransactionID(sampleChainID, key), "it covers none of the signatures")
					changed[i] = unsigned[i]
					continue
				}
				require.NotEqual(t, want, TransactionID(sampleChainID, other.body()), "%s, byte %d", name, i)
				others++
			}
			changed[i] = unsigned[i]
		}
		require.Positive(t, others, name)
	}
}

func TestIdentityIDIsBLAKE2bOfBothKeys(t *testing.T) {
	kem, dsa := fill(1, KEMPublicKeySize), fill(2, DSAPublicKeySize)
	require.Equal(t, ids.ID(blake2b.Sum256(append(bytes.Clone(kem), dsa...))), IdentityID(kem, dsa))
}

func TestABlocksIDIsItsHeadersHash(t *testing.T) {
	blk := sampleBlock()
	require.Equal(t, ids.ID(sha256.Sum256(blk.Header.Bytes())), blk.ID())
	require.Equal(t, blk.ID(), blk.Header.ID())
	header := sampleHeader()
	require.LessOrEqual(t, len(header.Bytes()), MaxHeaderBytes)
	largest := Header{
		Version: 1<<32 - 1, ChainID: sampleID(1), Parent: sampleID(1), Height: 1<<64 - 1, Timestamp: 1<<64 - 1, StateRoot: Hash(sampleID(1)),
		TransactionsRoot: Hash(sampleID(1)), PChainHeight: 1<<64 - 1, ValidatorSetHash: Hash(sampleID(1)),
	}
	require.LessOrEqual(t, len(largest.Bytes()), MaxHeaderBytes)
}
