package vm

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Submit checks a client's transaction against the last accepted state and puts it into the
// mempool. One that waits already is no error; one that is in the chain already is a
// refusal.ErrDuplicate. Sources share the places for what nobody signs.
func (vm *VM) Submit(ctx context.Context, tx *chain.Transaction, source Source) error {
	if err := vm.ready(); err != nil {
		return err
	}
	added, err := vm.admit(tx, source, vm.host.Submitted != nil, func(check func() error) error { return vm.takeTurn(ctx, check) })
	if err != nil {
		vm.metrics.refused.Inc()
		return err
	}
	if added != nil && vm.host.Submitted != nil {
		vm.host.Submitted(added, source)
	}
	return nil
}

// Receive does with another node's transaction what Submit does with a client's, and reports
// whether the transaction was new to the mempool. It does not wait for one of the turns that
// bound how many clients' signatures are checked at a time: the caller bounds its own.
func (vm *VM) Receive(tx *chain.Transaction, source Source) (added bool, err error) {
	if err := vm.ready(); err != nil {
		return false, err
	}
	taken, err := vm.admit(tx, source, false, atOnce)
	return taken != nil, err
}

// atOnce is a turn that waits for no other.
func atOnce(check func() error) error { return check() }

// admit returns the transaction as the mempool has it, nil if that had it before. A registration that it
// carries and does not need stays outside: anybody can add one that is not paid for. What comes with the ID of one that is
// on its stem here is checked as if that were not here: who sends a wrong signature must not learn that it is. Signatures
// are verified in a turn.
func (vm *VM) admit(tx *chain.Transaction, source Source, stem bool, turn func(check func() error) error) (*chain.Transaction, error) {
	if !vm.InNormalOperation() {
		return nil, refusal.New(refusal.ErrNotReady, "a node that has caught up with the network; try again later", "one that is bootstrapping")
	}
	if err := vm.CheckClock(); err != nil {
		return nil, err
	}
	if _, told := vm.mempool.told(tx.ID()); told {
		return nil, nil
	}
	known, _, here := vm.mempool.get(tx.ID())
	if here && !stem && bytes.Equal(known.Bytes(), tx.Bytes()) && vm.Diffuse(tx.ID()) {
		return tx, nil // others know it now, and it was checked when it came
	}
	r, err := vm.acceptedRules(tx)
	if err != nil {
		return nil, err
	}
	if tx, err = r.needed(tx); err != nil {
		return nil, err
	}
	if !here {
		if err := vm.mempool.room(tx, source); err != nil {
			return nil, err
		}
	}
	check := func() error { _, err := r.check(tx); return err }
	if tx.Warp == nil { // else the rules verify a signature
		if err := check(); err != nil {
			return nil, err
		}
	}
	err = turn(func() error {
		if tx.Warp != nil {
			if err := check(); err != nil {
				return err
			}
		}
		return vm.checkSignature(tx)
	})
	if err != nil {
		return nil, err
	}
	added, evicted, err := vm.mempool.add(tx, source, stem)
	for _, tx := range evicted {
		vm.awaiting.drop(tx.ID())
	}
	if !added || err != nil {
		return nil, err
	}
	if err := vm.dropIfKnown(tx); err != nil {
		return nil, err
	}
	return tx, nil
}

// dropIfKnown drops a transaction that a block has taken while it was checked: the mempool had nothing
// to forget when the block was accepted. One that a block has taken since is in that block, or gone.
func (vm *VM) dropIfKnown(tx *chain.Transaction) error {
	known, err := vm.store.Latest().HasTransaction(tx.ID())
	if _, processing, there := vm.mempool.get(tx.ID()); err == nil && known && there && !processing {
		err = duplicate(tx)
		vm.drop(tx, err)
	}
	return err
}

// needed returns a transaction without the registration that it carries if its actor is registered.
func (vm *VM) needed(tx *chain.Transaction) (*chain.Transaction, error) {
	if tx.Registration == nil {
		return tx, nil
	}
	r, err := vm.acceptedRules(tx)
	if err != nil {
		return nil, err
	}
	return r.needed(tx)
}

// acceptedRules returns the rules for a transaction of a block that would be made now on the last accepted one, in the
// platform chain's latest context.
func (vm *VM) acceptedRules(tx *chain.Transaction) (*rules, error) {
	latest := vm.store.Latest()
	totals, err := latest.Totals()
	if err != nil {
		return nil, err
	}
	r, err := vm.rulesAfter(totals)
	if err != nil {
		return nil, err
	}
	r.state = latest
	if _, ok := tx.Body.(*chain.RegisterValidatorKey); ok {
		if r.validators, err = vm.validatorsOfLast(); err != nil {
			return nil, err
		}
	}
	if tx.Warp != nil && (vm.certifies() == nil || len(r.genesis.Registration.Contracts) > 0) { // else the host may give no context, see Platform
		height, err := vm.validators.platform.CurrentHeight(context.Background())
		if err != nil {
			return nil, fmt.Errorf("the platform chain's height: %w", err)
		}
		r.sources = vm.sourcesOf(context.Background(), height, []ids.ID{tx.Warp.SourceChain})
	}
	if registrationBytes(tx) > 0 || isInvitation(tx) {
		r.beacons = totals.BeaconsAt(r.genesis, r.now, vm.store.Last().ID())
	}
	return r, nil
}

// rulesAfter returns the rules of a block that would be made now on one with these totals, without a state.
func (vm *VM) rulesAfter(totals *chain.Totals) (*rules, error) {
	_, values, err := vm.rules.after(totals.Timestamp)
	if err != nil {
		return nil, err
	}
	return &rules{
		genesis: values,
		chainID: vm.host.ChainID,
		totals:  totals,
		now:     max(totals.Timestamp, uint64(vm.host.Clock().UnixMilli())),
	}, nil
}

// pricing returns the rules that say what work costs now.
func (vm *VM) pricing() (*rules, error) {
	snapshot := vm.Snapshot()
	totals, err := snapshot.Totals()
	if err != nil {
		return nil, err
	}
	r, err := vm.rulesAfter(totals)
	if err == nil {
		r.beacons = totals.BeaconsAt(r.genesis, r.now, snapshot.Header().ID())
	}
	return r, err
}

// RegistrationPrice is what a registration costs in a block that is made now.
type RegistrationPrice struct {
	Mode    string // see chain.Registration
	Bits    uint64 // of the work of a new identity; 0 in other modes
	Renewal uint64 // bits of the work of a renewal
	Beacon  ids.ID // that the work is for

	Contracts []chain.Contract // that admit identities, in the mode issuer
}

// RegistrationPrice returns what a registration costs now.
func (vm *VM) RegistrationPrice() (*RegistrationPrice, error) {
	r, err := vm.pricing()
	if err != nil {
		return nil, err
	}
	price := &RegistrationPrice{Mode: r.genesis.Registration.Mode, Contracts: r.genesis.Registration.Contracts}
	if price.Mode == chain.RegistrationWork {
		price.Bits, price.Renewal = r.genesis.NewBits(r.totals.LiveIdentities), r.genesis.Registration.Bits
		price.Beacon = r.beacons[0]
	}
	return price, nil
}

// InvitationPrice is what an invitation costs in a block that is made now, and its form.
type InvitationPrice struct {
	Bits       uint64 // of its work
	Beacon     ids.ID // that the work is for
	BucketBits uint64 // of its bucket
}

// InvitationPrice returns what an invitation costs now.
func (vm *VM) InvitationPrice() (*InvitationPrice, error) {
	r, err := vm.pricing()
	if err != nil {
		return nil, err
	}
	return &InvitationPrice{
		Bits:       r.totals.InvitationBitsAt(r.genesis, r.now),
		Beacon:     r.beacons[0],
		BucketBits: r.totals.BucketBitsAt(r.genesis, r.now)[0],
	}, nil
}

// startChecks starts the workers that check clients' transactions, one for each processor. A worker's
// stack stays as large as a verification needs it; that of each request would grow to it anew.
func (vm *VM) startChecks() {
	vm.checks = make(chan func())
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for {
				select {
				case check := <-vm.checks:
					check()
				case <-vm.closed:
					return
				}
			}
		}()
	}
}

// takeTurn does a client's check when few enough are being done.
func (vm *VM) takeTurn(ctx context.Context, check func() error) error {
	done := make(chan error, 1)
	select {
	case vm.checks <- func() { done <- vm.guarded(check) }:
		return <-done
	case <-ctx.Done():
		return refusal.New(refusal.ErrWaitTimeout, "a check of the transaction within the wait limit; try again", ctx.Err())
	case <-vm.closed:
		return vm.ready()
	}
}

// guarded does a check and turns its panic into an error: on a worker nobody else catches it.
func (vm *VM) guarded(check func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			vm.log.Error("panic in the check of a transaction", "panic", cause, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return check()
}

// checkSignature does the expensive checks.
func (vm *VM) checkSignature(tx *chain.Transaction) error {
	return vm.verifier.verify(tx, func() ([]byte, error) {
		identity, exists, err := vm.store.Latest().Identity(tx.Body.Actor())
		if err != nil {
			return nil, err
		}
		if !exists {
			return nil, refusal.New(refusal.ErrNotRegistered, "an identity that has been registered with RegisterIdentity", tx.Body.Actor())
		}
		return identity.DSAPublicKey, nil
	})
}
