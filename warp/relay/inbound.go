package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/luxfi/geth"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/contracts"
)

// ErrRefused is that the session chain has refused a contract's call for good. The Relayer does not try it again.
var ErrRefused = errors.New("the session chain has refused the call for good")

const (
	// quorum is the percentage of the weight of the EVM chain's validators whose signatures a node is asked to collect: all, though
	// the session chain wants 67, and the node returns what it got once each has answered. A node of AvalancheGo v1.14.2 that returns
	// before is left with answers that nobody reads, and after two of them its chain takes no answers of other nodes any more
	// (network/p2p/acp118, Aggregator: its channel has no buffer).
	quorum = 100
	// blocksAtOnce is of how many blocks logs are asked for at a time: public nodes answer for no more.
	blocksAtOnce = 2000
	// behind is how many blocks a node may lack that another one of the same address has.
	behind = 64
	// longestCollecting bounds how long a node is waited for that collects signatures: longer than a validator has to answer it (10 s).
	longestCollecting = 30 * time.Second
	// longestRetry bounds how long a Relayer waits before it brings a call again: sessions have minutes to be brought.
	longestRetry = 15 * time.Second
	// lateTries is how often a Relayer tries to bring what a node refuses that may lag behind: a message of a session that it
	// does not know yet.
	lateTries = 4
)

var messenger = contracts.NewIWarpMessenger()

// place is one among the logs of the EVM chain.
type place struct {
	Block uint64 `json:"block"`
	Log   uint   `json:"log"` // its number in the block
}

// call is what a contract has sent to the session chain.
type call struct {
	place
	message ids.ID // of the Warp message
}

// bringNext brings the next call of one of the senders to the session chain. It returns nil if there is none now.
func (r *Relayer) bringNext(ctx context.Context) (*Done, error) {
	var failed error
	for range r.Senders {
		sender := r.Senders[r.turn%len(r.Senders)]
		r.turn++ // no sender waits for another
		done, err := r.bringOf(ctx, sender)
		if done != nil || errors.Is(err, ErrJournal) {
			return done, err
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// bringOf brings a sender's next call, unless it is to wait. Calls of a sender are brought in their order.
func (r *Relayer) bringOf(ctx context.Context, sender common.Address) (*Done, error) {
	if r.waits(sender.Hex()) {
		return nil, nil
	}
	next, err := r.nextCall(ctx, sender)
	if next == nil || err != nil {
		return nil, err
	}
	done, err := r.bring(ctx, sender, next)
	if err != nil && !errors.Is(err, ErrRefused) {
		r.putOff(sender.Hex(), longestRetry)
		return nil, fmt.Errorf("call %s of %s: %w", next.message, sender, err)
	}
	delete(r.refused, sender.Hex())
	r.journal.Brought[sender] = place{next.Block, next.Log + 1}
	if err := errors.Join(err, r.journal.save()); err != nil {
		return nil, fmt.Errorf("call %s of %s: %w", next.message, sender, err)
	}
	return done, nil
}

// nextCall returns a sender's first call that is not done, nil if there is none.
func (r *Relayer) nextCall(ctx context.Context, sender common.Address) (*call, error) {
	last, err := r.EVM.backend.BlockNumber(ctx)
	if err != nil {
		return nil, err
	}
	at, ok := r.journal.Brought[sender]
	if !ok {
		at.Block = r.Since
	}
	for at.Block <= last {
		end := min(last, at.Block+blocksAtOnce-1)
		logs, err := r.EVM.backend.FilterLogs(ctx, sentBy(sender, at.Block, end))
		if err != nil {
			return nil, err
		}
		for _, log := range logs {
			if log.BlockNumber == at.Block && log.Index < at.Log {
				continue
			}
			message, meant, err := r.isCall(sender, &log)
			if err != nil {
				return nil, err
			}
			if meant {
				return &call{place{log.BlockNumber, log.Index}, message}, nil
			}
		}
		if end == last {
			break
		}
		at = place{Block: end + 1}
		if err := r.reach(sender, at); err != nil {
			return nil, err
		}
	}
	if last > behind && at.Block < last-behind {
		return nil, r.reach(sender, place{Block: last - behind})
	}
	return nil, nil
}

// reach notes that all calls of a sender before a place are done.
func (r *Relayer) reach(sender common.Address, at place) error {
	before := r.journal.Brought[sender].Block
	r.journal.Brought[sender] = at
	if at.Block-before < blocksAtOnce { // it is soon looked through again
		return nil
	}
	return r.journal.save()
}

// sentBy asks for the logs of the Warp messages that a contract has sent in some blocks.
func sentBy(sender common.Address, first, last uint64) ethereum.FilterQuery {
	return ethereum.FilterQuery{
		FromBlock: new(big.Int).SetUint64(first), ToBlock: new(big.Int).SetUint64(last), Addresses: []common.Address{warpAddress},
		Topics: [][]common.Hash{{sentTopic}, {common.BytesToHash(sender[:])}},
	}
}

// sentTopic is the first topic of such a log.
var sentTopic = func() common.Hash {
	parsed, err := contracts.IWarpMessengerMetaData.ParseABI()
	if err != nil {
		panic(err)
	}
	return common.Hash(parsed.Events[contracts.IWarpMessengerSendWarpMessageEventName].ID)
}()

// isCall reports whether a log is of a call that this session chain is meant by, and the ID of the Warp message.
func (r *Relayer) isCall(sender common.Address, log *types.Log) (message ids.ID, meant bool, err error) {
	event, err := messenger.UnpackSendWarpMessageEvent(log)
	if err != nil {
		return ids.Empty, false, fmt.Errorf("%w: %w", ErrNode, err)
	}
	unsigned, err := warp.ParseUnsignedMessage(event.Message)
	if err != nil {
		return ids.Empty, false, fmt.Errorf("%w: %w", ErrNode, err)
	}
	if unsigned.ID() != ids.ID(event.MessageID) || event.Sender != sender {
		return ids.Empty, false, fmt.Errorf("%w: expected message %s of %s, got %s of %s", ErrNode, ids.ID(event.MessageID), sender, unsigned.ID(), event.Sender)
	}
	addressed, err := warp.ParseAddressedCall(unsigned.Payload)
	if err != nil {
		return ids.Empty, false, fmt.Errorf("%w: %w", ErrNode, err)
	}
	prefix := append([]byte{warp.CallType}, r.journal.Target.Chain[:]...)
	return unsigned.ID(), bytes.HasPrefix(addressed.Payload, prefix), nil
}

// bring has the session chain accept a call, which it may have before. Errors: ErrRefused.
func (r *Relayer) bring(ctx context.Context, sender common.Address, next *call) (*Done, error) {
	collecting, cancel := context.WithTimeout(ctx, longestCollecting)
	defer cancel()
	encoded, err := r.EVM.backend.SignedWarpMessage(collecting, next.message)
	if err != nil {
		return nil, fmt.Errorf("signatures of the EVM chain's validators: %w", err)
	}
	signed, err := warp.ParseMessage(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNode, err)
	}
	if signed.ID() != next.message {
		return nil, fmt.Errorf("%w: expected message %s with signatures, got %s", ErrNode, next.message, signed.ID())
	}
	_, tx, err := warp.ParseCall(signed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	limits, err := r.Sessions.Limits(ctx)
	if err != nil {
		return nil, err
	}
	result, err := r.Sessions.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: tx.Bytes(), Wait: limits.MaxWait})
	switch {
	case errors.Is(err, refusal.ErrDuplicate):
		result = &client.TransactionResult{TransactionID: tx.ID()}
	case err != nil && r.isFinal(sender, err):
		return nil, fmt.Errorf("%w: %s: %w", ErrRefused, describe(tx.Body), err)
	case err != nil:
		return nil, err
	}
	return &Done{What: fmt.Sprintf("%s by %s", describe(tx.Body), sender), Brought: tx.ID(), Session: result.SessionID}, nil
}

// describe says for people what a call does.
func describe(body chain.Body) string {
	switch body := body.(type) {
	case *chain.SendMessage:
		return fmt.Sprintf("message in session %s", body.Session)
	case *chain.Acknowledge:
		return fmt.Sprintf("receipt up to message %d of session %s", body.Sequence, body.Session)
	case *chain.RegisterIdentity:
		return "registration of " + pq.FormatID(chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey))
	default:
		return "session"
	}
}

// isFinal reports whether a call that the session chain has refused is never to be accepted.
func (r *Relayer) isFinal(sender common.Address, err error) bool {
	is := func(reason refusal.Reason) bool { return errors.Is(err, reason) }
	if slices.ContainsFunc(lateRefusals, is) {
		return r.refused[sender.Hex()].times+1 >= lateTries
	}
	return slices.ContainsFunc(finalRefusals, is)
}

var (
	// lateRefusals are of a node that may lag behind.
	lateRefusals = []refusal.Reason{refusal.ErrUnknownSession, refusal.ErrReceiptAhead}
	// finalRefusals are those that no later block and no other signature changes. Those that are not here are tried again: the
	// validators of the EVM chain are not known yet or too few have signed, an allowance is used up, the node has no room.
	finalRefusals = []refusal.Reason{
		refusal.ErrMalformed, refusal.ErrTooLarge, refusal.ErrParticipantCount, refusal.ErrDuplicateParticipant, refusal.ErrKeyCount, refusal.ErrMetadata,
		refusal.ErrCiphertextSize, refusal.ErrContractCall, refusal.ErrNotParticipant, refusal.ErrSessionExpired, refusal.ErrSessionClosed,
		refusal.ErrSessionFull, refusal.ErrStaleReceipt, refusal.ErrTranscript, refusal.ErrDeadlinePassed, refusal.ErrTransactionTooLarge,
		refusal.ErrNotAdmitted, refusal.ErrKEMKey, refusal.ErrIdentityRenewal, // it is registered
	}
)
