package statesync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestTheStateIsFetchedFromPeers(t *testing.T) {
	s := newScene(t)
	data, network := t.TempDir(), s.peers(honest, honest, honest)
	require.NoError(t, Fetch(context.Background(), s.summary(), s.options(network, data)))
	require.Greater(t, network.requests(kindChunk), 3)
	require.Len(t, network.asked, 3, "each is asked")
	s.requireJoined(data)
}

// corrupt changes a byte of each answer of a kind, another one each time.
func corrupt(kind uint32) behaviour {
	var at atomic.Int64
	return func(_ context.Context, k uint32, answer []byte, err error) ([]byte, error) {
		if k != kind || err != nil {
			return answer, err
		}
		answer = bytes.Clone(answer)
		answer[int(at.Add(7919))%len(answer)] ^= 1
		return answer, nil
	}
}

// instead answers requests of a kind with something else.
func instead(kind uint32, other []byte) behaviour {
	return func(_ context.Context, k uint32, answer []byte, err error) ([]byte, error) {
		if k == kind {
			return other, nil
		}
		return answer, err
	}
}

// TestAPeerThatLiesIsFoundOut has one honest peer among those that lie about each kind of answer.
func TestAPeerThatLiesIsFoundOut(t *testing.T) {
	s := newScene(t)
	chunk, err := s.Chunk(20, s.root().Path)
	require.NoError(t, err)
	for _, kind := range []uint32{kindCertificate, kindChunk, kindHeaders, kindBlocks} {
		for name, lie := range map[string]behaviour{
			"a changed byte":      corrupt(kind),
			"half a chunk":        instead(kind, chunk[:len(chunk)/2]),
			"an answer too large": instead(kind, make([]byte, MaxAnswerBytes+1)),
		} {
			t.Run(fmt.Sprint(kind, " ", name), func(t *testing.T) {
				data := t.TempDir()
				network := s.peers(lie, lie, honest)
				require.NoError(t, Fetch(context.Background(), s.summary(), s.options(network, data)))
				s.requireNothingWrong(data)
				s.requireJoined(data)

				// Without the honest one nothing is made, and nothing wrong was kept on the way.
				data = t.TempDir()
				options := s.options(s.peers(lie, lie), data)
				options.times.patience = 20 * time.Millisecond
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				require.ErrorIs(t, Fetch(ctx, s.summary(), options), errNobody)
				s.requireNothingWrong(data)
				require.NoError(t, Install(data))
				require.NoDirExists(t, data+"/blocks")
			})
		}
	}
}

// TestAPeerThatLiesIsAskedNothingMore counts its requests: those that were under way, and no more.
func TestAPeerThatLiesIsAskedNothingMore(t *testing.T) {
	s := newScene(t)
	network := s.peers(func(context.Context, uint32, []byte, error) ([]byte, error) { return []byte("?"), nil }, honest)
	require.NoError(t, Fetch(context.Background(), s.summary(), s.options(network, t.TempDir())))
	require.LessOrEqual(t, len(network.asked[network.Peers()[0]]), peerRequests)
}

func TestAStateThatValidatorsHaveNotCertifiedIsNotFetched(t *testing.T) {
	s := newScene(t)
	forged := *s.store.Last()
	forged.StateRoot[0] ^= 1
	data, network := t.TempDir(), s.peers(honest, honest)
	options := s.options(network, data)
	options.times.patience = 20 * time.Millisecond
	require.ErrorIs(t, Fetch(context.Background(), Summary{&forged}, options), errNobody)
	require.Equal(t, network.requests(kindCertificate), network.requests(0), "nothing else was asked for")
	require.NoDirExists(t, stagingFolder(data))
}

func TestSilentPeersAndThoseThatStopMidwayAreGoneAround(t *testing.T) {
	s := newScene(t)
	var answers atomic.Int64
	stops := func(ctx context.Context, kind uint32, answer []byte, err error) ([]byte, error) {
		if answers.Add(1) > 4 {
			return silent(ctx, kind, answer, err)
		}
		return answer, err
	}
	busy := func(context.Context, uint32, []byte, error) ([]byte, error) { return nil, errors.New("busy") }
	pruned := func(_ context.Context, kind uint32, answer []byte, err error) ([]byte, error) {
		if kind == kindChunk {
			return nil, refusal.New(refusal.ErrPruned, "a height from 30 on", 20)
		}
		return answer, err
	}
	data := t.TempDir()
	require.NoError(t, Fetch(context.Background(), s.summary(), s.options(s.peers(silent, stops, busy, pruned, honest), data)))
	s.requireJoined(data)
}

// TestPatienceEndsWithManyPeersThatGiveNothing has peers one of which can always be asked, as there is
// among very many.
func TestPatienceEndsWithManyPeersThatGiveNothing(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	busy := func(context.Context, uint32, []byte, error) ([]byte, error) { return nil, errors.New("busy") }
	options := s.options(s.peers(busy, busy), t.TempDir())
	options.times.firstPause, options.times.lastPause, options.times.patience = 0, 0, 20*time.Millisecond
	require.ErrorIs(t, Fetch(ctx, s.summary(), options), errNobody)
}

// TestAPeerThatIsAloneAndSlowIsEnough has a single peer that answers every other time.
func TestAPeerThatIsAloneAndSlowIsEnough(t *testing.T) {
	s := newScene(t)
	var count atomic.Int64
	data := t.TempDir()
	require.NoError(t, Fetch(context.Background(), s.summary(), s.options(s.peers(func(_ context.Context, _ uint32, answer []byte, err error) ([]byte, error) {
		if count.Add(1)%2 == 0 {
			return nil, errors.New("busy")
		}
		return answer, err
	}), data)))
	s.requireJoined(data)
}

func TestTheStateOfAnotherGenesisIsRefused(t *testing.T) {
	s := newScene(t)
	other := *s.genesis
	other.SessionTTL++
	genesis, err := chain.ParseGenesis(other.Bytes())
	require.NoError(t, err)
	data := t.TempDir()
	options := s.options(s.peers(honest), data)
	options.Genesis = genesis
	require.ErrorIs(t, Fetch(context.Background(), s.summary(), options), errOtherChain)
	require.NoDirExists(t, stagingFolder(data))
}
