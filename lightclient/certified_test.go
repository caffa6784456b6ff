package lightclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/internal/race"
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

// recertify changes the light block of a certified bundle.
func recertify(t testing.TB, b *proofs.Bundle, change func(*LightBlock)) {
	t.Helper()
	block, err := BlockOf(b)
	require.NoError(t, err)
	change(block)
	wire := block.certificates()
	b.Certificates = wire.MarshalCanoto()
}

// A certified bundle verifies against a checkpoint above, at and below its block.
func TestACertifiedBundleVerifiesOffline(t *testing.T) {
	changing := []weights{four, four, equally(0, 1, 2, 4), equally(0, 1, 4, 5), equally(1, 4, 5, 6), equally(4, 5, 6), equally(4, 5, 6)}
	for name, sets := range map[string][]weights{"same set": repeat(historyBlocks, four), "changing sets": changing} {
		h := newHistory(t, sets...)
		now := h.chain.at(historyBlocks - 1)
		for _, trusted := range []int{1, 3, 4} {
			b := h.message(3, 1)
			if trusted != 3 { // the checkpoint's own block needs no certificates
				_, err := VerifyOffline(b, h.trust(trusted), now)
				require.ErrorIs(t, err, ErrNoCertificate)
				h.certified(b, trusted)
			}
			if trusted == 4 { // an old block, signed again by a quorum of the new set
				again := (&testBlock{header: h.chain[3].header, weights: sets[3], signers: []int{0, 1, 2, 3, 4, 5, 6}}).light(h.chain[4])
				require.NoError(t, Certify(b, again))
			}
			v, err := VerifyOffline(b, h.trust(trusted), now)
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
	require.ErrorIs(t, Certify(h.message(4, 1), h.chain[5].light()), ErrOtherBlock)
	for name, test := range map[string]struct {
		change func(b *proofs.Bundle, o *TrustOptions)
		want   error
	}{
		"all is well":     {func(*proofs.Bundle, *TrustOptions) {}, nil},
		"no certificates": {func(b *proofs.Bundle, _ *TrustOptions) { b.Certificates = nil }, ErrNoCertificate},
		"certificates of another": {func(b *proofs.Bundle, _ *TrustOptions) {
			b.Certificates = h.certified(h.message(5, 1), 0).Certificates
		}, warp.ErrWrongBlock},
		"certificates of another fork": {func(b *proofs.Bundle, _ *TrustOptions) {
			recertify(t, b, func(block *LightBlock) { block.Certificate = fork[4].light().Certificate })
		}, warp.ErrWrongBlock},
		"a header of another": {func(b *proofs.Bundle, _ *TrustOptions) { b.Header = *h.chain[5].header }, warp.ErrWrongBlock},
		"a tampered proof": {func(b *proofs.Bundle, _ *TrustOptions) {
			b.Commitment = h.message(5, 1).Commitment
		}, proofs.ErrRoot},
		"no validators": {func(b *proofs.Bundle, _ *TrustOptions) {
			recertify(t, b, func(block *LightBlock) { block.Validators = nil })
		}, refusal.ErrVersion},
		"a trailing byte": {func(b *proofs.Bundle, _ *TrustOptions) { b.Certificates = append(b.Certificates, 0) }, refusal.ErrMalformed},
		"half of it":      {func(b *proofs.Bundle, _ *TrustOptions) { b.Certificates = b.Certificates[:len(b.Certificates)/2] }, refusal.ErrMalformed},
		"a forged certificate": {func(b *proofs.Bundle, _ *TrustOptions) {
			recertify(t, b, func(block *LightBlock) { *block = *forge(block) })
		}, warp.ErrBadSignature},
		"another ciphersuite":       {func(_ *proofs.Bundle, o *TrustOptions) { o.Ciphersuite = warp.CiphersuiteNUL }, warp.ErrWrongCiphersuite},
		"another checkpoint":        {func(_ *proofs.Bundle, o *TrustOptions) { o.Checkpoint = fork[4].checkpoint() }, ErrCheckpoint},
		"options that are none":     {func(_ *proofs.Bundle, o *TrustOptions) { o.TrustingPeriod = 0 }, ErrOptions},
		"a checkpoint that expired": {func(_ *proofs.Bundle, o *TrustOptions) { o.TrustingPeriod = time.Second }, ErrOldHeaderExpired{}},
		"another set": {func(_ *proofs.Bundle, o *TrustOptions) {
			o.Checkpoint = testChain{}.extend(others)[0].checkpoint()
		}, ErrNotEnoughTrust{}},
	} {
		t.Run(name, func(t *testing.T) {
			b, o := h.certified(h.message(4, 1), 0), h.trust(0)
			test.change(b, o)
			v, err := VerifyOffline(b, o, now)
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			require.Nil(t, v)
			require.True(t, isWay(err, test.want), "%v", err)
			if errors.Is(test.want, warp.ErrWrongBlock) {
				_, err := BlockOf(b)
				require.ErrorIs(t, err, warp.ErrWrongBlock)
			}
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
	block, err := BlockOf(b)
	require.NoError(t, err)
	require.Len(t, block.Handovers, 1)
	verified, err := VerifyOffline(b, options, now)
	require.NoError(t, err)
	meaning := shown(t, verified)
	for form, test := range map[string]struct {
		encoded, certificates []byte
		step                  int
	}{
		"binary": {b.Bytes(), b.Certificates, 1},
		"json":   {asJSON(t, b), []byte(b.Certificates.String()), 19},
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			if testing.Short() || race.Enabled {
				test.step = 97
			}
			begin := bytes.Index(test.encoded, test.certificates)
			require.Positive(t, begin)
			end := begin + len(test.certificates)
			changed := bytes.Clone(test.encoded)
			accepted := 0
			for i := 0; i < len(changed); i += test.step {
				// The other bytes of a bundle are tested one by one in package proofs.
				if (i < begin || i >= end) && i%(19*test.step) != 0 {
					continue
				}
				changed[i] ^= 1 << (i % 8)
				if parsed, err := proofs.Parse(changed); err == nil {
					if v, err := VerifyOffline(parsed, options, now); err == nil {
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

// A bundle has room for the largest certificates.
func TestTheLargestCertificatesFitIntoABundle(t *testing.T) {
	require.Greater(t, proofs.MaxBundleBytes, MaxLightBlockBytes+4<<20)
}
