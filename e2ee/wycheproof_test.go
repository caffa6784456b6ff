package e2ee

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/cloudflare/circl/dh/x25519"
	"github.com/stretchr/testify/require"
)

// The primitives that the protocol rests on beside those of package pq, against Wycheproof.

type wycheproofCase struct {
	ID      int      `json:"tcId"`
	Result  string   `json:"result"`
	Key     hexBytes `json:"key"`
	IV      hexBytes `json:"iv"`
	AAD     hexBytes `json:"aad"`
	Msg     hexBytes `json:"msg"`
	CT      hexBytes `json:"ct"`
	Tag     hexBytes `json:"tag"`
	IKM     hexBytes `json:"ikm"`
	Salt    hexBytes `json:"salt"`
	Info    hexBytes `json:"info"`
	Size    int      `json:"size"`
	OKM     hexBytes `json:"okm"`
	Public  hexBytes `json:"public"`
	Private hexBytes `json:"private"`
	Shared  hexBytes `json:"shared"`
}

// eachWycheproof visits all cases of a file, and requires that there are as many as it says.
func eachWycheproof(t *testing.T, name string, visit func(t *testing.T, tagBits int, c *wycheproofCase)) {
	t.Helper()
	content, err := fs.ReadFile(wycheproof.TestVectors, name+"_test.json")
	require.NoError(t, err)
	var file struct {
		NumberOfTests int `json:"numberOfTests"`
		TestGroups    []struct {
			TagSize int              `json:"tagSize"`
			Tests   []wycheproofCase `json:"tests"`
		} `json:"testGroups"`
	}
	require.NoError(t, json.Unmarshal(content, &file))
	count := 0
	for _, group := range file.TestGroups {
		for i := range group.Tests {
			visit(t, group.TagSize, &group.Tests[i])
			count++
		}
	}
	require.Positive(t, count)
	require.Equal(t, file.NumberOfTests, count)
}

func TestWycheproofAEADs(t *testing.T) {
	for name, newAEAD := range map[string]func([]byte) (cipher.AEAD, error){
		"chacha20_poly1305": newAEAD, "xchacha20_poly1305": newXAEAD,
	} {
		eachWycheproof(t, name, func(t *testing.T, _ int, c *wycheproofCase) {
			aead, err := newAEAD(c.Key)
			if err != nil || len(c.IV) != aead.NonceSize() {
				require.Equal(t, "invalid", c.Result, "%s %d", name, c.ID)
				return
			}
			opened, err := aead.Open(nil, c.IV, append(append([]byte{}, c.CT...), c.Tag...), c.AAD)
			if c.Result == "invalid" {
				require.Error(t, err, "%s %d", name, c.ID)
				return
			}
			require.NoError(t, err, "%s %d", name, c.ID)
			require.Equal(t, string(c.Msg), string(opened), "%s %d", name, c.ID)
			require.Equal(t, string(c.CT)+string(c.Tag), string(aead.Seal(nil, c.IV, c.Msg, c.AAD)), "%s %d", name, c.ID)
		})
	}
}

func TestWycheproofHKDF(t *testing.T) {
	eachWycheproof(t, "hkdf_sha256", func(t *testing.T, _ int, c *wycheproofCase) {
		key, err := hkdf.Key(sha256.New, c.IKM, c.Salt, string(c.Info), c.Size)
		if c.Result == "invalid" {
			require.Error(t, err, "%d", c.ID)
			return
		}
		require.NoError(t, err, "%d", c.ID)
		require.Equal(t, string(c.OKM), string(key), "%d", c.ID)
	})
}

func TestWycheproofHMAC(t *testing.T) {
	eachWycheproof(t, "hmac_sha256", func(t *testing.T, tagBits int, c *wycheproofCase) {
		h := hmac.New(sha256.New, c.Key)
		h.Write(c.Msg)
		require.Equal(t, c.Result == "valid", hmac.Equal(h.Sum(nil)[:tagBits/8], c.Tag), "%d", c.ID)
	})
}

// X-Wing's X25519 is circl's. "Acceptable" cases are points of low order and the like, which
// X-Wing does not need to refuse: ML-KEM-768 is in the same key.
func TestWycheproofX25519(t *testing.T) {
	eachWycheproof(t, "x25519", func(t *testing.T, _ int, c *wycheproofCase) {
		var shared x25519.Key
		secret, public := x25519.Key(c.Private), x25519.Key(c.Public)
		if ok := x25519.Shared(&shared, &secret, &public); !ok {
			require.Equal(t, "acceptable", c.Result, "%d", c.ID)
			return
		}
		require.Equal(t, string(c.Shared), string(shared[:]), "%d", c.ID)
	})
}
