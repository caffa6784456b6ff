package e2ee

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnOldStateRepeatsNoNonce: a state from before that is used again seals with the same keys,
// which is why states are stored first. Where it happens all the same, as with a restored backup and
// a node that is behind, each message has a nonce of its own: an observer does not even see that two
// are equal. With one nonce, who knows one of them would read the other.
func TestAnOldStateRepeatsNoNonce(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "start", bob)
	old, older := restored(t, alice), restored(t, alice)
	recordKeys(true)
	defer recordKeys(false)
	texts := []string{"launch code: 0000", "meet me at noon", "launch code: 0000"}
	var wires []messageWire
	for i, sender := range []*Session{alice, old, older} {
		sealed := seal(t, sender, testNow, texts[i])
		require.Nil(t, sealed.Announcement)
		wire, err := parseMessage(sealed.Message)
		require.NoError(t, err)
		wires = append(wires, wire)
	}
	keys, most := mostUsedKey()
	require.Equal(t, []int{1, 3}, []int{keys, most}, "all three have the same key")
	require.Equal(t, wires[0].header, wires[1].header)
	for i := range wires {
		for j := range i {
			require.NotEqual(t, wires[i].nonce, wires[j].nonce)
			for at := 0; at+8 <= len(wires[i].ciphertext); at += 8 {
				require.NotEqual(t, wires[i].ciphertext[at:at+8], wires[j].ciphertext[at:at+8])
			}
		}
	}
}

// Without randomness that is fresh, equal content of the same place shows, and nothing else does:
// nonces are computed from all that is sealed.
func TestAnOldStateAndNoRandomnessShowOnlyEquality(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	tell(t, alice, testNow, "start", bob)
	seals := func(text string) []byte {
		sender, err := Restore(alice.State(), alice.secrets, zeros{})
		require.NoError(t, err)
		return seal(t, sender, testNow, text).Message
	}
	require.Equal(t, seals("launch code: 0000"), seals("launch code: 0000"))
	one, other := seals("launch code: 0000"), seals("meet me at noon")
	require.NotEqual(t, one[messageStart:messageStart+nonceSize], other[messageStart:messageStart+nonceSize])
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
	padded := padded("text")
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
