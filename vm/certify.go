package vm

import (
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

func newCollector(vm *VM) *signing.Collector {
	responder := signing.NewResponder(vm.host.NetworkID, vm.host.ChainID, accepted{vm}, vm.host.Signer)
	quorum := warp.Threshold{Num: vm.config.Quorum, Den: 100}
	attestor := signing.NewAttestor(vm.host.NetworkID, accepted{vm}, vm.keys)
	return signing.NewCollector(accepted{vm}, responder, attestor, vm.host.NodeID, vm.host.Network, quorum, func(height uint64, err error) {
		vm.log.Warn("a block is not certified", "height", height, "error", err)
	})
}

// Certificates returns what collects the validators' signatures. It refuses where there is nobody
// to certify: on a chain whose blocks commit to no validators.
func (vm *VM) Certificates() (*signing.Collector, error) {
	if err := vm.certifies(); err != nil {
		return nil, err
	}
	return vm.collector, nil
}

// LatestCertified returns the header of the highest block whose own certificate this node
// keeps, or a refusal.ErrNotFound.
func (vm *VM) LatestCertified() (*chain.Header, error) {
	if err := vm.certifies(); err != nil {
		return nil, err
	}
	return vm.store.LatestCertified()
}

// accepted is what signing sees of the chain: what reads show, so that nothing is signed that a
// crash could still undo.
type accepted struct{ *VM }

// HeaderByID implements signing.Chain.
func (a accepted) HeaderByID(id ids.ID) (*chain.Header, error) {
	header, err := a.VM.HeaderByID(id)
	if err == nil && header.Height > a.Snapshot().Header().Height {
		return nil, refusal.New(refusal.ErrNotFound, "the ID of an accepted block", id)
	}
	return header, err
}

// StoredCertificate implements signing.Ledger.
func (a accepted) StoredCertificate(height uint64, set chain.Hash) ([]byte, error) {
	return a.store.Certificate(height, set)
}

// StoreCertificate implements signing.Ledger.
func (a accepted) StoreCertificate(height uint64, set chain.Hash, certificate []byte) error {
	return a.store.KeepCertificate(height, set, certificate)
}

// KeysAt implements signing.Ledger.
func (a accepted) KeysAt(h *chain.Header, set *signing.Validators) (*warp.KeySet, error) {
	snapshot, err := a.SnapshotAt(h.Height)
	if err != nil {
		return nil, err
	}
	keys := make([][]byte, set.Len())
	for i := range keys {
		key, err := snapshot.ValidatorKey(chain.ValidatorKeyID(set.Validator(i).PublicKey.Bytes()))
		if state.IsNotFound(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		keys[i] = key.PublicKey
	}
	return warp.NewKeySet(set.ValidatorSet, keys)
}

// Delivery returns the delivery of a message that is in the last accepted state, or of an Acknowledge that was accepted, by the
// transaction's ID, or a refusal.ErrNotFound.
func (vm *VM) Delivery(transaction ids.ID) (*warp.Delivery, error) {
	d := &warp.Delivery{ChainID: vm.host.ChainID, Transaction: transaction}
	if err := vm.fillDelivery(d); err != nil {
		return nil, err
	}
	location, err := vm.store.Locate(transaction)
	if err != nil {
		return nil, err
	}
	header, err := vm.HeaderAt(location.Height)
	if err != nil {
		return nil, err
	}
	d.Height, d.StateRoot = header.Height, header.StateRoot
	return d, nil
}

// fillDelivery fills in what a delivery says of its transaction.
func (vm *VM) fillDelivery(d *warp.Delivery) error {
	index, err := vm.MessageIndex(d.Transaction)
	if err == nil {
		record, err := vm.Snapshot().Message(index)
		if err != nil {
			return err
		}
		d.Type, d.Session, d.Sequence, d.Sender, d.Transcript = warp.MessageType, record.Session, record.Sequence, record.Sender, record.Transcript
		return nil
	}
	tx, _, other := vm.Transaction(d.Transaction)
	if other != nil {
		return err
	}
	body, ok := tx.Body.(*chain.Acknowledge)
	if !ok {
		return err
	}
	d.Type, d.Session, d.Sequence, d.Sender, d.Transcript = warp.ReceiptType, body.Session, body.Sequence, body.Participant, body.Transcript
	return nil
}
