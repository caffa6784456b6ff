package state

import (
	"math"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// unplaced is the height of a message whose block this node does not hold.
const unplaced = math.MaxUint64

// Prefixes of the tree's keys.
var (
	identityPrefix = chain.IdentityKey(ids.Empty)[0]
	channelPrefix  = chain.ChannelKey(ids.Empty)[0]
	sessionPrefix  = chain.SessionKey(ids.Empty)[0]
	messagePrefix  = chain.MessageKey(0)[0]

	validatorKeyPrefix = chain.ValidatorKeyKey(ids.Empty)[0]
)

// leafIndex returns the index entries that follow from a leaf. Where a message's block is and
// which transaction made a session is known once the block is there: see blockEntries.
func leafIndex(key, value []byte) (entries []write, err error) {
	if len(key) == 0 {
		return nil, refusal.New(refusal.ErrMalformed, "a leaf's key", "none")
	}
	var id ids.ID
	copy(id[:], key[1:])
	switch key[0] {
	case identityPrefix:
		r, err := chain.ParseIdentity(value)
		if err != nil {
			return nil, err
		}
		return []write{{queueKey(IdentityQueue, r.Number), id[:]}}, nil
	case channelPrefix:
		r, err := chain.ParseChannel(value)
		if err != nil {
			return nil, err
		}
		return []write{{queueKey(ChannelQueue, r.Number), id[:]}}, nil
	case validatorKeyPrefix:
		r, err := chain.ParseValidatorKey(value)
		if err != nil {
			return nil, err
		}
		return []write{{queueKey(ValidatorKeyQueue, r.Number), id[:]}}, nil
	case sessionPrefix:
		r, err := chain.ParseSession(value)
		if err != nil {
			return nil, err
		}
		entries = []write{{queueKey(SessionQueue, r.Number), id[:]}, {hashKey(keyOrigin, id), []byte{}}}
		for i, participant := range r.Participants {
			entries = append(entries, write{participantKey(participant, r.Acted[i], r.Number), participantEntry(id, r)})
		}
		return entries, nil
	case messagePrefix:
		r, err := chain.ParseMessage(value)
		if err != nil {
			return nil, err
		}
		d := decoder{rest: key[1:]}
		index, err := parseUint64(d.take(8))
		return []write{
			{hashNumberKey(keySequence, r.Session, r.Sequence), uint64Bytes(index)},
			{hashKey(keyTransaction, r.ID), Location{Height: unplaced, Message: index, Sequence: r.Sequence}.bytes()},
		}, err
	}
	return nil, nil
}

// blockEntries returns what the database holds of a block that was not executed here, whose
// state is below it. body is the block, or its place. Blocks come from the newest to the oldest.
func blockEntries(db dbm.DB, sessionIDPrefix byte, numbers *invitationNumbers, blk *chain.Block, body []byte) ([]write, error) {
	height := blk.Header.Height
	entries := []write{
		{numberKey(keyBlock, height), body},
		{numberKey(keyHeader, height), blk.Header.Bytes()},
		{hashKey(keyBlockID, blk.ID()), uint64Bytes(height)},
	}
	offset, locations := uint32(0), make([]Location, len(blk.Transactions))
	for position, tx := range blk.Transactions {
		id := tx.ID()
		location := NewLocation(height, uint32(position), offset, tx)
		offset, locations[position] = location.Offset+location.Size, location
		value, err := db.Get(hashKey(keyTransaction, id))
		if err != nil {
			return nil, err
		}
		if value != nil {
			known, err := parseLocation(value)
			if err != nil {
				return nil, err
			}
			location.Message, location.Sequence = known.Message, known.Sequence
		} else if _, isMessage := tx.Body.(*chain.SendMessage); isMessage {
			continue // it has left the tree
		}
		entries = append(entries, write{hashKey(keyTransaction, id), location.bytes()})
		if _, creates := tx.Body.(*chain.CreateSession); creates {
			origin := hashKey(keyOrigin, chain.SessionID(sessionIDPrefix, blk.Header.ChainID, id))
			if exists, err := db.Has(origin); err != nil {
				return nil, err
			} else if exists {
				entries = append(entries, write{origin, id[:]})
			}
		}
	}
	invitations, err := numbers.entries(blk, locations)
	return append(entries, invitations...), err
}
