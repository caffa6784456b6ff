package lightclient

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

func requireHeights(t *testing.T, store Store, want ...uint64) {
	t.Helper()
	heights, err := store.Heights()
	require.NoError(t, err)
	require.Equal(t, want, heights)
}

func TestUpdateFollowsTheChain(t *testing.T) {
	c := testChain{}.extend(repeat(20, four)...)
	for _, sequential := range []bool{false, true} {
		config := testConfig(c, 3)
		config.Store, config.Sequential = NewMemoryStore(), sequential
		primary := config.Primary.(*testProvider)
		client := newClient(t, config)
		b, err := client.Latest()
		require.NoError(t, err)
		require.EqualValues(t, 3, b.Header.Height)
		b, err = client.Update(context.Background())
		require.NoError(t, err)
		require.Equal(t, c[19].header.ID(), b.Header.ID())
		if sequential {
			require.Len(t, primary.asked, 1+16)
		} else {
			require.Equal(t, []uint64{0}, primary.asked, "the set is the same: one step")
			requireHeights(t, config.Store, 3, 19)
		}
		again, err := client.Update(context.Background())
		require.NoError(t, err)
		require.Same(t, b, again)

		primary.chain = c[:10]
		again, err = client.Update(context.Background())
		require.NoError(t, err, "a primary may be behind")
		require.Same(t, b, again)
	}
}

// A set that changes by one validator at each height takes several steps, but not every one.
func TestBisectionSkipsWhereItCan(t *testing.T) {
	var sets []weights
	for i := range 33 {
		k := i / 8
		sets = append(sets, equally(k, k+1, k+2, k+3))
	}
	c := testChain{}.extend(sets...)
	config := testConfig(c, 0)
	config.Store = NewMemoryStore()
	b, err := newClient(t, config).Update(context.Background())
	require.NoError(t, err)
	require.Equal(t, c[32].header.ID(), b.Header.ID())
	heights, err := config.Store.Heights()
	require.NoError(t, err)
	require.Greater(t, len(heights), 2, "one step is not enough")
	require.Less(t, len(heights), 8, "and few are")
}

func TestTrustThatIsLostIsRenewed(t *testing.T) {
	c := testChain{}.extend(repeat(4, four)...).extend(repeat(3, others)...)
	for _, sequential := range []bool{false, true} {
		config := testConfig(c, 0)
		config.Sequential = sequential
		client := newClient(t, config)
		_, err := client.Update(context.Background())
		var lost ErrTrustLost
		require.ErrorAs(t, err, &lost)
		require.EqualValues(t, 3, lost.Height)
		require.ErrorAs(t, err, new(ErrProvider))
		require.ErrorContains(t, err, "take a new checkpoint")
		b, err := client.Latest()
		require.NoError(t, err)
		require.Zero(t, b.Header.Height, "nothing is kept of a way that ends nowhere")

		checkpoint := c[4].checkpoint()
		require.NoError(t, client.Renew(&checkpoint))
		b, err = client.Update(context.Background())
		require.NoError(t, err)
		require.Equal(t, c[6].header.ID(), b.Header.ID())
	}
}

func TestTrustThatExpiredIsRenewed(t *testing.T) {
	c := testChain{}.extend(repeat(5, four)...)
	late := c.extend(four)
	late[5].header.Timestamp += uint64(testPeriod.Milliseconds())
	late = late.extend(repeat(2, four)...)
	config := testConfig(late, 0)
	client := newClient(t, config)
	_, err := client.Update(context.Background())
	var expired ErrOldHeaderExpired
	require.ErrorAs(t, err, &expired)
	require.Equal(t, late[0].header.Time().Add(testPeriod), expired.At)
	require.Equal(t, config.Now(), expired.Now)
	require.ErrorIs(t, err, refusal.ErrProof)

	old, other := late[4].checkpoint(), late.fork(6)[6].checkpoint()
	require.ErrorAs(t, client.Renew(&old), new(ErrOldHeaderExpired))
	for name, wrong := range map[string]*Checkpoint{
		"nothing":           {},
		"no validators":     {Header: late[6].header},
		"another's":         {Header: late[6].header, Validators: others.set()},
		"an unknown header": {Header: &chain.Header{ChainID: testChainID}, Validators: four.set()},
	} {
		require.ErrorIs(t, client.Renew(wrong), ErrOptions, name)
	}

	checkpoint := late[6].checkpoint()
	require.NoError(t, client.Renew(&checkpoint))
	require.NoError(t, client.Renew(&checkpoint), "the same again")
	require.ErrorIs(t, client.Renew(&other), ErrCheckpoint, "two at one height")
	b, err := client.Update(context.Background())
	require.NoError(t, err)
	require.Equal(t, late[7].header.ID(), b.Header.ID())

	// What is below, and was not kept, is reached from above: the same set has signed it.
	header, basis, err := client.Header(context.Background(), 3)
	require.NoError(t, err)
	require.Equal(t, late[3].header, header)
	require.EqualValues(t, 3, basis.CertifiedHeight)
}

func TestAHeaderBelowTheCheckpointIsReached(t *testing.T) {
	c := testChain{}.extend(repeat(30, four)...)
	config := testConfig(c, 20)
	config.MaxBackwards = 10
	primary := config.Primary.(*testProvider)
	client := newClient(t, config)

	// By its own certificate.
	header, basis, err := client.Header(context.Background(), 2)
	require.NoError(t, err)
	require.Equal(t, c[2].header, header)
	require.Equal(t, Basis{
		BlockID: c[2].header.ID(), Height: 2, Time: c[2].header.Time(), CertifiedHeight: 2,
		Weight: warp.Weight{Signed: 40, Total: 40}, Scheme: string(warp.CiphersuitePOP),
	}, basis)
	require.Contains(t, basis.String(), "signed by 40 of 40 of the validators' weight")
	require.Contains(t, basis.String(), "not post-quantum")

	// Without one, by the headers above it.
	primary.change = func(height uint64, b *LightBlock) (*LightBlock, error) {
		if height > 0 && height < 20 {
			return nil, notFound("a certificate", height)
		}
		return b, nil
	}
	header, basis, err = client.Header(context.Background(), 12)
	require.NoError(t, err)
	require.Equal(t, c[12].header, header)
	require.EqualValues(t, 12, basis.Height)
	require.EqualValues(t, 20, basis.CertifiedHeight)
	require.True(t, basis.Checkpoint)
	require.Equal(t, warp.Weight{Total: 40}, basis.Weight)
	require.Contains(t, basis.String(), "below block 20, which is the trusted checkpoint")
	asked := len(primary.asked)
	_, _, err = client.Header(context.Background(), 15)
	require.NoError(t, err)
	require.Len(t, primary.asked, asked+1, "the headers in between are known")

	_, _, err = client.Header(context.Background(), 9)
	require.ErrorIs(t, err, ErrTooFarBack)
	_, _, err = client.Header(context.Background(), 0)
	require.ErrorIs(t, err, ErrTooFarBack)
	_, _, err = client.Header(context.Background(), 99)
	require.ErrorIs(t, err, ErrNotFound)

	// A header that does not link up.
	primary.chain = c.fork(8)
	client = newClient(t, config)
	_, _, err = client.Header(context.Background(), 12)
	requireWay(t, ErrParent, err)
	require.ErrorAs(t, err, new(ErrProvider))
}

// To a provider, height 0 is "the latest". The block at height 0 is reached by headers alone.
func TestTheGenesisHeaderIsNotTheLatest(t *testing.T) {
	c := testChain{}.extend(repeat(9, four)...)
	config := testConfig(c, 8)
	config.Primary.(*testProvider).change = func(uint64, *LightBlock) (*LightBlock, error) { return c[5].light(), nil }
	header, basis, err := newClient(t, config).Header(context.Background(), 0)
	require.NoError(t, err)
	require.Equal(t, c[0].header, header)
	require.Equal(t, c[0].header.ID(), basis.BlockID)
	require.EqualValues(t, 8, basis.CertifiedHeight)
}

func TestBlocksBetweenTrustedOnesAreVerifiedFromBelow(t *testing.T) {
	c := testChain{}.extend(repeat(10, four)...)
	config := testConfig(c, 0)
	config.Store = NewMemoryStore()
	client := newClient(t, config)
	_, err := client.Update(context.Background())
	require.NoError(t, err)
	b, err := client.Block(context.Background(), 5)
	require.NoError(t, err)
	require.Equal(t, c[5].header.ID(), b.Header.ID())
	requireHeights(t, config.Store, 0, 5, 9)
	again, err := client.Block(context.Background(), 5)
	require.NoError(t, err)
	require.Same(t, b, again)
	_, basis, err := client.Header(context.Background(), 5)
	require.NoError(t, err)
	require.EqualValues(t, 5, basis.CertifiedHeight)
	_, err = client.Block(context.Background(), 10)
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorAs(t, err, new(ErrProvider))

	config = testConfig(c, 5)
	_, err = newClient(t, config).Block(context.Background(), 4)
	require.ErrorIs(t, err, ErrNotFound, "nothing is trusted below")
}

func TestOldBlocksAreForgotten(t *testing.T) {
	c := testChain{}.extend(repeat(12, four)...)
	config := testConfig(c, 0)
	config.Store, config.MaxBlocks = NewMemoryStore(), 3
	primary := config.Primary.(*testProvider)
	client := newClient(t, config)
	for n := 2; n <= len(c); n++ {
		primary.chain = c[:n]
		_, err := client.Update(context.Background())
		require.NoError(t, err)
		heights, err := config.Store.Heights()
		require.NoError(t, err)
		require.LessOrEqual(t, len(heights), 3)
	}
	requireHeights(t, config.Store, 9, 10, 11)
	for _, sequential := range []bool{true, false} {
		for most := 1; most <= 4; most++ {
			config.Sequential, config.Store, config.MaxBlocks = sequential, NewMemoryStore(), most
			_, err := newClient(t, config).Update(context.Background())
			require.NoError(t, err)
			if sequential {
				requireHeights(t, config.Store, []uint64{8, 9, 10, 11}[4-most:]...)
			} else {
				requireHeights(t, config.Store, []uint64{0, 11}[2-min(most, 2):]...)
			}
		}
	}
	// An old one that is asked for is not forgotten at once, and does not push out others.
	config = testConfig(c, 0)
	config.Store, config.MaxBlocks = NewMemoryStore(c[8].light(), c[9].light(), c[10].light()), 3
	_ = newClient(t, config)
	requireHeights(t, config.Store, 0, 8, 9, 10)
}

func TestAProviderThatAnswersWrongIsNamed(t *testing.T) {
	c := testChain{}.extend(four, four, four, equally(0, 1, 4, 5), equally(4, 5, 6), equally(4, 5, 6))
	failure := errors.New("no route")
	for name, test := range map[string]struct {
		change func(height uint64, b *LightBlock) (*LightBlock, error)
		want   error
	}{
		"an error":           {func(uint64, *LightBlock) (*LightBlock, error) { return nil, failure }, failure},
		"nothing":            {func(uint64, *LightBlock) (*LightBlock, error) { return nil, nil }, ErrNotFound},
		"no header":          {func(uint64, *LightBlock) (*LightBlock, error) { return &LightBlock{}, nil }, ErrNotFound},
		"a header alone":     {func(_ uint64, b *LightBlock) (*LightBlock, error) { return &LightBlock{Header: b.Header}, nil }, warp.ErrWrongSet},
		"another height":     {func(height uint64, b *LightBlock) (*LightBlock, error) { return c[max(height, 5)].light(), nil }, ErrWrongHeight},
		"no certificate":     {func(_ uint64, b *LightBlock) (*LightBlock, error) { b.Certificate = nil; return b, nil }, ErrNoCertificate},
		"a forged one":       {func(_ uint64, b *LightBlock) (*LightBlock, error) { return forge(b), nil }, warp.ErrBadSignature},
		"nothing in between": {func(height uint64, b *LightBlock) (*LightBlock, error) { return b, errIf(height > 0, failure) }, failure},
	} {
		t.Run(name, func(t *testing.T) {
			config := testConfig(c, 0)
			config.Primary.(*testProvider).change = test.change
			client := newClient(t, config)
			_, err := client.Update(context.Background())
			require.ErrorIs(t, err, test.want)
			var provider ErrProvider
			require.ErrorAs(t, err, &provider)
			require.Equal(t, "primary", provider.Provider)
			b, err := client.Latest()
			require.NoError(t, err)
			require.Zero(t, b.Header.Height)
		})
	}
	// Another target when it is asked for it again, with a handover.
	config := testConfig(c, 0)
	asked := 0
	config.Primary.(*testProvider).change = func(height uint64, b *LightBlock) (*LightBlock, error) {
		if height == 5 {
			asked++
			return c.fork(5)[5].light(c[3]), nil
		}
		return b, nil
	}
	_, err := newClient(t, config).Update(context.Background())
	require.NotZero(t, asked)
	require.ErrorIs(t, err, ErrInconsistent)
	// Or at the end of the way.
	config.Sequential = true
	_, err = newClient(t, config).Update(context.Background())
	require.ErrorIs(t, err, ErrInconsistent)
}

func errIf(condition bool, err error) error {
	if condition {
		return err
	}
	return nil
}

// forge makes a certificate's signers all of the set.
func forge(b *LightBlock) *LightBlock {
	c := *b.Certificate
	c.Signature[0] ^= 0x20
	return &LightBlock{Header: b.Header, Validators: b.Validators, Certificate: &c, Handovers: b.Handovers}
}

func TestConfigurationsThatMakeNoSenseAreRefused(t *testing.T) {
	c := testChain{}.extend(repeat(3, four)...)
	for name, test := range map[string]struct {
		change func(config *Config)
		want   error
	}{
		"no primary":              {func(c *Config) { c.Primary = nil }, ErrOptions},
		"too few witnesses":       {func(c *Config) { c.RequiredWitnesses = 1 }, ErrOptions},
		"less than no witnesses":  {func(c *Config) { c.RequiredWitnesses = -1 }, ErrOptions},
		"no checkpoint":           {func(c *Config) { c.Trust.Checkpoint = Checkpoint{} }, ErrOptions},
		"another set":             {func(c *Config) { c.Trust.Checkpoint.Validators = others.set() }, ErrOptions},
		"another network":         {func(c *Config) { c.Trust.NetworkID++ }, ErrOptions},
		"another chain":           {func(c *Config) { c.Trust.ChainID[0]++ }, ErrOptions},
		"no rules":                {func(c *Config) { c.Trust.Rules = Rules{} }, ErrOptions},
		"a store of another":      {func(c *Config) { c.Store = NewMemoryStore(foreignBlock()) }, ErrStoreCorrupted},
		"a store of another fork": {func(config *Config) { config.Store = NewMemoryStore(c.fork(1)[1].light()) }, ErrCheckpoint},
		"a store that fails":      {func(c *Config) { c.Store = failingStore{} }, errFailing},
	} {
		t.Run(name, func(t *testing.T) {
			config := testConfig(c, 1)
			test.change(&config)
			_, err := New(config)
			require.ErrorIs(t, err, test.want)
		})
	}
}

func foreignBlock() *LightBlock {
	b := testChain{}.extend(repeat(9, four)...)[8].light()
	header := *b.Header
	header.ChainID = ids.ID{9}
	return &LightBlock{Header: &header, Validators: b.Validators}
}

var errFailing = errors.New("failing")

type failingStore struct{ Store }

func (failingStore) Heights() ([]uint64, error) { return nil, errFailing }

// One client serves many: under the race detector this finds what is not guarded.
func TestAClientServesManyAtOnce(t *testing.T) {
	c := testChain{}.extend(repeat(12, four)...)
	client := newClient(t, testConfig(c, 4))
	var group sync.WaitGroup
	failures := make([]error, 8)
	for i := range failures {
		group.Go(func() {
			_, err := client.Update(context.Background())
			_, _, errHeader := client.Header(context.Background(), uint64(i))
			_, errLatest := client.Latest()
			_, errEvidence := client.Evidence()
			failures[i] = errors.Join(err, errHeader, errLatest, errEvidence)
			_ = client.Faults()
		})
	}
	group.Wait()
	for _, err := range failures {
		require.NoError(t, err)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for want, err := range map[string]error{
		"trusted block expired at 1970-01-01T00:00:00Z, now is 1970-01-01T00:00:01Z: take a new checkpoint": ErrOldHeaderExpired{At: time.Unix(0, 0).UTC(), Now: time.Unix(1, 0).UTC()},
		"header's time 1970-01-01T00:00:01Z is more than 10s ahead of the clock, 1970-01-01T00:00:00Z: check the clock": ErrFromFuture{
			Time: time.Unix(1, 0).UTC(), Now: time.Unix(0, 0).UTC(), Drift: testDrift,
		},
		"from block 1 to 5: expected more than 1/3 of the trusted set's weight, got 0 of 7 (others have signed too, and there is no handover)": ErrNotEnoughTrust{
			From: 1, To: 5, Weight: warp.Weight{Total: 7}, Untrusted: true,
		},
		fmt.Sprintf("block %s at height %d: expected 2 witnesses to have it, got 1: try again, or add witnesses", ids.Empty, uint64(math.MaxUint64)): ErrWitnesses{
			Height: math.MaxUint64, Agreed: 1, Needed: 2,
		},
	} {
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, refusal.ErrProof)
	}
}
