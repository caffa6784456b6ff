package lightclient

import (
	"errors"
	"fmt"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// maxTimestamp bounds times to what time.Time can hold and compare, in Unix milliseconds.
const maxTimestamp = 1 << 52

// Verify checks an untrusted block against a trusted one, with VerifyAdjacent or
// VerifyNonAdjacent. It returns how much weight of the untrusted block's set has signed it.
func Verify(rules *Rules, trusted, untrusted *LightBlock, now time.Time) (warp.Weight, error) {
	if untrusted.Header.Height == trusted.Header.Height+1 {
		return VerifyAdjacent(rules, trusted, untrusted, now)
	}
	return VerifyNonAdjacent(rules, trusted, untrusted, now)
}

// VerifyAdjacent checks the block that follows directly on a trusted one:
//
//	a) the trusted block has not expired
//	b) the untrusted header is of the chain, and can be followed: it commits to a
//	   validator set
//	c) its height is the trusted one's plus one, and its parent is the trusted block
//	d) its time is not before the trusted one's, and not ahead of the clock by more than
//	   the drift; its platform chain height is not below the trusted one's
//	e) the validator set is the one that the header commits to
//	f) the certificate is of this block, network, chain and ciphersuite, and a quorum of
//	   the set's weight has signed it
//	g) if the set is another than the trusted one: trusted keys with more than 1/3 of the
//	   trusted set's weight have signed it
//
// That is what PolicyBLS demands. The others demand what verifyPostQuantum checks, instead of f) and g) or beside them.
//
// It returns how much weight of the untrusted block's set has signed it.
func VerifyAdjacent(rules *Rules, trusted, untrusted *LightBlock, now time.Time) (warp.Weight, error) {
	if err := checkExpiry(rules, trusted, now); err != nil { // a)
		return warp.Weight{}, err
	}
	if err := checkComplete(rules, untrusted); err != nil { // b)
		return warp.Weight{}, err
	}
	if want := trusted.Header.Height + 1; untrusted.Header.Height != want { // c)
		return warp.Weight{}, refusal.Wrap(ErrNotAdjacent, refusal.ErrBlockHeight, fmt.Sprintf("height %d", want), untrusted.Header.Height)
	}
	if id := trusted.Header.ID(); untrusted.Header.Parent != id {
		return warp.Weight{}, refusal.Wrap(ErrParent, refusal.ErrBlockParent, "parent "+id.String(), untrusted.Header.Parent)
	}
	return verifySigned(rules, trusted, untrusted, now)
}

// VerifyNonAdjacent checks a block that is further ahead of a trusted one. The checks are
// those of VerifyAdjacent but for
//
//	c) its height is above the trusted one's plus one
func VerifyNonAdjacent(rules *Rules, trusted, untrusted *LightBlock, now time.Time) (warp.Weight, error) {
	if err := checkExpiry(rules, trusted, now); err != nil { // a)
		return warp.Weight{}, err
	}
	if err := checkComplete(rules, untrusted); err != nil { // b)
		return warp.Weight{}, err
	}
	if low := trusted.Header.Height; untrusted.Header.Height <= low { // c)
		return warp.Weight{}, refusal.Wrap(ErrNotAhead, refusal.ErrBlockHeight, fmt.Sprintf("a height above %d", low), untrusted.Header.Height)
	}
	if untrusted.Header.Height == trusted.Header.Height+1 {
		return warp.Weight{}, refusal.Wrap(ErrNotAdjacent, refusal.ErrBlockHeight, "a height that is not the next: use VerifyAdjacent", untrusted.Header.Height)
	}
	return verifySigned(rules, trusted, untrusted, now)
}

// VerifyEarlier checks a block below a trusted one by the trusted set's own signatures: a
// proof may be older than the checkpoint, and old blocks are signed again by new sets.
//
//	a) the trusted block has not expired
//	b) the untrusted header is of the chain
//	c) its height is below the trusted one's, and its time and its platform chain height
//	   are not above
//	d) the validator set is the one that the header commits to
//	e) a quorum of the trusted set's weight has signed it: by its certificate, if that is
//	   the set, or by a handover
//
// It returns how much weight of the trusted set has signed it. The block is not one to go
// on from: nothing was asked of its own set.
func VerifyEarlier(rules *Rules, trusted, untrusted *LightBlock, now time.Time) (warp.Weight, error) {
	if err := checkExpiry(rules, trusted, now); err != nil { // a)
		return warp.Weight{}, err
	}
	if err := checkComplete(rules, untrusted); err != nil { // b)
		return warp.Weight{}, err
	}
	old, header := untrusted.Header, trusted.Header // c)
	if old.Height >= header.Height {
		return warp.Weight{}, refusal.Wrap(ErrNotBelow, refusal.ErrBlockHeight, fmt.Sprintf("a height below %d", header.Height), old.Height)
	}
	if err := checkOrder(old, header); err != nil {
		return warp.Weight{}, err
	}
	if err := rules.VerifySet(old, untrusted.Validators); err != nil { // d)
		return warp.Weight{}, err
	}
	if rules.Policy.PostQuantum() { // e)
		weight, err := verifyPostQuantum(rules, trusted, untrusted, rules.postQuantumQuorum())
		if err != nil || !rules.Policy.bls() {
			return weight, err
		}
	}
	certificate := untrusted.Certificate
	if old.ValidatorSetHash != header.ValidatorSetHash {
		if certificate = untrusted.handover(header.ValidatorSetHash); certificate == nil {
			return warp.Weight{}, ErrNotEnoughTrust{From: header.Height, To: old.Height, Weight: warp.Weight{Total: trusted.Validators.TotalWeight()}, Untrusted: true}
		}
	}
	quorum := rules.Quorum
	if quorum == (warp.Threshold{}) {
		quorum = warp.DefaultQuorum
	}
	return rules.VerifyCertificateBy(certificate, old, trusted.Validators, quorum)
}

// VerifyBackwards checks the header directly below a trusted one: it needs no signature,
// because the trusted header names it.
func VerifyBackwards(trusted, untrusted *chain.Header) error {
	if untrusted.Height+1 != trusted.Height || trusted.Height == 0 {
		return refusal.Wrap(ErrNotAdjacent, refusal.ErrBlockHeight, fmt.Sprintf("the height below %d", trusted.Height), untrusted.Height)
	}
	if id := untrusted.ID(); trusted.Parent != id {
		return refusal.Wrap(ErrParent, refusal.ErrBlockParent, "block "+trusted.Parent.String(), id)
	}
	if untrusted.ChainID != trusted.ChainID {
		return refusal.Wrap(warp.ErrWrongChain, refusal.ErrWrongChain, trusted.ChainID.String(), untrusted.ChainID)
	}
	return nil
}

// verifySigned does the checks d) to j), the cheap ones first.
func verifySigned(rules *Rules, trusted, untrusted *LightBlock, now time.Time) (warp.Weight, error) {
	// d)
	old, header := trusted.Header, untrusted.Header
	if err := checkOrder(old, header); err != nil {
		return warp.Weight{}, err
	}
	if header.Time().Sub(now) > rules.MaxClockDrift {
		return warp.Weight{}, ErrFromFuture{Time: header.Time(), Now: now, Drift: rules.MaxClockDrift}
	}
	// e)
	if err := rules.VerifySet(header, untrusted.Validators); err != nil {
		return warp.Weight{}, err
	}
	if rules.Policy.PostQuantum() { // h) to j)
		weight, err := verifyPostQuantum(rules, trusted, untrusted, warp.OneThird)
		if err != nil || !rules.Policy.bls() {
			return weight, err
		}
	}
	if header.ValidatorSetHash == old.ValidatorSetHash {
		return rules.VerifyCertificate(untrusted.Certificate, header, trusted.Validators) // f)
	}
	// g) before f): f) proves something only once the keys of the new set can be trusted.
	if err := verifyOverlap(rules, trusted, untrusted); err != nil {
		return warp.Weight{}, err
	}
	return rules.VerifyCertificate(untrusted.Certificate, header, untrusted.Validators) // f)
}

// verifyOverlap checks that trusted keys, and no others, with more than 1/3 of the trusted
// set's weight have signed the untrusted block. The signature of the certificate itself is
// left to the caller.
func verifyOverlap(rules *Rules, trusted, untrusted *LightBlock) error {
	failure := ErrNotEnoughTrust{From: trusted.Header.Height, To: untrusted.Header.Height}
	// The certificate will do if all its signers are trusted.
	signers, err := signersIn(trusted.Validators, untrusted)
	if err != nil {
		return err
	}
	if signers != nil {
		if failure.Weight, err = trusted.Validators.Weight(signers); err != nil {
			return err
		}
		if warp.OneThird.Verify(failure.Weight) == nil {
			return nil
		}
	}
	handover := untrusted.handover(trusted.Header.ValidatorSetHash)
	if handover == nil {
		failure.Weight.Total = trusted.Validators.TotalWeight()
		failure.Untrusted = signers == nil
		return failure
	}
	_, err = rules.VerifyCertificateBy(handover, untrusted.Header, trusted.Validators, warp.OneThird)
	if !errors.Is(err, warp.ErrInsufficientWeight) {
		return err
	}
	if failure.Weight, err = trusted.Validators.Weight(handover.Signers); err != nil {
		return err
	}
	return failure
}

// signersIn returns the certificate's signers as a bit set over another set; nil, if not
// all of them are in it.
func signersIn(set *warp.ValidatorSet, block *LightBlock) (warp.Signers, error) {
	if _, err := block.Validators.Weight(block.Certificate.Signers); err != nil {
		return nil, err
	}
	indices := block.Certificate.Signers.Indices()
	for i, signer := range indices {
		if indices[i] = set.Index(block.Validators.Validator(signer).PublicKey); indices[i] < 0 {
			return nil, nil
		}
	}
	return warp.NewSigners(indices...), nil
}

func checkExpiry(rules *Rules, trusted *LightBlock, now time.Time) error {
	if at := trusted.Header.Time().Add(rules.TrustingPeriod); !now.Before(at) {
		return ErrOldHeaderExpired{At: at, Now: now}
	}
	return nil
}

// checkOrder checks the times of a header and a later one.
func checkOrder(earlier, later *chain.Header) error {
	if later.Timestamp < earlier.Timestamp {
		return refusal.Wrap(ErrTime, refusal.ErrBlockTime, fmt.Sprintf("a time of at least %d ms", earlier.Timestamp), later.Timestamp)
	}
	if later.PChainHeight < earlier.PChainHeight {
		return refusal.Wrap(ErrPChainHeight, refusal.ErrValidatorSet, fmt.Sprintf("at least %d", earlier.PChainHeight), later.PChainHeight)
	}
	return nil
}

func checkComplete(rules *Rules, block *LightBlock) error {
	if block.Validators == nil {
		return refusal.Wrap(warp.ErrWrongSet, refusal.ErrValidatorSet, "a validator set", "none")
	}
	if err := checkHeader(block.Header); err != nil {
		return err
	}
	if block.Header.ChainID != rules.ChainID {
		return refusal.Wrap(warp.ErrWrongChain, refusal.ErrWrongChain, rules.ChainID.String(), block.Header.ChainID)
	}
	if block.Certificate == nil && rules.Policy.bls() {
		return refusal.Wrap(ErrNoCertificate, refusal.ErrProof, "a certificate", "none")
	}
	return nil
}

// checkHeader refuses headers that no certificate can make trusted.
func checkHeader(header *chain.Header) error {
	if err := header.CheckVersion(); err != nil {
		return fmt.Errorf("%w: %w", ErrHeader, err)
	}
	if header.ValidatorSetHash == (chain.Hash{}) {
		return refusal.Wrap(ErrHeader, refusal.ErrValidatorSet, "a header that commits to a validator set", "none")
	}
	if header.Timestamp > maxTimestamp {
		return refusal.Wrap(ErrHeader, refusal.ErrBlockTime, fmt.Sprintf("a time of at most %d ms", uint64(maxTimestamp)), header.Timestamp)
	}
	return nil
}
