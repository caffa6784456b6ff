package signing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"
	"golang.org/x/sync/singleflight"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// certifyTimeout bounds how long signatures are collected for one message.
	certifyTimeout = 10 * time.Second
	// maxCertifying is how many messages are signed for at the same time.
	maxCertifying = 16
	// departedTimeout and maxDeparted are the same for validators most of which are none any
	// more: they may still answer, but must not keep those waiting who can get an answer.
	departedTimeout = time.Second
	maxDeparted     = 4
	// maxAttesting is how many blocks are attested at the same time, beside what is signed with BLS.
	maxAttesting = 4
	// cachedMessages is how many signed messages are remembered, about 500 bytes each.
	cachedMessages = 4096
	// waitingBlocks is how many blocks wait to be certified in the background.
	waitingBlocks = 64
)

// Ledger is what a Collector asks of its chain.
type Ledger interface {
	Chain
	// HeaderAt returns the header of an accepted block.
	HeaderAt(height uint64) (*chain.Header, error)
	// ValidatorsOf returns the validators that a header commits to.
	ValidatorsOf(ctx context.Context, h *chain.Header) (*Validators, error)
	// CurrentValidators returns the validators of now, and their height of the platform chain.
	CurrentValidators(ctx context.Context) (*Validators, uint64, error)
	// StoredCertificate returns what StoreCertificate has stored, or a refusal.ErrNotFound.
	StoredCertificate(height uint64, validatorSet chain.Hash) ([]byte, error)
	StoreCertificate(height uint64, validatorSet chain.Hash, certificate []byte) error
	// KeysAt returns the ML-DSA-65 keys that a set's validators have in the state after a block, or a refusal.ErrPruned.
	KeysAt(h *chain.Header, set *Validators) (*warp.KeySet, error)
}

// Collector collects the signatures of blocks and deliveries. It is safe for concurrent use.
type Collector struct {
	ledger     Ledger
	responder  *Responder
	aggregator *Aggregator
	quorum     warp.Threshold
	signed     *lru.Cache[signedKey, *warp.Message]
	attested   *attested
	flight     singleflight.Group
	slots      chan struct{}
	attesting  chan struct{} // slots for ML-DSA-65
	departed   chan struct{} // slots for validators that are none any more
	blocks     chan uint64   // heights of blocks to certify in the background
	mu         sync.Mutex
	waiting    map[uint64]bool // guarded by mu: the heights in blocks, and the one that is being certified
	ctx        context.Context
	cancel     context.CancelFunc
	done       chan struct{}
}

// signedKey names a signed message: what is signed, and by the validators of which set.
type signedKey struct {
	message   ids.ID
	set       chain.Hash
	threshold warp.Threshold
}

// NewCollector returns the collector of a node: its responder and attestor, how it reaches the other
// nodes, and the part of the validators' weight that signs a certificate. Failed is told of each
// block that could not be certified in the background. Close it.
func NewCollector(ledger Ledger, responder *Responder, attestor *Attestor, self ids.NodeID, network Network, quorum warp.Threshold, failed func(height uint64, err error)) *Collector {
	signed, err := lru.New[signedKey, *warp.Message](cachedMessages)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	c := &Collector{
		ledger:     ledger,
		responder:  responder,
		aggregator: &Aggregator{Self: self, Responder: responder, Attestor: attestor, Network: network},
		quorum:     quorum,
		signed:     signed,
		attested:   newAttested(),
		slots:      make(chan struct{}, maxCertifying),
		attesting:  make(chan struct{}, maxAttesting),
		departed:   make(chan struct{}, maxDeparted),
		blocks:     make(chan uint64, waitingBlocks),
		waiting:    make(map[uint64]bool),
		done:       make(chan struct{}),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	go c.handOver(failed)
	return c
}

// Close ends what is being collected.
func (c *Collector) Close() {
	c.cancel()
	<-c.done
}

// Respond answers another node's signature request (ACP-118).
func (c *Collector) Respond(ctx context.Context, request []byte) ([]byte, error) {
	return c.responder.Respond(ctx, request)
}

// Attest answers another node's AttestationRequest.
func (c *Collector) Attest(ctx context.Context, request []byte) ([]byte, error) {
	return c.aggregator.Attestor.Respond(ctx, request)
}

// Quorum returns the part of the validators' weight that signs a certificate.
func (c *Collector) Quorum() warp.Threshold { return c.quorum }

// KeptCertificate returns the certificate of an accepted block by a validator set, if this
// node keeps it, or a refusal.ErrNotFound.
func (c *Collector) KeptCertificate(header *chain.Header, by *Validators) (*warp.Certificate, error) {
	kept, err := c.ledger.StoredCertificate(header.Height, c.hash(by))
	if err != nil {
		return nil, err
	}
	return warp.ParseCertificate(kept)
}

// Certificate returns the certificate of an accepted block, signed by the validators that
// its header commits to, or by others: nil are its own. It is kept, or collected from the
// validators now; a QuorumError says that too few have signed.
//
// A set other than the block's own is asked by those who trust it and want to go on from
// it, for which more than a third is enough: so that is what is collected where the quorum
// is no longer there.
func (c *Collector) Certificate(ctx context.Context, header *chain.Header, by *Validators) (*warp.Certificate, error) {
	if by == nil {
		own, err := c.ledger.ValidatorsOf(ctx, header)
		if err != nil {
			return nil, err
		}
		by = own
	}
	kept, err := c.KeptCertificate(header, by)
	if err == nil || !errors.Is(err, refusal.ErrNotFound) {
		return kept, err
	}
	there, err := c.there(ctx, by)
	if err != nil {
		return nil, err
	}
	own := c.hash(by) == header.ValidatorSetHash
	switch {
	case c.quorum.Verify(there) == nil:
		return c.collect(ctx, header, by, c.quorum, c.slots)
	case own:
		return c.collect(ctx, header, by, c.quorum, c.departed)
	case warp.OneThird.Verify(there) == nil:
		return c.collect(ctx, header, by, warp.OneThird, c.slots)
	default:
		return c.collect(ctx, header, by, warp.OneThird, c.departed)
	}
}

// Delivery returns the Warp message of the delivery of a message, or of a receipt, signed by a set's validators.
func (c *Collector) Delivery(ctx context.Context, transaction ids.ID, by *Validators) (*warp.Message, error) {
	delivery, err := c.ledger.Delivery(transaction)
	if err != nil {
		return nil, err
	}
	return c.sign(ctx, delivery.UnsignedMessage(c.responder.networkID), by, c.quorum, c.slots)
}

// there returns how much of a set's weight is among the validators of now.
func (c *Collector) there(ctx context.Context, set *Validators) (warp.Weight, error) {
	current, _, err := c.ledger.CurrentValidators(ctx)
	if err != nil {
		return warp.Weight{}, err
	}
	there := warp.Weight{Total: set.TotalWeight()}
	for i := range set.Len() {
		if validator := set.Validator(i); current.Index(validator.PublicKey) >= 0 {
			there.Signed += validator.Weight
		}
	}
	return there, nil
}

// collect collects the certificate of an accepted block, and keeps its own.
func (c *Collector) collect(ctx context.Context, header *chain.Header, by *Validators, threshold warp.Threshold, slots chan struct{}) (*warp.Certificate, error) {
	message, err := c.sign(ctx, warp.BlockMessage(c.responder.networkID, c.responder.chainID, header.ID()), by, threshold, slots)
	if err != nil {
		return nil, err
	}
	if hash := c.hash(by); hash == header.ValidatorSetHash { // one for each block: what is kept is bounded
		if err := c.ledger.StoreCertificate(header.Height, hash, message.Bytes()); err != nil {
			return nil, err
		}
	}
	return message.Certificate()
}

func (c *Collector) hash(set *Validators) chain.Hash {
	return set.Hash(c.responder.networkID, c.responder.chainID)
}

// sign returns a message that enough of the set has signed. Those who ask for the same
// message at the same time wait for the same signatures.
func (c *Collector) sign(ctx context.Context, message *warp.UnsignedMessage, set *Validators, threshold warp.Threshold, slots chan struct{}) (*warp.Message, error) {
	key := signedKey{message.ID(), c.hash(set), threshold}
	if signed, ok := c.signed.Get(key); ok {
		return signed, nil
	}
	return once(ctx, c, fmt.Sprintf("%x%x%s", key.message, key.set, threshold), slots, func(ctx context.Context) (*warp.Message, error) {
		signed, err := c.aggregator.Aggregate(ctx, message, set, threshold)
		if err == nil {
			c.signed.Add(key, signed)
		}
		return signed, err
	})
}

// once collects something when there is a slot for it. Those who ask for the same at the same time wait for the same.
func once[T any](ctx context.Context, c *Collector, name string, slots chan struct{}, collect func(context.Context) (T, error)) (collected T, err error) {
	results := c.flight.DoChan(name, func() (any, error) {
		timeout := certifyTimeout
		if slots == c.departed {
			timeout = departedTimeout
		}
		ctx, cancel := context.WithTimeout(c.ctx, timeout)
		defer cancel()
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
			return nil, refusal.New(refusal.ErrWaitTimeout, fmt.Sprintf("at most %d messages being signed at a time; try again", cap(slots)), "more")
		}
		return collect(ctx)
	})
	select {
	case result := <-results:
		if result.Err != nil {
			return collected, result.Err
		}
		return result.Val.(T), nil
	case <-ctx.Done():
		return collected, refusal.New(refusal.ErrWaitTimeout, "signatures within the wait limit; try again", ctx.Err())
	}
}

// PostQuantum returns the certificate of an accepted block by those of its validators that have ML-DSA-65 keys in its
// state, more than two thirds of the weight, and these keys. It is remembered, or collected from the validators now. Its state must not be pruned.
func (c *Collector) PostQuantum(ctx context.Context, header *chain.Header) (*warp.PostQuantumCertificate, *warp.KeySet, error) {
	set, err := c.ledger.ValidatorsOf(ctx, header)
	if err != nil {
		return nil, nil, err
	}
	keys, err := c.ledger.KeysAt(header, set)
	if err != nil {
		return nil, nil, err
	}
	if certificate := c.attested.get(header.ID()); certificate != nil {
		return certificate, keys, nil
	}
	there, err := c.there(ctx, set)
	if err != nil {
		return nil, nil, err
	}
	slots := c.attesting
	if warp.TwoThirds.Verify(there) != nil {
		slots = c.departed
	}
	certificate, err := once(ctx, c, fmt.Sprintf("attested %s", header.ID()), slots, func(ctx context.Context) (*warp.PostQuantumCertificate, error) {
		certificate, err := c.aggregator.Attest(ctx, header, set, keys, warp.TwoThirds)
		if err == nil {
			c.attested.add(header.ID(), certificate)
		}
		return certificate, err
	})
	return certificate, keys, err
}

// Accepted looks for a change of the validator set from parent to header. A light client that trusts the old set can
// follow only if that set also signs the first block of the new one. Its validators may be gone
// later, so these certificates are collected at once, and kept.
func (c *Collector) Accepted(header, parent *chain.Header) {
	if header.ValidatorSetHash != parent.ValidatorSetHash {
		c.Certify(header.Height)
	}
}

// Certify collects and keeps an accepted block's certificates in the background. A block that waits for
// that takes no second place: whoever asks again and again leaves room for others.
func (c *Collector) Certify(height uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting[height] {
		return
	}
	select {
	case c.blocks <- height:
		c.waiting[height] = true
	default: // collected when somebody asks
	}
}

func (c *Collector) handOver(failed func(uint64, error)) {
	defer close(c.done)
	for {
		select {
		case height := <-c.blocks:
			if err := c.CertifyHandover(height); err != nil && c.ctx.Err() == nil {
				failed(height, err)
			}
			c.mu.Lock()
			delete(c.waiting, height)
			c.mu.Unlock()
		case <-c.ctx.Done():
			return
		}
	}
}

// CertifyHandover collects the certificates of a block by its parent's validators and by its
// own. Neither waits for the other to succeed: the new validators can still sign later.
func (c *Collector) CertifyHandover(height uint64) error {
	header, err := c.ledger.HeaderAt(height)
	if err != nil {
		return err
	}
	parent, err := c.ledger.HeaderAt(height - 1)
	if err != nil {
		return err
	}
	return errors.Join(c.certifyByOld(header, parent), c.certifyByOwn(header))
}

// certifyByOld collects and keeps a block's certificate by its parent's validators, if there
// are any.
func (c *Collector) certifyByOld(header, parent *chain.Header) error {
	if parent.ValidatorSetHash == (chain.Hash{}) {
		return nil
	}
	old, err := c.ledger.ValidatorsOf(c.ctx, parent)
	if err != nil || old.TotalWeight() == 0 {
		return err
	}
	handover, err := c.collect(c.ctx, header, old, c.quorum, c.slots)
	if errors.Is(err, ErrNoQuorum) { // less will do to go on from the old set
		handover, err = c.collect(c.ctx, header, old, warp.OneThird, c.slots)
	}
	if err != nil {
		return err
	}
	return c.ledger.StoreCertificate(header.Height, c.hash(old), handover.Bytes())
}

// certifyByOwn collects and keeps a block's certificate by its own validators, if there are
// any.
func (c *Collector) certifyByOwn(header *chain.Header) error {
	own, err := c.ledger.ValidatorsOf(c.ctx, header)
	if err != nil || own.TotalWeight() == 0 {
		return err
	}
	_, err = c.collect(c.ctx, header, own, c.quorum, c.slots)
	return err
}
