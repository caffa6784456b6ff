package chain

//go:generate go tool canoto $GOFILE

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

const (
	// InvitationHeadSize is the size of the part of an invitation that readers scan, in bytes: an
	// X-Wing ciphertext of 1,120, and 32 that confirm to its recipient that it is theirs.
	InvitationHeadSize = 1120 + 32

	// MaxBucketBits bounds the bits of an identity's ID that an invitation shows.
	MaxBucketBits = 16
)

// InvitationSizes are the sizes that the sealed part of an invitation may have, in bytes. They are
// few, so that a size says little of what is inside.
var InvitationSizes = []int{8 << 10, 12 << 10, 32 << 10}

// Invite carries a sealed envelope for somebody, without saying for whom. Nobody signs it: work pays
// for it. What it shows of its recipient is a bucket, some leading bits of the identity's ID, so that
// readers need not look at everybody's.
type Invite struct {
	Bits     uint64 `canoto:"uint,1"`  // of the bucket: those that Totals.BucketBitsAt says
	Bucket   uint64 `canoto:"uint,2"`  // the first Bits bits of the recipient's identity ID, as a number; below 1 << Bits
	Head     []byte `canoto:"bytes,3"` // InvitationHeadSize bytes
	Sealed   []byte `canoto:"bytes,4"` // one of InvitationSizes
	Deadline uint64 `canoto:"uint,5"`  // Unix milliseconds: no block later than this may hold it
	Work     uint64 `canoto:"uint,6"`  // see NewInvitationChallenge; the transaction's ID does not cover it

	canotoData canotoData_Invite
}

// Bucket is the identities whose IDs begin with the same bits.
type Bucket struct {
	Bits   uint64 // how many; at most MaxBucketBits
	Number uint64 // the bits, as a number
}

// BucketOf returns the bucket of an identity.
func BucketOf(identity ids.ID, bits uint64) Bucket {
	return Bucket{bits, uint64(binary.BigEndian.Uint16(identity[:])) >> (MaxBucketBits - bits)}
}

// Check refuses a bucket that there can't be.
func (b Bucket) Check() error {
	if b.Bits > MaxBucketBits || b.Number >= 1<<b.Bits {
		return refusal.New(refusal.ErrInvitation, fmt.Sprintf("a bucket of at most %d bits, below 1 << bits", MaxBucketBits), fmt.Sprintf("%d of %d bits", b.Number, b.Bits))
	}
	return nil
}

// bytes returns the bits (1 byte) and the number (2 bytes, big endian).
func (b Bucket) bytes() []byte {
	return binary.BigEndian.AppendUint16([]byte{byte(b.Bits)}, uint16(b.Number))
}

// To returns the bucket that the invitation is for.
func (b *Invite) To() Bucket { return Bucket{b.Bits, b.Bucket} }

func (b *Invite) wire() transactionWire { return transactionWire{Invite: b} }

// Context implements Body.
func (*Invite) Context() string { return ContextInvite }

// Actor implements Body. Nobody signs an invitation.
func (*Invite) Actor() ids.ID { return ids.Empty }

func (b *Invite) unsigned() []byte {
	head, sealed := sha256.Sum256(b.Head), sha256.Sum256(b.Sealed)
	unsigned := append(append(b.To().bytes(), head[:]...), sealed[:]...)
	return binary.BigEndian.AppendUint64(unsigned, b.Deadline)
}

func (b *Invite) check() error {
	if err := b.To().Check(); err != nil {
		return err
	}
	if len(b.Head) != InvitationHeadSize || !slices.Contains(InvitationSizes, len(b.Sealed)) {
		return refusal.New(refusal.ErrInvitation, fmt.Sprintf("a head of %d bytes, and a sealed part of one of %v", InvitationHeadSize, InvitationSizes), fmt.Sprintf("%d and %d", len(b.Head), len(b.Sealed)))
	}
	return nil
}

// Invitations is the leaf of a bucket: how many invitations it has had, and their transcript. There
// is none before the first. Buckets of different bits have leaves of their own.
type Invitations struct {
	Count      uint64 `canoto:"uint,1"`
	Transcript Hash   `canoto:"fixed bytes,2"` // after the last one; see NextInvitation
	// Marks are where the invitations of each period of Genesis.InvitationPeriod begin that is not
	// past retention, and has any. So a reader knows from the leaf from which number on all must be
	// shown, and begins there with a transcript that is proven.
	Marks []InvitationMark `canoto:"repeated value,3"`

	canotoData canotoData_Invitations
}

// InvitationMark is where the invitations of a period begin in a bucket.
type InvitationMark struct {
	Period     uint64 `canoto:"uint,1"`
	Before     uint64 `canoto:"uint,2"`        // how many invitations the bucket has had before
	Transcript Hash   `canoto:"fixed bytes,3"` // after that many

	canotoData canotoData_InvitationMark
}

// NewInvitations returns what a bucket has before its first invitation.
func NewInvitations(chainID ids.ID, bucket Bucket) *Invitations {
	return &Invitations{Transcript: FirstInvitation(chainID, bucket)}
}

// Add counts one more invitation.
func (i *Invitations) Add(genesis *Genesis, compact *CompactInvitation) {
	period := genesis.InvitationPeriod(compact.Timestamp)
	if n := len(i.Marks); n == 0 || i.Marks[n-1].Period < period {
		i.Marks = append(i.Marks, InvitationMark{Period: period, Before: i.Count, Transcript: i.Transcript})
	}
	for i.Marks[0].Period+InvitationPeriods <= period {
		i.Marks = i.Marks[1:]
	}
	i.Count++
	i.Transcript = compact.Next(i.Transcript)
}

// Begin returns after which invitation of the bucket those begin that nodes keep at a block time, Unix
// milliseconds, and the transcript after it.
func (i *Invitations) Begin(genesis *Genesis, now uint64) (before uint64, transcript Hash) {
	period := genesis.InvitationPeriod(now)
	for m := range i.Marks {
		if mark := &i.Marks[m]; mark.Period+InvitationPeriods > period {
			return mark.Before, mark.Transcript
		}
	}
	return i.Count, i.Transcript
}

// Bytes returns the canonical encoding, the leaf's value.
func (i *Invitations) Bytes() []byte { return i.MarshalCanoto() }

// ParseInvitations decodes a bucket's leaf strictly.
func ParseInvitations(value []byte) (*Invitations, error) {
	return parseRecord(value, new(Invitations))
}

// ParseInvitationsKey returns the bucket of a leaf's key, and whether it is one.
func ParseInvitationsKey(key []byte) (bucket Bucket, ok bool) {
	if len(key) == 4 {
		bucket = Bucket{uint64(key[1]), uint64(binary.BigEndian.Uint16(key[2:]))}
	}
	return bucket, bucket.Check() == nil && bytes.Equal(key, InvitationsKey(bucket))
}

// FirstInvitation returns the transcript of a bucket before its first invitation:
// T(0) = H(domain, chain ID || bits || number), with 1 and 2 bytes, big endian.
func FirstInvitation(chainID ids.ID, bucket Bucket) Hash {
	return domainHash(domainInvitations, chainID[:], bucket.bytes())
}

// NextInvitation returns the transcript of a bucket after one more invitation:
// T(n) = H(domain, T(n-1) || SHA-256(head) || SHA-256(sealed) || timestamp), with the time of the
// block in Unix milliseconds as 8 bytes, big endian. So who has the heads, the times, and the hashes
// of the rest knows that a node has hidden no invitation, and shown none that there is not.
//
// T(n) commits backwards: it has one chain of n predecessors. So numbers, times and transcripts that a
// node has claimed for earlier ones are proven too once they lead to the transcript of a leaf.
func NextInvitation(previous, head, sealed Hash, timestamp uint64) Hash {
	return domainHash(domainInvitations, previous[:], head[:], sealed[:], binary.BigEndian.AppendUint64(nil, timestamp))
}

// CompactInvitationSize is the size of an encoded CompactInvitation, in bytes.
const CompactInvitationSize = 8 + InvitationHeadSize + HashSize

// CompactInvitation is what readers scan of an invitation, and what its bucket's transcript covers.
type CompactInvitation struct {
	Timestamp uint64 // of its block, Unix milliseconds
	Head      []byte // InvitationHeadSize bytes
	Sealed    Hash   // SHA-256 of the sealed part
}

// Compact returns the compact form of an invitation in a block of a time, Unix milliseconds.
func (b *Invite) Compact(timestamp uint64) CompactInvitation {
	return CompactInvitation{Timestamp: timestamp, Head: b.Head, Sealed: sha256.Sum256(b.Sealed)}
}

// AppendTo appends the encoding: the time (8 bytes, big endian), the head and the hash.
func (c *CompactInvitation) AppendTo(encoded []byte) []byte {
	encoded = binary.BigEndian.AppendUint64(encoded, c.Timestamp)
	return append(append(encoded, c.Head...), c.Sealed[:]...)
}

// ParseCompactInvitations decodes invitations that were encoded one after the other. Heads alias the
// input.
func ParseCompactInvitations(encoded []byte) ([]CompactInvitation, error) {
	if len(encoded)%CompactInvitationSize != 0 {
		return nil, refusal.New(refusal.ErrMalformed, fmt.Sprintf("compact invitations of %d bytes each", CompactInvitationSize), len(encoded))
	}
	list := make([]CompactInvitation, 0, len(encoded)/CompactInvitationSize)
	for ; len(encoded) > 0; encoded = encoded[CompactInvitationSize:] {
		head := encoded[8:][:InvitationHeadSize:InvitationHeadSize]
		list = append(list, CompactInvitation{binary.BigEndian.Uint64(encoded), head, Hash(encoded[8+InvitationHeadSize:][:HashSize])})
	}
	return list, nil
}

// Next returns the bucket's transcript after the invitation.
func (c *CompactInvitation) Next(previous Hash) Hash {
	return NextInvitation(previous, sha256.Sum256(c.Head), c.Sealed, c.Timestamp)
}

// Check refuses what is not the invitation's sealed part.
func (c *CompactInvitation) Check(sealed []byte) error {
	if hash := Hash(sha256.Sum256(sealed)); hash != c.Sealed {
		return refusal.New(refusal.ErrProof, "a sealed part with the hash "+c.Sealed.String(), hash)
	}
	return nil
}
