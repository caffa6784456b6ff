package vm

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// dsaKey returns a key that is the same in every run.
func dsaKey(n byte) *pq.DSAKey {
	key, err := pq.DSAKeyFromSeed(bytes.Repeat([]byte{n}, pq.DSASeedSize))
	if err != nil {
		panic(err)
	}
	return key
}

// validatorKey returns what the key of a node is registered with.
func (n *testNetwork) validatorKey(node int, key, replaces *pq.DSAKey) *signing.ValidatorKey {
	return &signing.ValidatorKey{
		NetworkID: testNetworkID, ChainID: testChainID, Signer: n.keys[node], Key: key, Replaces: replaces,
	}
}

func (n *testNetwork) register(node int, key, replaces *pq.DSAKey) *chain.Transaction {
	n.t.Helper()
	tx, err := n.validatorKey(node, key, replaces).Register(context.Background(), n.nodes[0].deadline())
	require.NoError(n.t, err)
	return tx
}

// keyOf returns the leaf of a node's key, nil if there is none.
func (n *testNetwork) keyOf(node int) *chain.ValidatorKey {
	n.t.Helper()
	key, exists, err := n.nodes[0].store.Latest().ValidatorKey(chain.ValidatorKeyID(n.keys[node].PublicKey().Bytes()))
	require.NoError(n.t, err)
	require.Equal(n.t, exists, key != nil)
	return key
}

// startKeys starts a network with one block that commits to its validators, the nodes at indices.
func startKeys(t *testing.T, size int, validators ...int) *testNetwork {
	n := startNetwork(t, size)
	n.setValidators(10, validators...)
	n.accept(10, n.nodes, n.nodes[0].registration(identity(1)))
	return n
}

func TestValidatorsBindTheirKeys(t *testing.T) {
	n := startKeys(t, 2, 0, 1)
	first := n.nodes[0]
	n.accept(10, n.nodes, n.register(0, dsaKey(1), nil), n.register(1, dsaKey(2), nil))
	require.Equal(t, &chain.ValidatorKey{
		Scheme: chain.SchemeMLDSA65, PublicKey: dsaKey(1).Public(), BLSPublicKey: n.keys[0].PublicKey().Bytes(),
		Registered: first.Snapshot().Header().Timestamp, Number: 1, Seen: first.Snapshot().Header().Timestamp,
	}, parsedAgain(t, n.keyOf(0)))
	totals, err := first.Snapshot().Totals()
	require.NoError(t, err)
	require.EqualValues(t, 2, totals.LiveValidatorKeys)

	first.clock.advance(time.Duration(first.VM.genesis.Limits.TransactionWindow) * time.Second)
	n.accept(10, n.nodes, n.register(0, dsaKey(3), dsaKey(1)))
	require.Equal(t, dsaKey(3).Public(), n.keyOf(0).PublicKey)
	require.Equal(t, dsaKey(2).Public(), n.keyOf(1).PublicKey)
	totals, err = first.Snapshot().Totals()
	require.NoError(t, err)
	require.EqualValues(t, 2, totals.LiveValidatorKeys)
	require.EqualValues(t, 3, totals.ValidatorKeys)
}

// parsedAgain returns a record without what its encoding has cached.
func parsedAgain(t *testing.T, key *chain.ValidatorKey) *chain.ValidatorKey {
	t.Helper()
	again, err := chain.ParseValidatorKey(key.Bytes())
	require.NoError(t, err)
	return &chain.ValidatorKey{
		Scheme: again.Scheme, PublicKey: again.PublicKey, BLSPublicKey: again.BLSPublicKey,
		Registered: again.Registered, Number: again.Number, Seen: again.Seen, Absent: again.Absent,
	}
}

// TestEitherCiphersuiteBindsAKey: the chain does not know which its network has.
func TestEitherCiphersuiteBindsAKey(t *testing.T) {
	n := startKeys(t, 1, 0)
	tx := n.register(0, dsaKey(1), nil)
	body := *tx.Body.(*chain.RegisterValidatorKey)
	signature, err := n.keys[0].SecretKey.Sign(warp.CiphersuiteNUL, warp.ValidatorKeyMessage(testNetworkID, testChainID, tx.ID()).Bytes())
	require.NoError(t, err)
	require.NotEqual(t, body.BLSSignature, signature[:])
	body.BLSSignature = signature[:]
	n.accept(10, n.nodes, sign(t, nil, &body))
	require.NotNil(t, n.keyOf(0))
}

// changedKey returns a registration with another body, which the validator's own keys sign or not.
func changedKey(t *testing.T, tx *chain.Transaction, change func(*chain.RegisterValidatorKey)) *chain.Transaction {
	t.Helper()
	old := tx.Body.(*chain.RegisterValidatorKey)
	body := &chain.RegisterValidatorKey{
		Scheme: old.Scheme, PublicKey: old.PublicKey, BLSPublicKey: old.BLSPublicKey, Replaces: old.Replaces, Deadline: old.Deadline,
		BLSSignature: bytes.Clone(old.BLSSignature), Possession: bytes.Clone(old.Possession), Consent: bytes.Clone(old.Consent),
	}
	change(body)
	return sign(t, nil, body)
}

// requireNoRegistration requires that a registration is refused when it is submitted, and in a block.
func (n *testNetwork) requireNoRegistration(tx *chain.Transaction, reason refusal.Reason) {
	n.t.Helper()
	ctx, first := context.Background(), n.nodes[0]
	first.requireUntouched(func() {
		first.requireRefused(first.submitBytes(tx.Bytes()), reason)
		header := *first.Snapshot().Header()
		set, err := first.ValidatorsOf(ctx, &header)
		require.NoError(n.t, err)
		forged := first.forge(func(h *chain.Header) {
			h.PChainHeight, h.ValidatorSetHash = header.PChainHeight, set.Hash(testNetworkID, testChainID)
		}, tx)
		first.requireRefused(first.parse(forged).VerifyWithContext(ctx, Context{PChainHeight: header.PChainHeight}), reason)
	})
}

func TestAKeyThatIsNotTheValidatorsIsRefused(t *testing.T) {
	n := startKeys(t, 4, 0, 1, 2)
	first := n.nodes[0]
	window := first.VM.genesis.Limits.TransactionWindow * 1000
	other := n.validatorKey(1, dsaKey(1), nil)
	other.ChainID = ids.ID{9}
	ofOtherChain, err := other.Register(t.Context(), first.deadline())
	require.NoError(t, err)
	other.ChainID, other.NetworkID = testChainID, testNetworkID+1
	ofOtherNetwork, err := other.Register(t.Context(), first.deadline())
	require.NoError(t, err)
	byAnother := n.register(1, dsaKey(1), nil)
	signature, err := n.keys[2].Sign(t.Context(), warp.ValidatorKeyMessage(testNetworkID, testChainID, byAnother.ID()))
	require.NoError(t, err)
	notItsSigner := changedKey(t, byAnother, func(b *chain.RegisterValidatorKey) { b.BLSSignature = signature[:] })
	n.accept(10, n.nodes, n.register(0, dsaKey(1), nil))

	for name, test := range map[string]struct {
		reason refusal.Reason
		tx     *chain.Transaction
	}{
		"of no validator":         {refusal.ErrNotValidator, n.register(3, dsaKey(4), nil)},
		"for another chain":       {refusal.ErrBadSignature, ofOtherChain},
		"for another network":     {refusal.ErrBLSSignature, ofOtherNetwork},
		"signed by another":       {refusal.ErrBLSSignature, notItsSigner},
		"a second first key":      {refusal.ErrValidatorKey, n.register(0, dsaKey(2), nil)},
		"the same again":          {refusal.ErrDuplicate, n.register(0, dsaKey(1), nil)},
		"replaces another key":    {refusal.ErrValidatorKey, n.register(0, dsaKey(2), dsaKey(3))},
		"replaces none":           {refusal.ErrValidatorKey, n.register(1, dsaKey(2), dsaKey(3))},
		"replaces a fresh key":    {refusal.ErrValidatorKeyRenewal, n.register(0, dsaKey(2), dsaKey(1))},
		"after its deadline":      {refusal.ErrDeadlinePassed, changedKey(t, n.register(1, dsaKey(2), nil), func(b *chain.RegisterValidatorKey) { b.Deadline = 1 })},
		"with a late deadline":    {refusal.ErrDeadlineTooFar, changedKey(t, n.register(1, dsaKey(2), nil), func(b *chain.RegisterValidatorKey) { b.Deadline = first.clock.millis() + window + 1 })},
		"with another deadline":   {refusal.ErrBadSignature, changedKey(t, n.register(1, dsaKey(2), nil), func(b *chain.RegisterValidatorKey) { b.Deadline-- })},
		"of a key without it":     {refusal.ErrBadSignature, changedKey(t, n.register(1, dsaKey(2), nil), func(b *chain.RegisterValidatorKey) { b.PublicKey = dsaKey(3).Public() })},
		"another BLS signature":   {refusal.ErrBLSSignature, changedKey(t, n.register(1, dsaKey(2), nil), func(b *chain.RegisterValidatorKey) { b.BLSSignature[20] ^= 1 })},
		"another possession":      {refusal.ErrBadSignature, changedKey(t, n.register(1, dsaKey(2), nil), func(b *chain.RegisterValidatorKey) { b.Possession[20] ^= 1 })},
		"another validator's key": {refusal.ErrBadSignature, changedKey(t, n.register(1, dsaKey(2), nil), func(b *chain.RegisterValidatorKey) { b.BLSPublicKey = n.keys[2].PublicKey().Bytes() })},
	} {
		t.Run(name, func(t *testing.T) {
			n.t, first.t = t, t
			n.requireNoRegistration(test.tx, test.reason)
		})
	}
	n.t, first.t = t, t

	first.clock.advance(time.Duration(window) * time.Millisecond)
	for name, tx := range map[string]*chain.Transaction{
		"without the old key's consent": changedKey(t, n.register(0, dsaKey(2), dsaKey(1)), func(b *chain.RegisterValidatorKey) { b.Consent[20] ^= 1 }),
		"its possession for a consent":  changedKey(t, n.register(0, dsaKey(2), dsaKey(1)), func(b *chain.RegisterValidatorKey) { b.Consent = b.Possession }),
		"with consent to another key": changedKey(t, n.register(0, dsaKey(2), dsaKey(1)), func(b *chain.RegisterValidatorKey) {
			b.Consent = n.register(0, dsaKey(3), dsaKey(1)).Body.(*chain.RegisterValidatorKey).Consent
		}),
	} {
		t.Run(name, func(t *testing.T) {
			n.t, first.t = t, t
			n.requireNoRegistration(tx, refusal.ErrBadSignature)
		})
	}
	n.t, first.t = t, t
	n.accept(10, n.nodes, n.register(0, dsaKey(2), dsaKey(1)))
}

// TestAQuantumAttackerReplacesNoKey: who has all BLS secrets, and none of ML-DSA, binds the first key of a validator
// and none after it.
func TestAQuantumAttackerReplacesNoKey(t *testing.T) {
	n := startKeys(t, 2, 0, 1)
	first := n.nodes[0]
	n.accept(10, n.nodes, n.register(0, dsaKey(1), nil))
	first.clock.advance(time.Duration(first.VM.genesis.Limits.TransactionWindow) * time.Second)
	stolen, another := dsaKey(0xee), dsaKey(0xef) // the attacker's own; BLS signatures are made with the victims' keys
	n.requireNoRegistration(n.register(0, stolen, nil), refusal.ErrValidatorKey)
	n.requireNoRegistration(n.register(0, stolen, another), refusal.ErrValidatorKey)
	claimed := n.validatorKey(0, stolen, another)
	tx, err := claimed.Register(t.Context(), first.deadline())
	require.NoError(t, err)
	n.requireNoRegistration(changedKey(t, tx, func(b *chain.RegisterValidatorKey) {
		b.Replaces = dsaKey(1).Public()
		signature, err := n.keys[0].Sign(t.Context(), warp.ValidatorKeyMessage(testNetworkID, testChainID, chain.TransactionID(testChainID, b)))
		require.NoError(t, err)
		b.BLSSignature = signature[:]
		b.Possession, err = stolen.Sign(b.Context(), chain.SigningBytes(testChainID, b))
		require.NoError(t, err)
	}), refusal.ErrBadSignature)
	// The first binding rests on BLS: that is the limit.
	n.accept(10, n.nodes, n.register(1, stolen, nil))
	require.Equal(t, stolen.Public(), n.keyOf(1).PublicKey)
}

// TestABlockWithoutContextBindsNoKey: whoever is a validator is not known there.
func TestABlockWithoutContextBindsNoKey(t *testing.T) {
	ctx := context.Background()
	n := startNetwork(t, 1)
	n.setValidators(10, 0)
	first := n.nodes[0]
	tx := n.register(0, dsaKey(1), nil)
	first.requireRefused(first.Submit(ctx, tx, ""), refusal.ErrNotValidator)
	first.requireRefused(first.parse(first.forge(nil, tx)).Verify(ctx), refusal.ErrNotValidator)
	n.accept(10, n.nodes, first.registration(identity(1)))
	n.accept(10, n.nodes, tx)

	// Nor does one whose context has another set than the last block's.
	n.setValidators(20)
	again := startKeys(t, 2, 0)
	again.setValidators(20, 1)
	tx = again.register(0, dsaKey(1), nil)
	require.NoError(t, again.nodes[0].Submit(ctx, tx, ""))
	_, err := again.nodes[0].BuildBlockWithContext(ctx, Context{PChainHeight: 20})
	require.ErrorIs(t, err, refusal.ErrEmptyBlock)
	_, _, err = again.nodes[0].TransactionStatus(tx.ID())
	require.ErrorIs(t, err, refusal.ErrNotValidator)
}

// TestKeysOfValidatorsThatHaveGoneAreSwept: at the second visit that finds them gone.
func TestKeysOfValidatorsThatHaveGoneAreSwept(t *testing.T) {
	n := startKeys(t, 3, 0, 1, 2)
	first := n.nodes[0]
	n.accept(10, n.nodes, n.register(0, dsaKey(1), nil), n.register(1, dsaKey(2), nil), n.register(2, dsaKey(3), nil))
	retention := time.Duration(first.VM.genesis.Retention()) * time.Millisecond
	block := 2
	pass := func(pChainHeight uint64, by time.Duration) {
		first.clock.advance(by)
		block++
		n.accept(pChainHeight, n.nodes, first.registration(identity(block)))
	}
	pass(10, retention-time.Millisecond)
	require.EqualValues(t, 1, n.keyOf(0).Number, "its time has not come")
	n.setValidators(20, 0)
	pass(20, time.Millisecond)
	require.False(t, n.keyOf(0).Absent)
	require.True(t, n.keyOf(1).Absent)
	require.True(t, n.keyOf(2).Absent)
	n.setValidators(30, 0, 2)
	pass(30, retention)
	require.NotNil(t, n.keyOf(0))
	require.Nil(t, n.keyOf(1), "it was gone twice")
	require.False(t, n.keyOf(2).Absent, "it has come back")
	totals, err := first.Snapshot().Totals()
	require.NoError(t, err)
	require.EqualValues(t, 2, totals.LiveValidatorKeys)
	require.EqualValues(t, 8, totals.ValidatorKeys)
	require.EqualValues(t, 6, totals.ValidatorKeysSwept, "two are in line")
	// Who comes back after that begins anew.
	n.setValidators(40, 0, 1, 2)
	pass(40, 0)
	n.accept(40, n.nodes, n.register(1, dsaKey(4), nil))
	require.Equal(t, dsaKey(4).Public(), n.keyOf(1).PublicKey)
}

// TestValidatorsWithAKeyAreBounded: who has one may still replace it.
func TestValidatorsWithAKeyAreBounded(t *testing.T) {
	n := startKeys(t, 2, 0, 1)
	first := n.nodes[0]
	n.accept(10, n.nodes, n.register(0, dsaKey(1), nil))
	first.clock.advance(time.Duration(first.VM.genesis.Limits.TransactionWindow) * time.Second)
	another, replacing := n.register(1, dsaKey(2), nil), n.register(0, dsaKey(3), dsaKey(1))
	r, err := first.acceptedRules(another)
	require.NoError(t, err)
	check := func(tx *chain.Transaction, keys uint64) error {
		totals := *r.totals
		totals.LiveValidatorKeys = keys
		r.totals = &totals
		_, err := r.check(tx)
		return err
	}
	require.NoError(t, check(another, chain.MaxValidatorKeys-1))
	require.ErrorIs(t, check(another, chain.MaxValidatorKeys), refusal.ErrValidatorKeyLimit)
	require.NoError(t, check(replacing, chain.MaxValidatorKeys))
}

// TestNobodyElseHasAKeySignedForIt: what binds a key is signed by the node itself, and not for who asks.
func TestNobodyElseHasAKeySignedForIt(t *testing.T) {
	n := startKeys(t, 1, 0)
	tx := n.register(0, dsaKey(1), nil)
	message := warp.ValidatorKeyMessage(testNetworkID, testChainID, tx.ID())
	for _, justification := range [][]byte{nil, idBytes(tx.ID())} {
		request := signing.Request{Message: message.Bytes(), Justification: justification}
		_, err := n.nodes[0].collector.Respond(t.Context(), request.Bytes())
		require.ErrorIs(t, err, warp.ErrPayloadType)
	}
}

func idBytes(id ids.ID) []byte { return id[:] }

// TestAValidatorRegistersItsKey as soon as a block commits to it, replaces it when its file has another, and says so when
// that can't be.
func TestAValidatorRegistersItsKey(t *testing.T) {
	ctx := context.Background()
	n := startNetwork(t, 2)
	n.setValidators(10, 0)
	first, second := n.nodes[0], n.nodes[1]
	first.keys, second.keys = []*pq.DSAKey{dsaKey(1)}, []*pq.DSAKey{dsaKey(9)}
	registration := func(node *testChain) *chain.Transaction {
		tx, err := node.keyRegistration(ctx)
		require.NoError(t, err)
		return tx
	}
	require.Nil(t, registration(first), "no block commits to a set")
	n.accept(10, n.nodes, first.registration(identity(1)))
	require.Nil(t, registration(second), "it is no validator")
	n.accept(10, n.nodes, registration(first))
	require.Equal(t, dsaKey(1).Public(), n.keyOf(0).PublicKey)
	require.Nil(t, registration(first))

	first.keys = []*pq.DSAKey{dsaKey(2), dsaKey(1)}
	require.Nil(t, registration(first), "it is too fresh")
	first.clock.advance(time.Duration(first.VM.genesis.Limits.TransactionWindow) * time.Second)
	n.accept(10, n.nodes, registration(first))
	require.Equal(t, dsaKey(2).Public(), n.keyOf(0).PublicKey)

	first.clock.advance(time.Duration(first.VM.genesis.Limits.TransactionWindow) * time.Second)
	first.keys = []*pq.DSAKey{dsaKey(3)}
	_, err := first.keyRegistration(ctx)
	require.ErrorContains(t, err, "put its line back")
	require.NoError(t, first.SetState(ctx, Bootstrapping))
	require.Nil(t, registration(first))
}

// TestEachByteOfARegistrationCounts: another one does not decode, or is not signed.
func TestEachByteOfARegistrationCounts(t *testing.T) {
	n := startKeys(t, 1, 0)
	first := n.nodes[0]
	for name, tx := range map[string]*chain.Transaction{
		"a first key":   n.register(0, dsaKey(1), nil),
		"a replacement": n.register(0, dsaKey(2), dsaKey(1)),
	} {
		t.Run(name, func(t *testing.T) {
			verify := func(encoded []byte) error {
				again, err := chain.ParseTransaction(testChainID, encoded)
				if err == nil {
					err = first.VM.verifier.verify(again, nil)
				}
				return err
			}
			encoded := tx.Bytes()
			require.NoError(t, verify(encoded))
			step := 1
			if testing.Short() || race.Enabled {
				step = 53
			}
			for at := 0; at < len(encoded); at += step {
				changed := bytes.Clone(encoded)
				changed[at] ^= 1 << (at % 8)
				require.Error(t, verify(changed), "byte %d", at)
			}
			for at := 0; at < len(encoded); at += 101 {
				require.Error(t, verify(encoded[:at]), "cut at %d", at)
			}
			require.Error(t, verify(append(bytes.Clone(encoded), 0)))
		})
	}
}

// BenchmarkRefusedRegistration is what it costs to refuse a registration that all signatures but the last fit, the dearest that
// somebody can make who is no validator. A client may send 20 of them per second, and a peer 32.
func BenchmarkRefusedRegistration(b *testing.B) {
	signers := make([]testKey, 2)
	for i := range signers {
		secret, err := signing.SecretKeyFromSeed(bytes.Repeat([]byte{byte(i + 1)}, signing.SeedSize))
		require.NoError(b, err)
		signers[i] = testKey{secret}
	}
	register := func(by testKey) *chain.RegisterValidatorKey {
		key := signing.ValidatorKey{NetworkID: testNetworkID, ChainID: testChainID, Signer: by, Key: dsaKey(2), Replaces: dsaKey(1)}
		tx, err := key.Register(b.Context(), 1)
		require.NoError(b, err)
		return tx.Body.(*chain.RegisterValidatorKey)
	}
	body, other := register(signers[0]), register(signers[1])
	body.BLSSignature = other.BLSSignature
	v := &verifier{networkID: testNetworkID, chainID: testChainID}
	for b.Loop() {
		require.ErrorIs(b, v.verifyValidatorKey(body), refusal.ErrBLSSignature)
	}
}
