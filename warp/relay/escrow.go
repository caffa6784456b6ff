package relay

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/contracts"
)

// ErrForgotten is that a refund can't be shown from what the node still has.
var ErrForgotten = errors.New("the chain has forgotten some messages")

// scanAtOnce is how many messages of a session are gone through in one transaction: 2,500 gas each.
var scanAtOnce = 1000

var escrow = contracts.NewSessionEscrow()

// Deposit is a deposit of a SessionEscrow.
type Deposit struct {
	contracts.SessionEscrowDeposit
	ID uint64
}

// Open reports whether nobody has had it yet.
func (d *Deposit) Open() bool { return d.Amount.Sign() > 0 }

// DepositCall returns the call that deposits an amount in an escrow.
func DepositCall(at common.Address, d contracts.SessionEscrowDeposit) Call {
	return Call{To: &at, Value: d.Amount, Input: escrow.PackDeposit(d.Payee, d.Session, d.Message, d.Sequence, d.Reader, d.Deadline)}
}

// Deposited returns the deposit that a transaction has made.
func Deposited(receipt *types.Receipt, d contracts.SessionEscrowDeposit) (*Deposit, error) {
	if len(receipt.Logs) == 0 {
		return nil, fmt.Errorf("transaction %s has made no deposit", receipt.TxHash)
	}
	event, err := escrow.UnpackDepositedEvent(receipt.Logs[0])
	if err != nil {
		return nil, err
	}
	d.Payer = event.Payer
	return &Deposit{d, event.Id.Uint64()}, nil
}

// Deposits returns the deposits of an escrow from an ID on, in their order.
func Deposits(ctx context.Context, evm *EVM, at common.Address, from uint64) (deposits []*Deposit, err error) {
	count, err := ask(ctx, evm, at, escrow.PackCount(), escrow.UnpackCount)
	if err != nil {
		return nil, err
	}
	for id := from; id < count.Uint64(); id++ {
		d, err := depositAt(ctx, evm, at, id)
		if err != nil {
			return nil, err
		}
		deposits = append(deposits, d)
	}
	return deposits, nil
}

func depositAt(ctx context.Context, evm *EVM, at common.Address, id uint64) (*Deposit, error) {
	d, err := ask(ctx, evm, at, escrow.PackDeposits(new(big.Int).SetUint64(id)), escrow.UnpackDeposits)
	return &Deposit{d, id}, err
}

// nextDeposit returns what settles the first deposit that can be settled now.
func (r *Relayer) nextDeposit(ctx context.Context) (*task, error) {
	if r.Escrow == (common.Address{}) {
		return nil, nil
	}
	count, err := ask(ctx, r.EVM, r.Escrow, escrow.PackCount(), escrow.UnpackCount)
	if err != nil {
		return nil, err
	}
	var failed error
	for id := r.journal.Settled; id < count.Uint64(); id++ {
		if r.over[id] {
			continue
		}
		t, err := r.settle(ctx, id)
		if t != nil {
			return t, nil
		}
		failed = errors.Join(failed, err)
	}
	settled := r.journal.Settled
	for ; r.over[settled]; settled++ {
		delete(r.over, settled)
	}
	if settled > r.journal.Settled {
		r.journal.Settled = settled
		failed = errors.Join(failed, r.journal.save())
	}
	return nil, failed
}

// settle returns what settles a deposit, nil if that can't be shown now, or there is nothing to do.
func (r *Relayer) settle(ctx context.Context, id uint64) (*task, error) {
	d, err := depositAt(ctx, r.EVM, r.Escrow, id)
	if err != nil {
		return nil, err
	}
	if !d.Open() || !r.isFor(d.Payer) && !r.isFor(d.Payee) {
		r.over[id] = true
		return nil, nil
	}
	s := &settlement{d, r, new(big.Int).SetUint64(id)}
	what := fmt.Sprintf("payment of deposit %d", id)
	call, err := s.claim(ctx)
	if call == nil && err == nil && r.isFor(d.Payer) { // a stranger's contract may refuse its refund, each time at this key's cost
		what = fmt.Sprintf("refund of deposit %d", id)
		call, err = s.refund(ctx)
	}
	if call == nil || err != nil || r.waits(what) {
		return nil, err
	}
	call.To = &r.Escrow
	return &task{*call, what}, nil
}

// settlement is what a session chain shows of a deposit's message.
type settlement struct {
	*Deposit
	*Relayer
	number *big.Int // the deposit's ID
}

// claim returns the call that pays the payee, nil if the message is not there, or not read.
func (s *settlement) claim(ctx context.Context) (*Call, error) {
	message, err := s.message(ctx)
	if message == nil || err != nil {
		return nil, err
	}
	call := &Call{Input: escrow.PackClaim(s.number, 0)}
	if s.Reader != ([32]byte{}) {
		answer, err := s.Sessions.GetReceipt(ctx, client.GetReceiptParams{SessionID: s.Session, Participant: s.Reader})
		if errors.Is(err, refusal.ErrNotFound) || err == nil && answer.Receipt.Sequence < message.Sequence {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if err := call.bring(ctx, s.Sessions, answer.Receipt.TransactionID); err != nil || s.Message == ([32]byte{}) {
			return call, err
		}
	}
	return call, call.bring(ctx, s.Sessions, message.ID)
}

// refund returns the call that pays the payer, nil if it is too early, or the message is there.
func (s *settlement) refund(ctx context.Context) (*Call, error) {
	b, err := lastBlock(ctx, s.Sessions)
	if err != nil || b.header.Timestamp < s.Deadline {
		return nil, err
	}
	message, err := s.message(ctx)
	if err != nil {
		return nil, err
	}
	if message == nil {
		session, err := b.prove(ctx, chain.SessionKey(s.Session), client.GetProofParams{SessionID: s.Session})
		if err != nil {
			return nil, err
		}
		said, err := s.said(ctx, session)
		if err != nil {
			return nil, err
		}
		if len(said) > scanAtOnce {
			return &Call{Input: escrow.PackScan(s.number, said[:scanAtOnce])}, nil
		}
		return b.certify(ctx, func(header []byte) []byte { return escrow.PackRefund(s.number, 0, header, session.Commitment, said) })
	}
	if s.Reader == ([32]byte{}) {
		return nil, nil // it is there: the payee's
	}
	receipt, err := b.prove(ctx, chain.ReceiptKey(s.Session, s.Reader), client.GetProofParams{SessionID: s.Session, Participant: s.Reader})
	if err != nil {
		return nil, err
	}
	var shown []byte
	if receipt.shows.Present {
		if shown, err = s.shown(ctx, b, message); err != nil {
			return nil, err
		}
	}
	return b.certify(ctx, func(header []byte) []byte {
		return escrow.PackRefundUnread(s.number, 0, header, receipt.Commitment, shown)
	})
}

// message returns the message that the deposit is for, nil if it is not there.
func (s *settlement) message(ctx context.Context) (*client.Message, error) {
	params := client.GetMessageParams{SessionID: s.Session, Sequence: s.Sequence}
	if s.Message != ([32]byte{}) {
		params = client.GetMessageParams{MessageID: s.Message}
	}
	answer, err := s.Sessions.GetMessage(ctx, params)
	switch {
	case errors.Is(err, refusal.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case answer.Message.SessionID != ids.ID(s.Session) || answer.Message.Sequence < s.Sequence:
		return nil, nil // no message pays this deposit
	}
	return &answer.Message, nil
}

// shown returns the proof of the message in a block, nil if the deposit names no ID.
func (s *settlement) shown(ctx context.Context, b *block, message *client.Message) ([]byte, error) {
	if s.Message == ([32]byte{}) {
		return nil, nil
	}
	proof, err := b.prove(ctx, chain.MessageKey(message.Index), client.GetProofParams{Index: message.Index})
	if err != nil {
		return nil, err
	}
	return proof.Commitment, nil
}

// said returns the messages of a session that this relayer has not scanned, as a proof shows it: at most one more than scanAtOnce.
// It returns none if the deposit names no ID. All messages have to lead to the session's transcript: what is scanned can't be
// taken back. Errors: ErrForgotten; ErrNode.
func (s *settlement) said(ctx context.Context, session *proof) (said []contracts.SessionStateSaid, err error) {
	if s.Message == ([32]byte{}) || !session.shows.Present {
		return nil, nil
	}
	scanned, err := ask(ctx, s.EVM, s.Escrow, escrow.PackScans(s.number, s.EVM.Address()), escrow.UnpackScans)
	if err != nil {
		return nil, err
	}
	record, transcript, next := session.shows.Session, chain.FirstTranscript(s.Session), uint64(1)
	for next <= record.Messages {
		page, err := s.Sessions.ListMessages(ctx, client.ListMessagesParams{SessionID: s.Session, From: next})
		if err != nil {
			return nil, err
		}
		from := next
		for _, m := range page.Messages {
			if m.Sequence != next || next > record.Messages {
				continue
			}
			timestamp := uint64(m.Timestamp.UnixMilli())
			transcript = chain.NextTranscript(transcript, m.ID, timestamp)
			if next > scanned.Count && len(said) <= scanAtOnce {
				said = append(said, contracts.SessionStateSaid{Message: m.ID, Timestamp: timestamp})
			}
			if next == scanned.Count && transcript != scanned.Transcript {
				return nil, fmt.Errorf("%w: what this key has scanned of session %s is not what the node lists: use another key", ErrNode, ids.ID(s.Session))
			}
			next++
		}
		if next == from {
			return nil, fmt.Errorf("%w: of %d messages of session %s the node does not list message %d", ErrForgotten, record.Messages, ids.ID(s.Session), next)
		}
	}
	if transcript != record.Transcript {
		return nil, fmt.Errorf("%w: expected messages of session %s that lead to transcript %s, got %s", ErrNode, ids.ID(s.Session), record.Transcript, transcript)
	}
	return said, nil
}
