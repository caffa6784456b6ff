package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/luxfi/ids"
	"golang.org/x/crypto/blake2b"

	"github.com/luxfi/session/refusal"
)

// HashSize is the size of every hash of the chain, in bytes.
const HashSize = sha256.Size

// Hash is a 32-byte SHA-256 hash that is not an ID: a state root, a transactions root,
// a hash of keys. Its text form is hex.
type Hash [HashSize]byte

// String returns the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It takes 64 hex digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != 2*HashSize {
		return refusal.New(refusal.ErrMalformed, "64 hex digits", fmt.Sprintf("%d characters", len(text)))
	}
	var decoded Hash
	if _, err := hex.Decode(decoded[:], text); err != nil {
		return refusal.New(refusal.ErrMalformed, "64 hex digits", string(text))
	}
	*h = decoded
	return nil
}

// domainHash returns SHA-256(domain || 0x00 || parts...). Domains are versioned strings
// without a zero byte, and callers pass parts of fixed size or a single variable one, so
// that no two inputs share an encoding.
func domainHash(domain string, parts ...[]byte) Hash {
	h := sha256.New()
	h.Write([]byte(domain))
	h.Write([]byte{0})
	for _, part := range parts {
		h.Write(part)
	}
	var sum Hash
	h.Sum(sum[:0])
	return sum
}

// Domains of hashes. Signing contexts are in transaction.go.
const (
	domainGenesis        = "sessionvm/genesis/v1"
	domainSession        = "sessionvm/session/v1"
	domainContract       = "sessionvm/contract/v1"
	domainChannel        = "sessionvm/channel/v1"
	domainKeys           = "sessionvm/session-keys/v1"
	domainChainID        = "sessionvm/chain/v1"
	domainTranscript     = "sessionvm/transcript/v1"
	domainWork           = "sessionvm/registration-work/v1"
	domainInvitationWork = "sessionvm/invitation-work/v1"
	domainInvitations    = "sessionvm/invitations/v1"
	domainValidatorKey   = "sessionvm/validator-key/v1"
	domainTxLeaf         = "\x00" // RFC 6962, section 2.1
	domainTxParent       = "\x01" // RFC 6962, section 2.1
)

// IdentityID returns the ID of an identity: BLAKE2b-256(KEM public key || DSA public key).
// It commits to both keys.
func IdentityID(kemPublicKey, dsaPublicKey []byte) (id ids.ID) {
	h, err := blake2b.New256(nil)
	if err != nil {
		panic(err) // only a key longer than 64 bytes fails
	}
	h.Write(kemPublicKey)
	h.Write(dsaPublicKey)
	h.Sum(id[:0])
	return id
}

// FirstTranscript returns the transcript of a session without messages:
// T(0) = H(domain, session ID). The session's ID commits to the chain.
func FirstTranscript(session ids.ID) Hash { return domainHash(domainTranscript, session[:]) }

// NextTranscript returns the transcript of a session after one more message:
// T(n) = H(domain, T(n-1) || message ID || timestamp), with the time of the message's block in
// Unix milliseconds as 8 bytes, big endian. The message's ID commits to session, sender and
// ciphertext. So a transcript commits to all messages of the session up to n, in their order.
func NextTranscript(previous Hash, message ids.ID, timestamp uint64) Hash {
	return domainHash(domainTranscript, previous[:], message[:], binary.BigEndian.AppendUint64(nil, timestamp))
}
