package state

import "errors"

// scrubBodies is how many bodies are scrubbed after a block: more than one, so that on a chain that
// grows by one each time the last block is reached, and the lowest one's turn comes again.
const scrubBodies = 2

// scrub reads the next bodies in turn, so that damage of the block log is found before somebody asks
// for the block. It is called after each block, by the pruner.
func (s *Store) scrub() error {
	if s.blocks == nil { // the bodies are in the database, which checks them
		return nil
	}
	if s.scrubBuffer == nil {
		s.scrubBuffer = make([]byte, scrubBuffer)
	}
	for range scrubBodies {
		if err := s.scrubNext(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) scrubNext() error {
	last, lowest := s.Last().Height, s.Lowest()
	height := s.scrubbed + 1
	if height < lowest || height > last {
		height = lowest
	}
	if height > last {
		return nil
	}
	s.scrubbed = height
	at, err := s.place(height)
	if err == nil {
		err = s.logOf(at).check(at, s.scrubBuffer)
	}
	if damaged := errors.Is(err, errBlockLog); damaged || err == nil {
		s.remember(height, damaged, lowest)
		return nil
	}
	return err
}

// remember notes whether the body of a height is damaged.
func (s *Store) remember(height uint64, damaged bool, lowest uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.damaged, height)
	if damaged {
		s.damaged[height] = true
	}
	for known := range s.damaged {
		if known < lowest {
			delete(s.damaged, known)
		}
	}
}

// Damaged returns how many blocks have a body that was found damaged.
func (s *Store) Damaged() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.damaged)
}
