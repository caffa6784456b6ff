package state

import (
	"encoding/binary"

	"github.com/luxfi/session/refusal"
)

// Checkpoints are blocks with the post-quantum certificates that this node has collected of them. They are its own memory and no
// part of the chain, and stay when their states are pruned and their blocks forgotten.

// KeepCheckpoint keeps the checkpoint of a height, and as many of the newest ones as are to be kept.
func (s *Store) KeepCheckpoint(height uint64, encoded []byte, kept int) error {
	heights, err := s.checkpoints()
	if err != nil {
		return err
	}
	batch := s.db.NewBatch()
	defer batch.Close()
	if err := batch.Set(numberKey(keyCheckpoint, height), encoded); err != nil {
		return err
	}
	for i := range len(heights) + 1 - kept {
		if err := batch.Delete(numberKey(keyCheckpoint, heights[i])); err != nil {
			return err
		}
	}
	return batch.Write()
}

// checkpoints returns the heights of all checkpoints, ascending.
func (s *Store) checkpoints() (heights []uint64, err error) {
	it, err := s.db.Iterator([]byte{keyCheckpoint}, []byte{keyCheckpoint + 1})
	if err != nil {
		return nil, err
	}
	defer it.Close()
	for ; it.Valid(); it.Next() {
		heights = append(heights, binary.BigEndian.Uint64(it.Key()[1:]))
	}
	return heights, it.Error()
}

// CheckpointFrom returns the height of the lowest checkpoint that is not below a height, and its encoding, or refusal.ErrNotFound.
func (s *Store) CheckpointFrom(height uint64) (uint64, []byte, error) {
	it, err := s.db.Iterator(numberKey(keyCheckpoint, height), []byte{keyCheckpoint + 1})
	if err != nil {
		return 0, nil, err
	}
	defer it.Close()
	if it.Valid() {
		return binary.BigEndian.Uint64(it.Key()[1:]), append([]byte(nil), it.Value()...), nil
	}
	if err := it.Error(); err != nil {
		return 0, nil, err
	}
	return 0, nil, refusal.New(refusal.ErrNotFound, "a checkpoint at this height or above", height)
}

// LatestCheckpoint returns the height of the highest checkpoint, 0 if there is none.
func (s *Store) LatestCheckpoint() (uint64, error) {
	it, err := s.db.ReverseIterator([]byte{keyCheckpoint}, []byte{keyCheckpoint + 1})
	if err != nil {
		return 0, err
	}
	defer it.Close()
	if it.Valid() {
		return binary.BigEndian.Uint64(it.Key()[1:]), nil
	}
	return 0, it.Error()
}
