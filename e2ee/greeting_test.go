package e2ee

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAGreetingIsOneContentIfItFits(t *testing.T) {
	proof, roster, seats := Said{ContentProof, []byte("who")}, Said{ContentRoster, []byte("all")}, Said{ContentSeats, nil}
	whole := Greeting{proof, roster, seats}
	encoded := whole.Bytes()
	require.Equal(t, "01"+"0200000003"+"77686f"+"0600000003"+"616c6c"+"0500000000", hex.EncodeToString(encoded))
	require.Equal(t, []Said{{ContentGreeting, encoded}}, whole.Contents())
	got, err := ParseGreeting(encoded)
	require.NoError(t, err)
	require.Equal(t, encoded, got.Bytes())
	require.Equal(t, []Said{seats}, Greeting{seats}.Contents())
	require.Empty(t, Greeting(nil).Contents())

	proof.Content = make([]byte, MaxContent-1-5-5)
	require.Len(t, Greeting{proof, seats}.Contents(), 1)
	proof.Content = append(proof.Content, 0)
	require.Equal(t, []Said{proof, seats}, Greeting{proof, seats}.Contents())
}

func TestAGreetingIsReadStrictly(t *testing.T) {
	whole := Greeting{{ContentProof, []byte("who")}, {ContentSeats, []byte("next")}}.Bytes()
	for end := range whole {
		_, err := ParseGreeting(whole[:end])
		require.Error(t, err, end)
	}
	for name, greeting := range map[string]Greeting{
		"nothing":          {},
		"one alone":        {{ContentProof, nil}},
		"another order":    {{ContentSeats, nil}, {ContentProof, nil}},
		"one twice":        {{ContentProof, nil}, {ContentProof, nil}},
		"a text":           {{ContentProof, nil}, {ContentText, nil}},
		"another greeting": {{ContentProof, nil}, {ContentGreeting, whole}},
	} {
		_, err := ParseGreeting(greeting.Bytes())
		require.ErrorIs(t, err, ErrMalformed, name)
	}
	_, err := ParseGreeting(append(bytes.Clone(whole), 0))
	require.ErrorIs(t, err, ErrMalformed)
	_, err = ParseGreeting(with(whole, 0, 2))
	require.ErrorIs(t, err, ErrVersion)
}

// FuzzParseGreeting gives a greeting of any bytes: what is taken has that one encoding.
func FuzzParseGreeting(f *testing.F) {
	f.Add(Greeting{{ContentProof, []byte("who")}, {ContentRoster, nil}, {ContentSeats, []byte("next")}}.Bytes())
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if greeting, err := ParseGreeting(encoded); err == nil {
			require.Equal(t, encoded, greeting.Bytes())
		}
	})
}
