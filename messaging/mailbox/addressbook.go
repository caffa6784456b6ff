package mailbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Contact is somebody by name. The ID commits to the keys, so a name has the same keys for ever
// unless the user replaces it.
type Contact struct {
	Name     string `json:"name"`
	ID       ids.ID `json:"id"`
	Compared bool   `json:"compared"` // the two have compared their safety number
}

// Group is a group by name: a private one, or a channel of the chain.
type Group struct {
	Name   string `json:"name"`
	Chain  ids.ID `json:"chain"`
	ID     ids.ID `json:"group"`            // messaging.Group.ID, or that of the channel
	Public bool   `json:"public,omitempty"` // a channel: the chain shows who is in it
	Owner  ids.ID `json:"owner"`            // when it was seen last
	Seen   uint64 `json:"seen,omitempty"`   // of a channel, messaging.ChannelState.Number then
}

// Peer returns whom one writes to in a group.
func (g Group) Peer() Peer { return Peer{Group: g.ID, Public: g.Public} }

// knownSession says with whom a session is or was: the chain forgets it when its retention is over,
// and what was said is still here.
type knownSession struct {
	Session ids.ID `json:"session"`
	Chain   ids.ID `json:"chain"`
	Peer    Peer   `json:"peer"`
	Sending bool   `json:"sending,omitempty"` // what was said may wait in it to be sent
	// Up to the position Given of the side Begun, what it gave back was put into the outbox.
	Begun uint64 `json:"begun,omitempty"`
	Given uint64 `json:"given,omitempty"`
}

type entries struct {
	Contacts []Contact      `json:"contacts"`
	Groups   []Group        `json:"groups"`
	Sessions []knownSession `json:"sessions"`
	Outbox   []unsent       `json:"outbox"`
}

// session returns what is known of a session of a peer, which is noted.
func (e *entries) session(chain, session ids.ID, peer Peer) *knownSession {
	at := slices.IndexFunc(e.Sessions, func(s knownSession) bool { return s.Session == session && s.Chain == chain && s.Peer == peer })
	if at < 0 {
		at = len(e.Sessions)
		e.Sessions = append(e.Sessions, knownSession{Session: session, Chain: chain, Peer: peer})
	}
	return &e.Sessions[at]
}

// AddressBook is what an identity calls others and groups: an encrypted file. It is safe for
// concurrent use, also by several programs.
type AddressBook struct {
	file    *sealedfile.File
	entries atomic.Pointer[entries] // replaced, never changed
}

// OpenAddressBook opens the address book of an identity in a folder, which is made if it is not there.
func OpenAddressBook(folder string, identity *pq.Identity) (*AddressBook, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, refusal.Because(ErrPath, "%w", err)
	}
	key, err := identity.StoreKey(ids.Empty, ids.Empty)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	self := identity.ID()
	file, err := sealedfile.New(filepath.Join(folder, fmt.Sprintf("%x.contacts", self[:8])), key, append([]byte("contacts"), self[:]...))
	if err != nil {
		return nil, err
	}
	b := &AddressBook{file: file}
	loaded, _, err := b.load()
	b.entries.Store(loaded)
	return b, err
}

func (b *AddressBook) load() (*entries, []byte, error) {
	loaded := new(entries)
	content, err := b.file.Load()
	if err == nil && content != nil {
		err = strictjson.Unmarshal(content, loaded)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the contacts in %s: %w", b.file.Path(), err)
	}
	return loaded, content, nil
}

// update changes the address book as it is on disk by now. What changes nothing writes nothing.
func (b *AddressBook) update(ctx context.Context, change func(*entries) error) error {
	lock, err := sealedfile.LockSoon(ctx, b.file.Path())
	if err != nil {
		return err
	}
	defer lock.Close()
	next, before, err := b.load()
	if err != nil {
		return err
	}
	if err := change(next); err != nil {
		return err
	}
	content, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if !bytes.Equal(content, before) {
		if err := b.file.Save(content); err != nil {
			return err
		}
	}
	b.entries.Store(next)
	return nil
}

// find returns the first of a list that matches.
func find[T any](list []T, match func(*T) bool) (found T, ok bool) {
	for i := range list {
		if match(&list[i]) {
			return list[i], true
		}
	}
	return found, false
}

// Contacts returns the contacts, sorted by name.
func (b *AddressBook) Contacts() []Contact { return slices.Clone(b.entries.Load().Contacts) }

// Contact returns the contact of a name.
func (b *AddressBook) Contact(name string) (Contact, bool) {
	return find(b.entries.Load().Contacts, func(c *Contact) bool { return c.Name == name })
}

// ContactOf returns the contact of an identity.
func (b *AddressBook) ContactOf(id ids.ID) (Contact, bool) {
	return find(b.entries.Load().Contacts, func(c *Contact) bool { return c.ID == id })
}

// Groups returns the groups on a chain.
func (b *AddressBook) Groups(chain ids.ID) []Group {
	return slices.DeleteFunc(slices.Clone(b.entries.Load().Groups), func(g Group) bool { return g.Chain != chain })
}

// Group returns the group of a name on a chain.
func (b *AddressBook) Group(chain ids.ID, name string) (Group, bool) {
	return find(b.entries.Load().Groups, func(g *Group) bool { return g.Chain == chain && g.Name == name })
}

// GroupOf returns the group of an ID.
func (b *AddressBook) GroupOf(id ids.ID) (Group, bool) {
	return find(b.entries.Load().Groups, func(g *Group) bool { return g.ID == id })
}

// NameOf returns what the user calls somebody, or a short form of the ID, for showing only.
func (b *AddressBook) NameOf(id ids.ID) string {
	if contact, ok := b.ContactOf(id); ok {
		return contact.Name
	}
	text := pq.FormatID(id)
	return text[:10] + ".." + text[len(text)-4:]
}

// Identities reads contacts' names and identities' IDs. Errors: ErrUnknown.
func (b *AddressBook) Identities(texts ...string) ([]ids.ID, error) {
	var all []ids.ID
	for _, text := range texts {
		contact, ok := b.Contact(text)
		if !ok {
			var err error
			if contact.ID, err = ParseIdentity(text); err != nil {
				return nil, refusal.Because(ErrUnknown, "%q is no contact and no identity: expected a contact's name, or 07 and 64 hex digits", text)
			}
		}
		all = append(all, contact.ID)
	}
	return all, nil
}

// Add names an identity. Replace lets the name stand for another one than before. Errors: ErrName,
// ErrTaken.
func (b *AddressBook) Add(ctx context.Context, name string, id ids.ID, replace bool) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return b.update(ctx, func(e *entries) error {
		if slices.ContainsFunc(e.Groups, func(g Group) bool { return g.Name == name }) {
			return refusal.Because(ErrTaken, "%q is a group: choose another name", name)
		}
		if other, ok := find(e.Contacts, func(c *Contact) bool { return c.ID == id && c.Name != name }); ok {
			return refusal.Because(ErrTaken, "%s is %q already", pq.FormatID(id), other.Name)
		}
		at, known := slices.BinarySearchFunc(e.Contacts, name, func(c Contact, name string) int { return strings.Compare(c.Name, name) })
		switch {
		case !known:
			e.Contacts = slices.Insert(e.Contacts, at, Contact{Name: name, ID: id})
		case e.Contacts[at].ID != id && !replace:
			return refusal.Because(ErrTaken, "%q has other keys: it is %s. If that is right (ask, and compare the safety number), replace it", name, pq.FormatID(e.Contacts[at].ID))
		case e.Contacts[at].ID != id:
			e.Contacts[at] = Contact{Name: name, ID: id}
		}
		return nil
	})
}

// Remove forgets a contact, and returns it. Errors: ErrUnknown.
func (b *AddressBook) Remove(ctx context.Context, name string) (Contact, error) {
	return b.change(ctx, name, func(e *entries, at int) { e.Contacts = slices.Delete(e.Contacts, at, at+1) })
}

// Compare notes that the user and a contact have compared their safety number, and it is the same.
// Errors: ErrUnknown.
func (b *AddressBook) Compare(ctx context.Context, name string) (Contact, error) {
	contact, err := b.change(ctx, name, func(e *entries, at int) { e.Contacts[at].Compared = true })
	contact.Compared = err == nil
	return contact, err
}

func (b *AddressBook) change(ctx context.Context, name string, change func(e *entries, at int)) (contact Contact, err error) {
	err = b.update(ctx, func(e *entries) error {
		at := slices.IndexFunc(e.Contacts, func(c Contact) bool { return c.Name == name })
		if at < 0 {
			return refusal.Because(ErrUnknown, "%q is no contact", name)
		}
		contact = e.Contacts[at]
		change(e, at)
		return nil
	})
	return contact, err
}
