package proofs

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Kind is what a bundle is about.
type Kind string

// The kinds, by the tree's keys.
const (
	KindTotals      Kind = "totals"
	KindIdentity    Kind = "identity"
	KindChannel     Kind = "channel"
	KindSession     Kind = "session"
	KindMessage     Kind = "message"
	KindReceipt     Kind = "receipt"
	KindSessionKeys Kind = "sessionKeys"
	KindRotatedKey  Kind = "rotatedKey"
	KindUsage       Kind = "usage"
	KindInvitations Kind = "invitations"
)

// SignatureVerifier checks an ML-DSA-65 signature (FIPS 204) with its context, as
// pq.Verify does.
type SignatureVerifier func(dsaPublicKey []byte, context string, message, signature []byte) error

// Statement is what a verified bundle shows: that the state after a block of a chain holds
// a record, or holds none.
type Statement struct {
	ChainID   ids.ID
	BlockID   ids.ID
	Height    uint64
	Timestamp uint64 // of the block, Unix milliseconds
	StateRoot chain.Hash

	Kind    Kind
	Present bool
	// ID is the identity, channel or session that the statement is about; of a receipt or a
	// rotated key, the session.
	ID ids.ID
	// Participant is whose receipt or rotated key it is.
	Participant ids.ID
	// Index is the message's index among all of the chain.
	Index uint64
	// Bucket is whose invitations they are.
	Bucket chain.Bucket

	// The record, if it is present: the one of the statement's kind.
	Totals      *chain.Totals
	Identity    *chain.Identity
	Channel     *chain.Channel
	Session     *chain.Session
	Message     *chain.Message
	Receipt     *chain.Receipt
	RotatedKey  *chain.RotatedKey
	Usage       *chain.Usage
	Invitations *chain.Invitations
	SessionKeys *chain.SessionKeys // also of a session, if the bundle has them

	// Transaction is the message itself, or the signed acknowledgement of a receipt, if the
	// bundle has it: the record commits to all of it but the signature.
	Transaction *chain.Transaction
	// SignatureVerified says that the transaction's signature was checked, with keys that
	// its actor's ID commits to.
	SignatureVerified bool
	// Contract reports whether a contract of another chain acts in the transaction. No identity signs it then: what it
	// rests on is that validators have executed it (Transaction.Warp).
	Contract bool
	// Behind is the identity that stands behind who signed the transaction, if the bundle
	// discloses it: both have signed that, and it was checked.
	Behind ids.ID
}

// Attributed reports whether it is shown who has made the transaction: its signature was verified, or a contract has made it.
func (s *Statement) Attributed() bool { return s.SignatureVerified || s.Contract }

// Verify checks everything that the bundle holds and returns what it shows. verify checks
// the transaction's signature; with nil, or without the signer's keys, the signature is
// not checked, and the statement says so.
func (b *Bundle) Verify(verify SignatureVerifier) (*Statement, error) {
	if err := b.checkVersion(); err != nil {
		return nil, err
	}
	if id := b.Header.ID(); id != b.BlockID {
		return nil, refusal.Wrap(ErrBlockID, refusal.ErrProof, id.String(), b.BlockID)
	}
	s := &Statement{
		ChainID:   b.Header.ChainID,
		BlockID:   b.BlockID,
		Height:    b.Header.Height,
		Timestamp: b.Header.Timestamp,
		StateRoot: b.Header.StateRoot,
	}
	parse, err := s.parseKey(b.Key)
	if err != nil {
		return nil, err
	}
	value, present, err := verifyCommitment(b.Header.StateRoot, b.Key, b.Commitment)
	if err != nil {
		return nil, err
	}
	if s.Present = present; present {
		if err := parse(value); err != nil {
			return nil, err
		}
	}
	if err := s.addSessionKeys(b.SessionKeys); err != nil {
		return nil, err
	}
	if err := s.addTransaction(b, verify); err != nil {
		return nil, err
	}
	if err := s.addDisclosure(b, verify); err != nil {
		return nil, err
	}
	return s, nil
}

// parseKey says what a tree key is about, and returns what decodes the record there.
func (s *Statement) parseKey(key []byte) (parse func([]byte) error, err error) {
	var id, second ids.ID
	if len(key) > 1 {
		copy(id[:], key[1:])
	}
	if len(key) > 1+len(id) {
		copy(second[:], key[1+len(id):])
	}
	for _, kind := range []struct {
		kind  Kind
		key   []byte
		parse func([]byte) error
	}{
		{KindTotals, chain.TotalsKey(), into(&s.Totals, chain.ParseTotals)},
		{KindIdentity, chain.IdentityKey(id), into(&s.Identity, chain.ParseIdentity)},
		{KindUsage, chain.UsageKey(id), into(&s.Usage, chain.ParseUsage)},
		{KindChannel, chain.ChannelKey(id), into(&s.Channel, chain.ParseChannel)},
		{KindSession, chain.SessionKey(id), into(&s.Session, chain.ParseSession)},
		{KindSessionKeys, chain.SessionKeysKey(id), into(&s.SessionKeys, chain.ParseSessionKeys)},
		{KindRotatedKey, chain.RotatedKeyKey(id, second), into(&s.RotatedKey, chain.ParseRotatedKey)},
		{KindReceipt, chain.ReceiptKey(id, second), into(&s.Receipt, chain.ParseReceipt)},
	} {
		if bytes.Equal(key, kind.key) {
			s.Kind, s.ID, s.Participant = kind.kind, id, second
			return kind.parse, nil
		}
	}
	if len(key) == len(chain.MessageKey(0)) {
		index := binary.BigEndian.Uint64(key[1:])
		if bytes.Equal(key, chain.MessageKey(index)) {
			s.Kind, s.Index = KindMessage, index
			return into(&s.Message, chain.ParseMessage), nil
		}
	}
	if bucket, ok := chain.ParseInvitationsKey(key); ok {
		s.Kind, s.Bucket = KindInvitations, bucket
		return into(&s.Invitations, chain.ParseInvitations), nil
	}
	return nil, refusal.Wrap(ErrStateKey, refusal.ErrProof, "a key of the state tree", fmt.Sprintf("%x", key))
}

func into[R any](target *R, parse func([]byte) (R, error)) func([]byte) error {
	return func(value []byte) error {
		record, err := parse(value)
		if err == nil {
			*target = record
		}
		return err
	}
}

func (s *Statement) addSessionKeys(encoded []byte) error {
	if len(encoded) == 0 {
		return nil
	}
	if s.Session == nil {
		return refusal.Wrap(ErrSessionKeys, refusal.ErrProof, "session keys only with a session that is there", s.Kind)
	}
	keys, err := chain.ParseSessionKeys(encoded)
	if err != nil {
		return err
	}
	if hash := keys.Hash(); hash != s.Session.KeysHash {
		return refusal.Wrap(ErrSessionKeys, refusal.ErrProof, "session keys with hash "+s.Session.KeysHash.String(), hash)
	}
	s.SessionKeys = keys
	return nil
}

// addTransaction checks the transaction against the record that commits to it.
func (s *Statement) addTransaction(b *Bundle, verify SignatureVerifier) error {
	hasKeys := len(b.KEMPublicKey) != 0 || len(b.DSAPublicKey) != 0
	if len(b.Transaction) == 0 {
		if hasKeys {
			return refusal.Wrap(ErrSigner, refusal.ErrProof, "public keys only with a transaction", "none")
		}
		return nil
	}
	tx, err := chain.ParseTransaction(s.ChainID, b.Transaction)
	if err != nil {
		return err
	}
	if err := s.checkTransaction(tx); err != nil {
		return err
	}
	s.Transaction, s.Contract = tx, tx.Warp != nil
	if !hasKeys {
		return nil
	}
	if s.Contract {
		return refusal.Wrap(ErrSigner, refusal.ErrProof, "no public keys of a contract", "some")
	}
	actor := tx.Body.Actor()
	if len(b.KEMPublicKey) != chain.KEMPublicKeySize || len(b.DSAPublicKey) != chain.DSAPublicKeySize ||
		chain.IdentityID(b.KEMPublicKey, b.DSAPublicKey) != actor {
		return refusal.Wrap(ErrSigner, refusal.ErrProof, "the public keys of "+actor.String(), "others")
	}
	if verify == nil {
		return nil
	}
	if err := verify(b.DSAPublicKey, tx.Body.Context(), tx.SigningBytes(), tx.Signature); err != nil {
		return fmt.Errorf("%w: %w", refusal.New(refusal.ErrBadSignature, "the signature of "+actor.String(), "another"), err)
	}
	s.SignatureVerified = true
	return nil
}

// checkTransaction checks that a transaction is the one that the record names: its ID
// commits to all of it but the signature. That the record's other fields say the same as
// the transaction is what validators checked; it is checked again because it is free.
func (s *Statement) checkTransaction(tx *chain.Transaction) error {
	var want ids.ID
	var same bool
	switch {
	case s.Message != nil:
		want = s.Message.ID
		body, ok := tx.Body.(*chain.SendMessage)
		same = ok && body.Session == s.Message.Session && body.Sender == s.Message.Sender
	case s.Receipt != nil:
		want = s.Receipt.Transaction
		body, ok := tx.Body.(*chain.Acknowledge)
		same = ok && body.Session == s.ID && body.Participant == s.Participant && body.Sequence == s.Receipt.Sequence && body.Transcript == s.Receipt.Transcript
	default:
		return refusal.Wrap(ErrTransaction, refusal.ErrProof, "a transaction only with a message or a receipt that is there", kindOf(s))
	}
	if id := tx.ID(); id != want {
		return refusal.Wrap(ErrTransaction, refusal.ErrProof, want.String(), id)
	}
	if !same {
		return refusal.Wrap(ErrTransaction, refusal.ErrProof, "a transaction that says what the record says", "another")
	}
	return nil
}
