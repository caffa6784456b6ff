package messaging

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

const (
	// scanSize is how many invitations are asked for at once.
	scanSize = 256
	// fetchSize is how many sealed parts are asked for where one is wanted, so that the node does not
	// see which.
	fetchSize = 8
)

// maxOpened bounds the invitations of a bucket whose head has opened and that are not proven yet. What exceeds
// it is tried once they are.
var maxOpened = 4096

// bucketPlace is how far a bucket was scanned.
type bucketPlace struct {
	Cursor lightclient.InvitationCursor
	// Opened are those up to Cursor.Read whose head has opened. Those that are not proven to be of the
	// chain may be the node's.
	Opened []openedHead `json:",omitempty"`
	// Again is from where on heads were not tried, because Opened was full.
	Again *lightclient.InvitationPlace `json:",omitempty"`
}

// openedHead is an invitation whose head has opened.
type openedHead struct {
	Number  uint64
	Compact chain.CompactInvitation
}

// Invitations scans the chain for invitations that have come, and returns those that are not answered:
// of contacts, whom Config.Contact reports or with whom this identity has or had a private session, and
// of strangers, whose text is shown once they are accepted. Both are bounded: of who has sent the most the newest
// stay. That no invitation was left out is proven. What was found before an error stays found.
func (m *Messenger) Invitations(ctx context.Context) (contacts, strangers []Invitation, err error) {
	if err := m.scan(ctx); err != nil {
		return nil, nil, err
	}
	kept, err := m.loadPrivate()
	if err != nil {
		return nil, nil, err
	}
	for _, b := range kept.Box {
		if b.Type == e2ee.ContentSeats { // Group takes it
			continue
		}
		invitation := Invitation{ID: b.ID, From: b.From, Time: b.Time, Group: b.Type == e2ee.ContentOffer}
		if m.contact(kept, b.From) {
			invitation.Type, invitation.Content = b.Type, b.Content
			contacts = append(contacts, invitation)
		} else {
			strangers = append(strangers, invitation)
		}
	}
	return contacts, strangers, nil
}

// scan goes through what the buckets of this identity have had since, at all levels that were in use while it
// looked, and below: bits come and go while it is away.
func (m *Messenger) scan(ctx context.Context) error {
	m.renewPrekey(ctx)
	for {
		kept, err := m.loadPrivate()
		if err != nil {
			return err
		}
		keys := [][]byte{chain.TotalsKey()}
		for level := range kept.Bits + 1 {
			keys = append(keys, chain.InvitationsKey(chain.BucketOf(m.self, level)))
		}
		state, err := m.state(ctx, keys...)
		if err != nil {
			return err
		}
		bits, err := m.bucketBits(state)
		if err != nil {
			return err
		}
		if most := max(bits[0], bits[1]); most > kept.Bits {
			if err := m.updatePrivate(ctx, func(kept *privateFile) error { kept.Bits = max(kept.Bits, most); return nil }); err != nil {
				return err
			}
			continue
		}
		for level := range kept.Bits + 1 {
			if err := m.scanBucket(ctx, kept, chain.BucketOf(m.self, level), state); err != nil {
				return err
			}
		}
		return nil
	}
}

// scanBucket reads a bucket to its end, if it has something in a state that is new to what is kept.
func (m *Messenger) scanBucket(ctx context.Context, kept *privateFile, bucket chain.Bucket, state *lightclient.State) (err error) {
	at := kept.bucket(m.chainID, bucket).Cursor
	switch latest, err := at.Latest(state); {
	case errors.Is(err, lightclient.ErrStateBehind):
		return refusal.Because(ErrBehind, "%w", err)
	case err != nil:
		return refusal.Because(ErrNode, "%w", err)
	case latest.Read == at.Read && at.Read == at.Proven:
		return nil
	}
	for more := true; more; {
		if more, err = m.scanPage(ctx, bucket); err != nil {
			return err
		}
	}
	return nil
}

// scanPage reads a page of a bucket, and stores what is in it for this identity together with where
// it ends. It reports whether there is more.
func (m *Messenger) scanPage(ctx context.Context, bucket chain.Bucket) (more bool, err error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return false, err
	}
	place := kept.bucket(m.chainID, bucket)
	at := place.Cursor
	page, err := m.invitationPage(ctx, at)
	if errors.Is(err, ErrNode) || errors.Is(err, ErrWithheld) { // another node may be honest
		return false, errors.Join(err, m.updatePrivate(ctx, func(kept *privateFile) error {
			place := kept.bucket(m.chainID, bucket)
			place.Cursor.Read, place.Opened, place.Again = place.Cursor.Proven, nil, nil
			kept.setBucket(place)
			return nil
		}))
	}
	if err != nil {
		return false, err
	}
	if page.next.Read.Number-uint64(len(page.heads)) != at.Read.Number { // what is between was not proven, and is past retention
		place.Opened, place.Again = nil, nil
	}
	m.openHeads(&place, page)
	proven := 0
	for proven < len(place.Opened) && place.Opened[proven].Number <= page.next.Proven.Number {
		proven++
	}
	found, left, err := m.openSealed(ctx, kept, bucket, page, place.Opened[:proven])
	if err != nil {
		return false, err
	}
	place.Cursor, place.Opened = page.next, place.Opened[proven:]
	more = len(page.heads) > 0
	if again := place.Again; again != nil && again.Number <= page.next.Proven.Number { // all before what is proven is proven
		place.Cursor.Read, place.Cursor.Proven, place.Again, more = *again, *again, nil, true
	}
	return more, m.updatePrivate(ctx, func(kept *privateFile) error {
		if kept.bucket(m.chainID, bucket).Cursor.Read != at.Read {
			return nil // another program was faster
		}
		for _, b := range found {
			kept.take(m, b)
		}
		for _, id := range left {
			kept.leave(id)
		}
		kept.setBucket(place)
		return nil
	})
}

// bucket returns how far a bucket was scanned.
func (f *privateFile) bucket(chainID ids.ID, bucket chain.Bucket) bucketPlace {
	for i := range f.Buckets {
		if f.Buckets[i].Cursor.Bucket == bucket {
			return f.Buckets[i]
		}
	}
	return bucketPlace{Cursor: lightclient.NewInvitationCursor(chainID, bucket)}
}

func (f *privateFile) setBucket(place bucketPlace) {
	for i := range f.Buckets {
		if f.Buckets[i].Cursor.Bucket == place.Cursor.Bucket {
			f.Buckets[i] = place
			return
		}
	}
	f.Buckets = append(f.Buckets, place)
}

// invitationPage is a page of a bucket's invitations that a state does not contradict.
type invitationPage struct {
	next  lightclient.InvitationCursor
	kept  uint64 // number of the first one that nodes keep
	count uint64 // number of the last one
	heads []chain.CompactInvitation
}

// invitationPage asks for the page after a place, and verifies it.
func (m *Messenger) invitationPage(ctx context.Context, at lightclient.InvitationCursor) (*invitationPage, error) {
	trusted, err := m.trusted()
	if err != nil {
		return nil, err
	}
	answer, err := m.client.ListInvitations(ctx, client.ListInvitationsParams{
		Bits: at.Bucket.Bits, Bucket: at.Bucket.Number, From: at.Read.Number + 1, Limit: scanSize,
		TrustedHeight: trusted, Uncertified: m.config.TrustNode, Wait: m.wait,
	})
	if err != nil {
		return nil, err
	}
	page := new(invitationPage)
	if page.heads, err = answer.Page(); err != nil {
		return nil, refusal.Because(ErrNode, "%w", err)
	}
	proof, err := lightclient.ParseStateProof(answer.Proof)
	if err != nil {
		return nil, refusal.Because(ErrNode, "%w", err)
	}
	state, _, err := m.verify(ctx, proof)
	if err != nil {
		return nil, err
	}
	page.next, err = at.Follow(m.genesis, state, answer.First, page.heads)
	switch {
	case errors.Is(err, lightclient.ErrInvitationsWithheld):
		return nil, refusal.Because(ErrWithheld, "%w", err)
	case errors.Is(err, lightclient.ErrStateBehind):
		return nil, refusal.Because(ErrBehind, "%w", err)
	case err != nil:
		return nil, refusal.Because(ErrNode, "%w", err)
	case page.next.Read.Number == 0: // there is no leaf yet
		return page, nil
	}
	leaf, err := leafOf(state, chain.InvitationsKey(at.Bucket), chain.ParseInvitations)
	if err != nil {
		return nil, err
	}
	before, _ := leaf.Begin(m.genesis, state.Header.Timestamp)
	page.kept, page.count = before+1, leaf.Count
	return page, nil
}

// openHeads adds to a place those of a page whose head opens, if there is room for all of them.
func (m *Messenger) openHeads(place *bucketPlace, page *invitationPage) {
	if place.Again != nil {
		return
	}
	before, prekeys := len(place.Opened), m.secrets().Prekeys
	first := page.next.Read.Number - uint64(len(page.heads)) + 1
	for i := range page.heads {
		if key := e2ee.OpenHead(prekeys, m.chainID, page.heads[i].Head); key != nil {
			key.Wipe()
			place.Opened = append(place.Opened, openedHead{first + uint64(i), page.heads[i]})
		}
	}
	if begin := place.Cursor.Read; len(place.Opened) > maxOpened && before > 0 {
		place.Opened, place.Again = place.Opened[:before], &begin
	}
}

// openSealed fetches the sealed parts of invitations that are proven, and opens them: in groups that begin where a
// multiple of fetchSize is passed, each whole and once, however many of it are wanted. One that is for this
// identity and does not hold is left out with a warning: somebody has paid for it.
func (m *Messenger) openSealed(ctx context.Context, known *privateFile, bucket chain.Bucket, page *invitationPage, heads []openedHead) (found []*boxed, left []ids.ID, err error) {
	prekeys := m.secrets().Prekeys
	var group sealedGroup
	for i := range heads {
		head, id := &heads[i], ids.ID(sha256.Sum256(heads[i].Compact.Head))
		if known.knows(id) || head.Number < page.kept { // no node has what is past retention
			continue
		}
		if group.part(head.Number) == nil {
			if group, err = m.sealedGroup(ctx, bucket, page, head.Number); err != nil {
				return nil, nil, err
			}
		}
		sealed := group.part(head.Number)
		if err := head.Compact.Check(sealed); err != nil {
			return nil, nil, refusal.Because(ErrNode, "%w", err)
		}
		key := e2ee.OpenHead(prekeys, m.chainID, head.Compact.Head)
		if key == nil { // the prekey was erased meanwhile
			continue
		}
		invitation, err := e2ee.OpenInvitation(key, m.self, sealed)
		key.Wipe()
		if err != nil {
			m.warn(err)
			left = append(left, id)
			continue
		}
		found = append(found, &boxed{
			ID: id, From: invitation.Inviter.ID(), Time: time.UnixMilli(int64(head.Compact.Timestamp)).UTC(),
			Seat: invitation.Seat, Type: invitation.Type, Content: invitation.Content,
		})
	}
	return found, left, nil
}

// sealedGroup is the sealed parts of neighbours in a bucket.
type sealedGroup struct {
	from  uint64
	parts [][]byte
}

// part returns the sealed part of an invitation; nil: it is not in the group.
func (g *sealedGroup) part(number uint64) []byte {
	if at := number - g.from; at < uint64(len(g.parts)) {
		return g.parts[at]
	}
	return nil
}

// sealedGroup fetches the whole group of an invitation, so that which one is wanted does not show in what is
// asked for, whatever the node answers.
func (m *Messenger) sealedGroup(ctx context.Context, bucket chain.Bucket, page *invitationPage, number uint64) (group sealedGroup, err error) {
	begin := number - (number-1)%fetchSize
	end := min(begin+fetchSize, page.count+1)
	group.from = max(begin, page.kept)
	for next := group.from; next < end; next = group.from + uint64(len(group.parts)) {
		answer, err := m.client.GetInvitation(ctx, client.GetInvitationParams{Bits: bucket.Bits, Bucket: bucket.Number, Number: next, Count: end - next})
		if err != nil {
			return group, err
		}
		group.parts = append(group.parts, answer.Sealed...)
	}
	return group, nil
}
