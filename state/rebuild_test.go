package state

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// chunks returns the chunks of the last accepted state, as a file has them.
func (s *scene) chunks() (chunks [][]byte) {
	s.t.Helper()
	require.NoError(s.t, s.Chunks(s.Last(), func(chunk []byte) error {
		chunks = append(chunks, bytes.Clone(chunk))
		return nil
	}))
	return chunks
}

// inOrder gives chunks to a Builder.
func inOrder(chunks [][]byte) ChunkSource {
	return func(Path, chain.Hash) ([]byte, error) {
		if len(chunks) == 0 {
			return nil, refusal.New(refusal.ErrMalformed, "another chunk", "the end")
		}
		chunk := chunks[0]
		chunks = chunks[1:]
		return chunk, nil
	}
}

// rebuild makes a store of another's last accepted state and of the blocks that it needs.
func (s *scene) rebuild(options Options) *scene {
	s.t.Helper()
	return s.rebuildFrom(s.Last(), options, s.Last().Height)
}

// rebuildFrom makes a store of a block's state and of the blocks down to a height.
func (s *scene) rebuildFrom(header *chain.Header, options Options, lowest uint64) *scene {
	s.t.Helper()
	r := &scene{t: s.t, db: dbm.NewMemDB(), options: options}
	b, err := NewBuilder(r.db, options.BlockFolder, testGenesis(s.t, 1000), header)
	require.NoError(s.t, err)
	if options.SegmentBytes != 0 {
		b.blocks.segmentSize, b.older.segmentSize = options.SegmentBytes, options.SegmentBytes
	}
	require.NoError(s.t, b.Tree(func(path Path, _ chain.Hash) ([]byte, error) { return s.Chunk(header.Height, path) }))
	for height := header.Height; height >= lowest || b.Needs(); height-- {
		body, err := s.BlockBytesAt(height)
		require.NoError(s.t, err)
		require.NoError(s.t, b.AddBlock(body))
	}
	require.NoError(s.t, b.Finish())
	require.NoError(s.t, b.Close())
	r.open()
	s.t.Cleanup(func() { require.NoError(s.t, r.Close()) })
	require.Equal(s.t, header, r.Last())
	return r
}

// TestARebuiltTreeGoesOnWithTheSameRoots rebuilds the state at many heights, of small trees and
// of large ones, and goes on: with blocks, forks and pruning.
func TestARebuiltTreeGoesOnWithTheSameRoots(t *testing.T) {
	for _, size := range []int{0, 5, 3000} {
		t.Run(fmt.Sprint(size, " leaves"), func(t *testing.T) {
			s := newScene(t, Options{CacheNodes: 1000, CacheLeaves: 10, History: 3})
			s.accept(func(c *Change) {
				for n := range size {
					putIdentity(c, 1000+n, 'x')
				}
			})
			for round := range 6 {
				for n := range 7 {
					s.accept(mutate(uint64(100*round + n)))
				}
				s.accept(func(c *Change) { // all over a large tree
					random := rand.New(rand.NewPCG(uint64(round), 7))
					for range min(size, 300) {
						if n := 1000 + random.IntN(size); random.IntN(2) == 0 {
							c.RemoveIdentity(numberedID(n))
						} else {
							putIdentity(c, n, byte(round))
						}
					}
				})
				folder := ""
				if round%2 == 0 {
					folder = t.TempDir()
				}
				r := s.rebuild(Options{CacheNodes: 1000, CacheLeaves: 10, History: 2, BlockFolder: folder})
				for n := range 70 { // past a pruning
					do := mutate(uint64(10_000*round + n))
					ours, theirs := s.build(s.Accepted(), do), r.build(r.Accepted(), do)
					require.Equal(t, ours.block.Header, theirs.block.Header)
					if n%5 == 0 { // a fork that is dropped, on a tree of its own
						r.Reject(r.build(theirs.fork, mutate(uint64(n))).fork)
					}
					require.NoError(t, s.Accept(ours.fork, ours.block))
					require.NoError(t, r.Accept(theirs.fork, theirs.block))
				}
				r.requirePruned(r.Oldest() &^ (pruneEvery - 1))
				require.Zero(t, r.PruneErrors())
				r.reopen()
				require.Equal(t, s.chunks(), r.chunks())
			}
		})
	}
}

// TestLargeLeavesAreCutIntoBoundedChunks has leaves near the bound of a record.
func TestLargeLeavesAreCutIntoBoundedChunks(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 10})
	s.accept(func(c *Change) {
		for n := range 12 {
			c.PutIdentity(numberedID(n), &chain.Identity{KEMPublicKey: bytes.Repeat([]byte{byte(n)}, chain.MaxRecordBytes-1000), Number: uint64(n + 1)})
		}
	})
	chunks := s.chunks()
	require.Greater(t, len(chunks), 5)
	for _, chunk := range chunks {
		require.LessOrEqual(t, len(chunk), MaxChunkBytes)
	}
	r := s.rebuild(Options{CacheNodes: 1000})
	for n := range 12 {
		_, exists, err := r.Latest().Identity(numberedID(n))
		require.NoError(t, err)
		require.True(t, exists)
	}
}

// TestAChunkThatWasChangedIsRefused changes each byte of chunks, of the top and of a subtree.
func TestAChunkThatWasChangedIsRefused(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 10})
	s.accept(func(c *Change) {
		for n := range 1200 {
			putIdentity(c, n, 'x')
		}
	})
	chunks := s.chunks()
	require.Len(t, chunks, 3)
	top, err := parseChunk(Path{}, s.Last().StateRoot, chunks[0])
	require.NoError(t, err)
	check := func(n *chunkNode, chunk []byte, every int) {
		for i := 0; i < len(chunk); i += every {
			for _, change := range []byte{0x01, 0x80} {
				changed := bytes.Clone(chunk)
				changed[i] ^= change
				_, err := parseChunk(n.path, n.hash, changed)
				require.Error(t, err, "byte %d", i)
				var refused *refusal.Error
				require.ErrorAs(t, err, &refused)
			}
		}
		for _, changed := range [][]byte{nil, chunk[:len(chunk)-1], append(bytes.Clone(chunk), 0), {chunkVersion}, append([]byte{chunkVersion, chunkLeftOut}, n.hash[:]...)} {
			_, err := parseChunk(n.path, n.hash, changed)
			require.Error(t, err)
		}
	}
	check(stateRoot(s.Last()), chunks[0], 1)
	check(top.left, chunks[1], 17)
	_, err = parseChunk(top.right.path, top.right.hash, chunks[1])
	require.ErrorIs(t, err, refusal.ErrProof, "another subtree")
	_, err = parseChunk(Path{}, s.Last().StateRoot, make([]byte, MaxChunkBytes+1))
	require.ErrorIs(t, err, refusal.ErrTooLarge)
	// Deeper than any tree, and more nodes than a chunk has.
	deep := append([]byte{chunkVersion}, bytes.Repeat([]byte{chunkInner, 126, 2, 1}, 1<<18)...)
	_, err = parseChunk(Path{}, chain.Hash{}, deep)
	require.ErrorIs(t, err, refusal.ErrMalformed)
}

func TestAStateThatIsNotOneIsRefused(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 10})
	s.accept(mutate(1))
	s.accept(mutate(2))
	_, err := s.Chunk(7, Path{})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	_, err = s.Chunk(2, Path{Depth: 40})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	_, err = s.Chunk(2, Path{Depth: MaxPathDepth + 1})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)

	build := func(genesis *chain.Genesis) *Builder {
		b, err := NewBuilder(dbm.NewMemDB(), "", genesis, s.Last())
		require.NoError(t, err)
		return b
	}
	require.ErrorIs(t, build(testGenesis(t, 2000)).Tree(inOrder(s.chunks())), refusal.ErrGenesis)
	b := build(testGenesis(t, 1000))
	require.ErrorIs(t, b.Finish(), refusal.ErrNotReady)
	require.NoError(t, b.Tree(inOrder(s.chunks())))
	body, err := s.BlockBytesAt(1)
	require.NoError(t, err)
	require.ErrorIs(t, b.AddBlock(body), refusal.ErrBlockParent)
	require.ErrorIs(t, b.Finish(), refusal.ErrNotReady)
}
