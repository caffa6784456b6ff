package messaging

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// maxBox bounds the invitations of strangers that are kept, and those of contacts: where there are
	// more, the oldest of who has the most give way.
	maxBox = 128
	// maxLeft bounds those that are remembered so that they are not fetched again: the newest.
	maxLeft = 4096
)

// Invitation is an invitation to a private session. Who sends it has signed it.
type Invitation struct {
	ID      ids.ID           `json:"invitation"`
	From    ids.ID           `json:"from"`
	Time    time.Time        `json:"timestamp"`       // of the block that holds it
	Group   bool             `json:"group,omitempty"` // it asks to join a private group, and says nothing else
	Type    e2ee.ContentType `json:"type,omitempty"`
	Content []byte           `json:"data,omitempty"` // the first message; none of a stranger's
}

// boxed is an invitation that was found and not answered.
type boxed struct {
	ID      ids.ID // SHA-256 of the head
	From    ids.ID
	Time    time.Time
	Seat    e2ee.Seat
	Type    e2ee.ContentType `json:",omitempty"`
	Content []byte
}

func (m *Messenger) contact(kept *privateFile, id ids.ID) bool {
	return m.config.Contact != nil && m.config.Contact(id) || slices.ContainsFunc(kept.Pairs, func(p *pair) bool { return p.With == id })
}

// Decline forgets the invitations of an identity. Errors: ErrInvitation if there are none.
func (m *Messenger) Decline(ctx context.Context, from ids.ID) error {
	return m.inBox(ctx, func(kept *privateFile) error {
		if kept.drop(from, anything) == 0 {
			return noInvitation(from)
		}
		return nil
	})
}

// inBox changes what is kept, after a look for new invitations if it finds none of those that it is about.
func (m *Messenger) inBox(ctx context.Context, change func(*privateFile) error) error {
	err := m.updatePrivate(ctx, change)
	if !errors.Is(err, ErrInvitation) {
		return err
	}
	if err := m.scan(ctx); err != nil {
		return err
	}
	return m.updatePrivate(ctx, change)
}

func noInvitation(from ids.ID) error {
	return refusal.Because(ErrInvitation, "expected somebody who has sent one that is not answered, got %s", pq.FormatID(from))
}

// drop takes some of an identity's invitations out of the box, and returns how many there were.
func (f *privateFile) drop(from ids.ID, of func(*boxed) bool) (count int) {
	f.Box = slices.DeleteFunc(f.Box, func(b *boxed) bool {
		gone := b.From == from && of(b)
		if gone {
			f.leave(b.ID)
			count++
		}
		return gone
	})
	return count
}

func anything(*boxed) bool { return true }

// toTalk reports whether an invitation is to a session of two.
func (b *boxed) toTalk() bool { return b.Type != e2ee.ContentOffer && b.Type != e2ee.ContentSeats }

// unbox takes one out of the box. The pseudonym of an answer to an offer is not taken again, in whichever envelope it
// comes.
func (f *privateFile) unbox(taken *boxed) {
	f.drop(taken.From, func(b *boxed) bool { return b.ID == taken.ID })
	if taken.Type == e2ee.ContentSeats {
		f.leave(taken.Seat.ID)
	}
}

// Block forgets the invitations of an identity, and takes no more of it, or takes them again.
func (m *Messenger) Block(ctx context.Context, id ids.ID, blocked bool) error {
	return m.updatePrivate(ctx, func(kept *privateFile) error {
		kept.Blocked = slices.DeleteFunc(kept.Blocked, func(other ids.ID) bool { return other == id })
		if blocked {
			kept.Blocked = append(kept.Blocked, id)
			kept.drop(id, anything)
		}
		return nil
	})
}

// leave remembers an invitation that is not wanted: somebody may put it on the chain again.
func (f *privateFile) leave(invitation ids.ID) {
	f.Left = append(f.Left, invitation)
	f.Left = f.Left[max(0, len(f.Left)-maxLeft):]
}

// knows reports whether an invitation was found before.
func (f *privateFile) knows(invitation ids.ID) bool {
	return slices.Contains(f.Left, invitation) ||
		slices.ContainsFunc(f.Box, func(b *boxed) bool { return b.ID == invitation }) ||
		slices.ContainsFunc(f.Pairs, func(p *pair) bool { return p.Invitation == invitation })
}

// take puts an invitation in the box, unless it is a blocked one's, or was there before.
func (f *privateFile) take(m *Messenger, b *boxed) {
	if slices.Contains(f.Blocked, b.From) || f.knows(b.ID) ||
		slices.ContainsFunc(f.Box, func(other *boxed) bool { return other.Seat.ID == b.Seat.ID }) ||
		slices.ContainsFunc(f.Pairs, func(p *pair) bool { return p.Peer != nil && p.Peer.ID == b.Seat.ID }) {
		return
	}
	if b.Type == e2ee.ContentSeats { // an answer to an offer of this identity, or nothing
		g := f.group(b.group())
		if g == nil || g.Owner != m.self || g.Out || !slices.Contains(g.Members, b.From) || f.knows(b.Seat.ID) {
			f.leave(b.ID)
			return
		}
		f.drop(b.From, func(other *boxed) bool { return other.Type == b.Type && other.group() == g.ID }) // this one takes its place
	}
	f.makeRoom(m, b.From)
	f.Box = append(f.Box, b)
}

// makeRoom makes room in the box for one more of somebody: if its kind, contacts or strangers, has all places, the oldest
// of who then has the most gives way.
func (f *privateFile) makeRoom(m *Messenger, from ids.ID) {
	contact, alike, counts := m.contact(f, from), 0, map[ids.ID]int{from: 1}
	for _, b := range f.Box {
		if m.contact(f, b.From) == contact {
			alike++
			counts[b.From]++
		}
	}
	if alike < maxBox {
		return
	}
	most := slices.Max(slices.Collect(maps.Values(counts)))
	oldest := slices.IndexFunc(f.Box, func(b *boxed) bool { return m.contact(f, b.From) == contact && counts[b.From] == most })
	f.Box = slices.Delete(f.Box, oldest, oldest+1)
}
