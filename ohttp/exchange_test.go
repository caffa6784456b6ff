package ohttp

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The example of RFC 9458, appendix A: X25519, HKDF-SHA256, AES-128-GCM.
func TestTheGatewaysSideOfTheRFCsExample(t *testing.T) {
	private, err := hpke.DHKEM(ecdh.X25519()).NewPrivateKey(unhex(t, "3c168975674b2fa8e465970b79c8dcf09f1c741626480bd4c6162fc5b6a98e1a"))
	require.NoError(t, err)
	key, err := newKey(private)
	require.NoError(t, err)
	config := unhex(t, "01002031e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e79815500080001000100010003")
	const algorithms = 8 // bytes at the end: ours are in the other order
	require.Equal(t, config[:len(config)-algorithms], key.Keys()[2:len(config)+2-algorithms])
	require.Equal(t, unhex(t, "0001000300010001"), key.Keys()[len(config)+2-algorithms:])

	message, exchange, err := key.Open(unhex(t, "010020000100014b28f881333e7c164ffc499ad9796f877f4e1051ee6d31bad1"+
		"9dec96c208b4726374e469135906992e1268c594d2a10c695d858c40a026e7965e7d86b83dd440b2c0185204b4d63525"))
	require.NoError(t, err)
	require.Equal(t, unhex(t, "00034745540568747470730b6578616d706c652e636f6d012f"), message)
	request, err := ParseRequest(message)
	require.NoError(t, err)
	require.Equal(t, &Request{Method: "GET", Scheme: "https", Authority: "example.com", Path: "/"}, request)
	require.Equal(t, unhex(t, "62d87a6ba569ee81014c2641f52bea36"), exchange.secret)

	answer := unhex(t, "0140c8")
	nonce := unhex(t, "c789e7151fcba46158ca84b04464910d")
	ciphertext, err := exchange.sealAnswer(nonce, bytes.Clone(answer))
	require.NoError(t, err)
	sealed := slices.Concat(nonce, ciphertext)
	require.Equal(t, unhex(t, "c789e7151fcba46158ca84b04464910d86f9013e404feea014e7be4a441f234f857fbd"), sealed)
	opened, err := exchange.OpenAnswer(sealed)
	require.NoError(t, err)
	require.Equal(t, answer, opened)
}

// newTestKey returns a gateway's key, and what programs have of it.
func newTestKey(t testing.TB) (*Key, *PublicKey) {
	t.Helper()
	key, err := GenerateKey()
	require.NoError(t, err)
	public, err := ParseKeys(key.Keys(), key.Hash())
	require.NoError(t, err)
	return key, public
}

func TestAKeyIsWhatItsBytesSay(t *testing.T) {
	key, public := newTestKey(t)
	encoded, err := key.Bytes()
	require.NoError(t, err)
	require.Len(t, encoded, KeySize)
	again, err := ParseKey(encoded)
	require.NoError(t, err)
	require.Equal(t, key.Hash(), again.Hash())
	sealed, _, err := public.Seal([]byte("message"))
	require.NoError(t, err)
	opened, _, err := again.Open(sealed)
	require.NoError(t, err)
	require.Equal(t, "message", string(opened))
	_, err = ParseKey(encoded[1:])
	require.Error(t, err)
}

func TestEachSideReadsWhatTheOtherHasSealed(t *testing.T) {
	key, public := newTestKey(t)
	require.Equal(t, uint16(3), binary.BigEndian.Uint16(public.header[5:]), "ChaCha20-Poly1305")
	for i := range suites {
		binary.BigEndian.PutUint16(public.header[5:], suites[i].aead.ID())
		public.suite = &suites[i]
		sealed, asked, err := public.Seal([]byte("request"))
		require.NoError(t, err)
		require.NotContains(t, string(sealed), "request")
		message, answers, err := key.Open(sealed)
		require.NoError(t, err)
		require.Equal(t, "request", string(message))
		nonce, ciphertext, err := answers.SealAnswer([]byte("answer"))
		require.NoError(t, err)
		require.NotContains(t, string(ciphertext), "answer")
		opened, err := asked.OpenAnswer(slices.Concat(nonce, ciphertext))
		require.NoError(t, err)
		require.Equal(t, "answer", string(opened))
	}
}

func TestWhatWasChangedOnItsWayDoesNotOpen(t *testing.T) {
	key, public := newTestKey(t)
	sealed, asked, err := public.Seal([]byte("request"))
	require.NoError(t, err)
	_, answers, err := key.Open(sealed)
	require.NoError(t, err)
	nonce, ciphertext, err := answers.SealAnswer([]byte("answer"))
	require.NoError(t, err)
	answer := slices.Concat(nonce, ciphertext)
	for name, side := range map[string]struct {
		sealed []byte
		open   func([]byte) error
	}{
		"request": {sealed, func(sealed []byte) error { _, _, err := key.Open(sealed); return err }},
		"answer":  {answer, func(sealed []byte) error { _, err := asked.OpenAnswer(sealed); return err }},
	} {
		for at := range side.sealed {
			require.ErrorIs(t, side.open(bytes.Clone(side.sealed[:at])), ErrKey, "%s, %d bytes", name, at)
			changed := bytes.Clone(side.sealed)
			changed[at] ^= 1 << (at % 8)
			require.ErrorIs(t, side.open(changed), ErrKey, "%s, byte %d", name, at)
		}
		require.ErrorIs(t, side.open(append(bytes.Clone(side.sealed), 0)), ErrKey, name)
	}
	require.NoError(t, func() error { _, err := asked.OpenAnswer(answer); return err }())
}

func TestAnAnswerIsForItsRequestAlone(t *testing.T) {
	key, public := newTestKey(t)
	sealed, _, err := public.Seal([]byte("request"))
	require.NoError(t, err)
	_, other, err := public.Seal([]byte("request"))
	require.NoError(t, err)
	_, answers, err := key.Open(sealed)
	require.NoError(t, err)
	nonce, ciphertext, err := answers.SealAnswer([]byte("answer"))
	require.NoError(t, err)
	_, err = other.OpenAnswer(slices.Concat(nonce, ciphertext))
	require.ErrorIs(t, err, ErrKey)

	stranger, _ := newTestKey(t)
	_, _, err = stranger.Open(sealed)
	require.ErrorIs(t, err, ErrKey)
}

func TestKeysThatAreNotTheGatewaysAreRefused(t *testing.T) {
	key, _ := newTestKey(t)
	other, _ := newTestKey(t)
	_, err := ParseKeys(other.Keys(), key.Hash())
	require.ErrorContains(t, err, key.Hash().String())
	parse := func(keys []byte) error {
		_, err := ParseKeys(keys, sha256.Sum256(keys))
		return err
	}
	good := key.Keys()
	for at := range good {
		require.ErrorContains(t, parse(good[:at]), "got another")
	}
	for name, change := range map[string]func(keys []byte){
		"a length too long": func(keys []byte) { keys[0] = 0xff },
		"another KEM":       func(keys []byte) { keys[4] = 0x20 },
		"another algorithm": func(keys []byte) { keys[len(keys)-5] = 9 },
		"another KDF":       func(keys []byte) { keys[len(keys)-7] = 9 },
		"no key of ML-KEM":  func(keys []byte) { copy(keys[5:], bytes.Repeat([]byte{0xff}, 100)) },
	} {
		changed := bytes.Clone(good)
		change(changed)
		require.ErrorContains(t, parse(changed), "got another", name)
	}
	require.NoError(t, parse(good))
}
