package strictjson

import (
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
)

type form struct {
	ID    ids.ID            `json:"id"`
	Named map[string]ids.ID `json:"named"`
	Text  string            `json:"text"`
}

func TestIDsAreTakenInBothForms(t *testing.T) {
	id := ids.ID{7, 1, 2}
	for _, text := range []string{id.String(), id.Hex(), "0x" + id.Hex(), "0X" + strings.ToUpper(id.Hex())} {
		got, err := ParseID(text)
		require.NoError(t, err, text)
		require.Equal(t, id, got)
	}
	for _, id := range []ids.ID{{}, ids.PChainID, {31: 'C'}, {31: 1}} {
		got, err := ParseID(id.String())
		require.NoError(t, err, id)
		require.Equal(t, id, got)
	}
	for _, text := range []string{"", "P", "x", id.String()[1:], id.String() + "1", id.Hex()[1:], strings.Repeat("z", maxCB58)} {
		_, err := ParseID(text)
		require.Error(t, err, text)
	}
}

// The refusal names the length: the text has not been decoded, which would take hours.
func TestLongTextIsNotDecodedAsAnID(t *testing.T) {
	long := strings.Repeat("2", 4<<20)
	_, err := ParseID(long)
	require.ErrorContains(t, err, "got 4194304 characters")
	require.ErrorContains(t, Unmarshal([]byte(`{"id":"`+long+`"}`), new(form)), "got 4194304 characters")
	require.ErrorContains(t, Unmarshal([]byte(`{"named":{"x":"`+long+`"}}`), new(form)), "got 4194304 characters")
}

func TestJSONIsDecodedStrictly(t *testing.T) {
	id := ids.ID{7}
	var got form
	require.NoError(t, Unmarshal([]byte(` {"id":"`+id.String()+`","named":{"a":"`+id.Hex()+`"},"more":1} `), &got))
	require.Equal(t, form{ID: id, Named: map[string]ids.ID{"a": id}}, got)
	require.Error(t, UnmarshalKnown([]byte(`{"more":1}`), &got))
	require.NoError(t, UnmarshalKnown([]byte(`{"id":null}`), &got))
	for _, text := range []string{
		``, `{}{}`, `{"id":1}`, `{"text":"a","text":"b"}`, `{"more":{"a":1,"a":2}}`,
		`{"text":"\ud800"}`, "{\"text\":\"\xff\"}", `{"text":"a",}`,
	} {
		require.Error(t, Unmarshal([]byte(text), &got), text)
	}
	require.NoError(t, Unmarshal([]byte(`{"TEXT":5}`), &got), "another name")
}
