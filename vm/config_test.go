package vm

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

func TestConfigOfANodeThatSaysNothingIsTheDefault(t *testing.T) {
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	for _, text := range []string{"", " \n", "{}", "null"} {
		config, err := ParseConfig([]byte(text), genesis)
		require.NoError(t, err, text)
		require.Equal(t, DefaultConfig(), config, text)
	}
	require.Equal(t, state.PebbleDB, DefaultConfig().Database)
	config, err := ParseConfig([]byte(`{"proofHistory":7,"mempool":{"maxPerSender":3},"rpc":{"anything":[1]}}`), genesis)
	require.NoError(t, err)
	want := DefaultConfig()
	want.ProofHistory, want.Mempool.MaxPerSender, want.RPC = 7, 3, []byte(`{"anything":[1]}`)
	require.Equal(t, want, config)
}

func TestConfigIsRefused(t *testing.T) {
	for _, test := range []struct{ name, config, says string }{
		{"not JSON", `sessionTTL: 5`, "JSON"},
		{"an array", `[]`, "JSON"},
		{"a string", `"pebbledb"`, "JSON"},
		{"cut off", `{"proofHistory":1`, "JSON"},
		{"two objects", `{}{}`, "nothing after"},
		{"something after the object", `{} x`, "nothing after"},
		{"an unknown option", `{"proofHistroy":5}`, "proofHistroy"},
		{"an unknown option of the mempool", `{"mempool":{"max":5}}`, "max"},
		{"a number that is text", `{"proofHistory":"5"}`, "proofHistory"},
		{"a negative number", `{"proofHistory":-5}`, "proofHistory"},
		{"a fraction", `{"keyCache":1.5}`, "keyCache"},
		{"no proof history", `{"proofHistory":0}`, "proofHistory"},
		{"too small a tree cache", `{"treeCacheNodes":999}`, "treeCacheNodes"},
		{"no leaf cache", `{"leafCache":0}`, "leafCache"},
		{"no key cache", `{"keyCache":0}`, "keyCache"},
		{"a negative key cache", `{"keyCache":-1}`, "keyCache"},
		{"no mempool", `{"mempool":{"maxTransactions":0}}`, "mempool.maxTransactions"},
		{"a mempool smaller than a transaction", fmt.Sprintf(`{"mempool":{"maxBytes":%d}}`, 2*chain.MaxTransactionBytes-1), "mempool.maxBytes"},
		{"no transaction of a sender", `{"mempool":{"maxPerSender":0}}`, "mempool.maxPerSender"},
		{"another sessionTTL than the genesis", `{"sessionTTL":86401}`, "sessionTTL 86400"},
		{"another maxMessages than the genesis", `{"maxMessages":9999}`, "maxMessages 10000"},
		{"another maxChannels than the genesis", `{"maxChannels":0}`, "maxChannels 1000"},
		{"another retentionDays than the genesis", `{"retentionDays":31}`, "retentionDays 30"},
		{"another idPrefix than the genesis", `{"idPrefix":"08"}`, `idPrefix "07"`},
		{"one option that agrees and one that does not", `{"sessionTTL":86400,"maxMessages":1}`, "maxMessages 10000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			genesis := chain.DefaultGenesis()
			genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
			genesis.Timestamp = 1
			vm, db := New(), dbm.NewMemDB()
			err := vm.Initialize(context.Background(), Host{ChainID: testChainID, Log: slog.New(slog.DiscardHandler), Database: db}, genesis.Bytes(), []byte(test.config))
			require.ErrorIs(t, err, refusal.ErrConfig)
			require.ErrorContains(t, err, test.says)
			require.ErrorIs(t, vm.ready(), refusal.ErrNotReady)
			require.Equal(t, "0", db.Stats()["database.size"], "nothing is written")
			require.NoError(t, vm.Shutdown(context.Background()))
		})
	}
}

func TestConfigMayRepeatLP42sOptions(t *testing.T) {
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	for _, test := range []struct {
		config string
		change func(*chain.Genesis)
	}{
		{`{"sessionTTL":86400,"maxMessages":10000,"maxChannels":1000,"retentionDays":30,"idPrefix":"07"}`, func(*chain.Genesis) {}}, // LP-42's example
		{`{"sessionTTL":60,"maxMessages":5,"maxChannels":0,"retentionDays":2,"idPrefix":"2a"}`, func(g *chain.Genesis) {
			g.Options = chain.Options{SessionTTL: 60, MaxMessages: 5, MaxChannels: 0, RetentionDays: 2, IDPrefix: "2a"}
		}},
	} {
		test.change(genesis)
		_, err := ParseConfig([]byte(test.config), genesis)
		require.NoError(t, err)
	}
}

func TestUnknownDatabaseIsRefused(t *testing.T) {
	vm := New()
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = 1
	folder := t.TempDir()
	err := vm.Initialize(context.Background(), Host{ChainID: testChainID, DataDir: folder, Log: slog.New(slog.DiscardHandler)}, genesis.Bytes(), []byte(`{"database":"rocksdb"}`))
	require.ErrorIs(t, err, refusal.ErrConfig)
	require.ErrorContains(t, err, "rocksdb")
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestGenesisIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, genesis string
		reason        refusal.Reason
		says          string
	}{
		{"nothing", ``, refusal.ErrGenesis, "JSON"},
		{"not JSON", `sessionTTL: 5`, refusal.ErrGenesis, "JSON"},
		{"cut off", `{"version":1`, refusal.ErrGenesis, "JSON"},
		{"two objects", `{"timestamp":1}{}`, refusal.ErrGenesis, "nothing after"},
		{"an unknown field", `{"timestamp":1,"sessionTtlSeconds":5}`, refusal.ErrGenesis, "sessionTtlSeconds"},
		{"an unknown limit", `{"timestamp":1,"limits":{"maxBlocks":5}}`, refusal.ErrGenesis, "maxBlocks"},
		{"no timestamp", `{"timestamp":0}`, refusal.ErrGenesis, "timestamp"},
		{"another version", `{"version":2,"timestamp":1}`, refusal.ErrVersion, "version 1"},
		{"no sessionTTL", `{"timestamp":1,"sessionTTL":0}`, refusal.ErrGenesis, "sessionTTL"},
		{"negative sessionTTL", `{"timestamp":1,"sessionTTL":-1}`, refusal.ErrGenesis, "sessionTTL"},
		{"sessionTTL that overflows in milliseconds", `{"timestamp":1,"sessionTTL":18446744073709551615}`, refusal.ErrGenesis, "sessionTTL"},
		{"no messages", `{"timestamp":1,"maxMessages":0}`, refusal.ErrGenesis, "maxMessages"},
		{"no retention", `{"timestamp":1,"retentionDays":0}`, refusal.ErrGenesis, "retentionDays"},
		{"retention shorter than the TTL", `{"timestamp":1,"retentionDays":1,"sessionTTL":86401}`, refusal.ErrGenesis, "retentionDays"},
		{"idPrefix of one digit", `{"timestamp":1,"idPrefix":"7"}`, refusal.ErrGenesis, "idPrefix"},
		{"idPrefix of two bytes", `{"timestamp":1,"idPrefix":"0707"}`, refusal.ErrGenesis, "idPrefix"},
		{"idPrefix that is no hex", `{"timestamp":1,"idPrefix":"zz"}`, refusal.ErrGenesis, "idPrefix"},
		{"empty idPrefix", `{"timestamp":1,"idPrefix":""}`, refusal.ErrGenesis, "idPrefix"},
		{"idPrefix that is a number", `{"timestamp":1,"idPrefix":7}`, refusal.ErrGenesis, "idPrefix"},
		{"no pending sessions' life", `{"timestamp":1,"limits":{"pendingTTL":0}}`, refusal.ErrGenesis, "pendingTTL"},
		{"blocks larger than the software takes", `{"timestamp":1,"limits":{"maxBlockBytes":1073741824}}`, refusal.ErrGenesis, "maxBlockBytes"},
		{"blocks without transactions", `{"timestamp":1,"limits":{"maxBlockTransactions":0}}`, refusal.ErrGenesis, "maxBlockTransactions"},
		{"more than a genesis may have", `{"timestamp":1}` + strings.Repeat(" ", chain.MaxGenesisBytes), refusal.ErrTooLarge, "at most"},
	} {
		t.Run(test.name, func(t *testing.T) {
			vm, db := New(), dbm.NewMemDB()
			err := vm.Initialize(context.Background(), Host{ChainID: testChainID, Log: slog.New(slog.DiscardHandler), Database: db}, []byte(test.genesis), nil)
			require.ErrorIs(t, err, test.reason)
			require.ErrorContains(t, err, test.says)
			require.ErrorIs(t, vm.ready(), refusal.ErrNotReady)
			require.NoError(t, vm.Shutdown(context.Background()))
		})
	}
}

// TestDataOfAnotherChainIsRefused opens a chain's database as that of another one, and
// shows that it is as it was afterwards.
func TestDataOfAnotherChainIsRefused(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	require.NoError(t, c.Shutdown(ctx))
	initialize := func(chainID ids.ID, genesis []byte) error {
		vm := New()
		err := vm.Initialize(ctx, Host{ChainID: chainID, Log: slog.New(slog.DiscardHandler), Clock: c.clock.Now, Database: unclosed{c.db}}, genesis, nil)
		require.NoError(t, vm.Shutdown(ctx))
		return err
	}
	err := initialize(otherChainID, c.genesis)
	require.ErrorIs(t, err, refusal.ErrConfig)
	require.ErrorContains(t, err, otherChainID.String())
	err = initialize(testChainID, bytes.Replace(c.genesis, []byte("10000,"), []byte("10001,"), 1))
	require.ErrorIs(t, err, refusal.ErrConfig)
	require.ErrorContains(t, err, "genesis")
	c.open()
	c.accept(c.message(alice, session, "goes on"))
}

func TestChainIsInitialisedOnce(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	vm := New()
	require.NoError(t, vm.Shutdown(ctx))
	err := vm.Initialize(ctx, Host{ChainID: testChainID, Log: slog.New(slog.DiscardHandler), Database: dbm.NewMemDB()}, c.genesis, nil)
	require.ErrorIs(t, err, refusal.ErrNotReady, "after Shutdown")
	require.ErrorIs(t, vm.WaitForEvent(ctx), refusal.ErrNotReady)
}
