package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/pq"
)

// book is what an identity calls others and groups. It is an encrypted file beside those of
// the sessions.
type book struct {
	Contacts []bookContact `json:"contacts"`
	Groups   []bookGroup   `json:"groups"`
	Sessions []bookSession `json:"sessions"`

	file *sealedfile.File
}

// bookContact is somebody by name. The ID commits to the keys, so a name has the same keys for
// ever unless the user replaces it.
type bookContact struct {
	Name     string `json:"name"`
	ID       ids.ID `json:"id"`
	Compared bool   `json:"compared"` // the two have compared their safety number
}

// bookGroup is a channel by name.
type bookGroup struct {
	Name    string `json:"name"`
	Chain   ids.ID `json:"chain"`
	Channel ids.ID `json:"channel"`
	Owner   ids.ID `json:"owner"` // when it was seen last
	Seen    uint64 `json:"seen"`  // messaging.ChannelState.Number then
}

// bookSession says with whom, or in which channel, a session is or was: the chain forgets it when
// its retention is over, and what was said is still here.
type bookSession struct {
	Session ids.ID `json:"session"`
	Chain   ids.ID `json:"chain"`
	Person  ids.ID `json:"person,omitzero"`
	Channel ids.ID `json:"channel,omitzero"`
}

// sessionsFolder is where what an identity says and hears is kept.
func (s *shell) sessionsFolder() (string, error) {
	folder, err := s.folder()
	return filepath.Join(folder, "sessions"), err
}

// openBook opens the book of an identity.
func (s *shell) openBook(identity *pq.Identity) (*book, error) {
	folder, err := s.sessionsFolder()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, &usageError{err}
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
	b := &book{file: file}
	return b, b.load()
}

func (b *book) load() error {
	content, err := b.file.Load()
	if err != nil {
		return fmt.Errorf("the contacts: %w", err)
	}
	b.Contacts, b.Groups, b.Sessions = nil, nil, nil
	if content == nil {
		return nil
	}
	if err := strictjson.Unmarshal(content, b); err != nil {
		return fmt.Errorf("the contacts in %s: %w", b.file.Path(), err)
	}
	return nil
}

// update changes the book as it is on disk by now.
func (b *book) update(change func() error) error {
	lock, err := sealedfile.Lock(b.file.Path())
	for tries := 0; errors.Is(err, sealedfile.ErrLocked) && tries < 100; tries++ { // another command, for a moment
		time.Sleep(20 * time.Millisecond)
		lock, err = sealedfile.Lock(b.file.Path())
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := b.load(); err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	content, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return b.file.Save(content)
}

// contact returns the contact of a name, nil if there is none.
func (b *book) contact(name string) *bookContact {
	at := slices.IndexFunc(b.Contacts, func(c bookContact) bool { return c.Name == name })
	if at < 0 {
		return nil
	}
	return &b.Contacts[at]
}

// contactOf returns the contact of an identity, nil if there is none.
func (b *book) contactOf(id ids.ID) *bookContact {
	at := slices.IndexFunc(b.Contacts, func(c bookContact) bool { return c.ID == id })
	if at < 0 {
		return nil
	}
	return &b.Contacts[at]
}

// group returns the group of a name on a chain, nil if there is none.
func (b *book) group(chain ids.ID, name string) *bookGroup {
	at := slices.IndexFunc(b.Groups, func(g bookGroup) bool { return g.Chain == chain && g.Name == name })
	if at < 0 {
		return nil
	}
	return &b.Groups[at]
}

// groupOf returns the group of a channel, nil if there is none.
func (b *book) groupOf(channel ids.ID) *bookGroup {
	at := slices.IndexFunc(b.Groups, func(g bookGroup) bool { return g.Channel == channel })
	if at < 0 {
		return nil
	}
	return &b.Groups[at]
}

// nameOf returns what the user calls somebody, or a short form of the ID.
func (b *book) nameOf(id ids.ID) string {
	if contact := b.contactOf(id); contact != nil {
		return contact.Name
	}
	return short(id)
}

// who reads a contact's name or an identity's ID.
func (b *book) who(text string) (ids.ID, error) {
	if contact := b.contact(text); contact != nil {
		return contact.ID, nil
	}
	id, err := parseIdentityID(text)
	if err != nil {
		return ids.Empty, usage("%q is no contact and no identity: expected a name of \"session contacts\", or 07 and 64 hex digits", text)
	}
	return id, nil
}

// everybody reads a list of names and IDs.
func (b *book) everybody(texts []string) ([]ids.ID, error) {
	var all []ids.ID
	for _, text := range texts {
		id, err := b.who(text)
		if err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, nil
}

// me is the user, and so nobody else's name.
const me = "me"

// maxName is below the size of any ID, so that none is taken for a name.
const maxName = 32

// checkName refuses what is not a short word: others' groups bring their names with them.
func checkName(name string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	if name == "" || len(name) > maxName || strings.Trim(name, allowed) != "" || name[0] == '-' || name == me {
		return usage("%q is no name: expected 1 to %d letters, digits, \"-\", \"_\" or \".\"", name, maxName)
	}
	return nil
}

// freeName returns a name that neither a contact nor a group has yet.
func (b *book) freeName(chain ids.ID, wanted string) string {
	if checkName(wanted) != nil {
		wanted = "group"
	}
	name := wanted
	for n := 2; b.contact(name) != nil || b.group(chain, name) != nil; n++ {
		suffix := fmt.Sprintf("-%d", n)
		name = wanted[:min(len(wanted), maxName-len(suffix))] + suffix
	}
	return name
}
