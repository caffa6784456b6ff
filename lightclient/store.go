package lightclient

import (
	"maps"
	"slices"
	"sync"
)

// Store keeps the blocks that a client trusts, and evidence. What is in it is trusted: it
// must be safe from others' hands. It is used by several goroutines.
type Store interface {
	// Save keeps a block, in place of what was at its height.
	Save(block *LightBlock) error
	// Block returns the block at a height; ErrNotFound if there is none.
	Block(height uint64) (*LightBlock, error)
	// Heights returns the heights of all blocks, ascending.
	Heights() ([]uint64, error)
	// Delete forgets the block at a height, if there is one.
	Delete(height uint64) error
	// SaveEvidence keeps evidence.
	SaveEvidence(evidence *Evidence) error
	// Evidence returns all evidence.
	Evidence() ([]*Evidence, error)
}

// MemoryStore is a Store in memory.
type MemoryStore struct {
	mu       sync.RWMutex
	blocks   map[uint64]*LightBlock
	evidence []*Evidence
}

// NewMemoryStore returns a store with blocks.
func NewMemoryStore(blocks ...*LightBlock) *MemoryStore {
	s := &MemoryStore{blocks: make(map[uint64]*LightBlock, len(blocks))}
	for _, b := range blocks {
		s.blocks[b.Header.Height] = b
	}
	return s
}

// Save implements Store.
func (s *MemoryStore) Save(block *LightBlock) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocks[block.Header.Height] = block
	return nil
}

// Block implements Store.
func (s *MemoryStore) Block(height uint64) (*LightBlock, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if b, ok := s.blocks[height]; ok {
		return b, nil
	}
	return nil, notFound("a block", height)
}

// Heights implements Store.
func (s *MemoryStore) Heights() ([]uint64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.blocks)), nil
}

// Delete implements Store.
func (s *MemoryStore) Delete(height uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.blocks, height)
	return nil
}

// SaveEvidence implements Store.
func (s *MemoryStore) SaveEvidence(evidence *Evidence) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.evidence {
		if e.First.Header.ID() == evidence.First.Header.ID() && e.Second.Header.ID() == evidence.Second.Header.ID() {
			return nil
		}
	}
	s.evidence = append(s.evidence, evidence)
	return nil
}

// Evidence implements Store.
func (s *MemoryStore) Evidence() ([]*Evidence, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.evidence), nil
}
