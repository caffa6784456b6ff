package rpc

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/client/provider"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/warp"
)

// follower returns a light client of a service that trusts a height, with witnesses.
func (c *testChain) follower(trusted uint64, store lightclient.Store, primary string, witnesses ...string) *lightclient.Client {
	c.t.Helper()
	config := lightclient.Config{Trust: *c.trust(trusted), Primary: c.provider(primary), Store: store}
	for _, witness := range witnesses {
		config.Witnesses = append(config.Witnesses, c.provider(witness))
	}
	made, err := lightclient.New(config)
	require.NoError(c.t, err)
	return made
}

func (c *testChain) provider(url string) *provider.Provider {
	c.t.Helper()
	connected, err := client.New(url+"/rpc", client.Options{Timeout: 30 * time.Second})
	require.NoError(c.t, err)
	return provider.New(url, connected)
}

// serve serves another node of the network.
func (c *testChain) serve(node int) string {
	handlers, err := Handlers(c.network.nodes[node], "")
	require.NoError(c.t, err)
	server := httptest.NewServer(Serve(handlers))
	c.t.Cleanup(server.Close)
	return server.URL
}

func TestALightClientFollowsOverHTTPWhileTheValidatorsChange(t *testing.T) {
	t.Parallel() // it waits
	ctx := t.Context()
	c := startNetwork(t, 5, DefaultConfig(), nil, "")
	c.network.setValidators(1, 0, 1, 2)
	c.open(identity(t, 1))
	store, err := lightclient.NewFileStore(t.TempDir())
	require.NoError(t, err)
	witness := c.serve(4)
	following := c.follower(1, store, c.server.URL, witness)
	sets := [][]int{{1, 2, 3}, {2, 3, 4}, {3, 4, 0}, {4, 0, 1}, {0, 1, 2}}
	for i, set := range sets {
		c.network.setValidators(uint64(i+2), set...)
		for n := range i + 1 {
			c.open(identity(t, byte(n+1)))
		}
		latest, err := following.Update(ctx)
		require.NoError(t, err)
		require.Equal(t, c.node.Snapshot().Header().ID(), latest.Header.ID())
		require.Equal(t, uint64(i+2), latest.Header.PChainHeight)
	}
	// One that starts again goes on from its store, and one that was away for all of it
	// gets there by the changes.
	latest := c.node.Snapshot().Header()
	for _, again := range []*lightclient.Client{
		c.follower(1, store, c.server.URL, witness),
		c.follower(1, nil, witness, c.server.URL),
	} {
		b, err := again.Update(ctx)
		require.NoError(t, err)
		require.Equal(t, latest.ID(), b.Header.ID())
		for h := uint64(1); h <= latest.Height; h++ {
			header, basis, err := again.Header(ctx, h)
			require.NoError(t, err)
			want, err := c.node.HeaderAt(h)
			require.NoError(t, err)
			require.Equal(t, want.ID(), header.ID())
			require.Equal(t, want.ID(), basis.BlockID)
		}
	}
	evidence, err := store.Evidence()
	require.NoError(t, err)
	require.Empty(t, evidence)
}

func TestALightClientFollowsOverValidatorsThatHaveLeft(t *testing.T) {
	t.Parallel() // it waits
	c := startNetwork(t, 5, DefaultConfig(), nil, "")
	c.network.setValidators(1, 1, 2)
	c.open(identity(t, 1))
	c.open(identity(t, 1))
	for i, set := range [][]int{{3, 4}, {0}} {
		// All validators leave at once. When the first block of the new ones is accepted, both
		// sign it.
		c.network.setValidators(uint64(i+2), set...)
		c.open(identity(t, 1))
		change := c.node.Snapshot().Header()
		before, err := c.node.HeaderAt(change.Height - 1)
		require.NoError(t, err)
		old, err := c.node.ValidatorsOf(t.Context(), before)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			collector, err := c.node.Certificates()
			require.NoError(t, err)
			_, err = collector.KeptCertificate(change, old)
			return err == nil
		}, 10*time.Second, time.Millisecond)
		for range 6 {
			c.open(identity(t, 1))
		}
	}
	c.network.setDown(true, 1, 2, 3, 4)
	latest, err := c.follower(1, nil, c.server.URL).Update(t.Context())
	require.NoError(t, err)
	require.Equal(t, c.node.Snapshot().Header().ID(), latest.Header.ID())
}

// TestWhatALightClientTrustsVerifiesMessagesOfItsNode: the client's checks of messages,
// sessions and absence, with proofs of the service.
func TestWhatALightClientTrustsVerifiesProofsOfItsNode(t *testing.T) {
	ctx := t.Context()
	d := startDelivered(t, "")
	following := d.follower(1, nil, d.server.URL)
	proof, err := d.GetProof(ctx, client.GetProofParams{MessageID: d.message.MessageID, Full: true})
	require.NoError(t, err)
	bundle, err := proof.Bundle()
	require.NoError(t, err)
	verified, err := following.VerifyMessage(ctx, bundle)
	require.NoError(t, err)
	require.True(t, verified.Statement.SignatureVerified)
	session, err := d.GetProof(ctx, client.GetProofParams{SessionID: d.session})
	require.NoError(t, err)
	sessionBundle, err := session.Bundle()
	require.NoError(t, err)
	_, err = following.VerifySession(ctx, sessionBundle, nil)
	require.ErrorIs(t, err, lightclient.ErrWithheld)
}

// tamper passes calls on to a service, and changes the results of one method.
func (c *testChain) tamper(method string, change func(result map[string]any)) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		response, err := http.Post(c.server.URL+"/rpc", "application/json", bytes.NewReader(body))
		if err != nil {
			return
		}
		defer response.Body.Close()
		var call struct{ Method string }
		var answer map[string]any
		if json.Unmarshal(body, &call) != nil || json.NewDecoder(response.Body).Decode(&answer) != nil {
			return
		}
		if result, ok := answer["result"].(map[string]any); ok && call.Method == namespace+"."+method {
			change(result)
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	c.t.Cleanup(server.Close)
	return server.URL
}

func TestALightClientIsNotDeceivedByItsNode(t *testing.T) {
	ctx := t.Context()
	c := startNetwork(t, 4, DefaultConfig(), nil, "")
	for range 4 {
		c.open(identity(t, 1))
	}
	other := startNetwork(t, 4, DefaultConfig(), func(g *chain.Genesis) { g.RetentionDays++ }, "")
	other.open(identity(t, 1))
	other.open(identity(t, 2))
	lightBlock := func(c *testChain, params client.GetLightBlockParams) string {
		result, err := c.GetLightBlock(ctx, params)
		require.NoError(t, err)
		return result.LightBlock.String()
	}
	for name, test := range map[string]struct {
		lie  string
		want error
	}{
		"nothing":                 {"", lightclient.ErrEncoding},
		"no light block":          {"00ff", lightclient.ErrEncoding},
		"another chain's block":   {lightBlock(other, client.GetLightBlockParams{Height: 2}), warp.ErrWrongChain},
		"another at this height":  {lightBlock(other, client.GetLightBlockParams{Height: 1}), lightclient.ErrInconsistent},
		"half of a light block":   {lightBlock(c, client.GetLightBlockParams{})[:200], lightclient.ErrEncoding},
		"a block with more in it": {lightBlock(c, client.GetLightBlockParams{}) + "00", lightclient.ErrEncoding},
	} {
		liar := c.tamper("GetLightBlock", func(result map[string]any) { result["lightBlock"] = test.lie })
		following := c.follower(1, nil, liar)
		_, err := following.Update(ctx)
		require.ErrorIs(t, err, test.want, name)
		latest, err := following.Latest()
		require.NoError(t, err)
		require.Equal(t, uint64(1), latest.Header.Height, name)
	}
	// Every single bit of the latest block counts, or the block does not.
	encoded := lightBlock(c, client.GetLightBlockParams{})
	for position := 3; position < len(encoded)/2; position += 23 {
		liar := c.tamper("GetLightBlock", func(result map[string]any) { result["lightBlock"] = flipped(encoded, position) })
		_, err := c.follower(1, nil, liar).Update(ctx)
		require.Error(t, err, "byte %d", position)
	}
	// A witness that is honest finds no fault in an honest primary, and one that lies is found out.
	liar := c.tamper("GetLightBlock", func(result map[string]any) {
		if result["height"] == float64(4) {
			result["lightBlock"] = flipped(encoded, len(encoded)/4)
		}
	})
	_, err := c.follower(1, nil, c.server.URL, liar).Update(ctx)
	var missing lightclient.ErrWitnesses
	require.ErrorAs(t, err, &missing)
	latest, err := c.follower(1, nil, c.server.URL, liar, c.serve(1)).Update(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(4), latest.Header.Height)
}

// flipped changes the lowest bit of a byte in hex.
func flipped(digits string, position int) string {
	encoded, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	encoded[position] ^= 1
	return client.Bytes(encoded).String()
}
