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
	"github.com/luxfi/session/lightclient"
)

var benchInvitations = flag.Int("bench.invitations", 2048, "invitations on the chain that BenchmarkScan scans")

// scanReader is somebody who scans a chain from its first invitation on.
type scanReader struct {
	*person
	counted *meter
	bits    uint64 // of the buckets
	own     int    // invitations that are for the reader
}

// BenchmarkScan has somebody who has never looked scan all invitations that a chain keeps, against a node in this
// process, over HTTP on loopback: where everybody is in one bucket, and where there are eight. CPU is that of the node
// and the reader together.
func BenchmarkScan(b *testing.B) {
	for _, bits := range []uint64{0, 3} {
		b.Run(fmt.Sprintf("invitations=%d/buckets=%d", *benchInvitations, 1<<bits), func(b *testing.B) {
			r := newScanReader(b, bits, *benchInvitations)
			var requests, answered int64
			var cpu time.Duration
			heads := uint64(0)
			for b.Loop() {
				b.StopTimer()
				r.forget(b)
				calls, size, used := r.counted.calls.Load(), r.counted.bytes.Load(), processorTime(b)
				b.StartTimer()
				found := r.scanned(b)
				b.StopTimer()
				cpu += processorTime(b) - used
				requests, answered = requests+r.counted.calls.Load()-calls, answered+r.counted.bytes.Load()-size
				require.Equal(b, r.own, found)
				heads += r.place(b).Read.Number
				b.StartTimer()
			}
			perHead := func(total float64, unit string) { b.ReportMetric(total/float64(heads), unit) }
			perHead(float64(cpu.Microseconds()), "cpu-us/head")
			perHead(float64(answered), "B/head")
			b.ReportMetric(float64(heads)/float64(b.N), "heads")
			b.ReportMetric(float64(heads)/b.Elapsed().Seconds(), "heads/s")
			b.ReportMetric(float64(requests)/float64(b.N), "requests")
			b.ReportMetric(float64(answered)/float64(b.N), "B")
		})
	}
}

// BenchmarkScanPage reads, verifies and tries a page of invitations that are for others, from memory, and its block's
// certificate too: what it costs the reader alone.
func BenchmarkScanPage(b *testing.B) {
	r := newScanReader(b, 0, scanSize)
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

// newScanReader starts a chain with invitations, of which some are for the reader.
func newScanReader(b *testing.B, bits uint64, count int) *scanReader {
	b.Helper()
	onChain(b, func(g *chain.Genesis) {
		g.Invitations = chain.InvitationTerms{MaxKept: 1 << 30, MaxBlock: 128, MaxBlockBytes: g.Limits.MaxBlockBytes, BucketIdentities: 1 << 20}
		if bits > 0 {
			g.Invitations.BucketIdentities, g.Limits.TransactionWindow = 1, 5
		}
	})
	r := &scanReader{counted: new(meter), bits: bits}
	inviter := newPerson(b, nil)
	r.person = newPerson(b, r.counted)
	for range 1<<bits - 2 {
		newPerson(b, nil)
	}
	for {
		info, err := r.config.Client.GetChainInfo(testContext(b))
		require.NoError(b, err)
		if info.Invitations.BucketBits == bits {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	for i := range 4 {
		r.fill(b, count/4)
		inviter.invites(b, r.person, fmt.Sprintf("hello %d", i))
		r.own++
	}
	return r
}

// fill puts invitations for others onto the chain, of random buckets.
func (r *scanReader) fill(b *testing.B, count int) {
	b.Helper()
	const batch = 128
	random := rand.NewChaCha8([32]byte{1})
	sender := connect(b, nil)
	for count > 0 {
		var transactions []*chain.Transaction
		deadline, err := sender.Deadline(testContext(b))
		require.NoError(b, err)
		for range min(count, batch) {
			body := &chain.Invite{Bits: r.bits, Bucket: random.Uint64() >> 1 % (1 << r.bits), Head: make([]byte, chain.InvitationHeadSize), Sealed: make([]byte, chain.InvitationSizes[0]), Deadline: deadline}
			_, _ = random.Read(body.Head)
			_, _ = random.Read(body.Sealed)
			tx, err := chain.NewTransaction(r.chainID, body, nil)
			require.NoError(b, err)
			transactions = append(transactions, tx)
		}
		count -= len(transactions)
		last := transactions[len(transactions)-1]
		sent, err := sender.SendTransactions(testContext(b), transactions[:len(transactions)-1])
		require.NoError(b, err)
		for i := range sent.Transactions {
			require.NoError(b, sent.Transactions[i].Err())
		}
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
