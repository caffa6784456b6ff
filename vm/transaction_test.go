package vm

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// A page of messages from as many blocks must not cost as many blocks.
func TestATransactionIsReadWithoutItsBlock(t *testing.T) {
	for _, database := range []string{"pebbledb", "memdb"} {
		t.Run(database, func(t *testing.T) {
			c := startChain(t, nil)
			folder := t.TempDir()
			require.NoError(t, c.Shutdown(context.Background()))
			c.VM = New()
			require.NoError(t, c.Initialize(context.Background(), Host{
				ChainID: testChainID, DataDir: folder, Log: slog.New(slog.DiscardHandler), Clock: c.clock.Now,
			}, c.genesis, []byte(`{"database":"`+database+`"}`)))
			require.NoError(t, c.SetState(context.Background(), NormalOperation))

			alice, bob, session := c.open2()
			sent := []*chain.Transaction{
				c.message(alice, session, "a"), c.message(bob, session, strings.Repeat("b", 200)),
				c.message(alice, session, strings.Repeat("c", 20_000)),
			}
			for n := range 12 {
				sent = append(sent, c.message(bob, session, strings.Repeat("d", 100_000+n)))
			}
			blk := c.accept(sent...)
			require.Greater(t, len(blk.Bytes()), 1_200_000)
			for height := range blk.Header.Height + 1 {
				block, err := c.BlockAt(height)
				require.NoError(t, err)
				for i, tx := range block.Transactions {
					got, inclusion, err := c.Transaction(tx.ID())
					require.NoError(t, err)
					require.Equal(t, tx.Bytes(), got.Bytes())
					require.Equal(t, block.ID(), inclusion.Block)
					require.Equal(t, i, inclusion.Position)
				}
			}

			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := c.Transaction(sent[0].ID())
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			if database == "pebbledb" {
				require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100_000), "a block of %d bytes", len(blk.Bytes()))
				damageLog(t, folder, sent[2].Bytes())
				_, _, err = c.Transaction(sent[2].ID())
				require.ErrorContains(t, err, "checksum", "a signature too, which the ID does not cover")
			}
		})
	}
}

// damageLog changes one byte near the end of a transaction in the block log, where its signature is.
func damageLog(t *testing.T, folder string, tx []byte) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(folder, "*", "0*.blocks"))
	require.NoError(t, err)
	require.Len(t, logs, 1)
	content, err := os.ReadFile(logs[0])
	require.NoError(t, err)
	at := strings.Index(string(content), string(tx))
	require.Positive(t, at)
	content[at+len(tx)-100] ^= 1
	file, err := os.OpenFile(logs[0], os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteAt(content, 0)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}
