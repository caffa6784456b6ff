// Package door measures what a message costs a server: the built program, to which another process
// sends.
package door

import (
	"context"
	"errors"
	"flag"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/trial"
	"github.com/luxfi/session/refusal"
)

var (
	benchMessages = flag.Int("bench.messages", 6400, "messages that each way sends")
	benchSize     = flag.Int("bench.size", 129, "bytes of a message's ciphertext: 100 of plaintext, sealed")
)

const (
	people      = 64
	inFlight    = 8  // of each, with SendMessage
	connections = 16 // of those who send many in a request
	perRequest  = 64
)

// BenchmarkDoor sends signed messages to a server of its own and waits until all are accepted:
// each with SendMessage in JSON, by 64 people with eight messages at a time; and many in a request to
// /transactions. Beside the rate it reports the server's processor time for a message. Package vm's
// BenchmarkThroughput has the rate without the door.
func BenchmarkDoor(b *testing.B) {
	program := filepath.Join(b.TempDir(), "sessionvm")
	output, err := exec.Command("go", "build", "-o", program, "../../../plugin").CombinedOutput()
	require.NoError(b, err, "%s", output)
	for _, way := range []struct {
		name string
		send func(*crowd, context.Context, [][]*chain.Transaction) error
	}{{"json", (*crowd).one}, {"binary", (*crowd).many}} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := newCrowd(b, program)
				messages := c.messages(*benchMessages / people)
				cpu, started := c.server.CPU(), time.Now()
				b.StartTimer()
				require.NoError(b, way.send(c, b.Context(), messages))
				c.accepted(*benchMessages / people)
				b.StopTimer()
				took := time.Since(started)
				b.ReportMetric(float64(*benchMessages)/took.Seconds(), "messages/s")
				b.ReportMetric(float64((c.server.CPU()-cpu).Microseconds())/float64(*benchMessages), "server-cpu-us/message")
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

// one sends each message with a call that waits until it is accepted.
func (c *crowd) one(ctx context.Context, all [][]*chain.Transaction) error {
	return each(len(c.people)*inFlight, func(k int) error {
		i := k % len(c.people)
		for n := k / len(c.people); n < len(all[i]); n += inFlight {
			tx := all[i][n]
			body := tx.Body.(*chain.SendMessage)
			_, err := c.people[i].Client.SendMessage(ctx, client.SendMessageParams{
				SessionID: body.Session, Sender: body.Sender, Ciphertext: body.Ciphertext, Signature: tx.Signature,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// many sends the messages of several people in a request, and again what the mempool has no room for.
func (c *crowd) many(ctx context.Context, all [][]*chain.Transaction) error {
	return each(connections, func(k int) error {
		var waiting []*chain.Transaction
		for n := range all[0] {
			for i := k; i < len(all); i += connections {
				waiting = append(waiting, all[i][n])
			}
		}
		for len(waiting) > 0 {
			batch := waiting[:min(perRequest, len(waiting))]
			waiting = waiting[len(batch):]
			result, err := c.people[k].Client.SendTransactions(ctx, batch)
			if err != nil {
				return err
			}
			for i := range result.Transactions {
				switch err := result.Transactions[i].Err(); {
				case errors.Is(err, refusal.ErrMempoolFull), errors.Is(err, refusal.ErrMempoolSender), errors.Is(err, refusal.ErrRateLimited):
					waiting = append(waiting, batch[i])
					time.Sleep(time.Millisecond)
				case err != nil:
					return err
				}
			}
		}
		return nil
	})
}

func each(count int, do func(int) error) error {
	errs := make([]error, count)
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() { errs[i] = do(i) })
	}
	group.Wait()
	return errors.Join(errs...)
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
