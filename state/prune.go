package state

import (
	"errors"
	"fmt"

	"github.com/luxfi/session/refusal"
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

// prune deletes old states and blocks, and scrubs, in the background. States below the height done
// are gone already. It touches only nodes of the tree that no version from the history on uses. Each
// batch is atomic; it needs no sync, because to prune again does no harm.
func (s *Store) prune(done uint64) {
	defer close(s.pruned)
	s.refill()
	for oldest := range s.pruning {
		s.refill()
		for done+pruneEvery <= oldest {
			if err := s.pruneBelow(done + pruneEvery); err != nil {
				s.pruneErrors.Add(1)
				break
			}
			if done += pruneEvery; s.closing.Load() {
				break // the rest is for the next time
			}
		}
		for _, work := range []func() error{s.forget, s.scrub} {
			if err := work(); err != nil {
				s.pruneErrors.Add(1)
			}
		}
	}
}

// refill makes the filter of transactions anew, if there is none or it is full.
func (s *Store) refill() {
	if !s.filter.full() {
		return
	}
	totals, err := s.Latest().Totals()
	if err == nil {
		err = s.filter.fill(int(totals.Messages-totals.MessagesSwept), s.closing.Load)
	}
	if err != nil {
		s.pruneErrors.Add(1)
	}
}

// pruneBelow deletes the states below a height.
func (s *Store) pruneBelow(height uint64) error {
	layer := newLayer(nil, make(map[string][]byte), 0)
	pruner := newIAVL(&view{db: s.db, top: layer}, pruneEvery*256)
	if _, err := pruner.Load(); err != nil {
		return err
	}
	if err := pruner.DeleteVersionsTo(version(height) - 1); err != nil {
		return fmt.Errorf("pruning below height %d: %w", height, err)
	}
	s.proving.Lock() // until the proofs that are being made are done
	s.gone = height
	s.proving.Unlock()
	batch := s.db.NewBatch()
	defer batch.Close()
	if err := layer.each(func(key, value []byte) error { return put(batch, key, value) }); err != nil {
		return err
	}
	return batch.Write()
}

// errGone is what a state says of which nodes may be missing.
var errGone = errors.New("the state is being pruned")

// unpruned makes a proof at a height, of which no node goes in the meantime: IAVL panics if
// one is missing there.
func (s *Store) unpruned(height uint64, prove func() error) error {
	s.proving.RLock()
	defer s.proving.RUnlock()
	if height < s.gone {
		return errGone
	}
	return prove()
}

// checkHeight refuses heights whose state there is not.
func (s *Store) checkHeight(height uint64) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if height > s.last.Height {
		return refusal.New(refusal.ErrNotFound, fmt.Sprintf("a height up to %d, the last accepted", s.last.Height), height)
	}
	if height < s.oldest {
		return refusal.New(refusal.ErrPruned, fmt.Sprintf("a height from %d on, the oldest whose state this node has", s.oldest), height)
	}
	return nil
}
