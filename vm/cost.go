package vm

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Upper bounds of leaves in bytes, key and value. Those with participants grow with them.
const (
	identityLeaf     = 4608 // both public keys, a prekey, and more
	messageLeaf      = 256
	receiptLeaf      = 256
	rotatedKeyLeaf   = 1344
	sessionLeaf      = 320
	channelLeaf      = 320
	invitationLeaf   = 1024 // of a bucket, with a mark for each period
	validatorKeyLeaf = 2176 // a key, the BLS key, and more
	usageLeaf        = 96   // of who signs, or of a contract's chain
	memberBytes      = 35   // an ID in a session or channel, and whether it has acted
	sessionKeyLeaf   = 64   // and for each participant and pair of metadata:
	keyBytes         = 1187 // a session key
	noKeyBytes       = 2    // the place of one that a single session does not have
	entryBytes       = 10   // around a pair
)

// stateBytes returns a bound of the bytes of leaves that a transaction writes, which the rules have
// allowed, without the registration that it carries. Leaves that other transactions of the block write too are counted again.
func (r *rules) stateBytes(tx *chain.Transaction) (uint64, error) {
	bytes, err := r.bodyStateBytes(tx.Body)
	if account(tx) != ids.Empty {
		bytes += usageLeaf
	}
	return bytes, err
}

func (r *rules) bodyStateBytes(body chain.Body) (uint64, error) {
	switch body := body.(type) {
	case *chain.RegisterIdentity, *chain.PublishPrekey:
		return identityLeaf, nil
	case *chain.CreateSession:
		n := len(body.Participants)
		bytes := sessionLeaf + n*(memberBytes+noKeyBytes) + len(body.PublicKeys)*(keyBytes-noKeyBytes) + sessionKeyLeaf + metadataBytes(body.Metadata)
		if body.Channel != ids.Empty {
			bytes += channelLeaf + n*memberBytes + metadataBytes(body.Metadata)
		}
		if body.Single {
			bytes += identityLeaf
		}
		return uint64(bytes), nil
	case *chain.SendMessage:
		return r.sessionBytes(body.Session, messageLeaf)
	case *chain.Acknowledge:
		return r.sessionBytes(body.Session, receiptLeaf)
	case *chain.RotateKey:
		return r.sessionBytes(body.Session, rotatedKeyLeaf)
	case *chain.CloseSession:
		return r.sessionBytes(body.Session, 0)
	case *chain.CreateChannel:
		return uint64(channelLeaf + (len(body.Members)+1)*memberBytes + metadataBytes(body.Metadata) + identityLeaf), nil
	case *chain.AddMember:
		return r.channelBytes(body.Channel, 0)
	case *chain.RemoveMember:
		return r.channelBytes(body.Channel, identityLeaf)
	case *chain.TransferChannel:
		return r.channelBytes(body.Channel, 2*identityLeaf)
	case *chain.Invite:
		return invitationLeaf, nil
	case *chain.RegisterValidatorKey:
		return validatorKeyLeaf, nil
	default:
		return 0, fmt.Errorf("no cost of %T", body)
	}
}

func metadataBytes(entries []chain.MetadataEntry) int {
	return chain.MetadataSize(entries) + entryBytes*len(entries)
}

// sessionBytes returns the bytes of a session's leaf, and more.
func (r *rules) sessionBytes(id ids.ID, more uint64) (uint64, error) {
	session, exists, err := r.state.Session(id)
	if err == nil && !exists { // the state that the door reads moves on
		err = refusal.New(refusal.ErrUnknownSession, "a session that is in the state", id)
	}
	if err != nil {
		return 0, err
	}
	return sessionLeaf + uint64(len(session.Participants))*memberBytes + more, nil
}

// channelBytes returns the bytes of a channel's leaf with one more member, of the leaf of its
// session, which may be closed, and more.
func (r *rules) channelBytes(id ids.ID, more uint64) (uint64, error) {
	channel, exists, err := r.state.Channel(id)
	if err == nil && !exists {
		err = refusal.New(refusal.ErrUnknownChannel, "a channel that is in the state", id)
	}
	if err != nil {
		return 0, err
	}
	n := uint64(len(channel.Members)) + 1
	return channelLeaf + sessionLeaf + 2*n*memberBytes + uint64(metadataBytes(channel.Metadata)) + more, nil
}

// charge counts the bytes of state that a transaction writes, those of its registration among them,
// against those of the block.
func (e *execution) charge(tx *chain.Transaction, registration *chain.RegisterIdentity) error {
	bytes, err := e.stateBytes(tx)
	if err != nil {
		return err
	}
	if registration != nil && registration == tx.Registration {
		bytes += identityLeaf
	}
	if limit := e.genesis.Limits.MaxBlockStateBytes; e.written+bytes > limit {
		return refusal.New(refusal.ErrBlockStateLimit, fmt.Sprintf("at most %d bytes of state of a block", limit), e.written+bytes)
	}
	e.written += bytes
	return nil
}
