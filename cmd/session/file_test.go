package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFileIsSentAndSavedWhole(t *testing.T) {
	alice, bob, session := pair(t)
	whole := make([]byte, 700<<10)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(whole)
	path := filepath.Join(t.TempDir(), "report.pdf")
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	alice.fails(ExitUsage, "not both", "send", session, "text", "--file", path)
	alice.fails(ExitUsage, "no such file", "send", session, "--file", path+"x")
	alice.fails(ExitUsage, "is no file", "send", session, "--file", filepath.Dir(path))
	sent := gets[sendResult](alice, "send", session, "--file", path)
	require.Regexp(t, `\[file "report.pdf", 716800 bytes: "session save" #1\]`, bob.does("read", session))
	require.NotContains(t, bob.does("read", session, "--json"), "manifest", "who has it can read the file")

	to := filepath.Join(t.TempDir(), "saved.pdf")
	saved := gets[saveResult](bob, "save", session, "1", to)
	require.Equal(t, sent.Sequence, saved.Sequence)
	require.Equal(t, announcement{Name: "report.pdf", MediaType: "application/pdf", Size: 700 << 10}, saved.File)
	content, err := os.ReadFile(to)
	require.NoError(t, err)
	require.True(t, bytes.Equal(whole, content))
	left, err := filepath.Glob(to + ".*")
	require.NoError(t, err)
	require.Empty(t, left)
	bob.fails(ExitUsage, "exists already", "save", session, "1", to)
	bob.fails(ExitUsage, "announces no file", "save", session, "2", to)

	// What is there of an earlier try is gone on with, whatever it is.
	again := filepath.Join(t.TempDir(), "again.pdf")
	require.NoError(t, os.WriteFile(again+".part", whole[:1000], 0o600))
	require.NoError(t, os.WriteFile(again+".part.state", []byte("of something else"), 0o600))
	bob.does("save", session, "1", again)
	content, err = os.ReadFile(again)
	require.NoError(t, err)
	require.True(t, bytes.Equal(whole, content))

	chat := bob.chats(session)
	chat.sees(`[file "report.pdf", 716800 bytes: /save 1]`)
	third := filepath.Join(t.TempDir(), "third.pdf")
	chat.says("/save 1 " + third)
	chat.sees("saved as " + third)
	chat.says("/file " + third)
	chat.sees(`you: [file "third.pdf", 716800 bytes]`)
	chat.says("/save 99")
	chat.sees("announces no file")
	require.NoError(t, chat.in.Close())
	require.Equal(t, ExitDone, <-chat.status)
}

func TestAFileThatStopsOnTheWayIsToBeSentAgain(t *testing.T) {
	alice, bob, session := pair(t)
	path := filepath.Join(t.TempDir(), "big.bin")
	require.NoError(t, os.WriteFile(path, make([]byte, 700<<10), 0o600))
	issued := 0
	node := troubled(t, func(method string, _ map[string]any) bool {
		if method == "IssueTransaction" {
			issued++
		}
		return method == "IssueTransaction" && issued > 3
	})
	result := alice.runs("send", session, "--file", path, "--node", node)
	require.Equal(t, ExitUnreachable, result.status)
	require.Contains(t, result.err, "goes on where it ended")
	require.NotContains(t, result.err, "do not send it again")
	alice.does("send", session, "--file", path)
	to := filepath.Join(t.TempDir(), "saved")
	bob.does("save", session, "1", to)
	require.Equal(t, 1, strings.Count(bob.does("read", session), "big.bin"))
}

func TestSavingTouchesNoFileThatIsThere(t *testing.T) {
	alice, bob, session := pair(t)
	path := filepath.Join(t.TempDir(), "film.mkv")
	require.NoError(t, os.WriteFile(path, []byte("short"), 0o600))
	alice.does("send", session, "--file", path)
	to := filepath.Join(t.TempDir(), "film.mkv")
	require.NoError(t, os.WriteFile(to+".part", []byte("somebody's own, and long"), 0o600))
	bob.fails(ExitUsage, "film.mkv.part exists already", "save", session, "1", to)
	content, err := os.ReadFile(to + ".part")
	require.NoError(t, err)
	require.Equal(t, "somebody's own, and long", string(content))
	require.NoFileExists(t, to)
	require.NoError(t, os.Remove(to+".part"))
	bob.does("save", session, "1", to)
	left, err := filepath.Glob(to + ".*")
	require.NoError(t, err)
	require.Empty(t, left)
}
