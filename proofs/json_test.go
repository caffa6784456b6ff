package proofs

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// TestTheJSONFormHasEachFieldOnce: a reader that takes the first of two fields and one
// that takes the last must not see two proofs in one file.
func TestTheJSONFormHasEachFieldOnce(t *testing.T) {
	b := newTestTree(t, 3).delivery()
	text := string(encode(t, b))
	replaced := func(old, with string) string {
		require.Contains(t, text, old)
		return strings.Replace(text, old, with, 1)
	}
	for name, file := range map[string]string{
		"a field twice":           replaced(`{"version":1,`, `{"version":1,"version":1,`),
		"another value first":     replaced(`{"version":1,`, `{"version":2,"version":1,`),
		"a header field twice":    replaced(`"height":9,`, `"height":8,"height":9,`),
		"the header twice":        replaced(`"header":{`, `"header":null,"header":{`),
		"another case":            replaced(`"version"`, `"Version"`),
		"another header's case":   replaced(`"chainId"`, `"chainID"`),
		"a long s":                replaced(`"transaction"`, `"tran\u017faction"`),
		"hex of half a byte":      replaced(`"key":"0`, `"key":"`),
		"bytes as an array":       replaced(`"key":"040000000000000003"`, `"key":[4,0,0,0,0,0,0,0,3]`),
		"a number with a point":   replaced(`"height":9`, `"height":9.0`),
		"a number as text":        replaced(`"height":9`, `"height":"9"`),
		"a negative number":       replaced(`"height":9`, `"height":-9`),
		"a number above 64 bits":  replaced(`"height":9`, `"height":18446744073709551616`),
		"an ID with a wrong sum":  replaced(`"chainId":"`, `"chainId":"2`),
		"a deep value":            replaced(`"key":"040000000000000003"`, `"key":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)),
		"an object for an ID":     replaced(`"blockId":"`+b.BlockID.String()+`"`, `"blockId":{}`),
		"text behind":             text + "x",
		"an array of it":          "[" + text + "]",
		"a byte order mark ahead": "\ufeff" + text,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseBundleJSON([]byte(file))
			require.ErrorIs(t, err, refusal.ErrMalformed)
			_, err = Parse([]byte(file))
			require.Error(t, err)
		})
	}
}

// TestTheJSONFormMayBeLaidOutAnew: order, white space, and the case and prefix of hex are free, and
// what is zero or empty may be left out or be there.
func TestTheJSONFormMayBeLaidOutAnew(t *testing.T) {
	b := newTestTree(t, 3).delivery()
	text := encode(t, b)
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&fields))
	sorted, err := json.Marshal(fields)
	require.NoError(t, err)
	require.NotEqual(t, text, sorted)
	indented, err := json.MarshalIndent(b, "", "\t")
	require.NoError(t, err)
	upper := bytes.Replace(text, []byte(b.Header.StateRoot.String()), []byte(strings.ToUpper(b.Header.StateRoot.String())), 1)
	require.NotEqual(t, text, upper)
	for name, file := range map[string][]byte{"sorted": sorted, "indented": append(indented, '\n'), "upper": upper,
		"left out": bytes.Replace(text, []byte(`"pChainHeight":0,`), nil, 1),
		"empty":    bytes.Replace(text, []byte(`{"version":1,`), []byte(`{"version":1,"sessionKeys":"",`), 1),
		"null":     bytes.Replace(text, []byte(`{"version":1,`), []byte(`{"version":1,"certificates":null,`), 1),
		"prefix":   bytes.Replace(text, []byte(`"key":"`), []byte(`"key":"0x`), 1),
	} {
		require.True(t, name == "sorted" || !bytes.Equal(text, file), name)
		parsed, err := Parse(file)
		require.NoError(t, err, name)
		require.Equal(t, b.Bytes(), parsed.Bytes(), name)
	}
}
