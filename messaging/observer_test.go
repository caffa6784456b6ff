package messaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

// request is a request to the node, and its answer.
type request struct {
	Connection int    // the person whose program asks
	Circuit    string // of it, see Config.Circuit
	Method     string
	Params     json.RawMessage
	Result     json.RawMessage // nil: an error
	Time       time.Time
}

// observer sees the whole chain and its mempool, and if it runs the node that all ask, each request, each
// answer, and over which connection they come.
type observer struct {
	t    testing.TB
	node *client.Client // the observer's own: what it reads of the chain

	mu       sync.Mutex
	requests []*request

	chainID ids.ID
	height  uint64 // of the last block that it has read
}

func newObserver(t testing.TB, url string) *observer {
	node, err := client.New(url, client.Options{})
	require.NoError(t, err)
	o := &observer{t: t, node: node}
	o.chainID, err = node.ChainID(testContext(t))
	require.NoError(t, err)
	return o
}

// tap is a circuit of a person to the node, which the observer sees.
type tap struct {
	*observer
	connection int
	circuit    string
}

// RoundTrip implements http.RoundTripper.
func (t tap) RoundTrip(asked *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(asked.Body)
	if err != nil {
		return nil, err
	}
	seen := &request{Connection: t.connection, Circuit: t.circuit, Time: time.Now()}
	if err := json.Unmarshal(body, seen); err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.requests = append(t.requests, seen)
	t.mu.Unlock()
	asked.Body = io.NopCloser(bytes.NewReader(body))
	response, err := http.DefaultTransport.RoundTrip(asked)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	err = errors.Join(err, response.Body.Close())
	response.Body = io.NopCloser(bytes.NewReader(answer))
	if err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		var result struct{ Result json.RawMessage }
		err = json.Unmarshal(answer, &result)
		seen.Result = result.Result
	}
	return response, err
}

// transaction returns the transaction that a request submits, nil if it submits none.
func (o *observer) transaction(r *request) *chain.Transaction {
	if r.Method != "sessionvm.IssueTransaction" {
		return nil
	}
	var issued client.IssueTransactionParams
	require.NoError(o.t, json.Unmarshal(r.Params, &issued))
	tx, err := chain.ParseTransaction(o.chainID, issued.Bytes)
	require.NoError(o.t, err)
	return tx
}

// submitted is a transaction with the time at which it came to the mempool.
type submitted struct {
	*chain.Transaction
	arrived time.Time
}

// mempool returns what came to the mempool, in order, each transaction once, of some requests.
func (o *observer) mempool(requests []*request) (all []submitted) {
	known := make(map[ids.ID]bool)
	for _, r := range requests {
		if tx := o.transaction(r); tx != nil && r.Result != nil && !known[tx.ID()] {
			known[tx.ID()] = true
			all = append(all, submitted{tx, r.Time})
		}
	}
	return all
}

// read takes the blocks that the chain has had since, and the requests.
func (o *observer) read() (blocks []*chain.Block, requests []*request) {
	ctx := testContext(o.t)
	info, err := o.node.GetChainInfo(ctx)
	require.NoError(o.t, err)
	for ; o.height < info.LastAccepted.Height; o.height++ {
		height := o.height + 1
		answer, err := o.node.GetBlock(ctx, client.BlockParams{Height: &height})
		require.NoError(o.t, err)
		block, err := chain.ParseBlock(o.chainID, answer.Block.Bytes, chain.MaxBlockBytes)
		require.NoError(o.t, err)
		blocks = append(blocks, block)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	requests, o.requests = o.requests, nil
	return blocks, requests
}
