package chain

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// TestGenesisBounds: each number is taken at both of its bounds and refused beyond them, by
// its name.
func TestGenesisBounds(t *testing.T) {
	const years = 100 * 366 // days
	bounds := map[string]struct{ low, top uint64 }{
		"timestamp":                      {1, 1 << 52},
		"sessionTTL":                     {1, years * 86400},
		"maxMessages":                    {1, 1 << 40},
		"maxChannels":                    {0, 1 << 32},
		"retentionDays":                  {1, years},
		"limits.maxBlockBytes":           {16 << 10, 64 << 20},
		"limits.maxBlockStateBytes":      {183_296, 1 << 30},
		"limits.maxBlockTransactions":    {1, 1 << 16},
		"limits.maxParticipants":         {1, 256},
		"limits.maxCiphertextBytes":      {1, 1<<20 - 3309 - 256},
		"limits.maxMetadataBytes":        {0, 64 << 10},
		"limits.pendingTTL":              {1, years * 86400},
		"limits.maxPendingSessions":      {0, 1 << 32},
		"limits.maxBlockPendingSessions": {0, 1 << 16},
		"limits.maxBlockWarpMessages":    {0, 1 << 10},
		"limits.maxIdentities":           {1, 1 << 40},
		"limits.maxBlockRegistrations":   {1, 1 << 16},
		"limits.identityDays":            {1, years},
		"limits.transactionWindow":       {1, 86400},
		"invitations.workBits":           {0, 40},
		"invitations.maxKept":            {2, 1 << 40},
		"invitations.maxBlock":           {0, 1 << 16},
		"invitations.maxBlockBytes":      {10 << 10, 64 << 20},
		"invitations.bucketIdentities":   {1, 1 << 40},
	}
	for name, bound := range bounds {
		t.Run(name, func(t *testing.T) {
			with := func(value any) error {
				file := map[string]any{}
				if name == "sessionTTL" {
					file["retentionDays"] = years // so that it covers the TTL
				}
				outer, inner, nested := strings.Cut(name, ".")
				if nested {
					file[outer] = map[string]any{inner: value}
				} else {
					file[name] = value
				}
				text, err := json.Marshal(file)
				require.NoError(t, err)
				g, err := ParseGenesis(text)
				if err != nil {
					require.Nil(t, g)
					require.ErrorContains(t, err, name[strings.IndexByte(name, '.')+1:])
				}
				return err
			}
			require.NoError(t, with(bound.low))
			require.NoError(t, with(bound.top))
			require.ErrorIs(t, with(bound.top+1), refusal.ErrGenesis)
			require.ErrorIs(t, with(uint64(1<<64-1)), refusal.ErrGenesis)
			if bound.low > 0 {
				require.ErrorIs(t, with(bound.low-1), refusal.ErrGenesis)
			}
			require.ErrorIs(t, with(-1), refusal.ErrGenesis)
			require.ErrorIs(t, with(1.5), refusal.ErrGenesis)
			require.ErrorIs(t, with("1"), refusal.ErrGenesis)
		})
	}

	// A number without a bound here would be one that nobody checks.
	var numbers []string
	for prefix, kind := range map[string]reflect.Type{
		"":        reflect.TypeFor[Genesis](),
		"limits.": reflect.TypeFor[Limits](),

		"invitations.": reflect.TypeFor[InvitationTerms](),
	} {
		for _, field := range reflect.VisibleFields(kind) {
			if name := field.Tag.Get("json"); field.Type.Kind() == reflect.Uint64 && name != "version" {
				numbers = append(numbers, prefix+name)
				require.Contains(t, bounds, prefix+name)
			}
		}
	}
	require.Len(t, bounds, len(numbers))
}

// TestRetentionCoversTheSessionTTL: to the second.
func TestRetentionCoversTheSessionTTL(t *testing.T) {
	for _, days := range []uint64{1, 30, 36600} {
		genesis := func(ttl uint64) error {
			_, err := ParseGenesis(fmt.Appendf(nil, `{"retentionDays":%d,"sessionTTL":%d}`, days, ttl))
			return err
		}
		require.NoError(t, genesis(days*86400))
		require.ErrorIs(t, genesis(days*86400+1), refusal.ErrGenesis)
	}
}

// TestEveryGenesisFieldIsReadAndWritten: each field that is set survives Bytes.
func TestEveryGenesisFieldIsReadAndWritten(t *testing.T) {
	g, err := ParseGenesis([]byte(`{"version":1,"timestamp":5,"requireSignedSessions":true,"sessionTTL":61,"maxMessages":62,
		"maxChannels":63,"retentionDays":64,"idPrefix":"fE","limits":{"maxBlockBytes":65536,"maxBlockStateBytes":300000,"maxBlockTransactions":2,
		"maxParticipants":3,"maxCiphertextBytes":4,"maxMetadataBytes":5,"pendingTTL":6,"maxPendingSessions":7,
		"maxBlockPendingSessions":8,"maxIdentities":9,"maxBlockRegistrations":10,"maxBlockWarpMessages":12,"identityDays":11,
		"transactionWindow":13},"allowances":{"transactionBytes":{"perDay":1,"burst":70000},"stateBytes":{"perDay":2,"burst":70001},
		"sessions":{"perDay":3,"burst":4},"keys":{"perDay":5,"burst":6},"freshShare":7},
		"invitations":{"workBits":8,"maxKept":9,"maxBlock":10,"maxBlockBytes":65537,"bucketIdentities":11}}`))
	require.NoError(t, err)
	require.Equal(t, Options{SessionTTL: 61, MaxMessages: 62, MaxChannels: 63, RetentionDays: 64, IDPrefix: "fE"}, g.Options)
	require.Equal(t, Limits{
		MaxBlockBytes: 65536, MaxBlockStateBytes: 300000, MaxBlockTransactions: 2, MaxParticipants: 3, MaxCiphertextBytes: 4, MaxMetadataBytes: 5,
		PendingTTL: 6, MaxPendingSessions: 7, MaxBlockPendingSessions: 8, MaxIdentities: 9, MaxBlockRegistrations: 10, MaxBlockWarpMessages: 12,
		IdentityDays: 11, TransactionWindow: 13,
	}, g.Limits)
	require.Equal(t, Allowances{
		TransactionBytes: Allowance{1, 70000}, StateBytes: Allowance{2, 70001}, Sessions: Allowance{3, 4}, Keys: Allowance{5, 6}, FreshShare: 7,
	}, g.Allowances)
	require.Equal(t, InvitationTerms{WorkBits: 8, MaxKept: 9, MaxBlock: 10, MaxBlockBytes: 65536, BucketIdentities: 11}, g.Invitations, "no more than the block has")
	require.True(t, g.RequireSignedSessions)
	require.EqualValues(t, 0xfe, g.Prefix())
	require.EqualValues(t, 64*86_400_000, g.Retention())
	require.EqualValues(t, 11*86_400_000, g.IdentityLife())
	require.EqualValues(t, 5, g.Time().UnixMilli())

	again, err := ParseGenesis(g.Bytes())
	require.NoError(t, err)
	require.Equal(t, g.Bytes(), again.Bytes())
	require.Equal(t, g.Options, again.Options)
	require.Equal(t, g.Limits, again.Limits)
	require.True(t, again.RequireSignedSessions)
}
