package state

import (
	"fmt"
	"hash/crc32"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// HeaderAt returns the header of the accepted block of a height, or refusal.ErrNotFound.
func (s *Store) HeaderAt(height uint64) (*chain.Header, error) {
	value, err := s.db.Get(numberKey(keyHeader, height))
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, refusal.New(refusal.ErrNotFound, "the height of an accepted block", height)
	}
	return chain.ParseHeader(value)
}

// BlockBytesAt returns the accepted block of a height, encoded, or refusal.ErrNotFound.
func (s *Store) BlockBytesAt(height uint64) ([]byte, error) {
	value, err := s.db.Get(numberKey(keyBlock, height))
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, refusal.New(refusal.ErrNotFound, "the height of an accepted block", height)
	}
	if s.blocks == nil {
		return value, nil
	}
	at, err := parsePlace(value)
	if err != nil {
		return nil, err
	}
	return s.blocks.read(at)
}

// BlockAt returns the accepted block of a height, or refusal.ErrNotFound.
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
	value, err := s.db.Get(numberKey(keyBlock, header.Height))
	if err != nil {
		return nil, err
	}
	begin := chain.TransactionsOffset(header) + int(location.Offset)
	end := begin + int(location.Size)
	switch {
	case value == nil:
		return nil, refusal.New(refusal.ErrNotFound, "the height of an accepted block", header.Height)
	case s.blocks == nil && end > len(value):
		return nil, fmt.Errorf("damaged database: a block of %d bytes without those from %d to %d", len(value), begin, end)
	case s.blocks == nil:
		value = value[begin:end]
	default:
		at, err := parsePlace(value)
		if err != nil {
			return nil, err
		}
		if value, err = s.blocks.readPart(at, begin, end); err != nil {
			return nil, err
		}
	}
	if sum := crc32.Checksum(value, crc32c); sum != location.Checksum {
		return nil, fmt.Errorf("%w: transaction %d of block %d: expected checksum %x, got %x", errBlockLog, location.Position, header.Height, location.Checksum, sum)
	}
	return chain.ParseTransaction(header.ChainID, value)
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

// Locate returns where an accepted transaction is, or refusal.ErrNotFound.
func (s *Store) Locate(id ids.ID) (Location, error) {
	value, err := s.db.Get(hashKey(keyTransaction, id))
	if err != nil {
		return Location{}, err
	}
	if value == nil {
		return Location{}, refusal.New(refusal.ErrNotFound, "the ID of an accepted transaction within retention", id)
	}
	return parseLocation(value)
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

// Origin returns the ID of the transaction that made a session, or refusal.ErrNotFound.
func (s *Store) Origin(session ids.ID) (ids.ID, error) {
	value, err := s.db.Get(hashKey(keyOrigin, session))
	if err != nil {
		return ids.Empty, err
	}
	if len(value) != ids.IDLen {
		return ids.Empty, refusal.New(refusal.ErrNotFound, "the ID of a session within retention", session)
	}
	return ids.ID(value), nil
}

// SessionsOf returns the sessions of a participant and their numbers, newest first: those
// with numbers below before (0: all), at most limit.
func (s *Store) SessionsOf(participant ids.ID, before uint64, limit int) (sessions []ids.ID, numbers []uint64, err error) {
	if before == 0 {
		before = 1 << 63
	}
	it, err := s.db.ReverseIterator(hashNumberKey(keyParticipant, participant, 0), hashNumberKey(keyParticipant, participant, before))
	if err != nil {
		return nil, nil, err
	}
	defer it.Close()
	for ; it.Valid() && len(sessions) < limit; it.Next() {
		var id ids.ID
		copy(id[:], it.Value())
		number, err := parseUint64(it.Key()[1+len(id):])
		if err != nil {
			return nil, nil, err
		}
		sessions, numbers = append(sessions, id), append(numbers, number)
	}
	return sessions, numbers, it.Error()
}
