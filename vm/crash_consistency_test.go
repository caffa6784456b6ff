package vm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// consistency checks a database as it lies there, without the software that has written it:
// the blocks, the tree node by node, and every index against what follows from blocks and
// leaves, both ways. Nothing else may be there.
type consistency struct {
	*require.Assertions
	db       dbm.DB
	expected map[string][]byte // what must be there beside tree nodes and, if they lie elsewhere, block bodies
	nodes    map[string]bool   // nodes of the tree that some version uses
	totals   *chain.Totals
	sessions map[ids.ID]*chain.Session
	keys     map[ids.ID]*chain.SessionKeys
	leaves   map[string][]byte
	origins  map[ids.ID]ids.ID // by the session's ID with the prefix 0: the transaction that made it
	rebuilt  bool              // from leaves: the queues lack numbers that no record has any more
}

// requireConsistentDatabase holds a closed chain's database against the blocks that were
// accepted, block 0 first.
func requireConsistentDatabase(t testing.TB, db dbm.DB, blocks []*chain.Block, upgrades ...chain.Upgrade) {
	t.Helper()
	requireConsistent(t, db, blocks, false, upgrades...)
}

func requireConsistent(t testing.TB, db dbm.DB, blocks []*chain.Block, rebuilt bool, upgrades ...chain.Upgrade) {
	t.Helper()
	c := &consistency{
		Assertions: require.New(t),
		rebuilt:    rebuilt,
		db:         db,
		expected:   make(map[string][]byte),
		nodes:      make(map[string]bool),
		sessions:   make(map[ids.ID]*chain.Session),
		keys:       make(map[ids.ID]*chain.SessionKeys),
		leaves:     make(map[string][]byte),
		origins:    make(map[ids.ID]ids.ID),
	}
	last := blocks[len(blocks)-1].Header
	c.tree(last)
	c.blocks(blocks)
	if last.Version > chain.HeaderVersion {
		used, err := json.Marshal(upgrades)
		c.NoError(err)
		c.expect(used, []byte("U"))
	}
	c.records()
	c.queues()
	c.nothingElse()
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func (c *consistency) expect(value []byte, key ...[]byte) { c.expected[string(join(key...))] = value }

// blocks expects the blocks and where their transactions are.
func (c *consistency) blocks(blocks []*chain.Block) {
	message, lowest := uint64(0), uint64(1)
	sequences := make(map[ids.ID]uint64)
	invitations := make(map[string]uint64)
	if c.has([]byte("L")) {
		value, err := c.db.Get([]byte("L"))
		c.NoError(err)
		c.expect(value, []byte("L"))
		lowest = binary.BigEndian.Uint64(value)
	}
	for height, blk := range blocks {
		held := height == 0 || uint64(height) >= lowest
		at := number(uint64(height))
		id := blk.ID()
		if held {
			c.expect(blk.Bytes(), []byte("B"), at)
			c.expect(blk.Header.Bytes(), []byte("H"), at)
			c.expect(at, []byte("I"), id[:])
		}
		if height > 0 {
			c.Equal(blocks[height-1].ID(), blk.Header.Parent)
		}
		for position, tx := range blk.Transactions {
			id, index, sequence, bucket := tx.ID(), uint64(0), uint64(0), ""
			var compact []byte // of an invitation
			switch body := tx.Body.(type) {
			case *chain.SendMessage:
				message++
				sequences[body.Session]++
				sequence = sequences[body.Session]
				if index = message; index <= c.totals.MessagesSwept {
					continue
				}
			case *chain.Invite:
				bucket = string([]byte{byte(body.Bits), byte(body.Bucket >> 8), byte(body.Bucket)})
				invitations[bucket]++
				sealed := sha256.Sum256(body.Sealed)
				compact = join(number(blk.Header.Timestamp), body.Head, sealed[:])
			case *chain.CreateSession:
				c.origins[chain.SessionID(0, blk.Header.ChainID, id)] = id
			}
			if !held && index == 0 {
				continue // forgotten; a message's goes with the message
			}
			offset := bytes.Index(blk.Bytes(), tx.Bytes()) - bytes.Index(blk.Bytes(), blk.Header.Bytes()) - len(blk.Header.Bytes())
			sum := crc32.Checksum(tx.Bytes(), crc32.MakeTable(crc32.Castagnoli))
			location := join(at, number32(uint32(position)), number(index), number(sequence), number32(uint32(offset)), number32(uint32(len(tx.Bytes()))), number32(sum))
			c.expect(location, []byte("T"), id[:])
			if bucket != "" {
				c.expect(join(location, compact), []byte("V"+bucket), number(invitations[bucket]))
			}
		}
	}
	c.Equal(message, c.totals.Messages)
	for bucket, count := range invitations {
		leaf, err := chain.ParseInvitations(c.leaves["\x09"+bucket])
		c.NoError(err)
		c.Equal(count, leaf.Count)
	}
	c.expect(number(uint64(len(blocks)-1)), []byte("A"))
	c.expect(number(5), []byte("F"))
}

func number32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// records parses the leaves, and expects the indexes that follow from them.
func (c *consistency) records() {
	var pending, active, identities, channels, messages uint64
	for key, value := range c.leaves {
		var id ids.ID
		copy(id[:], key[1:])
		var err error
		switch key[0] {
		case 0x00:
		case 0x01:
			identities++
			_, err = chain.ParseIdentity(value)
		case 0x02:
			channels++
			_, err = chain.ParseChannel(value)
		case 0x03:
			c.sessions[id], err = chain.ParseSession(value)
			c.NoError(err)
			switch c.sessions[id].Status {
			case chain.SessionPending:
				pending++
			case chain.SessionActive:
				active++
			}
			for i, participant := range c.sessions[id].Participants {
				acted := []byte{0}
				if c.sessions[id].Acted[i] {
					acted[0] = 1
				}
				creator := c.sessions[id].Creator
				c.expect(join(id[:], creator[:]), []byte("P"), participant[:], acted, number(c.sessions[id].Number))
			}
			bare := id
			bare[0] = 0
			origin, ok := c.origins[bare]
			c.True(ok, "no transaction has made session %s", id)
			c.expect(origin[:], []byte("O"), id[:])
		case 0x04:
			messages++
			index := binary.BigEndian.Uint64([]byte(key[1:]))
			c.Greater(index, c.totals.MessagesSwept)
			c.LessOrEqual(index, c.totals.Messages)
			var message *chain.Message
			message, err = chain.ParseMessage(value)
			c.NoError(err)
			c.expect(number(index), []byte("S"), message.Session[:], number(message.Sequence))
		case 0x05:
			_, err = chain.ParseReceipt(value)
			c.Contains(c.leaves, string(chain.SessionKey(id)), "the session of a receipt")
		case 0x06:
			c.keys[id], err = chain.ParseSessionKeys(value)
		case 0x07:
			_, err = chain.ParseRotatedKey(value)
			c.Contains(c.leaves, string(chain.SessionKey(id)), "the session of a rotated key")
		case 0x08:
			_, err = chain.ParseUsage(value)
			if !slices.Contains(simulatedSources, id) {
				c.Contains(c.leaves, string(chain.IdentityKey(id)), "the identity of what is used")
			}
		case 0x09:
			_, err = chain.ParseInvitations(value)
		case 0x0a:
			_, err = chain.ParseValidatorKey(value)
		default:
			c.Failf("unknown leaf", "%x", key)
		}
		c.NoError(err)
	}
	c.Len(c.keys, len(c.sessions))
	for id, session := range c.sessions {
		c.Contains(c.keys, id)
		c.Equal(c.keys[id].Hash(), session.KeysHash)
	}
	c.Equal(c.totals.Messages-c.totals.MessagesSwept, messages)
	c.Equal(c.totals.PendingSessions, pending)
	c.Equal(c.totals.ActiveSessions, active)
	c.Equal(c.totals.LiveIdentities, identities)
	c.Equal(c.totals.LiveChannels, channels)
}

// queues expects an entry for every number that the walks have not passed.
func (c *consistency) queues() {
	named := make(map[string]ids.ID)
	for key, value := range c.leaves {
		var id ids.ID
		copy(id[:], key[1:])
		switch key[0] {
		case 0x01:
			identity, err := chain.ParseIdentity(value)
			c.NoError(err)
			named[fmt.Sprint(2, identity.Number)] = id
		case 0x02:
			channel, err := chain.ParseChannel(value)
			c.NoError(err)
			named[fmt.Sprint(3, channel.Number)] = id
		case 0x03:
			named[fmt.Sprint(1, c.sessions[id].Number)] = id
		case 0x0a:
			key, err := chain.ParseValidatorKey(value)
			c.NoError(err)
			c.Equal(id, chain.ValidatorKeyID(key.BLSPublicKey))
			named[fmt.Sprint(4, key.Number)] = id
		}
	}
	for kind, walk := range map[byte][2]uint64{
		1: {c.totals.SessionsSwept, c.totals.Sessions},
		2: {c.totals.IdentitiesSwept, c.totals.Identities},
		3: {c.totals.ChannelsSwept, c.totals.Channels},
		4: {c.totals.ValidatorKeysSwept, c.totals.ValidatorKeys},
	} {
		for n := walk[0] + 1; n <= walk[1]; n++ {
			key := join([]byte{'Q', kind}, number(n))
			value, err := c.db.Get(key)
			c.NoError(err)
			if value == nil && c.rebuilt && named[fmt.Sprint(kind, n)] == ids.Empty {
				continue
			}
			c.Len(value, len(ids.Empty), "queue %d, number %d", kind, n)
			if id, ok := named[fmt.Sprint(kind, n)]; ok {
				c.Equal(id[:], value, "queue %d, number %d", kind, n)
				delete(named, fmt.Sprint(kind, n))
			}
			c.expect(value, key)
		}
	}
	c.Empty(named, "records whose numbers no queue holds")
}

// nothingElse walks the whole database.
func (c *consistency) nothingElse() {
	it, err := c.db.Iterator(nil, nil)
	c.NoError(err)
	found := make(map[string]bool)
	nodes := 0
	for ; it.Valid(); it.Next() {
		key := string(it.Key())
		if key[0] == 's' {
			c.True(c.nodes[key], "no version uses the node %x", key)
			nodes++
			continue
		}
		if key[0] == 'm' { // IAVL's own: the storage version
			continue
		}
		value, ok := c.expected[key]
		c.True(ok, "stale key %q %x", key[:1], key[1:])
		c.Equal(value, it.Value(), "%q %x", key[:1], key[1:])
		found[key] = true
	}
	c.NoError(it.Error())
	c.NoError(it.Close())
	c.Equal(len(c.nodes), nodes)
	for key := range c.expected {
		c.True(found[key], "missing key %q %x", key[:1], key[1:])
	}
}

// tree walks every version of the tree that there is, hashes the last one anew and holds
// its root against the header's.
func (c *consistency) tree(last *chain.Header) {
	newest := last.Height + 1 // the version
	first := newest
	for first > 1 && c.has(nodeKey(first-1, 1)) {
		first--
	}
	for version := first; version < newest; version++ {
		c.walk(nodeKey(version, 1), nil)
	}
	root := c.walk(nodeKey(newest, 1), c.leaves)
	c.Equal(last.StateRoot[:], root, "root hash at height %d", last.Height)
	totals, err := chain.ParseTotals(c.leaves[string(chain.TotalsKey())])
	c.NoError(err)
	c.Equal(last.Height, totals.Height)
	c.Equal(last.Timestamp, totals.Timestamp)
	c.totals = totals
}

func (c *consistency) has(key []byte) bool {
	has, err := c.db.Has(key)
	c.NoError(err)
	return has
}

func nodeKey(version uint64, nonce uint32) []byte {
	return binary.BigEndian.AppendUint32(join([]byte("s"), number(version)), nonce)
}

// walk reads a node and all below it and returns its hash. With leaves it goes down to
// every leaf; without, it stops at nodes that an older version has led to.
//
// A node is stored as: height, size, key; of a leaf the value; of an inner node its hash,
// a mode (0), and version and nonce of the nodes to its left and right. Its hash covers
// height, size and version, then of a leaf key and hash of the value, of an inner node
// the hashes of its children (ICS-23, IavlSpec).
func (c *consistency) walk(key []byte, leaves map[string][]byte) []byte {
	if leaves == nil && c.nodes[string(key)] {
		return nil
	}
	c.nodes[string(key)] = true
	stored, err := c.db.Get(key)
	c.NoError(err)
	c.NotEmpty(stored, "the node %x is missing", key)
	r := &nodeReader{Assertions: c.Assertions, rest: stored}
	height, size := r.varint(), r.varint()
	hashed := binary.AppendVarint(binary.AppendVarint(nil, height), size)
	hashed = binary.AppendVarint(hashed, int64(binary.BigEndian.Uint64(key[1:])))
	field := r.bytes()
	if height == 0 {
		value := r.bytes()
		c.Empty(r.rest)
		if leaves != nil {
			leaves[string(field)] = value
		}
		valueHash := sha256.Sum256(value)
		hash := sha256.Sum256(appendBytes(appendBytes(hashed, field), valueHash[:]))
		return hash[:]
	}
	hash := r.bytes()
	c.Zero(r.varint(), "mode")
	left := c.walk(r.child(), leaves)
	right := c.walk(r.child(), leaves)
	c.Empty(r.rest)
	if leaves != nil {
		computed := sha256.Sum256(appendBytes(appendBytes(hashed, left), right))
		c.Equal(hash, computed[:], "hash of the node %x", key)
	}
	return hash
}

func appendBytes(to, field []byte) []byte {
	return append(binary.AppendUvarint(to, uint64(len(field))), field...)
}

// nodeReader decodes a stored node.
type nodeReader struct {
	*require.Assertions
	rest []byte
}

func (r *nodeReader) varint() int64 {
	n, size := binary.Varint(r.rest)
	r.Positive(size)
	r.rest = r.rest[size:]
	return n
}

func (r *nodeReader) bytes() []byte {
	n, size := binary.Uvarint(r.rest)
	r.Positive(size)
	r.LessOrEqual(n, uint64(len(r.rest)-size))
	field := r.rest[size : size+int(n)]
	r.rest = r.rest[size+int(n):]
	return field
}

func (r *nodeReader) child() []byte {
	version := r.varint()
	return nodeKey(uint64(version), uint32(r.varint()))
}
