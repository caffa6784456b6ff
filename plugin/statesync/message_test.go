package statesync

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

func TestASummaryIsParsedStrictly(t *testing.T) {
	s := newScene(t)
	encoded := s.summary().Bytes()
	parsed, err := ParseSummary(testChainID, encoded)
	require.NoError(t, err)
	require.Equal(t, s.summary(), parsed)
	_, err = ParseSummary(ids.ID{1}, encoded)
	require.ErrorIs(t, err, refusal.ErrWrongChain)
	for i := range encoded { // a changed summary is another one, or none
		changed := bytes.Clone(encoded)
		changed[i] ^= 1
		if other, err := ParseSummary(testChainID, changed); err == nil {
			require.NotEqual(t, s.store.Last().ID(), other.Header.ID())
			require.Equal(t, changed, other.Bytes())
		}
		if other, err := ParseSummary(testChainID, encoded[:i]); err == nil {
			require.Zero(t, other.Header.Height, "a summary that nobody fetches")
		}
	}
	uncertified := *s.store.Last()
	uncertified.ValidatorSetHash = chain.Hash{}
	_, err = ParseSummary(testChainID, Summary{&uncertified}.Bytes())
	require.ErrorIs(t, err, refusal.ErrValidatorSet)
}

func TestTheServerAnswersWithinItsBounds(t *testing.T) {
	s, ctx := newScene(t), context.Background()
	server, last := NewServer(func() Source { return s }), s.store.Last().ID()
	for name, wrong := range map[string][]byte{
		"nothing":           nil,
		"an unknown kind":   (&request{Version: requestVersion, Kind: 9}).MarshalCanoto(),
		"another version":   (&request{Version: 2, Kind: kindChunk}).MarshalCanoto(),
		"a path too deep":   (&request{Version: requestVersion, Kind: kindChunk, Height: 20, Depth: 300}).MarshalCanoto(),
		"a path below":      chunkRequest(20, state.Path{Depth: 64}),
		"a height to come":  chunkRequest(21, state.Path{}),
		"an unknown block":  blocksRequest(ids.ID{1}, 1),
		"a list of nothing": headersRequest(last, 0),
		"too long":          make([]byte, maxRequestBytes+1),
	} {
		answer, err := server.Answer(ctx, wrong)
		require.Error(t, err, name)
		require.Nil(t, answer, name)
		refused := (*refusal.Error)(nil)
		require.ErrorAs(t, err, &refused, name)
	}
	answer, err := server.Answer(ctx, headersRequest(last, maxHeaders+1))
	require.NoError(t, err)
	headers, err := parseHeaders(answer, last, maxHeaders)
	require.NoError(t, err)
	require.Len(t, headers, sceneBlocks, "block 0 follows from the genesis")
	answer, err = server.Answer(ctx, blocksRequest(last, 3))
	require.NoError(t, err)
	blocks, err := parseBlocks(testChainID, answer, last, 3)
	require.NoError(t, err)
	require.Len(t, blocks, 3)
	_, err = parseBlocks(testChainID, answer, last, 2)
	require.Error(t, err, "more than was asked for")
}

// TestAnAnswerHasWhatFits has blocks of which only some fit.
func TestAnAnswerHasWhatFits(t *testing.T) {
	s := large{newScene(t)}
	server, last := NewServer(func() Source { return s }), s.store.Last().ID()
	answer, err := server.Answer(context.Background(), blocksRequest(last, maxBlocks))
	require.NoError(t, err)
	require.LessOrEqual(t, len(answer), MaxAnswerBytes)
	items, err := parseList(answer, maxBlocks)
	require.NoError(t, err)
	require.Len(t, items, 2)
}

// large is a source of blocks of 900 KB.
type large struct{ *scene }

func (large) BlockBytes(ids.ID) ([]byte, error) { return make([]byte, 900<<10), nil }

func FuzzParseRequest(f *testing.F) {
	f.Add(certificateRequest(7))
	f.Add(chunkRequest(7, state.Path{Depth: 3, Bits: 5}))
	f.Add(headersRequest(ids.ID{1}, 9))
	f.Fuzz(func(t *testing.T, message []byte) {
		if r, err := parseRequest(message); err == nil {
			require.Equal(t, message, r.MarshalCanoto())
		}
	})
}

func FuzzParseList(f *testing.F) {
	f.Add((&list{Items: [][]byte{{1}, {2, 3}}}).MarshalCanoto())
	f.Fuzz(func(t *testing.T, answer []byte) {
		if items, err := parseList(answer, 4); err == nil {
			require.LessOrEqual(t, len(items), 4)
			require.Equal(t, answer, (&list{Items: items}).MarshalCanoto())
		}
	})
}

// TestTheWireIsAsDocumented has what docs/PROTOCOL.md describes, byte for byte.
func TestTheWireIsAsDocumented(t *testing.T) {
	header := &chain.Header{Version: 1, ChainID: testChainID, Height: 7, ValidatorSetHash: chain.Hash{9}}
	require.Equal(t, append([]byte{1}, header.Bytes()...), Summary{header}.Bytes())
	zero := strings.Repeat("00", 31)
	for expected, encoded := range map[string][]byte{
		"0801" + "1001" + "1807":                     certificateRequest(7),
		"0801" + "1002" + "1807" + "2003" + "2805":   chunkRequest(7, state.Path{Depth: 3, Bits: 5}),
		"0801" + "1003" + "322001" + zero + "3809":   headersRequest(ids.ID{1}, 9),
		"0801" + "1004" + "322001" + zero + "38ac02": blocksRequest(ids.ID{1}, 300),
		"0a0101" + "0a020203":                        (&list{Items: [][]byte{{1}, {2, 3}}}).MarshalCanoto(),
	} {
		require.Equal(t, expected, hex.EncodeToString(encoded))
	}
}
