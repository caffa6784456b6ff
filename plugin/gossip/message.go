package gossip

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/luxfi/ids"
	"github.com/luxfi/node/proto/pb/sdk"
	"github.com/luxfi/node/utils/bloom"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/luxfi/session/chain"
)

// StemHandlerID is the number that transactions on their stem have on the host's p2p network. Their messages are PushGossip,
// and nothing else: what the platform's own handler gets is no secret.
const StemHandlerID = 8

// transactionsField is `repeated bytes gossip = 1` of PushGossip and PullGossipResponse.
const transactionsField = protowire.Number(1)

var errMessage = errors.New("malformed gossip")

// appendTransaction adds a transaction to a PushGossip or PullGossipResponse.
func appendTransaction(message []byte, tx *chain.Transaction) []byte {
	message = protowire.AppendTag(message, transactionsField, protowire.BytesType)
	return protowire.AppendBytes(message, tx.Bytes())
}

// parseTransactions splits a PushGossip or PullGossipResponse. The transactions share the
// message's memory. It reads what appendTransaction writes and nothing else: a generated
// decoder would allocate twelve bytes for each byte of a hostile message.
func parseTransactions(message []byte) (transactions [][]byte, err error) {
	if len(message) > maxMessageBytes {
		return nil, fmt.Errorf("%w: expected at most %d bytes, got %d", errMessage, maxMessageBytes, len(message))
	}
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 || number != transactionsField || kind != protowire.BytesType {
			return nil, fmt.Errorf("%w: expected field %d of bytes, got field %d of type %d", errMessage, transactionsField, number, kind)
		}
		transaction, size := protowire.ConsumeBytes(message[n:])
		if size < 0 {
			return nil, fmt.Errorf("%w: %w", errMessage, protowire.ParseError(size))
		}
		if len(transactions) == maxMessageTransactions {
			return nil, fmt.Errorf("%w: expected at most %d transactions", errMessage, maxMessageTransactions)
		}
		transactions = append(transactions, transaction)
		message = message[n+size:]
	}
	return transactions, nil
}

// filter is a Bloom filter of what a node has or does not want: the IDs of transactions it
// holds, and the leaves (chain.Transaction.Leaf) of those it has refused lately. An ID says
// nothing of the signature, so that a refused one must not hide the right one.
type filter struct {
	bits bloom.Checker
	salt []byte
}

// newFilterRequest returns a PullGossipRequest. The salt is new each time, so that what one
// filter hides by chance another shows.
func newFilterRequest(held []ids.ID, refused []chain.Hash) ([]byte, error) {
	count := max(minFilter, len(held)+len(refused))
	hashes, size := bloom.OptimalParameters(count, falsePositives)
	bits, err := bloom.New(hashes, min(size, maxFilterBytes-filterHeader(hashes)))
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return nil, err
	}
	for _, id := range held {
		bloom.Add(bits, id[:], salt)
	}
	for _, leaf := range refused {
		bloom.Add(bits, leaf[:], salt)
	}
	return proto.Marshal(&sdk.PullGossipRequest{Salt: salt, Filter: bits.Marshal()})
}

// filterHeader is how many bytes of an encoded filter are not bits: the number of hash
// functions, and a seed of 8 bytes for each.
func filterHeader(hashes int) int { return 1 + 8*hashes }

func parseFilterRequest(message []byte) (*filter, error) {
	if bound := maxFilterBytes + saltSize + 16; len(message) > bound {
		return nil, fmt.Errorf("%w: expected a filter of at most %d bytes, got %d", errMessage, bound, len(message))
	}
	var request sdk.PullGossipRequest
	if err := proto.Unmarshal(message, &request); err != nil {
		return nil, fmt.Errorf("%w: %w", errMessage, err)
	}
	if len(request.Salt) > saltSize {
		return nil, fmt.Errorf("%w: expected a salt of at most %d bytes, got %d", errMessage, saltSize, len(request.Salt))
	}
	bits, err := bloom.Parse(request.Filter)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMessage, err)
	}
	return &filter{bits: bits, salt: request.Salt}, nil
}

// hides reports whether the filter has the transaction, perhaps by chance.
func (f *filter) hides(tx *chain.Transaction) bool {
	id, leaf := tx.ID(), tx.Leaf()
	return bloom.Contains(f.bits, id[:], f.salt) || bloom.Contains(f.bits, leaf[:], f.salt)
}
