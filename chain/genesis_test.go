package chain

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func TestGenesisHasLP42sDefaults(t *testing.T) {
	g, err := ParseGenesis([]byte(`{}`))
	require.NoError(t, err)
	require.Equal(t, Options{SessionTTL: 86400, MaxMessages: 10000, MaxChannels: 1000, RetentionDays: 30, IDPrefix: "07"}, g.Options)
	require.EqualValues(t, 0x07, g.Prefix())
	again, err := ParseGenesis(g.Bytes())
	require.NoError(t, err)
	require.Equal(t, g.Limits, again.Limits)
	require.Equal(t, g.Hash(), again.Hash(), "the hash is of the values, however the file writes them")
	require.Equal(t, g.StandaloneChainID(), again.StandaloneChainID())
	other, err := ParseGenesis([]byte(`{"retentionDays":31}`))
	require.NoError(t, err)
	require.NotEqual(t, g.Hash(), other.Hash())
	one, err := ParseGenesis([]byte(`{"idPrefix":"ab","sessionTTL":60}`))
	require.NoError(t, err)
	require.EqualValues(t, 0xab, one.Prefix())
	require.EqualValues(t, 60, one.SessionTTL)
	require.EqualValues(t, 60, one.Limits.PendingTTL, "a pending session lives no longer than a session")
	var fromJSON Genesis
	require.NoError(t, json.Unmarshal(one.Bytes(), &fromJSON))
	require.Equal(t, one.Prefix(), fromJSON.Prefix())
}

func TestGenesisThatMakesNoSenseIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		names string // what the error names
		want  refusal.Reason
	}{
		"not JSON":           {`genesis`, "JSON object", refusal.ErrGenesis},
		"an unknown field":   {`{"sessionTtl2":1}`, "sessionTtl2", refusal.ErrGenesis},
		"more after it":      {`{} {}`, "nothing after", refusal.ErrGenesis},
		"another version":    {`{"version":2}`, "version 1", refusal.ErrVersion},
		"a negative number":  {`{"maxMessages":-1}`, "JSON object", refusal.ErrGenesis},
		"no timestamp":       {`{"timestamp":0}`, "timestamp", refusal.ErrGenesis},
		"a far timestamp":    {`{"timestamp":9007199254740993}`, "timestamp", refusal.ErrGenesis},
		"no life":            {`{"sessionTTL":0}`, "sessionTTL", refusal.ErrGenesis},
		"no messages":        {`{"maxMessages":0}`, "maxMessages", refusal.ErrGenesis},
		"too many channels":  {`{"maxChannels":99999999999}`, "maxChannels", refusal.ErrGenesis},
		"no retention":       {`{"retentionDays":0}`, "retentionDays", refusal.ErrGenesis},
		"retention below":    {`{"retentionDays":1,"sessionTTL":86401}`, "retentionDays", refusal.ErrGenesis},
		"a long prefix":      {`{"idPrefix":"0700"}`, "idPrefix", refusal.ErrGenesis},
		"no prefix":          {`{"idPrefix":""}`, "idPrefix", refusal.ErrGenesis},
		"a prefix of no hex": {`{"idPrefix":"zz"}`, "idPrefix", refusal.ErrGenesis},
		"tiny blocks":        {`{"limits":{"maxBlockBytes":100}}`, "maxBlockBytes", refusal.ErrGenesis},
		"huge blocks":        {`{"limits":{"maxBlockBytes":99999999999}}`, "maxBlockBytes", refusal.ErrGenesis},
		"no transactions":    {`{"limits":{"maxBlockTransactions":0}}`, "maxBlockTransactions", refusal.ErrGenesis},
		"no participants":    {`{"limits":{"maxParticipants":0}}`, "maxParticipants", refusal.ErrGenesis},
		"no ciphertext":      {`{"limits":{"maxCiphertextBytes":0}}`, "maxCiphertextBytes", refusal.ErrGenesis},
		"much metadata":      {`{"limits":{"maxMetadataBytes":99999999}}`, "maxMetadataBytes", refusal.ErrGenesis},
		"no pending life":    {`{"limits":{"pendingTTL":0}}`, "pendingTTL", refusal.ErrGenesis},
		"no identities":      {`{"limits":{"maxIdentities":0}}`, "maxIdentities", refusal.ErrGenesis},
		"no registrations":   {`{"limits":{"maxBlockRegistrations":0}}`, "maxBlockRegistrations", refusal.ErrGenesis},
		"no identity life":   {`{"limits":{"identityDays":0}}`, "identityDays", refusal.ErrGenesis},
		"no window":          {`{"limits":{"transactionWindow":0}}`, "transactionWindow", refusal.ErrGenesis},
		"too large":          {strings.Repeat(" ", MaxGenesisBytes+1), "at most", refusal.ErrTooLarge},
		"nothing":            {``, "JSON object", refusal.ErrGenesis},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseGenesis([]byte(test.text))
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.names)
		})
	}
}

func TestSweepsKeepUpWithWhatABlockCanMake(t *testing.T) {
	for _, limits := range []string{`{}`, `{"maxBlockBytes":16384,"maxBlockTransactions":1}`, `{"maxBlockBytes":67108864,"maxBlockTransactions":65536}`} {
		g, err := ParseGenesis(fmt.Appendf(nil, `{"limits":%s}`, limits))
		require.NoError(t, err)
		transactions := min(g.Limits.MaxBlockBytes/SignatureSize, g.Limits.MaxBlockTransactions)
		require.GreaterOrEqual(t, uint64(g.SweepBudget()), 4*transactions+g.Limits.MaxBlockBytes/KEMPublicKeySize)
	}
}
