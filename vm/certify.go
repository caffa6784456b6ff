package vm

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"
	"golang.org/x/sync/singleflight"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

const (
	// certifyTimeout bounds how long signatures are collected for one message.
	certifyTimeout = 10 * time.Second
	// maxCertifying is how many messages are signed for at the same time.
	maxCertifying = 16
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
	handovers  chan uint64 // heights of blocks whose validators are others than their parents'
	ctx        context.Context
	cancel     context.CancelFunc
	done       chan struct{}
}

// signedKey names a signed message: what is signed, and by the validators of which set.
type signedKey struct {
	message ids.ID
	set     chain.Hash
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
		return nil, chain.Refuse(chain.ErrNotFound, "the ID of an accepted block", id)
	}
	return header, err
}

// Delivery implements signing.Chain.
func (a accepted) Delivery(message ids.ID) (*warp.Delivery, error) { return a.vm.Delivery(message) }

// Delivery returns the delivery of a message that is in the last accepted state, or a
// chain.ErrNotFound.
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

// Certificate returns the certificate of an accepted block, signed by the validators that
// its header commits to, or by others: nil are its own. It is kept, or collected from the
// validators now; a signing.ErrNoQuorum says that too few have signed.
func (vm *VM) Certificate(ctx context.Context, header *chain.Header, by *signing.Validators) (*warp.Certificate, error) {
	if err := vm.certifies(); err != nil {
		return nil, err
	}
	if by == nil {
		own, err := vm.validatorsOf(ctx, header)
		if err != nil {
			return nil, err
		}
		by = own
	}
	c := vm.certifier
	hash := c.hash(by)
	if kept, err := vm.store.Certificate(header.Height, hash); err == nil {
		return warp.ParseCertificate(kept)
	} else if !state.IsNotFound(err) {
		return nil, err
	}
	message, err := c.sign(ctx, warp.BlockMessage(vm.host.NetworkID, vm.host.ChainID, header.ID()), by)
	if err != nil {
		return nil, err
	}
	if hash == header.ValidatorSetHash { // one for each block: what is kept is bounded
		if err := vm.store.KeepCertificate(header.Height, hash, message.Bytes()); err != nil {
			return nil, err
		}
	}
	return message.Certificate()
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
	return vm.certifier.sign(ctx, delivery.UnsignedMessage(vm.host.NetworkID), by)
}

func (c *certifier) hash(set *signing.Validators) chain.Hash {
	return set.Hash(c.vm.host.NetworkID, c.vm.host.ChainID)
}

// sign returns a message that a quorum of the set has signed. Those who ask for the same
// message at the same time wait for the same signatures.
func (c *certifier) sign(ctx context.Context, message *warp.UnsignedMessage, set *signing.Validators) (*warp.Message, error) {
	key := signedKey{message.ID(), c.hash(set)}
	if signed, ok := c.signed.Get(key); ok {
		return signed, nil
	}
	collected := c.flight.DoChan(fmt.Sprintf("%x%x", key.message, key.set), func() (any, error) {
		ctx, cancel := context.WithTimeout(c.ctx, certifyTimeout)
		defer cancel()
		select {
		case c.slots <- struct{}{}:
			defer func() { <-c.slots }()
		case <-ctx.Done():
			return nil, chain.Refuse(chain.ErrWaitTimeout, fmt.Sprintf("at most %d messages being signed at a time; try again", maxCertifying), "more")
		}
		signed, err := c.aggregator.Aggregate(ctx, message, set, c.quorum)
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
		return nil, chain.Refuse(chain.ErrWaitTimeout, "signatures within the wait limit; try again", ctx.Err())
	}
}

// accepted looks for changes of the validator set. Who trusts the old one can only follow
// if it signs the first block of the new one too, and its validators may be gone later: so
// these certificates are collected at once, and kept.
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

// certifyHandover collects the certificates of a block by its own validators and by its
// parent's.
func (c *certifier) certifyHandover(height uint64) error {
	header, err := c.vm.HeaderAt(height)
	if err != nil {
		return err
	}
	if _, err := c.vm.Certificate(c.ctx, header, nil); err != nil {
		return err
	}
	parent, err := c.vm.HeaderAt(height - 1)
	if err != nil || parent.ValidatorSetHash == (chain.Hash{}) {
		return err
	}
	old, err := c.vm.validatorsOf(c.ctx, parent)
	if err != nil {
		return err
	}
	handover, err := c.vm.Certificate(c.ctx, header, old)
	if err != nil {
		return err
	}
	return c.vm.store.KeepCertificate(height, c.hash(old), handover.Bytes())
}
