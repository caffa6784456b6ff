package chain

import (
	"fmt"

	"github.com/StephenButtolph/canoto"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// Signing contexts: the context parameter of ML-DSA-65 (FIPS 204, section 5.2), and the
// domain of a transaction's ID.
const (
	ContextRegisterIdentity = "sessionvm/register-identity/v1"
	ContextPublishPrekey    = "sessionvm/publish-prekey/v1"
	ContextCreateSession    = "sessionvm/create-session/v1"
	ContextMessage          = "sessionvm/message/v1"
	ContextAcknowledge      = "sessionvm/acknowledge/v1"
	ContextRotateKey        = "sessionvm/rotate-key/v1"
	ContextCloseSession     = "sessionvm/close-session/v1"
	ContextCreateChannel    = "sessionvm/create-channel/v1"
	ContextAddMember        = "sessionvm/add-member/v1"
	ContextRemoveMember     = "sessionvm/remove-member/v1"
	ContextTransferChannel  = "sessionvm/transfer-channel/v1"
	ContextInvite           = "sessionvm/invite/v1"

	ContextRegisterValidatorKey = "sessionvm/register-validator-key/v1"
)

// Body is what a transaction does: *RegisterIdentity, *PublishPrekey, *CreateSession,
// *SendMessage, *Acknowledge, *RotateKey, *CloseSession, *CreateChannel, *AddMember,
// *RemoveMember, *TransferChannel, *Invite or *RegisterValidatorKey.
type Body interface {
	// Context is the signing context and the domain of the transaction's ID.
	Context() string
	// Actor is the identity that acts and signs; ids.Empty where nobody signs.
	Actor() ids.ID
	// check refuses what is wrong whatever the state and the genesis are.
	check() error
	// unsigned returns the bytes that follow the chain ID in the signing bytes.
	unsigned() []byte
	wire() transactionWire
}

// Transaction is a body, and the actor's ML-DSA-65 signature over SigningBytes with the
// body's context; or what stands in its place if the actor is a contract of another chain. It is immutable.
type Transaction struct {
	Body      Body
	Signature []byte // SignatureSize bytes; empty where nobody signs, or Warp stands in its place

	// Warp is the Warp message of the contract that acts, nil if none does.
	Warp *ReceiveWarp

	// Registration is that of the actor, nil if the transaction carries none: who is not registered
	// registers with it, and then acts. Neither the ID nor the signature covers it. It has no deadline.
	Registration *RegisterIdentity

	id      ids.ID
	signing []byte
	bytes   []byte
	leaf    Hash // of bytes, in a block's transactions tree
	carried int  // bytes of the registration in bytes
}

// SigningBytes returns what the actor of body signs on the chain: the chain ID, then
//
//   - for a message: session ID || sender ID || SHA-256(ciphertext), 128 bytes in all,
//     so that it can be signed and checked without the ciphertext and without a library
//     for the encoding;
//   - for an invitation, which nobody signs and whose ID does not cover its work: bits (1 byte) ||
//     bucket (2) || SHA-256(head) || SHA-256(sealed) || deadline (8), numbers big endian;
//   - for a validator's key: the canonical encoding without the three signatures;
//   - for all others: the canonical encoding of the transaction without its signature and
//     registration.
func SigningBytes(chainID ids.ID, body Body) []byte {
	unsigned := body.unsigned()
	bytes := make([]byte, 0, len(chainID)+len(unsigned))
	return append(append(bytes, chainID[:]...), unsigned...)
}

// TransactionID returns SHA-256(context || 0x00 || signing bytes).
func TransactionID(chainID ids.ID, body Body) ids.ID {
	return transactionID(body, SigningBytes(chainID, body))
}

func transactionID(body Body, signing []byte) ids.ID {
	return ids.ID(domainHash(body.Context(), signing))
}

// MessageID returns the ID of a message, which is its transaction's ID. It commits to the
// chain, the session, the sender and the ciphertext's SHA-256 hash.
func MessageID(chainID, session, sender ids.ID, ciphertextHash Hash) ids.ID {
	return ids.ID(domainHash(ContextMessage, chainID[:], session[:], sender[:], ciphertextHash[:]))
}

// NewTransaction returns the transaction of a body and its signature, after the checks
// that need no state.
func NewTransaction(chainID ids.ID, body Body, signature []byte) (*Transaction, error) {
	wire := body.wire()
	wire.Signature = signature
	tx := &Transaction{Body: body, Signature: signature, bytes: wire.MarshalCanoto()}
	return tx, tx.finish(chainID)
}

// ParseTransaction decodes a transaction strictly and does the checks that need no state.
// The transaction keeps bytes: the caller must not change them.
func ParseTransaction(chainID ids.ID, bytes []byte) (*Transaction, error) {
	if len(bytes) > MaxTransactionBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a transaction of at most %d bytes", MaxTransactionBytes), len(bytes))
	}
	var wire transactionWire
	if err := unmarshal(bytes, &wire); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, "a canonically encoded transaction", err)
	}
	body := wire.body()
	if body == nil {
		return nil, refusal.New(refusal.ErrMalformed, "a transaction with a body", "none")
	}
	tx := &Transaction{Body: body, Signature: wire.Signature, Registration: wire.Registration, Warp: wire.ReceiveWarp, bytes: bytes}
	return tx, tx.finish(chainID)
}

// WithRegistration returns the transaction with the registration of its actor beside, after the
// checks that need no state: that its keys are the actor's, for one. The ID stays.
func (tx *Transaction) WithRegistration(registration *RegisterIdentity) (*Transaction, error) {
	with := *tx
	with.Registration = registration
	return &with, with.encode()
}

// WithoutRegistration returns the transaction without the registration that it carries. The ID stays.
func (tx *Transaction) WithoutRegistration() *Transaction {
	if tx.Registration == nil {
		return tx
	}
	without := *tx
	without.Registration = nil
	if err := without.encode(); err != nil {
		panic(err) // only a registration is checked
	}
	return &without
}

// encode computes what follows from the registration of a transaction that is right otherwise.
func (tx *Transaction) encode() error {
	wire := tx.Body.wire()
	wire.Signature, wire.Registration, wire.ReceiveWarp = tx.Signature, tx.Registration, tx.Warp
	tx.bytes = wire.MarshalCanoto()
	return tx.finishBytes()
}

func (tx *Transaction) finish(chainID ids.ID) error {
	if err := tx.Body.check(); err != nil {
		return err
	}
	if tx.Warp != nil {
		if err := tx.Warp.check(chainID, tx.Body); err != nil {
			return err
		}
	}
	if err := checkSignature(tx.Signs(), "a transaction that names who signs", tx.Signature); err != nil {
		return err
	}
	tx.signing = SigningBytes(chainID, tx.Body)
	tx.id = transactionID(tx.Body, tx.signing)
	return tx.finishBytes()
}

// finishBytes checks what the ID does not cover but the signature, and the size.
func (tx *Transaction) finishBytes() error {
	if len(tx.bytes) > MaxTransactionBytes {
		return refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a transaction of at most %d bytes", MaxTransactionBytes), len(tx.bytes))
	}
	tx.carried = 0
	if tx.Registration != nil {
		if tx.Warp != nil {
			return refusal.New(refusal.ErrRegistration, "no registration of a contract, which has no keys", "one")
		}
		if err := tx.Registration.checkCarried(tx.Body.Actor()); err != nil {
			return err
		}
		tx.Registration.CacheCanoto()
		size := tx.Registration.SizeCanoto()
		tx.carried = len(canotoTag_transactionWire__Registration) + int(canoto.SizeUint(size)+size)
	}
	tx.leaf = transactionLeaf(tx.bytes)
	return nil
}

// Signs reports whether an identity signs the transaction.
func (tx *Transaction) Signs() bool { return tx.Body.Actor() != ids.Empty && tx.Warp == nil }

// ID returns the transaction's ID. It covers the chain ID and the body, but not an invitation's work, nor the
// signatures that a RegisterValidatorKey holds, nor Warp.
func (tx *Transaction) ID() ids.ID { return tx.id }

// Bytes returns the canonical encoding. The caller must not change it.
func (tx *Transaction) Bytes() []byte { return tx.bytes }

// Carried returns how many of the bytes are those of the registration that the transaction carries.
func (tx *Transaction) Carried() int { return tx.carried }

// Leaf returns the transaction's leaf in the tree of a block's transactions. Unlike the ID
// it covers the signature, the registration and the work.
func (tx *Transaction) Leaf() Hash { return tx.leaf }

// SigningBytes returns what the actor has signed. The caller must not change it.
func (tx *Transaction) SigningBytes() []byte { return tx.signing }

// SessionID returns the ID of the session that a CreateSession transaction makes: the
// genesis idPrefix, then 31 bytes of a hash of the transaction ID.
func SessionID(prefix byte, chainID, transactionID ids.ID) ids.ID {
	id := ids.ID(domainHash(domainSession, chainID[:], transactionID[:]))
	id[0] = prefix
	return id
}

// ChannelID returns the ID of the channel that a CreateChannel transaction makes.
func ChannelID(chainID, transactionID ids.ID) ids.ID {
	return ids.ID(domainHash(domainChannel, chainID[:], transactionID[:]))
}
