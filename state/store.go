package state

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cosmos/iavl"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Options of a node, that do not change what a block means.
type Options struct {
	// CacheNodes is how many tree nodes an executing tree keeps in memory, about 300 bytes
	// each.
	CacheNodes int
	// CacheLeaves is how many leaves of the last accepted state are kept in memory, about
	// 500 bytes each.
	CacheLeaves int
	// BlockFolder is the folder of the block log; "": block bodies are in the database,
	// which is for databases in memory.
	BlockFolder string
	// History is for how many blocks before the last accepted one states are kept, to
	// prove from; at least 1.
	History uint64
	// Upgrades are the chain's, of the genesis and of the node's upgrade file.
	Upgrades chain.Upgrades
	// BlockLife is for how long after its time a block is kept, in milliseconds, before it is
	// forgotten; 0: for ever. The last block is always kept.
	BlockLife uint64

	// SummaryInterval is the distance of the heights whose states are summaries, which other nodes
	// fetch. The state of the last one stays, and that of the one before for half of the interval
	// more. 0: none stays for that.
	SummaryInterval uint64

	// SegmentBytes is from which size on a file of the block log is followed by another one; 0:
	// 64 MiB.
	SegmentBytes int64

	files files // the block log's folder, where a test has another than BlockFolder
}

// Store holds the chain's state, blocks and indexes.
//
// What executes (Begin, and the methods of Change; Finish; Reject) is for one goroutine at
// a time: the caller holds its consensus lock. Commit needs no lock, but comes in order.
// Reads of accepted data are safe from any goroutine.
type Store struct {
	db       dbm.DB
	genesis  *chain.Genesis
	blocks   *blockLog // nil: bodies are in the database
	older    *blockLog // of blocks that were fetched after later ones; nil: as blocks
	options  Options
	accepted *Fork
	body     []byte // of the last block that was written to the log: its memory is the next one's

	mu      sync.RWMutex // guards what follows up to oldest
	last    *chain.Header
	lowest  uint64            // the oldest height, but 0, whose block there is
	damaged map[uint64]bool   // heights whose bodies were found damaged
	held    map[uint64]int    // heights whose states stay, and by how many they are held
	oldest  uint64            // the oldest height whose state there is, to be read
	reader  *iavl.MutableTree // reads accepted versions only, with a node cache of its own
	latest  *latest
	filter  *filtered // what db is, within its gate

	first       uint64      // the oldest height whose state was there when the store was opened
	pruning     chan uint64 // heights below which states can go
	pruned      chan struct{}
	closing     atomic.Bool
	proving     sync.RWMutex // held by those who make proofs
	scrubbed    uint64       // by the pruner: the height whose body was read last
	scrubBuffer []byte       // by the pruner
	oldestBlock sync.Mutex   // held by those who forget old blocks, or add older ones
	forgotten   uint64       // guarded by oldestBlock: the database has nothing of blocks below this height, but 0
	expired     uint64       // guarded by oldestBlock: of this height, but 0, there was a block whose life is over
	indexing    sync.Mutex   // held while the index of transactions is written
	gone        uint64       // guarded by proving: states below this height may lack nodes
	pruneErrors atomic.Uint64
	coldTrees   atomic.Uint64 // how many trees were opened
}

// ErrFormat is returned for a database that another version of the software has written.
var ErrFormat = errors.New("database has another format")

// Open opens the chain in a database, or makes it with its block 0. It fails if the
// database holds another chain. The Store owns the database from here on: Close closes it.
func Open(db dbm.DB, chainID ids.ID, genesis *chain.Genesis, options Options) (*Store, error) {
	options.History = max(options.History, 1)
	options.SegmentBytes = cmp.Or(options.SegmentBytes, blockLogSegment)
	filter := &filtered{DB: db}
	db = &gate{DB: filter}
	s := &Store{db: db, filter: filter, genesis: genesis, options: options, lowest: 1, held: make(map[uint64]int), damaged: make(map[uint64]bool), pruning: make(chan uint64, 1), pruned: make(chan struct{})}
	s.reader = newIAVL(&view{db: db}, max(options.CacheNodes/4, 1000))
	s.latest = newLatest(options.CacheLeaves)
	value, err := db.Get([]byte{keyAccepted})
	if err != nil {
		return nil, err
	}
	if value == nil {
		err = s.create(chainID, genesis)
	} else {
		err = s.load(value, chainID, genesis)
	}
	if err != nil {
		return nil, errors.Join(err, s.closeBlocks())
	}
	s.forgotten = s.lowest
	go s.prune(s.first)
	return s, nil
}

// openBlocks opens the block log, if there is one.
func (s *Store) openBlocks(last, lowest *place) (err error) {
	from := s.options.files
	if from == nil {
		if s.options.BlockFolder == "" {
			return nil
		}
		if from, err = openDiskFolder(s.options.BlockFolder); err != nil {
			return err
		}
	}
	var older *place
	if lowest != nil && lowest.in(olderLog) {
		older = lowest
	}
	if s.blocks, err = openBlockLog(from, mainLog, s.options.SegmentBytes, last); err != nil {
		return err
	}
	if s.older, err = openBlockLog(from, olderLog, s.options.SegmentBytes, older); err != nil || lowest == nil {
		return err
	}
	// What is older than the lowest block has been forgotten.
	return errors.Join(
		s.blocks.dropExcept(func(segment uint32) bool { return older != nil || segment >= lowest.segment }),
		s.older.dropExcept(func(segment uint32) bool { return older != nil && segment <= lowest.segment }))
}

func (s *Store) closeBlocks() (err error) {
	for _, log := range []*blockLog{s.blocks, s.older} {
		if log != nil {
			err = errors.Join(err, log.close())
		}
	}
	return err
}

// create writes block 0.
func (s *Store) create(chainID ids.ID, genesis *chain.Genesis) error {
	if err := s.openBlocks(nil, nil); err != nil {
		return err
	}
	base := &layer{flushed: true}
	t := &tree{view: &view{db: s.db, top: base}}
	t.MutableTree = newIAVL(t.view, s.options.CacheNodes)
	origin := &Fork{layer: base, tree: t}
	c := newChange(s, origin)
	c.Totals = &chain.Totals{Timestamp: genesis.Timestamp, Genesis: genesis.Hash()}
	root, err := c.Root()
	if err != nil {
		return err
	}
	blk := chain.NewBlock(chain.Header{
		Version:   chain.HeaderVersion,
		ChainID:   chainID,
		Parent:    genesis.Hash(),
		Timestamp: genesis.Timestamp,
		StateRoot: root,
	}, nil)
	fork, err := c.Save(blk.Header)
	if err != nil {
		return err
	}
	fork.layer.writes[string([]byte{keyFormat})] = uint64Bytes(formatVersion)
	return s.Accept(fork, blk)
}

// load finds the last accepted block and checks that everything fits together.
func (s *Store) load(acceptedValue []byte, chainID ids.ID, genesis *chain.Genesis) error {
	value, err := s.db.Get([]byte{keyFormat})
	if err != nil {
		return err
	}
	if format, err := parseUint64(value); err != nil || format != formatVersion {
		return fmt.Errorf("%w: expected %d, got %x; export the chain with the version that wrote it", ErrFormat, formatVersion, value)
	}
	height, err := parseUint64(acceptedValue)
	if err != nil {
		return err
	}
	first, err := s.HeaderAt(0)
	if err != nil {
		return err
	}
	if first.ChainID != chainID {
		return refusal.New(refusal.ErrConfig, "a data folder of chain "+chainID.String(), "one of chain "+first.ChainID.String())
	}
	if first.Parent != genesis.Hash() {
		return refusal.New(refusal.ErrConfig, "the genesis that the chain was made with, hash "+first.Parent.String(), genesis.Hash())
	}
	last, err := s.HeaderAt(height)
	if err != nil {
		return err
	}
	if err := s.checkUpgrades(last); err != nil {
		return err
	}
	if err := s.loadBlocks(height); err != nil {
		return err
	}
	s.accepted = &Fork{header: last, layer: &layer{flushed: true}}
	t, err := s.treeAt(s.accepted)
	if err != nil {
		return err
	}
	// A node whose history was shorter has pruned more than the options say.
	if versions := t.AvailableVersions(); len(versions) > 0 {
		s.first = uint64(versions[0]) - 1
	}
	s.oldest = s.first
	s.setLast(last)
	return nil
}

// loadBlocks opens the block log of a chain, and checks the last body.
func (s *Store) loadBlocks(last uint64) error {
	value, err := s.db.Get([]byte{keyLowest})
	if err != nil {
		return err
	}
	if value != nil {
		if s.lowest, err = parseUint64(value); err != nil {
			return err
		}
	}
	if s.options.BlockFolder != "" || s.options.files != nil {
		lastPlace, err := s.place(last)
		if err != nil {
			return err
		}
		lowestPlace := lastPlace
		if s.lowest <= last {
			if lowestPlace, err = s.place(s.lowest); err != nil {
				return err
			}
		}
		if err := s.openBlocks(&lastPlace, &lowestPlace); err != nil {
			return err
		}
	}
	_, err = s.blockBytes(last)
	return err
}

// setLast makes a header the last accepted one.
func (s *Store) setLast(header *chain.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = header
	if header.Height > s.options.History {
		oldest := header.Height - s.options.History
		if interval := s.options.SummaryInterval; interval > 0 {
			served := header.Height - min(header.Height, interval/2)
			oldest = min(oldest, served-served%interval)
		}
		for height := range s.held {
			oldest = min(oldest, height)
		}
		s.oldest = max(s.oldest, oldest)
	}
}

// Accepted returns the state after the last accepted block, to build on.
func (s *Store) Accepted() *Fork { return s.accepted }

// Last returns the header of the last accepted block.
func (s *Store) Last() *chain.Header {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.last
}

// Oldest returns the oldest height whose state can be read.
func (s *Store) Oldest() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.oldest
}

// Accept commits and finishes a fork.
func (s *Store) Accept(fork *Fork, blk *chain.Block) error {
	if err := s.Commit(fork, blk); err != nil {
		return err
	}
	s.Finish(fork)
	return nil
}

// Commit writes a fork, whose parent must be the last accepted state, and its block to
// disk: the body goes into the block log, then the layer, the header, the place of the body
// and the indexes into the database in one synced batch. The caller may go on to execute
// blocks on top of the fork at the same time, but not to decide on one. After an error the
// Store must be closed: the block may be on disk or not.
func (s *Store) Commit(fork *Fork, blk *chain.Block) error {
	if s.accepted != nil && fork.header.Parent != s.accepted.header.ID() {
		return fmt.Errorf("accepting block %s at height %d: its parent is not the last accepted block", blk.ID(), blk.Header.Height)
	}
	body, err := s.writeBody(blk)
	if err != nil {
		return fmt.Errorf("writing block %s at height %d: %w", blk.ID(), blk.Header.Height, err)
	}
	batch := s.db.NewBatch()
	defer batch.Close()
	id := blk.ID()
	height := uint64Bytes(blk.Header.Height)
	// Sorted, because each is then found a place in the database's memory beside the last one's.
	if err := fork.layer.each(func(key, value []byte) error { return put(batch, key, value) }); err != nil {
		return err
	}
	for _, w := range []write{
		{numberKey(keyBlock, blk.Header.Height), body},
		{numberKey(keyHeader, blk.Header.Height), blk.Header.Bytes()},
		{hashKey(keyBlockID, id), height},
		{[]byte{keyAccepted}, height},
	} {
		if err := batch.Set(w.key, w.value); err != nil {
			return err
		}
	}
	if err := s.rememberUpgrades(batch, blk.Header); err != nil {
		return err
	}
	s.indexing.Lock()
	defer s.indexing.Unlock()
	if err := batch.WriteSync(); err != nil {
		return fmt.Errorf("committing block %s at height %d: %w", id, blk.Header.Height, err)
	}
	return nil
}

// Finish makes a committed fork the last accepted state.
func (s *Store) Finish(fork *Fork) {
	fork.locations = nil
	fork.layer.flush()
	fork.parent = nil
	s.accepted = fork
	s.setLast(fork.header)
	s.latest.accept(fork.leaves, chain.MessageKey(0)[0])
	fork.leaves = nil
	s.requestPrune()
}

// Reject drops a fork. Its descendants are rejected too, each by its own call.
func (s *Store) Reject(fork *Fork) {
	fork.tree, fork.parent = nil, nil
	fork.layer = &layer{flushed: true}
}

// ColdTrees returns how many executing trees were opened: one at the start, and one for
// each block that was no child of the last one executed.
func (s *Store) ColdTrees() uint64 { return s.coldTrees.Load() }

// PruneErrors returns how many attempts to prune have failed. They are tried again.
func (s *Store) PruneErrors() uint64 { return s.pruneErrors.Load() }

// Close closes the database.
func (s *Store) Close() error {
	s.closing.Store(true)
	close(s.pruning)
	<-s.pruned
	return errors.Join(s.closeBlocks(), s.db.Close())
}

type setter interface {
	Set(key, value []byte) error
	Delete(key []byte) error
}

func put(batch setter, key, value []byte) error {
	if value == nil {
		return batch.Delete(key)
	}
	return batch.Set(key, value)
}
