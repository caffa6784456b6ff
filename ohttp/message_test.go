package ohttp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	require.NoError(t, err)
	return decoded
}

// The examples of RFC 9292, section 5: figures 8, 9 and 13.
const (
	figure8 = "00034745 54056874 74707300 0a2f6865 6c6c6f2e 74787440 6c0a7573 65722d61" +
		"67656e74 34637572 6c2f372e 31362e33 206c6962 6375726c 2f372e31 362e3320" +
		"4f70656e 53534c2f 302e392e 376c207a 6c69622f 312e322e 3304686f 73740f77" +
		"77772e65 78616d70 6c652e63 6f6d0f61 63636570 742d6c61 6e677561 67650665 6e2c206d 690000"
	figure9  = "02034745 54056874 74707300 0a2f6865 6c6c6f2e 747874"
	figure13 = "0140c800 1d546869 7320636f 6e74656e 7420636f 6e746169 6e732043 524c462e 0d0a0d07 74726169 6c657204 74657874"
)

func exampleRequest() *Request {
	return &Request{
		Method: "GET", Scheme: "https", Path: "/hello.txt",
		Header: []Field{
			{"user-agent", "curl/7.16.3 libcurl/7.16.3 OpenSSL/0.9.7l zlib/1.2.3"},
			{"host", "www.example.com"},
			{"accept-language", "en, mi"},
		},
		Content: []byte{},
	}
}

func TestARequestIsEncodedAsTheRFCsExample(t *testing.T) {
	encoded := unhex(t, figure8)
	require.Equal(t, append(bytes.Clone(encoded), make([]byte, leastPadded-len(encoded))...), exampleRequest().Bytes())
	for _, message := range [][]byte{encoded, exampleRequest().Bytes(), append(encoded, 0, 0, 0)} {
		decoded, err := ParseRequest(message)
		require.NoError(t, err)
		require.Equal(t, exampleRequest(), decoded)
	}
	for cut := 1; cut <= 2; cut++ { // an empty trailer and empty content may be left out
		decoded, err := ParseRequest(encoded[:len(encoded)-cut])
		require.NoError(t, err)
		require.Equal(t, exampleRequest().Header, decoded.Header)
		require.Empty(t, decoded.Content)
	}
}

func TestAResponseIsDecodedAsTheRFCsExample(t *testing.T) {
	decoded, err := ParseResponse(unhex(t, figure13))
	require.NoError(t, err)
	require.Equal(t, &Response{Status: 200, Content: []byte("This content contains CRLF.\r\n")}, decoded)

	informational := append(unhex(t, "01 4067 00"), unhex(t, figure13)[1:]...) // 103 before it
	again, err := ParseResponse(informational)
	require.NoError(t, err)
	require.Equal(t, decoded, again)
}

func TestAResponseIsWhatWasEncoded(t *testing.T) {
	header := []Field{{"content-type", "application/json"}, {"retry-after", "1"}}
	for _, size := range []int{0, 1, 63, 64, 1 << 14, 1 << 20} {
		content := bytes.Repeat([]byte{7}, size)
		decoded, err := ParseResponse(EncodeResponse(429, header, content[:size/2], content[size/2:]))
		require.NoError(t, err)
		require.Equal(t, &Response{Status: 429, Header: header, Content: content}, decoded)
	}
}

func TestSizesTellLittle(t *testing.T) {
	sizes := make(map[int]bool)
	for size := range 4096 {
		request := &Request{Method: "POST", Scheme: Scheme, Authority: Authority, Path: "/rpc", Content: make([]byte, size)}
		sizes[len(request.Bytes())] = true
	}
	require.Len(t, sizes, 5)
	for _, size := range []int{1, 1 << 10, 100_000, 4 << 20, 4<<20 + 1} {
		require.GreaterOrEqual(t, padded(size), size)
		require.LessOrEqual(t, padded(size), max(size+size/8, size+leastPadded))
		require.LessOrEqual(t, sealedRoom+len(EncodeResponse(200, exampleRequest().Header, make([]byte, size))), SealedSize(size))
	}
}

func TestAMessageThatIsMalformedIsRefused(t *testing.T) {
	long := binary.BigEndian.AppendUint64(nil, 1<<62-1|3<<62)
	control := unhex(t, "00 03474554 056874747073 00 012f")
	fields := func(text string) []byte { return append(append(bytes.Clone(control), byte(len(text))), text...) }
	for name, message := range map[string][]byte{
		"nothing":                     {},
		"a response":                  unhex(t, figure13),
		"an indeterminate request":    unhex(t, figure9),
		"an unknown framing":          {4},
		"a cut integer":               {0, 0xc0},
		"a huge method":               append([]byte{0}, long...),
		"a huge header":               append(bytes.Clone(control), long...),
		"a huge content":              append(append(bytes.Clone(control), 0), long...),
		"a huge trailer":              append(append(bytes.Clone(control), 0, 0), long...),
		"a long path":                 (&Request{Path: strings.Repeat("/", maxText+1)}).Bytes(),
		"padding that is not zero":    append(bytes.Clone(control), 0, 0, 0, 0, 1),
		"a header that ends too soon": append(bytes.Clone(control), 2, 1),
		"a name without a value":      fields("\x01a"),
		"no name":                     fields("\x00\x01b"),
		"a name in upper case":        fields("\x01A\x01b"),
		"a pseudo-field":              fields("\x05:path\x01/"),
		"a line break in a value":     fields("\x01a\x03b\r\n"),
		"a space around a value":      fields("\x01a\x02b "),
		"too many fields":             (&Request{Header: make([]Field, maxFields+1)}).Bytes(),
	} {
		_, err := ParseRequest(message)
		require.ErrorIs(t, err, refusal.ErrMalformed, name)
	}
	many := make([]Field, maxFields+1)
	for i := range many {
		many[i] = Field{"a", "b"}
	}
	_, err := ParseRequest((&Request{Header: many}).Bytes())
	require.ErrorContains(t, err, "at most 64 fields")
	_, err = ParseRequest((&Request{Header: many[1:]}).Bytes())
	require.NoError(t, err)

	for name, message := range map[string][]byte{
		"nothing":                  {},
		"a request":                unhex(t, figure8),
		"an indeterminate one":     {3, 0x40, 0xc8},
		"no status":                {1},
		"a status too low":         {1, 50},
		"a status too high":        {1, 0x42, 0x58},
		"an informational one":     unhex(t, "01 4066 00"),
		"a content that ends soon": {1, 0x40, 0xc8, 0, 2, 1},
	} {
		_, err := ParseResponse(message)
		require.ErrorIs(t, err, refusal.ErrMalformed, name)
	}
}

func TestAHeadersValueIsTheOnlyOne(t *testing.T) {
	header := []Field{{"a", "1"}, {"b", "2"}, {"b", "3"}}
	value, ok := Value(header, "a")
	require.True(t, ok)
	require.Equal(t, "1", value)
	value, ok = Value(header, "b")
	require.True(t, ok)
	require.Empty(t, value)
	_, ok = Value(header, "c")
	require.False(t, ok)
}

func FuzzParseMessage(f *testing.F) {
	f.Add(unhex(f, figure8))
	f.Add(unhex(f, figure9))
	f.Add(unhex(f, figure13))
	f.Fuzz(func(t *testing.T, message []byte) {
		if request, err := ParseRequest(message); err == nil {
			again, err := ParseRequest(request.Bytes())
			require.NoError(t, err)
			require.Equal(t, request.Header, again.Header)
			require.True(t, bytes.Equal(request.Content, again.Content))
		}
		if response, err := ParseResponse(message); err == nil {
			again, err := ParseResponse(EncodeResponse(response.Status, response.Header, response.Content))
			require.NoError(t, err)
			require.Equal(t, response.Status, again.Status)
			require.True(t, bytes.Equal(response.Content, again.Content))
		}
	})
}
