package vm

import (
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/state"
)

// sweep lets go of what is past its time, before a block's transactions execute. Records
// are numbered as they are made and all of a kind live equally long, so each sweep is a
// walk in the order of the numbers, from where the last block's ended to the first record
// whose time has not come. The genesis bounds how many records a block visits, those of a
// session's participants included, and a block can't make as many as that.
func (e *execution) sweep() error {
	budget := e.genesis.SweepBudget()
	for _, sweep := range []func(*int) error{
		e.sweepMessages,
		e.sweepPendingSessions,
		e.sweepExpiredSessions,
		e.sweepSessions,
		e.sweepIdentities,
		e.sweepChannels,
		e.sweepValidatorKeys,
	} {
		if err := sweep(&budget); err != nil {
			return err
		}
	}
	return nil
}

// sweepMessages removes messages that are past retention.
func (e *execution) sweepMessages(budget *int) error {
	for ; *budget > 0 && e.totals.MessagesSwept < e.totals.Messages; *budget-- {
		index := e.totals.MessagesSwept + 1
		message, exists, err := e.change.Message(index)
		if err != nil {
			return err
		}
		if exists {
			if message.Timestamp+e.genesis.Retention() > e.now {
				return nil
			}
			e.change.RemoveMessage(index, message)
		}
		e.totals.MessagesSwept = index
	}
	return nil
}

// walkSessions visits sessions by number, from after *swept up to last, until visit says
// that it is done. Sessions that are gone are passed over.
func (e *execution) walkSessions(budget *int, swept *uint64, last uint64, drop bool, visit func(ids.ID, *chain.Session) (done bool, err error)) error {
	for ; *budget > 0 && *swept < last; *budget-- {
		number := *swept + 1
		id, err := e.change.Numbered(state.SessionQueue, number, false)
		if err != nil {
			return err
		}
		if id != ids.Empty {
			session, exists, err := e.change.Session(id)
			if err != nil {
				return err
			}
			if exists {
				if done, err := visit(id, session); done || err != nil {
					return err
				}
			}
			if drop {
				if _, err := e.change.Numbered(state.SessionQueue, number, true); err != nil {
					return err
				}
			}
		}
		*swept = number
	}
	return nil
}

// sweepPendingSessions removes sessions that no participant has acted in within the
// pending TTL, and older ones than that where there would be no room for those of this block: so
// nobody can keep others out by taking all of it.
func (e *execution) sweepPendingSessions(budget *int) error {
	limits := &e.genesis.Limits
	return e.walkSessions(budget, &e.totals.PendingSwept, e.totals.Sessions, false, func(id ids.ID, session *chain.Session) (bool, error) {
		room := e.totals.PendingSessions == 0 || e.totals.PendingSessions+limits.MaxBlockPendingSessions <= limits.MaxPendingSessions
		if room && session.Created+limits.PendingTTL*1000 > e.now {
			return true, nil
		}
		if session.Status != chain.SessionPending {
			return false, nil
		}
		e.totals.PendingSessions--
		*budget -= len(session.Participants) // each has it in an index
		return false, e.change.RemoveSession(id, session)
	})
}

// sweepExpiredSessions marks active sessions past their expiry as expired.
func (e *execution) sweepExpiredSessions(budget *int) error {
	return e.walkSessions(budget, &e.totals.ExpirySwept, e.totals.PendingSwept, false, func(id ids.ID, session *chain.Session) (bool, error) {
		if session.Expires > e.now {
			return true, nil
		}
		if session.Status == chain.SessionActive {
			session.Status = chain.SessionExpired
			e.totals.ActiveSessions--
			e.change.PutSession(id, session)
		}
		return false, nil
	})
}

// sweepSessions removes sessions whose expiry is past retention.
func (e *execution) sweepSessions(budget *int) error {
	return e.walkSessions(budget, &e.totals.SessionsSwept, e.totals.ExpirySwept, true, func(id ids.ID, session *chain.Session) (bool, error) {
		if session.Expires+e.genesis.Retention() > e.now {
			return true, nil
		}
		*budget -= 2 * len(session.Participants) // each may have a receipt and a rotated key
		return false, e.change.RemoveSession(id, session)
	})
}

// sweepIdentities removes registrations that were not renewed.
func (e *execution) sweepIdentities(budget *int) error {
	for ; *budget > 0 && e.totals.IdentitiesSwept < e.totals.Identities; *budget-- {
		number := e.totals.IdentitiesSwept + 1
		id, err := e.change.Numbered(state.IdentityQueue, number, false)
		if err != nil {
			return err
		}
		identity, exists, err := e.change.Identity(id)
		if err != nil {
			return err
		}
		if exists && identity.Number == number { // else renewed: it has another number
			if identity.Registered+e.genesis.IdentityLife() > e.now {
				return nil
			}
			if err := e.change.RemoveIdentity(id); err != nil {
				return err
			}
			e.totals.LiveIdentities--
			if identity.PrekeyNumber > 0 {
				e.totals.Prekeys--
			}
		}
		if _, err := e.change.Numbered(state.IdentityQueue, number, true); err != nil {
			return err
		}
		e.totals.IdentitiesSwept = number
	}
	return nil
}

// sweepChannels removes channels in which nothing has happened for the retention time.
func (e *execution) sweepChannels(budget *int) error {
	for ; *budget > 0 && e.totals.ChannelsSwept < e.totals.Channels; *budget-- {
		number := e.totals.ChannelsSwept + 1
		id, err := e.change.Numbered(state.ChannelQueue, number, false)
		if err != nil {
			return err
		}
		channel, exists, err := e.change.Channel(id)
		if err != nil {
			return err
		}
		if exists && channel.Number == number { // else changed since: it has another number
			if channel.Active+e.genesis.Retention() > e.now {
				return nil
			}
			if err := e.removeChannel(id, channel); err != nil {
				return err
			}
		}
		if _, err := e.change.Numbered(state.ChannelQueue, number, true); err != nil {
			return err
		}
		e.totals.ChannelsSwept = number
	}
	return nil
}
