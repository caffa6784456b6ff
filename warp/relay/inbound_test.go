package relay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/geth"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/contracts"
	"github.com/luxfi/session/warp/signing"
)

// evmChain is the platform's ID of the EVM chain, as the stand-in says.
var evmChain = ids.ID{'e', 'v', 'm'}

// evmKeys are those of the EVM chain's validators.
func evmKeys(t testing.TB) (keys []*signing.SecretKey) {
	for i := range byte(3) {
		seed := [signing.SeedSize]byte{i}
		key, err := signing.SecretKeyFromSeed(seed[:])
		require.NoError(t, err)
		keys = append(keys, key)
	}
	return keys
}

func evmValidators(t testing.TB) (members []signing.Validator) {
	for _, key := range evmKeys(t) {
		members = append(members, signing.Validator{PublicKey: key.PublicKey().Bytes(), Weight: 1})
	}
	return members
}

func (n *node) BlockNumber(ctx context.Context) (uint64, error) {
	if err := n.crashes(); err != nil {
		return 0, err
	}
	return n.Client.BlockNumber(ctx)
}

func (n *node) FilterLogs(ctx context.Context, query ethereum.FilterQuery) ([]types.Log, error) {
	if err := n.crashes(); err != nil {
		return nil, err
	}
	return n.Client.FilterLogs(ctx, query)
}

// SignedWarpMessage has as many validators sign what a contract has sent as the world lets.
func (n *node) SignedWarpMessage(ctx context.Context, id ids.ID) ([]byte, error) {
	if err := n.crashes(); err != nil {
		return nil, err
	}
	logs, err := n.Client.FilterLogs(ctx, ethereum.FilterQuery{Addresses: []common.Address{warpAddress}, Topics: [][]common.Hash{nil, nil, {common.Hash(id)}}})
	if err != nil || len(logs) != 1 {
		return nil, fmt.Errorf("no message %s: %w", id, err)
	}
	event, err := messenger.UnpackSendWarpMessageEvent(&logs[0])
	if err != nil {
		return nil, err
	}
	unsigned, err := warp.ParseUnsignedMessage(event.Message)
	if err != nil {
		return nil, err
	}
	set, err := signing.NewValidators(evmValidators(n.world.T))
	if err != nil {
		return nil, err
	}
	aggregation := warp.NewAggregation(warp.CiphersuitePOP, unsigned, set.ValidatorSet)
	for _, key := range evmKeys(n.world.T)[:n.world.signers] {
		signature, err := key.Sign(warp.CiphersuitePOP, unsigned.Bytes())
		if err != nil {
			return nil, err
		}
		if err := aggregation.Add(key.PublicKey(), signature); err != nil {
			return nil, err
		}
	}
	signed, err := aggregation.Message(warp.OneThird)
	if err != nil {
		return nil, err
	}
	return signed.Bytes(), nil
}

// newSenders returns a world in which the relayer brings calls of so many contracts, and does nothing else.
func newSenders(t *testing.T, count int) *world {
	w := newWorld(t)
	w.escrow, w.log, w.file = common.Address{}, common.Address{}, filepath.Join(t.TempDir(), "relay.json")
	for range count {
		w.senders = append(w.senders, w.deploys(append(common.FromHex(contracts.SessionSenderMetaData.Bin), sessionSender.PackConstructor(w.chainID, [1]byte{7}, 60)...)))
	}
	return w
}

// acts has a contract on the EVM chain do something.
func (w *world) acts(sender common.Address, input []byte) *types.Receipt {
	w.Helper()
	receipt, err := w.evm.Do(w.Context(), Call{To: &sender, Input: input})
	require.NoError(w, err)
	return receipt
}

// makes has a contract make a session with alice, and returns its ID.
func (w *world) makes(sender common.Address) ids.ID {
	w.Helper()
	receipt := w.acts(sender, sessionSender.PackCreate([][32]byte{w.people[0].ID()}))
	event, err := sessionSender.UnpackSessionMadeEvent(receipt.Logs[1])
	require.NoError(w, err)
	return event.Session
}

// said returns what is said in a session, in order; each by the contract.
func (w *world) said(sender common.Address, session ids.ID) (texts []string) {
	w.Helper()
	page, err := w.sessions.ListMessages(w.Context(), client.ListMessagesParams{SessionID: session})
	require.NoError(w, err)
	for _, m := range page.Messages {
		require.Equal(w, chain.ContractID(evmChain, sender[:]), m.Sender)
		texts = append(texts, string(m.Ciphertext))
	}
	return texts
}

// crashing returns a client of the session chain whose calls count as the node's do: the relayer crashes before or after one.
func (n *node) crashing() *client.Client {
	truth, err := url.Parse(n.world.sessions.Address())
	require.NoError(n.world, err)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: truth.Scheme, Host: truth.Host})
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if n.crashes() != nil {
			panic(http.ErrAbortHandler)
		}
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, in)
		if n.crashes() != nil {
			panic(http.ErrAbortHandler)
		}
		out.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		out.WriteHeader(answer.Code)
		_, _ = out.Write(answer.Body.Bytes())
	}))
	n.world.Cleanup(server.Close)
	c, err := client.New(server.URL+truth.Path, client.Options{})
	require.NoError(n.world, err)
	return c
}

// TestEveryCallIsBroughtOnceWhereverTheRelayerCrashes: in each of its calls of either chain, before and after.
func TestEveryCallIsBroughtOnceWhereverTheRelayerCrashes(t *testing.T) {
	w := newSenders(t, 1)
	sender := w.senders[0]
	crashed := 0
	for crash := 1; crash == 1 || crashed == crash-1; crash++ {
		session := w.makes(sender)
		w.acts(sender, sessionSender.PackSend(session, []byte("one")))
		w.acts(sender, sessionSender.PackSend(session, []byte("two")))

		evm := &node{Client: w.simulated.Client(), world: w}
		r := w.relayer(0)
		r.EVM.backend, r.Sessions = evm, evm.crashing()
		_, err := r.Sessions.ChainID(t.Context()) // asked once, at the beginning
		require.NoError(t, err)
		evm.mu.Lock()
		evm.crash, evm.calls = crash, 0
		evm.mu.Unlock()
		if done, err := relays(r); err != nil {
			evm.mu.Lock()
			require.GreaterOrEqual(t, evm.calls, crash, "%v", err)
			evm.mu.Unlock()
			crashed++
			_, err := relays(w.relayer(0))
			require.NoError(t, err)
		} else {
			require.Len(t, done, 3)
		}
		require.Equal(t, []string{"one", "two"}, w.said(sender, session), "crash %d", crash)
		done, err := relays(w.relayer(0))
		require.NoError(t, err)
		require.Empty(t, done)
	}
	require.Greater(t, crashed, 10)

	// With another file all is brought again, and nothing happens twice: sessions that are known, messages that are there.
	w.file = filepath.Join(t.TempDir(), "relay.json")
	before := w.messages()
	_, err := relays(w.relayer(0))
	require.NoError(t, err)
	require.Equal(t, before, w.messages())
}

// messages returns how many messages the sessions of alice have.
func (w *world) messages() (count uint64) {
	require.NoError(w, w.sessions.EachSession(w.Context(), client.ListSessionsParams{Participant: w.people[0].ID()}, 100, func(s *client.SessionSummary) bool {
		count += s.Messages
		return true
	}))
	return count
}

// TestWhatIsRefusedForGoodStopsNothing, neither of the same contract nor of another one.
func TestWhatIsRefusedForGoodStopsNothing(t *testing.T) {
	w := newSenders(t, 2)
	first, second := w.senders[0], w.senders[1]
	session := w.makes(first)
	w.acts(first, sessionSender.PackSend(w.session, []byte("not a participant")))
	w.acts(first, sessionSender.PackAcknowledge(session, 1, [32]byte{1}))
	w.acts(first, sessionSender.PackSend(session, []byte("one")))
	w.acts(second, sessionSender.PackSend(session, []byte("not a participant")))
	w.acts(second, sessionSender.PackSend(ids.ID{9}, []byte("there is no such session")))
	other := w.makes(second)
	w.acts(second, sessionSender.PackSend(other, []byte("two")))

	r := w.relayer(0)
	defer r.Close()
	var refusals []error
	require.Eventually(t, func() bool {
		r.refused = make(map[string]refused, len(r.refused)) // time passes
		for times := range lateTries {
			for _, sender := range w.senders {
				r.refused[sender.Hex()] = refused{times: times}
			}
			if _, err := r.Step(t.Context()); errors.Is(err, ErrRefused) {
				refusals = append(refusals, err)
			}
		}
		found, err := w.sessions.GetSession(t.Context(), client.GetSessionParams{SessionID: other})
		return err == nil && found.Session.Messages > 0
	}, 30*time.Second, time.Millisecond)
	require.Equal(t, []string{"one"}, w.said(first, session))
	require.Equal(t, []string{"two"}, w.said(second, other))
	for _, reason := range []refusal.Reason{refusal.ErrNotParticipant, refusal.ErrReceiptAhead, refusal.ErrUnknownSession} {
		require.ErrorIs(t, errors.Join(refusals...), reason)
	}
}

// TestWhatMayPassLaterIsBroughtLater: too few validators have signed; then a receipt is brought that the chain takes.
func TestWhatMayPassLaterIsBroughtLater(t *testing.T) {
	w := newSenders(t, 2)
	sender := w.senders[0]
	session := w.makes(sender)
	w.signers = 2 // 2 of 3 are less than 67%
	_, err := relays(w.relayer(0))
	require.ErrorIs(t, err, refusal.ErrWarpSignature)
	require.NotErrorIs(t, err, ErrRefused)
	w.signers = 3
	done, err := relays(w.relayer(0))
	require.NoError(t, err)
	require.Len(t, done, 1)
	require.Equal(t, session, done[0].Session)

	alice := w.people[0]
	w.does(alice, &chain.SendMessage{Session: session, Sender: alice.ID(), Ciphertext: []byte("question")})
	asked, err := w.sessions.GetMessage(t.Context(), client.GetMessageParams{SessionID: session, Sequence: 1})
	require.NoError(t, err)
	w.acts(sender, AcknowledgeCall(sender, session, 1, asked.Message.Transcript).Input)
	_, err = relays(w.relayer(0))
	require.NoError(t, err)
	receipt, err := w.sessions.GetReceipt(t.Context(), client.GetReceiptParams{SessionID: session, Participant: chain.ContractID(evmChain, sender[:])})
	require.NoError(t, err)
	require.EqualValues(t, 1, receipt.Receipt.Sequence)
}

// TestCallsOfOtherChainsAreLeftAlone, and a node's false answers.
func TestCallsOfOtherChainsAreLeftAlone(t *testing.T) {
	w := newSenders(t, 0)
	sender := w.deploys(append(common.FromHex(contracts.SessionSenderMetaData.Bin), sessionSender.PackConstructor(ids.ID{1}, [1]byte{7}, 60)...))
	w.senders = []common.Address{sender}
	receipt := w.acts(sender, sessionSender.PackSend(ids.ID{7}, []byte("elsewhere")))
	r := w.relayer(0)
	defer r.Close()
	done, err := r.Step(t.Context())
	require.NoError(t, err)
	require.Nil(t, done)

	log := receipt.Logs[0]
	_, meant, err := r.isCall(sender, log)
	require.NoError(t, err)
	require.False(t, meant)
	for name, change := range map[string]func(log *types.Log){
		"another event":   func(log *types.Log) { log.Topics[0][0]++ },
		"another sender":  func(log *types.Log) { log.Topics[1][31]++ },
		"another ID":      func(log *types.Log) { log.Topics[2][0]++ },
		"another message": func(log *types.Log) { log.Data[64+80]++ },
		"no message":      func(log *types.Log) { log.Data = nil },
	} {
		changed := *log
		changed.Topics, changed.Data = slices.Clone(log.Topics), slices.Clone(log.Data)
		change(&changed)
		_, _, err := r.isCall(sender, &changed)
		require.ErrorIs(t, err, ErrNode, name)
	}
}
