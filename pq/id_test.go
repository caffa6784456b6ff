package pq

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestIDText(t *testing.T) {
	id := [IDSize]byte{0: 0xab, 31: 0x01}
	text := "07ab" + strings.Repeat("00", 30) + "01"
	require.Equal(t, text, FormatID(id))
	require.Len(t, text, 66)
	for _, accepted := range []string{text, "0x" + text, strings.ToUpper(text)} {
		parsed, err := ParseID(accepted)
		require.NoError(t, err, accepted)
		require.Equal(t, id, parsed)
	}
	for name, refused := range map[string]string{
		"empty":               "",
		"only the prefix":     "07",
		"a digit short":       text[:65],
		"a digit long":        text + "0",
		"without prefix":      text[2:],
		"another prefix":      "05" + text[2:],
		"0x twice":            "0x0x" + text,
		"0X":                  "0X" + text,
		"not hex":             text[:65] + "g",
		"space before":        " " + text,
		"space instead":       " " + text[1:],
		"newline at the end":  text + "\n",
		"not ASCII, same len": "07" + strings.Repeat("é", 32),
	} {
		_, err := ParseID(refused)
		require.ErrorIs(t, err, ErrID, name)
	}
}

func TestIDTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := [IDSize]byte(rapid.SliceOfN(rapid.Byte(), IDSize, IDSize).Draw(t, "id"))
		parsed, err := ParseID(FormatID(id))
		require.NoError(t, err)
		require.Equal(t, id, parsed)
	})
}

func FuzzParseID(f *testing.F) {
	f.Add(FormatID([IDSize]byte{1}))
	f.Add("0x" + FormatID([IDSize]byte{2}))
	f.Add("07")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseID(text)
		if err != nil {
			require.ErrorIs(t, err, ErrID)
			require.Zero(t, id)
			return
		}
		require.Equal(t, FormatID(id), strings.ToLower(strings.TrimPrefix(text, "0x")))
	})
}
