package chain

import (
	"fmt"

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
)

// Body is what a transaction does: *RegisterIdentity, *PublishPrekey, *CreateSession,
// *SendMessage, *Acknowledge, *RotateKey, *CloseSession, *CreateChannel, *AddMember,
// *RemoveMember or *TransferChannel.
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
// body's context; that of a registration is an issuer's. It is immutable.
type Transaction struct {
	Body      Body
	Signature []byte // SignatureSize bytes; empty where nobody signs

	id      ids.ID
	signing []byte
	bytes   []byte
	leaf    Hash // of bytes, in a block's transactions tree
}

// SigningBytes returns what the actor of body signs on the chain: the chain ID, then
//
//   - for a message: session ID || sender ID || SHA-256(ciphertext), 128 bytes in all,
//     so that it can be signed and checked without the ciphertext and without a library
//     for the encoding;
//   - for all others: the canonical encoding of the transaction without its signature.
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
	tx := &Transaction{Body: body, Signature: wire.Signature, bytes: bytes}
	return tx, tx.finish(chainID)
}

// signs reports whether somebody signs a body: its actor, or of a registration an issuer.
func signs(body Body) bool {
	if registration, ok := body.(*RegisterIdentity); ok {
		return registration.Issuer != 0
	}
	return body.Actor() != ids.Empty
}

func (tx *Transaction) finish(chainID ids.ID) error {
	if len(tx.bytes) > MaxTransactionBytes {
		return refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a transaction of at most %d bytes", MaxTransactionBytes), len(tx.bytes))
	}
	if err := tx.Body.check(); err != nil {
		return err
	}
	switch signed := signs(tx.Body); {
	case signed && len(tx.Signature) != SignatureSize:
		return refusal.New(refusal.ErrSignatureSize, fmt.Sprintf("an ML-DSA-65 signature of %d bytes", SignatureSize), len(tx.Signature))
	case !signed && len(tx.Signature) != 0:
		return refusal.New(refusal.ErrUnexpectedSignature, "no signature, or a transaction that names who signs", len(tx.Signature))
	}
	tx.signing = SigningBytes(chainID, tx.Body)
	tx.id = transactionID(tx.Body, tx.signing)
	tx.leaf = transactionLeaf(tx.bytes)
	return nil
}

// ID returns the transaction's ID. It covers the chain ID and all but the signature.
func (tx *Transaction) ID() ids.ID { return tx.id }

// Bytes returns the canonical encoding. The caller must not change it.
func (tx *Transaction) Bytes() []byte { return tx.bytes }

// Leaf returns the transaction's leaf in the tree of a block's transactions. Unlike the ID
// it covers the signature.
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
