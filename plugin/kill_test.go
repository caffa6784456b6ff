package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

// writer sends messages into a session of its own, one after the other, and remembers what
// was answered.
type writer struct {
	person
	session  ids.ID
	written  int                         // messages that were signed
	doubtful *client.SendMessageParams   // sent, not answered: to be sent again
	answered []*client.SendMessageResult // in the order of sending
	texts    map[ids.ID]client.Bytes     // the ciphertexts of those
}

// next returns the message to send: the doubtful one if there is one.
func (w *writer) next(t testing.TB) *client.SendMessageParams {
	if w.doubtful == nil {
		w.written++
		message := w.message(t, w.session, fmt.Sprintf("message %d", w.written))
		w.doubtful = &message
	}
	return w.doubtful
}

// send sends one message. An error that the chain answered is one; that nobody answers is
// none.
func (w *writer) send(ctx context.Context, t testing.TB, c *client.Client) (answered bool, err error) {
	message := w.next(t)
	result, err := c.SendMessage(ctx, *message)
	if refused := (*client.Error)(nil); errors.As(err, &refused) {
		return false, err
	} else if err != nil {
		return false, nil
	}
	w.answered = append(w.answered, result)
	w.texts[result.MessageID] = message.Ciphertext
	w.doubtful = nil
	return true, nil
}

// requireKept checks that the chain has the writer's session exactly as it was answered.
func (w *writer) requireKept(t testing.TB, c *client.Client) {
	t.Helper()
	var listed []client.Message
	for from := uint64(1); ; {
		page, err := c.ListMessages(context.Background(), client.ListMessagesParams{SessionID: w.session, From: from, Limit: 256})
		require.NoError(t, err)
		listed = append(listed, page.Messages...)
		if from = page.Next; from > page.Total {
			break
		}
	}
	seen := make(map[ids.ID]uint64)
	for i, message := range listed {
		require.EqualValues(t, i+1, message.Sequence, "sequences are dense")
		require.NotContains(t, seen, message.ID, "a message is there twice")
		seen[message.ID] = message.Sequence
	}
	for _, answer := range w.answered {
		require.Equal(t, answer.Sequence, seen[answer.MessageID], "an answered message is lost or has moved")
		require.Equal(t, w.texts[answer.MessageID], listed[answer.Sequence-1].Ciphertext)
	}
	doubtful := 0
	if w.doubtful != nil {
		doubtful = 1
	}
	require.LessOrEqual(t, len(listed), len(w.answered)+doubtful)
}

// requireProvenCount has the session proven, whose record counts its messages.
func (w *writer) requireProvenCount(t testing.TB, c *client.Client, messages int) {
	t.Helper()
	proof, err := c.GetProof(context.Background(), client.GetProofParams{SessionID: w.session})
	require.NoError(t, err)
	bundle, err := proof.Bundle()
	require.NoError(t, err)
	statement, err := bundle.Verify(pq.Verify)
	require.NoError(t, err)
	require.EqualValues(t, messages, statement.Session.Messages)
}

func TestNothingAnsweredIsLostOrDoubledByKills(t *testing.T) {
	const (
		kills   = 20
		writers = 4
		seed    = 42
	)
	random := rand.New(rand.NewPCG(seed, seed))
	folder := t.TempDir()
	start := func() *process { return startRun(t, folder, "--block-interval", "0s", "--log-level", "ERROR") }

	p := start()
	c := p.client()
	chainID, err := c.ChainID(context.Background())
	require.NoError(t, err)
	reader := newPerson(t, 255, chainID)
	all := make([]*writer, writers)
	for i := range all {
		all[i] = &writer{person: newPerson(t, byte(i+1), chainID), texts: make(map[ids.ID]client.Bytes)}
		all[i].register(t, c)
		all[i].session = openSession(t, c, all[i].person, reader)
	}

	for range kills {
		ctx, cancel := context.WithCancel(context.Background())
		var load errgroup.Group
		for _, w := range all {
			load.Go(func() error {
				for ctx.Err() == nil {
					if answered, err := w.send(ctx, t, c); err != nil || !answered {
						return err
					}
				}
				return nil
			})
		}
		time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
		p.kill()
		cancel()
		require.NoError(t, load.Wait())

		p = start()
		c = p.client()
		for _, w := range all {
			w.requireKept(t, c)
			if last := len(w.answered) - 1; last >= 0 {
				requireProven(t, c, w.answered[last].MessageID, w.answered[last].Sequence)
			}
		}
	}

	total := 0
	for _, w := range all {
		if w.doubtful != nil { // it may be in the chain: then the answer is its old place
			answered, err := w.send(context.Background(), t, c)
			require.NoError(t, err)
			require.True(t, answered)
		}
		w.requireKept(t, c)
		require.Len(t, w.answered, w.written)
		w.requireProvenCount(t, c, w.written)
		total += w.written
	}
	require.Greater(t, total, kills*writers, "there was load")
	p.stop()
	t.Logf("%d messages over %d kills", total, kills)
}
