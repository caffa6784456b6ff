package messaging

import (
	"context"
	"errors"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Channel names a durable group of the chain.
type Channel struct {
	ID ids.ID
	// Seen is ChannelState.Number as it was seen last, 0 if never. Who uses a channel for long
	// keeps it: a node that shows the channel as it was before is found out by it.
	Seen uint64
}

// ChannelState is a group as the chain has it. Its sessions are its key epochs: each change of the
// members closes one, and any member makes the next one. The chain has one at a time, of exactly
// the members, and each names the one before. So nobody but the owner brings anybody in, and no
// member leaves another one out.
type ChannelState struct {
	ID      ids.ID
	Owner   ids.ID
	Members []ids.ID // with the owner
	Version uint64   // counts changes of the members and the owner
	Number  uint64   // grows with all that happens to the channel
	Session ids.ID   // the latest; empty if there was none
	Open    bool     // the latest session takes messages

	metadata []chain.MetadataEntry // of each of its sessions
}

const (
	// maxChannelSessions bounds how many sessions of a channel are looked through.
	maxChannelSessions = 1024
	// maxFoundings bounds how many sessions' foundings are kept.
	maxFoundings = 4096
)

// ChannelState looks a channel up. Errors: ErrUnknownChannel of package chain, ErrBehind.
func (m *Messenger) ChannelState(ctx context.Context, channel Channel) (*ChannelState, error) {
	return m.channelState(ctx, channel, 0)
}

// channelState is ChannelState in a state of the chain at a height or above.
func (m *Messenger) channelState(ctx context.Context, channel Channel, height uint64) (*ChannelState, error) {
	key := chain.ChannelKey(channel.ID)
	state, err := m.stateFrom(ctx, height, key)
	if err != nil {
		return nil, err
	}
	if value, err := state.Leaf(key); err == nil && value == nil {
		return nil, refusal.New(refusal.ErrUnknownChannel, "the ID of a channel", channel.ID)
	}
	leaf, err := leafOf(state, key, chain.ParseChannel)
	if err != nil {
		return nil, err
	}
	if leaf.Number < channel.Seen {
		return nil, refusal.Because(ErrBehind, "expected channel %s with number %d or above, got %d", channel.ID, channel.Seen, leaf.Number)
	}
	of := &ChannelState{ID: channel.ID, Owner: leaf.Owner, Members: leaf.Members, Version: leaf.Version, Number: leaf.Number, Session: leaf.Session, metadata: leaf.Metadata}
	if leaf.Session == ids.Empty {
		return of, nil
	}
	key = chain.SessionKey(leaf.Session)
	if state, err = m.stateFrom(ctx, state.Header.Height, key); err != nil {
		return nil, err
	}
	if value, err := state.Leaf(key); err == nil && value == nil {
		return of, nil // the chain has forgotten it
	}
	session, err := leafOf(state, key, chain.ParseSession)
	if err != nil {
		return nil, err
	}
	of.Open = m.takes(session, state.Header.Timestamp)
	return of, nil
}

// takes reports whether a session takes messages by its leaf in a state of some time.
func (m *Messenger) takes(session *chain.Session, timestamp uint64) bool {
	return session.StatusAt(max(timestamp, uint64(max(0, m.now().UnixMilli())))) == chain.SessionActive && session.Messages < m.genesis.MaxMessages
}

// SessionOpen reports whether a session takes messages: that was proven. One that the chain has forgotten,
// or does not have yet, takes none.
func (m *Messenger) SessionOpen(ctx context.Context, session ids.ID) (bool, error) {
	on, _, err := m.in(session)
	if err != nil {
		return false, err
	}
	open, _, err := on.sessionNow(ctx, session, 0)
	return open, err
}

// sessionNow reports whether a session takes messages, and how many it has: 0 if the chain does not have it. That was proven
// in a state at a height or above: before it was made, no session is there. Errors: ErrBehind.
func (m *Messenger) sessionNow(ctx context.Context, session ids.ID, height uint64) (open bool, messages uint64, err error) {
	key := chain.SessionKey(session)
	state, err := m.stateFrom(ctx, height, key)
	if err != nil {
		return false, 0, err
	}
	if value, err := state.Leaf(key); err == nil && value == nil {
		return false, 0, nil
	}
	leaf, err := leafOf(state, key, chain.ParseSession)
	if err != nil {
		return false, 0, err
	}
	return m.takes(leaf, state.Header.Timestamp), leaf.Messages, nil
}

// stateFrom is state at a height or above. The node may need a moment for it.
func (m *Messenger) stateFrom(ctx context.Context, height uint64, keys ...[]byte) (state *lightclient.State, err error) {
	err = retry(ctx, func() (err error) {
		if state, err = m.state(ctx, keys...); err == nil && state.Header.Height < height {
			err = refusal.Because(ErrBehind, "expected a state at height %d or above, got %d", height, state.Header.Height)
		}
		return err
	}, ErrBehind)
	return state, err
}

// NewChannel makes a channel that this identity owns, and its first session. Others join it by the
// channel's ID.
func (m *Messenger) NewChannel(ctx context.Context, members ...ids.ID) (Channel, *Session, error) {
	if err := checkMembers(members); err != nil {
		return Channel{}, nil, err
	}
	if err := m.checkPrekeys(ctx, members); err != nil {
		return Channel{}, nil, err
	}
	deadline, err := m.client.Deadline(ctx)
	if err != nil {
		return Channel{}, nil, err
	}
	body := &chain.CreateChannel{Owner: m.self, Members: members, Metadata: Metadata(), Nonce: client.Nonce(), Deadline: deadline}
	accepted, err := m.act(ctx, body)
	if err != nil {
		return Channel{}, nil, err
	}
	made := Channel{ID: chain.ChannelID(m.chainID, accepted.TransactionID)}
	session, err := m.joinChannel(ctx, made, accepted.Height)
	return made, session, err
}

// ChannelSessions returns the sessions of a channel that this identity is in, oldest first, as far
// back as the chain has them, as a session that is known, or as 1024 of the channel's. Each names
// the one before in the transaction that made it, to which its ID commits.
func (m *Messenger) ChannelSessions(ctx context.Context, channel Channel, known ids.ID) ([]ids.ID, error) {
	of, err := m.ChannelState(ctx, channel)
	if err != nil {
		return nil, err
	}
	var sessions []ids.ID
	id := of.Session
	for looked := 0; id != ids.Empty && id != known && looked < maxChannelSessions; looked++ {
		founded, err := m.founded(ctx, id)
		if errors.Is(err, refusal.ErrUnknownSession) || errors.Is(err, refusal.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		if founded.channel != channel.ID {
			return nil, refusal.Because(ErrNode, "expected a session of channel %s, got one of %s", channel.ID, founded.channel)
		}
		if founded.mine {
			sessions = append(sessions, id)
		}
		id = founded.previous
	}
	slices.Reverse(sessions)
	return sessions, nil
}

// founding is what made a session of a channel. It never changes.
type founding struct {
	channel, previous ids.ID
	mine              bool // this identity takes part
}

// founded returns what made a session. It asks the node once.
func (m *Messenger) founded(ctx context.Context, id ids.ID) (founding, error) {
	m.mu.Lock()
	known, asked := m.foundings[id]
	m.mu.Unlock()
	if asked {
		return known, nil
	}
	body, err := m.made(ctx, id)
	if err != nil {
		return founding{}, err
	}
	known = founding{body.Channel, body.Previous, slices.Contains(body.Participants, m.self)}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.foundings == nil || len(m.foundings) >= maxFoundings {
		m.foundings = make(map[ids.ID]founding)
	}
	m.foundings[id] = known
	return known, nil
}

// JoinChannel joins the session of a channel that is in use, and makes the next one if that is over.
func (m *Messenger) JoinChannel(ctx context.Context, channel Channel) (*Session, error) {
	return m.joinChannel(ctx, channel, 0)
}

func (m *Messenger) joinChannel(ctx context.Context, channel Channel, height uint64) (session *Session, err error) {
	err = retry(ctx, func() error {
		of, err := m.channelState(ctx, channel, height)
		if err != nil {
			return err
		}
		if !slices.Contains(of.Members, m.self) {
			return refusal.New(refusal.ErrNotMember, "a member of the channel", pq.FormatID(m.self))
		}
		if of.Open {
			session, err = m.Join(ctx, of.Session)
		} else {
			session, err = m.newChannelSession(ctx, of)
		}
		return err
	}, refusal.ErrChannelVersion, refusal.ErrPreviousSession, refusal.ErrSessionInUse)
	return session, err
}

// newChannelSession makes a channel's next session.
func (m *Messenger) newChannelSession(ctx context.Context, of *ChannelState) (*Session, error) {
	if err := checkMembers(of.Members[1:]); err != nil {
		return nil, err
	}
	return m.create(ctx, &chain.CreateSession{Participants: of.Members, Channel: of.ID, ChannelVersion: of.Version, Previous: of.Session, Metadata: of.metadata})
}

// AddMember adds a member to a channel of this identity, and makes the session in which it reads:
// nothing of before. What was done before the program ended is not done again.
func (m *Messenger) AddMember(ctx context.Context, channel Channel, member ids.ID) (*Session, error) {
	if err := m.checkPrekeys(ctx, []ids.ID{member}); err != nil {
		return nil, err
	}
	height, err := m.change(ctx, channel, refusal.ErrAlreadyMember, func(version uint64) chain.Body {
		return &chain.AddMember{Channel: channel.ID, Owner: m.self, Member: member, Version: version}
	})
	if err != nil {
		return nil, err
	}
	return m.joinChannel(ctx, channel, height)
}

// RemoveMember removes a member from a channel: the owner can, and the member itself. The session
// that it could read is closed, and the next one made. The session is nil if this identity has left,
// or is alone. A channel whose owner leaves is gone.
func (m *Messenger) RemoveMember(ctx context.Context, channel Channel, member ids.ID) (*Session, error) {
	done := refusal.ErrNotMember
	if member == m.self {
		done = 0
	}
	height, err := m.change(ctx, channel, done, func(version uint64) chain.Body {
		return &chain.RemoveMember{Channel: channel.ID, Remover: m.self, Member: member, Version: version}
	})
	if err != nil || member == m.self {
		return nil, err
	}
	of, err := m.channelState(ctx, channel, height)
	if err != nil || len(of.Members) == 1 {
		return nil, err
	}
	return m.joinChannel(ctx, channel, height)
}

// TransferChannel makes another member the owner of a channel of this identity. Its session goes on.
func (m *Messenger) TransferChannel(ctx context.Context, channel Channel, member ids.ID) error {
	_, err := m.change(ctx, channel, 0, func(version uint64) chain.Body {
		return &chain.TransferChannel{Channel: channel.ID, Owner: m.self, Member: member, Version: version}
	})
	return err
}

// change does a transaction that is of a channel's version, and returns the height at which it was
// accepted. That it was done before, which the chain says with a reason, is no error.
func (m *Messenger) change(ctx context.Context, channel Channel, done refusal.Reason, body func(version uint64) chain.Body) (height uint64, err error) {
	err = retry(ctx, func() error {
		of, err := m.ChannelState(ctx, channel)
		if err != nil {
			return err
		}
		accepted, err := m.act(ctx, body(of.Version))
		if done != 0 && errors.Is(err, done) {
			return nil
		}
		if err == nil {
			height = accepted.Height
		}
		return err
	}, refusal.ErrChannelVersion)
	return height, err
}
