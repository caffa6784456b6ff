package relay

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/contracts"
)

// ErrForgotten is that a refund can't be shown from what the node still has.
var ErrForgotten = errors.New("the chain has forgotten some messages")

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
func Deposits(ctx context.Context, evm *EVM, at common.Address, from uint64) ([]*Deposit, error) {
	count, err := ask(ctx, evm, at, escrow.PackCount(), escrow.UnpackCount)
	if err != nil {
		return nil, err
	}
	var deposits []*Deposit
	for id := from; id < count.Uint64(); id++ {
		d, err := ask(ctx, evm, at, escrow.PackDeposits(new(big.Int).SetUint64(id)), escrow.UnpackDeposits)
		if err != nil {
			return nil, err
		}
		deposits = append(deposits, &Deposit{d, id})
	}
	return deposits, nil
}

// nextDeposit returns what settles the first deposit that can be settled now.
func (r *Relayer) nextDeposit(ctx context.Context) (*task, error) {
	if r.Escrow == (common.Address{}) {
		return nil, nil
	}
	deposits, err := Deposits(ctx, r.EVM, r.Escrow, r.journal.Settled)
	if err != nil {
		return nil, err
	}
	var failed error
	settled := r.journal.Settled
	for _, d := range deposits {
		if !d.Open() || !r.isFor(d.Payer) && !r.isFor(d.Payee) {
			if settled == d.ID {
				settled++
			}
			continue
		}
		call, what, err := settle(ctx, r.Sessions, d)
		if what = fmt.Sprintf("%s of deposit %d", what, d.ID); call != nil && !r.waits(what) {
			call.To = &r.Escrow
			return &task{*call, what}, nil
		}
		failed = errors.Join(failed, err)
	}
	if settled > r.journal.Settled {
		r.journal.Settled = settled
		failed = errors.Join(failed, r.journal.save())
	}
	return nil, failed
}

// settle returns the call that pays out a deposit or gives it back, nil if neither can be shown now.
func settle(ctx context.Context, sessions *client.Client, d *Deposit) (call *Call, what string, err error) {
	s := &settlement{d, sessions, new(big.Int).SetUint64(d.ID)}
	if call, err = s.claim(ctx); call != nil || err != nil {
		return call, "payment", err
	}
	call, err = s.refund(ctx)
	return call, "refund", err
}

// settlement is what a session chain shows of a deposit's message.
type settlement struct {
	*Deposit
	sessions *client.Client
	number   *big.Int // the deposit's ID
}

// claim returns the call that pays the payee, nil if the message is not there, or not read.
func (s *settlement) claim(ctx context.Context) (*Call, error) {
	message, err := s.message(ctx)
	if message == nil || err != nil {
		return nil, err
	}
	if s.Reader == ([32]byte{}) {
		delivery, err := s.sessions.GetWarpMessage(ctx, client.GetWarpMessageParams{MessageID: message.ID})
		if err != nil {
			return nil, err
		}
		return &Call{Input: escrow.PackClaim(s.number, 0), Warp: [][]byte{delivery.Signed}}, nil
	}
	b, err := lastBlock(ctx, s.sessions)
	if err != nil {
		return nil, err
	}
	receipt, err := b.prove(ctx, client.GetProofParams{SessionID: s.Session, Participant: s.Reader})
	if err != nil || !receipt.shows.Present || receipt.shows.Receipt.Sequence < message.Sequence {
		return nil, err
	}
	shown, err := s.shown(ctx, b, message)
	if err != nil {
		return nil, err
	}
	return b.certify(ctx, func(header []byte) []byte {
		return escrow.PackClaimRead(s.number, 0, header, shown, receipt.Commitment)
	})
}

// refund returns the call that pays the payer, nil if it is too early, or the message is there.
func (s *settlement) refund(ctx context.Context) (*Call, error) {
	b, err := lastBlock(ctx, s.sessions)
	if err != nil || b.header.Timestamp < s.Deadline {
		return nil, err
	}
	message, err := s.message(ctx)
	if err != nil {
		return nil, err
	}
	if message == nil {
		session, err := b.prove(ctx, client.GetProofParams{SessionID: s.Session})
		if err != nil {
			return nil, err
		}
		said, err := s.said(ctx, session)
		if err != nil {
			return nil, err
		}
		return b.certify(ctx, func(header []byte) []byte { return escrow.PackRefund(s.number, 0, header, session.Commitment, said) })
	}
	if s.Reader == ([32]byte{}) {
		return nil, nil // it is there: the payee's
	}
	receipt, err := b.prove(ctx, client.GetProofParams{SessionID: s.Session, Participant: s.Reader})
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
	answer, err := s.sessions.GetMessage(ctx, params)
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
	proof, err := b.prove(ctx, client.GetProofParams{Index: message.Index})
	if err != nil {
		return nil, err
	}
	return proof.Commitment, nil
}

// said returns all messages of a session, as a proof shows it. It returns none if the deposit names no ID.
func (s *settlement) said(ctx context.Context, session *proof) (said []contracts.SessionStateSaid, err error) {
	if s.Message == ([32]byte{}) || !session.shows.Present {
		return nil, nil
	}
	for all := session.shows.Session.Messages; uint64(len(said)) < all; {
		page, err := s.sessions.ListMessages(ctx, client.ListMessagesParams{SessionID: s.Session, From: uint64(len(said)) + 1})
		if err != nil {
			return nil, err
		}
		for _, m := range page.Messages {
			if m.Sequence == uint64(len(said))+1 && m.Sequence <= all {
				said = append(said, contracts.SessionStateSaid{Message: m.ID, Timestamp: uint64(m.Timestamp.UnixMilli())})
			}
		}
		if page.Next > page.Total && uint64(len(said)) < all {
			return nil, fmt.Errorf("%w: of %d messages of session %s the node lists %d: the others have left the state", ErrForgotten, all, ids.ID(s.Session), len(said))
		}
	}
	return said, nil
}
