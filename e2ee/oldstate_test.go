package e2ee

import (
	"crypto/subtle"
	"testing"

	"github.com/stretchr/testify/require"
)

// xor returns the bytes in which two of one size differ.
func xor(t *testing.T, a, b []byte) []byte {
	t.Helper()
	require.Len(t, b, len(a))
	out := make([]byte, len(a))
	subtle.XORBytes(out, a, b)
	return out
}

// TestOldStateShowsOnlyEquality: a state from before that is used again seals with the same
// keys, which is why states are stored first. Where it happens all the same, as with a restored
// backup and a node that is behind, two messages of one key have nonces of their own. With one
// nonce, who knows one of them would read the other.
func TestOldStateShowsOnlyEquality(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "start", bob)
	old, older := restored(t, alice), restored(t, alice)
	recordKeys(true)
	defer recordKeys(false)
	texts := []string{"launch code: 0000", "meet me at noon", "launch code: 0000"}
	var wires []messageWire
	var keystreams [][]byte
	for i, sender := range []*Session{alice, old, older} {
		sealed := seal(t, sender, testNow, texts[i])
		require.Nil(t, sealed.Announcement)
		wire, err := parseMessage(sealed.Message)
		require.NoError(t, err)
		wires = append(wires, wire)
		padded := pad(ContentText, []byte(texts[i]))
		keystreams = append(keystreams, xor(t, wire.ciphertext[:len(padded)], padded))
	}
	keys, most := mostUsedKey()
	require.Equal(t, []int{1, 3}, []int{keys, most}, "all three have the same key")
	require.Equal(t, wires[0].header, wires[1].header)

	require.NotEqual(t, wires[0].nonce, wires[1].nonce)
	require.NotEqual(t, keystreams[0], keystreams[1])
	for at := 0; at+8 <= len(keystreams[0]); at += 8 {
		require.NotEqual(t, keystreams[0][at:at+8], keystreams[1][at:at+8])
	}
	require.Equal(t, wires[0], wires[2], "the same content gives the same bytes")

	require.Equal(t, alice.Revision(), old.Revision(), "a store that has seen this revision knows")
}

// Who reads one of two messages that have the same place does not read the other.
func TestOneOfTwoMessagesFromAnOldStateOpens(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "start", bob)
	old := restored(t, alice)
	tell(t, alice, testNow, "one", bob)
	refusedOpen(t, bob, ErrRepeated, testNow, alice.Self(), seal(t, old, testNow, "two").Message)
}

// A member that has a message's keys cannot seal with a nonce of choice: readers compute it.
func TestANonceOfChoiceIsRefused(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "start", bob)
	key, _ := step(alice.sending.chain, labelMessage)
	keys, err := deriveMessageKeys(key)
	require.NoError(t, err)
	header := appendMessageHeader(nil, alice.sending.epoch, alice.sending.next)
	associated := associatedData(testSession, alice.Self(), alice.sending.transcript, header)
	padded := pad(ContentText, []byte("text"))
	with := func(nonce [nonceSize]byte) []byte {
		aead, err := xaeadOf(keys.seal[:])
		require.NoError(t, err)
		return aead.Seal(append(header[:messageStart:messageStart], nonce[:]...), nonce[:], padded, associated)
	}
	right := keys.syntheticNonce(associated, padded)
	for position := range nonceSize {
		nonce := right
		nonce[position] ^= 1
		refusedOpen(t, bob, ErrAuthentication, testNow, alice.Self(), with(nonce))
	}
	opened, err := bob.Open(testNow, alice.Self(), with(right))
	require.NoError(t, err)
	require.Equal(t, "text", string(opened.Content))
}
