package vm

import (
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// refusals returns every reason for which a transaction may not be executed now. Which of
// them an implementation names first is its own business.
func (o *oracle) refusals(tx *chain.Transaction) (reasons []refusal.Reason) {
	refuse := func(when bool, reason refusal.Reason) {
		if when {
			reasons = append(reasons, reason)
		}
	}
	_, known := o.transactions[tx.ID()]
	refuse(known, refusal.ErrDuplicate)
	registration := o.registration(tx)
	if registration != nil {
		o.refuseRegistration(refuse, tx, registration)
		o = o.register(registration) // what follows is done after it
	}
	if tx.Registration != nil { // needed or not
		refuse(tx.Registration.Issuer > uint64(len(o.genesis.Registration.Issuers)), refusal.ErrNotAdmitted)
	}
	if tx.Warp != nil {
		o.refuseContract(refuse, tx)
	} else if actor := tx.Body.Actor(); actor != ids.Empty {
		identity, ok := o.identities[actor]
		refuse(!ok || identity.since+o.identityLife() <= o.now, refusal.ErrNotRegistered)
	}
	limits := o.genesis.Limits
	deadline := func(deadline uint64) {
		refuse(o.now > deadline, refusal.ErrDeadlinePassed)
		refuse(deadline > o.now+limits.TransactionWindow*1000, refusal.ErrDeadlineTooFar)
	}
	metadata := func(entries []chain.MetadataEntry) {
		size := 0
		for _, entry := range entries {
			size += len(entry.Key) + len(entry.Value)
		}
		refuse(uint64(size) > limits.MaxMetadataBytes, refusal.ErrMetadata)
	}
	switch body := tx.Body.(type) {
	case *chain.RegisterIdentity:
		deadline(body.Deadline)
	case *chain.Invite:
		deadline(body.Deadline)
		o.refuseInvitation(refuse, body, tx)
	case *chain.RegisterValidatorKey:
		deadline(body.Deadline)
		o.refuseValidatorKey(refuse, body)
	case *chain.PublishPrekey:
		deadline(body.Deadline)
		identity, ok := o.identities[body.Identity]
		refuse(ok && body.Number != identity.prekeyNumber+1, refusal.ErrPrekeyNumber)
	case *chain.CreateSession:
		deadline(body.Deadline)
		metadata(body.Metadata)
		refuse(uint64(len(body.Participants)) > limits.MaxParticipants, refusal.ErrParticipantCount)
		if body.Creator == ids.Empty {
			refuse(o.genesis.RequireSignedSessions, refusal.ErrSignatureRequired)
			refuse(o.plainMade >= limits.MaxBlockPendingSessions, refusal.ErrPendingBlockLimit)
			refuse(o.pendingSessions() >= limits.MaxPendingSessions, refusal.ErrPendingBlockLimit)
			break
		}
		refuse(!slices.Contains(body.Participants, body.Creator), refusal.ErrNotParticipant)
		refuse(body.Single && o.identities[body.Creator].single != ids.Empty, refusal.ErrSingleSession)
		if body.Channel != ids.Empty {
			channel, ok := o.channels[body.Channel]
			refuse(!ok, refusal.ErrUnknownChannel)
			refuse(ok && channel.version != body.ChannelVersion, refusal.ErrChannelVersion)
			refuse(ok && !slices.Equal(body.Participants, channel.members), refusal.ErrNotMember)
			refuse(ok && !sameMetadata(body.Metadata, channel.metadata), refusal.ErrMetadata)
			refuse(ok && body.Previous != channel.session, refusal.ErrPreviousSession)
			last, there := o.sessions[channel.session]
			refuse(there && last.status == chain.SessionActive && uint64(len(last.messages)) < o.genesis.MaxMessages, refusal.ErrSessionInUse)
		}
	case *chain.SendMessage:
		refuse(uint64(len(body.Ciphertext)) > limits.MaxCiphertextBytes, refusal.ErrCiphertextSize)
		session := o.refuseUnlessOpen(refuse, body.Session, body.Sender)
		refuse(uint64(len(session.messages)) >= o.genesis.MaxMessages, refusal.ErrSessionFull)
	case *chain.Acknowledge:
		session, ok := o.sessions[body.Session]
		refuse(!ok, refusal.ErrUnknownSession)
		refuse(ok && !slices.Contains(session.participants, body.Participant), refusal.ErrNotParticipant)
		refuse(ok && body.Sequence > uint64(len(session.messages)), refusal.ErrReceiptAhead)
		if last := uint64(len(session.messages)); ok && body.Sequence >= 1 && body.Sequence <= last {
			swept := body.Sequence < last && session.messages[body.Sequence-1] <= uint64(o.messagesSwept)
			refuse(swept || body.Transcript != o.transcript(body.Session, int(body.Sequence)), refusal.ErrTranscript)
		}
		refuse(body.Sequence <= o.receipts[[2]ids.ID{body.Session, body.Participant}].sequence, refusal.ErrStaleReceipt)
	case *chain.RotateKey:
		session := o.refuseUnlessOpen(refuse, body.Session, body.Participant)
		position := slices.Index(session.participants, body.Participant)
		refuse(position >= 0 && body.Epoch != session.epochs[max(position, 0)]+1, refusal.ErrKeyEpoch)
	case *chain.CloseSession:
		session := o.refuseUnlessOpen(refuse, body.Session, body.Participant)
		channel, ok := o.channels[session.channel]
		refuse(ok && body.Participant != session.creator && body.Participant != channel.owner, refusal.ErrNotOwner)
	case *chain.CreateChannel:
		deadline(body.Deadline)
		metadata(body.Metadata)
		refuse(uint64(len(body.Members)+1) > limits.MaxParticipants, refusal.ErrMemberLimit)
		refuse(o.identities[body.Owner].channels >= o.genesis.MaxChannels, refusal.ErrChannelLimit)
	case *chain.AddMember:
		channel, ok := o.channels[body.Channel]
		refuse(!ok, refusal.ErrUnknownChannel)
		refuse(ok && channel.owner != body.Owner, refusal.ErrNotOwner)
		refuse(ok && slices.Contains(channel.members, body.Member), refusal.ErrAlreadyMember)
		refuse(ok && uint64(len(channel.members)) >= limits.MaxParticipants, refusal.ErrMemberLimit)
		refuse(ok && channel.version != body.Version, refusal.ErrChannelVersion)
	case *chain.TransferChannel:
		channel, ok := o.channels[body.Channel]
		refuse(!ok, refusal.ErrUnknownChannel)
		refuse(ok && channel.owner != body.Owner, refusal.ErrNotOwner)
		refuse(ok && (!slices.Contains(channel.members, body.Member) || body.Member == body.Owner), refusal.ErrNotMember)
		next, registered := o.identities[body.Member]
		refuse(!registered, refusal.ErrNotRegistered)
		refuse(2*next.channels >= o.genesis.MaxChannels, refusal.ErrChannelLimit)
		refuse(ok && channel.version != body.Version, refusal.ErrChannelVersion)
	case *chain.RemoveMember:
		channel, ok := o.channels[body.Channel]
		refuse(!ok, refusal.ErrUnknownChannel)
		refuse(ok && channel.owner != body.Remover && body.Member != body.Remover, refusal.ErrNotOwner)
		refuse(ok && !slices.Contains(channel.members, body.Member), refusal.ErrNotMember)
		refuse(ok && channel.version != body.Version, refusal.ErrChannelVersion)
	}
	if len(reasons) == 0 || onlyLater(reasons) { // else what it would write is not known
		refuse(o.wrote+o.written(tx, registration) > limits.MaxBlockStateBytes, refusal.ErrBlockStateLimit)
		used, first, uses := o.usedBy[account(tx)], uint64(0), tx.Warp != nil
		if actor, ok := o.identities[tx.Body.Actor()]; ok {
			used, first, uses = actor.used, actor.first, true
		}
		if uses {
			_, over := o.use(used, first, tx)
			for i, reason := range []refusal.Reason{refusal.ErrTransactionAllowance, refusal.ErrStateAllowance, refusal.ErrSessionAllowance, refusal.ErrKeyAllowance} {
				refuse(over[i], reason)
			}
		}
	}
	return reasons
}

// use returns until when each allowance is used with a transaction, as docs/PROTOCOL.md has it, and
// which of them that exceeds.
func (o *oracle) use(used [4]uint64, first uint64, tx *chain.Transaction) (next [4]uint64, over [4]bool) {
	amounts := [4]uint64{uint64(len(tx.WithoutRegistration().Bytes())), o.written(tx, nil), 0, 0}
	switch tx.Body.(type) {
	case *chain.RegisterIdentity: // by a contract
		amounts[1] += 4608
	case *chain.CreateSession:
		amounts[2] = 1
	case *chain.PublishPrekey, *chain.RotateKey:
		amounts[3] = 1
	}
	a := o.genesis.Allowances
	for i, allowance := range []chain.Allowance{a.TransactionBytes, a.StateBytes, a.Sessions, a.Keys} {
		next[i] = used[i]
		if allowance.PerDay == 0 || amounts[i] == 0 {
			continue
		}
		const day = 86_400_000
		if share := a.FreshShare; share > 1 {
			burst := allowance.Burst * day / allowance.PerDay
			next[i] = max(next[i], first+burst-burst/share)
		}
		if next[i] < o.now {
			next[i] = o.now
		}
		next[i] += amounts[i] * day / allowance.PerDay
		over[i] = next[i] > o.now+allowance.Burst*day/allowance.PerDay
	}
	return next, over
}

// written is what docs/PROTOCOL.md says that a transaction writes, with the registration that it does.
func (o *oracle) written(tx *chain.Transaction, registration *chain.RegisterIdentity) uint64 {
	entries := func(metadata []chain.MetadataEntry) (bytes int) {
		for _, entry := range metadata {
			bytes += len(entry.Key) + len(entry.Value) + 10
		}
		return bytes
	}
	session := func(id ids.ID) int { return 320 + 35*len(o.sessions[id].participants) }
	changed := func(id ids.ID) int {
		channel := o.channels[id]
		return 640 + 70*(len(channel.members)+1) + entries(channel.metadata)
	}
	var bytes int
	switch body := tx.Body.(type) {
	case *chain.PublishPrekey:
		bytes = 4608
	case *chain.Invite:
		bytes = 1024
	case *chain.RegisterValidatorKey:
		bytes = 2176
	case *chain.CreateSession:
		bytes = 384 + 37*len(body.Participants) + 1185*len(body.PublicKeys) + entries(body.Metadata)
		if body.Channel != ids.Empty {
			bytes += 320 + 35*len(body.Participants) + entries(body.Metadata)
		}
		if body.Single {
			bytes += 4608
		}
	case *chain.SendMessage:
		bytes = 256 + session(body.Session)
	case *chain.Acknowledge:
		bytes = 256 + session(body.Session)
	case *chain.RotateKey:
		bytes = 1344 + session(body.Session)
	case *chain.CloseSession:
		bytes = session(body.Session)
	case *chain.CreateChannel:
		bytes = 4928 + 35*(len(body.Members)+1) + entries(body.Metadata)
	case *chain.AddMember:
		bytes = changed(body.Channel)
	case *chain.RemoveMember:
		bytes = 4608 + changed(body.Channel)
	case *chain.TransferChannel:
		bytes = 9216 + changed(body.Channel)
	}
	if tx.Body.Actor() != ids.Empty || tx.Warp != nil {
		bytes += 96
	}
	if registration != nil {
		bytes += 4608
	}
	return uint64(bytes)
}

// refuseUnlessOpen refuses to act in a session that is not open to the actor.
func (o *oracle) refuseUnlessOpen(refuse func(bool, refusal.Reason), id, actor ids.ID) oracleSession {
	session, ok := o.sessions[id]
	refuse(!ok, refusal.ErrUnknownSession)
	refuse(ok && !slices.Contains(session.participants, actor), refusal.ErrNotParticipant)
	refuse(session.status == chain.SessionExpired, refusal.ErrSessionExpired)
	refuse(session.status == chain.SessionClosed, refusal.ErrSessionClosed)
	return session
}

// onlyLater reports whether all that stands against a transaction is that this block has taken
// as many of its kind as it may.
func onlyLater(reasons []refusal.Reason) bool {
	for _, reason := range reasons {
		if reason != refusal.ErrPendingBlockLimit && reason != refusal.ErrIdentityBlockLimit && reason != refusal.ErrInvitationBlockLimit && reason != refusal.ErrWarpBlockLimit && reason != refusal.ErrBlockStateLimit {
			return false
		}
	}
	return len(reasons) > 0
}

func sameMetadata(a, b []chain.MetadataEntry) bool {
	text := func(entries []chain.MetadataEntry) (text string) {
		for _, entry := range entries {
			text += fmt.Sprintf("%q=%q;", entry.Key, entry.Value)
		}
		return text
	}
	return text(a) == text(b)
}
