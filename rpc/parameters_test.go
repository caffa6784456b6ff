package rpc

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// everything has each type that parameters have.
type everything struct {
	ID       ids.ID            `json:"id"`
	Identity ids.ID            `json:"identity,omitzero" id:"identity"`
	IDs      []ids.ID          `json:"ids,omitempty"`
	Bytes    client.Bytes      `json:"bytes,omitempty"`
	Keys     []client.Bytes    `json:"keys,omitempty"`
	Number   uint64            `json:"number,omitzero"`
	Height   *uint64           `json:"height,omitempty"`
	Full     bool              `json:"full,omitzero"`
	Wait     client.Seconds    `json:"wait,omitzero"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

const idText = `"id":"0700000000000000000000000000000000000000000000000000000000000001"`

func TestAParameterThatIsMissingOrWrongIsNamed(t *testing.T) {
	for params, expected := range map[string]string{
		`{}`:                                  "the parameter id",
		`{"id":null}`:                         "the parameter id",
		`{"id":7}`:                            "id: an ID as a string",
		`{"id":"7"}`:                          "id: an ID as CB58 or 64 hex digits",
		`{"id":"P"}`:                          "id: an ID as CB58 or 64 hex digits",
		`{` + idText + `,"identity":"07"}`:    "identity: an identity's ID as CB58, 64 hex digits, or 07 and 64 hex digits",
		`{` + idText + `,"ids":7}`:            "ids: an array",
		`{` + idText + `,"ids":[null]}`:       "ids: 0: an ID as a string",
		`{` + idText + `,"bytes":"0"}`:        "bytes: bytes as an even number of hex digits",
		`{` + idText + `,"bytes":[0]}`:        "bytes: bytes as a hex string",
		`{` + idText + `,"keys":["00","x"]}`:  "keys: 1: bytes as an even number of hex digits",
		`{` + idText + `,"number":1.5}`:       "number: a whole number from 0 to 2^64 - 1",
		`{` + idText + `,"number":"-1"}`:      "number: a whole number from 0 to 2^64 - 1",
		`{` + idText + `,"number":1e3}`:       "number: a whole number from 0 to 2^64 - 1",
		`{` + idText + `,"height":"soon"}`:    `height: a height, or "latest"`,
		`{` + idText + `,"full":1}`:           "full: true or false",
		`{` + idText + `,"wait":"1s"}`:        "wait: a number of seconds",
		`{` + idText + `,"wait":1e300}`:       "wait: a number of seconds",
		`{` + idText + `,"metadata":{"a":1}}`: "metadata: an object of strings",
	} {
		err := decodeParameters(json.RawMessage(params), new(everything))
		require.ErrorIs(t, err, refusal.ErrInvalidArgs, params)
		refused := new(refusal.Error)
		require.ErrorAs(t, err, &refused)
		require.Equal(t, expected, refused.Expected, params)
		require.Less(t, len(refused.Got), 300)
	}
}

func TestParametersOfEachTypeAreDecoded(t *testing.T) {
	got := new(everything)
	require.NoError(t, decodeParameters(json.RawMessage(`{`+idText+`,
		"identity":"0711111111111111111111111111111111111111111111111111111111111111aa",
		"ids":["0x0700000000000000000000000000000000000000000000000000000000000001"],
		"bytes":"0xABcd","keys":["","00"],"number":"18446744073709551615","height":5,"full":true,"wait":0.25,
		"metadata":{"a":"b"}}`), got))
	height := uint64(5)
	var identity ids.ID
	for i := range identity {
		identity[i] = 0x11
	}
	identity[31] = 0xaa
	id := ids.ID{0: 7, 31: 1}
	require.Equal(t, &everything{
		ID: id, Identity: identity, IDs: []ids.ID{id}, Bytes: client.Bytes{0xab, 0xcd}, Keys: []client.Bytes{{}, {0}},
		Number: 1<<64 - 1, Height: &height, Full: true, Wait: client.Seconds(250 * time.Millisecond), Metadata: map[string]string{"a": "b"},
	}, got)

	got = new(everything)
	require.NoError(t, decodeParameters(json.RawMessage(`[{`+idText+`,"height":"latest","number":null,"metadata":null}]`), got))
	require.Equal(t, &everything{ID: id}, got)
}

func TestIDsAreReadInEveryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id ids.ID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), ids.IDLen, ids.IDLen).Draw(t, "id"))
		texts := []string{id.String(), id.Hex(), "0x" + id.Hex(), "0X" + strings.ToUpper(id.Hex())}
		for _, text := range texts {
			for _, identity := range []bool{false, true} {
				got, err := parseID(text, identity)
				require.NoError(t, err)
				require.Equal(t, id, got)
			}
		}
		got, err := parseID(identityText(id), true)
		require.NoError(t, err)
		require.Equal(t, id, got)
		_, err = parseID(identityText(id), false)
		require.ErrorIs(t, err, refusal.ErrInvalidArgs, "66 digits are an identity's")
	})
}

func TestWhatIsNoIDIsRefused(t *testing.T) {
	good := ids.ID{7, 1}
	for _, text := range []string{"", "0x", "P", "11", good.Hex()[1:], good.Hex() + "0", "0x" + good.Hex()[:62], "08" + good.Hex(),
		good.String()[1:], good.String() + "1", "z" + good.String(), strings.Repeat("1", 1<<20), strings.Repeat("g", 64)} {
		_, err := parseID(text, true)
		require.ErrorIs(t, err, refusal.ErrInvalidArgs, text)
		require.Less(t, len(err.Error()), 300)
	}
}

func TestClientParametersAreDecodedByTheService(t *testing.T) {
	height := uint64(3)
	sent := client.CreateSessionParams{
		Participants: []ids.ID{{1}, {2}}, PublicKeys: []client.Bytes{{1}, {2}}, Metadata: map[string]string{"a": "b"},
		Nonce: 1<<64 - 1, Deadline: 5, Wait: client.Seconds(1500 * time.Millisecond),
	}
	for _, test := range []struct{ sent, got any }{
		{&sent, new(client.CreateSessionParams)},
		{&client.BlockParams{Height: &height}, new(client.BlockParams)},
		{&client.GetProofParams{SessionID: ids.ID{1}, Sequence: 2, Height: &height, Full: true}, new(client.GetProofParams)},
	} {
		encoded, err := json.Marshal(test.sent)
		require.NoError(t, err)
		require.NoError(t, decodeParameters(encoded, test.got), "%s", encoded)
		require.Equal(t, test.sent, test.got)
	}
}
