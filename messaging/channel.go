package messaging

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

// Channel is a durable group on the chain. Its sessions are its key epochs: each change of the
// members closes one and makes the next.
//
// Who may read is not left to the node. A session of the channel counts if the owner signed
// it, or if a participant of the one before signed it and it adds nobody, as when a session has
// expired. So nobody but the owner brings anybody in.
type Channel struct {
	ID    ids.ID
	Owner ids.ID
	// Latest is the last session of the channel that this identity is in and knows of, empty if
	// none. Who uses a channel for long keeps it: a node that shows the channel as it was before,
	// with members that have been removed since, is found out by it.
	Latest ids.ID
}

// ChannelSession is a session of a channel that counts.
type ChannelSession struct {
	ID           ids.ID
	Participants []ids.ID
	made         time.Time // at the latest
	Open         bool      // as the node says: neither closed nor expired nor full
}

// channelPages bounds how many pages of sessions are looked through.
const channelPages = 64

// maxFoundings bounds how many sessions' foundings are kept.
const maxFoundings = 4096

// NewChannel makes a channel that this identity owns, and its first session. Others Join it
// by its sessions.
func (m *Messenger) NewChannel(ctx context.Context, members ...ids.ID) (Channel, *Session, error) {
	if err := checkMembers(members); err != nil {
		return Channel{}, nil, err
	}
	for _, member := range members {
		if _, err := m.identity(ctx, member); err != nil {
			return Channel{}, nil, err
		}
	}
	deadline, err := m.config.Client.Deadline(ctx)
	if err != nil {
		return Channel{}, nil, err
	}
	body := &chain.CreateChannel{Owner: m.self, Members: members, Nonce: client.Nonce(), Deadline: deadline}
	accepted, err := m.act(ctx, body)
	if err != nil {
		return Channel{}, nil, err
	}
	made := Channel{ID: chain.ChannelID(m.chainID, accepted.TransactionID), Owner: m.self}
	session, err := m.newSession(ctx, made.ID, members)
	return made, session, err
}

// Channel looks a channel up. Its owner is what the node says, so it is to be kept from the
// first time on.
func (m *Messenger) Channel(ctx context.Context, id ids.ID) (Channel, []ids.ID, error) {
	listed, err := m.listed(ctx, id)
	if err != nil {
		return Channel{}, nil, err
	}
	return Channel{ID: id, Owner: listed.Owner}, listed.Members, nil
}

// ChannelSessions returns the sessions of a channel that count and that this identity is in,
// oldest first.
func (m *Messenger) ChannelSessions(ctx context.Context, channel Channel) ([]ChannelSession, error) {
	var listed []client.SessionSummary
	err := m.config.Client.EachSession(ctx, client.ListSessionsParams{Participant: m.self, Channel: channel.ID}, channelPages, func(s *client.SessionSummary) bool {
		if s.Channel == channel.ID {
			listed = append(listed, *s)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(listed)
	var sessions []ChannelSession
	for i := range listed {
		session, counts, err := m.channelSession(ctx, channel, &listed[i], sessions)
		if errors.Is(err, chain.ErrNotRegistered) || errors.Is(err, ErrNode) { // who made it has lapsed, or the node lies
			m.warn(fmt.Errorf("session %s of channel %s is left out: %w", listed[i].ID, channel.ID, err))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("session %s: %w", listed[i].ID, err)
		}
		if counts {
			sessions = append(sessions, session)
		}
	}
	return sessions, m.checkLatest(channel, sessions)
}

// checkLatest refuses sessions of a channel as it was before the last one that is known.
func (m *Messenger) checkLatest(channel Channel, sessions []ChannelSession) error {
	if channel.Latest == ids.Empty {
		return nil
	}
	at := slices.IndexFunc(sessions, func(s ChannelSession) bool { return s.ID == channel.Latest })
	if at < 0 {
		known, err := m.peek(channel.Latest)
		life := time.Duration(m.genesis.SessionTTL)*time.Second + m.retention()
		if err == nil && known != nil && known.Made.Add(life).Before(m.now()) {
			return nil // the chain may have forgotten it
		}
		return wrapf(ErrWithheld, "want session %s of channel %s", channel.Latest, channel.ID)
	}
	window := time.Duration(m.genesis.Limits.TransactionWindow) * time.Second
	for _, later := range sessions[at+1:] {
		if later.made.Add(window).Before(sessions[at].made) {
			return wrapf(ErrNode, "session %s was made before %s", later.ID, channel.Latest)
		}
	}
	return nil
}

// channelSession reports whether a session counts after those before it.
func (m *Messenger) channelSession(ctx context.Context, channel Channel, listed *client.SessionSummary, before []ChannelSession) (ChannelSession, bool, error) {
	body, err := m.founded(ctx, listed.ID)
	if err != nil {
		return ChannelSession{}, false, err
	}
	over := body.deadline.Add(time.Duration(m.genesis.SessionTTL) * time.Second) // at the latest, as its maker signed
	session := ChannelSession{
		ID: listed.ID, Participants: slices.Clone(body.participants), made: body.deadline,
		Open: listed.Status == chain.SessionActive.String() && listed.Expires.After(m.now()) && over.After(m.now()) && listed.Messages < m.genesis.MaxMessages,
	}
	if body.channel != channel.ID || !slices.Contains(body.participants, m.self) {
		return session, false, nil
	}
	return session, body.creator == channel.Owner || len(before) > 0 && renews(body, before[len(before)-1].Participants), nil
}

// founding is what made a session, as far as it says who may read it. It never changes.
type founding struct {
	creator, channel ids.ID
	participants     []ids.ID
	deadline         time.Time // of the transaction, which its maker signed
}

// founded returns what made a session. It asks the node once.
func (m *Messenger) founded(ctx context.Context, id ids.ID) (*founding, error) {
	m.mu.Lock()
	known := m.foundings[id]
	m.mu.Unlock()
	if known != nil {
		return known, nil
	}
	body, err := m.made(ctx, id)
	if err != nil {
		return nil, err
	}
	known = &founding{creator: body.Creator, channel: body.Channel, participants: body.Participants, deadline: time.UnixMilli(int64(body.Deadline))}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.foundings == nil || len(m.foundings) >= maxFoundings {
		m.foundings = make(map[ids.ID]*founding)
	}
	m.foundings[id] = known
	return known, nil
}

// renews reports whether a participant of a session signed the next one, and added nobody.
func renews(next *founding, before []ids.ID) bool {
	for _, participant := range next.participants {
		if !slices.Contains(before, participant) {
			return false
		}
	}
	return slices.Contains(before, next.creator)
}

// JoinChannel joins the session of a channel that is in use, and makes the next one if that
// is over or if a participant has left the channel since.
func (m *Messenger) JoinChannel(ctx context.Context, channel Channel) (*Session, error) {
	sessions, err := m.ChannelSessions(ctx, channel)
	if err != nil {
		return nil, err
	}
	if len(sessions) == 0 {
		return nil, chain.Refuse(chain.ErrNotMember, "a member of the channel, in a session that its owner made", pq.FormatID(m.self))
	}
	latest := sessions[len(sessions)-1]
	listed, err := m.listed(ctx, channel.ID)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(listed.Members, m.self) {
		return nil, chain.Refuse(chain.ErrNotMember, "a member of the channel", pq.FormatID(m.self))
	}
	left := func(id ids.ID) bool { return !slices.Contains(listed.Members, id) }
	if latest.Open && !slices.ContainsFunc(latest.Participants, left) {
		return m.Join(ctx, latest.ID)
	}
	return m.nextSession(ctx, channel, slices.DeleteFunc(slices.Clone(latest.Participants), left))
}

// AddMember adds a member to a channel of this identity, and makes the session in which it
// reads: nothing of before. What was done before the program ended is not done again.
func (m *Messenger) AddMember(ctx context.Context, channel Channel, member ids.ID) (*Session, error) {
	if _, err := m.identity(ctx, member); err != nil {
		return nil, err
	}
	participants, version, err := m.changing(ctx, channel)
	if err != nil {
		return nil, err
	}
	_, err = m.act(ctx, &chain.AddMember{Channel: channel.ID, Owner: m.self, Member: member, Version: version})
	if err != nil && !errors.Is(err, chain.ErrAlreadyMember) {
		return nil, err
	}
	if slices.Contains(participants, member) {
		return m.JoinChannel(ctx, channel)
	}
	if err := m.closeLatest(ctx, channel); err != nil {
		return nil, err
	}
	return m.nextSession(ctx, channel, append(participants, member))
}

// RemoveMember removes a member from a channel: the owner can, and the member itself. The
// session that it could read is closed, and the next one made. The session is nil if this
// identity has left.
func (m *Messenger) RemoveMember(ctx context.Context, channel Channel, member ids.ID) (*Session, error) {
	participants, version, err := m.changing(ctx, channel)
	if err != nil {
		return nil, err
	}
	_, err = m.act(ctx, &chain.RemoveMember{Channel: channel.ID, Remover: m.self, Member: member, Version: version})
	if member == m.self {
		return nil, err
	}
	if err != nil && !(errors.Is(err, chain.ErrNotMember) && slices.Contains(participants, member)) {
		return nil, err
	}
	if err := m.closeLatest(ctx, channel); err != nil {
		return nil, err
	}
	return m.nextSession(ctx, channel, slices.DeleteFunc(participants, func(id ids.ID) bool { return id == member }))
}

// changing returns the participants of the latest session that counts and the version that a
// change is of.
func (m *Messenger) changing(ctx context.Context, channel Channel) ([]ids.ID, uint64, error) {
	sessions, err := m.ChannelSessions(ctx, channel)
	if err != nil {
		return nil, 0, err
	}
	listed, err := m.listed(ctx, channel.ID)
	if err != nil {
		return nil, 0, err
	}
	if len(sessions) == 0 {
		return nil, 0, chain.Refuse(chain.ErrNotMember, "a member of the channel, in a session that its owner made", pq.FormatID(m.self))
	}
	return slices.Clone(sessions[len(sessions)-1].Participants), listed.Version, nil
}

// closeLatest closes the session that is in use, so that nothing more is said in it.
func (m *Messenger) closeLatest(ctx context.Context, channel Channel) error {
	sessions, err := m.ChannelSessions(ctx, channel)
	if err != nil {
		return err
	}
	latest := sessions[len(sessions)-1].ID
	_, err = m.act(ctx, &chain.CloseSession{Session: latest, Participant: m.self})
	if errors.Is(err, chain.ErrSessionClosed) || errors.Is(err, chain.ErrSessionExpired) || errors.Is(err, chain.ErrUnknownSession) {
		err = nil
	}
	return err
}

// nextSession makes the channel's next session.
func (m *Messenger) nextSession(ctx context.Context, channel Channel, participants []ids.ID) (*Session, error) {
	others := slices.DeleteFunc(slices.Clone(participants), func(id ids.ID) bool { return id == m.self })
	return m.newSession(ctx, channel.ID, others)
}

func (m *Messenger) listed(ctx context.Context, channel ids.ID) (*client.Channel, error) {
	answer, err := m.config.Client.GetChannel(ctx, client.GetChannelParams{ChannelID: channel})
	if err != nil {
		return nil, err
	}
	if answer.Channel.ID != channel {
		return nil, wrapf(ErrNode, "want channel %s, got %s", channel, answer.Channel.ID)
	}
	return &answer.Channel, nil
}

// act signs a transaction in which this identity acts, and waits until it is accepted.
func (m *Messenger) act(ctx context.Context, body chain.Body) (*client.TransactionResult, error) {
	tx, err := m.sign(body)
	if err != nil {
		return nil, err
	}
	return m.issue(ctx, tx.ID(), tx.Bytes(), m.wait)
}
