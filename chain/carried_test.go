package chain

import (
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// TestARegistrationIsCarriedBeside: neither the ID nor what is signed says what a transaction carries, the
// leaf in a block's tree does.
func TestARegistrationIsCarriedBeside(t *testing.T) {
	carrying := sampleCarrying(sampleRegistration())
	bare := carrying.WithoutRegistration()
	require.Nil(t, bare.Registration)
	require.NotNil(t, carrying.Registration, "a transaction is not changed")
	require.Equal(t, sampleTransaction(carrying.Body).Bytes(), bare.Bytes())
	require.Same(t, bare, bare.WithoutRegistration())
	require.Equal(t, bare.ID(), carrying.ID())
	require.Equal(t, bare.SigningBytes(), carrying.SigningBytes())
	require.Equal(t, bare.Signature, carrying.Signature)
	require.NotEqual(t, bare.Leaf(), carrying.Leaf())
	require.Zero(t, bare.Carried())
	require.Equal(t, len(carrying.Bytes())-len(bare.Bytes()), carrying.Carried())

	other := sampleRegistration()
	other.Work++
	exchanged, err := carrying.WithRegistration(other)
	require.NoError(t, err)
	require.Equal(t, carrying.ID(), exchanged.ID())
	require.NotEqual(t, carrying.Leaf(), exchanged.Leaf())
	header := sampleHeader()
	require.NotEqual(t, NewBlock(header, []*Transaction{carrying}).ID(), NewBlock(header, []*Transaction{exchanged}).ID())
}

// TestOnlyTheActorsRegistrationIsCarried: what can't be right in any state is refused.
func TestOnlyTheActorsRegistrationIsCarried(t *testing.T) {
	carrying := sampleCarrying(sampleRegistration())
	plain := sampleTransaction(sampleBodies()["CreateSessionPlain"])
	registration := func(change func(*RegisterIdentity)) *RegisterIdentity {
		body := sampleRegistration()
		change(body)
		return body
	}
	for name, test := range map[string]struct {
		tx      *Transaction
		carried *RegisterIdentity
		want    refusal.Reason
	}{
		"of another identity":         {sampleTransaction(sampleBodies()["SendMessage"]), sampleRegistration(), refusal.ErrRegistration},
		"another key":                 {carrying, registration(func(b *RegisterIdentity) { b.KEMPublicKey = fill(3, KEMPublicKeySize) }), refusal.ErrRegistration},
		"with a deadline":             {carrying, registration(func(b *RegisterIdentity) { b.Deadline = 1 }), refusal.ErrRegistration},
		"by a plain session":          {plain, sampleRegistration(), refusal.ErrRegistration},
		"by a registration":           {sampleTransaction(sampleBodies()["RegisterIdentity"]), sampleRegistration(), refusal.ErrRegistration},
		"without keys":                {carrying, &RegisterIdentity{}, refusal.ErrKeySize},
		"of a nobody by nobody":       {plain, &RegisterIdentity{}, refusal.ErrKeySize},
		"a key too short":             {carrying, registration(func(b *RegisterIdentity) { b.DSAPublicKey = b.DSAPublicKey[1:] }), refusal.ErrKeySize},
		"an issuer and no admission":  {carrying, registration(func(b *RegisterIdentity) { b.Issuer, b.Until = 1, 1 }), refusal.ErrSignatureSize},
		"an admission of no issuer":   {carrying, registration(func(b *RegisterIdentity) { b.Admission = fill(1, SignatureSize) }), refusal.ErrUnexpectedSignature},
		"an issuer without end":       {carrying, registration(func(b *RegisterIdentity) { b.Issuer, b.Admission = 1, fill(1, SignatureSize) }), refusal.ErrMalformed},
		"more than a transaction has": {sampleLargest(), sampleRegistration(), refusal.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.tx.WithRegistration(test.carried)
			require.ErrorIs(t, err, test.want)
			wire := test.tx.Body.wire()
			wire.Signature, wire.Registration = test.tx.Signature, test.carried
			_, err = ParseTransaction(sampleChainID, wire.MarshalCanoto())
			require.Error(t, err)
			if len(test.carried.KEMPublicKey) > 0 { // else the encoding is no canonical one
				require.ErrorIs(t, err, test.want, "decoded")
			}
		})
	}
}

// sampleLargest is a transaction that has no room for a registration.
func sampleLargest() *Transaction {
	registration := sampleRegistration()
	sender := IdentityID(registration.KEMPublicKey, registration.DSAPublicKey)
	return sampleTransaction(&SendMessage{Session: ids.ID{1}, Sender: sender, Ciphertext: make([]byte, MaxTransactionBytes-SignatureSize-256)})
}
