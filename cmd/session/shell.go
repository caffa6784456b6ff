package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// shell is what a command runs in: its streams, its environment and the options that
// every command has.
type shell struct {
	in          io.Reader
	out, errOut io.Writer
	getenv      func(string) string
	interrupted <-chan struct{} // closed when the user ends the command

	node           string
	chain          string
	proxy          string
	delay          time.Duration
	relay          string
	http           *http.Client // what every address is asked through, once it is made
	identity       string
	public         bool
	passphraseFile string
	contacts       []string
	timeout        time.Duration
	trustFile      string
	trustNode      bool
	json           bool
}

// show prints a result: as JSON if the user asked for it, else as text.
func (s *shell) show(result any, text func(w io.Writer)) error {
	if s.json {
		return writeJSON(s.out, result, "  ")
	}
	var b strings.Builder
	text(&b)
	_, err := io.WriteString(s.out, b.String())
	return err
}

// line prints one of many results: as JSON on a line of its own, or as text.
func (s *shell) line(result any, text string) error {
	if s.json {
		return writeJSON(s.out, result, "")
	}
	_, err := io.WriteString(s.out, text)
	return err
}

// note tells the user something beside the result. Programs do not get it.
func (s *shell) note(format string, args ...any) {
	if !s.json {
		fmt.Fprintln(s.errOut, printable(fmt.Sprintf(format, args...), ""))
	}
}

// writeJSON writes a value as JSON and a line's end. Control and invisible characters in its
// texts are escaped: others wrote them, and a terminal may show them.
func writeJSON(w io.Writer, value any, indent string) error {
	var encoded strings.Builder
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range encoded.String() {
		switch {
		case r < 0x7f || unicode.IsPrint(r): // of those below, the encoder has escaped what is to be
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "\\u%04x", unit)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fields prints names and values in two columns. Pairs with an empty value are left out.
func fields(w io.Writer, pairs ...string) {
	var lines [][]string
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			lines = append(lines, pair)
		}
	}
	table(w, lines)
}

// table prints lines in columns.
func table(w io.Writer, lines [][]string) {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintln(columns, strings.Join(line, "\t"))
	}
	columns.Flush()
}

// printable returns text that others wrote so that it cannot steer a terminal: control
// and invisible characters are escaped, lines after the first are indented.
func printable(text, indent string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString("\n" + indent)
		case r == '\t':
			b.WriteByte(' ')
		case r == utf8.RuneError, !unicode.IsPrint(r):
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unlessInterrupted returns what read returns, or that the user ended the command: reading
// from a terminal waits for ever. What read still does then is lost with the process.
func unlessInterrupted(interrupted <-chan struct{}, read func() ([]byte, error)) ([]byte, error) {
	type answer struct {
		content []byte
		err     error
	}
	answers := make(chan answer, 1)
	go func() {
		content, err := read()
		answers <- answer{content, err}
	}()
	select {
	case a := <-answers:
		return a.content, a.err
	case <-interrupted:
		return nil, context.Canceled
	}
}

// moment writes a time for people, in their time zone.
func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// number writes a number, and nothing for zero.
func number(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

func plural(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
