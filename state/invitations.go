package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	dbm "github.com/cometbft/cometbft-db"

	"github.com/luxfi/session/chain"
)

// Invitations have no leaves of their own. What readers scan of those of a bucket, and where they are, is in the
// index by their numbers, so that a page is read from neighbouring entries and not from as many blocks: it follows
// from the blocks, and from the count in the bucket's leaf, which the last of them has.

// IndexedInvitation is one of a bucket's invitations, and where it is.
type IndexedInvitation struct {
	Number uint64 // among those of the bucket, from 1
	chain.CompactInvitation
	Location
}

// invitationKey is where an invitation is in the index: bits (1 byte), bucket (2), and its number.
func invitationKey(bucket chain.Bucket, number uint64) []byte {
	key := chain.InvitationsKey(bucket)
	key[0] = keyInvitation
	return binary.BigEndian.AppendUint64(key, number)
}

func (i *IndexedInvitation) bytes() []byte {
	return i.CompactInvitation.AppendTo(i.Location.bytes())
}

func parseInvitation(key, value []byte) (i IndexedInvitation, err error) {
	if len(key) != len(invitationKey(chain.Bucket{}, 0)) || len(value) != locationSize+chain.CompactInvitationSize {
		return i, fmt.Errorf("damaged database: an invitation's entry of %d and %d bytes", len(key), len(value))
	}
	compact, err := chain.ParseCompactInvitations(bytes.Clone(value[locationSize:])) // the iterator's memory
	if err != nil {
		return i, err
	}
	i.Number, i.CompactInvitation = binary.BigEndian.Uint64(key[4:]), compact[0]
	i.Location, err = parseLocation(value[:locationSize])
	return i, err
}

// eachInvitation visits the entries of a bucket's invitations in their order, from a number on, until visit
// says that it has enough.
func eachInvitation(db dbm.DB, bucket chain.Bucket, from uint64, visit func(IndexedInvitation) (more bool)) error {
	it, err := db.Iterator(invitationKey(bucket, from), invitationKey(bucket, math.MaxUint64))
	if err != nil {
		return err
	}
	for more := true; more && it.Valid(); it.Next() {
		at, err := parseInvitation(it.Key(), it.Value())
		if err != nil {
			return errors.Join(err, it.Close())
		}
		more = visit(at)
	}
	return errors.Join(it.Error(), it.Close())
}

// EachInvitation visits the entries of a bucket's invitations that this node holds, in their order, from a
// number on, until visit says that it has enough. Their blocks may be newer than a snapshot.
func (s *Store) EachInvitation(bucket chain.Bucket, from uint64, visit func(IndexedInvitation) (more bool)) error {
	return eachInvitation(s.db, bucket, from, visit)
}

// InvitationAt returns the invitation at a place that EachInvitation has visited. It is refusal.ErrNotHeld
// if its block has been forgotten meanwhile.
func (s *Store) InvitationAt(at IndexedInvitation) (*chain.Invite, error) {
	header, err := s.HeaderAt(at.Height)
	if err != nil {
		return nil, err
	}
	tx, err := s.TransactionAt(header, at.Location)
	if err != nil {
		return nil, err
	}
	body, ok := tx.Body.(*chain.Invite)
	if !ok {
		return nil, fmt.Errorf("damaged database: transaction %d of block %d, an invitation, is a %T", at.Position, at.Height, tx.Body)
	}
	return body, nil
}

// Invitations returns a bucket's leaf.
func (c *Change) Invitations(bucket chain.Bucket) (*chain.Invitations, bool, error) {
	return c.invitations.get(c, bucket)
}

// AddInvitation writes the leaf of a bucket that has one more invitation, and that one's entry.
func (c *Change) AddInvitation(bucket chain.Bucket, r *chain.Invitations, compact *chain.CompactInvitation, location Location) {
	c.invitations.put(bucket, r)
	at := IndexedInvitation{CompactInvitation: *compact, Location: location}
	c.index[string(invitationKey(bucket, r.Count))] = at.bytes()
}

// Invitations returns a bucket's leaf.
func (s *Snapshot) Invitations(bucket chain.Bucket) (*chain.Invitations, error) {
	return read(s, chain.InvitationsKey(bucket), chain.ParseInvitations, "a bucket that has had an invitation", fmt.Sprint(bucket))
}

// Invitations returns a bucket's leaf, and whether there is one.
func (l Latest) Invitations(bucket chain.Bucket) (*chain.Invitations, bool, error) {
	return latestRecord(l, chain.InvitationsKey(bucket), chain.ParseInvitations)
}

// invitationNumbers gives the invitations of blocks their numbers. The blocks come from the newest to the
// oldest.
type invitationNumbers struct {
	last func(chain.Bucket) (uint64, error) // the number of a bucket's first that comes, the newest
	next map[chain.Bucket]uint64
}

func newInvitationNumbers(last func(chain.Bucket) (uint64, error)) *invitationNumbers {
	return &invitationNumbers{last: last, next: make(map[chain.Bucket]uint64)}
}

// take returns the number of the next invitation of a bucket.
func (n *invitationNumbers) take(bucket chain.Bucket) (number uint64, err error) {
	number, ok := n.next[bucket]
	if !ok {
		if number, err = n.last(bucket); err != nil {
			return 0, err
		}
	}
	if number == 0 {
		return 0, fmt.Errorf("damaged database: more invitations of bucket %v in the blocks than in its leaf", bucket)
	}
	n.next[bucket] = number - 1
	return number, nil
}

// entries returns the entries of a block's invitations, whose transactions are at locations.
func (n *invitationNumbers) entries(blk *chain.Block, locations []Location) (entries []write, err error) {
	for position := len(blk.Transactions) - 1; position >= 0; position-- {
		body, ok := blk.Transactions[position].Body.(*chain.Invite)
		if !ok {
			continue
		}
		number, err := n.take(body.To())
		if err != nil {
			return nil, err
		}
		at := IndexedInvitation{CompactInvitation: body.Compact(blk.Header.Timestamp), Location: locations[position]}
		entries = append(entries, write{invitationKey(body.To(), number), at.bytes()})
	}
	return entries, nil
}

// invitations returns the keys of a block's invitations in the index, and of older ones of their buckets.
func (f *forgetting) invitations(blk *chain.Block) (keys [][]byte, err error) {
	for _, tx := range blk.Transactions {
		body, ok := tx.Body.(*chain.Invite)
		if !ok {
			continue
		}
		if err := eachInvitation(f.db, body.To(), f.invited[body.To()]+1, func(at IndexedInvitation) bool {
			if at.Height > blk.Header.Height {
				return false
			}
			keys = append(keys, invitationKey(body.To(), at.Number))
			f.invited[body.To()] = at.Number
			return true
		}); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// lastInvitation returns the number of the latest invitation of a bucket that is not in the index.
func (s *Store) lastInvitation(bucket chain.Bucket) (number uint64, err error) {
	indexed := false
	if err := eachInvitation(s.db, bucket, 0, func(at IndexedInvitation) bool {
		number, indexed = at.Number-1, true
		return false
	}); err != nil || indexed {
		return number, err
	}
	return s.countedInvitations(bucket)
}

// countedInvitations returns how many invitations a bucket's leaf counts.
func (s *Store) countedInvitations(bucket chain.Bucket) (uint64, error) {
	invitations, exists, err := s.Latest().Invitations(bucket)
	if err != nil || !exists {
		return 0, err
	}
	return invitations.Count, nil
}
