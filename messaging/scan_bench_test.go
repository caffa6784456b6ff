package messaging

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
)

var benchInvitations = flag.Int("bench.invitations", 2048, "invitations on the chain that BenchmarkScan scans")

// scanReader is somebody who scans a chain from its first invitation on.
type scanReader struct {
	*person
	pages, rest meter
	bits        uint64 // of the buckets
	own         int    // invitations that are for the reader
}

// RoundTrip counts what pages of invitations are apart from the rest.
func (r *scanReader) RoundTrip(request *http.Request) (*http.Response, error) {
	asked, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(asked))
	if bytes.Contains(asked, []byte(`"sessionvm.ListInvitations"`)) {
		return r.pages.RoundTrip(request)
	}
	return r.rest.RoundTrip(request)
}

// BenchmarkScan has somebody who has never looked scan all invitations that a chain keeps, against a node in this
// process, over HTTP on loopback: where everybody is in one bucket, and where there are eight; with one prekey, and with
// two, as who comes back after weeks has them. CPU is that of the node and the reader together. A "head" is an
// invitation of the reader's bucket. One is for the reader.
func BenchmarkScan(b *testing.B) {
	for _, kind := range []struct {
		bits    uint64
		prekeys int
	}{{0, 1}, {0, 2}, {3, 1}} {
		b.Run(fmt.Sprintf("invitations=%d/buckets=%d/prekeys=%d", *benchInvitations, 1<<kind.bits, kind.prekeys), func(b *testing.B) {
			r := newScanReader(b, kind.bits)
			r.fill(b, *benchInvitations, r.forOthers(b))
			r.fill(b, 1, r.forReader(b, 0))
			r.own++
			if kind.prekeys == 2 {
				r.Messenger.now = func() time.Time { return time.Now().Add(prekeyPeriod) }
				require.NoError(b, r.publishPrekey(testContext(b)))
				r.Messenger.now = time.Now
			}
			require.Len(b, r.secrets().Prekeys, kind.prekeys)
			r.measure(b)
		})
	}
}

// BenchmarkScanAimed has somebody scan what strangers send to that one alone, in envelopes of the smallest and the
// largest size, and fetch and verify each.
func BenchmarkScanAimed(b *testing.B) {
	for _, size := range []int{0, e2ee.MaxInvitationContent} {
		b.Run(fmt.Sprintf("content=%d", size), func(b *testing.B) {
			r := newScanReader(b, 0)
			r.fill(b, scanSize, r.forReader(b, size))
			r.own = maxBox
			r.measure(b)
		})
	}
}

// measure scans all that there is, again and again.
func (r *scanReader) measure(b *testing.B) {
	r.pages, r.rest = meter{}, meter{}
	var cpu time.Duration
	heads := uint64(0)
	for b.Loop() {
		b.StopTimer()
		r.forget(b)
		used := processorTime(b)
		b.StartTimer()
		found := r.scanned(b)
		b.StopTimer()
		cpu += processorTime(b) - used
		require.Equal(b, r.own, found)
		heads += r.place(b).Read.Number
		b.StartTimer()
	}
	perHead := func(total float64, unit string) { b.ReportMetric(total/float64(heads), unit) }
	perHead(float64(cpu.Microseconds()), "cpu-us/head")
	perHead(float64(r.pages.bytes.Load()), "B/head")
	b.ReportMetric(float64(heads)/b.Elapsed().Seconds(), "heads/s")
	each := func(total int64, unit string) { b.ReportMetric(float64(total)/float64(b.N), unit) }
	each(int64(heads), "heads")
	each(r.pages.calls.Load(), "pages")
	each(r.rest.calls.Load(), "other-requests")
	each(r.rest.bytes.Load(), "other-B")
}

// BenchmarkScanPage reads, verifies and tries a page of invitations that are for others, from memory, and its block's
// certificate too: what it costs the reader alone.
func BenchmarkScanPage(b *testing.B) {
	r := newScanReader(b, 0)
	r.fill(b, scanSize, r.forOthers(b))
	r.Messenger.config.Client = connect(b, &replay{make(map[string]replayed)})
	for b.Loop() {
		b.StopTimer()
		require.NoError(b, r.openLight(context.Background())) // trusts nothing newer than what was pinned
		b.StartTimer()
		place := bucketPlace{Cursor: lightclient.NewInvitationCursor(r.chainID, chain.Bucket{})}
		page, err := r.invitationPage(context.Background(), place.Cursor)
		require.NoError(b, err)
		r.openHeads(&place, page)
		require.Len(b, page.heads, scanSize)
	}
	b.ReportMetric(float64(b.N*scanSize)/b.Elapsed().Seconds(), "heads/s")
}

// newScanReader starts a chain that has buckets of so many bits.
func newScanReader(b *testing.B, bits uint64) *scanReader {
	b.Helper()
	onChain(b, func(g *chain.Genesis) {
		g.Invitations = chain.InvitationTerms{MaxKept: 1 << 30, MaxBlock: 128, MaxBlockBytes: g.Limits.MaxBlockBytes, BucketIdentities: 1 << 20}
		if bits > 0 {
			g.Invitations.BucketIdentities, g.Limits.TransactionWindow = 1, 5
		}
	})
	r := &scanReader{bits: bits}
	r.person = newPerson(b, r)
	for range 1<<bits - 1 {
		newPerson(b, nil)
	}
	for {
		info, err := r.config.Client.GetChainInfo(testContext(b))
		require.NoError(b, err)
		if info.Invitations.BucketBits == bits {
			return r
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// forOthers makes invitations that are for nobody, of random buckets.
func (r *scanReader) forOthers(b *testing.B) func() *chain.Invite {
	random := rand.NewChaCha8([32]byte{1})
	return func() *chain.Invite {
		body := &chain.Invite{Bits: r.bits, Bucket: random.Uint64() >> 1 % (1 << r.bits), Head: make([]byte, chain.InvitationHeadSize), Sealed: make([]byte, chain.InvitationSizes[0])}
		for _, part := range [][]byte{body.Head, body.Sealed} {
			_, err := random.Read(part)
			require.NoError(b, err)
		}
		return body
	}
}

// forReader makes invitations for the reader, each under a pseudonym of its own.
func (r *scanReader) forReader(b *testing.B, size int) func() *chain.Invite {
	inviter, err := pq.GenerateIdentity()
	require.NoError(b, err)
	to := e2ee.InvitationTo{Chain: r.chainID, Recipient: r.self, Prekey: r.secrets().Prekeys[0].Public()}
	bucket := chain.BucketOf(r.self, r.bits)
	return func() *chain.Invite {
		secret, err := e2ee.NewSeat(nil, 0)
		require.NoError(b, err)
		seat, err := secret.Of(newID())
		require.NoError(b, err)
		envelope, err := e2ee.SealInvitation(nil, inviter, to, e2ee.Invitation{Seat: seat, Content: make([]byte, size)})
		require.NoError(b, err)
		return &chain.Invite{Bits: bucket.Bits, Bucket: bucket.Number, Head: envelope.Head, Sealed: envelope.Sealed}
	}
}

// fill puts invitations onto the chain.
func (r *scanReader) fill(b *testing.B, count int, next func() *chain.Invite) {
	b.Helper()
	sender := connect(b, nil)
	for count > 0 {
		var transactions []*chain.Transaction
		deadline, err := sender.Deadline(testContext(b))
		require.NoError(b, err)
		for range min(count, 64) {
			body := next()
			body.Deadline = deadline
			tx, err := chain.NewTransaction(r.chainID, body, nil)
			require.NoError(b, err)
			transactions = append(transactions, tx)
		}
		count -= len(transactions)
		sent, err := sender.SendTransactions(testContext(b), transactions)
		require.NoError(b, err)
		for i := range sent.Transactions {
			require.NoError(b, sent.Transactions[i].Err())
		}
		last := transactions[len(transactions)-1]
		result, err := sender.IssueTransaction(testContext(b), client.IssueTransactionParams{Bytes: last.Bytes(), Wait: client.Seconds(10 * time.Second)})
		require.NoError(b, err)
		require.Equal(b, client.TransactionAccepted, result.Status)
	}
}

// forget lets the reader know nothing of the chain's invitations.
func (r *scanReader) forget(b *testing.B) {
	require.NoError(b, r.updatePrivate(context.Background(), func(kept *privateFile) error { *kept = privateFile{}; return nil }))
}

// scanned scans, and returns how many invitations were found.
func (r *scanReader) scanned(b *testing.B) int {
	contacts, strangers, err := r.Invitations(context.Background())
	require.NoError(b, err)
	return len(contacts) + len(strangers)
}

// place returns how far the reader's bucket was scanned.
func (r *scanReader) place(b *testing.B) lightclient.InvitationCursor {
	kept, err := r.loadPrivate()
	require.NoError(b, err)
	return kept.bucket(r.chainID, chain.BucketOf(r.self, r.bits)).Cursor
}

// replay answers each method as the node did first.
type replay struct{ answers map[string]replayed }

type replayed struct{ id, answer []byte }

func (r *replay) RoundTrip(request *http.Request) (*http.Response, error) {
	asked, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	var call struct {
		ID     json.RawMessage
		Method string
	}
	if err := json.Unmarshal(asked, &call); err != nil {
		return nil, err
	}
	before, ok := r.answers[call.Method]
	if !ok {
		request.Body = io.NopCloser(bytes.NewReader(asked))
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		before.id = call.ID
		if before.answer, err = io.ReadAll(response.Body); err != nil {
			return nil, err
		}
		r.answers[call.Method] = before
	}
	answer := bytes.Replace(before.answer, before.id, call.ID, 1)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(answer))}, nil
}

// processorTime returns the processor time that the process has used.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
