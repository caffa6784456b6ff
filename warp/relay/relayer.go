package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
)

const (
	// pause is how long a Relayer waits where there is nothing to do, or something has failed.
	pause = time.Second
	// longestPause bounds how long it waits before it tries again what a contract has refused. Each time costs fees.
	longestPause = 10 * time.Minute
)

// Config is what a Relayer is made of.
type Config struct {
	Sessions *client.Client // a node of the session chain
	EVM      *EVM
	// Escrow is a SessionEscrow whose deposits are paid out if payer or payee is one of For, and refunded if the payer is.
	Escrow common.Address
	For    []common.Address
	// Log is a SessionLog that records the messages of LogSessions.
	Log         common.Address
	LogSessions []ids.ID
	// Senders are contracts whose calls (package contracts, SessionParticipant) are brought to the session chain: of a sender that
	// the file does not know, those from block Since on.
	Senders []common.Address
	Since   uint64
	// File keeps the transaction that is under way, and what is done.
	File string
	// Report, unless nil, gets what is done, and what has failed and is tried again.
	Report func(*Done, error)
}

// Done is what a transaction has done, on the EVM chain or, of a call that was brought, on the session chain.
type Done struct {
	What        string // for people
	Transaction common.Hash
	Gas         uint64

	Brought ids.ID // the transaction on the session chain; empty: it was one on the EVM chain
	Session ids.ID // the session that it made or concerns, if the session chain's node says
}

// Relayer relays. It is for one goroutine.
type Relayer struct {
	Config
	journal *journal
	refused map[string]refused // by what was refused
	over    map[uint64]bool    // deposits that are settled, or not for this relayer to settle
	outward bool               // the last Step has begun with what is to be done on the EVM chain
	turn    int                // the sender whose calls are looked for next
}

// refused is that a contract has refused something, or the session chain a call: how often, and until when it is not tried again.
type refused struct {
	times int
	until time.Time
}

// Open returns a Relayer, which has the file to itself until Close. Errors: ErrJournal.
func Open(ctx context.Context, config Config) (*Relayer, error) {
	chain, err := config.Sessions.ChainID(ctx)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(config.File, target{chain, config.EVM.chainID, config.EVM.Address(), config.Escrow, config.Log})
	if err != nil {
		return nil, err
	}
	return &Relayer{Config: config, journal: j, refused: make(map[string]refused), over: make(map[uint64]bool)}, nil
}

// Close gives the file free.
func (r *Relayer) Close() error { return r.journal.lock.Close() }

// longestStep bounds a step, so that no node that does not answer holds up all: the next step goes on with what is under way.
const longestStep = 2 * time.Minute

// Run relays until ctx ends.
func (r *Relayer) Run(ctx context.Context) error {
	for {
		stepping, cancel := context.WithTimeout(ctx, longestStep)
		done, err := r.Step(stepping)
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ErrJournal) {
			return err
		}
		if r.Report != nil && (done != nil || err != nil) {
			r.Report(done, err)
		}
		if done != nil {
			continue
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// task is a call, and what it does.
type task struct {
	Call
	what string
}

// Step makes the next transaction, on either chain in turn, and waits until it is in a block. It returns nil if there is nothing
// to do now. Errors: ErrReverted; ErrRefused; ErrJournal, after which the Relayer must not go on.
func (r *Relayer) Step(ctx context.Context) (*Done, error) {
	var failed error
	for range 2 {
		r.outward = !r.outward
		step := r.bringNext
		if r.outward {
			step = r.act
		}
		done, err := step(ctx)
		if done != nil || errors.Is(err, ErrJournal) {
			return done, err
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// act makes the next transaction on the EVM chain, and waits until it is in a block.
func (r *Relayer) act(ctx context.Context) (*Done, error) {
	if r.journal.Pending != nil {
		return r.finish(ctx, "what was under way")
	}
	t, err := r.next(ctx)
	if err != nil || t == nil {
		return nil, err
	}
	if r.journal.Pending, err = r.EVM.Sign(ctx, t.Call); err != nil {
		return nil, fmt.Errorf("%s: %w", t.what, err)
	}
	if err := r.journal.save(); err != nil {
		return nil, err
	}
	return r.finish(ctx, t.what)
}

// finish sends the transaction that is under way, and waits until it is in a block, or can't be in one any more.
func (r *Relayer) finish(ctx context.Context, what string) (*Done, error) {
	receipt, err := r.EVM.Submit(ctx, r.journal.Pending)
	if err != nil && !errors.Is(err, ErrReverted) && !errors.Is(err, ErrReplaced) {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	r.journal.Pending = nil
	if errors.Is(err, ErrReverted) {
		r.putOff(what, longestPause)
	} else {
		delete(r.refused, what)
	}
	if err := errors.Join(err, r.journal.save()); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return &Done{What: what, Transaction: receipt.TxHash, Gas: receipt.GasUsed}, nil
}

// next returns what is to be done now, nil if there is nothing.
func (r *Relayer) next(ctx context.Context) (*task, error) {
	var failed error
	for _, look := range []func(context.Context) (*task, error){r.nextDeposit, r.nextRecord} {
		t, err := look(ctx)
		if t != nil {
			return t, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// waits reports whether something is not to be tried now, because a contract has refused it.
func (r *Relayer) waits(what string) bool { return time.Now().Before(r.refused[what].until) }

// putOff has something that was refused tried again later: each time after twice the pause, up to the longest.
func (r *Relayer) putOff(what string, longest time.Duration) {
	times := r.refused[what].times + 1
	r.refused[what] = refused{times, time.Now().Add(min(pause<<min(times, 20), longest))}
}

// isFor reports whether this relayer acts for an address.
func (r *Relayer) isFor(address common.Address) bool { return slices.Contains(r.For, address) }
