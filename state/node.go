package state

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/luxfi/session/chain"
)

// treeNode is a node of the IAVL tree.
type treeNode struct {
	height  int8  // 0: a leaf
	size    int64 // how many leaves are below it; of a leaf 1
	version int64 // the tree's version that made it
	key     []byte
	value   []byte // of a leaf
	hash    chain.Hash

	left, right nodeID // of an inner node that was read from the database
}

// IAVL keeps a node at 's', then the version, 8 bytes, and the number in it, 4 bytes, big endian.
const (
	keyNode     = 's'
	nodeKeySize = 1 + 8 + 4
)

// nodeID is where IAVL keeps a node.
type nodeID struct {
	version int64
	number  uint32
}

func rootID(height uint64) nodeID { return nodeID{version(height), 1} }

func (id nodeID) key() []byte {
	key := make([]byte, 0, nodeKeySize)
	key = binary.BigEndian.AppendUint64(append(key, keyNode), uint64(id.version))
	return binary.BigEndian.AppendUint32(key, id.number)
}

var errNoNode = errors.New("damaged database: a node of the tree is missing")

// readNode reads a node as IAVL has stored it: height, size and key; of a leaf the value; of
// an inner node its hash, a mode that is 0, and version and number of its children.
func (s *Store) readNode(id nodeID) (*treeNode, error) {
	stored, err := s.db.Get(id.key())
	if err != nil {
		return nil, err
	}
	if len(stored) == 0 {
		return nil, fmt.Errorf("%w: version %d, number %d", errNoNode, id.version, id.number)
	}
	d := decoder{rest: stored}
	n := &treeNode{height: int8(d.varint()), size: d.varint(), version: id.version, key: d.bytes()}
	if n.height == 0 {
		n.value = d.bytes()
		n.hash = leafHash(n)
	} else {
		n.hash = d.hash()
		d.failed = d.failed || d.varint() != 0
		n.left, n.right = d.nodeID(), d.nodeID()
	}
	if d.failed || len(d.rest) != 0 {
		return nil, fmt.Errorf("damaged database: the node of version %d, number %d can't be decoded", id.version, id.number)
	}
	return n, nil
}

// leafHash returns the hash of a leaf (ICS-23, IavlSpec).
func leafHash(n *treeNode) chain.Hash {
	value := sha256.Sum256(n.value)
	return sha256.Sum256(appendBytes(appendBytes(n.hashed(), n.key), value[:]))
}

// innerHash returns the hash of an inner node with these children.
func innerHash(n *treeNode, left, right chain.Hash) chain.Hash {
	return sha256.Sum256(appendBytes(appendBytes(n.hashed(), left[:]), right[:]))
}

func (n *treeNode) hashed() []byte {
	return binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(nil, int64(n.height)), n.size), n.version)
}

func appendBytes(to, field []byte) []byte {
	return append(binary.AppendUvarint(to, uint64(len(field))), field...)
}

// decoder reads fields strictly. After a failure everything it returns is zero.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) take(n uint64) []byte {
	if d.failed || n > uint64(len(d.rest)) {
		d.failed, d.rest = true, nil
		return nil
	}
	field := d.rest[:n:n]
	d.rest = d.rest[n:]
	return field
}

// uvarint reads a number that is encoded in as few bytes as it can be.
func (d *decoder) uvarint() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || size > 1 && d.rest[size-1] == 0 {
		d.failed = true
		return 0
	}
	d.take(uint64(size))
	return n
}

func (d *decoder) varint() int64 {
	n := d.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *decoder) bytes() []byte { return d.take(d.uvarint()) }

func (d *decoder) byte() byte {
	if field := d.take(1); field != nil {
		return field[0]
	}
	return 0
}

// hash reads a hash with its length before it.
func (d *decoder) hash() (hash chain.Hash) {
	field := d.bytes()
	d.failed = d.failed || len(field) != len(hash)
	copy(hash[:], field)
	return hash
}

func (d *decoder) nodeID() nodeID { return nodeID{d.varint(), uint32(d.varint())} }
