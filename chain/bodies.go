package chain

//go:generate go tool canoto $GOFILE

import (
	"crypto/sha256"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// RegisterIdentity puts both public keys of an identity on the chain. The identity does not sign:
// the ID commits to the keys. Registered again later, it renews. The genesis says what it costs, see
// Registration. A transaction of the identity may carry it, see Transaction.
type RegisterIdentity struct {
	KEMPublicKey []byte `canoto:"bytes,1"` // KEMPublicKeySize bytes
	DSAPublicKey []byte `canoto:"bytes,2"` // DSAPublicKeySize bytes
	Deadline     uint64 `canoto:"uint,3"`  // Unix milliseconds: no block later than this may hold it; 0 if it is carried
	Work         uint64 `canoto:"uint,4"`  // see Challenge; 0 where none is asked for
	Issuer       uint64 `canoto:"uint,5"`  // place of the issuer's key in the genesis, from 1; 0: no issuer has signed
	Until        uint64 `canoto:"uint,6"`  // Unix milliseconds: how long the issuer admits the identity; 0 without one
	Admission    []byte `canoto:"bytes,7"` // the issuer's signature over AdmissionBytes, SignatureSize bytes; empty without one

	canotoData canotoData_RegisterIdentity
}

// PublishPrekey puts an identity's next prekey on the chain: the X-Wing key
// (draft-connolly-cfrg-xwing-kem) that others seal a first message to, together with the
// identity's ML-KEM-768 key. It takes the place of the one before.
type PublishPrekey struct {
	Identity  ids.ID `canoto:"fixed bytes,1"`
	PublicKey []byte `canoto:"bytes,2"` // PrekeySize bytes
	Number    uint64 `canoto:"uint,3"`  // the identity's prekey number plus one; the first prekey has 1
	Deadline  uint64 `canoto:"uint,4"`  // Unix milliseconds: no block later than this may hold it

	canotoData canotoData_PublishPrekey
}

// CreateSession makes a session. Without a creator it is LP-42's plain CreateSession: no
// signature, and the session is pending until a participant acts. With a creator, who
// signs, it is active at once.
//
// A session of a channel has exactly the channel's members, in their order, and its metadata,
// and names the channel's version and the session before. There is one that is in use at a time.
type CreateSession struct {
	Participants []ids.ID        `canoto:"repeated fixed bytes,1"` // at least one, each once
	PublicKeys   [][]byte        `canoto:"repeated bytes,2"`       // the participants' ML-KEM-768 session keys, in their order; or none, where they know each other's already
	Metadata     []MetadataEntry `canoto:"repeated value,3"`
	Creator      ids.ID          `canoto:"fixed bytes,4"` // a participant; empty for a plain session
	Channel      ids.ID          `canoto:"fixed bytes,5"` // the channel whose session this is; empty if none
	Nonce        uint64          `canoto:"fint64,6"`      // makes two sessions of the same participants differ
	Deadline     uint64          `canoto:"uint,7"`        // Unix milliseconds: no block later than this may hold it

	ChannelVersion uint64 `canoto:"uint,8"`        // of the channel; 0 without one
	Previous       ids.ID `canoto:"fixed bytes,9"` // the channel's latest session; empty if it has had none

	Single bool `canoto:"bool,10"` // the creator makes one such session: its leaf names it, see Identity

	canotoData canotoData_CreateSession
}

// MetadataEntry is one pair of a session's or channel's metadata. Entries are sorted by
// key and keys are unique.
type MetadataEntry struct {
	Key   string `canoto:"string,1"`
	Value string `canoto:"string,2"`

	canotoData canotoData_MetadataEntry
}

// SendMessage appends a message to a session.
type SendMessage struct {
	Session    ids.ID `canoto:"fixed bytes,1"`
	Sender     ids.ID `canoto:"fixed bytes,2"`
	Ciphertext []byte `canoto:"bytes,3"`

	canotoData canotoData_SendMessage
}

// Acknowledge is a receipt: the participant has every message up to the sequence, and these
// messages have the transcript. The chain refuses another transcript.
type Acknowledge struct {
	Session     ids.ID `canoto:"fixed bytes,1"`
	Participant ids.ID `canoto:"fixed bytes,2"`
	Sequence    uint64 `canoto:"uint,3"`
	Transcript  Hash   `canoto:"fixed bytes,4"` // after the message of the sequence

	canotoData canotoData_Acknowledge
}

// RotateKey gives a participant a new session KEM key.
type RotateKey struct {
	Session     ids.ID `canoto:"fixed bytes,1"`
	Participant ids.ID `canoto:"fixed bytes,2"`
	PublicKey   []byte `canoto:"bytes,3"` // KEMPublicKeySize bytes
	Epoch       uint64 `canoto:"uint,4"`  // the participant's key epoch plus one; the first key has epoch 0

	canotoData canotoData_RotateKey
}

// CloseSession closes a session for good.
type CloseSession struct {
	Session     ids.ID `canoto:"fixed bytes,1"`
	Participant ids.ID `canoto:"fixed bytes,2"`

	canotoData canotoData_CloseSession
}

// CreateChannel makes a channel: a durable group.
type CreateChannel struct {
	Owner    ids.ID          `canoto:"fixed bytes,1"`
	Members  []ids.ID        `canoto:"repeated fixed bytes,2"` // without the owner, each once
	Metadata []MetadataEntry `canoto:"repeated value,3"`
	Nonce    uint64          `canoto:"fint64,4"`
	Deadline uint64          `canoto:"uint,5"` // Unix milliseconds: no block later than this may hold it

	canotoData canotoData_CreateChannel
}

// AddMember adds a member to a channel. Its owner signs.
type AddMember struct {
	Channel ids.ID `canoto:"fixed bytes,1"`
	Owner   ids.ID `canoto:"fixed bytes,2"`
	Member  ids.ID `canoto:"fixed bytes,3"`
	Version uint64 `canoto:"uint,4"` // the channel's version that this changes

	canotoData canotoData_AddMember
}

// RemoveMember removes a member from a channel. Its owner signs, or the member itself. A
// channel whose owner leaves is closed.
type RemoveMember struct {
	Channel ids.ID `canoto:"fixed bytes,1"`
	Remover ids.ID `canoto:"fixed bytes,2"`
	Member  ids.ID `canoto:"fixed bytes,3"`
	Version uint64 `canoto:"uint,4"` // the channel's version that this changes

	canotoData canotoData_RemoveMember
}

// TransferChannel makes another member the owner of a channel. Its owner signs.
type TransferChannel struct {
	Channel ids.ID `canoto:"fixed bytes,1"`
	Owner   ids.ID `canoto:"fixed bytes,2"`
	Member  ids.ID `canoto:"fixed bytes,3"` // the next owner
	Version uint64 `canoto:"uint,4"`        // the channel's version that this changes

	canotoData canotoData_TransferChannel
}

// transactionWire is the encoding of a transaction.
type transactionWire struct {
	RegisterIdentity     *RegisterIdentity     `canoto:"pointer,1,Body"`
	CreateSession        *CreateSession        `canoto:"pointer,2,Body"`
	SendMessage          *SendMessage          `canoto:"pointer,3,Body"`
	Acknowledge          *Acknowledge          `canoto:"pointer,4,Body"`
	RotateKey            *RotateKey            `canoto:"pointer,5,Body"`
	CloseSession         *CloseSession         `canoto:"pointer,6,Body"`
	CreateChannel        *CreateChannel        `canoto:"pointer,7,Body"`
	AddMember            *AddMember            `canoto:"pointer,8,Body"`
	RemoveMember         *RemoveMember         `canoto:"pointer,9,Body"`
	PublishPrekey        *PublishPrekey        `canoto:"pointer,10,Body"`
	TransferChannel      *TransferChannel      `canoto:"pointer,11,Body"`
	Invite               *Invite               `canoto:"pointer,12,Body"`
	RegisterValidatorKey *RegisterValidatorKey `canoto:"pointer,13,Body"`
	Signature            []byte                `canoto:"bytes,16"`
	Registration         *RegisterIdentity     `canoto:"pointer,17"`
	ReceiveWarp          *ReceiveWarp          `canoto:"pointer,18"`

	canotoData canotoData_transactionWire
}

func (w *transactionWire) body() Body {
	switch {
	case w.RegisterIdentity != nil:
		return w.RegisterIdentity
	case w.CreateSession != nil:
		return w.CreateSession
	case w.SendMessage != nil:
		return w.SendMessage
	case w.Acknowledge != nil:
		return w.Acknowledge
	case w.RotateKey != nil:
		return w.RotateKey
	case w.CloseSession != nil:
		return w.CloseSession
	case w.CreateChannel != nil:
		return w.CreateChannel
	case w.AddMember != nil:
		return w.AddMember
	case w.RemoveMember != nil:
		return w.RemoveMember
	case w.PublishPrekey != nil:
		return w.PublishPrekey
	case w.TransferChannel != nil:
		return w.TransferChannel
	case w.Invite != nil:
		return w.Invite
	case w.RegisterValidatorKey != nil:
		return w.RegisterValidatorKey
	default:
		return nil
	}
}

func (b *RegisterIdentity) wire() transactionWire { return transactionWire{RegisterIdentity: b} }
func (b *PublishPrekey) wire() transactionWire    { return transactionWire{PublishPrekey: b} }
func (b *CreateSession) wire() transactionWire    { return transactionWire{CreateSession: b} }
func (b *SendMessage) wire() transactionWire      { return transactionWire{SendMessage: b} }
func (b *Acknowledge) wire() transactionWire      { return transactionWire{Acknowledge: b} }
func (b *RotateKey) wire() transactionWire        { return transactionWire{RotateKey: b} }
func (b *CloseSession) wire() transactionWire     { return transactionWire{CloseSession: b} }
func (b *CreateChannel) wire() transactionWire    { return transactionWire{CreateChannel: b} }
func (b *AddMember) wire() transactionWire        { return transactionWire{AddMember: b} }
func (b *RemoveMember) wire() transactionWire     { return transactionWire{RemoveMember: b} }

func (b *TransferChannel) wire() transactionWire { return transactionWire{TransferChannel: b} }

// Context implements Body.
func (*RegisterIdentity) Context() string { return ContextRegisterIdentity }

// Context implements Body.
func (*PublishPrekey) Context() string { return ContextPublishPrekey }

// Context implements Body.
func (*CreateSession) Context() string { return ContextCreateSession }

// Context implements Body.
func (*SendMessage) Context() string { return ContextMessage }

// Context implements Body.
func (*Acknowledge) Context() string { return ContextAcknowledge }

// Context implements Body.
func (*RotateKey) Context() string { return ContextRotateKey }

// Context implements Body.
func (*CloseSession) Context() string { return ContextCloseSession }

// Context implements Body.
func (*CreateChannel) Context() string { return ContextCreateChannel }

// Context implements Body.
func (*AddMember) Context() string { return ContextAddMember }

// Context implements Body.
func (*RemoveMember) Context() string { return ContextRemoveMember }

// Context implements Body.
func (*TransferChannel) Context() string { return ContextTransferChannel }

// Actor implements Body. Nobody signs a registration.
func (*RegisterIdentity) Actor() ids.ID { return ids.Empty }

// Actor implements Body.
func (b *PublishPrekey) Actor() ids.ID { return b.Identity }

// Actor implements Body. Nobody signs a plain session.
func (b *CreateSession) Actor() ids.ID { return b.Creator }

// Actor implements Body.
func (b *SendMessage) Actor() ids.ID { return b.Sender }

// Actor implements Body.
func (b *Acknowledge) Actor() ids.ID { return b.Participant }

// Actor implements Body.
func (b *RotateKey) Actor() ids.ID { return b.Participant }

// Actor implements Body.
func (b *CloseSession) Actor() ids.ID { return b.Participant }

// Actor implements Body.
func (b *CreateChannel) Actor() ids.ID { return b.Owner }

// Actor implements Body.
func (b *AddMember) Actor() ids.ID { return b.Owner }

// Actor implements Body.
func (b *RemoveMember) Actor() ids.ID { return b.Remover }

// Actor implements Body.
func (b *TransferChannel) Actor() ids.ID { return b.Owner }

func encodeUnsigned(b Body) []byte {
	wire := b.wire()
	return wire.MarshalCanoto()
}

func (b *RegisterIdentity) unsigned() []byte { return encodeUnsigned(b) }
func (b *PublishPrekey) unsigned() []byte    { return encodeUnsigned(b) }
func (b *CreateSession) unsigned() []byte    { return encodeUnsigned(b) }
func (b *Acknowledge) unsigned() []byte      { return encodeUnsigned(b) }
func (b *RotateKey) unsigned() []byte        { return encodeUnsigned(b) }
func (b *CloseSession) unsigned() []byte     { return encodeUnsigned(b) }
func (b *CreateChannel) unsigned() []byte    { return encodeUnsigned(b) }
func (b *AddMember) unsigned() []byte        { return encodeUnsigned(b) }
func (b *RemoveMember) unsigned() []byte     { return encodeUnsigned(b) }
func (b *TransferChannel) unsigned() []byte  { return encodeUnsigned(b) }

func (b *SendMessage) unsigned() []byte {
	hash := sha256.Sum256(b.Ciphertext)
	bytes := make([]byte, 0, len(b.Session)+len(b.Sender)+len(hash))
	bytes = append(bytes, b.Session[:]...)
	bytes = append(bytes, b.Sender[:]...)
	return append(bytes, hash[:]...)
}

func (b *PublishPrekey) check() error {
	if err := checkSize("X-Wing public key", b.PublicKey, PrekeySize); err != nil {
		return err
	}
	if b.Number == 0 {
		return refusal.New(refusal.ErrPrekeyNumber, "a number of 1 or more: the first prekey has 1", 0)
	}
	return checkActor(b.Identity)
}

func (b *CreateSession) check() error {
	if err := checkIdentities("participants", b.Participants, 1); err != nil {
		return err
	}
	if err := b.checkKeyCount(); err != nil {
		return err
	}
	for _, key := range b.PublicKeys {
		if err := checkSize("ML-KEM-768 public key", key, KEMPublicKeySize); err != nil {
			return err
		}
	}
	if b.Creator == ids.Empty && b.Channel != ids.Empty {
		return refusal.New(refusal.ErrSignatureRequired, "a signature on a session of a channel", "none")
	}
	if b.Single && b.Creator == ids.Empty {
		return refusal.New(refusal.ErrSignatureRequired, "a signature on a single session", "none")
	}
	if b.Single && b.Channel != ids.Empty {
		return refusal.New(refusal.ErrSingleSession, "a single session without a channel, which has sessions one by one anyway", b.Channel)
	}
	if b.Channel == ids.Empty && (b.ChannelVersion != 0 || b.Previous != ids.Empty) {
		return refusal.New(refusal.ErrUnknownChannel, "a channel with a channel's version and previous session", "none")
	}
	return checkMetadata(b.Metadata)
}

// checkKeyCount refuses a part of the keys. There may be none where somebody signs, and there are none of a single session:
// who takes part has told the others its keys before, or is a contract and has none.
func (b *CreateSession) checkKeyCount() error {
	switch n := len(b.PublicKeys); {
	case n == 0 && (b.Single || b.Creator != ids.Empty), n == len(b.Participants) && !b.Single:
		return nil
	case b.Single:
		return refusal.New(refusal.ErrKeyCount, "no public keys of a single session", n)
	default:
		return refusal.New(refusal.ErrKeyCount, fmt.Sprintf("%d public keys, one for each participant; or none of a session that somebody signs", len(b.Participants)), n)
	}
}

func (b *SendMessage) check() error {
	if len(b.Ciphertext) == 0 {
		return refusal.New(refusal.ErrCiphertextSize, "a ciphertext of at least one byte", 0)
	}
	return checkActor(b.Sender)
}

func (b *Acknowledge) check() error {
	if b.Sequence == 0 {
		return refusal.New(refusal.ErrStaleReceipt, "a sequence of 1 or more: the first message has 1", 0)
	}
	return checkActor(b.Participant)
}

func (b *RotateKey) check() error {
	if err := checkSize("ML-KEM-768 public key", b.PublicKey, KEMPublicKeySize); err != nil {
		return err
	}
	return checkActor(b.Participant)
}

func (b *CloseSession) check() error { return checkActor(b.Participant) }

func (b *CreateChannel) check() error {
	if err := checkActor(b.Owner); err != nil {
		return err
	}
	if err := checkIdentities("members", b.Members, 0); err != nil {
		return err
	}
	for _, member := range b.Members {
		if member == b.Owner {
			return refusal.New(refusal.ErrDuplicateParticipant, "members without the owner, who is one anyway", member)
		}
	}
	return checkMetadata(b.Metadata)
}

func (b *AddMember) check() error {
	if b.Member == ids.Empty {
		return refusal.New(refusal.ErrParticipantCount, "a member's ID", "none")
	}
	return checkActor(b.Owner)
}

func (b *RemoveMember) check() error { return checkActor(b.Remover) }

func (b *TransferChannel) check() error { return checkActor(b.Owner) }
