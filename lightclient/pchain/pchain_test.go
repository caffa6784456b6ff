package pchain

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

var (
	testChain  = ids.ID{7}
	testSubnet = ids.ID{5, 5}
)

// platform is a P-chain's API that answers each method and height with a member of JSON-RPC's
// response.
func platform(t *testing.T, answers map[string]string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			ID     json.RawMessage
			Method string
			Params map[string]any
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &call) != nil {
			return
		}
		key := strings.TrimPrefix(call.Method, "platform.")
		if height, ok := call.Params["height"]; ok {
			key += fmt.Sprint(" ", height)
		}
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, call.ID, answers[key])
	}))
	t.Cleanup(server.Close)
	c, err := New(server.URL, nil)
	require.NoError(t, err)
	require.Equal(t, server.URL, c.Address())
	return c
}

func secretKey(t *testing.T, seed byte) *signing.SecretKey {
	t.Helper()
	key, err := signing.SecretKeyFromSeed(bytes.Repeat([]byte{seed}, signing.SeedSize))
	require.NoError(t, err)
	return key
}

// result is an answer that names validators of weight 10 by their keys.
func result(keys ...*signing.SecretKey) string {
	var members []string
	for i, key := range keys {
		members = append(members, fmt.Sprintf(`"NodeID-%d":{"publicKey":"0x%x","weight":"10"}`, i, key.PublicKey().Bytes()))
	}
	return `"result":{` + strings.Join(members, ",") + `}`
}

func set(t *testing.T, keys ...*signing.SecretKey) *warp.ValidatorSet {
	t.Helper()
	var members []warp.Member
	for _, key := range keys {
		members = append(members, warp.Member{PublicKey: key.PublicKey().Bytes(), Weight: 10})
	}
	set, err := warp.NewValidatorSet(members)
	require.NoError(t, err)
	return set
}

func TestThePChainsAnswersAreReadInEachForm(t *testing.T) {
	one, two := secretKey(t, 1), secretKey(t, 2)
	bare := result(one, two)
	for name, answers := range map[string]map[string]string{
		"AvalancheGo": {"validatedBy": fmt.Sprintf(`"result":{"subnetID":%q}`, testSubnet), "getHeight": `"result":{"height":"9"}`, "getValidatorsAt 9": bare},
		"luxd":        {"validatedBy": fmt.Sprintf(`"result":{"netID":%q}`, testSubnet), "getHeight": `"result":{"height":9}`, "getValidatorsAt 9": bare},
		"older nodes": {"validatedBy": fmt.Sprintf(`"result":{"subnetID":%q}`, testSubnet), "getHeight": `"result":{"height":"9"}`,
			"getValidatorsAt 9": strings.Replace(bare, `"result":`, `"result":{"validators":`, 1) + "}"},
	} {
		c := platform(t, answers)
		subnet, err := c.Subnet(t.Context(), testChain)
		require.NoError(t, err, name)
		require.Equal(t, testSubnet, subnet, name)
		height, err := c.Height(t.Context())
		require.NoError(t, err, name)
		require.EqualValues(t, 9, height, name)
		validators, err := c.Validators(t.Context(), subnet, height)
		require.NoError(t, err, name)
		require.Equal(t, set(t, one, two).Bytes(), validators.Bytes(), name)
	}
}

func TestAnswersThatAreNoneAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		want   error
	}{
		"no validators":        {`"result":{}`, ErrNoValidators},
		"validators of no key": {`"result":{"NodeID-1":{"publicKey":null,"weight":"1"}}`, ErrNoValidators},
		"keys that are none":   {`"result":{"NodeID-1":{"publicKey":"0x00","weight":"1"}}`, warp.ErrPublicKey},
		"keys that are no hex": {`"result":{"NodeID-1":{"publicKey":"xy","weight":"1"}}`, ErrAnswer},
		"weights left out":     {`"result":{"NodeID-1":{"publicKey":null}}`, ErrAnswer},
		"weights of words":     {`"result":{"NodeID-1":{"publicKey":null,"weight":"much"}}`, ErrAnswer},
		"weights alone":        {`"result":{"NodeID-1":"1"}`, ErrAnswer},
		"a validator twice":    {`"result":{"NodeID-1":{"weight":"1"},"NodeID-1":{"weight":"2"}}`, ErrAnswer},
		"a refusal":            {`"error":{"message":"pruned"}`, ErrRefused},
		"neither":              {`"more":1`, ErrAnswer},
		"no JSON":              {`}`, ErrAnswer},
		"too much":             {`"result":"` + strings.Repeat("x", MaxAnswerBytes) + `"`, ErrAnswer},
	} {
		_, err := platform(t, map[string]string{"getValidatorsAt 3": test.answer}).Validators(t.Context(), testSubnet, 3)
		require.ErrorIs(t, err, test.want, name)
	}
	c := platform(t, map[string]string{"validatedBy": `"result":{}`, "getHeight": `"result":{}`})
	_, err := c.Subnet(t.Context(), testChain)
	require.ErrorIs(t, err, ErrAnswer)
	_, err = c.Height(t.Context())
	require.ErrorIs(t, err, ErrAnswer)
	_, err = platform(t, map[string]string{"getHeight": `"error":{"message":"\u001b[2J"}`}).Height(t.Context())
	require.ErrorIs(t, err, ErrRefused)
	require.NotContains(t, err.Error(), "\x1b", "what others wrote cannot steer a terminal")

	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c, err = New(gone.URL, nil)
	require.NoError(t, err)
	_, err = c.Height(t.Context())
	require.ErrorIs(t, err, ErrUnreachable)
	breaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"jsonrpc":`)
	}))
	defer breaking.Close()
	c, err = New(breaking.URL, nil)
	require.NoError(t, err)
	_, err = c.Height(t.Context())
	require.ErrorIs(t, err, ErrUnreachable, "the connection fails within the answer")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	for _, address := range []string{"", "the p-chain", "ftp://host/P", "http:///P"} {
		_, err := New(address, nil)
		require.Error(t, err, address)
	}
}

func TestACheckpointIsSignedByTheValidatorsOfNow(t *testing.T) {
	old, now, departed := secretKey(t, 1), secretKey(t, 2), secretKey(t, 3)
	rules := &lightclient.Rules{
		Verifier:       warp.Verifier{NetworkID: 1, ChainID: testChain, Ciphersuite: warp.CiphersuitePOP},
		TrustingPeriod: time.Hour,
	}
	own := set(t, old, departed)
	header := &chain.Header{Version: chain.HeaderVersion, ChainID: testChain, Height: 4, PChainHeight: 3, ValidatorSetHash: own.Hash(1, testChain)}
	// signed certifies the header by a set's one key.
	signed := func(key *signing.SecretKey) Certify {
		return func(_ context.Context, block ids.ID, hash chain.Hash) (*warp.Certificate, error) {
			require.Equal(t, header.ID(), block)
			require.Equal(t, set(t, now).Hash(1, testChain), hash, "the set of now is asked for")
			signature, err := key.Sign(warp.CiphersuitePOP, warp.BlockMessage(1, testChain, block).Bytes())
			require.NoError(t, err)
			return &warp.Certificate{NetworkID: 1, SourceChainID: testChain, BlockID: block, Signers: warp.NewSigners(0), Signature: signature}, nil
		}
	}
	answers := func(change func(map[string]string)) *Client {
		all := map[string]string{"getHeight": `"result":{"height":"9"}`, "getValidatorsAt 3": result(old, departed), "getValidatorsAt 9": result(now)}
		change(all)
		return platform(t, all)
	}
	checkpoint, weight, err := answers(func(map[string]string) {}).Checkpoint(t.Context(), rules, testSubnet, header, signed(now))
	require.NoError(t, err)
	require.Equal(t, warp.Weight{Signed: 10, Total: 10}, weight)
	require.NoError(t, (&lightclient.TrustOptions{Rules: *rules, Checkpoint: checkpoint}).Check())
	require.Equal(t, own.Bytes(), checkpoint.Validators.Bytes(), "those that the header commits to")

	for name, test := range map[string]struct {
		change  func(map[string]string)
		certify Certify
		want    error
	}{
		"departed validators have signed": {func(map[string]string) {}, signed(departed), ErrCertificate},
		"other validators at its height":  {func(all map[string]string) { all["getValidatorsAt 3"] = result(now) }, signed(now), warp.ErrWrongSet},
		"a height to come":                {func(all map[string]string) { all["getHeight"] = `"result":{"height":"2"}` }, signed(now), lightclient.ErrPChainHeight},
		"a P-chain without a height":      {func(all map[string]string) { all["getHeight"] = `"result":{}` }, signed(now), ErrAnswer},
		"none of then":                    {func(all map[string]string) { all["getValidatorsAt 3"] = `"result":{}` }, signed(now), ErrNoValidators},
		"none of now":                     {func(all map[string]string) { all["getValidatorsAt 9"] = `"result":{}` }, signed(now), ErrNoValidators},
		"nobody certifies it": {func(map[string]string) {}, func(context.Context, ids.ID, chain.Hash) (*warp.Certificate, error) {
			return nil, lightclient.ErrNotFound
		}, lightclient.ErrNotFound},
	} {
		_, _, err := answers(test.change).Checkpoint(t.Context(), rules, testSubnet, header, test.certify)
		require.ErrorIs(t, err, test.want, name)
	}
	weak := *rules
	weak.Quorum = warp.Threshold{Num: 1, Den: 2}
	_, _, err = answers(func(map[string]string) {}).Checkpoint(t.Context(), &weak, testSubnet, header, signed(now))
	require.ErrorIs(t, err, lightclient.ErrOptions)
}
