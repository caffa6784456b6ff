package messaging

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2ee"
)

// TestTheNumbersOfWhatDoesNotOpenAreStable: they are in the files of sessions.
func TestTheNumbersOfWhatDoesNotOpenAreStable(t *testing.T) {
	golden := map[OpenError]error{
		1: ErrSentElsewhere, 2: e2ee.ErrPrekey, 3: e2ee.ErrSuite, 4: e2ee.ErrMalformed, 5: e2ee.ErrVersion, 6: e2ee.ErrChunk,
		7: e2ee.ErrSender, 8: e2ee.ErrWiped, 9: e2ee.ErrEpochUnknown, 10: e2ee.ErrEpochErased, 11: e2ee.ErrRepeated,
		12: e2ee.ErrTooFarAhead, 13: e2ee.ErrKeyErased, 14: e2ee.ErrAuthentication, 15: e2ee.ErrExhausted, 16: e2ee.ErrProof,
	}
	require.Len(t, openErrors, len(golden)+1, "a new one gets a new number, here too")
	for number, err := range golden {
		require.Equal(t, number, openError(fmt.Errorf("%w: expected this, got that", err)))
		require.ErrorIs(t, number, err)
	}
	require.Zero(t, openError(ErrStore))
	require.EqualError(t, OpenError(200), openErrors[0].Error(), "of a later version")
}

// TestAnEventIsStoredAsItIs: in numbers and bytes, and without a word of English.
func TestAnEventIsStoredAsItIs(t *testing.T) {
	event := Event{
		Kind: KindRefused, Sequence: 7, To: 9, ID: ids.ID{1}, Sender: ids.ID{2}, Own: true, Time: time.UnixMilli(1e12).UTC(),
		Epoch: 3, Renewed: true, Type: 64, Content: []byte("x"), Identity: ids.ID{4}, Err: openError(e2ee.ErrKeyErased),
	}
	encoded, err := json.Marshal(event)
	require.NoError(t, err)
	require.JSONEq(t, `{"kind":"refused","sequence":7,"to":9,"message":"`+event.ID.String()+`","sender":"`+event.Sender.String()+`","own":true,
		"timestamp":"2001-09-09T01:46:40Z","epoch":3,"renewed":true,"type":64,"data":"eA==","identity":"`+event.Identity.String()+`","reason":13}`, string(encoded))
	var again Event
	require.NoError(t, json.Unmarshal(encoded, &again))
	require.Equal(t, event, again)
}
