package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// invitationsOfCall is for how many invitations a client is charged another call.
const invitationsOfCall = 16

func bucketOf(bits, number uint64) (chain.Bucket, error) {
	bucket := chain.Bucket{Bits: bits, Number: number}
	return bucket, bucket.Check()
}

func (r *request) listInvitations(ctx context.Context, p *client.ListInvitationsParams) (*client.ListInvitationsResult, error) {
	bucket, err := bucketOf(p.Bits, p.Bucket)
	if err != nil {
		return nil, err
	}
	limit, err := r.limit(p.Limit)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := r.signing(ctx, p.Wait)
	if err != nil {
		return nil, err
	}
	defer cancel()
	snapshot, block, err := r.provable(ctx, p.TrustedHeight, p.Uncertified)
	if errors.Is(err, refusal.ErrRateLimited) {
		snapshot, block, err = r.kept(ctx, p.TrustedHeight, err)
	}
	if err != nil {
		return nil, err
	}
	header := snapshot.Header()
	result := &client.ListInvitationsResult{Height: header.Height, First: max(p.From, 1), Invitations: []byte{}}
	leaf, err := snapshot.Invitations(bucket)
	switch {
	case err == nil:
		before, _ := leaf.Begin(r.vm.Genesis(), header.Timestamp)
		result.First = max(p.From, before+1)
		err = r.eachInvitation(ctx, bucket, result.First, leaf.Count, limit, func(at *state.IndexedInvitation) (int, error) {
			result.Invitations = at.AppendTo(result.Invitations)
			return chain.CompactInvitationSize, nil
		})
	case errors.Is(err, refusal.ErrNotFound):
		err = nil
	}
	if err != nil {
		return nil, err
	}
	result.Proof, err = r.prove(ctx, snapshot, block, [][]byte{chain.InvitationsKey(bucket)})
	return result, err
}

func (r *request) getInvitation(ctx context.Context, p *client.GetInvitationParams) (*client.GetInvitationResult, error) {
	bucket, err := bucketOf(p.Bits, p.Bucket)
	if err != nil {
		return nil, err
	}
	limit, err := r.limit(max(p.Count, 1))
	if err != nil {
		return nil, err
	}
	leaf, err := r.vm.Snapshot().Invitations(bucket)
	if err != nil {
		return nil, err
	}
	if p.Number == 0 || p.Number > leaf.Count {
		return nil, refusal.New(refusal.ErrNotFound, fmt.Sprintf("a number from 1 to %d, the bucket's last invitation", leaf.Count), p.Number)
	}
	result := new(client.GetInvitationResult)
	return result, r.eachInvitation(ctx, bucket, p.Number, leaf.Count, limit, func(at *state.IndexedInvitation) (int, error) {
		body, err := r.vm.Invitation(*at)
		if err != nil {
			return 0, err
		}
		result.Sealed = append(result.Sealed, body.Sealed)
		return len(body.Sealed), nil
	})
}

// eachInvitation reads invitations of a bucket, at most so many from a number up to the last, until what
// is taken of them fills a page. It is refusal.ErrNotHeld if this node does not hold the first.
func (r *request) eachInvitation(ctx context.Context, bucket chain.Bucket, from, last uint64, limit int, take func(*state.IndexedInvitation) (size int, err error)) error {
	found, err := r.vm.Invitations(bucket, from, last, limit)
	if err != nil {
		return err
	}
	if from <= last && (len(found) == 0 || found[0].Number != from) {
		return refusal.New(refusal.ErrNotHeld, "an invitation whose block this node holds; ask another node, or later", from)
	}
	for i, size := 0, 0; i < len(found) && size < r.config.pageBytes(); i++ {
		if i > 0 && i%invitationsOfCall == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			r.spend(1)
		}
		taken, err := take(&found[i])
		if err != nil {
			return err
		}
		size += taken
	}
	return nil
}
