// Package door measures what a message costs a server: the built program, to which another process
// sends.
package door

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/trial"
)

var (
	benchMessages = flag.Int("bench.messages", 6400, "messages that each way sends")
	benchProfile  = flag.String("bench.profile", "", "write CPU profiles of the server to this path and the way's name")
	benchSize     = flag.Int("bench.size", 129, "bytes of a message's ciphertext: 100 of plaintext, sealed")
)

const (
	people      = 64
	inFlight    = 8  // of each, with SendMessage
	connections = 16 // of those who send many in a request
	perRequest  = 64
	warmUp      = 32 // messages of each before the clock starts, as of a server that has run for a while
)

// BenchmarkDoor sends signed messages to a server of its own and waits until all are accepted:
// each with SendMessage in JSON, by 64 people with eight messages at a time; and many in a request to
// /transactions, of no more messages than the mempool takes. All is signed and encoded before the clock starts.
// Beside the rate it reports the processor time for a message of the server, and of the senders, who share the
// processors. Package vm's BenchmarkThroughput has the rate without the door.
func BenchmarkDoor(b *testing.B) {
	program := filepath.Join(b.TempDir(), "sessionvm")
	build := []string{"build", "-o", program}
	if *benchProfile != "" {
		build = append(build, "-tags", "profile")
	}
	output, err := exec.Command("go", append(build, "../../../plugin")...).CombinedOutput()
	require.NoError(b, err, "%s", output)
	for _, way := range []struct {
		name    string
		prepare func(*crowd, [][]*chain.Transaction) (send func() error)
	}{{"json", (*crowd).one}, {"binary", (*crowd).many}} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				b.Setenv("SESSIONVM_PROFILE", *benchProfile+"."+way.name)
				c := newCrowd(b, program)
				count := *benchMessages / people
				warm := way.prepare(c, c.messages(warmUp))
				send := way.prepare(c, c.messages(count))
				require.NoError(b, warm())
				c.accepted(warmUp)
				own, cpu, started := ownCPU(), c.server.CPU(), time.Now()
				b.StartTimer()
				require.NoError(b, send())
				c.accepted(warmUp + count)
				b.StopTimer()
				took := time.Since(started)
				b.ReportMetric(float64((ownCPU()-own).Microseconds())/float64(*benchMessages), "sender-cpu-us/message")
				b.ReportMetric(float64(*benchMessages)/took.Seconds(), "messages/s")
				b.ReportMetric(float64((c.server.CPU()-cpu).Microseconds())/float64(*benchMessages), "server-cpu-us/message")
				if *benchProfile != "" {
					require.NoError(b, syscall.Kill(c.server.PID(), syscall.SIGUSR1))
					<-c.server.Ended()
				}
				require.NoError(b, c.server.Stop())
				b.StartTimer()
			}
		})
	}
}

// crowd is people with a session each, at a server.
type crowd struct {
	b        *testing.B
	server   *trial.Server
	people   []*trial.Person
	sessions []ids.ID
}

func newCrowd(b *testing.B, program string) *crowd {
	server, err := trial.Start(program, b.TempDir(), 5*time.Minute, "--block-interval", "50ms", "--registration", "open", "--fresh-share", "1")
	require.NoError(b, err)
	c := &crowd{b: b, server: server}
	for i := range people {
		person, err := trial.NewPerson(server.RPC, i+1)
		require.NoError(b, err)
		require.NoError(b, person.Register(b.Context()))
		session, err := person.Session(b.Context(), ids.ID{7, byte(i)})
		require.NoError(b, err)
		c.people, c.sessions = append(c.people, person), append(c.sessions, session)
	}
	return c
}

// messages returns signed messages, so many of each.
func (c *crowd) messages(count int) [][]*chain.Transaction {
	all := make([][]*chain.Transaction, len(c.people))
	for i, person := range c.people {
		for range count {
			tx, err := person.Message(c.b.Context(), c.sessions[i], *benchSize)
			require.NoError(c.b, err)
			all[i] = append(all[i], tx)
		}
	}
	return all
}

// one returns what sends each message with a call of SendMessage, which waits until it is accepted.
func (c *crowd) one(all [][]*chain.Transaction) func() error {
	requests := make([][][]byte, len(c.people)*inFlight)
	for k := range requests {
		i := k % len(c.people)
		for n := k / len(c.people); n < len(all[i]); n += inFlight {
			tx := all[i][n]
			body := tx.Body.(*chain.SendMessage)
			text, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": n, "method": "sessionvm.SendMessage", "params": client.SendMessageParams{
				SessionID: body.Session, Sender: body.Sender, Ciphertext: body.Ciphertext, Signature: tx.Signature,
			}})
			require.NoError(c.b, err)
			requests[k] = append(requests[k], post(c.server.RPC, "/rpc", "application/json", text))
		}
	}
	return func() error { return c.sendAll(requests) }
}

// many returns what sends the messages of several people in a request.
func (c *crowd) many(all [][]*chain.Transaction) func() error {
	requests := make([][][]byte, connections)
	for k := range requests {
		var body []byte
		count := 0
		for n := range all[0] {
			for i := k; i < len(all); i += connections {
				encoded := all[i][n].Bytes()
				body = append(binary.BigEndian.AppendUint32(body, uint32(len(encoded))), encoded...)
				if count++; count%perRequest == 0 || n == len(all[0])-1 && i+connections >= len(all) {
					requests[k] = append(requests[k], post(c.server.RPC, "/transactions", client.TransactionsType, body))
					body = body[:0]
				}
			}
		}
	}
	return func() error { return c.sendAll(requests) }
}

// sendAll sends the requests of each connection, one after the other.
func (c *crowd) sendAll(connections [][][]byte) error {
	var group errgroup.Group
	for k, requests := range connections {
		group.Go(func() error {
			wire, err := dial(c.server.RPC, k%len(c.people)+1)
			if err != nil {
				return err
			}
			defer wire.Close()
			for _, request := range requests {
				if _, err := wire.send(request); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// accepted waits until each session has its messages.
func (c *crowd) accepted(count int) {
	for i, session := range c.sessions {
		for {
			answer, err := c.people[i].Client.GetSession(c.b.Context(), client.GetSessionParams{SessionID: session})
			require.NoError(c.b, err)
			if answer.Session.Messages == uint64(count) {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// ownCPU returns the processor time that this process has used.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
