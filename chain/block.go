package chain

//go:generate go tool canoto $GOFILE

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"sync/atomic"

	"github.com/StephenButtolph/canoto"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// Block is a header and its transactions. It is immutable once built or parsed.
type Block struct {
	Header       *Header
	Transactions []*Transaction

	id    ids.ID
	size  int                    // of the encoding
	bytes atomic.Pointer[[]byte] // the encoding: what was parsed; of a block that was built nil until it is asked for
}

// blockWire is the encoding of a block. Transactions are kept as bytes so that each is
// hashed and decoded once.
type blockWire struct {
	Header       Header   `canoto:"value,1"`
	Transactions [][]byte `canoto:"repeated bytes,2"`

	canotoData canotoData_blockWire
}

// NewBlock returns the block of a header and transactions. It sets the header's
// TransactionsRoot.
func NewBlock(header Header, transactions []*Transaction) *Block {
	header.TransactionsRoot = transactionsRoot(transactions)
	blk := &Block{
		Header:       &header,
		Transactions: transactions,
		id:           header.ID(),
		size:         TransactionsOffset(&header),
	}
	for _, tx := range transactions {
		blk.size += tx.BlockOffset() + len(tx.bytes)
	}
	return blk
}

// ParseBlock decodes a block of the chain strictly and checks that the header commits to
// the transactions. The block keeps bytes: the caller must not change them.
func ParseBlock(chainID ids.ID, bytes []byte, maxBytes int) (*Block, error) {
	if maxBytes = min(maxBytes, MaxBlockBytes); len(bytes) > maxBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a block of at most %d bytes", maxBytes), len(bytes))
	}
	var wire blockWire
	if err := unmarshal(bytes, &wire); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, "a canonically encoded block", err)
	}
	if err := wire.Header.CheckVersion(); err != nil {
		return nil, err
	}
	if wire.Header.ChainID != chainID {
		return nil, refusal.New(refusal.ErrWrongChain, chainID.String(), wire.Header.ChainID)
	}
	header := wire.Header
	blk := &Block{
		Header:       &header,
		Transactions: make([]*Transaction, len(wire.Transactions)),
		id:           header.ID(),
		size:         len(bytes),
	}
	blk.bytes.Store(&bytes)
	for i, txBytes := range wire.Transactions {
		tx, err := ParseTransaction(chainID, txBytes)
		if err != nil {
			return nil, fmt.Errorf("transaction %d of block %s: %w", i, blk.id, err)
		}
		blk.Transactions[i] = tx
	}
	if root := transactionsRoot(blk.Transactions); root != header.TransactionsRoot {
		return nil, refusal.New(refusal.ErrTransactionsRoot, root.String(), header.TransactionsRoot)
	}
	return blk, nil
}

// TransactionsOffset returns where the transactions begin in the encoding of a block: after
// the header, its tag and its length.
func TransactionsOffset(header *Header) int {
	return fieldOffset(len(header.Bytes())) + len(header.Bytes())
}

// BlockOffset returns how many bytes stand before a transaction's own, after the end of the
// one before it, in the encoding of a block: its tag and its length.
func (tx *Transaction) BlockOffset() int { return fieldOffset(len(tx.bytes)) }

// fieldOffset returns the size of a field's tag, which has one byte, and of its length.
func fieldOffset(size int) int { return 1 + int(canoto.SizeUint(uint64(size))) }

// ID returns the block's ID, the hash of its header.
func (b *Block) ID() ids.ID { return b.id }

// Bytes returns the canonical encoding. The caller must not change it.
func (b *Block) Bytes() []byte {
	if b.bytes.Load() == nil {
		encoded := b.AppendTo(make([]byte, 0, b.size))
		b.bytes.CompareAndSwap(nil, &encoded)
	}
	return *b.bytes.Load()
}

// Size returns the size of the canonical encoding in bytes.
func (b *Block) Size() int { return b.size }

// AppendTo appends the canonical encoding to a buffer. Unlike Bytes it keeps no memory.
func (b *Block) AppendTo(buffer []byte) []byte {
	if kept := b.bytes.Load(); kept != nil {
		return append(buffer, *kept...)
	}
	wire := blockWire{Header: *b.Header, Transactions: make([][]byte, len(b.Transactions))}
	for i, tx := range b.Transactions {
		wire.Transactions[i] = tx.bytes
	}
	wire.CacheCanoto()
	return wire.AppendCanoto(canoto.Writer{B: buffer}).B
}

// TransactionsRoot returns the Merkle tree hash of RFC 6962, section 2.1, over encoded
// transactions.
func TransactionsRoot(transactions [][]byte) Hash {
	leaves := make([]Hash, len(transactions))
	for i, bytes := range transactions {
		leaves[i] = transactionLeaf(bytes)
	}
	return merkleRoot(leaves)
}

func transactionsRoot(transactions []*Transaction) Hash {
	leaves := make([]Hash, len(transactions))
	for i, tx := range transactions {
		leaves[i] = tx.leaf
	}
	return merkleRoot(leaves)
}

// transactionLeaf returns the leaf hash of RFC 6962, section 2.1.
func transactionLeaf(bytes []byte) Hash {
	return rawHash(domainTxLeaf, bytes, nil)
}

func merkleRoot(leaves []Hash) Hash {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	default:
		split := 1 << (bits.Len(uint(n-1)) - 1) // largest power of two below n
		left, right := merkleRoot(leaves[:split]), merkleRoot(leaves[split:])
		return rawHash(domainTxParent, left[:], right[:])
	}
}

func rawHash(prefix string, a, b []byte) (sum Hash) {
	h := sha256.New()
	h.Write([]byte(prefix))
	h.Write(a)
	h.Write(b)
	h.Sum(sum[:0])
	return sum
}

// unmarshal decodes with memory bounded by the input's size: every value of a
// transaction or record takes less memory than twice its encoding, plus a constant.
// Byte fields alias the input.
func unmarshal(bytes []byte, message record) error {
	_, err := message.UnmarshalCanotoFrom(canoto.Reader{
		B:               bytes,
		Unsafe:          true,
		MemoryRemaining: 2*uint64(len(bytes)) + 16<<10,
		DepthLimit:      4,
	})
	return err
}
