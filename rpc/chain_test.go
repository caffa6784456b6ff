package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/vm"
)

// testChain is a chain whose blocks come as soon as there is something to put in, and the
// service of its first node over HTTP. It has one validator if nothing else is said.
type testChain struct {
	node    *vm.VM
	network *testNetwork
	*client.Client
	t       testing.TB
	service *service
	handler http.Handler
	server  *httptest.Server
	ahead   atomic.Int64 // of the clock, nanoseconds
	halted  atomic.Bool  // no blocks
	stems   atomic.Bool  // what clients submit stays on its stem
}

// newRequest returns a request of a client without an address, which has no body.
func (c *testChain) newRequest() *request {
	sender := c.service.limiter.client("", time.Now())
	return newRequest(c.service, sender, c.service.memory.Place(sender, func() {}))
}

func startChain(t testing.TB, config Config, change func(*chain.Genesis)) *testChain {
	t.Helper()
	return startNode(t, config, change, "")
}

// startNode is startChain with a node's configuration.
func startNode(t testing.TB, config Config, change func(*chain.Genesis), node string) *testChain {
	t.Helper()
	return startNetwork(t, 1, config, change, node)
}

// startNetwork is startNode with several validators.
func startNetwork(t testing.TB, size int, config Config, change func(*chain.Genesis), node string) *testChain {
	t.Helper()
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Allowances.FreshShare = 0
	genesis.Timestamp = uint64(time.Now().UnixMilli())
	if change != nil {
		change(genesis)
	}
	parsed, err := chain.ParseGenesis(genesis.Bytes())
	require.NoError(t, err)
	c := &testChain{network: newTestNetwork(t, size), t: t}
	for i := range size {
		started := vm.New()
		require.NoError(t, started.Initialize(context.Background(), vm.Host{
			NetworkID: 1,
			ChainID:   parsed.StandaloneChainID(),
			NodeID:    nodeID(i),
			Log:       slog.New(slog.DiscardHandler),
			Clock:     func() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) },
			Database:  dbm.NewMemDB(),
			Platform:  c.network,
			Signer:    c.network.keys[i],
			Network:   c.network,
			Keys:      func() ([]*pq.DSAKey, error) { return []*pq.DSAKey{dsaKey(i), dsaKey(i + 100)}, nil },
			Submitted: func(tx *chain.Transaction, _ vm.Source) {
				if !c.stems.Load() {
					started.Diffuse(tx.ID())
				}
			},
		}, genesis.Bytes(), []byte(node)))
		require.NoError(t, started.SetState(context.Background(), vm.NormalOperation))
		c.network.nodes = append(c.network.nodes, started)
	}
	c.node = c.network.nodes[0]

	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go c.produce(ctx, stopped)

	c.service, err = newService(c.node, config)
	require.NoError(t, err)
	c.handler = c.service.rpc()
	c.server = httptest.NewServer(Serve(map[string]http.Handler{
		RPCPath: c.handler, TransactionsPath: c.service.transactions(), CertificatePath: c.service.certificates(), HealthPath: healthHandler(c.node),
	}))
	c.Client = c.connect()
	t.Cleanup(func() {
		c.server.Close()
		cancel()
		<-stopped
		for _, node := range c.network.nodes {
			require.NoError(t, node.Shutdown(context.Background()))
		}
	})
	return c
}

func (c *testChain) connect() *client.Client {
	connected, err := client.New(c.server.URL+"/rpc", client.Options{Timeout: 30 * time.Second})
	require.NoError(c.t, err)
	return connected
}

// produce builds and accepts blocks until ctx ends.
func (c *testChain) produce(ctx context.Context, stopped chan<- struct{}) {
	defer close(stopped)
	for ctx.Err() == nil {
		if c.node.WaitForEvent(ctx) != nil || c.halted.Load() {
			time.Sleep(time.Millisecond)
			continue
		}
		height, err := c.network.CurrentHeight(ctx)
		if err != nil {
			continue
		}
		context := vm.Context{PChainHeight: height}
		blk, err := c.node.BuildBlockWithContext(ctx, context)
		if err != nil {
			continue
		}
		// The first node last: what it answers is accepted everywhere.
		for _, node := range slices.Backward(c.network.nodes) {
			c.accept(ctx, node, blk.Bytes(), context)
		}
	}
}

// accept has a node accept a block.
func (c *testChain) accept(ctx context.Context, node *vm.VM, encoded []byte, context vm.Context) {
	blk, err := node.ParseBlock(ctx, encoded)
	if err != nil {
		return
	}
	if blk.VerifyWithContext(ctx, context) == nil && node.SetPreference(ctx, blk.ID()) == nil {
		_ = blk.Accept(ctx)
	}
}

// call posts one call with params as JSON and returns the answer.
func (c *testChain) call(method, params string) answer {
	c.t.Helper()
	var got answer
	c.decode(c.post(`{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":`+params+`}`), &got)
	return got
}

// answer is a JSON-RPC response as it is on the wire.
type answer struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  json.RawMessage `json:"result"`
	Error   *struct {
		Code    int              `json:"code"`
		Message string           `json:"message"`
		Data    client.ErrorData `json:"data"`
	} `json:"error"`
}

func (a answer) code() int {
	if a.Error == nil {
		return 0
	}
	return a.Error.Code
}

func (c *testChain) post(body string) []byte {
	c.t.Helper()
	status, answer := c.postAs("application/json", strings.NewReader(body))
	require.Contains(c.t, []int{http.StatusOK, http.StatusNoContent, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests}, status)
	return answer
}

func (c *testChain) postAs(contentType string, body io.Reader) (int, []byte) {
	c.t.Helper()
	response, err := http.Post(c.server.URL+"/rpc", contentType, body)
	require.NoError(c.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return response.StatusCode, answer
}

func (c *testChain) decode(encoded []byte, into any) {
	c.t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	require.NoError(c.t, decoder.Decode(into), "%s", encoded)
}

// identity returns the n-th test identity.
func identity(t testing.TB, n byte) *pq.Identity {
	t.Helper()
	made, err := pq.IdentityFromSeed(bytes.Repeat([]byte{n}, pq.SeedSize))
	require.NoError(t, err)
	return made
}

// register registers identities.
func (c *testChain) register(identities ...*pq.Identity) {
	c.t.Helper()
	for _, identity := range identities {
		public := identity.Public()
		result, err := c.RegisterIdentity(context.Background(), client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA})
		require.NoError(c.t, err)
		require.Equal(c.t, ids.ID(identity.ID()), result.IdentityID)
	}
}

// sign returns an identity's signature of a body on the chain.
func (c *testChain) sign(signer *pq.Identity, body chain.Body) client.Bytes {
	c.t.Helper()
	signature, err := signer.SignDeterministic(body.Context(), chain.SigningBytes(c.node.Host().ChainID, body))
	require.NoError(c.t, err)
	return signature
}

// open makes a plain session of identities.
func (c *testChain) open(participants ...*pq.Identity) ids.ID {
	c.t.Helper()
	result, err := c.CreateSession(context.Background(), sessionParams(participants...))
	require.NoError(c.t, err)
	return result.SessionID
}

func sessionParams(participants ...*pq.Identity) client.CreateSessionParams {
	var params client.CreateSessionParams
	for _, participant := range participants {
		params.Participants = append(params.Participants, participant.ID())
		params.PublicKeys = append(params.PublicKeys, participant.Public().KEM)
	}
	return params
}

// message returns the signed parameters of a message.
func (c *testChain) message(sender *pq.Identity, session ids.ID, text string) client.SendMessageParams {
	c.t.Helper()
	body := &chain.SendMessage{Session: session, Sender: sender.ID(), Ciphertext: []byte(text)}
	return client.SendMessageParams{
		SessionID:  session,
		Sender:     body.Sender,
		Ciphertext: body.Ciphertext,
		Signature:  c.sign(sender, body),
	}
}

// acts has a transaction accepted.
func (c *testChain) acts(who *pq.Identity, body chain.Body) *client.TransactionResult {
	c.t.Helper()
	accepted, err := c.SendTransaction(c.t.Context(), body, who)
	require.NoError(c.t, err)
	return accepted
}

// state is what a refusal must not change.
func (c *testChain) state() (block ids.ID, waiting int) {
	c.t.Helper()
	block, err := c.node.LastAccepted(context.Background())
	require.NoError(c.t, err)
	health, err := c.node.HealthCheck(context.Background())
	require.NoError(c.t, err)
	return block, health.Mempool
}
