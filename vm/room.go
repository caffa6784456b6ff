package vm

import (
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Shares of the mempool, and of a block while others wait: one part in so many. That of registrations is
// kept for them; plain sessions and invitations, whose sources can be as many as one likes, have no more.
const (
	registrationShare = 8
	plainShare        = 8
	invitationShare   = 8
)

// ownRegistrations is the share of what may wait of a sender that registrations may have, one at least: one
// part in so many. A block takes one of them, but what pays for one pays for all: whoever has seen it
// can send it with other deadlines, and whose it is can have any number of transactions carry it. Contracts have sent
// each of theirs, so it does not bound those.
const ownRegistrations = 64

// usage is how many transactions there are, and their bytes.
type usage struct{ count, bytes int }

// add adds a transaction that has some bytes of the kind, or takes it off.
func (u *usage) add(bytes, sign int) {
	if bytes > 0 {
		u.count += sign
		u.bytes += sign * bytes
	}
}

// room refuses a transaction that does not fit. It is asked before the expensive checks,
// and again by add.
func (m *mempool) room(tx *chain.Transaction, source Source) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	sender := SenderOf(tx, source)
	if err := m.registrationRoomLocked(tx, sender); err != nil {
		return err
	}
	if err := m.roomLocked(tx, sender); !errors.Is(err, refusal.ErrMempoolFull) || m.queuesOf(tx).outgrown(sender, tx) == nil {
		return err
	}
	return nil
}

// registrationRoomLocked refuses a registration, or a transaction that carries one, that does not fit
// beside the registrations that wait. Nobody makes room for it.
func (m *mempool) registrationRoomLocked(tx *chain.Transaction, sender ids.ID) error {
	bytes := registrationBytes(tx)
	if bytes == 0 {
		return nil
	}
	own := max(1, m.config.MaxPerSender/ownRegistrations)
	if n := m.queues.registrations(sender); tx.Warp == nil && n >= own {
		return refusal.New(refusal.ErrMempoolSender, fmt.Sprintf("fewer than %d waiting registrations of one identity; wait until one is accepted", own), n)
	}
	return m.registrations.room(bytes, m.config.MaxTransactions/registrationShare, m.config.MaxBytes/registrationShare)
}

// roomLocked refuses a transaction that does not fit beside those that wait, whatever registration it carries.
func (m *mempool) roomLocked(tx *chain.Transaction, sender ids.ID) error {
	if n, limit := m.queuesOf(tx).count(sender), m.config.MaxPerSender; n >= limit {
		return refusal.New(refusal.ErrMempoolSender, fmt.Sprintf("fewer than %d waiting transactions of one sender; wait until they are accepted", limit), n)
	}
	count, size := m.config.MaxTransactions, m.config.MaxBytes
	switch {
	case isPlain(tx):
		count, size = count/plainShare, size/plainShare
	case isInvitation(tx):
		count, size = count/invitationShare, size/invitationShare
	default:
		count -= count/registrationShare + count/plainShare + count/invitationShare
		size -= size/registrationShare + size/plainShare + size/invitationShare
	}
	return m.usageOf(tx).room(ownBytes(tx), count, size)
}

// room refuses a transaction that has some bytes of the kind and does not fit.
func (u *usage) room(bytes, count, size int) error {
	if bytes == 0 {
		return nil
	}
	if u.count >= count {
		return refusal.New(refusal.ErrMempoolFull, fmt.Sprintf("fewer than %d waiting transactions; try again later", count), u.count)
	}
	if n := u.bytes + bytes; n > size && u.count > 0 {
		return refusal.New(refusal.ErrMempoolFull, fmt.Sprintf("at most %d bytes of waiting transactions; try again later", size), n)
	}
	return nil
}

// countLocked adds a transaction to what is in use, or takes it off. One that carries a registration has a
// place among registrations, and one among what is signed.
func (m *mempool) countLocked(e *entry, sign int) {
	m.registrations.add(registrationBytes(e.tx), sign)
	m.usageOf(e.tx).add(ownBytes(e.tx), sign)
	if e.stem {
		m.stem.add(len(e.tx.Bytes()), sign)
	}
	if e.tx.Warp == nil {
		return
	}
	if m.contracts[e.tx.Warp.SourceChain] += sign; m.contracts[e.tx.Warp.SourceChain] == 0 {
		delete(m.contracts, e.tx.Warp.SourceChain)
	}
}

// sourceChains returns up to so many of the chains whose contracts' transactions are here.
func (m *mempool) sourceChains(most int) (chains []ids.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for source := range m.contracts {
		if len(chains) < most {
			chains = append(chains, source)
		}
	}
	return chains
}

// usageOf returns the usage that counts what of a transaction is no registration.
func (m *mempool) usageOf(tx *chain.Transaction) *usage {
	switch {
	case isPlain(tx):
		return &m.plain
	case isInvitation(tx):
		return &m.invitations
	default:
		return &m.signed
	}
}
