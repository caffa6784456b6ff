package statesync

//go:generate go tool canoto $GOFILE

import (
	"fmt"

	"github.com/StephenButtolph/canoto"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// HandlerID is the number that requests have on the host's p2p network.
const HandlerID = 7

const (
	requestVersion = 1
	// maxRequestBytes bounds a request.
	maxRequestBytes = 128
	// MaxAnswerBytes bounds an answer: nodes carry up to 2 MiB.
	MaxAnswerBytes = 2<<20 - 4<<10
	// listBytes is from how many bytes on a list of headers or blocks ends, if it has one at least.
	listBytes = 1 << 20
	// listOverhead is for the tags and lengths of a list.
	listOverhead = 8 * maxHeaders
	// maxHeaders and maxBlocks bound such lists.
	maxHeaders = 2048
	maxBlocks  = 256
)

// What can be asked for.
const (
	kindCertificate uint32 = iota + 1 // of the block of a height, as warp.Certificate
	kindChunk                         // of the subtree at a path of the state of a height
	kindHeaders                       // of a block and those before it, a list
	kindBlocks                        // the same with bodies
)

// request is what one node asks another.
type request struct {
	Version uint32 `canoto:"uint,1"` // requestVersion
	Kind    uint32 `canoto:"uint,2"`
	Height  uint64 `canoto:"uint,3"`
	Depth   uint32 `canoto:"uint,4"` // of the path
	Bits    uint64 `canoto:"uint,5"` // of the path
	Block   ids.ID `canoto:"fixed bytes,6"`
	Count   uint32 `canoto:"uint,7"` // the longest list

	canotoData canotoData_request
}

// list is an answer of several headers or blocks, from the newest to the oldest.
type list struct {
	Items [][]byte `canoto:"repeated bytes,1"`

	canotoData canotoData_list
}

func certificateRequest(height uint64) []byte {
	return (&request{Version: requestVersion, Kind: kindCertificate, Height: height}).MarshalCanoto()
}

func chunkRequest(height uint64, path state.Path) []byte {
	return (&request{Version: requestVersion, Kind: kindChunk, Height: height, Depth: uint32(path.Depth), Bits: path.Bits}).MarshalCanoto()
}

func headersRequest(block ids.ID, count int) []byte {
	return (&request{Version: requestVersion, Kind: kindHeaders, Block: block, Count: uint32(count)}).MarshalCanoto()
}

func blocksRequest(block ids.ID, count int) []byte {
	return (&request{Version: requestVersion, Kind: kindBlocks, Block: block, Count: uint32(count)}).MarshalCanoto()
}

func parseRequest(message []byte) (*request, error) {
	if len(message) > maxRequestBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a request of at most %d bytes", maxRequestBytes), len(message))
	}
	r := new(request)
	if err := r.UnmarshalCanoto(message); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, "a canonically encoded request", err)
	}
	if r.Version != requestVersion {
		return nil, refusal.New(refusal.ErrVersion, fmt.Sprintf("a request of version %d", requestVersion), r.Version)
	}
	if r.Depth > state.MaxPathDepth {
		return nil, refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("a path of at most %d steps", state.MaxPathDepth), r.Depth)
	}
	return r, nil
}

// parseList decodes a list of 1 to most items, which share the answer's memory.
func parseList(answer []byte, most int) ([][]byte, error) {
	if len(answer) > MaxAnswerBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("an answer of at most %d bytes", MaxAnswerBytes), len(answer))
	}
	var l list
	if _, err := l.UnmarshalCanotoFrom(canoto.Reader{
		B:               answer,
		Unsafe:          true,
		MemoryRemaining: 32*uint64(most) + 4<<10,
		DepthLimit:      1,
	}); err != nil {
		return nil, refusal.New(refusal.ErrMalformed, fmt.Sprintf("a canonically encoded list of at most %d", most), err)
	}
	if n := len(l.Items); n == 0 || n > most {
		return nil, refusal.New(refusal.ErrMalformed, fmt.Sprintf("a list of 1 to %d", most), n)
	}
	return l.Items, nil
}

// parseHeaders decodes a list of headers, the first of which has an ID, and each other one is the
// parent of the one before it.
func parseHeaders(answer []byte, first ids.ID, most int) ([]*chain.Header, error) {
	items, err := parseList(answer, most)
	if err != nil {
		return nil, err
	}
	headers := make([]*chain.Header, len(items))
	expected := first
	for i, item := range items {
		if headers[i], err = chain.ParseHeader(item); err != nil {
			return nil, err
		}
		if id := headers[i].ID(); id != expected {
			return nil, refusal.New(refusal.ErrBlockParent, "the header of block "+expected.String(), id)
		}
		expected = headers[i].Parent
	}
	return headers, nil
}

// parseBlocks decodes a list of blocks in the same order and verifies them.
func parseBlocks(chainID ids.ID, answer []byte, first ids.ID, most int) ([]*chain.Block, error) {
	items, err := parseList(answer, most)
	if err != nil {
		return nil, err
	}
	blocks := make([]*chain.Block, len(items))
	expected := first
	for i, item := range items {
		if blocks[i], err = chain.ParseBlock(chainID, item, MaxAnswerBytes); err != nil {
			return nil, err
		}
		if id := blocks[i].ID(); id != expected {
			return nil, refusal.New(refusal.ErrBlockParent, "block "+expected.String(), id)
		}
		expected = blocks[i].Header.Parent
	}
	return blocks, nil
}
