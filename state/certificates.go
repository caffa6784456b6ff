package state

import (
	"encoding/binary"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Certificates are this node's own memory and no part of the chain: each can be collected
// again while its validators are there.

// Certificate returns the kept certificate of the accepted block of a height by a validator
// set, encoded, or refusal.ErrNotFound.
func (s *Store) Certificate(height uint64, validatorSet chain.Hash) ([]byte, error) {
	value, err := s.db.Get(certificateKey(height, validatorSet))
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, refusal.New(refusal.ErrNotFound, "a block with a certificate", height)
	}
	return value, nil
}

// KeepCertificate keeps the certificate of an accepted block by a validator set.
func (s *Store) KeepCertificate(height uint64, validatorSet chain.Hash, certificate []byte) error {
	return s.db.Set(certificateKey(height, validatorSet), certificate)
}

// LatestCertified returns the header of the highest accepted block whose own validators'
// certificate is kept, or refusal.ErrNotFound.
func (s *Store) LatestCertified() (*chain.Header, error) {
	it, err := s.db.ReverseIterator([]byte{keyCertificate}, []byte{keyCertificate + 1})
	if err != nil {
		return nil, err
	}
	defer it.Close()
	for ; it.Valid(); it.Next() {
		key := it.Key()
		header, err := s.HeaderAt(binary.BigEndian.Uint64(key[1:]))
		if err != nil {
			return nil, err
		}
		if chain.Hash(key[1+8:]) == header.ValidatorSetHash {
			return header, nil
		}
	}
	if err := it.Error(); err != nil {
		return nil, err
	}
	return nil, refusal.New(refusal.ErrNotFound, "a block with a certificate", "none")
}

func certificateKey(height uint64, validatorSet chain.Hash) []byte {
	return append(numberKey(keyCertificate, height), validatorSet[:]...)
}
