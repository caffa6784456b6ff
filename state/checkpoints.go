package state

import (
	"bytes"
	"encoding/binary"

	"github.com/luxfi/session/refusal"
)

// Checkpoints are blocks with the post-quantum certificates that this node has collected of them. They are its own memory and no
// part of the chain, and stay when their states are pruned and their blocks forgotten.

// byChange is the last byte of the key of a checkpoint that was made because of a change, between those that are made in time.
const byChange = 1

// sharesOfChanges is in how many parts the kept checkpoints are divided: those by changes have one of them.
const sharesOfChanges = 4

// KeepCheckpoint keeps the checkpoint of a height, and as many of the newest ones as are to be kept, at least 1. Those by changes, of
// which validators make as many as they like, go first while they are more than a quarter.
func (s *Store) KeepCheckpoint(height uint64, encoded []byte, change bool, kept int) error {
	timed, changes, err := s.checkpoints()
	if err != nil {
		return err
	}
	batch := s.db.NewBatch()
	defer batch.Close()
	key := numberKey(keyCheckpoint, height)
	if change {
		key = append(key, byChange)
		changes = append(changes, key)
	} else {
		timed = append(timed, key)
	}
	if err := batch.Set(key, encoded); err != nil {
		return err
	}
	for range len(timed) + len(changes) - kept {
		from := &timed
		if len(timed) == 0 || len(changes) > max(1, kept/sharesOfChanges) || len(changes) > 0 && bytes.Compare(changes[0], timed[0]) < 0 {
			from = &changes
		}
		if err := batch.Delete((*from)[0]); err != nil {
			return err
		}
		*from = (*from)[1:]
	}
	return batch.Write()
}

// checkpoints returns the keys of all checkpoints, of those that were made in time and of those by changes, the lowest first.
func (s *Store) checkpoints() (timed, changes [][]byte, err error) {
	it, err := s.db.Iterator([]byte{keyCheckpoint}, []byte{keyCheckpoint + 1})
	if err != nil {
		return nil, nil, err
	}
	defer it.Close()
	for ; it.Valid(); it.Next() {
		key := bytes.Clone(it.Key())
		if len(key) > len(numberKey(keyCheckpoint, 0)) {
			changes = append(changes, key)
		} else {
			timed = append(timed, key)
		}
	}
	return timed, changes, it.Error()
}

// CheckpointFrom returns the height of the lowest checkpoint that is not below a height, and its encoding, or refusal.ErrNotFound.
func (s *Store) CheckpointFrom(height uint64) (uint64, []byte, error) {
	it, err := s.db.Iterator(numberKey(keyCheckpoint, height), []byte{keyCheckpoint + 1})
	if err != nil {
		return 0, nil, err
	}
	defer it.Close()
	if it.Valid() {
		return binary.BigEndian.Uint64(it.Key()[1:9]), append([]byte(nil), it.Value()...), nil
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
		return binary.BigEndian.Uint64(it.Key()[1:9]), nil
	}
	return 0, it.Error()
}
