package state

import (
	"errors"
	"fmt"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cosmos/iavl"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// maxRebuiltHeight bounds the height of a tree that is rebuilt: IAVL's importer takes 4 bytes of memory
// for each height below.
const maxRebuiltHeight = 1 << 30

// Builder makes the database of a chain, in an empty one, without executing its blocks: from
// the chunks of the state after one block, and from that block and those before it. Nothing is
// written that does not follow from the block's header, which the caller trusts. The tree
// keeps the versions of its nodes, so the next blocks have the same roots as on a node that
// has executed all.
type Builder struct {
	db      dbm.DB
	genesis *chain.Genesis
	header  *chain.Header // of the block whose state it is
	first   *chain.Header // block 0

	blocks, older *blockLog // nil: bodies are in the database
	batch         *boundedBatch
	importer      *iavl.Importer
	totals        *chain.Totals
	invitations   map[chain.Bucket]uint64 // how many each bucket has had
	numbers       *invitationNumbers
	lowest        *chain.Header // of the last block that was added
}

// ChunkSource returns the chunk of the subtree at a path whose root has a hash. Builder
// verifies it. Builder asks for the chunks in pre-order of the tree.
type ChunkSource func(path Path, hash chain.Hash) ([]byte, error)

// NewBuilder begins to make a database. The block log goes into a folder; "": bodies go into
// the database.
func NewBuilder(db dbm.DB, blockFolder string, genesis *chain.Genesis, header *chain.Header) (*Builder, error) {
	if header.Height == 0 || header.Height > maxRebuiltHeight {
		return nil, refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("a block of height 1 to %d", uint64(maxRebuiltHeight)), header.Height)
	}
	b := &Builder{db: db, genesis: genesis, header: header, batch: &boundedBatch{db: db}, invitations: make(map[chain.Bucket]uint64)}
	b.numbers = newInvitationNumbers(func(bucket chain.Bucket) (uint64, error) { return b.invitations[bucket], nil })
	origin, err := Open(dbm.NewMemDB(), header.ChainID, genesis, Options{CacheNodes: 1})
	if err != nil {
		return nil, err
	}
	b.first = origin.Last()
	if err := origin.Close(); err != nil {
		return nil, err
	}
	if blockFolder == "" {
		return b, nil
	}
	from, err := openDiskFolder(blockFolder)
	if err != nil {
		return nil, err
	}
	if b.blocks, err = openBlockLog(from, mainLog, blockLogSegment, nil); err == nil {
		b.older, err = openBlockLog(from, olderLog, blockLogSegment, nil)
	}
	return b, err
}

// Tree writes the tree and the indexes that follow from its leaves.
func (b *Builder) Tree(chunks ChunkSource) error {
	tree := iavl.NewMutableTree(&direct{view{db: b.db}}, 1000, true, iavl.NewNopLogger())
	importer, err := tree.Import(version(b.header.Height))
	if err != nil {
		return err
	}
	defer importer.Close()
	b.importer = importer
	if _, err := b.subtree(stateRoot(b.header), chunks); err != nil {
		return err
	}
	if b.totals == nil || b.totals.Height != b.header.Height || b.totals.Genesis != b.genesis.Hash() {
		return refusal.New(refusal.ErrGenesis, fmt.Sprintf("the state at height %d of a chain with genesis %s", b.header.Height, b.genesis.Hash()), fmt.Sprintf("%+v", b.totals))
	}
	if err := importer.Commit(); err != nil {
		return fmt.Errorf("writing the tree: %w", err)
	}
	return b.batch.flush()
}

// subtree writes a node and all below it, and returns the key of its first leaf. An inner
// node's key, which its hash does not cover, is the first one on its right.
func (b *Builder) subtree(n *chunkNode, chunks ChunkSource) (first []byte, err error) {
	if n.leftOut {
		chunk, err := chunks(n.path, n.hash)
		if err != nil {
			return nil, err
		}
		if n, err = parseChunk(n.path, n.hash, chunk); err != nil {
			return nil, err
		}
	}
	if last := version(b.header.Height); n.version < 1 || n.version > last {
		return nil, refusal.New(refusal.ErrMalformed, fmt.Sprintf("a node of version 1 to %d", last), n.version)
	}
	add := &iavl.ExportNode{Key: n.key, Value: n.value, Version: n.version, Height: n.height}
	if first = n.key; n.height == 0 {
		if err := b.leaf(n.key, n.value); err != nil {
			return nil, err
		}
	} else {
		if first, err = b.subtree(n.left, chunks); err != nil {
			return nil, err
		}
		if add.Key, err = b.subtree(n.right, chunks); err != nil {
			return nil, err
		}
	}
	return first, b.importer.Add(add)
}

// leaf writes the indexes that follow from a leaf.
func (b *Builder) leaf(key, value []byte) error {
	entries, err := leafIndex(key, value)
	if err != nil {
		return err
	}
	if string(key) == string(chain.TotalsKey()) {
		if b.totals, err = chain.ParseTotals(value); err != nil {
			return err
		}
	}
	if bucket, ok := chain.ParseInvitationsKey(key); ok {
		invitations, err := chain.ParseInvitations(value)
		if err != nil {
			return err
		}
		b.invitations[bucket] = invitations.Count
	}
	return b.batch.put(entries)
}

// AddBlock writes a block: first the one whose state it is, then its parent, and so on.
func (b *Builder) AddBlock(encoded []byte) error {
	expected, height, log := b.header.ID(), b.header.Height, b.blocks
	if b.lowest != nil && b.lowest.Height <= 1 {
		return refusal.New(refusal.ErrBlockHeight, "no block before block 1: block 0 follows from the genesis", "one")
	}
	if b.lowest != nil {
		expected, height, log = b.lowest.Parent, b.lowest.Height-1, b.older
	}
	blk, err := parseExpected(b.header.ChainID, encoded, expected, height)
	if err != nil {
		return err
	}
	if height == 1 && blk.Header.Parent != b.first.ID() {
		return refusal.New(refusal.ErrBlockParent, "block 0 of the genesis, "+b.first.ID().String(), blk.Header.Parent)
	}
	body := encoded
	if log != nil {
		at, err := log.write(encoded)
		if err != nil {
			return err
		}
		body = at.bytes()
	}
	entries, err := blockEntries(b.db, b.genesis.Prefix(), b.numbers, blk, body)
	if err != nil {
		return err
	}
	b.lowest = blk.Header
	return b.batch.put(entries)
}

// Needs reports whether the block before the last added one is needed, before the chain can
// go on: it may have transactions that could come again.
func (b *Builder) Needs() bool {
	return b.lowest == nil || NeedsOlder(b.genesis, b.header, b.lowest)
}

// NeedsOlder reports whether a chain at a block needs the block before an older one, or the same.
func NeedsOlder(genesis *chain.Genesis, header, lowest *chain.Header) bool {
	return lowest.Height > 1 && lowest.Timestamp+genesis.Limits.TransactionWindow*1000 >= header.Timestamp
}

// KeepCertificate writes the certificate of the block whose state it is.
func (b *Builder) KeepCertificate(certificate []byte) error {
	return b.batch.put([]write{{certificateKey(b.header.Height, b.header.ValidatorSetHash), certificate}})
}

// Finish completes the database: until then it is none.
func (b *Builder) Finish() error {
	if b.totals == nil || b.Needs() {
		return refusal.New(refusal.ErrNotReady, "the tree, and the blocks of the last "+fmt.Sprint(b.genesis.Limits.TransactionWindow)+" s", "less")
	}
	first := chain.NewBlock(*b.first, nil)
	id := first.ID()
	for _, log := range []*blockLog{b.blocks, b.older} {
		if log != nil {
			if err := log.sync(); err != nil {
				return err
			}
		}
	}
	if err := b.batch.put([]write{
		{numberKey(keyBlock, 0), first.Bytes()},
		{numberKey(keyHeader, 0), b.first.Bytes()},
		{hashKey(keyBlockID, id), uint64Bytes(0)},
		{[]byte{keyLowest}, uint64Bytes(b.lowest.Height)},
		{[]byte{keyFormat}, uint64Bytes(formatVersion)},
	}); err != nil {
		return err
	}
	if err := b.batch.flush(); err != nil {
		return err
	}
	return b.db.SetSync([]byte{keyAccepted}, uint64Bytes(b.header.Height))
}

// Close closes the block log. The database is the caller's.
func (b *Builder) Close() error {
	var err error
	for _, log := range []*blockLog{b.blocks, b.older} {
		if log != nil {
			err = errors.Join(err, log.close())
		}
	}
	return errors.Join(err, b.batch.close())
}

// parseExpected decodes a block that must have an ID and a height.
func parseExpected(chainID ids.ID, encoded []byte, id ids.ID, height uint64) (*chain.Block, error) {
	blk, err := chain.ParseBlock(chainID, encoded, chain.MaxBlockBytes)
	if err != nil {
		return nil, err
	}
	if blk.ID() != id || blk.Header.Height != height {
		return nil, refusal.New(refusal.ErrBlockParent, fmt.Sprintf("block %s at height %d", id, height), blk.ID())
	}
	return blk, nil
}
