package gossip

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/luxfi/ids"
	"github.com/luxfi/node/proto/pb/sdk"
	"github.com/luxfi/node/utils/bloom"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/luxfi/session/chain"
)

func TestMessagesAreThoseOfThePlatformsGossip(t *testing.T) {
	first, second := plain(t, 1), plain(t, 2)
	message := push(first, second)
	for _, theirs := range []interface {
		proto.Message
		GetGossip() [][]byte
	}{&sdk.PushGossip{}, &sdk.PullGossipResponse{}} {
		require.NoError(t, proto.Unmarshal(message, theirs))
		require.Equal(t, [][]byte{first.Bytes(), second.Bytes()}, theirs.GetGossip())
		encoded, err := proto.Marshal(theirs)
		require.NoError(t, err)
		require.Equal(t, message, encoded)
	}
	parsed, err := parseTransactions(message)
	require.NoError(t, err)
	require.Equal(t, [][]byte{first.Bytes(), second.Bytes()}, parsed)
	parsed, err = parseTransactions(nil)
	require.NoError(t, err)
	require.Empty(t, parsed)
}

func TestTheLargestTransactionFitsIntoAMessage(t *testing.T) {
	body := &chain.SendMessage{Sender: ids.ID{1}, Session: ids.ID{2}, Ciphertext: make([]byte, chain.MaxTransactionBytes-1<<13)}
	large, err := chain.NewTransaction(testChainID, body, make([]byte, chain.SignatureSize))
	require.NoError(t, err)
	body.Ciphertext = make([]byte, len(body.Ciphertext)+chain.MaxTransactionBytes-len(large.Bytes()))
	large, err = chain.NewTransaction(testChainID, body, large.Signature)
	require.NoError(t, err)
	require.Equal(t, chain.MaxTransactionBytes, len(large.Bytes()))
	parsed, err := parseTransactions(push(large))
	require.NoError(t, err)
	require.Equal(t, [][]byte{large.Bytes()}, parsed)
	// The node's bound is 2 MiB, with its own header and the handler's number.
	require.Less(t, maxMessageBytes, 2<<20-1<<10)
}

func TestFiltersHideWhatTheyHoldAndLittleElse(t *testing.T) {
	for _, count := range []int{0, 1, 1000, 20_000} {
		held, refused := make([]ids.ID, count), make([]chain.Hash, count/10)
		for i := range held {
			binary.BigEndian.PutUint32(held[i][:], uint32(i))
		}
		var known []*chain.Transaction
		for i := range min(count, 100) {
			tx := plain(t, i)
			known = append(known, tx)
			if held[i] = tx.ID(); i < len(refused) {
				held[i], refused[i] = ids.ID{}, tx.Leaf()
			}
		}
		request, err := newFilterRequest(held, refused)
		require.NoError(t, err)
		require.LessOrEqual(t, len(request), 400+2*(len(held)+len(refused)), "below 2 bytes each")
		f, err := parseFilterRequest(request)
		require.NoError(t, err)
		for _, tx := range known {
			require.True(t, f.hides(tx))
		}
		hidden := 0
		for i := range 1000 {
			if f.hides(plain(t, 1_000_000+i)) {
				hidden++
			}
		}
		require.Less(t, hidden, 60, "one in a hundred of IDs and leaves, of %d", count)
	}
}

func TestAFilterIsBounded(t *testing.T) {
	held := make([]ids.ID, 300_000)
	for i := range held {
		binary.BigEndian.PutUint32(held[i][:], uint32(i))
	}
	request, err := newFilterRequest(held, nil)
	require.NoError(t, err)
	_, err = parseFilterRequest(request)
	require.NoError(t, err)
	_, err = parseFilterRequest(append(request, make([]byte, 64)...))
	require.ErrorIs(t, err, errMessage)
}

func TestWhatIsNoFilterIsRefused(t *testing.T) {
	bits, err := bloom.New(1, 1)
	require.NoError(t, err)
	good := bits.Marshal()
	for name, request := range map[string]*sdk.PullGossipRequest{
		"no filter":          {Salt: []byte{1}},
		"no hash functions":  {Filter: []byte{0, 1}},
		"too many":           {Filter: append([]byte{17}, make([]byte, 17*8+1)...)},
		"no bits":            {Filter: good[:9]},
		"a salt of 33 bytes": {Filter: good, Salt: make([]byte, 33)},
	} {
		encoded, err := proto.Marshal(request)
		require.NoError(t, err)
		_, err = parseFilterRequest(encoded)
		require.ErrorIs(t, err, errMessage, name)
	}
	_, err = parseFilterRequest([]byte{0xff})
	require.ErrorIs(t, err, errMessage)
}

func FuzzTransactions(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x0a, 0x00})
	f.Add([]byte{0x0a, 0x02, 'h', 'i', 0x0a, 0x01, '!'})
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Add([]byte{0x12, 0x00})
	f.Fuzz(func(t *testing.T, message []byte) {
		transactions, err := parseTransactions(message)
		if err != nil {
			require.ErrorIs(t, err, errMessage)
			return
		}
		var theirs sdk.PushGossip // what is accepted means the same to others
		require.NoError(t, proto.Unmarshal(message, &theirs))
		require.Len(t, theirs.Gossip, len(transactions))
		for i := range transactions {
			require.True(t, bytes.Equal(theirs.Gossip[i], transactions[i]))
		}
	})
}

func FuzzFilter(f *testing.F) {
	request, err := newFilterRequest([]ids.ID{{1}}, nil)
	require.NoError(f, err)
	f.Add(request)
	f.Add([]byte{})
	public, err := chain.NewTransaction(testChainID, &chain.SendMessage{Sender: ids.ID{1}, Session: ids.ID{2}, Ciphertext: []byte{0}}, make([]byte, chain.SignatureSize))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, message []byte) {
		known, err := parseFilterRequest(message)
		if err != nil {
			require.ErrorIs(t, err, errMessage)
			return
		}
		known.hides(public)
	})
}
