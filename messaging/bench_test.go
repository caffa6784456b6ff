package messaging

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

// meter counts calls, and the bytes of their answers.
type meter struct{ calls, bytes atomic.Int64 }

func (m *meter) RoundTrip(request *http.Request) (*http.Response, error) {
	m.calls.Add(1)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		response.Body = &meteredBody{response.Body, m}
	}
	return response, err
}

type meteredBody struct {
	io.ReadCloser
	meter *meter
}

func (b *meteredBody) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	b.meter.bytes.Add(int64(n))
	return n, err
}

// TestAPollIsOneRequest counts the requests of polls in a group of the largest size that a
// session can have: with messages and receipts, and without news.
func TestAPollIsOneRequest(t *testing.T) {
	const size = 128
	counted := new(meter)
	maker := newPerson(t, counted)
	var others []*person
	var with []ids.ID
	for range size - 1 {
		other := newPerson(t, nil)
		others, with = append(others, other), append(with, other.Self())
	}
	s, err := maker.NewSession(testContext(t), with...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	sends(t, s, "to all")
	for _, other := range others[:3] {
		reader := other.joins(t, s.ID())
		until(t, reader, text("to all"))
		require.NoError(t, reader.Acknowledge(testContext(t), 0))
	}
	until(t, s, text("to all"))
	_, err = s.Check(testContext(t))
	require.NoError(t, err)
	for range 3 {
		before := counted.calls.Load()
		_, err = s.poll(testContext(t), 0)
		require.NoError(t, err)
		require.Equal(t, before+1, counted.calls.Load())
	}
	require.Equal(t, 3, receiptsOf(s))
}

func receiptsOf(s *Session) (n int) {
	for i := range s.record.Members {
		if s.record.Members[i].Receipt > 0 {
			n++
		}
	}
	return n
}

// BenchmarkPoll compares a poll whose answer is verified under a certificate with one that
// believes the node: what ListMessages answers, with the members' signatures checked.
func BenchmarkPoll(b *testing.B) {
	counted := new(meter)
	reader, writer := newPerson(b, counted), newPerson(b, nil)
	sessions := []*Session{nil, nil}
	var err error
	sessions[0], err = writer.NewSession(testContext(b), reader.Self())
	require.NoError(b, err)
	sessions[1] = reader.joins(b, sessions[0].ID())
	from := sessions[1].record.place()
	for i := range pageSize - 1 { // and the announcement
		sends(b, sessions[0], fmt.Sprintf("message %d of the page", i))
	}
	s := sessions[1]
	until(b, s, text(fmt.Sprintf("message %d of the page", pageSize-2)))
	end := s.record.place()
	renewed := func() { // trusts nothing newer than what was pinned
		if err := reader.openLight(testContext(b)); err != nil {
			b.Fatal(err)
		}
	}
	measure := func(b *testing.B, prepare func(), poll func() error) {
		b.ReportAllocs()
		var bytes int64
		for b.Loop() {
			b.StopTimer()
			prepare()
			before := counted.bytes.Load()
			b.StartTimer()
			if err := poll(); err != nil {
				b.Fatal(err)
			}
			bytes += counted.bytes.Load() - before
		}
		b.ReportMetric(float64(bytes)/float64(b.N), "B/answer")
	}
	believed := func(at place) func() error {
		return func() error {
			page, err := s.m.config.Client.ListMessages(testContext(b), client.ListMessagesParams{SessionID: s.id, From: at.next, Limit: pageSize})
			for i := 0; err == nil && i < len(page.Messages); i++ {
				err = s.verify(&page.Messages[i])
			}
			return err
		}
	}
	verified := func(at place) func() error {
		return func() error {
			_, err := s.page(testContext(b), at, nil, pageSize, 0)
			return err
		}
	}
	moves := func() { // a block that does not concern the session, and that has its certificate
		_, err := newPerson(b, nil).state(testContext(b), chain.TotalsKey())
		require.NoError(b, err)
	}
	b.Run("messages=64/believed", func(b *testing.B) { measure(b, func() {}, believed(from)) })
	b.Run("messages=64/verified", func(b *testing.B) { measure(b, renewed, verified(from)) })
	b.Run("no_news/believed", func(b *testing.B) { measure(b, func() {}, believed(end)) })
	b.Run("no_news/verified", func(b *testing.B) { measure(b, func() {}, verified(end)) })
	b.Run("no_news_and_a_block/believed", func(b *testing.B) { measure(b, moves, believed(end)) })
	b.Run("no_news_and_a_block/verified", func(b *testing.B) { measure(b, moves, verified(end)) })
}
