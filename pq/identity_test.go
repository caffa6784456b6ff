package pq

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/blake2b"
	"pgregory.net/rapid"
)

func TestIdentityFromSeed(t *testing.T) {
	identity := testIdentity(t, 1)
	require.Equal(t, identity.Public(), testIdentity(t, 1).Public(), "the same seed")
	require.NotEqual(t, identity.ID(), testIdentity(t, 2).ID(), "another seed")
	for _, size := range []int{0, 31, 33, 64} {
		_, err := IdentityFromSeed(make([]byte, size))
		require.ErrorIs(t, err, ErrSeed, "size %d", size)
	}

	public := identity.Public()
	require.Len(t, public.KEM, KEMPublicKeySize)
	require.Len(t, public.DSA, DSAPublicKeySize)
	require.Equal(t, identity.KEM().Public(), public.KEM)
	require.Equal(t, blake2b.Sum256(slices.Concat(public.KEM, public.DSA)), identity.ID())
	require.Equal(t, identity.ID(), public.ID())
}

func TestGenerateIdentity(t *testing.T) {
	first, err := GenerateIdentity()
	require.NoError(t, err)
	second, err := GenerateIdentity()
	require.NoError(t, err)
	require.NotEqual(t, first.ID(), second.ID())
}

func TestNewPublicIdentity(t *testing.T) {
	public := testIdentity(t, 1).Public()
	made, err := NewPublicIdentity(public.KEM, public.DSA)
	require.NoError(t, err)
	require.Equal(t, public, made)

	id := made.ID()
	public.KEM[0] ^= 1
	public.DSA[0] ^= 1
	require.Equal(t, id, made.ID(), "it shares memory with its caller's keys")
	require.NotEqual(t, id, public.ID())

	unreduced := bytes.Repeat([]byte{0xff}, KEMPublicKeySize)
	for name, c := range map[string]struct {
		kem, dsa []byte
		err      error
	}{
		"no KEM key":        {nil, made.DSA, ErrKEMPublicKey},
		"short KEM key":     {made.KEM[1:], made.DSA, ErrKEMPublicKey},
		"unreduced KEM key": {unreduced, made.DSA, ErrKEMPublicKey},
		"no DSA key":        {made.KEM, nil, ErrDSAPublicKey},
		"long DSA key":      {made.KEM, append(bytes.Clone(made.DSA), 0), ErrDSAPublicKey},
		"keys swapped":      {made.DSA, made.KEM, ErrKEMPublicKey},
	} {
		_, err := NewPublicIdentity(c.kem, c.dsa)
		require.ErrorIs(t, err, c.err, name)
	}
}

func TestPublicIsACopy(t *testing.T) {
	identity := testIdentity(t, 1)
	id := identity.ID()
	public := identity.Public()
	public.KEM[0] ^= 1
	public.DSA[0] ^= 1
	identity.KEM().Public()[0] ^= 1
	require.Equal(t, id, identity.Public().ID())
	require.Equal(t, identity.Public().KEM, identity.KEM().Public())
}

func TestSignAndVerify(t *testing.T) {
	identity := testIdentity(t, 1)
	publicKey := identity.Public().DSA
	rapid.Check(t, func(t *rapid.T) {
		context := string(rapid.SliceOfN(rapid.Byte(), 0, MaxContextSize).Draw(t, "context"))
		message := rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "message")
		signature, err := identity.Sign(context, message)
		require.NoError(t, err)
		require.NoError(t, Verify(publicKey, context, message, signature))

		require.ErrorIs(t, Verify(publicKey, context, message[1:], signature), ErrSignature)
		if context != "" {
			require.ErrorIs(t, Verify(publicKey, context[1:], message, signature), ErrSignature)
		}
		at, bit := rapid.IntRange(0, DSASignatureSize-1).Draw(t, "at"), rapid.IntRange(0, 7).Draw(t, "bit")
		signature[at] ^= 1 << bit
		require.ErrorIs(t, Verify(publicKey, context, message, signature), ErrSignature)
	})
}

func TestSignatureSizesAreChecked(t *testing.T) {
	identity := testIdentity(t, 1)
	publicKey, signature := identity.Public().DSA, make([]byte, DSASignatureSize)
	long := strings.Repeat("c", MaxContextSize+1)

	_, err := identity.Sign(long, nil)
	require.ErrorIs(t, err, ErrContext)
	_, err = identity.SignDeterministic(long, nil)
	require.ErrorIs(t, err, ErrContext)
	require.ErrorIs(t, Verify(publicKey, long, nil, signature), ErrContext)
	for _, size := range []int{0, DSASignatureSize - 1, DSASignatureSize + 1} {
		require.ErrorIs(t, Verify(publicKey, "", nil, make([]byte, size)), ErrSignature, "size %d", size)
	}
	for _, size := range []int{0, DSAPublicKeySize - 1, DSAPublicKeySize + 1} {
		require.ErrorIs(t, Verify(make([]byte, size), "", nil, signature), ErrDSAPublicKey, "size %d", size)
	}
}

func TestWipedIdentity(t *testing.T) {
	identity := testIdentity(t, 1)
	copied, kem := *identity, identity.KEM()
	identity.Wipe()

	require.Zero(t, *copied.secret.seed)
	require.Equal(t, mldsa65.PrivateKey{}, *copied.secret.dsa)
	_, err := copied.Sign("", nil)
	require.ErrorIs(t, err, ErrWiped)
	_, err = copied.SignDeterministic("", nil)
	require.ErrorIs(t, err, ErrWiped)
	_, err = kem.Decapsulate(make([]byte, KEMCiphertextSize))
	require.ErrorIs(t, err, ErrWiped)
	require.ErrorIs(t, EncryptIdentity(&bytes.Buffer{}, &copied, "passphrase"), ErrWiped)
	require.Equal(t, testIdentity(t, 1).ID(), identity.Public().ID(), "the public half stays")

}

// Whatever a program does to print or encode an identity or a key, no secret appears.
func TestSecretsDoNotPrint(t *testing.T) {
	seed := []byte("a seed that is easy to recognize")
	identity, err := IdentityFromSeed(seed)
	require.NoError(t, err)
	type holder struct {
		Identity *Identity
		Value    Identity
		Key      *KEMKey
		inner    *Identity
		value    Identity
		key      KEMKey
	}
	held := holder{identity, *identity, identity.KEM(), identity, *identity, *identity.KEM()}

	var printed strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%t"} {
		for _, value := range []any{identity, *identity, identity.KEM(), *identity.KEM(), held, &held, []any{identity}} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
	}
	printed.WriteString(identity.String() + identity.KEM().String())
	for _, handler := range []slog.Handler{
		slog.NewTextHandler(&printed, nil),
		slog.NewJSONHandler(&printed, nil),
	} {
		slog.New(handler).Info("log", "identity", identity, "key", identity.KEM(), "value", *identity)
	}

	secrets := [][]byte{seed, identity.secret.dsa.Bytes()[32:64], identity.secret.kem.secret.key.Bytes()}
	for _, secret := range secrets {
		secret = secret[:16]
		for _, form := range []string{
			string(secret),
			hex.EncodeToString(secret),
			strings.ToUpper(hex.EncodeToString(secret)),
			strings.Trim(fmt.Sprint(secret), "[]"),
			strings.TrimSuffix(fmt.Sprintf("%#v", secret)[len("[]byte{"):], "}"),
			strings.Trim(fmt.Sprintf("%o", secret), "[]"),
			strings.Trim(fmt.Sprintf("%b", secret), "[]"),
		} {
			require.False(t, strings.Contains(printed.String(), form), "printed: %s", form)
		}
	}
	dsa, err := DSAKeyFromSeed(seed)
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, value := range []any{dsa, *dsa, struct{ key *DSAKey }{dsa}, struct{ key DSAKey }{*dsa}} {
			require.NotContains(t, fmt.Sprintf(verb, value), hex.EncodeToString(seed[:8]))
			require.Less(t, len(fmt.Sprintf(verb, value)), 6*DSAPublicKeySize, "the secret key is longer")
		}
	}
	_, err = json.Marshal(dsa)
	require.ErrorIs(t, err, ErrSecret)
	require.Equal(t, "pq.DSAKey(redacted)", dsa.String())

	require.Contains(t, printed.String(), "pq.Identity("+FormatID(identity.ID())+")")
	require.Contains(t, printed.String(), "pq.KEMKey(redacted)")

	for _, value := range []any{identity, *identity, identity.KEM(), *identity.KEM()} {
		_, err := json.Marshal(value)
		require.ErrorIs(t, err, ErrSecret)
	}
}

func TestIdentityConcurrently(t *testing.T) {
	identity := testIdentity(t, 1)
	public := identity.Public()
	ciphertext, shared, err := Encapsulate(public.KEM)
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			signature, err := identity.Sign("", []byte("message"))
			assert.NoError(t, err)
			assert.NoError(t, Verify(public.DSA, "", []byte("message"), signature))
			got, err := identity.KEM().Decapsulate(ciphertext)
			assert.NoError(t, err)
			assert.Equal(t, shared, got)
		})
	}
	group.Wait()
}
