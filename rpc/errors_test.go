package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

func TestARefusalsReasonIsTheErrorCode(t *testing.T) {
	object := func(err error) (*errorObject, client.ErrorData) {
		object := newErrorObject(context.Background(), slog.New(slog.DiscardHandler), "Test", err)
		return object, object.Data
	}
	refused := refusal.New(refusal.ErrKeySize, "a key of 1184 bytes", 3)
	got, data := object(fmt.Errorf("transaction 3: %w", refused))
	require.Equal(t, int(refusal.ErrKeySize), got.Code)
	require.Equal(t, client.ErrorData{Reason: "wrong key size", Expected: "a key of 1184 bytes", Got: "3"}, data)

	got, data = object(locate(refused, client.ErrorData{SessionID: ids.ID{7}}))
	require.Equal(t, int(refusal.ErrKeySize), got.Code)
	require.Equal(t, ids.ID{7}, data.SessionID)

	got, data = object(refusal.ErrNotReady)
	require.Equal(t, int(refusal.ErrNotReady), got.Code)
	require.Equal(t, refusal.ErrNotReady.Error(), data.Reason)

	for _, dropped := range []error{
		fmt.Errorf("%w: %w", refusal.ErrDropped, refused),
		errors.Join(refusal.New(refusal.ErrDropped, "x", "y"), refused),
	} {
		got, data = object(dropped)
		require.Equal(t, int(refusal.ErrKeySize), got.Code, "the reason why it was dropped")
		require.True(t, data.Dropped)
	}
	got, data = object(refusal.New(refusal.ErrDropped, "a transaction that waits", "none"))
	require.Equal(t, int(refusal.ErrDropped), got.Code)
	require.True(t, data.Dropped)

	got, data = object(errors.New("secret: /var/lib"))
	require.Equal(t, int(client.CodeInternalError), got.Code)
	require.NotContains(t, got.Message+data.Reason+data.Got, "secret", "what failed in the node is in its log")
}
