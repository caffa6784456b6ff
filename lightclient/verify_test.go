package lightclient

import (
	"errors"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// ways are all ways in which a light block can be refused.
var ways = []error{
	ErrHeader, ErrNoCertificate, ErrNotAdjacent, ErrNotAhead, ErrNotBelow, ErrParent, ErrTime, ErrPChainHeight,
	warp.ErrWrongNetwork, warp.ErrWrongChain, warp.ErrWrongBlock, warp.ErrWrongSet, warp.ErrWrongCiphersuite,
	warp.ErrSignerBits, warp.ErrUnknownSigner, warp.ErrInsufficientWeight, warp.ErrSignaturePoint, warp.ErrBadSignature,
	ErrOldHeaderExpired{}, ErrFromFuture{}, ErrNotEnoughTrust{},
}

// isWay is errors.Is, but typed errors are told by their type.
func isWay(err, way error) bool {
	switch way.(type) {
	case ErrOldHeaderExpired:
		return errors.As(err, new(ErrOldHeaderExpired))
	case ErrFromFuture:
		return errors.As(err, new(ErrFromFuture))
	case ErrNotEnoughTrust:
		return errors.As(err, new(ErrNotEnoughTrust))
	default:
		return errors.Is(err, way)
	}
}

// requireWay checks that an error is of one way alone, and names a reason.
func requireWay(t *testing.T, want, err error) {
	t.Helper()
	if want == nil {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	for _, way := range ways {
		require.Equal(t, isWay(way, want), isWay(err, way), "%T %v: %v", way, way, err)
	}
	var reason refusal.Reason
	require.ErrorAs(t, err, &reason)
}

var (
	four   = equally(0, 1, 2, 3)
	others = equally(4, 5, 6, 7)
)

// scene is a block that is to be verified against a trusted one. Each case changes it.
type scene struct {
	rules              Rules
	trusted, untrusted *LightBlock
	now                time.Time
	set                weights // of the untrusted block
	signers            []int
	suite              warp.Ciphersuite
	network            uint32
}

// resign makes the certificate anew, of the header as it is now.
func (s *scene) resign(signers ...int) {
	s.signers = signers
	s.untrusted.Certificate = certifyWith(s.suite, s.network, s.untrusted.Header, s.set, signers...)
}

// change changes the header and makes the certificate anew.
func (s *scene) change(change func(h *chain.Header)) {
	header := *s.untrusted.Header
	change(&header)
	s.untrusted.Header = &header
	s.resign(s.signers...)
}

// handover adds a handover from the trusted set.
func (s *scene) handover(trusted weights, signers ...int) {
	s.untrusted.Handovers = append(s.untrusted.Handovers, Handover{
		ValidatorSetHash: s.trusted.Header.ValidatorSetHash,
		Certificate:      certifyWith(s.suite, s.network, s.untrusted.Header, trusted, signers...),
	})
}

// newScene returns a scene of the blocks at heights 5 and height, with their sets.
func newScene(height int, trusted, untrusted weights) *scene {
	c := testChain{}.extend(repeat(height, trusted)...).extend(untrusted)
	if height < 5 {
		c = testChain{}.extend(repeat(height, four)...).extend(untrusted).extend(repeat(5-height, trusted)...)
	}
	return &scene{
		rules: testRules(), trusted: c[5].light(), untrusted: c[height].light(), now: c.at(len(c) - 1),
		set: untrusted, signers: untrusted.keys(), suite: warp.CiphersuitePOP, network: testNetworkID,
	}
}

type sceneCase struct {
	change func(s *scene)
	want   error
}

// common are the checks that VerifyAdjacent and VerifyNonAdjacent share, where the set has
// not changed.
var common = map[string]sceneCase{
	"all is well": {func(*scene) {}, nil},

	"expired":                 {func(s *scene) { s.now = s.trusted.Header.Time().Add(testPeriod) }, ErrOldHeaderExpired{}},
	"a moment before":         {func(s *scene) { s.now = s.trusted.Header.Time().Add(testPeriod - 1) }, nil},
	"ahead of the clock":      {func(s *scene) { s.now = s.untrusted.Header.Time().Add(-testDrift - 1) }, ErrFromFuture{}},
	"within the drift":        {func(s *scene) { s.now = s.untrusted.Header.Time().Add(-testDrift) }, nil},
	"the end of time":         {func(s *scene) { s.change(func(h *chain.Header) { h.Timestamp = 1<<64 - 1 }) }, ErrHeader},
	"a time that can't be":    {func(s *scene) { s.change(func(h *chain.Header) { h.Timestamp = maxTimestamp + 1 }) }, ErrHeader},
	"far ahead":               {func(s *scene) { s.change(func(h *chain.Header) { h.Timestamp = maxTimestamp }) }, ErrFromFuture{}},
	"another header version":  {func(s *scene) { s.change(func(h *chain.Header) { h.Version++ }) }, ErrHeader},
	"no set in the header":    {func(s *scene) { s.change(func(h *chain.Header) { h.ValidatorSetHash = chain.Hash{} }) }, ErrHeader},
	"a header of another":     {func(s *scene) { s.change(func(h *chain.Header) { h.ChainID = ids.ID{1} }) }, warp.ErrWrongChain},
	"no validators":           {func(s *scene) { s.untrusted.Validators = nil }, warp.ErrWrongSet},
	"no certificate":          {func(s *scene) { s.untrusted.Certificate = nil }, ErrNoCertificate},
	"an older time":           {func(s *scene) { s.change(func(h *chain.Header) { h.Timestamp = s.trusted.Header.Timestamp - 1 }) }, ErrTime},
	"the same time":           {func(s *scene) { s.change(func(h *chain.Header) { h.Timestamp = s.trusted.Header.Timestamp }) }, nil},
	"an older platform block": {func(s *scene) { s.change(func(h *chain.Header) { h.PChainHeight = s.trusted.Header.PChainHeight - 1 }) }, ErrPChainHeight},
	"the same platform block": {func(s *scene) { s.change(func(h *chain.Header) { h.PChainHeight = s.trusted.Header.PChainHeight }) }, nil},
	"another set's block":     {func(s *scene) { s.untrusted.Validators = others.set() }, warp.ErrWrongSet},
	"another weight": {func(s *scene) {
		s.untrusted.Validators = weights{0: 10, 1: 10, 2: 10, 3: 11}.set()
	}, warp.ErrWrongSet},

	"three of four":          {func(s *scene) { s.resign(1, 2, 3) }, nil},
	"two of four":            {func(s *scene) { s.resign(1, 2) }, warp.ErrInsufficientWeight},
	"nobody":                 {func(s *scene) { s.resign() }, warp.ErrInsufficientWeight},
	"another quorum":         {func(s *scene) { s.rules.Quorum = warp.Threshold{Num: 9, Den: 10}; s.resign(1, 2, 3) }, warp.ErrInsufficientWeight},
	"another network":        {func(s *scene) { s.network++; s.resign(s.signers...) }, warp.ErrWrongNetwork},
	"a network only renamed": {func(s *scene) { s.untrusted.Certificate.NetworkID++ }, warp.ErrWrongNetwork},
	"another chain":          {func(s *scene) { s.untrusted.Certificate.SourceChainID[0]++ }, warp.ErrWrongChain},
	"another ciphersuite":    {func(s *scene) { s.suite = warp.CiphersuiteNUL; s.resign(s.signers...) }, warp.ErrWrongCiphersuite},
	"another block": {func(s *scene) {
		header := *s.untrusted.Header
		header.StateRoot[0]++
		s.untrusted.Header = &header
	}, warp.ErrWrongBlock},
	"only renamed to the block": {func(s *scene) {
		header := *s.untrusted.Header
		header.StateRoot[0]++
		s.untrusted.Header = &header
		s.untrusted.Certificate.BlockID = header.ID()
	}, warp.ErrBadSignature},
	"an unknown signer":           {func(s *scene) { s.untrusted.Certificate.Signers = warp.NewSigners(1, 2, 3, 4) }, warp.ErrUnknownSigner},
	"a signer who has not signed": {func(s *scene) { s.resign(1, 2, 3); s.untrusted.Certificate.Signers = warp.NewSigners(0, 1, 2, 3) }, warp.ErrBadSignature},
	"padded signers": {func(s *scene) {
		s.untrusted.Certificate.Signers = append(warp.Signers{0}, s.untrusted.Certificate.Signers...)
	}, warp.ErrSignerBits},
	"a signature twice": {func(s *scene) { // 1 and 2, and 2 again in place of 3
		s.resign(1, 2)
		once := s.untrusted.Certificate.Signature
		s.resign(2)
		s.untrusted.Certificate.Signature = addSignatures(once, s.untrusted.Certificate.Signature)
		s.untrusted.Certificate.Signers = warp.NewSigners(1, 2, 3)
	}, warp.ErrBadSignature},
	"no point":      {func(s *scene) { s.untrusted.Certificate.Signature = warp.Signature{1} }, warp.ErrSignaturePoint},
	"infinity":      {func(s *scene) { s.untrusted.Certificate.Signature = warp.Signature{0xc0} }, warp.ErrSignaturePoint},
	"a wrong point": {func(s *scene) { s.untrusted.Certificate.Signature[0] ^= 0x20 }, warp.ErrBadSignature},
}

// changed are the checks where the set has changed: they are those of both as well. Of the
// trusted four, 2 and 3 stay, and 4 comes.
var changed = map[string]sceneCase{
	"no handover":               {func(*scene) {}, ErrNotEnoughTrust{}},
	"a handover":                {func(s *scene) { s.handover(four, 2, 3) }, nil},
	"signed by the old alone":   {func(s *scene) { s.rules.Quorum = warp.Threshold{Num: 2, Den: 3, Above: true}; s.resign(2, 3) }, warp.ErrInsufficientWeight},
	"a handover by one of four": {func(s *scene) { s.handover(four, 3) }, ErrNotEnoughTrust{}},
	"a handover by nobody":      {func(s *scene) { s.handover(four) }, ErrNotEnoughTrust{}},
	"too little of the new":     {func(s *scene) { s.handover(four, 2, 3); s.resign(3) }, warp.ErrInsufficientWeight},
	"a handover from another":   {func(s *scene) { s.handover(four, 2, 3); s.untrusted.Handovers[0].ValidatorSetHash[0]++ }, ErrNotEnoughTrust{}},
	"a handover of another":     {func(s *scene) { s.handover(four, 2, 3); s.untrusted.Handovers[0].Certificate.BlockID[0]++ }, warp.ErrWrongBlock},
	"a handover of another tag": {func(s *scene) { s.suite = warp.CiphersuiteNUL; s.handover(four, 2, 3) }, warp.ErrWrongCiphersuite},
	"a handover of another net": {func(s *scene) { s.network++; s.handover(four, 2, 3) }, warp.ErrWrongNetwork},
	"a handover by an unknown": {func(s *scene) {
		s.handover(four, 2, 3)
		s.untrusted.Handovers[0].Certificate.Signers = warp.NewSigners(5)
	}, warp.ErrUnknownSigner},
	"a handover that is forged": {func(s *scene) {
		s.handover(four, 3)
		s.untrusted.Handovers[0].Certificate.Signers = warp.NewSigners(2, 3)
	}, warp.ErrBadSignature},
	"an unknown signer":          {func(s *scene) { s.handover(four, 2, 3); s.untrusted.Certificate.Signers = warp.NewSigners(9) }, warp.ErrUnknownSigner},
	"a wrong signature":          {func(s *scene) { s.handover(four, 2, 3); s.untrusted.Certificate.Signature[0] ^= 0x20 }, warp.ErrBadSignature},
	"the old set's certificate":  {func(s *scene) { s.handover(four, 2, 3); s.untrusted.Validators = four.set() }, warp.ErrWrongSet},
	"the first handover is used": {func(s *scene) { s.handover(four, 3); s.handover(four, 2, 3) }, ErrNotEnoughTrust{}},
}

func TestVerifyAdjacentChecksEverything(t *testing.T) {
	runScenes(t, 6, VerifyAdjacent, map[string]sceneCase{
		"another parent":   {func(s *scene) { s.change(func(h *chain.Header) { h.Parent[0]++ }) }, ErrParent},
		"one height up":    {func(s *scene) { s.change(func(h *chain.Header) { h.Height++ }) }, ErrNotAdjacent},
		"the same height":  {func(s *scene) { s.change(func(h *chain.Header) { h.Height-- }) }, ErrNotAdjacent},
		"the height below": {func(s *scene) { s.change(func(h *chain.Header) { h.Height -= 2 }) }, ErrNotAdjacent},
	})
}

func TestVerifyNonAdjacentChecksEverything(t *testing.T) {
	runScenes(t, 9, VerifyNonAdjacent, map[string]sceneCase{
		"any parent":       {func(s *scene) { s.change(func(h *chain.Header) { h.Parent[0]++ }) }, nil},
		"the next height":  {func(s *scene) { s.change(func(h *chain.Header) { h.Height = 6 }) }, ErrNotAdjacent},
		"the same height":  {func(s *scene) { s.change(func(h *chain.Header) { h.Height = 5 }) }, ErrNotAhead},
		"the height below": {func(s *scene) { s.change(func(h *chain.Header) { h.Height = 4 }) }, ErrNotAhead},
		"the last height":  {func(s *scene) { s.change(func(h *chain.Header) { h.Height = 1<<64 - 1 }) }, nil},
	})
}

func runScenes(t *testing.T, height int, verify func(*Rules, *LightBlock, *LightBlock, time.Time) (warp.Weight, error), own map[string]sceneCase) {
	run := func(kind, name string, test sceneCase, set weights) {
		t.Run(kind+"/"+name, func(t *testing.T) {
			s := newScene(height, four, set)
			test.change(s)
			weight, err := verify(&s.rules, s.trusted, s.untrusted, s.now)
			requireWay(t, test.want, err)
			if err != nil {
				require.Zero(t, weight)
				return
			}
			require.Equal(t, warp.Weight{Signed: s.set.of(s.signers...), Total: s.set.total()}, weight)
			again, err := Verify(&s.rules, s.trusted, s.untrusted, s.now)
			require.NoError(t, err)
			require.Equal(t, weight, again)
		})
	}
	for name, test := range own {
		run("own", name, test, four)
	}
	for name, test := range common {
		run("same set", name, test, four)
	}
	for name, test := range changed {
		run("changed set", name, test, equally(2, 3, 4))
	}
	// Who signs the new block is trusted already: no handover is needed.
	for name, test := range map[string]sceneCase{
		"half of the old":            {func(*scene) {}, nil},
		"a quorum of the new":        {func(s *scene) { s.resign(3, 4, 5) }, ErrNotEnoughTrust{}},
		"too little of the old":      {func(s *scene) { s.rules.Quorum = warp.Threshold{Num: 1, Den: 100}; s.resign(3) }, ErrNotEnoughTrust{}},
		"too little of the new only": {func(s *scene) { s.rules.Quorum = warp.Threshold{Num: 99, Den: 100}; s.resign(2, 3) }, nil},
	} {
		run("smaller set", name, test, equally(2, 3))
	}
}

func TestVerifyEarlierChecksEverything(t *testing.T) {
	for name, test := range map[string]sceneCase{
		"the same set":            {func(*scene) {}, nil},
		"expired":                 {func(s *scene) { s.now = s.trusted.Header.Time().Add(testPeriod) }, ErrOldHeaderExpired{}},
		"any clock":               {func(s *scene) { s.now = time.Time{} }, nil},
		"no validators":           {func(s *scene) { s.untrusted.Validators = nil }, warp.ErrWrongSet},
		"no certificate":          {func(s *scene) { s.untrusted.Certificate = nil }, ErrNoCertificate},
		"another header version":  {func(s *scene) { s.change(func(h *chain.Header) { h.Version++ }) }, ErrHeader},
		"a header of another":     {func(s *scene) { s.change(func(h *chain.Header) { h.ChainID = ids.ID{1} }) }, warp.ErrWrongChain},
		"the same height":         {func(s *scene) { s.change(func(h *chain.Header) { h.Height = 5 }) }, ErrNotBelow},
		"a height above":          {func(s *scene) { s.change(func(h *chain.Header) { h.Height = 6 }) }, ErrNotBelow},
		"a later time":            {func(s *scene) { s.change(func(h *chain.Header) { h.Timestamp = s.trusted.Header.Timestamp + 1 }) }, ErrTime},
		"a later platform block":  {func(s *scene) { s.change(func(h *chain.Header) { h.PChainHeight = s.trusted.Header.PChainHeight + 1 }) }, ErrPChainHeight},
		"another set's block":     {func(s *scene) { s.untrusted.Validators = others.set() }, warp.ErrWrongSet},
		"too little weight":       {func(s *scene) { s.resign(2, 3) }, warp.ErrInsufficientWeight},
		"another network":         {func(s *scene) { s.network++; s.resign(s.signers...) }, warp.ErrWrongNetwork},
		"another ciphersuite":     {func(s *scene) { s.suite = warp.CiphersuiteNUL; s.resign(s.signers...) }, warp.ErrWrongCiphersuite},
		"a wrong signature":       {func(s *scene) { s.untrusted.Certificate.Signature[0] ^= 0x20 }, warp.ErrBadSignature},
		"another block's":         {func(s *scene) { s.untrusted.Certificate.BlockID[0]++ }, warp.ErrWrongBlock},
		"an unknown signer":       {func(s *scene) { s.untrusted.Certificate.Signers = warp.NewSigners(4) }, warp.ErrUnknownSigner},
		"another quorum":          {func(s *scene) { s.rules.Quorum = warp.Threshold{Num: 1, Den: 1}; s.resign(1, 2, 3) }, warp.ErrInsufficientWeight},
		"the other quorum is met": {func(s *scene) { s.rules.Quorum = warp.Threshold{Num: 7, Den: 10}; s.resign(1, 2, 3) }, nil},
	} {
		runEarlier(t, "same set/"+name, test, four)
	}
	for name, test := range map[string]sceneCase{
		"its own set alone":   {func(*scene) {}, ErrNotEnoughTrust{}},
		"signed again":        {func(s *scene) { s.handover(four, 0, 1, 2) }, nil},
		"signed again by few": {func(s *scene) { s.handover(four, 0, 1) }, warp.ErrInsufficientWeight},
		"forged": {func(s *scene) {
			s.handover(four, 0)
			s.untrusted.Handovers[0].Certificate.Signers = warp.NewSigners(0, 1, 2)
		}, warp.ErrBadSignature},
		"its own does not count": {func(s *scene) { s.handover(four, 0, 1, 2); s.untrusted.Certificate.Signature[0] ^= 0x20 }, nil},
	} {
		runEarlier(t, "changed set/"+name, test, others)
	}
}

func runEarlier(t *testing.T, name string, test sceneCase, set weights) {
	t.Run(name, func(t *testing.T) {
		s := newScene(2, four, set)
		test.change(s)
		weight, err := VerifyEarlier(&s.rules, s.trusted, s.untrusted, s.now)
		requireWay(t, test.want, err)
		if err != nil {
			require.Zero(t, weight)
			return
		}
		require.EqualValues(t, 40, weight.Total, "of the trusted set")
		require.GreaterOrEqual(t, weight.Signed, uint64(30))
	})
}

func TestVerifyBackwardsChecksEverything(t *testing.T) {
	c := testChain{}.extend(repeat(5, four)...)
	for height := 1; height < len(c); height++ {
		require.NoError(t, VerifyBackwards(c[height].header, c[height-1].header))
	}
	changed := func(header *chain.Header, change func(h *chain.Header)) *chain.Header {
		copied := *header
		change(&copied)
		return &copied
	}
	foreign := changed(c[3].header, func(h *chain.Header) { h.ChainID[0]++ })
	for name, test := range map[string]struct {
		trusted, untrusted *chain.Header
		want               error
	}{
		"two below":             {c[4].header, c[2].header, ErrNotAdjacent},
		"itself":                {c[4].header, c[4].header, ErrNotAdjacent},
		"above":                 {c[3].header, c[4].header, ErrNotAdjacent},
		"below the first":       {c[0].header, changed(c[0].header, func(h *chain.Header) { h.Height = 1<<64 - 1 }), ErrNotAdjacent},
		"another header":        {c[4].header, changed(c[3].header, func(h *chain.Header) { h.Timestamp++ }), ErrParent},
		"a parent of elsewhere": {changed(c[4].header, func(h *chain.Header) { h.Parent = foreign.ID() }), foreign, warp.ErrWrongChain},
	} {
		t.Run(name, func(t *testing.T) {
			requireWay(t, test.want, VerifyBackwards(test.trusted, test.untrusted))
		})
	}
}

// Whoever makes up a key can cancel out others in the sum of keys. So a new set with such a
// key must not count before trusted keys alone have signed for it.
func TestRogueKeysSignForNobodyElse(t *testing.T) {
	// The attacker has key 7. Its set has keys 0 to 3, which it does not have, and a key
	// that is key 7 minus their sum: the sum of all five is key 7.
	var honest []int
	members := []warp.Member{}
	for _, k := range four.keys() {
		honest = append(honest, k)
		members = append(members, warp.Member{PublicKey: testKeys()[k].PublicKey().Bytes(), Weight: 10})
	}
	rogue := rogueKey(7, honest...)
	set, err := warp.NewValidatorSet(append(members, warp.Member{PublicKey: rogue, Weight: 1}))
	require.NoError(t, err)

	s := newScene(6, four, four)
	header := *s.untrusted.Header
	header.ValidatorSetHash = set.Hash(testNetworkID, testChainID)
	unsigned := warp.BlockMessage(testNetworkID, testChainID, header.ID())
	forged := &warp.Certificate{
		NetworkID: testNetworkID, SourceChainID: testChainID, BlockID: header.ID(),
		Signers: warp.NewSigners(0, 1, 2, 3, 4), Signature: signMessage(s.suite, unsigned, []int{7}),
	}
	_, err = s.rules.VerifyCertificate(forged, &header, set)
	require.NoError(t, err, "against its own set the forgery verifies: that is why a set has to be trusted first")
	untrusted := &LightBlock{Header: &header, Validators: set, Certificate: forged}
	_, err = VerifyAdjacent(&s.rules, s.trusted, untrusted, s.now)
	requireWay(t, ErrNotEnoughTrust{}, err)
	var missing ErrNotEnoughTrust
	require.ErrorAs(t, err, &missing)
	require.True(t, missing.Untrusted)
	require.Equal(t, warp.Weight{Total: 40}, missing.Weight)
	untrusted.Handovers = []Handover{{ValidatorSetHash: s.trusted.Header.ValidatorSetHash, Certificate: forged}}
	_, err = VerifyAdjacent(&s.rules, s.trusted, untrusted, s.now)
	requireWay(t, warp.ErrUnknownSigner, err)
}

func TestRulesThatMakeNoSenseAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(r *Rules)
		want   error
	}{
		"all is well":            {func(*Rules) {}, nil},
		"more than 2/3":          {func(r *Rules) { r.Quorum = warp.TwoThirds }, nil},
		"all":                    {func(r *Rules) { r.Quorum = warp.Threshold{Num: 1, Den: 1} }, nil},
		"no drift":               {func(r *Rules) { r.MaxClockDrift = 0 }, nil},
		"no chain":               {func(r *Rules) { r.ChainID = ids.Empty }, ErrOptions},
		"no ciphersuite":         {func(r *Rules) { r.Ciphersuite = "" }, ErrOptions},
		"at least 2/3":           {func(r *Rules) { r.Quorum = warp.Threshold{Num: 2, Den: 3} }, ErrOptions},
		"more than a half":       {func(r *Rules) { r.Quorum = warp.Threshold{Num: 1, Den: 2, Above: true} }, ErrOptions},
		"more than all":          {func(r *Rules) { r.Quorum = warp.Threshold{Num: 3, Den: 2} }, ErrOptions},
		"numbers that overflow":  {func(r *Rules) { r.Quorum = warp.Threshold{Num: 1, Den: 1 << 63} }, ErrOptions},
		"no period":              {func(r *Rules) { r.TrustingPeriod = 0 }, ErrOptions},
		"a period of the past":   {func(r *Rules) { r.TrustingPeriod = -1 }, ErrOptions},
		"a drift of the past":    {func(r *Rules) { r.MaxClockDrift = -1 }, ErrOptions},
		"an unknown ciphersuite": {func(r *Rules) { r.Ciphersuite = "RSA" }, ErrOptions},
	} {
		t.Run(name, func(t *testing.T) {
			rules := testRules()
			test.change(&rules)
			require.ErrorIs(t, rules.Check(), test.want)
		})
	}
}
