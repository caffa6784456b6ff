package lightclient

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

func asJSON(t testing.TB, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return text
}

// A certified bundle verifies against a checkpoint above, at and below its block.
func TestACertifiedBundleVerifiesOffline(t *testing.T) {
	changing := []weights{four, four, equally(0, 1, 2, 4), equally(0, 1, 4, 5), equally(1, 4, 5, 6), equally(4, 5, 6), equally(4, 5, 6)}
	for name, sets := range map[string][]weights{"same set": repeat(historyBlocks, four), "changing sets": changing} {
		h := newHistory(t, sets...)
		now := h.chain.at(historyBlocks - 1)
		for _, trusted := range []int{1, 3, 4} {
			b := h.certified(h.message(3, 1), trusted)
			b.Block.Certificate = nil
			if trusted != 3 { // the checkpoint's own block needs no signatures
				_, err := b.Verify(h.trust(trusted), now)
				require.ErrorIs(t, err, ErrNoCertificate)
				b = h.certified(h.message(3, 1), trusted)
			}
			if trusted == 4 { // an old block, signed again by a quorum of the new set
				b.Block = (&testBlock{header: h.chain[3].header, weights: sets[3], signers: []int{0, 1, 2, 3, 4, 5, 6}}).light(h.chain[4])
			}
			v, err := b.Verify(h.trust(trusted), now)
			require.NoError(t, err, "%s from %d", name, trusted)
			require.Equal(t, h.messages[1].ID(), v.Statement.Message.ID)
			require.Equal(t, h.chain[3].header.ID(), v.Basis.BlockID)
			require.Equal(t, trusted == 3, v.Basis.Checkpoint)
			require.EqualValues(t, 3, v.Basis.CertifiedHeight)
		}
	}
}

func TestCertifiedBundlesThatAreNotAreRefused(t *testing.T) {
	h := newHistory(t)
	now := h.chain.at(historyBlocks - 1)
	fork := h.chain.fork(2)
	for name, test := range map[string]struct {
		change func(b *CertifiedBundle, o *TrustOptions)
		want   error
	}{
		"all is well":             {func(*CertifiedBundle, *TrustOptions) {}, nil},
		"a proof of another":      {func(b *CertifiedBundle, _ *TrustOptions) { b.Bundle = h.message(5, 1) }, ErrOtherBlock},
		"a block of another":      {func(b *CertifiedBundle, _ *TrustOptions) { b.Block = h.chain[5].light() }, ErrOtherBlock},
		"a block of another fork": {func(b *CertifiedBundle, _ *TrustOptions) { b.Block = fork[4].light() }, ErrOtherBlock},
		"a tampered proof": {func(b *CertifiedBundle, _ *TrustOptions) {
			b.Bundle.Commitment = h.message(5, 1).Commitment
		}, proofs.ErrRoot},
		"a forged certificate":      {func(b *CertifiedBundle, _ *TrustOptions) { b.Block = forge(b.Block) }, warp.ErrBadSignature},
		"another ciphersuite":       {func(_ *CertifiedBundle, o *TrustOptions) { o.Ciphersuite = warp.CiphersuiteNUL }, warp.ErrWrongCiphersuite},
		"another checkpoint":        {func(_ *CertifiedBundle, o *TrustOptions) { o.Checkpoint = fork[4].checkpoint() }, ErrCheckpoint},
		"options that are none":     {func(_ *CertifiedBundle, o *TrustOptions) { o.TrustingPeriod = 0 }, ErrOptions},
		"a checkpoint that expired": {func(_ *CertifiedBundle, o *TrustOptions) { o.TrustingPeriod = time.Second }, ErrOldHeaderExpired{}},
		"another set": {func(b *CertifiedBundle, o *TrustOptions) {
			o.Checkpoint = testChain{}.extend(others)[0].checkpoint()
		}, ErrNotEnoughTrust{}},
	} {
		t.Run(name, func(t *testing.T) {
			b, o := h.certified(h.message(4, 1), 0), h.trust(0)
			test.change(b, o)
			v, err := b.Verify(o, now)
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			require.Nil(t, v)
			require.True(t, isWay(err, test.want), "%v", err)
		})
	}
}

// shown is all that a verified bundle says, to compare.
func shown(t testing.TB, v *Verified) string {
	s := *v.Statement
	s.Transaction = nil
	return string(asJSON(t, s)) + string(asJSON(t, v.Basis)) + fmt.Sprintf("%x", v.Statement.Transaction.SigningBytes())
}

func TestEveryChangedByteOfACertifiedBundleIsRefusedOrSaysTheSame(t *testing.T) {
	h := newHistory(t, four, four, four, four, equally(0, 1, 2, 4), equally(0, 1, 2, 4), equally(0, 1, 2, 4))
	options, now := h.trust(0), h.chain.at(historyBlocks-1)
	b := h.certified(h.message(5, 1), 0)
	require.Len(t, b.Block.Handovers, 1)
	verified, err := b.Verify(options, now)
	require.NoError(t, err)
	meaning := shown(t, verified)
	for form, test := range map[string]struct {
		encoded, block []byte
		step           int
		parse          func([]byte) (*CertifiedBundle, error)
	}{
		"binary": {b.Bytes(), b.Block.Bytes(), 1, ParseCertifiedBundle},
		"json":   {asJSON(t, b), []byte(hex.EncodeToString(b.Block.Bytes())), 19, ParseCertifiedBundleJSON},
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			if testing.Short() || raceEnabled {
				test.step = 97
			}
			begin := bytes.Index(test.encoded, test.block)
			require.Positive(t, begin)
			end := begin + len(test.block)
			changed := bytes.Clone(test.encoded)
			accepted := 0
			for i := 0; i < len(changed); i += test.step {
				// The bundle's own bytes are tested one by one where they are decoded.
				if (i < begin || i >= end) && i%(19*test.step) != 0 {
					continue
				}
				changed[i] ^= 1 << (i % 8)
				if parsed, err := test.parse(changed); err == nil {
					if v, err := parsed.Verify(options, now); err == nil {
						require.Equal(t, meaning, shown(t, v), "byte %d", i)
						accepted++
					}
				}
				changed[i] = test.encoded[i]
			}
			if form == "binary" {
				require.Zero(t, accepted)
			}
		})
	}
}

func TestCertifiedBundlesAreDecodedStrictly(t *testing.T) {
	h := newHistory(t)
	b := h.certified(h.message(4, 1), 0)
	encoded, text := b.Bytes(), string(asJSON(t, b))
	again, err := ParseCertifiedBundle(encoded)
	require.NoError(t, err)
	require.Equal(t, encoded, again.Bytes())
	again, err = ParseCertifiedBundleJSON([]byte(text))
	require.NoError(t, err)
	require.Equal(t, encoded, again.Bytes())
	wire := func(change func(w *certifiedBundleWire)) []byte {
		w := certifiedBundleWire{Version: certifiedBundleVersion, Bundle: b.Bundle.Bytes(), Block: b.Block.Bytes()}
		change(&w)
		return w.MarshalCanoto()
	}
	for name, test := range map[string]struct {
		file []byte
		want refusal.Reason
	}{
		"nothing":         {nil, refusal.ErrVersion},
		"rubbish":         {[]byte("rubbish"), refusal.ErrMalformed},
		"a trailing byte": {append(bytes.Clone(encoded), 0), refusal.ErrMalformed},
		"cut short":       {encoded[:len(encoded)-1], refusal.ErrMalformed},
		"another version": {wire(func(w *certifiedBundleWire) { w.Version++ }), refusal.ErrVersion},
		"no bundle":       {wire(func(w *certifiedBundleWire) { w.Bundle = nil }), refusal.ErrVersion},
		"no block":        {wire(func(w *certifiedBundleWire) { w.Block = nil }), refusal.ErrVersion},
		"too large":       {make([]byte, MaxCertifiedBundleBytes+1), refusal.ErrTooLarge},
		"a bundle alone":  {b.Bundle.Bytes(), refusal.ErrMalformed},
	} {
		_, err := ParseCertifiedBundle(test.file)
		require.ErrorIs(t, err, test.want, name)
	}
	for name, test := range map[string]struct {
		text string
		want refusal.Reason
	}{
		"nothing":          {"", refusal.ErrMalformed},
		"no fields":        {"{}", refusal.ErrVersion},
		"more":             {text + "{}", refusal.ErrMalformed},
		"an unknown field": {`{"extra":1,` + text[1:], refusal.ErrMalformed},
		"a field twice":    {`{"version":1,` + text[1:], refusal.ErrMalformed},
		"another case":     {strings.Replace(text, `"block":`, `"Block":`, 1), refusal.ErrMalformed},
		"another version":  {strings.Replace(text, `{"version":1`, `{"version":2`, 1), refusal.ErrVersion},
		"no hex":           {strings.Replace(text, `"block":"`, `"block":"zz`, 1), refusal.ErrMalformed},
		"half a byte":      {strings.Replace(text, `"block":"`, `"block":"0`, 1), refusal.ErrMalformed},
		"no bundle":        {`{"version":1,"bundle":{},"block":""}`, refusal.ErrVersion},
		"no block":         {string(asJSON(t, certifiedBundleJSON{Version: 1, Bundle: asJSON(t, b.Bundle)})), refusal.ErrVersion},
		"too large":        {"{" + strings.Repeat(" ", 2*MaxCertifiedBundleBytes+64<<10), refusal.ErrTooLarge},
	} {
		_, err := ParseCertifiedBundleJSON([]byte(test.text))
		require.ErrorIs(t, err, test.want, name)
	}
}
