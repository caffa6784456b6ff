package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
)

// program is the command line as a process of its own.
type program string

func buildProgram(t *testing.T) program {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "session")
	output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	return program(binary)
}

// command is a process of a person, which is not started yet.
func (b program) command(p *person, args ...string) *exec.Cmd {
	c := exec.CommandContext(p.t.Context(), string(b), args...)
	for name, value := range p.env {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// killed runs a command, and kills it after a time unless it has ended. It reports whether it
// ended by itself; it must have ended well then.
func (b program) killed(p *person, after time.Duration, args ...string) bool {
	p.t.Helper()
	c := b.command(p, args...)
	var said strings.Builder
	c.Stdout, c.Stderr = &said, &said
	require.NoError(p.t, c.Start())
	timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	_ = c.Wait()
	if !c.ProcessState.Exited() {
		return false
	}
	require.True(p.t, c.ProcessState.Success(), said.String())
	return true
}

// requireNoKeyTwice looks at all that is on the chain of a session: at one place of a sender's
// epochs there is one message.
func requireNoKeyTwice(t *testing.T, session ids.ID) (messages int) {
	t.Helper()
	c, err := client.New(nodeAddress, client.Options{})
	require.NoError(t, err)
	seen := map[string][sha256.Size]byte{}
	for from := uint64(1); ; {
		page, err := c.ListMessages(context.Background(), client.ListMessagesParams{SessionID: session, From: from})
		require.NoError(t, err)
		for _, m := range page.Messages {
			place := string(m.Ciphertext[:9]) // kind, epoch, index
			switch m.Ciphertext[0] {
			case 0x10:
				place = "\x10" + string(m.Ciphertext[3:7]) // epoch
			case 0x12:
				place = string(m.Ciphertext[:45]) // attachment, index, nonce
			}
			key := m.Sender.String() + place
			sum := sha256.Sum256(m.Ciphertext)
			before, again := seen[key]
			require.False(t, again, "a key was used twice: %x and %x", before, sum)
			seen[key] = sum
			messages++
		}
		if len(page.Messages) == 0 || page.Next <= from || page.Next > page.Total {
			return messages
		}
		from = page.Next
	}
}

func TestKillingClientsAtRandomMomentsLosesNothing(t *testing.T) {
	const rounds, seed = 48, 20
	random := rand.New(rand.NewPCG(seed, 0))
	binary := buildProgram(t)
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	session := meet(t, alice, bob)

	// How long a command takes on this machine says when to kill.
	begin := time.Now()
	require.True(t, binary.killed(alice, time.Minute, "send", "bob", "to see how long it takes"))
	took := time.Since(begin)
	moment := func() time.Duration { return time.Duration(random.Int64N(int64(took) * 2)) }

	sent := map[string]bool{} // by text: whether the command has said so
	killed := 0
	for round := range rounds {
		text := fmt.Sprintf("message %d", round)
		from, to := alice, "bob"
		if round%3 == 2 {
			from, to = bob, "alice"
		}
		args := []string{"send", to, text}
		if round%7 == 6 {
			args = []string{"rotate", to}
			text = ""
		}
		done := binary.killed(from, moment(), args...)
		if !done {
			killed++
		}
		if text != "" {
			sent[text] = done
		}
		if round%2 == 1 { // a reader that is killed, too
			binary.killed(bob, moment(), "read", "alice")
		}
	}
	require.Positive(t, killed)
	t.Logf("seed %d: %d of %d commands were killed", seed, killed, rounds)
	alice.does("send", "bob", "end of alice") // sends what is stored first
	bob.does("send", "alice", "end of bob")

	requireNoKeyTwice(t, session)
	var first []string
	for _, p := range []*person{alice, bob} {
		other := "bob"
		if p == bob {
			other = "alice"
		}
		var all []string
		count := map[string]int{}
		for _, h := range reads(p, ExitDone, other) {
			require.Equal(t, messaging.KindMessage, h.Kind, "%+v", h)
			all = append(all, *h.Text)
			count[*h.Text]++
		}
		for text, said := range sent {
			require.LessOrEqual(t, count[text], 1, "%q came twice", text)
			if said {
				require.Equal(t, 1, count[text], "%q was lost", text)
			}
		}
		if first == nil {
			first = all
		}
		require.Equal(t, first, all, "both have read the same")
	}
}

func TestAKilledChatGoesOn(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, 0))
	binary := buildProgram(t)
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	session := meet(t, alice, bob)
	delivered := map[string]bool{}
	for round := range 6 {
		chat := binary.command(alice, "chat", "bob", "--json")
		in, err := chat.StdinPipe()
		require.NoError(t, err)
		out, err := chat.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, chat.Start())
		go func() {
			for line := 0; ; line++ {
				if _, err := fmt.Fprintf(in, "round %d line %d\n", round, line); err != nil {
					return
				}
			}
		}()
		timer := time.AfterFunc(time.Duration(200+random.IntN(300))*time.Millisecond, func() { _ = chat.Process.Kill() })
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			var h shownEntry
			if json.Unmarshal(scanner.Bytes(), &h) == nil && h.Kind == messaging.KindMessage && h.Own {
				delivered[*h.Text] = true
			}
		}
		_ = chat.Wait()
		timer.Stop()
		_ = in.Close()
	}
	alice.does("send", "bob", "end")
	requireNoKeyTwice(t, session)
	count := map[string]int{}
	for _, h := range reads(bob, ExitDone, "alice") {
		require.Equal(t, messaging.KindMessage, h.Kind, "%+v", h)
		count[*h.Text]++
	}
	for text := range delivered {
		require.Equal(t, 1, count[text], "%q was shown as delivered", text)
	}
	lines := map[int]int{} // by round: how many came, without a gap
	for text, n := range count {
		require.Equal(t, 1, n, text)
		var round, line int
		if _, err := fmt.Sscanf(text, "round %d line %d", &round, &line); err == nil {
			lines[round] = max(lines[round], line+1)
		}
	}
	total := 0
	for _, n := range lines {
		total += n
	}
	require.Len(t, count, total+2, "what was typed before the last that came has come")
	require.Positive(t, len(delivered))
	t.Logf("seed %d: %d messages, %d shown as delivered before a kill", seed, total, len(delivered))
}

func TestAKilledUploadGoesOn(t *testing.T) {
	const seed = 3
	random := rand.New(rand.NewPCG(seed, 0))
	binary := buildProgram(t)
	alice, bob, session := pair(t)
	whole := make([]byte, 3<<20)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(whole)
	path := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	for range 8 {
		if binary.killed(alice, time.Duration(100+random.IntN(200))*time.Millisecond, "send", session, "--file", path) {
			break
		}
	}
	alice.does("send", session, "--file", path)
	bob.does("read", session)
	to := filepath.Join(t.TempDir(), "saved")
	var sequence string
	for _, line := range strings.Split(bob.does("read", session), "\n") {
		if strings.Contains(line, "[file") {
			sequence = strings.TrimPrefix(strings.Fields(line)[0], "#")
		}
	}
	for range 4 {
		if binary.killed(bob, time.Duration(50+random.IntN(100))*time.Millisecond, "save", session, sequence, to) {
			break
		}
	}
	if _, err := os.Stat(to); err != nil {
		bob.does("save", session, sequence, to)
	}
	file, err := os.Open(to)
	require.NoError(t, err)
	defer file.Close()
	content, err := io.ReadAll(file)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(whole), sha256.Sum256(content))
	id, err := mailbox.ParseID(session)
	require.NoError(t, err)
	requireNoKeyTwice(t, id)
}
