package signing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/luxfi/ids"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// maxAsking is how many validators are asked at the same time.
	maxAsking = 64
	// askTimeout bounds the wait for one answer.
	askTimeout = 3 * time.Second
	// firstPause is the wait before those that did not sign are asked again: they may not
	// have accepted the block yet. It doubles each time, up to lastPause.
	firstPause = 50 * time.Millisecond
	lastPause  = time.Second
)

// Network carries signature requests to other nodes.
type Network interface {
	// RequestSignature sends an encoded Request to a node and returns its response.
	RequestSignature(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error)
}

// Aggregator collects validators' signatures.
type Aggregator struct {
	// Self is this node, which is not asked over the network.
	Self ids.NodeID
	// Responder signs for this node, and knows what the network's validators sign with.
	Responder *Responder
	// Network reaches the others; nil: nobody.
	Network Network
}

// answer is a signature for a key of the set, or why there is none.
type answer struct {
	index     int
	signature warp.Signature
	err       error
}

// Aggregate asks the validators of a set for their signatures until those that have signed
// reach the threshold, and returns the signed message. Each signature is verified before it
// counts. Validators that refuse or are silent are asked again until ctx ends, which is a
// QuorumError.
func (a *Aggregator) Aggregate(ctx context.Context, message *warp.UnsignedMessage, set *Validators, threshold warp.Threshold) (*warp.Message, error) {
	subject, err := Subject(message)
	if err != nil {
		return nil, err
	}
	suite, err := a.Responder.ciphersuite(ctx)
	if err != nil {
		return nil, err
	}
	request := &Request{Message: message.Bytes(), Justification: subject[:]}
	aggregation := warp.NewAggregation(suite, message, set.ValidatorSet)
	missing := make([]int, set.Len())
	for i := range missing {
		missing[i] = i
	}
	var last error
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		var signed *warp.Message
		if signed, missing, err = a.ask(ctx, aggregation, message, request.Bytes(), set, missing, threshold); signed != nil {
			return signed, nil
		}
		if err != nil {
			last = err
		}
		if len(missing) == 0 || a.Network == nil {
			return nil, &QuorumError{Threshold: threshold, Weight: aggregation.Weight(), Last: last}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, &QuorumError{Threshold: threshold, Weight: aggregation.Weight(), Last: errors.Join(last, ctx.Err())}
		}
	}
}

// ask asks the validators that are missing, all at once, and returns the signed message as
// soon as enough have signed; or those that are still missing, and what one of them said.
func (a *Aggregator) ask(ctx context.Context, aggregation *warp.Aggregation, message *warp.UnsignedMessage, request []byte, set *Validators, indices []int, threshold warp.Threshold) (*warp.Message, []int, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answers := make(chan answer)
	go func() {
		defer close(answers)
		var group errgroup.Group
		group.SetLimit(maxAsking)
		for _, index := range indices {
			group.Go(func() error {
				signature, err := a.one(ctx, message, request, set.Nodes(index))
				select {
				case answers <- answer{index, signature, err}:
				case <-ctx.Done():
				}
				return nil
			})
		}
		group.Wait() //nolint:errcheck // they return nil
	}()
	signed := make(map[int]bool, len(indices))
	var last error
	for got := range answers {
		if got.err == nil {
			got.err = aggregation.Add(set.Validator(got.index).PublicKey, got.signature)
		}
		if got.err != nil {
			last = fmt.Errorf("validator %d: %w", got.index, got.err)
			continue
		}
		signed[got.index] = true
		if aggregated, err := aggregation.Message(threshold); err == nil {
			return aggregated, nil, nil
		}
	}
	var missing []int
	for _, index := range indices {
		if !signed[index] {
			missing = append(missing, index)
		}
	}
	return nil, missing, last
}

// one asks the nodes of one key, one after the other, until one signs.
func (a *Aggregator) one(ctx context.Context, message *warp.UnsignedMessage, request []byte, nodes []ids.NodeID) (signature warp.Signature, err error) {
	err = refusal.Wrap(ErrNoQuorum, refusal.ErrNotFound, "a node with the key", "none")
	for _, node := range nodes {
		if node == a.Self {
			signature, err = a.Responder.Sign(ctx, message, nil)
		} else {
			signature, err = a.request(ctx, node, request)
		}
		if err == nil {
			return signature, nil
		}
	}
	return signature, err
}

func (a *Aggregator) request(ctx context.Context, node ids.NodeID, request []byte) (warp.Signature, error) {
	if a.Network == nil {
		return warp.Signature{}, refusal.Wrap(ErrNoQuorum, refusal.ErrNotReady, "a network to ask "+node.String(), "none")
	}
	response, err := a.Network.RequestSignature(ctx, node, request)
	if err != nil {
		return warp.Signature{}, fmt.Errorf("%s: %w", node, err)
	}
	return ParseResponse(response)
}
