package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

const testPassphrase = "correct horse"

// person is somebody who types commands: a home folder, and an identity in it.
type person struct {
	t        *testing.T
	home     string
	identity *pq.Identity
	env      map[string]string
}

// outcome is what a command did.
type outcome struct {
	status   int
	out, err string
}

// people counts who was made: everybody is somebody else.
var people atomic.Uint64

// newPerson makes somebody. Their key file has a small scrypt work factor: the usual one
// takes a second for every command.
func newPerson(t *testing.T, node string) *person {
	t.Helper()
	seed := binary.BigEndian.AppendUint64(make([]byte, pq.SeedSize-8), people.Add(1))
	identity, err := pq.IdentityFromSeed(seed)
	require.NoError(t, err)
	p := &person{t: t, home: t.TempDir(), identity: identity, env: map[string]string{
		envNode: node, envPassphrase: testPassphrase,
	}}
	p.env["HOME"] = p.home
	path := filepath.Join(p.home, ".session", "identity.age")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	writeKeyFile(t, path, identity, seed)
	return p
}

// writeKeyFile writes what pq.SaveIdentity does, cheaper to open.
func writeKeyFile(t *testing.T, path string, identity *pq.Identity, seed []byte) {
	t.Helper()
	recipient, err := age.NewScryptRecipient(testPassphrase)
	require.NoError(t, err)
	recipient.SetWorkFactor(2)
	var file bytes.Buffer
	armored := armor.NewWriter(&file)
	w, err := age.Encrypt(armored, recipient)
	require.NoError(t, err)
	fmt.Fprintf(w, "sessionvm-identity-v1\nid %s\nseed %s\n", pq.FormatID(identity.ID()), hex.EncodeToString(seed))
	require.NoError(t, w.Close())
	require.NoError(t, armored.Close())
	require.NoError(t, os.WriteFile(path, file.Bytes(), 0o600))
}

func (p *person) id() string { return pq.FormatID(p.identity.ID()) }

// runs runs a command with nothing on standard input.
func (p *person) runs(args ...string) outcome { return p.pipes("", args...) }

func (p *person) pipes(in string, args ...string) outcome {
	p.t.Helper()
	var out, errOut bytes.Buffer
	status := run(p.t.Context(), args, strings.NewReader(in), &out, &errOut, func(name string) string { return p.env[name] })
	return outcome{status, out.String(), errOut.String()}
}

// does runs a command that must succeed.
func (p *person) does(args ...string) string {
	p.t.Helper()
	result := p.runs(args...)
	require.Equal(p.t, ExitDone, result.status, "session %s\n%s%s", strings.Join(args, " "), result.out, result.err)
	return result.out
}

// gets runs a command that must succeed, with --json, and decodes what it prints.
func gets[Result any](p *person, args ...string) Result {
	p.t.Helper()
	var result Result
	out := p.does(append(args, "--json")...)
	require.NoError(p.t, json.Unmarshal([]byte(out), &result), out)
	return result
}

// fails runs a command that must end with a status and say something.
func (p *person) fails(status int, says string, args ...string) {
	p.t.Helper()
	result := p.runs(args...)
	require.Equal(p.t, status, result.status, "session %s\n%s%s", strings.Join(args, " "), result.out, result.err)
	require.Contains(p.t, result.out+result.err, says)
}

func TestAWrongCommandLineIsAUsageError(t *testing.T) {
	p := newPerson(t, "http://127.0.0.1:1/rpc")
	session := strings.Repeat("07", 32)
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"unknown command":            {[]string{"sned"}, `"sned" is no command`},
		"unknown command of a group": {[]string{"id", "nwe"}, `"nwe" is no command of "session id"`},
		"unknown flag":               {[]string{"info", "--jsn"}, "unknown flag"},
		"argument missing":           {[]string{"send"}, "TO is missing"},
		"argument too many":          {[]string{"read", session, "2"}, `"2" is one argument too many`},
		"a name that is none":        {[]string{"read", "x/y"}, "is no name"},
		"nobody of that name":        {[]string{"create", "--with", "07/ab"}, "is no name"},
		"nobody to talk to":          {[]string{"create"}, "--with"},
		"a group without members":    {[]string{"group", "create", "team"}, "--with"},
		"a contact without a name":   {[]string{"contacts", "add", "", p.id()}, "is no name"},
		"a contact that is none":     {[]string{"contacts", "verify", "nobody"}, "is no contact"},
		"metadata without a value":   {[]string{"create", "--with", p.id(), "--metadata", "k"}, "KEY=VALUE"},
		"a sequence that is none":    {[]string{"ack", session, "0"}, "numbered from 1"},
		"an empty message":           {[]string{"send", session, ""}, "empty"},
		"no such identity":           {[]string{"id", "show", "--identity", "nobody"}, "there is no identity"},
		"no such passphrase file":    {[]string{"id", "show", "--passphrase-file", "/nowhere"}, "/nowhere"},
		"no such contact file":       {[]string{"info", "--contact", "/nowhere"}, "/nowhere"},
		"an address that is none":    {[]string{"info", "--node", "127.0.0.1:9652"}, "URL"},
		"a time-out that is none":    {[]string{"info", "--timeout", "0s"}, "--timeout"},
		"no such file to verify":     {[]string{"verify", "/nowhere"}, "/nowhere"},
		"a block that is none":       {[]string{"verify", "--block", "x", "/nowhere"}, "is no ID"},
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			p.fails(ExitUsage, test.says, test.args...)
		})
	}
}

func TestErrorsForProgramsAreJSON(t *testing.T) {
	p := newPerson(t, "http://127.0.0.1:1/rpc")
	result := p.runs("send", "--json")
	var report struct{ Error failure }
	require.NoError(t, json.Unmarshal([]byte(result.err), &report), result.err)
	require.Equal(t, failure{Exit: ExitUsage, Message: "TO is missing"}, report.Error)
	require.Empty(t, result.out)
}

func TestANodeThatDoesNotAnswerHasItsOwnStatus(t *testing.T) {
	p := newPerson(t, "http://127.0.0.1:1/rpc")
	p.fails(ExitUnreachable, "--node", "info")
	p.fails(ExitUnreachable, "no answer", "send", strings.Repeat("07", 32), "hello")
}

func TestHelpIsNoError(t *testing.T) {
	p := newPerson(t, "")
	for _, args := range [][]string{{}, {"--help"}, {"id"}, {"group"}, {"send", "--help"}} {
		require.Contains(t, p.does(args...), "Usage:")
	}
	require.Contains(t, p.does("--help"), exitHelp)
}

func TestANewIdentityIsOneThatOpensAgain(t *testing.T) {
	p := newPerson(t, "")
	made := gets[newIdentityResult](p, "id", "new", "--name", "alice")
	require.Equal(t, filepath.Join(p.home, ".session", "alice.age"), made.File)
	info, err := os.Stat(made.File)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	shown := gets[identityResult](p, "id", "show", "--identity", "alice")
	require.Equal(t, made.ID, shown.ID)
	p.fails(ExitUsage, "exists already and was left as it is", "id", "new", "--name", "alice")
}

func TestAnIdentityIsFoundByFlagThenEnvironmentThenDefault(t *testing.T) {
	p, other, third := newPerson(t, ""), newPerson(t, ""), newPerson(t, "")
	require.Contains(t, p.does("id", "show"), p.id())
	p.env[envIdentity] = filepath.Join(other.home, ".session", "identity.age")
	require.Contains(t, p.does("id", "show"), other.id())
	require.Contains(t, p.does("id", "show", "--identity", filepath.Join(third.home, ".session", "identity.age")), third.id())
}

func TestAKeyFileNeedsItsPassphrase(t *testing.T) {
	p := newPerson(t, "")
	file := filepath.Join(p.home, "passphrase")
	require.NoError(t, os.WriteFile(file, []byte(testPassphrase+"\n"), 0o600))
	p.env[envPassphrase] = "wrong"
	p.fails(ExitRefused, "passphrase", "id", "show")
	require.Contains(t, p.does("id", "show", "--passphrase-file", file), p.id())
	require.NoError(t, os.WriteFile(file, []byte("\n"), 0o600))
	p.fails(ExitUsage, "is empty", "id", "show", "--passphrase-file", file)
}

func TestADamagedKeyFileIsRefused(t *testing.T) {
	p := newPerson(t, "")
	path := filepath.Join(p.home, ".session", "identity.age")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, damaged := range map[string][]byte{
		"empty":        {},
		"another file": []byte("hello"),
		"cut":          whole[:len(whole)/2],
		"large":        bytes.Repeat(whole, 50),
		"one byte off": bytes.Replace(whole, []byte("\n-----END"), []byte("A\n-----END"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			p.fails(ExitRefused, "identity file", "id", "show")
		})
	}
}

func TestOthersTextCannotSteerTheTerminal(t *testing.T) {
	require.Equal(t, `a\u001b[2Jb\u0007`, printable("a\x1b[2Jb\a", ""))
	require.Equal(t, `\u202egnp.exe`, printable("\u202egnp.exe", ""))
	require.Equal(t, "one\n  two grün 好", printable("one\ntwo\tgrün 好", "  "))
	require.Equal(t, `\u000dfake`, printable("\rfake", ""))
}

func TestAnInterruptedCommandSaysNothingMore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errOut bytes.Buffer
	getenv := func(string) string { return "" }
	status := run(ctx, []string{"info", "--node", "http://127.0.0.1:1/rpc"}, strings.NewReader(""), &out, &errOut, getenv)
	require.Equal(t, ExitInterrupted, status)
	require.Empty(t, out.String()+errOut.String())
}

func TestWhatANodeSaysDoesNotSteerTheTerminal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"error":{"code":1301,"message":"\u001b]0;owned\u0007\u009b2J\r","data":{"expected":"\u001b[2J","got":"\u001b"}}}`)
	}))
	defer server.Close()
	p := newPerson(t, server.URL+"/rpc")
	for _, args := range [][]string{{"info"}, {"read", strings.Repeat("07", 32)}, {"sessions"}} {
		result := p.runs(args...)
		require.NotEqual(t, ExitDone, result.status)
		require.NotContains(t, result.err+result.out, "\x1b")
		require.NotContains(t, result.err+result.out, "\u009b")
		require.NotContains(t, result.err+result.out, "\r")
		result = p.runs(append(args, "--json")...)
		require.NotContains(t, result.err+result.out, "\u009b")
	}
}
