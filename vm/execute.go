package vm

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// execution is one block being executed: the sweeps first, then its transactions in their
// order.
type execution struct {
	rules
	change *state.Change
	height uint64

	position      uint32 // of the next transaction
	offset        uint32 // of the next transaction in the block's encoding, from the first one
	written       uint64 // bytes of state, see stateBytes
	registrations uint64 // in this block
	plainSessions uint64 // in this block
	invitations   uint64 // in this block
	invitingBytes uint64 // of their transactions
	received      uint64 // of contracts, in this block
}

// begin starts the execution of a block on its parent's state and does the sweeps. The commitment is what the
// block's header has to say of its context.
func begin(genesis *chain.Genesis, change *state.Change, chainID ids.ID, committed commitment, height, timestamp uint64) (*execution, error) {
	change.Totals.Turn(genesis, timestamp, change.Parent().Header().ID())
	change.Totals.Height = height
	e := &execution{
		rules: rules{
			genesis:    genesis,
			chainID:    chainID,
			state:      change,
			totals:     change.Totals,
			now:        timestamp,
			validators: committed.validators,
			sources:    committed.sources,
			beacons:    [2]ids.ID{change.Totals.Beacon, change.Totals.BeaconBefore},
		},
		change: change,
		height: height,
	}
	return e, e.sweep()
}

// execute checks a transaction and does it. If it is refused, nothing has changed.
func (e *execution) execute(tx *chain.Transaction) error {
	found, err := e.check(tx)
	if err != nil {
		return err
	}
	if err := e.checkBlock(tx, found.registration); err != nil {
		return err
	}
	if found.registration != nil {
		if err := e.registerIdentity(found.registration); err != nil {
			return err
		}
	}
	e.putUsage(account(tx), found.used)
	location := state.NewLocation(e.height, e.position, e.offset, tx)
	switch body := tx.Body.(type) {
	case *chain.PublishPrekey:
		err = e.publishPrekey(body)
	case *chain.CreateSession:
		err = e.createSession(tx.ID(), body)
	case *chain.SendMessage:
		location.Message, location.Sequence, err = e.sendMessage(tx.ID(), body)
	case *chain.Acknowledge:
		e.change.PutReceipt(body.Session, body.Participant, &chain.Receipt{
			Sequence:    body.Sequence,
			Timestamp:   e.now,
			Transaction: tx.ID(),
			Transcript:  body.Transcript,
		})
		err = e.act(body.Session, body.Participant)
	case *chain.RotateKey:
		e.change.PutRotatedKey(body.Session, body.Participant, &chain.RotatedKey{PublicKey: body.PublicKey, Epoch: body.Epoch})
		err = e.act(body.Session, body.Participant)
	case *chain.CloseSession:
		err = e.closeSession(body)
	case *chain.CreateChannel:
		err = e.createChannel(tx.ID(), body)
	case *chain.AddMember:
		err = e.changeMembers(body.Channel, func(channel *chain.Channel) {
			channel.Members = append(channel.Members, body.Member)
		})
	case *chain.RemoveMember:
		err = e.removeMember(body)
	case *chain.TransferChannel:
		err = e.transferChannel(body)
	case *chain.Invite:
		err = e.invite(body, location)
	case *chain.RegisterValidatorKey:
		err = e.registerValidatorKey(body)
	}
	if err != nil {
		return err
	}
	if tx.Warp != nil {
		e.received++
	}
	e.change.AddTransaction(tx.ID(), location)
	e.position++
	e.offset = location.Offset + location.Size
	return nil
}

// checkBlock refuses what exceeds a limit of the block.
func (e *execution) checkBlock(tx *chain.Transaction, registration *chain.RegisterIdentity) error {
	limits := e.genesis.Limits
	if limit := limits.MaxBlockWarpMessages; tx.Warp != nil && e.received >= limit {
		return refusal.New(refusal.ErrWarpBlockLimit, fmt.Sprintf("at most %d transactions of contracts in a block", limit), e.received+1)
	}
	if limit := limits.MaxBlockRegistrations; registration != nil && e.registrations >= limit {
		return refusal.New(refusal.ErrIdentityBlockLimit, fmt.Sprintf("at most %d registrations in a block", limit), e.registrations+1)
	}
	if limit := limits.MaxBlockPendingSessions; isPlain(tx) && (e.plainSessions >= limit || e.totals.PendingSessions >= limits.MaxPendingSessions) {
		return refusal.New(refusal.ErrPendingBlockLimit, fmt.Sprintf("at most %d plain sessions in a block, and %d pending ones", limit, limits.MaxPendingSessions), e.plainSessions+1)
	}
	if isInvitation(tx) {
		if err := e.checkInvitationsOfBlock(uint64(len(tx.Bytes()))); err != nil {
			return err
		}
	}
	return e.charge(tx, registration)
}

func (e *execution) registerIdentity(body *chain.RegisterIdentity) error {
	id := chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey)
	old, exists, err := e.change.Identity(id)
	if err != nil {
		return err
	}
	e.registrations++
	e.totals.Identities++
	identity := &chain.Identity{KEMPublicKey: body.KEMPublicKey, DSAPublicKey: body.DSAPublicKey, Since: e.now}
	if exists {
		identity = old
	} else {
		e.totals.LiveIdentities++
	}
	identity.Registered, identity.Number = e.now, e.totals.Identities
	e.change.PutIdentity(id, identity)
	return nil
}

func (e *execution) publishPrekey(body *chain.PublishPrekey) error {
	identity, err := must("identity", body.Identity, e.change.Identity)
	if err != nil {
		return err
	}
	if identity.PrekeyNumber == 0 {
		e.totals.Prekeys++
	}
	identity.Prekey, identity.PrekeyNumber, identity.PrekeyTime = body.PublicKey, body.Number, e.now
	e.change.PutIdentity(body.Identity, identity)
	return nil
}

func (e *execution) createSession(transaction ids.ID, body *chain.CreateSession) error {
	status := chain.SessionActive
	if body.Creator == ids.Empty {
		e.plainSessions++
		e.totals.PendingSessions++
		status = chain.SessionPending
	} else {
		e.totals.ActiveSessions++
	}
	id := chain.SessionID(e.genesis.Prefix(), e.chainID, transaction)
	if body.Channel != ids.Empty {
		if err := e.changeChannel(body.Channel, func(channel *chain.Channel) {
			channel.Sessions++
			channel.Session = id
		}); err != nil {
			return err
		}
	}
	if body.Single {
		creator, err := must("identity", body.Creator, e.change.Identity)
		if err != nil {
			return err
		}
		creator.SingleSession = id
		e.change.PutIdentity(body.Creator, creator)
	}
	keys := &chain.SessionKeys{PublicKeys: body.PublicKeys, Metadata: body.Metadata}
	if len(body.PublicKeys) == 0 { // the leaf of a session without metadata has something nevertheless: what is empty can't be proven
		keys.PublicKeys = make([][]byte, len(body.Participants))
	}
	e.totals.Sessions++
	acted := make([]bool, len(body.Participants))
	for i, participant := range body.Participants {
		acted[i] = participant == body.Creator
	}
	e.change.AddSession(id, transaction, &chain.Session{
		Status:       status,
		Participants: body.Participants,
		Created:      e.now,
		Expires:      e.now + e.genesis.SessionTTL*1000,
		KeysHash:     keys.Hash(),
		Creator:      body.Creator,
		Channel:      body.Channel,
		Number:       e.totals.Sessions,
		Transcript:   chain.FirstTranscript(id),
		Acted:        acted,
	}, keys)
	return nil
}

// mustSession returns a session that the rules have seen.
func (e *execution) mustSession(id ids.ID) (*chain.Session, error) {
	return must("session", id, e.change.Session)
}

// must returns a record that the rules have seen. That it is absent is damage.
func must[R any](what string, id ids.ID, read func(ids.ID) (R, bool, error)) (R, error) {
	record, exists, err := read(id)
	if err == nil && !exists {
		err = fmt.Errorf("damaged state: %s %s is gone", what, id)
	}
	return record, err
}

// act notes that a participant has signed something in a session, which turns a pending one active.
func (e *execution) act(id, participant ids.ID) error {
	session, err := e.mustSession(id)
	if err != nil || session.Acted[session.Participant(participant)] {
		return err
	}
	if session.Status == chain.SessionPending {
		session.Status = chain.SessionActive
		e.totals.PendingSessions--
		e.totals.ActiveSessions++
	}
	e.change.Act(id, session, participant)
	return nil
}

func (e *execution) sendMessage(id ids.ID, body *chain.SendMessage) (index, sequence uint64, err error) {
	if err := e.act(body.Session, body.Sender); err != nil {
		return 0, 0, err
	}
	session, err := e.mustSession(body.Session)
	if err != nil {
		return 0, 0, err
	}
	e.totals.Messages++
	index = e.totals.Messages
	message := &chain.Message{
		ID:         id,
		Session:    body.Session,
		Sender:     body.Sender,
		Sequence:   session.Messages + 1,
		Timestamp:  e.now,
		Previous:   session.Head,
		Transcript: chain.NextTranscript(session.Transcript, id, e.now),
	}
	session.Messages++
	session.Transcript = message.Transcript
	session.Head = index
	e.change.PutSession(body.Session, session)
	e.change.AddMessage(index, message)
	return index, message.Sequence, nil
}

func (e *execution) closeSession(body *chain.CloseSession) error {
	session, err := e.mustSession(body.Session)
	if err != nil {
		return err
	}
	if session.Status == chain.SessionPending {
		e.totals.PendingSessions--
	} else {
		e.totals.ActiveSessions--
	}
	session.Status = chain.SessionClosed
	e.change.Act(body.Session, session, body.Participant)
	return nil
}

func (e *execution) createChannel(transaction ids.ID, body *chain.CreateChannel) error {
	if err := e.countChannel(body.Owner, 1); err != nil {
		return err
	}
	members := make([]ids.ID, 0, len(body.Members)+1)
	e.totals.Channels++
	e.totals.LiveChannels++
	e.change.PutChannel(chain.ChannelID(e.chainID, transaction), &chain.Channel{
		Owner:    body.Owner,
		Members:  append(append(members, body.Owner), body.Members...),
		Metadata: body.Metadata,
		Created:  e.now,
		Active:   e.now,
		Version:  1,
		Number:   e.totals.Channels,
	})
	return nil
}

// countChannel changes how many channels an identity owns. One that has lapsed in the
// meantime is not counted.
func (e *execution) countChannel(owner ids.ID, delta int) error {
	identity, exists, err := e.change.Identity(owner)
	if err != nil || !exists {
		return err
	}
	if delta < 0 && identity.Channels == 0 {
		return nil
	}
	identity.Channels += uint64(delta)
	e.change.PutIdentity(owner, identity)
	return nil
}

// changeChannel changes a channel and moves it to the end of the queue of those that
// lapse.
func (e *execution) changeChannel(id ids.ID, change func(*chain.Channel)) error {
	channel, err := must("channel", id, e.change.Channel)
	if err != nil {
		return err
	}
	change(channel)
	e.totals.Channels++
	channel.Number = e.totals.Channels
	channel.Active = e.now
	e.change.PutChannel(id, channel)
	return nil
}

// changeMembers changes a channel's members, and closes the session of those of before.
func (e *execution) changeMembers(id ids.ID, change func(*chain.Channel)) error {
	channel, err := must("channel", id, e.change.Channel)
	if err != nil {
		return err
	}
	if err := e.closeChannelSession(channel); err != nil {
		return err
	}
	return e.changeChannel(id, func(channel *chain.Channel) {
		change(channel)
		channel.Version++
	})
}

// closeChannelSession closes a channel's latest session, if it is active.
func (e *execution) closeChannelSession(channel *chain.Channel) error {
	session, exists, err := e.change.Session(channel.Session)
	if err != nil || !exists || session.StatusAt(e.now) != chain.SessionActive {
		return err
	}
	e.totals.ActiveSessions--
	session.Status = chain.SessionClosed
	e.change.PutSession(channel.Session, session)
	return nil
}

func (e *execution) transferChannel(body *chain.TransferChannel) error {
	if err := e.countChannel(body.Owner, -1); err != nil {
		return err
	}
	if err := e.countChannel(body.Member, 1); err != nil {
		return err
	}
	return e.changeChannel(body.Channel, func(channel *chain.Channel) {
		channel.Owner = body.Member
		channel.Version++
	})
}

func (e *execution) removeMember(body *chain.RemoveMember) error {
	channel, err := must("channel", body.Channel, e.change.Channel)
	if err != nil {
		return err
	}
	if body.Member == channel.Owner {
		if err := e.closeChannelSession(channel); err != nil {
			return err
		}
		return e.removeChannel(body.Channel, channel)
	}
	return e.changeMembers(body.Channel, func(channel *chain.Channel) {
		position := channel.Member(body.Member)
		channel.Members = append(channel.Members[:position], channel.Members[position+1:]...)
	})
}

func (e *execution) removeChannel(id ids.ID, channel *chain.Channel) error {
	e.change.RemoveChannel(id)
	e.totals.LiveChannels--
	return e.countChannel(channel.Owner, -1)
}
