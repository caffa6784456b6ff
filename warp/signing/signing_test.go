package signing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const networkID = 12345

var (
	chainID  = ids.ID{'c', 'h', 'a', 'i', 'n'}
	accepted = ids.ID{'b', 'l', 'o', 'c', 'k'}
	message  = ids.ID{'m', 's', 'g'}
)

// fakeChain has accepted one block and delivered one message.
type fakeChain struct{}

func (fakeChain) HeaderByID(id ids.ID) (*chain.Header, error) {
	if id != accepted {
		return nil, refusal.New(refusal.ErrNotFound, "the ID of an accepted block", id)
	}
	return &chain.Header{ChainID: chainID, Height: 1}, nil
}

func (fakeChain) Delivery(id ids.ID) (*warp.Delivery, error) {
	if id != message {
		return nil, refusal.New(refusal.ErrNotFound, "the ID of a message", id)
	}
	return delivery(), nil
}

func delivery() *warp.Delivery {
	return &warp.Delivery{
		Type: warp.MessageType, ChainID: chainID, Height: 1, StateRoot: chain.Hash{1}, Session: ids.ID{7},
		Transaction: message, Sequence: 3, Sender: ids.ID{'a'},
	}
}

// key signs, and counts how often.
type key struct {
	*SecretKey
	mu    sync.Mutex
	count int
}

func newKey(t testing.TB, seed byte) *key {
	t.Helper()
	bytes := make([]byte, SeedSize)
	bytes[0] = seed
	secret, err := SecretKeyFromSeed(bytes)
	require.NoError(t, err)
	return &key{SecretKey: secret}
}

func (k *key) Ciphersuite(context.Context) (warp.Ciphersuite, error) { return warp.CiphersuitePOP, nil }

func (k *key) Sign(_ context.Context, m *warp.UnsignedMessage) (warp.Signature, error) {
	k.mu.Lock()
	k.count++
	k.mu.Unlock()
	return k.SecretKey.Sign(warp.CiphersuitePOP, m.Bytes())
}

func newResponder(k *key) *Responder { return NewResponder(networkID, chainID, fakeChain{}, k) }

func TestAValidatorSignsWhatItHasAccepted(t *testing.T) {
	ctx := context.Background()
	k := newKey(t, 1)
	r := newResponder(k)
	block := warp.BlockMessage(networkID, chainID, accepted)
	for _, tt := range []struct {
		message       *warp.UnsignedMessage
		justification []byte
	}{
		{block, accepted[:]},
		{block, nil},
		{delivery().UnsignedMessage(networkID), message[:]},
		{delivery().UnsignedMessage(networkID), nil},
	} {
		request := Request{Message: tt.message.Bytes(), Justification: tt.justification}
		response, err := r.Respond(ctx, request.Bytes())
		require.NoError(t, err)
		signature, err := ParseResponse(response)
		require.NoError(t, err)
		require.NoError(t, k.PublicKey().Verify(warp.CiphersuitePOP, tt.message.Bytes(), signature))
	}
	require.Equal(t, 2, k.count, "a signature is made once")
}

func TestAValidatorRefusesToSignAnythingElse(t *testing.T) {
	ctx := context.Background()
	k := newKey(t, 1)
	r := newResponder(k)
	block := warp.BlockMessage(networkID, chainID, accepted).Bytes()
	forged := func(change func(*warp.Delivery)) []byte {
		d := delivery()
		change(d)
		return d.UnsignedMessage(networkID).Bytes()
	}
	call := func(payload []byte) []byte {
		return (&warp.UnsignedMessage{NetworkID: networkID, SourceChainID: chainID, Payload: payload}).Bytes()
	}
	other := ids.ID{'x'}
	for name, tt := range map[string]struct {
		request Request
		want    error
	}{
		"a block that is not accepted":     {Request{Message: warp.BlockMessage(networkID, chainID, other).Bytes()}, ErrNotAccepted},
		"a message's ID as a block":        {Request{Message: warp.BlockMessage(networkID, chainID, message).Bytes()}, ErrNotAccepted},
		"another chain's block":            {Request{Message: warp.BlockMessage(networkID, other, accepted).Bytes()}, warp.ErrWrongChain},
		"another network's block":          {Request{Message: warp.BlockMessage(1, chainID, accepted).Bytes()}, warp.ErrWrongNetwork},
		"justified by another block":       {Request{Message: block, Justification: other[:]}, ErrJustification},
		"justified by half of an ID":       {Request{Message: block, Justification: accepted[:16]}, ErrJustification},
		"a long justification":             {Request{Message: block, Justification: make([]byte, MaxJustificationBytes+1)}, ErrRequest},
		"no message":                       {Request{}, warp.ErrCodec},
		"half a message":                   {Request{Message: block[:len(block)-1]}, warp.ErrCodec},
		"more than a message":              {Request{Message: append(block[:len(block):len(block)], 0)}, warp.ErrCodec},
		"no payload":                       {Request{Message: call(nil)}, warp.ErrCodec},
		"an unknown type of payload":       {Request{Message: call([]byte{0, 0, 0, 0, 0, 9, 1})}, warp.ErrPayloadType},
		"a call that is no delivery":       {Request{Message: call((&warp.AddressedCall{SourceAddress: other[:], Payload: []byte("pay me")}).Bytes())}, warp.ErrPayloadType},
		"a delivery that never was":        {Request{Message: forged(func(d *warp.Delivery) { d.Transaction = other })}, ErrNotDelivered},
		"a receipt that is a message":      {Request{Message: forged(func(d *warp.Delivery) { d.Type = warp.ReceiptType })}, ErrNotDelivered},
		"a delivery of another transcript": {Request{Message: forged(func(d *warp.Delivery) { d.Transcript[0]++ })}, ErrNotDelivered},
		"a delivery at another height":     {Request{Message: forged(func(d *warp.Delivery) { d.Height++ })}, ErrNotDelivered},
		"a delivery under another root":    {Request{Message: forged(func(d *warp.Delivery) { d.StateRoot[0]++ })}, ErrNotDelivered},
		"a delivery in another session":    {Request{Message: forged(func(d *warp.Delivery) { d.Session[0]++ })}, ErrNotDelivered},
		"a delivery with another sequence": {Request{Message: forged(func(d *warp.Delivery) { d.Sequence++ })}, ErrNotDelivered},
		"a delivery of another sender":     {Request{Message: forged(func(d *warp.Delivery) { d.Sender[0]++ })}, ErrNotDelivered},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Respond(ctx, tt.request.Bytes())
			require.ErrorIs(t, err, tt.want)
			require.Zero(t, k.count)
		})
	}
	_, err := Subject(&warp.UnsignedMessage{NetworkID: networkID, SourceChainID: chainID, Payload: []byte{0, 0, 0, 0, 0, 9, 1}})
	require.ErrorIs(t, err, warp.ErrPayloadType)
	_, err = NewResponder(networkID, chainID, fakeChain{}, nil).Respond(ctx, (&Request{Message: block}).Bytes())
	require.ErrorIs(t, err, ErrNoSigner)
}

func TestRequestsAreDecodedStrictly(t *testing.T) {
	request := Request{Message: []byte("message"), Justification: []byte("why")}
	encoded := request.Bytes()
	parsed, err := ParseRequest(encoded)
	require.NoError(t, err)
	require.Equal(t, request, *parsed)
	require.Equal(t, []byte{0x0a, 1, 'm', 0x12, 1, 'y'}, (&Request{Message: []byte("m"), Justification: []byte("y")}).Bytes())
	require.Equal(t, []byte{0x0a, 1, 'm'}, (&Request{Message: []byte("m")}).Bytes(), "as proto3 has it")
	require.Equal(t, []byte{0x0a, 96}, responseBytes(warp.Signature{})[:2])
	largest := Request{Message: make([]byte, warp.MaxUnsignedMessageBytes), Justification: make([]byte, MaxJustificationBytes)}
	_, err = ParseRequest(largest.Bytes())
	require.NoError(t, err)
	for name, encoded := range map[string][]byte{
		"cut":             encoded[:len(encoded)-1],
		"another field":   append(encoded[:len(encoded):len(encoded)], 0x1a, 1, 'x'),
		"a field twice":   append(encoded[:len(encoded):len(encoded)], 0x0a, 1, 'x'),
		"another type":    {0x08, 1, 'x'},
		"no tag":          {0x80},
		"a huge length":   {0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"an open varint":  {0xff, 0xff},
		"field number 0":  {0x02, 0},
		"a group":         {0x0b, 0x0c},
		"too many bytes":  make([]byte, MaxRequestBytes+1),
		"an empty length": {0x0a},
	} {
		_, err := ParseRequest(encoded)
		require.ErrorIs(t, err, ErrRequest, name)
	}
	for name, encoded := range map[string][]byte{
		"empty":          {},
		"cut":            {0x0a, 96, 1},
		"another field":  append([]byte{0x12, 96}, make([]byte, 96)...),
		"short":          append([]byte{0x0a, 95}, make([]byte, 95)...),
		"long":           append([]byte{0x0a, 97}, make([]byte, 97)...),
		"too many bytes": make([]byte, MaxResponseBytes+1),
	} {
		_, err := ParseResponse(encoded)
		require.ErrorIs(t, err, ErrResponse, name)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add((&Request{Message: []byte("message"), Justification: []byte("why")}).Bytes())
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f})
	r := newResponder(newKey(f, 1))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if request, err := ParseRequest(encoded); err == nil {
			again, err := ParseRequest(request.Bytes())
			require.NoError(t, err)
			require.Equal(t, len(request.Message), len(again.Message))
		}
		if _, err := ParseResponse(encoded); err == nil {
			require.LessOrEqual(t, len(encoded), MaxResponseBytes)
		}
		r.Respond(context.Background(), encoded) //nolint:errcheck // must not panic
	})
}

// fakeNetwork is other nodes' answers.
type fakeNetwork map[ids.NodeID]func(ctx context.Context, request []byte) ([]byte, error)

func (n fakeNetwork) RequestSignature(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	respond, ok := n[node]
	if !ok {
		return nil, errors.New("no such peer")
	}
	return respond(ctx, request)
}

func (fakeNetwork) RequestAttestation(context.Context, ids.NodeID, []byte) ([]byte, error) {
	return nil, errors.New("no such peer")
}

// fiveValidators returns a set of five with weight 20 each, and their honest answers.
func fiveValidators(t *testing.T) (*Validators, []*key, fakeNetwork) {
	t.Helper()
	var (
		members []Validator
		keys    []*key
		network = make(fakeNetwork)
	)
	for i := range byte(5) {
		k := newKey(t, i)
		node := ids.NodeID{i + 1}
		keys = append(keys, k)
		members = append(members, Validator{Node: node, PublicKey: k.PublicKey().Uncompressed(), Weight: 20})
		network[node] = newResponder(k).Respond
	}
	set, err := NewValidators(members)
	require.NoError(t, err)
	return set, keys, network
}

var verifier = warp.Verifier{NetworkID: networkID, ChainID: chainID, Ciphersuite: warp.CiphersuitePOP}

func TestAggregation(t *testing.T) {
	block := warp.BlockMessage(networkID, chainID, accepted)
	silent := func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	refusing := func(context.Context, []byte) ([]byte, error) { return nil, errors.New("refused") }
	lying := newResponder(newKey(t, 99)).Respond // another key's signature
	for name, tt := range map[string]struct {
		faults map[byte]func(ctx context.Context, request []byte) ([]byte, error) // by node
		want   error
		why    string // what the last of those said that have not signed
	}{
		"all sign":            {},
		"one is silent":       {map[byte]func(context.Context, []byte) ([]byte, error){2: silent}, nil, ""},
		"one lies":            {map[byte]func(context.Context, []byte) ([]byte, error){2: lying}, nil, ""},
		"one answers garbage": {map[byte]func(context.Context, []byte) ([]byte, error){3: func(context.Context, []byte) ([]byte, error) { return []byte("?"), nil }}, nil, ""},
		"two refuse":          {map[byte]func(context.Context, []byte) ([]byte, error){2: refusing, 3: refusing}, ErrNoQuorum, "refused"},
		"two lie":             {map[byte]func(context.Context, []byte) ([]byte, error){4: lying, 5: lying}, ErrNoQuorum, "validator "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				set, keys, network := fiveValidators(t)
				for node, fault := range tt.faults {
					network[ids.NodeID{node}] = fault
				}
				delete(network, ids.NodeID{1}) // itself, not over the network
				a := Aggregator{Self: ids.NodeID{1}, Responder: newResponder(keys[0]), Network: network}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				signed, err := a.Aggregate(ctx, block, set, warp.DefaultQuorum)
				if tt.want != nil {
					require.ErrorIs(t, err, tt.want)
					require.ErrorContains(t, err, "60 of 100")
					require.ErrorContains(t, err, tt.why)
					return
				}
				require.NoError(t, err)
				weight, err := verifier.VerifyMessage(signed, set.ValidatorSet)
				require.NoError(t, err)
				require.Equal(t, warp.Weight{Signed: 80, Total: 100}, weight)
			})
		})
	}
}

// TestAggregationAsksAgain: validators accept a block at different times.
func TestAggregationAsksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, keys, network := fiveValidators(t)
		asked := make(map[ids.NodeID]int)
		var mu sync.Mutex
		for node, respond := range network {
			network[node] = func(ctx context.Context, request []byte) ([]byte, error) {
				mu.Lock()
				asked[node]++
				times := asked[node]
				mu.Unlock()
				if times <= int(node[0]) {
					return nil, fmt.Errorf("not yet, %d", times)
				}
				return respond(ctx, request)
			}
		}
		a := Aggregator{Self: ids.NodeID{1}, Responder: newResponder(keys[0]), Network: network}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		signed, err := a.Aggregate(ctx, warp.BlockMessage(networkID, chainID, accepted), set, warp.DefaultQuorum)
		require.NoError(t, err)
		_, err = verifier.VerifyMessage(signed, set.ValidatorSet)
		require.NoError(t, err)
		mu.Lock() // who is slow may be asked still
		defer mu.Unlock()
		require.LessOrEqual(t, asked[ids.NodeID{2}], 3, "who has signed is not asked again")
	})
}

// TestWhoLiedIsAskedAgain: a false signature does not count, and is none that was given.
func TestWhoLiedIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, keys, network := fiveValidators(t)
		network[ids.NodeID{3}] = func(context.Context, []byte) ([]byte, error) { return nil, errors.New("refused") }
		honest, lying, lied := network[ids.NodeID{2}], newResponder(newKey(t, 99)).Respond, false
		network[ids.NodeID{2}] = func(ctx context.Context, request []byte) ([]byte, error) {
			if !lied {
				lied = true
				return lying(ctx, request)
			}
			return honest(ctx, request)
		}
		a := Aggregator{Self: ids.NodeID{1}, Responder: newResponder(keys[0]), Network: network}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		signed, err := a.Aggregate(ctx, warp.BlockMessage(networkID, chainID, accepted), set, warp.DefaultQuorum)
		require.NoError(t, err)
		_, err = verifier.VerifyMessage(signed, set.ValidatorSet)
		require.NoError(t, err)
	})
}

// TestNobodyWaitsForWhoCantSign: those who are left have no key, or there is no network to ask them over.
func TestNobodyWaitsForWhoCantSign(t *testing.T) {
	set, keys, network := fiveValidators(t)
	block := warp.BlockMessage(networkID, chainID, accepted)
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := (&Aggregator{Self: ids.NodeID{1}, Responder: newResponder(keys[0])}).Aggregate(t.Context(), block, set, warp.DefaultQuorum)
		require.ErrorIs(t, err, ErrNoQuorum)
		members := []Validator{{Node: ids.NodeID{6}, Weight: 100}}
		for i, k := range keys {
			members = append(members, Validator{Node: ids.NodeID{byte(i + 1)}, PublicKey: k.PublicKey().Bytes(), Weight: 20})
		}
		half, err := NewValidators(members)
		require.NoError(t, err)
		_, err = (&Aggregator{Self: ids.NodeID{1}, Responder: newResponder(keys[0]), Network: network}).Aggregate(t.Context(), block, half, warp.DefaultQuorum)
		require.ErrorIs(t, err, ErrNoQuorum)
		require.ErrorContains(t, err, "100 of 200")
		require.Zero(t, time.Since(begun))
	})
}

// TestNodesThatShareAKey: the first that answers signs for all of them.
func TestNodesThatShareAKey(t *testing.T) {
	k := newKey(t, 1)
	set, err := NewValidators([]Validator{
		{Node: ids.NodeID{1}, PublicKey: k.PublicKey().Bytes(), Weight: 1},
		{Node: ids.NodeID{2}, PublicKey: k.PublicKey().Uncompressed(), Weight: 2},
		{Node: ids.NodeID{3}, Weight: 1},
	})
	require.NoError(t, err)
	require.Equal(t, 1, set.Len())
	require.Equal(t, []ids.NodeID{{1}, {2}}, set.Nodes(0))
	a := Aggregator{Responder: newResponder(nil), Network: fakeNetwork{ids.NodeID{2}: newResponder(k).Respond}}
	a.Responder.signer = newKey(t, 9)
	signed, err := a.Aggregate(t.Context(), warp.BlockMessage(networkID, chainID, accepted), set, warp.DefaultQuorum)
	require.NoError(t, err)
	weight, err := set.Weight(signed.Signers)
	require.NoError(t, err)
	require.Equal(t, warp.Weight{Signed: 3, Total: 4}, weight)
}
