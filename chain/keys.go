package chain

import (
	"encoding/binary"

	"github.com/luxfi/ids"
)

// The tree's keys. A key is a one-byte prefix and fixed-size parts:
//
//	0x00                                    Totals, from the genesis on
//	0x01 || identity ID                     Identity
//	0x02 || channel ID                      Channel
//	0x03 || session ID                      Session
//	0x04 || message index, big endian       Message, appended in order
//	0x05 || session ID || participant ID    Receipt
//	0x06 || session ID                      SessionKeys
//	0x07 || session ID || participant ID    RotatedKey
//	0x08 || identity ID                     Usage
//	0x09 || bits (1) || bucket (2)          Invitations
//	0x0a || ValidatorKeyID                  ValidatorKey
const (
	prefixTotals byte = iota
	prefixIdentity
	prefixChannel
	prefixSession
	prefixMessage
	prefixReceipt
	prefixSessionKeys
	prefixRotatedKey
	prefixUsage
	prefixInvitations
	prefixValidatorKey
)

// MaxKeyBytes is the size of the longest key.
const MaxKeyBytes = 1 + 2*32

// TotalsKey returns the key of the chain's Totals.
func TotalsKey() []byte { return []byte{prefixTotals} }

// IdentityKey returns the key of an Identity, 33 bytes.
func IdentityKey(identity ids.ID) []byte { return idKey(prefixIdentity, identity) }

// ChannelKey returns the key of a Channel, 33 bytes.
func ChannelKey(channel ids.ID) []byte { return idKey(prefixChannel, channel) }

// SessionKey returns the key of a Session, 33 bytes.
func SessionKey(session ids.ID) []byte { return idKey(prefixSession, session) }

// SessionKeysKey returns the key of a session's SessionKeys, 33 bytes.
func SessionKeysKey(session ids.ID) []byte { return idKey(prefixSessionKeys, session) }

// MessageKey returns the key of a Message, 9 bytes.
func MessageKey(index uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefixMessage}, index)
}

// ReceiptKey returns the key of a participant's Receipt, 65 bytes.
func ReceiptKey(session, participant ids.ID) []byte {
	return append(idKey(prefixReceipt, session), participant[:]...)
}

// RotatedKeyKey returns the key of a participant's RotatedKey, 65 bytes.
func RotatedKeyKey(session, participant ids.ID) []byte {
	return append(idKey(prefixRotatedKey, session), participant[:]...)
}

// UsageKey returns the key of an identity's Usage, 33 bytes.
func UsageKey(identity ids.ID) []byte { return idKey(prefixUsage, identity) }

// InvitationsKey returns the key of a bucket's Invitations, 4 bytes.
func InvitationsKey(bucket Bucket) []byte {
	return append([]byte{prefixInvitations}, bucket.bytes()...)
}

func idKey(prefix byte, id ids.ID) []byte {
	key := make([]byte, 1, 1+2*len(id))
	key[0] = prefix
	return append(key, id[:]...)
}
