package state

import (
	"fmt"
	"hash/crc32"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// HeaderAt returns the header of the accepted block of a height. It is refusal.ErrNotHeld for
// one whose block this node does not hold, refusal.ErrNotFound for one that there is not.
func (s *Store) HeaderAt(height uint64) (*chain.Header, error) {
	value, err := s.db.Get(numberKey(keyHeader, height))
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, s.missing(height)
	}
	return chain.ParseHeader(value)
}

// missing is the refusal of a height that the database has nothing of.
func (s *Store) missing(height uint64) error {
	if lowest := s.Lowest(); height < lowest {
		return refusal.New(refusal.ErrNotHeld, fmt.Sprintf("a height from %d on, the oldest block that this node holds", lowest), height)
	}
	return refusal.New(refusal.ErrNotFound, "the height of an accepted block", height)
}

// Lowest returns the oldest height, but 0, whose block the node holds.
func (s *Store) Lowest() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.lowest
}

// BlockBytesAt returns the accepted block of a height, encoded; or, as HeaderAt,
// refusal.ErrNotHeld or refusal.ErrNotFound.
func (s *Store) BlockBytesAt(height uint64) ([]byte, error) {
	if height == 0 { // its body may be in a segment that is gone
		header, err := s.HeaderAt(0)
		if err != nil {
			return nil, err
		}
		return chain.NewBlock(*header, nil).Bytes(), nil
	}
	body, err := s.blockBytes(height)
	if err != nil && height < s.Lowest() { // it was forgotten meanwhile
		return nil, s.missing(height)
	}
	return body, err
}

func (s *Store) blockBytes(height uint64) ([]byte, error) {
	if s.blocks == nil {
		value, err := s.db.Get(numberKey(keyBlock, height))
		if err == nil && value == nil {
			err = s.missing(height)
		}
		return value, err
	}
	at, err := s.place(height)
	if err != nil {
		return nil, err
	}
	return s.logOf(at).read(at)
}

// writeBody writes a block's body into the block log, and returns its place; without a log, the body.
func (s *Store) writeBody(blk *chain.Block) ([]byte, error) {
	if s.blocks == nil {
		return blk.Bytes(), nil
	}
	s.body = blk.AppendTo(s.body[:0])
	at, err := s.blocks.append(s.body)
	return at.bytes(), err
}

// place returns where the body of an accepted block is in the block log.
func (s *Store) place(height uint64) (place, error) {
	value, err := s.db.Get(numberKey(keyBlock, height))
	if err != nil {
		return place{}, err
	}
	if value == nil {
		return place{}, s.missing(height)
	}
	return parsePlace(value)
}

func (s *Store) logOf(at place) *blockLog {
	if at.in(olderLog) {
		return s.older
	}
	return s.blocks
}

// BlockAt returns the accepted block of a height; or, as HeaderAt, refusal.ErrNotHeld or
// refusal.ErrNotFound.
func (s *Store) BlockAt(height uint64) (*chain.Block, error) {
	value, err := s.BlockBytesAt(height)
	if err != nil {
		return nil, err
	}
	return chain.ParseBlock(s.Last().ChainID, value, chain.MaxBlockBytes)
}

// TransactionAt returns the transaction at a location in the accepted block of a header. It
// reads that transaction alone.
func (s *Store) TransactionAt(header *chain.Header, location Location) (*chain.Transaction, error) {
	value, err := s.transactionBytes(header, location)
	if err != nil {
		return nil, err
	}
	if sum := crc32.Checksum(value, crc32c); sum != location.Checksum {
		return nil, fmt.Errorf("%w: transaction %d of block %d: expected checksum %x, got %x", errBlockLog, location.Position, header.Height, location.Checksum, sum)
	}
	return chain.ParseTransaction(header.ChainID, value)
}

func (s *Store) transactionBytes(header *chain.Header, location Location) ([]byte, error) {
	begin := chain.TransactionsOffset(header) + int(location.Offset)
	end := begin + int(location.Size)
	if s.blocks != nil {
		at, err := s.place(header.Height)
		if err != nil {
			return nil, err
		}
		return s.logOf(at).readPart(at, begin, end)
	}
	value, err := s.blockBytes(header.Height)
	if err == nil && end > len(value) {
		err = fmt.Errorf("damaged database: a block of %d bytes without those from %d to %d", len(value), begin, end)
	}
	if err != nil {
		return nil, err
	}
	return value[begin:end], nil
}

// HeightOf returns the height of an accepted block, or refusal.ErrNotFound.
func (s *Store) HeightOf(id ids.ID) (uint64, error) {
	value, err := s.db.Get(hashKey(keyBlockID, id))
	if err != nil {
		return 0, err
	}
	if value == nil {
		return 0, refusal.New(refusal.ErrNotFound, "the ID of an accepted block", id)
	}
	return parseUint64(value)
}

// Locate returns where an accepted transaction is. It is refusal.ErrNotHeld for a message
// whose block this node does not hold, refusal.ErrNotFound for a transaction that the chain
// does not hold.
func (s *Store) Locate(id ids.ID) (Location, error) {
	value, err := s.db.Get(hashKey(keyTransaction, id))
	if err != nil {
		return Location{}, err
	}
	if value == nil {
		return Location{}, refusal.New(refusal.ErrNotFound, "the ID of an accepted transaction within retention", id)
	}
	location, err := parseLocation(value)
	if err == nil && location.Height == unplaced {
		return location, refusal.New(refusal.ErrNotHeld, fmt.Sprintf("a transaction from height %d on, the oldest block that this node holds", s.Lowest()), id)
	}
	return location, err
}

// MessageAt returns the index of the message with a sequence in a session, or
// refusal.ErrNotFound.
func (s *Store) MessageAt(session ids.ID, sequence uint64) (uint64, error) {
	value, err := s.db.Get(hashNumberKey(keySequence, session, sequence))
	if err != nil {
		return 0, err
	}
	if value == nil {
		return 0, refusal.New(refusal.ErrNotFound, "the sequence of a message in the session", fmt.Sprintf("sequence %d of %s", sequence, session))
	}
	return parseUint64(value)
}

// Origin returns the ID of the transaction that made a session. It is refusal.ErrNotHeld if
// this node does not hold the transaction's block, refusal.ErrNotFound if there is no such
// session.
func (s *Store) Origin(session ids.ID) (ids.ID, error) {
	value, err := s.db.Get(hashKey(keyOrigin, session))
	if err != nil {
		return ids.Empty, err
	}
	if value != nil && len(value) == 0 {
		return ids.Empty, refusal.New(refusal.ErrNotHeld, fmt.Sprintf("a session made from height %d on, the oldest block that this node holds", s.Lowest()), session)
	}
	if len(value) != ids.IDLen {
		return ids.Empty, refusal.New(refusal.ErrNotFound, "the ID of a session within retention", session)
	}
	return ids.ID(value), nil
}

// ListedSession is a session in the list of a participant.
type ListedSession struct {
	ID      ids.ID
	Creator ids.ID // empty for a plain session
	Number  uint64
}

// EachSessionOf visits sessions of a participant, newest first, until visit says that it has enough:
// those that it has acted in, or else those that others have named it in. Their numbers are below
// before (0: all).
func (s *Store) EachSessionOf(participant ids.ID, acted bool, before uint64, visit func(ListedSession) (more bool)) error {
	if before == 0 {
		before = 1 << 63
	}
	it, err := s.db.ReverseIterator(participantKey(participant, acted, 0), participantKey(participant, acted, before))
	if err != nil {
		return err
	}
	defer it.Close()
	for ; it.Valid(); it.Next() {
		listed, err := parseListed(it.Key(), it.Value())
		if err != nil {
			return err
		}
		if !visit(listed) {
			return nil
		}
	}
	return it.Error()
}
