package chain

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func TestAContractsIDIsOfItsChainAndAddress(t *testing.T) {
	source, address := sampleID(0xee), fill(0xad, 20)
	want := sha256.Sum256(bytes.Join([][]byte{[]byte("sessionvm/contract/v1\x00"), source[:], address}, nil))
	require.Equal(t, ids.ID(want), ContractID(source, address))
}

// TestAContractsMessageHasTheIDOfAMessage: who reads it checks it as any other.
func TestAContractsMessageHasTheIDOfAMessage(t *testing.T) {
	tx := sampleTransactions()["SendMessageReceived"]
	body := tx.Body.(*SendMessage)
	require.Equal(t, MessageID(sampleChainID, body.Session, sampleWarp().Contract(), sha256.Sum256(body.Ciphertext)), tx.ID())
	require.False(t, tx.Signs())
	other := sampleWarp()
	other.Signers, other.Signature = []byte{0x0f}, fill(8, BLSSignatureSize)
	again, err := NewReceived(sampleChainID, body, other)
	require.NoError(t, err)
	require.Equal(t, tx.ID(), again.ID(), "whoever has signed")
	require.NotEqual(t, tx.Leaf(), again.Leaf())
}

// TestAContractsRegistrationHasTheIDOfARegistration: the chain takes one of the two, which have the same keys and deadline.
func TestAContractsRegistrationHasTheIDOfARegistration(t *testing.T) {
	all := sampleTransactions()
	received, alone := all["RegisterReceived"], all["RegisterIdentity"]
	require.Equal(t, alone.ID(), received.ID())
	require.NotEqual(t, alone.Leaf(), received.Leaf())
	require.False(t, received.Signs())
	require.Zero(t, received.Carried())
}

func TestACallIsTheTransactionWithoutWhoSigned(t *testing.T) {
	for _, name := range []string{"CreateSessionReceived", "SendMessageReceived", "AcknowledgeReceived", "RegisterReceived"} {
		tx := sampleTransactions()[name]
		call := CallBytes(sampleChainID, tx.Body)
		require.True(t, bytes.HasPrefix(tx.Bytes(), call[len(sampleChainID):]), name)
		chainID, body, err := ParseCall(call)
		require.NoError(t, err, name)
		require.Equal(t, sampleChainID, chainID)
		again, err := NewReceived(chainID, body, sampleWarp())
		require.NoError(t, err, name)
		require.Equal(t, tx.Bytes(), again.Bytes(), name)
		for n := range call {
			_, _, err := ParseCall(call[:n])
			require.Error(t, err, "%s, %d bytes", name, n)
		}
		_, _, err = ParseCall(append(sampleChainID[:], tx.Bytes()...))
		require.ErrorIs(t, err, refusal.ErrMalformed, "%s: nothing but the body", name)
	}
	_, _, err := ParseCall(make([]byte, MaxCallBytes+1))
	require.ErrorIs(t, err, refusal.ErrTooLarge)
}

func TestAContractDoesWhatContractsMayAndAsItself(t *testing.T) {
	contract, bob := sampleWarp().Contract(), sampleID(0xb0)
	created := func() *CreateSession {
		return &CreateSession{Participants: []ids.ID{contract, bob}, Creator: contract, Deadline: 1}
	}
	message := &SendMessage{Session: sampleID(7), Sender: contract, Ciphertext: []byte("ciphertext")}
	registration := func(change func(*RegisterIdentity)) func(*ReceiveWarp) Body {
		return func(*ReceiveWarp) Body {
			body := &RegisterIdentity{KEMPublicKey: fill(1, KEMPublicKeySize), DSAPublicKey: fill(2, DSAPublicKeySize), Deadline: 1}
			change(body)
			return body
		}
	}
	for name, test := range map[string]struct {
		reason refusal.Reason
		change func(w *ReceiveWarp) Body
	}{
		"a message": {0, func(*ReceiveWarp) Body { return message }},
		"the longest call": {0, func(*ReceiveWarp) Body {
			return &SendMessage{Session: sampleID(7), Sender: contract, Ciphertext: fill(1, MaxCallBytes-32-2*34-4-4)}
		}},
		"a longer one": {refusal.ErrTooLarge, func(*ReceiveWarp) Body {
			return &SendMessage{Session: sampleID(7), Sender: contract, Ciphertext: fill(1, MaxCallBytes-32-2*34-4-4+1)}
		}},
		"the longest address":         {refusal.ErrContractCall, func(w *ReceiveWarp) Body { w.Address = fill(1, MaxContractAddressBytes+1); return message }},
		"no address":                  {refusal.ErrContractCall, func(w *ReceiveWarp) Body { w.Address = nil; return message }},
		"another contract":            {refusal.ErrContractCall, func(w *ReceiveWarp) Body { w.Address[19]++; return message }},
		"a contract of another chain": {refusal.ErrContractCall, func(w *ReceiveWarp) Body { w.SourceChain[0]++; return message }},
		"somebody else's message":     {refusal.ErrContractCall, func(*ReceiveWarp) Body { return &SendMessage{Session: sampleID(7), Sender: bob, Ciphertext: []byte{1}} }},
		"no signers":                  {refusal.ErrContractCall, func(w *ReceiveWarp) Body { w.Signers = nil; return message }},
		"too many signers":            {refusal.ErrContractCall, func(w *ReceiveWarp) Body { w.Signers = fill(1, maxSignersBytes+1); return message }},
		"a short signature":           {refusal.ErrSignatureSize, func(w *ReceiveWarp) Body { w.Signature = w.Signature[1:]; return message }},
		"a session":                   {0, func(*ReceiveWarp) Body { return created() }},
		"a single session":            {refusal.ErrContractCall, func(*ReceiveWarp) Body { b := created(); b.Single = true; return b }},
		"a session of a channel":      {refusal.ErrContractCall, func(*ReceiveWarp) Body { b := created(); b.Channel, b.ChannelVersion = bob, 1; return b }},
		"a session of nobody": {refusal.ErrContractCall, func(*ReceiveWarp) Body {
			b := created()
			b.Creator, b.PublicKeys = ids.Empty, [][]byte{fill(1, KEMPublicKeySize), fill(1, KEMPublicKeySize)}
			return b
		}},
		"a closing":            {refusal.ErrContractCall, func(*ReceiveWarp) Body { return &CloseSession{Session: sampleID(7), Participant: contract} }},
		"a registration":       {0, registration(func(*RegisterIdentity) {})},
		"one with a short key": {refusal.ErrKeySize, registration(func(b *RegisterIdentity) { b.KEMPublicKey = b.KEMPublicKey[1:] })},
		"one with work":        {refusal.ErrContractCall, registration(func(b *RegisterIdentity) { b.Work = 1 })},
		"one that an issuer admits": {refusal.ErrContractCall, registration(func(b *RegisterIdentity) {
			b.Issuer, b.Until, b.Admission = 1, 2, fill(9, SignatureSize)
		})},
		"one with a time":                {refusal.ErrMalformed, registration(func(b *RegisterIdentity) { b.Until = 2 })},
		"one with an admission":          {refusal.ErrUnexpectedSignature, registration(func(b *RegisterIdentity) { b.Admission = fill(9, SignatureSize) })},
		"a registration without address": {refusal.ErrContractCall, func(w *ReceiveWarp) Body { w.Address = nil; return sampleBodies()["RegisterIdentity"] }},
		"a channel":                      {refusal.ErrContractCall, func(*ReceiveWarp) Body { return &CreateChannel{Owner: contract, Deadline: 1} }},
	} {
		warp := sampleWarp()
		_, err := NewReceived(sampleChainID, test.change(warp), warp)
		if test.reason == 0 {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, test.reason, name)
		}
	}

	// Neither a signature nor a registration beside it.
	tx := sampleTransactions()["SendMessageReceived"]
	_, err := tx.WithRegistration(sampleRegistration())
	require.ErrorIs(t, err, refusal.ErrRegistration)
	_, err = sampleTransactions()["RegisterReceived"].WithRegistration(sampleRegistration())
	require.ErrorIs(t, err, refusal.ErrRegistration)
	wire := tx.Body.wire()
	wire.ReceiveWarp, wire.Signature = tx.Warp, fill(9, SignatureSize)
	_, err = ParseTransaction(sampleChainID, wire.MarshalCanoto())
	require.ErrorIs(t, err, refusal.ErrUnexpectedSignature)
}
