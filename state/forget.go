package state

import (
	"errors"

	dbm "github.com/cometbft/cometbft-db"

	"github.com/luxfi/session/chain"
)

const (
	// forgetBlocks and forgetBytes bound what is forgotten after one block.
	forgetBlocks = 256
	forgetBytes  = 16 << 20
)

// forget lets go of the oldest blocks whose life is over, in the background: of headers,
// bodies, certificates, and where transactions are. Segments of the block log go whole. What
// executes does not notice: a transaction that old is refused whether it is known or not.
func (s *Store) forget() error {
	if s.options.BlockLife == 0 {
		return nil
	}
	s.oldestBlock.Lock()
	defer s.oldestBlock.Unlock()
	f := &forgetting{Store: s, batch: s.db.NewBatch(), invited: make(map[chain.Bucket]uint64)}
	defer f.batch.Close()
	last, next := s.Last(), s.forgotten
	for next < last.Height && next-s.forgotten < forgetBlocks && f.bytes < forgetBytes {
		header, err := s.HeaderAt(next)
		if err != nil {
			return err
		}
		following, err := s.HeaderAt(next + 1)
		if err != nil {
			return err
		}
		// The lowest block stays older than transactions can be: a snapshot needs one that is.
		if header.Timestamp+s.options.BlockLife > last.Timestamp || following.Timestamp+s.genesis.Limits.TransactionWindow*1000 >= last.Timestamp {
			break
		}
		if err := f.block(header); err != nil {
			return err
		}
		next++
	}
	if next == s.forgotten || !s.raiseLowest(next) {
		return nil
	}
	if err := f.batch.Set([]byte{keyLowest}, uint64Bytes(next)); err != nil {
		return err
	}
	write := f.batch.Write
	if len(f.segments) > 0 {
		write = f.batch.WriteSync // before the bodies are gone
	}
	err := write()
	if err == nil {
		s.forgotten, s.expired = next, next-1
	}
	for _, segment := range f.segments {
		if err == nil {
			err = s.logOf(place{segment: segment}).drop(segment)
		}
	}
	return err
}

// raiseLowest makes readers see that blocks are gone, before they go. It reports false if
// somebody holds them.
func (s *Store) raiseLowest(lowest uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.held) > 0 {
		return false
	}
	s.lowest = lowest
	return true
}

// forgetting is what one call of forget does.
type forgetting struct {
	*Store
	batch    dbm.Batch
	bytes    int
	segments []uint32                // that have no block any more
	invited  map[chain.Bucket]uint64 // up to which number the invitations of a bucket are forgotten
}

// block forgets one block.
func (f *forgetting) block(header *chain.Header) error {
	keys := [][]byte{numberKey(keyBlock, header.Height), numberKey(keyHeader, header.Height), hashKey(keyBlockID, header.ID())}
	transactions, err := f.transactions(header.Height)
	if err != nil {
		return err
	}
	certificates, err := f.certificates(header.Height)
	if err != nil {
		return err
	}
	for _, key := range append(append(keys, transactions...), certificates...) {
		if err := f.batch.Delete(key); err != nil {
			return err
		}
	}
	if f.blocks == nil {
		return nil
	}
	at, err := f.place(header.Height)
	if err != nil {
		return err
	}
	following, err := f.place(header.Height + 1)
	if err == nil && following.segment != at.segment {
		f.segments = append(f.segments, at.segment)
	}
	return err
}

// transactions returns the keys that say where a block's transactions are, and its invitations. A message's goes
// with the message. Those of a body that is damaged stay.
func (f *forgetting) transactions(height uint64) (keys [][]byte, err error) {
	body, err := f.blockBytes(height)
	if errors.Is(err, errBlockLog) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	f.bytes += len(body)
	blk, err := chain.ParseBlock(f.Last().ChainID, body, chain.MaxBlockBytes)
	if err != nil {
		return nil, damaged(err)
	}
	for _, tx := range blk.Transactions {
		key := hashKey(keyTransaction, tx.ID())
		value, err := f.db.Get(key)
		if err != nil {
			return nil, err
		}
		if value == nil {
			continue
		}
		location, err := parseLocation(value)
		if err != nil {
			return nil, err
		}
		if location.Message == 0 {
			keys = append(keys, key)
		}
	}
	invitations, err := f.invitations(blk)
	return append(keys, invitations...), err
}

// certificates returns the keys of a block's certificates.
func (f *forgetting) certificates(height uint64) (keys [][]byte, err error) {
	it, err := f.db.Iterator(numberKey(keyCertificate, height), numberKey(keyCertificate, height+1))
	if err != nil {
		return nil, err
	}
	for ; it.Valid(); it.Next() {
		keys = append(keys, append([]byte(nil), it.Key()...))
	}
	return keys, errors.Join(it.Error(), it.Close())
}
