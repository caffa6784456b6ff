package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

type contactResult struct {
	Name         string `json:"name"`
	ID           string `json:"id"`
	SafetyNumber string `json:"safetyNumber,omitempty"`
	Compared     bool   `json:"compared"`
}

type contactsResult struct {
	Contacts []contactResult `json:"contacts"`
}

func newContacts(s *shell) *cobra.Command {
	c := group(&cobra.Command{
		Use:   "contacts",
		Short: "List, name and verify the people you write to",
		Long: `List the contacts: names for identities, which every command takes instead of IDs. They are
kept in an encrypted file. An ID commits to its keys, so a contact's keys never change in
silence: other keys are another ID, which has to be given with --replace.

To be sure that an ID is the person's, compare the safety number ("contacts verify") over
another way, in person or by phone.`,
	})
	help := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return help(c, args)
		}
		book, _, err := s.addressBook()
		if err != nil {
			return err
		}
		result := contactsResult{Contacts: []contactResult{}}
		for _, contact := range book.Contacts() {
			result.Contacts = append(result.Contacts, contactResult{Name: contact.Name, ID: pq.FormatID(contact.ID), Compared: contact.Compared})
		}
		return s.show(result, func(w io.Writer) { contactTable(w, result.Contacts) })
	}
	c.AddCommand(newContactsAdd(s), newContactsRemove(s), newContactsVerify(s))
	return c
}

func contactTable(w io.Writer, rows []contactResult) {
	if len(rows) == 0 {
		fmt.Fprintln(w, `No contacts yet. Add one with "session contacts add NAME ID".`)
		return
	}
	lines := [][]string{{"NAME", "IDENTITY", "SAFETY NUMBER"}}
	for _, row := range rows {
		compared := "not compared"
		if row.Compared {
			compared = "compared"
		}
		lines = append(lines, []string{row.Name, row.ID, compared})
	}
	table(w, lines)
}

func newContactsAdd(s *shell) *cobra.Command {
	var replace bool
	c := &cobra.Command{
		Use:   "add NAME ID|FILE",
		Short: "Name an identity",
		Long: `Name an identity: by its ID, or by a file that "session id show --json" wrote. If the name
stands for another identity, --replace is needed, and the safety number has to be compared again.`,
		Args: exactly("NAME", "ID or FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := mailbox.CheckName(args[0]); err != nil {
				return err
			}
			id, err := readContactID(args[1])
			if err != nil {
				return err
			}
			book, identity, err := s.addressBook()
			if err != nil {
				return err
			}
			if err := book.Add(c.Context(), args[0], id, replace); err != nil {
				return err
			}
			return s.show(contactResult{Name: args[0], ID: pq.FormatID(id)}, func(w io.Writer) {
				fields(w, "Contact", args[0], "Identity", pq.FormatID(id), "Safety number", pq.SafetyNumber(identity.ID(), id))
			})
		},
	}
	c.Flags().BoolVar(&replace, "replace", false, "let the name stand for another identity from now on")
	return c
}

func readContactID(text string) (ids.ID, error) {
	if info, err := os.Stat(text); err == nil && info.Mode().IsRegular() {
		public, err := readPublicKeys(text)
		return public.ID(), err
	}
	return mailbox.ParseIdentity(text)
}

func newContactsRemove(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a name",
		Args:  exactly("NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			book, _, err := s.addressBook()
			if err != nil {
				return err
			}
			removed, err := book.Remove(c.Context(), args[0])
			if err != nil {
				return err
			}
			result := contactResult{Name: removed.Name, ID: pq.FormatID(removed.ID), Compared: removed.Compared}
			return s.show(result, func(w io.Writer) { fields(w, "Removed", result.Name, "Identity", result.ID) })
		},
	}
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
		RunE: func(c *cobra.Command, args []string) error {
			book, identity, err := s.addressBook()
			if err != nil {
				return err
			}
			contact, known := book.Contact(args[0])
			if !known {
				return refusal.Because(mailbox.ErrUnknown, "%q is no contact", args[0])
			}
			if matches {
				if contact, err = book.Compare(c.Context(), args[0]); err != nil {
					return err
				}
			}
			result := contactResult{contact.Name, pq.FormatID(contact.ID), pq.SafetyNumber(identity.ID(), contact.ID), contact.Compared}
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
