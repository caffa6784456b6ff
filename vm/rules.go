package vm

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp/signing"
)

// reader is the state that a transaction is checked against: a change, while a block
// executes, or the last accepted state, when a transaction is submitted.
type reader interface {
	Identity(ids.ID) (*chain.Identity, bool, error)
	Usage(ids.ID) (*chain.Usage, bool, error)
	Session(ids.ID) (*chain.Session, bool, error)
	RotatedKey(session, participant ids.ID) (*chain.RotatedKey, bool, error)
	Channel(ids.ID) (*chain.Channel, bool, error)
	Receipt(session, participant ids.ID) (*chain.Receipt, bool, error)
	ValidatorKey(ids.ID) (*chain.ValidatorKey, bool, error)
	MessageAt(session ids.ID, sequence uint64) (*chain.Message, bool, error)
	HasTransaction(ids.ID) (bool, error)
}

var (
	_ reader = (*state.Change)(nil)
	_ reader = state.Latest{}
)

// rules say whether a transaction may be executed on a state at a time.
type rules struct {
	genesis *chain.Genesis
	chainID ids.ID
	state   reader
	totals  *chain.Totals
	now     uint64 // Unix milliseconds

	validators *signing.Validators // that the block commits to; nil: none
	sources    *sources            // of contracts' transactions; nil: the block has no context

	beacons [2]ids.ID // for the work of a registration or an invitation

	newcomer newcomer // see registering
}

// effect is what the rules have found out about a transaction that they allow.
type effect struct {
	registration *chain.RegisterIdentity // that it does, before it does anything else; nil if none
	used         *chain.Usage            // what its account has used of its allowances with it; nil if it has none
}

// check refuses a transaction that may not be executed. It changes nothing. Identities' signatures and KEM keys
// are checked apart, see verifier.
func (r *rules) check(tx *chain.Transaction) (effect, error) {
	limit := blockRoom(r.genesis) - transactionOverhead
	if size := len(tx.Bytes()); size > limit {
		return effect{}, refusal.New(refusal.ErrTransactionTooLarge, fmt.Sprintf("a transaction of at most %d bytes", limit), size)
	}
	known, err := r.state.HasTransaction(tx.ID())
	if err != nil {
		return effect{}, err
	}
	if known {
		return effect{}, duplicate(tx)
	}
	registration, err := r.registration(tx)
	if err == nil && registration != nil {
		r, err = r.registering(tx, registration)
	}
	if err != nil {
		return effect{}, err
	}
	if account(tx) == ids.Empty {
		return effect{registration: registration}, r.checkBody(tx)
	}
	identity := new(chain.Identity) // a contract has none
	if tx.Warp == nil {
		if identity, err = r.registered(tx.Body.Actor()); err != nil {
			return effect{}, err
		}
	}
	if err := r.checkBody(tx); err != nil {
		return effect{}, err
	}
	used, err := r.use(tx, identity)
	if err == nil && tx.Warp != nil {
		err = r.checkReceived(tx) // it costs more than all the rest
	}
	return effect{registration, used}, err
}

func duplicate(tx *chain.Transaction) error {
	return refusal.New(refusal.ErrDuplicate, "a transaction that the chain does not hold yet", tx.ID())
}

func (r *rules) checkBody(tx *chain.Transaction) error {
	switch body := tx.Body.(type) {
	case *chain.RegisterIdentity:
		return nil // see registering
	case *chain.PublishPrekey:
		return r.checkPublishPrekey(body)
	case *chain.CreateSession:
		return r.checkCreateSession(body)
	case *chain.SendMessage:
		return r.checkSendMessage(body)
	case *chain.Acknowledge:
		return r.checkAcknowledge(body)
	case *chain.RotateKey:
		return r.checkRotateKey(body)
	case *chain.CloseSession:
		return r.checkCloseSession(body)
	case *chain.CreateChannel:
		return r.checkCreateChannel(body)
	case *chain.AddMember:
		return r.checkAddMember(body)
	case *chain.RemoveMember:
		return r.checkRemoveMember(body)
	case *chain.TransferChannel:
		return r.checkTransferChannel(body)
	case *chain.Invite:
		return r.checkInvite(tx, body)
	case *chain.RegisterValidatorKey:
		return r.checkRegisterValidatorKey(body)
	default:
		return refusal.New(refusal.ErrMalformed, "a known kind of transaction", fmt.Sprintf("%T", body))
	}
}

// registered returns the identity's registration if it has not lapsed.
func (r *rules) registered(id ids.ID) (*chain.Identity, error) {
	if r.newcomer.identity != nil && r.newcomer.id == id {
		return r.newcomer.identity, nil
	}
	identity, exists, err := r.state.Identity(id)
	if err != nil {
		return nil, err
	}
	if !exists || identity.Registered+r.genesis.IdentityLife() <= r.now {
		return nil, refusal.New(refusal.ErrNotRegistered, "an identity that has been registered with RegisterIdentity", id)
	}
	return identity, nil
}

func (r *rules) checkDeadline(deadline uint64) error {
	if r.now > deadline {
		return refusal.New(refusal.ErrDeadlinePassed, fmt.Sprintf("a deadline from %d on (Unix milliseconds)", r.now), deadline)
	}
	if latest := r.now + r.genesis.Limits.TransactionWindow*1000; deadline > latest {
		return refusal.New(refusal.ErrDeadlineTooFar, fmt.Sprintf("a deadline up to %d (Unix milliseconds)", latest), deadline)
	}
	return nil
}

func (r *rules) checkMetadata(entries []chain.MetadataEntry) error {
	if size := chain.MetadataSize(entries); uint64(size) > r.genesis.Limits.MaxMetadataBytes {
		return refusal.New(refusal.ErrMetadata, fmt.Sprintf("metadata of at most %d bytes", r.genesis.Limits.MaxMetadataBytes), size)
	}
	return nil
}

func (r *rules) checkPublishPrekey(body *chain.PublishPrekey) error {
	if err := r.checkDeadline(body.Deadline); err != nil {
		return err
	}
	identity, err := r.registered(body.Identity)
	if err != nil {
		return err
	}
	if next := identity.PrekeyNumber + 1; body.Number != next {
		return refusal.New(refusal.ErrPrekeyNumber, fmt.Sprintf("prekey number %d", next), body.Number)
	}
	return nil
}

func (r *rules) checkCreateSession(body *chain.CreateSession) error {
	if err := r.checkDeadline(body.Deadline); err != nil {
		return err
	}
	if n := uint64(len(body.Participants)); n > r.genesis.Limits.MaxParticipants {
		return refusal.New(refusal.ErrParticipantCount, fmt.Sprintf("at most %d participants", r.genesis.Limits.MaxParticipants), n)
	}
	if err := r.checkMetadata(body.Metadata); err != nil {
		return err
	}
	if body.Creator == ids.Empty {
		if r.genesis.RequireSignedSessions {
			return refusal.New(refusal.ErrSignatureRequired, "a creator and its signature", "a plain CreateSession")
		}
		if min(r.genesis.Limits.MaxBlockPendingSessions, r.genesis.Limits.MaxPendingSessions) == 0 {
			// Refused here, so that none waits for a block that can't come.
			return refusal.New(refusal.ErrPendingBlockLimit, "a creator and its signature: this chain's blocks take no plain sessions", "a plain CreateSession")
		}
		return nil
	}
	session := chain.Session{Participants: body.Participants}
	if session.Participant(body.Creator) < 0 {
		return refusal.New(refusal.ErrNotParticipant, "a creator who is a participant", body.Creator)
	}
	switch {
	case body.Single:
		return r.checkSingleSession(body)
	case body.Channel != ids.Empty:
		return r.checkChannelSession(body)
	default:
		return nil
	}
}

// checkSingleSession lets an identity make one, once and for all: its leaf stays when the session is
// over and has left the tree.
func (r *rules) checkSingleSession(body *chain.CreateSession) error {
	creator, err := r.registered(body.Creator)
	if err != nil {
		return err
	}
	if creator.SingleSession != ids.Empty {
		return refusal.New(refusal.ErrSingleSession, "a creator that has made no single session, and not "+creator.SingleSession.String(), body.Creator)
	}
	return nil
}

// session returns a session at the rules' time.
func (r *rules) session(id ids.ID) (*chain.Session, chain.SessionStatus, error) {
	session, exists, err := r.state.Session(id)
	if err != nil {
		return nil, 0, err
	}
	if !exists {
		return nil, 0, refusal.New(refusal.ErrUnknownSession, "the ID of a session within retention", id)
	}
	status := session.StatusAt(r.now)
	if session.Status == chain.SessionPending && r.now >= session.Created+r.genesis.Limits.PendingTTL*1000 {
		status = chain.SessionExpired
	}
	return session, status, nil
}

// open returns a session that is neither expired nor closed, in which actor participates.
func (r *rules) open(id, actor ids.ID) (*chain.Session, error) {
	session, status, err := r.session(id)
	if err != nil {
		return nil, err
	}
	if session.Participant(actor) < 0 {
		return nil, refusal.New(refusal.ErrNotParticipant, "a participant of session "+id.String(), actor)
	}
	switch status {
	case chain.SessionExpired:
		return nil, refusal.New(refusal.ErrSessionExpired, fmt.Sprintf("a session that expires after %d (Unix milliseconds); create a new one", r.now), session.Expires)
	case chain.SessionClosed:
		return nil, refusal.New(refusal.ErrSessionClosed, "an open session; create a new one", id)
	}
	return session, nil
}

func (r *rules) checkSendMessage(body *chain.SendMessage) error {
	if size := uint64(len(body.Ciphertext)); size > r.genesis.Limits.MaxCiphertextBytes {
		return refusal.New(refusal.ErrCiphertextSize, fmt.Sprintf("a ciphertext of at most %d bytes", r.genesis.Limits.MaxCiphertextBytes), size)
	}
	session, err := r.open(body.Session, body.Sender)
	if err != nil {
		return err
	}
	if session.Messages >= r.genesis.MaxMessages {
		return refusal.New(refusal.ErrSessionFull, fmt.Sprintf("at most %d messages in a session; create a new one", r.genesis.MaxMessages), session.Messages+1)
	}
	return nil
}

// checkAcknowledge allows receipts for as long as the session is in the tree: who reads
// late may say so.
func (r *rules) checkAcknowledge(body *chain.Acknowledge) error {
	session, _, err := r.session(body.Session)
	if err != nil {
		return err
	}
	if session.Participant(body.Participant) < 0 {
		return refusal.New(refusal.ErrNotParticipant, "a participant of session "+body.Session.String(), body.Participant)
	}
	if body.Sequence > session.Messages {
		return refusal.New(refusal.ErrReceiptAhead, fmt.Sprintf("a sequence up to %d", session.Messages), body.Sequence)
	}
	receipt, exists, err := r.state.Receipt(body.Session, body.Participant)
	if err != nil {
		return err
	}
	if exists && body.Sequence <= receipt.Sequence {
		return refusal.New(refusal.ErrStaleReceipt, fmt.Sprintf("a sequence above %d", receipt.Sequence), body.Sequence)
	}
	return r.checkTranscript(session, body)
}

// checkTranscript refuses a receipt whose participant has read something else than the session
// holds. The transcript after the last message is in the session's leaf, earlier ones are in the
// messages' leaves, for as long as these are in the tree.
func (r *rules) checkTranscript(session *chain.Session, body *chain.Acknowledge) error {
	expected := session.Transcript
	if body.Sequence != session.Messages {
		message, exists, err := r.state.MessageAt(body.Session, body.Sequence)
		if err != nil {
			return err
		}
		if !exists {
			return refusal.New(refusal.ErrTranscript, fmt.Sprintf("the sequence of a message that has not left the chain, or that of the last one, %d", session.Messages), body.Sequence)
		}
		expected = message.Transcript
	}
	if body.Transcript != expected {
		return refusal.New(refusal.ErrTranscript, "transcript "+expected.String()+" of the session; receive its messages again, from another node", body.Transcript)
	}
	return nil
}

func (r *rules) checkRotateKey(body *chain.RotateKey) error {
	if _, err := r.open(body.Session, body.Participant); err != nil {
		return err
	}
	next := uint64(1)
	key, exists, err := r.state.RotatedKey(body.Session, body.Participant)
	if err != nil {
		return err
	}
	if exists {
		next = key.Epoch + 1
	}
	if body.Epoch != next {
		return refusal.New(refusal.ErrKeyEpoch, fmt.Sprintf("key epoch %d", next), body.Epoch)
	}
	return nil
}

// checkCloseSession lets any participant close a session, but of a channel's only its
// creator and the channel's owner.
func (r *rules) checkCloseSession(body *chain.CloseSession) error {
	session, err := r.open(body.Session, body.Participant)
	if err != nil {
		return err
	}
	if session.Channel == ids.Empty || session.Creator == body.Participant {
		return nil
	}
	channel, exists, err := r.state.Channel(session.Channel)
	if err != nil {
		return err
	}
	if exists && channel.Owner != body.Participant {
		return refusal.New(refusal.ErrNotOwner, "the session's creator or the channel's owner", body.Participant)
	}
	return nil
}
