package lightclient

import (
	"context"
	"errors"
	"slices"
)

// askWitnesses asks every witness for the block that the primary showed, and that was
// verified from a trusted one. A witness that has another block which verifies too has
// shown that validators are dishonest; one whose block does not verify is not asked again.
func (c *Client) askWitnesses(ctx context.Context, trusted, verified *LightBlock) error {
	agreed := 0
	height := verified.Header.Height
	for _, witness := range slices.Clone(c.witnesses) {
		b, err := fetch(ctx, witness, height, trusted.Header.Height)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue // it does not have the block (yet), or can't be reached: no answer
		}
		if b.Header.ID() == verified.Header.ID() {
			agreed++
			continue
		}
		if _, err := c.verify(ctx, witness, trusted, b); err != nil {
			var expired ErrOldHeaderExpired
			if ctx.Err() != nil || errors.As(err, &expired) { // not the witness's fault
				return errors.Join(ctx.Err(), err)
			}
			c.dismiss(witness, err)
			continue
		}
		return c.diverged(witness, verified, b)
	}
	if agreed < c.config.RequiredWitnesses {
		return ErrWitnesses{BlockID: verified.Header.ID(), Height: height, Agreed: agreed, Needed: c.config.RequiredWitnesses}
	}
	return nil
}

// compare checks a block at the height of a trusted one: it is the same, or it is evidence,
// or the provider's fault.
func (c *Client) compare(provider Provider, trusted, shown *LightBlock) error {
	if trusted.Header.ID() == shown.Header.ID() {
		return nil
	}
	if !c.config.Trust.Policy.PostQuantum() {
		shown = shown.without()
	}
	evidence := &Evidence{First: trusted, Second: shown}
	if trusted.certified() && shown.certified() && shown.Header.ValidatorSetHash == trusted.Header.ValidatorSetHash &&
		shown.Validators != nil && evidence.Verify(&c.config.Trust.Verifier) == nil {
		if evidence.PostQuantum() || !c.config.Trust.Policy.PostQuantum() {
			return c.diverged(provider, trusted, shown)
		}
		if err := c.keepDowngrade(evidence); err != nil {
			return err
		}
	}
	return inconsistent(provider, trusted, shown)
}

// diverged keeps the evidence and returns it.
func (c *Client) diverged(second Provider, first, other *LightBlock) error {
	evidence := &Evidence{First: first, Second: other}
	if err := c.config.Store.SaveEvidence(evidence); err != nil {
		return err
	}
	return ErrDivergence{Evidence: evidence, First: c.config.Primary.String(), Second: second.String()}
}

// dismiss stops asking a witness.
func (c *Client) dismiss(witness Provider, err error) {
	c.faults = append(c.faults, ErrProvider{Provider: witness.String(), Err: err})
	c.witnesses = slices.DeleteFunc(c.witnesses, func(w Provider) bool { return w == witness })
}
