package rpc

import (
	"context"
	"errors"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

func (r *request) createSession(ctx context.Context, p *client.CreateSessionParams) (*client.CreateSessionResult, error) {
	body := &chain.CreateSession{
		Participants: p.Participants,
		PublicKeys:   publicKeys(p.PublicKeys),
		Metadata:     metadataEntries(p.Metadata),
		Nonce:        p.Nonce,
		Deadline:     p.Deadline,
	}
	if body.Nonce == 0 {
		body.Nonce = client.Nonce()
	}
	if body.Deadline == 0 {
		body.Deadline = r.deadline()
	}
	tx, err := r.submitBody(ctx, body, nil, p.Wait)
	if err != nil {
		return nil, err
	}
	id := r.about(tx.Transaction).SessionID
	snapshot, session, err := r.session(id)
	if errors.Is(err, refusal.ErrUnknownSession) {
		return nil, locate(refusal.New(refusal.ErrDuplicate, "a new session", "one that was made before and is past its retention"), r.about(tx.Transaction))
	} else if err != nil {
		return nil, err
	}
	return &client.CreateSessionResult{
		SessionID:     id,
		Expires:       int64(session.Expires / 1000),
		Status:        session.StatusAt(snapshot.Header().Timestamp).String(),
		TransactionID: tx.ID(),
		Height:        tx.Height,
		Nonce:         body.Nonce,
		Deadline:      body.Deadline,
	}, nil
}

// session returns a session and the snapshot that it is from; refusal.ErrUnknownSession if
// there is none.
func (r *request) session(id ids.ID) (*state.Snapshot, *chain.Session, error) {
	snapshot := r.vm.Snapshot()
	session, err := snapshot.Session(id)
	return snapshot, session, instead(err, refusal.ErrUnknownSession, "the ID of a session", id)
}

// instead turns a refusal.ErrNotFound into a refusal that says what was not found.
func instead(err error, reason refusal.Reason, expected string, id ids.ID) error {
	if errors.Is(err, refusal.ErrNotFound) {
		return refusal.New(reason, expected, id)
	}
	return err
}

func (r *request) getSession(_ context.Context, p *client.GetSessionParams) (*client.GetSessionResult, error) {
	snapshot, session, err := r.session(p.SessionID)
	if err != nil {
		return nil, err
	}
	keys, err := snapshot.SessionKeys(p.SessionID)
	if err != nil {
		return nil, err
	}
	origin, err := r.vm.Origin(p.SessionID)
	if err != nil {
		return nil, instead(err, refusal.ErrUnknownSession, "the ID of a session", p.SessionID) // swept just now
	}
	answer := client.Session{
		SessionSummary: sessionSummary(snapshot, p.SessionID, session, keys),
		PublicKeys:     make([]client.Bytes, len(keys.PublicKeys)),
		KeyEpochs:      make([]uint64, len(keys.PublicKeys)),
		TransactionID:  origin,
	}
	for i, participant := range session.Participants {
		answer.PublicKeys[i] = keys.PublicKeys[i]
		rotated, err := snapshot.RotatedKey(p.SessionID, participant)
		if err == nil {
			answer.PublicKeys[i], answer.KeyEpochs[i] = rotated.PublicKey, rotated.Epoch
		} else if !state.IsNotFound(err) {
			return nil, err
		}
	}
	return &client.GetSessionResult{Session: answer}, nil
}

func sessionSummary(snapshot *state.Snapshot, id ids.ID, session *chain.Session, keys *chain.SessionKeys) client.SessionSummary {
	return client.SessionSummary{
		ID:           id,
		Participants: session.Participants,
		Created:      timeOf(session.Created),
		Expires:      timeOf(session.Expires),
		Status:       session.StatusAt(snapshot.Header().Timestamp).String(),
		Metadata:     metadataObject(keys.Metadata),
		Messages:     session.Messages,
		Head:         session.Head,
		Transcript:   session.Transcript,
		Creator:      session.Creator,
		Channel:      session.Channel,
		Number:       session.Number,
	}
}

// What one call looks through for the sessions that it lists: so many of them, and so many entries of the
// index, of which passedOfCall are the work of another call.
const (
	maxSessionsLooked = 2048
	maxSessionsPassed = 8 * maxSessionsLooked
	passedOfCall      = 256
)

func (r *request) listSessions(ctx context.Context, p *client.ListSessionsParams) (*client.ListSessionsResult, error) {
	limit, err := r.limit(p.Limit)
	if err != nil {
		return nil, err
	}
	found, next, err := r.candidates(p, limit)
	if err != nil {
		return nil, err
	}
	answer := &client.ListSessionsResult{Sessions: []client.SessionSummary{}, Next: next}
	snapshot := r.vm.Snapshot()
	for i, listed := range found {
		if i > 0 && i%int(r.config.PageSize) == 0 { // a page's worth of work more
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r.spend(1)
		}
		session, err := snapshot.Session(listed.ID)
		if errors.Is(err, refusal.ErrNotFound) || err == nil && !wanted(p, session) { // it may have been swept just now
			continue
		} else if err != nil {
			return nil, err
		}
		keys, err := snapshot.SessionKeys(listed.ID)
		if err != nil {
			return nil, err
		}
		answer.Sessions = append(answer.Sessions, sessionSummary(snapshot, listed.ID, session, keys))
		if len(answer.Sessions) == limit && i+1 < len(found) {
			answer.Next = listed.Number
			break
		}
	}
	return answer, nil
}

// candidates returns sessions that may be among those that are asked for, and, if there are more, before
// which number. The index has who made them: those of others are passed over unread.
func (r *request) candidates(p *client.ListSessionsParams, limit int) (found []state.ListedSession, next uint64, err error) {
	looked, passed := limit, limit
	if p.Channel != ids.Empty || p.With != ids.Empty {
		looked, passed = maxSessionsLooked, maxSessionsPassed
	}
	last := uint64(0)
	err = r.vm.EachSessionOf(p.Participant, !p.Requests, p.Before, func(s state.ListedSession) bool {
		if len(found) == looked || passed == 0 {
			next = last
			return false
		}
		if p.With == ids.Empty || s.Creator == p.With || s.Creator == p.Participant {
			found = append(found, s)
		}
		if passed--; passed%passedOfCall == 0 {
			r.spend(1)
		}
		last = s.Number
		return true
	})
	return found, next, err
}

// wanted reports whether a session is one of those that are asked for.
func wanted(p *client.ListSessionsParams, session *chain.Session) bool {
	if p.Channel != ids.Empty && session.Channel != p.Channel {
		return false
	}
	return p.With == ids.Empty || session.Channel == ids.Empty && session.Creator != ids.Empty &&
		len(session.Participants) == 2 && session.Participant(p.With) >= 0
}
