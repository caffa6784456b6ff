package vm

import (
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"
	"golang.org/x/sync/singleflight"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
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
	// cachedMessages is how many signed messages are remembered, about 500 bytes each.
	cachedMessages = 4096
	// waitingHandovers is how many changes of the validator set wait to be certified.
	waitingHandovers = 64
)

// certifier collects the signatures of blocks and deliveries.
type certifier struct {
	vm         *VM
	responder  *signing.Responder
	aggregator *signing.Aggregator
	quorum     warp.Threshold
	signed     *lru.Cache[signedKey, *warp.Message]
	flight     singleflight.Group
	slots      chan struct{}
	departed   chan struct{} // slots for validators that are none any more
	handovers  chan uint64   // heights of blocks whose validators are others than their parents'
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

func newCertifier(vm *VM) *certifier {
	signed, err := lru.New[signedKey, *warp.Message](cachedMessages)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	responder := signing.NewResponder(vm.host.NetworkID, vm.host.ChainID, accepted{vm}, vm.host.Signer)
	c := &certifier{
		vm:        vm,
		responder: responder,
		aggregator: &signing.Aggregator{
			Self:      vm.host.NodeID,
			Responder: responder,
			Network:   vm.host.Network,
		},
		quorum:    warp.Threshold{Num: vm.config.Quorum, Den: 100},
		signed:    signed,
		slots:     make(chan struct{}, maxCertifying),
		departed:  make(chan struct{}, maxDeparted),
		handovers: make(chan uint64, waitingHandovers),
		done:      make(chan struct{}),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	go c.handOver()
	return c
}

func (c *certifier) close() {
	c.cancel()
	<-c.done
}

// accepted is what the chain tells its responder: what reads show, so that nothing is
// signed that a crash could still undo.
type accepted struct{ vm *VM }

// HeaderByID implements signing.Chain.
func (a accepted) HeaderByID(id ids.ID) (*chain.Header, error) {
	header, err := a.vm.HeaderByID(id)
	if err == nil && header.Height > a.vm.Snapshot().Header().Height {
		return nil, refusal.New(refusal.ErrNotFound, "the ID of an accepted block", id)
	}
	return header, err
}

// Delivery implements signing.Chain.
func (a accepted) Delivery(message ids.ID) (*warp.Delivery, error) { return a.vm.Delivery(message) }

// Delivery returns the delivery of a message that is in the last accepted state, or a
// refusal.ErrNotFound.
func (vm *VM) Delivery(message ids.ID) (*warp.Delivery, error) {
	index, err := vm.MessageIndex(message)
	if err != nil {
		return nil, err
	}
	record, err := vm.Snapshot().Message(index)
	if err != nil {
		return nil, err
	}
	location, err := vm.store.Locate(message)
	if err != nil {
		return nil, err
	}
	header, err := vm.HeaderAt(location.Height)
	if err != nil {
		return nil, err
	}
	return &warp.Delivery{
		ChainID:   vm.host.ChainID,
		Height:    header.Height,
		StateRoot: header.StateRoot,
		Session:   record.Session,
		Message:   record.ID,
		Sequence:  record.Sequence,
		Sender:    record.Sender,
	}, nil
}

// RespondSignature answers another node's signature request (ACP-118).
func (vm *VM) RespondSignature(ctx context.Context, request []byte) ([]byte, error) {
	if err := vm.certifies(); err != nil {
		return nil, err
	}
	return vm.certifier.responder.Respond(ctx, request)
}

// Quorum returns the part of the validators' weight that signs a certificate.
func (vm *VM) Quorum() warp.Threshold { return vm.certifier.quorum }

// KeptCertificate returns the certificate of an accepted block by a validator set, if this
// node keeps it, or a refusal.ErrNotFound.
func (vm *VM) KeptCertificate(header *chain.Header, by *signing.Validators) (*warp.Certificate, error) {
	kept, err := vm.store.Certificate(header.Height, vm.certifier.hash(by))
	if err != nil {
		return nil, err
	}
	return warp.ParseCertificate(kept)
}

// Certificate returns the certificate of an accepted block, signed by the validators that
// its header commits to, or by others: nil are its own. It is kept, or collected from the
// validators now; a signing.QuorumError says that too few have signed.
//
// A set other than the block's own is asked by those who trust it and want to go on from
// it, for which more than a third is enough: so that is what is collected where the quorum
// is no longer there.
func (vm *VM) Certificate(ctx context.Context, header *chain.Header, by *signing.Validators) (*warp.Certificate, error) {
	if err := vm.certifies(); err != nil {
		return nil, err
	}
	if by == nil {
		own, err := vm.ValidatorsOf(ctx, header)
		if err != nil {
			return nil, err
		}
		by = own
	}
	kept, err := vm.KeptCertificate(header, by)
	if err == nil || !state.IsNotFound(err) {
		return kept, err
	}
	there, err := vm.certifier.there(ctx, by)
	if err != nil {
		return nil, err
	}
	c, own := vm.certifier, vm.certifier.hash(by) == header.ValidatorSetHash
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

// there returns how much of a set's weight is among the validators of now.
func (c *certifier) there(ctx context.Context, set *signing.Validators) (warp.Weight, error) {
	current, _, err := c.vm.CurrentValidators(ctx)
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
func (c *certifier) collect(ctx context.Context, header *chain.Header, by *signing.Validators, threshold warp.Threshold, slots chan struct{}) (*warp.Certificate, error) {
	message, err := c.sign(ctx, warp.BlockMessage(c.vm.host.NetworkID, c.vm.host.ChainID, header.ID()), by, threshold, slots)
	if err != nil {
		return nil, err
	}
	if hash := c.hash(by); hash == header.ValidatorSetHash { // one for each block: what is kept is bounded
		if err := c.vm.store.KeepCertificate(header.Height, hash, message.Bytes()); err != nil {
			return nil, err
		}
	}
	return message.Certificate()
}

// LatestCertified returns the header of the highest block whose own certificate this node
// keeps, or a refusal.ErrNotFound.
func (vm *VM) LatestCertified() (*chain.Header, error) {
	if err := vm.certifies(); err != nil {
		return nil, err
	}
	return vm.store.LatestCertified()
}

// SignedDelivery returns the Warp message of a message's delivery, signed by a set's
// validators.
func (vm *VM) SignedDelivery(ctx context.Context, message ids.ID, by *signing.Validators) (*warp.Message, error) {
	if err := vm.certifies(); err != nil {
		return nil, err
	}
	delivery, err := vm.Delivery(message)
	if err != nil {
		return nil, err
	}
	return vm.certifier.sign(ctx, delivery.UnsignedMessage(vm.host.NetworkID), by, vm.certifier.quorum, vm.certifier.slots)
}

func (c *certifier) hash(set *signing.Validators) chain.Hash {
	return set.Hash(c.vm.host.NetworkID, c.vm.host.ChainID)
}

// sign returns a message that enough of the set has signed. Those who ask for the same
// message at the same time wait for the same signatures.
func (c *certifier) sign(ctx context.Context, message *warp.UnsignedMessage, set *signing.Validators, threshold warp.Threshold, slots chan struct{}) (*warp.Message, error) {
	key := signedKey{message.ID(), c.hash(set), threshold}
	if signed, ok := c.signed.Get(key); ok {
		return signed, nil
	}
	collected := c.flight.DoChan(fmt.Sprintf("%x%x%s", key.message, key.set, threshold), func() (any, error) {
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
		signed, err := c.aggregator.Aggregate(ctx, message, set, threshold)
		if err != nil {
			return nil, err
		}
		c.signed.Add(key, signed)
		return signed, nil
	})
	select {
	case result := <-collected:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*warp.Message), nil
	case <-ctx.Done():
		return nil, refusal.New(refusal.ErrWaitTimeout, "signatures within the wait limit; try again", ctx.Err())
	}
}

// accepted looks for changes of the validator set. A light client that trusts the old set can
// follow only if that set also signs the first block of the new one. Its validators may be gone
// later, so these certificates are collected at once, and kept.
func (c *certifier) accepted(header, parent *chain.Header) {
	if header.ValidatorSetHash == parent.ValidatorSetHash || State(c.vm.running.Load()) != NormalOperation {
		return
	}
	select {
	case c.handovers <- header.Height:
	default: // collected when somebody asks
	}
}

func (c *certifier) handOver() {
	defer close(c.done)
	for {
		select {
		case height := <-c.handovers:
			if err := c.certifyHandover(height); err != nil && c.ctx.Err() == nil {
				c.vm.log.Warn("the change of the validator set is not certified", "height", height, "error", err)
			}
		case <-c.ctx.Done():
			return
		}
	}
}

// certifyHandover collects the certificates of a block by its parent's validators and by its
// own. Neither waits for the other to succeed: the new validators can still sign later.
func (c *certifier) certifyHandover(height uint64) error {
	header, err := c.vm.HeaderAt(height)
	if err != nil {
		return err
	}
	parent, err := c.vm.HeaderAt(height - 1)
	if err != nil {
		return err
	}
	return errors.Join(c.certifyByOld(header, parent), c.certifyByOwn(header))
}

// certifyByOld collects and keeps a block's certificate by its parent's validators, if there
// are any.
func (c *certifier) certifyByOld(header, parent *chain.Header) error {
	if parent.ValidatorSetHash == (chain.Hash{}) {
		return nil
	}
	old, err := c.vm.ValidatorsOf(c.ctx, parent)
	if err != nil || old.TotalWeight() == 0 {
		return err
	}
	handover, err := c.collect(c.ctx, header, old, c.quorum, c.slots)
	if errors.Is(err, signing.ErrNoQuorum) { // less will do to go on from the old set
		handover, err = c.collect(c.ctx, header, old, warp.OneThird, c.slots)
	}
	if err != nil {
		return err
	}
	return c.vm.store.KeepCertificate(header.Height, c.hash(old), handover.Bytes())
}

// certifyByOwn collects and keeps a block's certificate by its own validators, if there are
// any.
func (c *certifier) certifyByOwn(header *chain.Header) error {
	own, err := c.vm.ValidatorsOf(c.ctx, header)
	if err != nil || own.TotalWeight() == 0 {
		return err
	}
	_, err = c.collect(c.ctx, header, own, c.quorum, c.slots)
	return err
}
