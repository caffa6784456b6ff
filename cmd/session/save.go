package main

import (
	"fmt"
	"io"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
)

type saveResult struct {
	Session  ids.ID       `json:"session"`
	Sequence uint64       `json:"sequence"`
	Sender   string       `json:"sender"`
	File     announcement `json:"file"`
	Path     string       `json:"path"`
}

func newSave(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "save FROM SEQUENCE [PATH]",
		Short: "Save a file that somebody sent",
		Long: `Fetch the file that message SEQUENCE announced, and save it: under the name that its sender
gave it in the folder you are in, or at PATH. Each part is checked and decrypted, and the whole
is compared with the hash that its sender signed before the file is there. What was fetched
before an interruption is not fetched again. A file that exists is left as it is.`,
		Args: between(2, "FROM", "SEQUENCE", "PATH"),
		RunE: func(c *cobra.Command, args []string) error {
			sequence, err := parseSequence(args[1])
			if err != nil {
				return err
			}
			path := ""
			if len(args) == 3 {
				path = args[2]
			}
			return s.withPeer(c.Context(), args[0], func(m *mailbox.Mailbox, peer mailbox.Peer) error {
				entry, path, err := m.Save(c.Context(), peer, sequence, path, s.progress("received"))
				if err != nil {
					return err
				}
				result := saveResult{Session: entry.Session, Sequence: sequence, Sender: pq.FormatID(entry.Sender), File: *announced(&entry), Path: path}
				return s.show(result, func(w io.Writer) {
					fields(w, "Saved", path, "Size", fmt.Sprintf("%d bytes", result.File.Size), "From", label(m, entry.From()))
				})
			})
		},
	}
}

// progress tells how far a file is, on one line of a terminal.
func (s *shell) progress(verb string) func(done, of uint32) {
	return func(done, of uint32) {
		if of > 8 {
			s.note("%s %d %%", verb, uint64(done)*100/uint64(of))
		}
	}
}
