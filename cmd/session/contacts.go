package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/pq"
)

type contactRow struct {
	Name     string `json:"name"`
	ID       string `json:"id"`
	Compared bool   `json:"compared"`
}

type contactsResult struct {
	Contacts []contactRow `json:"contacts"`
}

func newContacts(s *shell) *cobra.Command {
	c := &cobra.Command{
		Use:   "contacts",
		Short: "List, name and verify the people you write to",
		Long: `List the contacts: names for identities, which every command takes instead of IDs. They are
kept in an encrypted file. An ID commits to its keys, so a contact's keys never change in
silence: other keys are another ID, which has to be given with --replace.

To be sure that an ID is the person's, compare the safety number ("contacts verify") over
another way, in person or by phone.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("%q is no command of %q", args[0], c.CommandPath())
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error {
			b, _, err := s.ownBook()
			if err != nil {
				return err
			}
			result := contactsResult{Contacts: []contactRow{}}
			for _, contact := range b.Contacts {
				result.Contacts = append(result.Contacts, contactRow{contact.Name, pq.FormatID(contact.ID), contact.Compared})
			}
			return s.show(result, func(w io.Writer) { contactTable(w, result.Contacts) })
		},
	}
	c.AddCommand(newContactsAdd(s), newContactsRemove(s), newContactsVerify(s))
	return c
}

func contactTable(w io.Writer, rows []contactRow) {
	if len(rows) == 0 {
		fmt.Fprintln(w, `No contacts yet. Add one with "session contacts add NAME ID".`)
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tIDENTITY\tSAFETY NUMBER")
	for _, row := range rows {
		compared := "not compared"
		if row.Compared {
			compared = "compared"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", row.Name, row.ID, compared)
	}
	table.Flush()
}

// ownBook unlocks the identity and opens its book.
func (s *shell) ownBook() (*book, ids.ID, error) {
	identity, err := s.unlock()
	if err != nil {
		return nil, ids.Empty, err
	}
	b, err := s.openBook(identity)
	return b, identity.ID(), err
}

func newContactsAdd(s *shell) *cobra.Command {
	var replace bool
	c := &cobra.Command{
		Use:   "add NAME ID|FILE",
		Short: "Name an identity",
		Long: `Name an identity: by its ID, or by a file that "session id show --json" wrote. If the name
stands for another identity, --replace is needed, and the safety number has to be compared again.`,
		Args: exactly("NAME", "ID or FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkName(args[0]); err != nil {
				return err
			}
			id, err := readContactID(args[1])
			if err != nil {
				return err
			}
			b, self, err := s.ownBook()
			if err != nil {
				return err
			}
			if err := b.update(func() error { return b.add(args[0], id, replace) }); err != nil {
				return err
			}
			return s.show(contactRow{Name: args[0], ID: pq.FormatID(id)}, func(w io.Writer) {
				fields(w, "Contact", args[0], "Identity", pq.FormatID(id), "Safety number", pq.SafetyNumber(self, id))
			})
		},
	}
	c.Flags().BoolVar(&replace, "replace", false, "let the name stand for another identity from now on")
	return c
}

func readContactID(text string) (ids.ID, error) {
	if info, err := os.Stat(text); err == nil && info.Mode().IsRegular() {
		public, err := readContact(text)
		return public.ID(), err
	}
	return parseIdentityID(text)
}

// add names an identity.
func (b *book) add(name string, id ids.ID, replace bool) error {
	if slices.ContainsFunc(b.Groups, func(g bookGroup) bool { return g.Name == name }) {
		return usage("%q is a group: choose another name", name)
	}
	if other := b.contactOf(id); other != nil && other.Name != name {
		return usage("%s is %q already", pq.FormatID(id), other.Name)
	}
	known := b.contact(name)
	switch {
	case known == nil:
		b.Contacts = append(b.Contacts, bookContact{Name: name, ID: id})
		slices.SortFunc(b.Contacts, func(a, b bookContact) int { return strings.Compare(a.Name, b.Name) })
	case known.ID != id && !replace:
		return usage("%q has other keys: it is %s. If that is right (ask, and compare the safety number), use --replace", name, pq.FormatID(known.ID))
	case known.ID != id:
		*known = bookContact{Name: name, ID: id}
	}
	return nil
}

func newContactsRemove(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a name",
		Args:  exactly("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			b, _, err := s.ownBook()
			if err != nil {
				return err
			}
			var removed contactRow
			err = b.update(func() error {
				known := b.contact(args[0])
				if known == nil {
					return usage("%q is no contact", args[0])
				}
				removed = contactRow{known.Name, pq.FormatID(known.ID), known.Compared}
				b.Contacts = slices.DeleteFunc(b.Contacts, func(c bookContact) bool { return c.Name == args[0] })
				return nil
			})
			if err != nil {
				return err
			}
			return s.show(removed, func(w io.Writer) { fields(w, "Removed", removed.Name, "Identity", removed.ID) })
		},
	}
}

type safetyResult struct {
	Name         string `json:"name"`
	ID           string `json:"id"`
	SafetyNumber string `json:"safetyNumber"`
	Compared     bool   `json:"compared"`
}

func newContactsVerify(s *shell) *cobra.Command {
	var matches bool
	c := &cobra.Command{
		Use:   "verify NAME",
		Short: "Show the safety number that you and a contact compare",
		Long: `Show the safety number of you and a contact. Both see the same 60 digits if each has the
other's true keys. Compare them in person or by phone, and then note with --matches that they
are the same.`,
		Args: exactly("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			b, self, err := s.ownBook()
			if err != nil {
				return err
			}
			var result safetyResult
			look := func() error {
				known := b.contact(args[0])
				if known == nil {
					return usage("%q is no contact: \"session contacts add %s ID\"", args[0], args[0])
				}
				known.Compared = known.Compared || matches
				result = safetyResult{known.Name, pq.FormatID(known.ID), pq.SafetyNumber(self, known.ID), known.Compared}
				return nil
			}
			if matches {
				err = b.update(look)
			} else {
				err = look()
			}
			if err != nil {
				return err
			}
			return s.show(result, func(w io.Writer) {
				state := "not compared yet"
				if result.Compared {
					state = "compared: the same"
				}
				half := len(result.SafetyNumber) / 2
				fields(w, "Contact", result.Name, "Identity", result.ID,
					"Safety number", result.SafetyNumber[:half]+"\n\t"+strings.TrimSpace(result.SafetyNumber[half:]), "", state)
			})
		},
	}
	c.Flags().BoolVar(&matches, "matches", false, "note that you have compared it, and it is the same")
	return c
}
