package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

var (
	buildArguments = []string{"build"}
	// binary is the program under test, built once.
	binary string
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(parentRole); folder != "" {
		beParent(folder)
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	flag.Parse()
	if flag.Lookup("test.list").Value.String() != "" {
		return m.Run() // runs nothing
	}
	folder, err := os.MkdirTemp("", "sessionvm-test")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "sessionvm")
	if output, err := exec.Command("go", append(buildArguments, "-o", binary, ".")...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, output)
		return 1
	}
	return m.Run()
}

// process is a "sessionvm run" that serves.
type process struct {
	t       testing.TB
	command *exec.Cmd
	stderr  *strings.Builder
	said    map[string]string // what it announced, by name
	ended   chan struct{}
	failure error // once it has ended
}

// startRun starts "sessionvm run" on a data folder and waits until it serves.
func startRun(t testing.TB, folder string, arguments ...string) *process {
	t.Helper()
	p := &process{
		t:       t,
		command: exec.Command(binary, append([]string{"run", "--data", folder, "--http", "127.0.0.1:0", "--max-run", "5m"}, arguments...)...),
		stderr:  new(strings.Builder),
		said:    make(map[string]string),
		ended:   make(chan struct{}),
	}
	p.command.Stderr = p.stderr
	stdout, err := p.command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.command.Start())
	t.Cleanup(p.kill)
	serves := make(chan struct{})
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			name, value := strings.TrimSpace(lines.Text()[:12]), lines.Text()[12:]
			p.said[name] = value
			if name == "JSON-RPC" { // the last line
				close(serves)
			}
		}
		p.failure = p.command.Wait()
	}()
	select {
	case <-serves:
	case <-p.ended:
		require.NotEmpty(t, p.said["JSON-RPC"], "it ended: %v\n%s", p.failure, p.stderr)
	case <-time.After(time.Minute):
		t.Fatal("it does not serve")
	}
	return p
}

// kill ends the process at once.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// stop ends the process in order.
func (p *process) stop() {
	p.t.Helper()
	require.NoError(p.t, p.command.Process.Signal(syscall.SIGTERM))
	select {
	case <-p.ended:
		require.NoError(p.t, p.failure, "%s", p.stderr)
	case <-time.After(30 * time.Second):
		p.t.Fatal("it does not end")
	}
}

func (p *process) client() *client.Client { return connect(p.t, p.said["JSON-RPC"]) }

func connect(t testing.TB, url string) *client.Client {
	t.Helper()
	// Connections of its own: those to a killed process are of no use.
	connected, err := client.New(url, client.Options{
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
		Timeout:    30 * time.Second,
	})
	require.NoError(t, err)
	return connected
}

// refusedRun runs "sessionvm run", which must fail, and returns what it says.
func refusedRun(t *testing.T, folder string, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary, append([]string{"run", "--data", folder, "--http", "127.0.0.1:0", "--max-run", "2s"}, arguments...)...)
	output, err := command.CombinedOutput()
	require.Error(t, err, "%s", output)
	require.NotContains(t, string(output), "JSON-RPC ", "it served")
	return string(output)
}

// person is an identity that acts on a chain.
type person struct {
	*pq.Identity
	chainID ids.ID
}

func newPerson(t testing.TB, seed byte, chainID ids.ID) person {
	t.Helper()
	bytes := make([]byte, pq.SeedSize)
	bytes[0] = seed
	identity, err := pq.IdentityFromSeed(bytes)
	require.NoError(t, err)
	return person{identity, chainID}
}

func (p person) register(t testing.TB, c *client.Client) {
	t.Helper()
	public := p.Public()
	_, err := c.RegisterIdentity(context.Background(), client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA})
	require.NoError(t, err)
}

// openSession makes LP-42's plain session.
func openSession(t testing.TB, c *client.Client, participants ...person) ids.ID {
	t.Helper()
	var params client.CreateSessionParams
	for _, participant := range participants {
		params.Participants = append(params.Participants, participant.ID())
		params.PublicKeys = append(params.PublicKeys, participant.Public().KEM)
	}
	result, err := c.CreateSession(context.Background(), params)
	require.NoError(t, err)
	return result.SessionID
}

// message returns a signed message of the person. The chain does not look into ciphertexts.
func (p person) message(t testing.TB, session ids.ID, text string) client.SendMessageParams {
	t.Helper()
	body := &chain.SendMessage{Session: session, Sender: p.ID(), Ciphertext: []byte(text)}
	signature, err := p.Sign(body.Context(), chain.SigningBytes(p.chainID, body))
	require.NoError(t, err)
	return client.SendMessageParams{SessionID: session, Sender: body.Sender, Ciphertext: body.Ciphertext, Signature: signature}
}

// requireProven has the message proven, and checks the proof and that it is about the
// message.
func requireProven(t testing.TB, c *client.Client, id ids.ID, sequence uint64) {
	t.Helper()
	proof, err := c.GetProof(context.Background(), client.GetProofParams{MessageID: id, Full: true})
	require.NoError(t, err)
	bundle, err := proof.Bundle()
	require.NoError(t, err)
	statement, err := bundle.Verify(pq.Verify)
	require.NoError(t, err)
	require.True(t, statement.Present)
	require.True(t, statement.SignatureVerified)
	require.Equal(t, id, statement.Message.ID)
	require.Equal(t, sequence, statement.Message.Sequence)
	header, err := c.GetHeader(context.Background(), client.BlockParams{Height: &statement.Height})
	require.NoError(t, err)
	require.Equal(t, statement.BlockID, header.Header.ID)
}
