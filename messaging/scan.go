package messaging

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// maxBox bounds the invitations of strangers that are kept, and those of contacts: the newest.
	maxBox = 128
	// scanSize is how many invitations are asked for at once.
	scanSize = 256
	// fetchSize is how many sealed parts are asked for where one is wanted, so that the node does not
	// see which.
	fetchSize = 8
)

// bucketPlace is how far a bucket was scanned.
type bucketPlace struct {
	Cursor lightclient.InvitationCursor
	Last   time.Time // when its bits were in use last
}

// boxed is an invitation that was found and not answered.
type boxed struct {
	ID        ids.ID // SHA-256 of the head
	From      ids.ID
	Time      time.Time
	Pseudonym pq.PublicIdentity
	Prekey    []byte
	Type      e2ee.ContentType `json:",omitempty"`
	Content   []byte
}

// Invitations scans the chain for invitations that have come, and returns those that are not answered:
// of contacts, whom Config.Contact reports or with whom this identity has or had a private session, and
// of strangers, whose text is shown once they are accepted. Both are bounded: the newest stay. That no
// invitation was left out is proven. What was found before an error stays found.
func (m *Messenger) Invitations(ctx context.Context) (contacts, strangers []Invitation, err error) {
	if err := m.scan(ctx); err != nil {
		return nil, nil, err
	}
	kept, err := m.loadPrivate()
	if err != nil {
		return nil, nil, err
	}
	for _, b := range kept.Box {
		invitation := Invitation{ID: b.ID, From: b.From, Time: b.Time}
		if m.contact(kept, b.From) {
			invitation.Type, invitation.Content = b.Type, b.Content
			contacts = append(contacts, invitation)
		} else {
			strangers = append(strangers, invitation)
		}
	}
	return contacts, strangers, nil
}

func (m *Messenger) contact(kept *privateFile, id ids.ID) bool {
	return m.config.Contact != nil && m.config.Contact(id) || slices.ContainsFunc(kept.Pairs, func(p *pair) bool { return p.With == id })
}

// Decline forgets an invitation.
func (m *Messenger) Decline(ctx context.Context, invitation ids.ID) error {
	return m.updatePrivate(ctx, func(kept *privateFile) error {
		kept.Box = slices.DeleteFunc(kept.Box, func(b *boxed) bool { return b.ID == invitation })
		return nil
	})
}

// Block forgets the invitations of an identity, and takes no more of it, or takes them again.
func (m *Messenger) Block(ctx context.Context, id ids.ID, blocked bool) error {
	return m.updatePrivate(ctx, func(kept *privateFile) error {
		kept.Blocked = slices.DeleteFunc(kept.Blocked, func(other ids.ID) bool { return other == id })
		if blocked {
			kept.Blocked = append(kept.Blocked, id)
			kept.Box = slices.DeleteFunc(kept.Box, func(b *boxed) bool { return b.From == id })
		}
		return nil
	})
}

// scan goes through what the buckets of this identity have had since, those of now and those whose bits
// were in use when it was here last, and all between: buckets change by a bit at a time.
func (m *Messenger) scan(ctx context.Context) error {
	bits, err := m.bucketBits(ctx)
	if err != nil {
		return err
	}
	kept, err := m.loadPrivate()
	if err != nil {
		return err
	}
	least, most := min(bits[0], bits[1]), max(bits[0], bits[1])
	for i := range kept.Buckets {
		if place := &kept.Buckets[i]; m.now().Sub(place.Last) < m.retention() {
			least, most = min(least, place.Cursor.Bucket.Bits), max(most, place.Cursor.Bucket.Bits)
		}
	}
	for level := least; level <= most; level++ {
		used := level == bits[0] || level == bits[1]
		for more := true; more; {
			if more, err = m.scanPage(ctx, chain.BucketOf(m.self, level), used); err != nil {
				return err
			}
		}
	}
	return nil
}

// scanPage reads a page of a bucket, and stores what is in it for this identity together with where
// it ends. It reports whether there is more.
func (m *Messenger) scanPage(ctx context.Context, bucket chain.Bucket, used bool) (more bool, err error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return false, err
	}
	at := kept.cursor(m.chainID, bucket)
	next, first, page, err := m.invitationPage(ctx, at)
	if err != nil {
		return false, errors.Join(err, m.updatePrivate(ctx, func(kept *privateFile) error {
			kept.place(bucket, func(p *bucketPlace) { p.Cursor.Read = p.Cursor.Proven }) // another node may be honest
			return nil
		}))
	}
	found, err := m.openPage(ctx, bucket, first, page)
	if err != nil {
		return false, err
	}
	return len(page) > 0, m.updatePrivate(ctx, func(kept *privateFile) error {
		if kept.cursor(m.chainID, bucket).Read != at.Read {
			return nil // another program was faster
		}
		for _, b := range found {
			kept.take(m, b)
		}
		kept.place(bucket, func(p *bucketPlace) {
			p.Cursor = next
			if used {
				p.Last = m.now()
			}
		})
		return nil
	})
}

// cursor returns where a bucket is to be read on.
func (f *privateFile) cursor(chainID ids.ID, bucket chain.Bucket) lightclient.InvitationCursor {
	for i := range f.Buckets {
		if f.Buckets[i].Cursor.Bucket == bucket {
			return f.Buckets[i].Cursor
		}
	}
	return lightclient.NewInvitationCursor(chainID, bucket)
}

func (f *privateFile) place(bucket chain.Bucket, change func(*bucketPlace)) {
	for i := range f.Buckets {
		if f.Buckets[i].Cursor.Bucket == bucket {
			change(&f.Buckets[i])
			return
		}
	}
	place := bucketPlace{}
	if change(&place); place.Cursor.Bucket == bucket && place.Cursor.Height > 0 {
		f.Buckets = append(f.Buckets, place)
	}
}

// invitationPage asks for the page after a place, and verifies it.
func (m *Messenger) invitationPage(ctx context.Context, at lightclient.InvitationCursor) (next lightclient.InvitationCursor, first uint64, page []chain.CompactInvitation, err error) {
	trusted, err := m.light.trusted()
	if err != nil {
		return at, 0, nil, err
	}
	answer, err := m.config.Client.ListInvitations(ctx, client.ListInvitationsParams{
		Bits: at.Bucket.Bits, Bucket: at.Bucket.Number, From: at.Read.Number + 1, Limit: scanSize,
		TrustedHeight: trusted, Uncertified: m.config.TrustNode, Wait: m.wait,
	})
	if err != nil {
		return at, 0, nil, err
	}
	if page, err = answer.Page(); err != nil {
		return at, 0, nil, refusal.Because(ErrNode, "%w", err)
	}
	proof, err := lightclient.ParseStateProof(answer.Proof)
	if err != nil {
		return at, 0, nil, refusal.Because(ErrNode, "%w", err)
	}
	state, err := m.light.verify(ctx, proof)
	if err != nil {
		return at, 0, nil, err
	}
	next, err = at.Follow(m.genesis, state, answer.First, page)
	switch {
	case errors.Is(err, lightclient.ErrInvitationsWithheld):
		err = refusal.Because(ErrWithheld, "%w", err)
	case errors.Is(err, lightclient.ErrStateBehind):
		err = refusal.Because(ErrBehind, "%w", err)
	case err != nil:
		err = refusal.Because(ErrNode, "%w", err)
	}
	return next, answer.First, page, err
}

// openPage returns the invitations of a page that are for this identity. One that is for it and does not
// hold is left out with a warning: somebody has paid for it, and the node can't have made it.
func (m *Messenger) openPage(ctx context.Context, bucket chain.Bucket, first uint64, page []chain.CompactInvitation) (found []*boxed, err error) {
	prekeys := m.secrets().Prekeys
	for i := range page {
		key := e2ee.OpenHead(prekeys, m.chainID, page[i].Head)
		if key == nil {
			continue
		}
		sealed, err := m.sealedPart(ctx, bucket, first+uint64(i), &page[i])
		if err != nil {
			key.Wipe()
			return nil, err
		}
		invitation, err := e2ee.OpenInvitation(key, m.self, sealed)
		key.Wipe()
		if err != nil {
			m.warn(err)
			continue
		}
		found = append(found, &boxed{
			ID: sha256.Sum256(page[i].Head), From: invitation.Inviter.ID(), Time: time.UnixMilli(int64(page[i].Timestamp)).UTC(),
			Pseudonym: invitation.Pseudonym, Prekey: invitation.Prekey, Type: invitation.Type, Content: invitation.Content,
		})
	}
	return found, nil
}

// sealedPart fetches the sealed part of an invitation, among some others.
func (m *Messenger) sealedPart(ctx context.Context, bucket chain.Bucket, number uint64, compact *chain.CompactInvitation) ([]byte, error) {
	from := number - (number-1)%fetchSize
	for {
		answer, err := m.config.Client.GetInvitation(ctx, client.GetInvitationParams{Bits: bucket.Bits, Bucket: bucket.Number, Number: from, Count: fetchSize})
		if err != nil && from < number && !client.Unanswered(err) { // the first ones are past retention
			from = number
			continue
		}
		if err != nil {
			return nil, err
		}
		if at := number - from; at < uint64(len(answer.Sealed)) {
			if err := compact.Check(answer.Sealed[at]); err != nil {
				return nil, refusal.Because(ErrNode, "%w", err)
			}
			return answer.Sealed[at], nil
		}
		if from == number {
			return nil, refusal.Because(ErrWithheld, "expected the sealed part of invitation %d", number)
		}
		from = number // they were more than a page takes
	}
}

// take puts an invitation in the box, unless it is a blocked one's, or was there before. The oldest of
// its kind gives way.
func (f *privateFile) take(m *Messenger, b *boxed) {
	same := func(public pq.PublicIdentity) bool { return bytes.Equal(public.DSA, b.Pseudonym.DSA) }
	if slices.Contains(f.Blocked, b.From) ||
		slices.ContainsFunc(f.Box, func(other *boxed) bool { return other.ID == b.ID || same(other.Pseudonym) }) ||
		slices.ContainsFunc(f.Pairs, func(p *pair) bool { return p.Invitation == b.ID || p.Peer != nil && same(*p.Peer) }) {
		return
	}
	contact := m.contact(f, b.From)
	alike := 0
	for _, other := range f.Box {
		if m.contact(f, other.From) == contact {
			alike++
		}
	}
	if alike >= maxBox {
		oldest := slices.IndexFunc(f.Box, func(other *boxed) bool { return m.contact(f, other.From) == contact })
		f.Box = slices.Delete(f.Box, oldest, oldest+1)
	}
	f.Box = append(f.Box, b)
}
