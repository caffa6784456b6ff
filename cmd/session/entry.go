package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
)

// shownEntry is an entry as it is printed with --json: its fields, some of them as people write them. Its
// sender was verified by the ML-DSA-65 signature, but for a contract's.
type shownEntry struct {
	mailbox.Entry
	Sender   string        `json:"sender,omitempty"`
	Identity string        `json:"identity,omitempty"` // that stands behind the sender, in a private session
	Verified bool          `json:"verified"`
	Text     *string       `json:"text,omitempty"` // content that is UTF-8; other content is in data, in base64
	File     *announcement `json:"file,omitempty"`
	Problem  string        `json:"problem,omitempty"`
}

// announcement is a file that somebody sent, as its sender describes it.
type announcement struct {
	Name      string `json:"name"`
	MediaType string `json:"mediaType,omitempty"`
	Size      uint64 `json:"size"`
}

// announced returns the file that an entry announces, nil if it announces none.
func announced(e *mailbox.Entry) *announcement {
	manifest, err := e.Attachment()
	if err != nil || e.Type != e2ee.ContentManifest {
		return nil
	}
	return &announcement{Name: manifest.Name, MediaType: manifest.MediaType, Size: manifest.Size}
}

// printed is what others may see of an entry: who has a manifest can read the file.
func printed(e *mailbox.Entry) *shownEntry {
	h := &shownEntry{Entry: *e, Verified: e.Kind != messaging.KindMissing, File: announced(e)}
	h.Begun = 0
	if e.Sender != ids.Empty {
		h.Sender = pq.FormatID(e.Sender)
	}
	if e.Identity != ids.Empty {
		h.Identity = pq.FormatID(e.Identity)
	}
	if text := string(e.Content); h.File != nil {
		h.Content = nil
	} else if len(text) > 0 && utf8.ValidString(text) {
		h.Text, h.Content = &text, nil
	}
	switch e.Kind {
	case messaging.KindForked:
		h.Problem = "it has read other messages than these: its node has lied to it, or the chain has two histories"
	case messaging.KindMissing:
		h.Problem = "they have left the chain, or were there before this device took part"
	case messaging.KindRefused:
		h.Problem = e.Err.Error()
	case messaging.KindUnsent:
		h.Problem = "not sent: the session was over"
	case messaging.KindInvited:
		h.Problem = "not answered yet"
	}
	return h
}

// content is what an entry says, for people. Its lines after the first are indented.
func (h *shownEntry) content(indent string) string {
	if h.Text == nil {
		return fmt.Sprintf("(%d bytes that are no text: use --json)", len(h.Content))
	}
	return printable(strings.TrimRight(*h.Text, "\n"), indent)
}

// who says whose an entry is, "" if it is nobody's; has is that with the verb.
func (h *shownEntry) who(m *mailbox.Mailbox) (who, has string) {
	switch {
	case h.Own || h.From() == m.Self():
		return "you", "you have"
	case h.Sender != "":
		name := m.NameOf(h.From())
		return name, name + " has"
	}
	return "", ""
}

// text writes an entry for people.
func (h *shownEntry) text(m *mailbox.Mailbox) string {
	when, place := "", ""
	if !h.Time.IsZero() {
		when = moment(h.Time)
	}
	who, has := h.who(m)
	if h.Contract != nil {
		who = fmt.Sprintf("0x%.4x…", []byte(h.Contract.Address))
	}
	if h.Sequence > 0 {
		place = "#" + number(h.Sequence)
	}
	head := fmt.Sprintf("%-5s %-19s  %-16s  ", place, when, who)
	indent := strings.Repeat(" ", len(head))
	said := func(format string, args ...any) string {
		return fmt.Sprintf("%-5s %-19s  -- %s\n", "", when, fmt.Sprintf(format, args...))
	}
	switch h.Kind {
	case messaging.KindRotated:
		return said("%s encrypts with new keys from #%d on", who, h.Sequence)
	case messaging.KindGroup:
		return said("%s has told the others under which pseudonyms it goes on", who)
	case messaging.KindForked:
		return said("!! %s, up to #%d: %s", who, h.To, h.Problem)
	case messaging.KindReceipt:
		if h.Contract != nil {
			return said("%s has everything up to #%d", who, h.Sequence)
		}
		return said("%s everything up to #%d, and signed that", has, h.Sequence)
	case messaging.KindMissing:
		return said("#%d to #%d are missing: %s", h.Sequence, h.To, h.Problem)
	case messaging.KindRevealed:
		return said("%s is %s (%s), and both signed that", who, m.NameOf(h.Entry.Identity), h.Identity)
	case messaging.KindFile:
		return head + fmt.Sprintf("[file %q, %d bytes: \"session save\" #%d]\n", h.File.Name, h.File.Size, h.Sequence)
	case messaging.KindTitle:
		return said("%s calls this %q", who, printable(h.Event.Text(), ""))
	case messaging.KindRefused, messaging.KindUnsent:
		text := head + "!! " + printable(h.Problem, "")
		if h.Text != nil {
			text += ": " + printable(*h.Text, indent)
		}
		if h.File != nil {
			text += fmt.Sprintf(": [file %q]", h.File.Name)
		}
		return strings.TrimRight(text, " ") + "\n"
	case messaging.KindInvited:
		return head + h.content(indent) + "  [" + h.Problem + "]\n"
	default:
		return head + h.content(indent) + "\n"
	}
}
