package state

import (
	"errors"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Older returns the ID and the height of the block before the oldest one that the node holds. It
// reports false if there is none, or if its life is over.
func (s *Store) Older() (id ids.ID, height uint64, wanted bool, err error) {
	s.oldestBlock.Lock()
	defer s.oldestBlock.Unlock()
	return s.olderBlock()
}

func (s *Store) olderBlock() (id ids.ID, height uint64, wanted bool, err error) {
	lowest := s.Lowest()
	if height = lowest - 1; height == 0 || height == s.expired {
		return ids.Empty, height, false, nil
	}
	header, err := s.HeaderAt(lowest)
	if err != nil {
		return ids.Empty, height, false, err
	}
	return header.Parent, height, s.alive(header), nil
}

// alive reports whether a block's life is not over.
func (s *Store) alive(header *chain.Header) bool {
	return s.options.BlockLife == 0 || header.Timestamp+s.options.BlockLife > s.Last().Timestamp
}

// AddOlder adds the blocks before the oldest one that the node holds, from the newest to the oldest,
// while the chain goes on. It stops at one that is another than it must be, which is an error, and
// at one whose life is over. It is for one goroutine at a time.
func (s *Store) AddOlder(blocks [][]byte) error {
	s.oldestBlock.Lock()
	defer s.oldestBlock.Unlock()
	id, height, wanted, err := s.olderBlock()
	if err != nil {
		return err
	}
	var (
		added   []*chain.Block
		places  [][]byte
		refused error
	)
	for _, encoded := range blocks {
		if !wanted || height == 0 {
			break
		}
		blk, err := s.parseOlder(encoded, id, height)
		if err != nil {
			refused = err
			break
		}
		if !s.alive(blk.Header) {
			s.expired = height
			break
		}
		body := encoded
		if s.older != nil {
			at, err := s.older.write(encoded)
			if err != nil {
				return err
			}
			body = at.bytes()
		}
		added, places = append(added, blk), append(places, body)
		id, height = blk.Header.Parent, height-1
	}
	if len(added) == 0 {
		return refused
	}
	if s.older != nil {
		if err := s.older.sync(); err != nil {
			return err
		}
	}
	return errors.Join(s.indexOlder(added, places), refused)
}

// parseOlder decodes a block that must have an ID and a height.
func (s *Store) parseOlder(encoded []byte, id ids.ID, height uint64) (*chain.Block, error) {
	blk, err := parseExpected(s.Last().ChainID, encoded, id, height)
	if err != nil || height > 1 {
		return blk, err
	}
	first, err := s.HeaderAt(0)
	if err == nil && blk.Header.Parent != first.ID() {
		err = refusal.New(refusal.ErrBlockParent, "block 0, "+first.ID().String(), blk.Header.Parent)
	}
	return blk, err
}

// indexOlder writes what the database holds of blocks whose bodies are on disk.
func (s *Store) indexOlder(blocks []*chain.Block, places [][]byte) error {
	batch := s.db.NewBatch()
	defer batch.Close()
	// A message that leaves the tree meanwhile must not come back into the index.
	s.indexing.Lock()
	defer s.indexing.Unlock()
	lowest := blocks[len(blocks)-1].Header.Height
	writes := []write{{[]byte{keyLowest}, uint64Bytes(lowest)}}
	numbers := newInvitationNumbers(s.lastInvitation)
	for i, blk := range blocks {
		entries, err := blockEntries(s.db, s.genesis.Prefix(), numbers, blk, places[i])
		if err != nil {
			return err
		}
		writes = append(writes, entries...)
	}
	for _, w := range writes {
		if err := batch.Set(w.key, w.value); err != nil {
			return err
		}
	}
	if err := batch.WriteSync(); err != nil {
		return err
	}
	s.mu.Lock()
	s.lowest = lowest
	s.mu.Unlock()
	s.forgotten = lowest
	return nil
}
