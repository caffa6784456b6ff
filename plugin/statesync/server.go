package statesync

import (
	"context"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// serving is how many requests are answered at a time.
const serving = 2

// Source is what a Server asks of its chain. What the node does not have is a refusal.
type Source interface {
	SummaryCertificate(height uint64) ([]byte, error)
	Chunk(height uint64, path state.Path) ([]byte, error)
	HeaderByID(id ids.ID) (*chain.Header, error)
	BlockBytes(id ids.ID) ([]byte, error)
}

// Server answers the requests of other nodes. It is safe for concurrent use.
type Server struct {
	source func() Source
	slots  chan struct{}
}

// NewServer returns a server of what a source returns at the time of a request.
func NewServer(source func() Source) *Server {
	return &Server{source: source, slots: make(chan struct{}, serving)}
}

// Answer returns the answer to a request, at most MaxAnswerBytes.
func (s *Server) Answer(ctx context.Context, message []byte) ([]byte, error) {
	r, err := parseRequest(message)
	if err != nil {
		return nil, err
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	source := s.source()
	switch r.Kind {
	case kindCertificate:
		return source.SummaryCertificate(r.Height)
	case kindChunk:
		return source.Chunk(r.Height, state.Path{Depth: uint8(r.Depth), Bits: r.Bits})
	case kindHeaders:
		return collect(source, r, maxHeaders, func(header *chain.Header) ([]byte, error) { return header.Bytes(), nil })
	case kindBlocks:
		return collect(source, r, maxBlocks, func(header *chain.Header) ([]byte, error) { return source.BlockBytes(header.ID()) })
	default:
		return nil, refusal.New(refusal.ErrInvalidArgs, "a known kind of request", r.Kind)
	}
}

// collect returns a list of what there is of a block and of those before it, block 0 excepted. It ends
// where the node holds no more, and where it is long enough.
func collect(source Source, r *request, most int, item func(*chain.Header) ([]byte, error)) ([]byte, error) {
	var l list
	size, id := 0, r.Block
	for len(l.Items) < min(int(r.Count), most) && size < listBytes {
		header, err := source.HeaderByID(id)
		var encoded []byte
		if err == nil && header.Height == 0 {
			err = refusal.New(refusal.ErrNotFound, "a block after block 0", id)
		}
		if err == nil {
			encoded, err = item(header)
		}
		if err == nil && len(encoded) > MaxAnswerBytes-listOverhead {
			err = refusal.New(refusal.ErrTooLarge, "a block that fits into a message", len(encoded))
		}
		if err != nil {
			if len(l.Items) == 0 {
				return nil, err
			}
			break
		}
		if size += len(encoded); size > MaxAnswerBytes-listOverhead && len(l.Items) > 0 {
			break
		}
		l.Items = append(l.Items, encoded)
		id = header.Parent
	}
	if len(l.Items) == 0 {
		return nil, refusal.New(refusal.ErrInvalidArgs, "a count from 1 on", r.Count)
	}
	return l.MarshalCanoto(), nil
}
