package pq

import (
	"crypto/mlkem"
	"testing"

	"github.com/cloudflare/circl/kem/mlkem/mlkem768"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestKEMKeyAgreesWithPeers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), KEMSeedSize, KEMSeedSize).Draw(t, "seed")
		key, err := KEMKeyFromSeed(seed)
		require.NoError(t, err)
		standard, err := mlkem.NewDecapsulationKey768(seed)
		require.NoError(t, err)
		circlPublic, circlPrivate := mlkem768.NewKeyFromSeed(seed)
		circlPacked, err := circlPublic.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, standard.EncapsulationKey().Bytes(), key.Public())
		require.Equal(t, circlPacked, key.Public())

		ciphertext, shared, err := Encapsulate(key.Public())
		require.NoError(t, err)
		theirs, err := standard.Decapsulate(ciphertext)
		require.NoError(t, err)
		require.Equal(t, shared, theirs)
		theirs = make([]byte, KEMSharedKeySize)
		circlPrivate.DecapsulateTo(theirs, ciphertext)
		require.Equal(t, shared, theirs)

		shared, ciphertext = standard.EncapsulationKey().Encapsulate()
		ours, err := key.Decapsulate(ciphertext)
		require.NoError(t, err)
		require.Equal(t, shared, ours)

		// Implicit rejection: a changed ciphertext gives the same wrong key everywhere.
		ciphertext[rapid.IntRange(0, len(ciphertext)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		ours, err = key.Decapsulate(ciphertext)
		require.NoError(t, err)
		require.NotEqual(t, shared, ours)
		circlPrivate.DecapsulateTo(theirs, ciphertext)
		require.Equal(t, theirs, ours)
	})
}

func TestGenerateKEMKey(t *testing.T) {
	key, err := GenerateKEMKey()
	require.NoError(t, err)
	other, err := GenerateKEMKey()
	require.NoError(t, err)
	require.NotEqual(t, key.Public(), other.Public())

	ciphertext, shared, err := Encapsulate(key.Public())
	require.NoError(t, err)
	ours, err := key.Decapsulate(ciphertext)
	require.NoError(t, err)
	require.Equal(t, shared, ours)
	theirs, err := other.Decapsulate(ciphertext)
	require.NoError(t, err)
	require.NotEqual(t, shared, theirs)
}

func TestKEMSizesAreChecked(t *testing.T) {
	key := testIdentity(t, 1).KEM()
	for _, size := range []int{0, 1, KEMSeedSize - 1, KEMSeedSize + 1, 2400} {
		_, err := KEMKeyFromSeed(make([]byte, size))
		require.ErrorIs(t, err, ErrSeed, "size %d", size)
	}
	for _, size := range []int{0, 1, KEMCiphertextSize - 1, KEMCiphertextSize + 1} {
		_, err := key.Decapsulate(make([]byte, size))
		require.ErrorIs(t, err, ErrKEMCiphertext, "size %d", size)
	}
	for _, size := range []int{0, 1, KEMPublicKeySize - 1, KEMPublicKeySize + 1} {
		require.ErrorIs(t, CheckKEMPublicKey(make([]byte, size)), ErrKEMPublicKey, "size %d", size)
		_, _, err := Encapsulate(make([]byte, size))
		require.ErrorIs(t, err, ErrKEMPublicKey, "size %d", size)
	}
}

// FIPS 203, section 7.2: 3328 is the largest coefficient, at each of the 768 places.
func TestKEMModulusCheck(t *testing.T) {
	for coefficient := range 768 {
		for value, valid := range map[uint16]bool{0: true, 3328: true, 3329: false, 4095: false} {
			publicKey := make([]byte, KEMPublicKeySize)
			at := coefficient / 2 * 3
			if coefficient%2 == 0 {
				publicKey[at], publicKey[at+1] = byte(value), byte(value>>8)
			} else {
				publicKey[at+1], publicKey[at+2] = byte(value<<4), byte(value>>4)
			}
			if valid {
				require.NoError(t, CheckKEMPublicKey(publicKey), "coefficient %d = %d", coefficient, value)
			} else {
				require.ErrorIs(t, CheckKEMPublicKey(publicKey), ErrKEMPublicKey, "coefficient %d = %d", coefficient, value)
			}
		}
	}
}

func TestCheckKEMPublicKeyAgreesWithStandardLibrary(t *testing.T) {
	valid := testIdentity(t, 1).Public().KEM
	var accepted, refused int
	rapid.Check(t, func(t *rapid.T) {
		publicKey := append([]byte(nil), valid...)
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0: // a few changed bytes: valid more often than not
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				publicKey[rapid.IntRange(0, len(publicKey)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
			}
		case 1: // random bytes, any size
			publicKey = rapid.SliceOfN(rapid.Byte(), 0, KEMPublicKeySize+8).Draw(t, "bytes")
		case 2: // random bytes, right size
			publicKey = rapid.SliceOfN(rapid.Byte(), KEMPublicKeySize, KEMPublicKeySize).Draw(t, "key")
		}
		_, standard := mlkem.NewEncapsulationKey768(publicKey)
		if standard == nil {
			accepted++
			require.NoError(t, CheckKEMPublicKey(publicKey))
		} else {
			refused++
			require.ErrorIs(t, CheckKEMPublicKey(publicKey), ErrKEMPublicKey)
		}
	})
	require.Positive(t, accepted)
	require.Positive(t, refused)
}

func TestCheckKEMPublicKeyDoesNotAllocate(t *testing.T) {
	publicKey := testIdentity(t, 1).Public().KEM
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = CheckKEMPublicKey(publicKey) }))
}

func TestWipedKEMKey(t *testing.T) {
	key, err := GenerateKEMKey()
	require.NoError(t, err)
	copied := *key
	key.Wipe()
	_, err = copied.Decapsulate(make([]byte, KEMCiphertextSize))
	require.ErrorIs(t, err, ErrWiped)
	require.Len(t, key.Public(), KEMPublicKeySize)
}
