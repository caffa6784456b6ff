package state

import (
	"fmt"

	"github.com/luxfi/session/chain"
)

// pruneEvery is how many versions of the tree are pruned in one batch.
const pruneEvery = 32

// requestPrune lets the pruner know what can go. It does not wait.
func (s *Store) requestPrune() {
	oldest := s.Oldest()
	select {
	case <-s.pruning: // an older request that nobody has taken
	default:
	}
	select {
	case s.pruning <- oldest:
	default:
	}
}

// prune deletes the versions of the tree that are below the history, in the background. It
// touches only nodes that no version from the history on uses. Each batch is atomic; it
// needs no sync, because to prune again does no harm.
func (s *Store) prune() {
	defer close(s.pruned)
	var done uint64 // states below this height are gone
	for oldest := range s.pruning {
		if oldest < done+pruneEvery {
			continue
		}
		first, err := s.pruneBelow(oldest)
		if err != nil {
			s.pruneErrors.Add(1)
			continue
		}
		done = first
	}
}

// pruneBelow deletes the states below a height, and returns that height.
func (s *Store) pruneBelow(height uint64) (uint64, error) {
	layer := newLayer(nil)
	pruner := newIAVL(&view{db: s.db, top: layer}, pruneEvery*256)
	if _, err := pruner.Load(); err != nil {
		return 0, err
	}
	if err := pruner.DeleteVersionsTo(version(height) - 1); err != nil {
		return 0, fmt.Errorf("pruning below height %d: %w", height, err)
	}
	batch := s.db.NewBatch()
	defer batch.Close()
	for key, value := range layer.writes {
		if err := put(batch, []byte(key), value); err != nil {
			return 0, err
		}
	}
	return height, batch.Write()
}

// checkHeight refuses heights whose state there is not.
func (s *Store) checkHeight(height uint64) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if height > s.last.Height {
		return chain.Refuse(chain.ErrNotFound, fmt.Sprintf("a height up to %d, the last accepted", s.last.Height), height)
	}
	if height < s.oldest {
		return chain.Refuse(chain.ErrPruned, fmt.Sprintf("a height from %d on, the oldest whose state this node has", s.oldest), height)
	}
	return nil
}
