package vm

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// use returns what the account of a transaction, which the rules have allowed otherwise, has used
// of its allowances with it. It refuses what is more than an allowance has left. A registration that
// the transaction carries uses none: it has a price, and others can add one.
func (r *rules) use(tx *chain.Transaction, actor *chain.Identity) (*chain.Usage, error) {
	used, exists, err := r.state.Usage(account(tx))
	if err != nil {
		return nil, err
	}
	next := new(chain.Usage)
	if exists {
		*next = chain.Usage{Transactions: used.Transactions, State: used.State, Sessions: used.Sessions, Keys: used.Keys}
	}
	stateBytes, err := r.stateBytes(tx)
	if err != nil {
		return nil, err
	}
	sessions, keys := uint64(0), uint64(0)
	switch tx.Body.(type) {
	case *chain.CreateSession:
		sessions = 1
	case *chain.PublishPrekey, *chain.RotateKey:
		keys = 1
	}
	allowances := &r.genesis.Allowances
	for _, use := range []struct {
		chain.Allowance
		until  *uint64
		amount uint64
		reason refusal.Reason
	}{
		{allowances.TransactionBytes, &next.Transactions, uint64(len(tx.Bytes()) - tx.Carried()), refusal.ErrTransactionAllowance},
		{allowances.StateBytes, &next.State, stateBytes, refusal.ErrStateAllowance},
		{allowances.Sessions, &next.Sessions, sessions, refusal.ErrSessionAllowance},
		{allowances.Keys, &next.Keys, keys, refusal.ErrKeyAllowance},
	} {
		if use.PerDay == 0 || use.amount == 0 {
			continue
		}
		until, ok := use.Use(max(*use.until, use.Fresh(actor.Since, allowances.FreshShare)), r.now, use.amount)
		if !ok {
			return nil, refusal.New(use.reason, fmt.Sprintf("at most %d at once and %d in a day; try again from %d on (Unix milliseconds)", use.Burst, use.PerDay, until), use.amount)
		}
		*use.until = until
	}
	return next, nil
}

// putUsage writes what the account of a transaction has used with it, unless the genesis bounds nothing.
func (e *execution) putUsage(account ids.ID, used *chain.Usage) {
	if used != nil && used.Transactions+used.State+used.Sessions+used.Keys > 0 {
		e.change.PutUsage(account, used)
	}
}
