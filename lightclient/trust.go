package lightclient

import (
	"bytes"
	"fmt"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// DefaultTrustingPeriod is how long a trusted block is good to go on from, if nothing
	// else is said: shorter than validators stay bound to what they signed.
	DefaultTrustingPeriod = 7 * 24 * time.Hour
	// DefaultMaxClockDrift is how far ahead of the own clock a header's time may be.
	DefaultMaxClockDrift = 10 * time.Second
)

// Rules are what a client demands of a block, and takes from nobody else.
type Rules struct {
	// Verifier has the network, the chain, the ciphersuite and the quorum: more than 2/3,
	// and warp.DefaultQuorum if it is left zero.
	warp.Verifier
	// TrustingPeriod is how long after its time a trusted block is good to go on from.
	TrustingPeriod time.Duration
	// MaxClockDrift is how far ahead of the own clock a header's time may be.
	MaxClockDrift time.Duration
	// Policy is which signatures are demanded; PolicyBLS, if it is left empty.
	Policy Policy
	// PostQuantumQuorum is the part of the weight that has to have signed with ML-DSA-65: more than 1/3, and
	// warp.TwoThirds if it is left zero.
	PostQuantumQuorum warp.Threshold
}

// Check refuses rules that make no sense, or are weaker than the trust model.
func (r *Rules) Check() error {
	if err := r.Verifier.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrOptions, err)
	}
	if q := r.Quorum; q != (warp.Threshold{}) {
		if n, d := 3*q.Num, 2*q.Den; q.Den > 1<<32 || n < d || n == d && !q.Above {
			return refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, "a quorum of more than 2/3", q)
		}
	}
	if err := r.Policy.Check(); err != nil {
		return err
	}
	if q := r.PostQuantumQuorum; q != (warp.Threshold{}) {
		if err := q.Check(); err != nil {
			return fmt.Errorf("%w: %w", ErrOptions, err)
		}
		if n := 3 * q.Num; q.Den > 1<<32 || n < q.Den || n == q.Den && !q.Above {
			return refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, "a post-quantum quorum of more than 1/3", q)
		}
	}
	if r.TrustingPeriod <= 0 {
		return refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, "a trusting period above 0", r.TrustingPeriod)
	}
	if r.MaxClockDrift < 0 {
		return refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, "a clock drift of 0 or more", r.MaxClockDrift)
	}
	return nil
}

// Checkpoint is where trust begins: a block that is trusted by other means.
type Checkpoint struct {
	Header *chain.Header
	// Validators is the set that the header commits to.
	Validators *warp.ValidatorSet
	// Keys are the ML-DSA-65 keys of these validators; nil if the policy demands none.
	Keys *warp.KeySet
}

// Block returns the checkpoint as a light block without a certificate.
func (c *Checkpoint) Block() *LightBlock {
	b := &LightBlock{Header: c.Header, Validators: c.Validators}
	if c.Keys != nil {
		b.PostQuantum = &PostQuantum{pinned: c.Keys}
	}
	return b
}

// TrustOptions are everything that a client trusts. They are made once, from a trusted
// source, and kept in a trust file.
type TrustOptions struct {
	Rules
	Checkpoint Checkpoint
}

// Check refuses options that make no sense together.
func (o *TrustOptions) Check() error {
	if err := o.Rules.Check(); err != nil {
		return err
	}
	return o.checkCheckpoint(&o.Checkpoint)
}

func (r *Rules) checkCheckpoint(c *Checkpoint) error {
	if c.Header == nil || c.Validators == nil {
		return refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, "a checkpoint with a header and its validators", "none")
	}
	if err := checkHeader(c.Header); err != nil {
		return fmt.Errorf("%w: %w", ErrOptions, err)
	}
	if err := r.VerifySet(c.Header, c.Validators); err != nil {
		return fmt.Errorf("%w: %w", ErrOptions, err)
	}
	if !r.Policy.PostQuantum() {
		return nil
	}
	if c.Keys == nil || !bytes.Equal(c.Keys.ValidatorSet.Bytes(), c.Validators.Bytes()) {
		return refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, fmt.Sprintf("the ML-DSA-65 keys of the checkpoint's validators, for policy %s", r.Policy), "none")
	}
	if err := r.postQuantumQuorum().Verify(c.Keys.Keyed()); err != nil {
		return fmt.Errorf("%w: validators with ML-DSA-65 keys: %w", ErrOptions, err)
	}
	return nil
}
