package rpc

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
)

// accepted is a transaction and where it was accepted.
type accepted struct {
	*chain.Transaction
	vm.Inclusion
}

// submitBody submits the transaction of a body and waits until it is accepted.
func (r *request) submitBody(ctx context.Context, body chain.Body, signature []byte, seconds client.Seconds) (*accepted, error) {
	wait, err := r.wait(seconds, r.config.wait())
	if err != nil {
		return nil, err
	}
	tx, err := chain.NewTransaction(r.chainID(), body, signature)
	if err != nil {
		return nil, err
	}
	if err := r.submit(ctx, tx); err != nil {
		return nil, err
	}
	return r.await(ctx, tx, wait)
}

// submit gives a transaction to the chain. One that is in the chain already is no error:
// who submits again wants its answer.
func (r *request) submit(ctx context.Context, tx *chain.Transaction) error {
	if !tx.Signs() || tx.Registration != nil {
		if err := r.client.unsignedTransaction(); err != nil {
			return err
		}
	}
	if err := r.vm.Submit(ctx, tx, vm.Source("client "+r.client.key)); err != nil && !errors.Is(err, refusal.ErrDuplicate) {
		return locate(err, r.about(tx))
	}
	return nil
}

// await waits until a transaction is accepted.
func (r *request) await(ctx context.Context, tx *chain.Transaction, wait time.Duration) (*accepted, error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	inclusion, err := pause(waiting, r, func(ctx context.Context) (vm.Inclusion, error) { return r.vm.Await(ctx, tx.ID()) })
	if err == nil {
		return &accepted{tx, inclusion}, nil
	}
	if status, inclusion, _ := r.vm.TransactionStatus(tx.ID()); status == vm.TransactionAccepted {
		return &accepted{tx, inclusion}, nil // accepted in a block that another node built, or just now
	}
	if errors.Is(err, refusal.ErrWaitTimeout) {
		err = refusal.New(refusal.ErrWaitTimeout, fmt.Sprintf("acceptance within %v; it may still be accepted: ask GetTransaction", wait), "none yet")
	}
	return nil, locate(err, r.about(tx))
}

// about returns the IDs of what a transaction makes or concerns.
func (r *request) about(tx *chain.Transaction) client.ErrorData {
	data := client.ErrorData{TransactionID: tx.ID()}
	switch body := tx.Body.(type) {
	case *chain.CreateSession:
		data.SessionID = chain.SessionID(r.vm.Genesis().Prefix(), r.chainID(), tx.ID())
		data.ChannelID = body.Channel
	case *chain.SendMessage:
		data.MessageID, data.SessionID = tx.ID(), body.Session
	case *chain.Acknowledge:
		data.SessionID = body.Session
	case *chain.RotateKey:
		data.SessionID = body.Session
	case *chain.CloseSession:
		data.SessionID = body.Session
	case *chain.CreateChannel:
		data.ChannelID = chain.ChannelID(r.chainID(), tx.ID())
	case *chain.AddMember:
		data.ChannelID = body.Channel
	case *chain.RemoveMember:
		data.ChannelID = body.Channel
	case *chain.TransferChannel:
		data.ChannelID = body.Channel
	}
	return data
}

// deadline returns a transaction's deadline where the service fills it.
func (r *request) deadline() uint64 { return client.DeadlineAt(r.vm.Genesis(), r.vm.Host().Clock()) }

// metadataEntries returns a metadata object's entries in the chain's order.
func metadataEntries(metadata map[string]string) []chain.MetadataEntry {
	var entries []chain.MetadataEntry
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		entries = append(entries, chain.MetadataEntry{Key: key, Value: metadata[key]})
	}
	return entries
}

func metadataObject(entries []chain.MetadataEntry) map[string]string {
	object := make(map[string]string, len(entries))
	for i := range entries {
		object[entries[i].Key] = entries[i].Value
	}
	return object
}

func publicKeys(list []client.Bytes) [][]byte {
	keys := make([][]byte, len(list))
	for i := range list {
		keys[i] = list[i]
	}
	return keys
}
