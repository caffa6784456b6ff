package state

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// The keys of what is not in the tree. Numbers are big endian, 8 bytes.
//
//	A                                   height of the last accepted block
//	B || height                         place of the block in the block log, see blocklog.go
//	H || height                         header
//	I || block ID                       height
//	L                                   oldest height, but 0, whose block there is; none: 1
//	F                                   version of this layout
//	C || height || validator set hash   certificate of the block, see certificates.go
//	K || height                         checkpoint, see checkpoints.go
//	K || height || 1                    checkpoint by a change
//
// and the indexes, which follow from the tree (Q, P, S and the message part of T) and
// from the blocks (T and V), and which a block's layer holds until it is accepted:
//
//	T || transaction ID                 height, Location
//	S || session ID || sequence         message index
//	P || participant ID || whether it has acted, 1 byte || session's number
//	                                    session ID, creator
//	Q || kind || number                 session, identity or channel ID
//	V || bits || bucket || number       Location and compact form of the bucket's invitation, see invitations.go
//	O || session ID                     ID of the transaction that made the session
const (
	keyAccepted    = 'A'
	keyBlock       = 'B'
	keyHeader      = 'H'
	keyBlockID     = 'I'
	keyFormat      = 'F'
	keyLowest      = 'L'
	keyUpgrades    = 'U'
	keyTransaction = 'T'
	keySequence    = 'S'
	keyParticipant = 'P'
	keyQueue       = 'Q'
	keyOrigin      = 'O'
	keyCertificate = 'C'
	keyCheckpoint  = 'K'
	keyInvitation  = 'V'
)

// formatVersion is the version of the database's layout.
const formatVersion = 5

// Queue is a kind of record that is numbered as it is made, so that sweeps can visit it
// in that order.
type Queue byte

// The queues.
const (
	SessionQueue Queue = iota + 1
	IdentityQueue
	ChannelQueue
	ValidatorKeyQueue
)

// Location is where a transaction is in the chain.
type Location struct {
	Height   uint64
	Position uint32 // in the block, from 0
	Message  uint64 // the message's index, 0 if it is none
	Sequence uint64 // the message's in its session, from 1; 0 if it is none

	// The transaction's bytes in the block's encoding: a reader of one transaction reads
	// and decodes no others.
	Offset   uint32 // from chain.TransactionsOffset
	Size     uint32
	Checksum uint32 // CRC-32C
}

const locationSize = 8 + 4 + 8 + 8 + 4 + 4 + 4

// NewLocation returns the location of a transaction in a block in which those before it end
// at an offset.
func NewLocation(height uint64, position, offset uint32, tx *chain.Transaction) Location {
	return Location{
		Height:   height,
		Position: position,
		Offset:   offset + uint32(tx.BlockOffset()),
		Size:     uint32(len(tx.Bytes())),
		Checksum: crc32.Checksum(tx.Bytes(), crc32c),
	}
}

func (l Location) bytes() []byte {
	value := make([]byte, 0, locationSize)
	value = binary.BigEndian.AppendUint64(value, l.Height)
	value = binary.BigEndian.AppendUint32(value, l.Position)
	value = binary.BigEndian.AppendUint64(value, l.Message)
	value = binary.BigEndian.AppendUint64(value, l.Sequence)
	for _, n := range []uint32{l.Offset, l.Size, l.Checksum} {
		value = binary.BigEndian.AppendUint32(value, n)
	}
	return value
}

func parseLocation(value []byte) (Location, error) {
	if len(value) != locationSize {
		return Location{}, fmt.Errorf("damaged database: a location of %d bytes", len(value))
	}
	return Location{
		Height:   binary.BigEndian.Uint64(value),
		Position: binary.BigEndian.Uint32(value[8:]),
		Message:  binary.BigEndian.Uint64(value[12:]),
		Sequence: binary.BigEndian.Uint64(value[20:]),
		Offset:   binary.BigEndian.Uint32(value[28:]),
		Size:     binary.BigEndian.Uint32(value[32:]),
		Checksum: binary.BigEndian.Uint32(value[36:]),
	}, nil
}

func numberKey(prefix byte, number uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefix}, number)
}

func hashKey(prefix byte, id ids.ID) []byte {
	key := make([]byte, 1, 1+len(id)+1+8)
	key[0] = prefix
	return append(key, id[:]...)
}

func hashNumberKey(prefix byte, id ids.ID, number uint64) []byte {
	return binary.BigEndian.AppendUint64(hashKey(prefix, id), number)
}

// participantKey is where a session of a participant is in the index: those that it has acted in are
// apart from those that others have named it in.
func participantKey(participant ids.ID, acted bool, number uint64) []byte {
	key := append(hashKey(keyParticipant, participant), 0)
	if acted {
		key[len(key)-1] = 1
	}
	return binary.BigEndian.AppendUint64(key, number)
}

// participantEntry is what stands there: a reader who looks for the sessions of one creator reads no other leaf.
func participantEntry(id ids.ID, r *chain.Session) []byte {
	return append(id[:], r.Creator[:]...)
}

func parseListed(key, value []byte) (s ListedSession, err error) {
	if len(value) != 2*ids.IDLen {
		return s, fmt.Errorf("damaged database: a participant's session of %d bytes", len(value))
	}
	copy(s.ID[:], value)
	copy(s.Creator[:], value[ids.IDLen:])
	s.Number, err = parseUint64(key[1+ids.IDLen+1:])
	return s, err
}

func queueKey(queue Queue, number uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{keyQueue, byte(queue)}, number)
}

func uint64Bytes(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func parseUint64(value []byte) (uint64, error) {
	if len(value) != 8 {
		return 0, fmt.Errorf("damaged database: a number of %d bytes", len(value))
	}
	return binary.BigEndian.Uint64(value), nil
}
