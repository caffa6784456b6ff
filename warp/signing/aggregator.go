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
	// RequestAttestation sends an encoded AttestationRequest to a node and returns its signature.
	RequestAttestation(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error)
}

// Aggregator collects validators' signatures.
type Aggregator struct {
	// Self is this node, which is not asked over the network.
	Self ids.NodeID
	// Responder signs for this node, and knows what the network's validators sign with.
	Responder *Responder
	// Attestor attests for this node.
	Attestor *Attestor
	// Network reaches the others; nil: nobody.
	Network Network
}

// collection is what is collected from a set's validators: signatures of one kind over one thing.
type collection interface {
	// sign signs for this node.
	sign(ctx context.Context, index int) ([]byte, error)
	// request asks a node.
	request(ctx context.Context, node ids.NodeID, index int) ([]byte, error)
	// add verifies the signature of the validator at an index, and counts it if it is good.
	add(index int, signature []byte) error
	weight() warp.Weight
}

// answer is the signature of the validator at an index, or why there is none.
type answer struct {
	index     int
	signature []byte
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
	of := &messageCollection{a, message, request.Bytes(), set, warp.NewAggregation(suite, message, set.ValidatorSet)}
	if err := a.collect(ctx, of, set, threshold); err != nil {
		return nil, err
	}
	return of.aggregation.Message(threshold)
}

// messageCollection collects BLS signatures of a Warp message.
type messageCollection struct {
	*Aggregator
	message     *warp.UnsignedMessage
	encoded     []byte // the request
	set         *Validators
	aggregation *warp.Aggregation
}

func (c *messageCollection) sign(ctx context.Context, _ int) ([]byte, error) {
	signature, err := c.Responder.Sign(ctx, c.message, nil)
	return signature[:], err
}

func (c *messageCollection) request(ctx context.Context, node ids.NodeID, _ int) ([]byte, error) {
	response, err := c.Network.RequestSignature(ctx, node, c.encoded)
	if err != nil {
		return nil, err
	}
	signature, err := ParseResponse(response)
	return signature[:], err
}

func (c *messageCollection) add(index int, signature []byte) error {
	return c.aggregation.Add(c.set.Validator(index).PublicKey, warp.Signature(signature))
}

func (c *messageCollection) weight() warp.Weight { return c.aggregation.Weight() }

// collect asks a set's validators until those that have signed reach the threshold.
func (a *Aggregator) collect(ctx context.Context, of collection, set *Validators, threshold warp.Threshold) error {
	missing := make([]int, set.Len())
	for i := range missing {
		missing[i] = i
	}
	var last, err error
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		missing, err = a.ask(ctx, of, set, missing, threshold)
		if threshold.Verify(of.weight()) == nil {
			return nil
		}
		if err != nil {
			last = err
		}
		if len(missing) == 0 || a.Network == nil {
			return &QuorumError{Threshold: threshold, Weight: of.weight(), Last: last}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return &QuorumError{Threshold: threshold, Weight: of.weight(), Last: errors.Join(last, ctx.Err())}
		}
	}
}

// ask asks the validators that are missing, all at once, until enough have signed. It returns those that are still
// missing, and what one of them said.
func (a *Aggregator) ask(ctx context.Context, of collection, set *Validators, indices []int, threshold warp.Threshold) (missing []int, last error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answers := make(chan answer)
	go func() {
		defer close(answers)
		var group errgroup.Group
		group.SetLimit(maxAsking)
		for _, index := range indices {
			group.Go(func() error {
				signature, err := a.one(ctx, of, index, set.Nodes(index))
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
	for got := range answers {
		if got.err == nil {
			got.err = of.add(got.index, got.signature)
		}
		if got.err != nil {
			last = fmt.Errorf("validator %d: %w", got.index, got.err)
			continue
		}
		signed[got.index] = true
		if threshold.Verify(of.weight()) == nil {
			break
		}
	}
	for _, index := range indices {
		if !signed[index] {
			missing = append(missing, index)
		}
	}
	return missing, last
}

// one asks the nodes of one key, one after the other, until one signs.
func (a *Aggregator) one(ctx context.Context, of collection, index int, nodes []ids.NodeID) (signature []byte, err error) {
	err = refusal.Wrap(ErrNoQuorum, refusal.ErrNotFound, "a node with the key", "none")
	for _, node := range nodes {
		switch {
		case node == a.Self:
			signature, err = of.sign(ctx, index)
		case a.Network == nil:
			err = refusal.Wrap(ErrNoQuorum, refusal.ErrNotReady, "a network to ask "+node.String(), "none")
		default:
			if signature, err = of.request(ctx, node, index); err != nil {
				err = fmt.Errorf("%s: %w", node, err)
			}
		}
		if err == nil {
			return signature, nil
		}
	}
	return nil, err
}
