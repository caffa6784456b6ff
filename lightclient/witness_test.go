package lightclient

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/warp"
)

// A primary whose block a quorum has signed, though another block was accepted, is caught by
// one witness that tells the truth.
func TestALyingPrimaryIsCaughtByAWitness(t *testing.T) {
	sets := []weights{four, four, four, equally(0, 1, 2, 4), equally(2, 4, 5, 6), equally(4, 5, 6)}
	honest := testChain{}.extend(sets...)
	lie := honest.fork(3)
	for _, sequential := range []bool{false, true} {
		store := NewMemoryStore()
		config := testConfig(lie, 0)
		config.Store, config.Sequential = store, sequential
		config.Witnesses = []Provider{
			&testProvider{name: "accomplice", chain: lie},
			&testProvider{name: "honest", chain: honest},
		}
		client := newClient(t, config)
		_, err := client.Update(context.Background())
		var divergence ErrDivergence
		require.ErrorAs(t, err, &divergence)
		require.Equal(t, "primary", divergence.First)
		require.Equal(t, "honest", divergence.Second)
		require.Equal(t, lie[5].header.ID(), divergence.Evidence.First.Header.ID())
		require.Equal(t, honest[5].header.ID(), divergence.Evidence.Second.Header.ID())
		require.ErrorContains(t, err, "at least a third of the validators' weight is dishonest")
		requireHeights(t, store, 0)
		require.Empty(t, client.Faults())

		// The evidence is kept, and convinces others.
		kept, err := client.Evidence()
		require.NoError(t, err)
		require.Len(t, kept, 1)
		parsed, err := ParseEvidence(kept[0].Bytes())
		require.NoError(t, err)
		rules := testRules()
		require.NoError(t, parsed.Verify(&rules.Verifier))
		var double []string
		for _, key := range parsed.DoubleSigners() {
			double = append(double, key.String())
		}
		require.Equal(t, []string{
			testKeys()[4].PublicKey().String(), testKeys()[5].PublicKey().String(), testKeys()[6].PublicKey().String(),
		}, double)

		// Asked again, the same evidence is not kept twice.
		_, err = client.Update(context.Background())
		require.ErrorAs(t, err, new(ErrDivergence))
		kept, err = client.Evidence()
		require.NoError(t, err)
		require.Len(t, kept, 1)
	}
}

// At the height that is trusted already, too.
func TestAPrimaryThatChangesItsMindIsCaught(t *testing.T) {
	c := testChain{}.extend(repeat(6, four)...)
	config := testConfig(c, 0)
	primary := config.Primary.(*testProvider)
	client := newClient(t, config)
	trusted, err := client.Update(context.Background())
	require.NoError(t, err)

	primary.chain = c.fork(4)
	b, err := client.Update(context.Background())
	require.ErrorAs(t, err, new(ErrDivergence))
	require.Same(t, trusted, b)
	kept, err := client.Evidence()
	require.NoError(t, err)
	require.Len(t, kept, 1)

	// Another block that nobody has signed is no evidence, but the provider's fault.
	primary.change = func(_ uint64, b *LightBlock) (*LightBlock, error) { return forge(b), nil }
	_, err = client.Update(context.Background())
	require.ErrorIs(t, err, ErrInconsistent)
	// Nor is one that contradicts a checkpoint, which has no certificate.
	config = testConfig(c, 5)
	config.Primary = &testProvider{name: "primary", chain: c.fork(4)}
	_, err = newClient(t, config).Update(context.Background())
	require.ErrorIs(t, err, ErrInconsistent)
}

func TestAWitnessWhoseBlockDoesNotVerifyIsDismissed(t *testing.T) {
	c := testChain{}.extend(repeat(6, four)...)
	faulty := &testProvider{name: "faulty", chain: c.fork(2)}
	faulty.change = func(_ uint64, b *LightBlock) (*LightBlock, error) { return forge(b), nil }
	config := testConfig(c[:5], 0)
	primary := config.Primary.(*testProvider)
	config.Witnesses = []Provider{faulty, &testProvider{name: "good", chain: c}}
	client := newClient(t, config)
	b, err := client.Update(context.Background())
	require.NoError(t, err)
	require.Equal(t, c[4].header.ID(), b.Header.ID())
	faults := client.Faults()
	require.Len(t, faults, 1)
	require.Equal(t, "faulty", faults[0].Provider)
	require.ErrorIs(t, faults[0], warp.ErrBadSignature)
	kept, err := client.Evidence()
	require.NoError(t, err)
	require.Empty(t, kept)

	asked := len(faulty.asked)
	primary.chain = c
	_, err = client.Update(context.Background())
	require.NoError(t, err)
	require.Len(t, faulty.asked, asked, "it is not asked again")
}

func TestAsManyWitnessesAsRequiredMustAgree(t *testing.T) {
	c := testChain{}.extend(repeat(6, four)...)
	silent := &testProvider{name: "silent", chain: c, change: func(uint64, *LightBlock) (*LightBlock, error) {
		return nil, errors.New("no route")
	}}
	behind := &testProvider{name: "behind", chain: c[:3]}
	good := &testProvider{name: "good", chain: c}
	for name, test := range map[string]struct {
		witnesses []Provider
		required  int
		agreed    int
		ok        bool
	}{
		"none":                     {nil, 0, 0, true},
		"one of one":               {[]Provider{good}, 0, 1, true},
		"one of three":             {[]Provider{silent, good, behind}, 0, 1, true},
		"two of three":             {[]Provider{good, silent, good}, 2, 2, true},
		"the only one has nothing": {[]Provider{behind}, 0, 0, false},
		"the only one is silent":   {[]Provider{silent}, 0, 0, false},
		"one of two needed":        {[]Provider{good, behind}, 2, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			config := testConfig(c, 0)
			config.Store, config.Witnesses, config.RequiredWitnesses = NewMemoryStore(), test.witnesses, test.required
			client := newClient(t, config)
			_, err := client.Update(context.Background())
			require.Empty(t, client.Faults(), "who has no answer is not at fault")
			if test.ok {
				require.NoError(t, err)
				return
			}
			var witnesses ErrWitnesses
			require.ErrorAs(t, err, &witnesses)
			require.Equal(t, ErrWitnesses{BlockID: c[5].header.ID(), Height: 5, Agreed: test.agreed, Needed: max(1, test.required)}, witnesses)
			requireHeights(t, config.Store, 0)
		})
	}
}

func TestAnInterruptedRequestBlamesNobody(t *testing.T) {
	c := testChain{}.extend(repeat(6, four)...)
	ctx, cancel := context.WithCancel(context.Background())
	config := testConfig(c, 0)
	config.Witnesses = []Provider{&testProvider{name: "witness", chain: c, change: func(uint64, *LightBlock) (*LightBlock, error) {
		cancel()
		return nil, ctx.Err()
	}}}
	client := newClient(t, config)
	_, err := client.Update(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, client.Faults())
}

func TestEvidenceThatIsNoneIsRefused(t *testing.T) {
	c := testChain{}.extend(repeat(6, four)...)
	fork := c.fork(3)
	rules := testRules()
	weak := func(b *testBlock) *LightBlock {
		return &LightBlock{Header: b.header, Validators: b.weights.set(), Certificate: certify(b.header, b.weights, 0, 1)}
	}
	for name, test := range map[string]struct {
		evidence Evidence
		want     error
	}{
		"two certified blocks": {Evidence{c[4].light(), fork[4].light()}, nil},
		"the same block":       {Evidence{c[4].light(), c[4].light()}, ErrEvidence},
		"two heights":          {Evidence{c[4].light(), fork[5].light()}, ErrEvidence},
		"a checkpoint":         {Evidence{c[4].light(), &LightBlock{Header: fork[4].header, Validators: four.set()}}, ErrNoCertificate},
		"too little weight":    {Evidence{c[4].light(), weak(fork[4])}, warp.ErrInsufficientWeight},
		"a forged certificate": {Evidence{forge(c[4].light()), fork[4].light()}, warp.ErrBadSignature},
		"another set":          {Evidence{&LightBlock{Header: c[4].header, Validators: others.set(), Certificate: c[4].light().Certificate}, fork[4].light()}, warp.ErrWrongSet},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, test.evidence.Verify(&rules.Verifier), test.want)
		})
	}
	rules.NetworkID++
	require.ErrorIs(t, (&Evidence{c[4].light(), fork[4].light()}).Verify(&rules.Verifier), warp.ErrWrongSet)
}
