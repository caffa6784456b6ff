package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

const (
	// chatHistory is how many of the last messages a chat begins with.
	chatHistory = 20
	// chatWait is how often a chat looks whether another session follows the one in use.
	chatWait = 3 * time.Second
	// chatPause is how long to wait before asking a node again that did not answer.
	chatPause = 2 * time.Second
)

func newChat(s *shell) *cobra.Command {
	var quiet bool
	c := &cobra.Command{
		Use:   "chat TO",
		Short: "Talk: send lines, and see what comes as blocks arrive",
		Long: `Talk with a contact, a group, an identity, or in a session. Each line is a message. What
others write is shown as blocks arrive; so is when your messages are delivered (in a block), and
when others have read them: for what you see here a receipt is left too (not with --no-receipts).

/file PATH sends a file, /save NUMBER saves one, /who shows who is here and the safety numbers,
/rotate begins with new keys, /quit or the end of the input ends it.`,
		Args: exactly("TO"),
		RunE: func(c *cobra.Command, args []string) error {
			return s.chat(c.Context(), args[0], !quiet)
		},
	}
	c.Flags().BoolVar(&quiet, "no-receipts", false, "do not tell others what was read")
	return c
}

// chat is one target, talked to in whichever of its sessions is in use.
type chat struct {
	*mailbox
	shell    *shell
	target   target
	names    book // as it was at the beginning: the mailbox's changes while what comes is shown
	receipts bool
	typed    bool     // the user's own lines are on the screen already
	echoed   []string // the lines that are, and are not delivered yet; guarded by printing
	out      io.Writer
	fit      func() // to the terminal, which may have another size by now
	printing sync.Mutex
	keeping  sync.Mutex // guards the history

	// Who sends holds using for reading, who changes the session for writing.
	using   sync.RWMutex
	current *conversation
	unsent  []unsent      // comes back of a session that is over
	over    atomic.Bool   // the session in use takes nothing more
	renew   chan struct{} // asks for the next session
}

func (s *shell) chat(ctx context.Context, to string, receipts bool) error {
	m, t, err := s.openTarget(ctx, to)
	if err != nil {
		return err
	}
	c := &chat{mailbox: m, shell: s, target: t, names: book{Contacts: slices.Clone(m.Contacts)}, receipts: receipts, out: s.out, fit: func() {}, renew: make(chan struct{}, 1)}
	if c.unsent, err = m.leftOver(ctx, t); err != nil {
		return err
	}
	if c.current, err = m.current(ctx, t); err != nil {
		return err
	}
	lines, restore, err := c.input()
	if err != nil {
		c.current.close()
		return err
	}
	defer restore()
	c.greet()

	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- c.receive(ctx) }()
	err = c.talk(ctx, lines, ended)
	cancel()
	if receiving := <-ended; err == nil {
		err = receiving
	}
	c.current.close()
	return err
}

// greet says who is there, and what was said last.
func (c *chat) greet() {
	if c.shell.json {
		return
	}
	c.say("-- %s. /help for help.", c.title(c.target))
	if contact := c.contactOf(c.target.person); contact != nil && !contact.Compared {
		c.say("-- The safety number with %s is not compared yet: session contacts verify %s", contact.Name, contact.Name)
	}
	all := c.current.history.all
	for i := max(0, len(all)-chatHistory); i < len(all); i++ {
		c.show(&all[i], false)
	}
}

// input returns what reads the user's lines. On a terminal what comes is written above the
// line that is being typed.
func (c *chat) input() (lines func() (string, error), restore func(), err error) {
	file, ok := c.shell.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || c.shell.json {
		scanner := bufio.NewScanner(c.shell.in)
		scanner.Buffer(nil, e2ee.MaxContent)
		return func() (string, error) {
			if scanner.Scan() {
				return scanner.Text(), nil
			}
			if err := scanner.Err(); err != nil {
				return "", usage("standard input: %w", err)
			}
			return "", io.EOF
		}, func() {}, nil
	}
	before, err := term.MakeRaw(int(file.Fd()))
	if err != nil {
		return nil, nil, err
	}
	terminal := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{file, c.shell.out}, "> ")
	c.out, c.typed = terminal, true
	c.fit = func() {
		if width, height, err := term.GetSize(int(file.Fd())); err == nil && width > 0 && height > 0 {
			_ = terminal.SetSize(width, height)
		}
	}
	c.fit()
	return terminal.ReadLine, func() { _ = term.Restore(int(file.Fd()), before) }, nil
}

func (c *chat) say(format string, args ...any) {
	c.printing.Lock()
	defer c.printing.Unlock()
	out := c.out
	if c.shell.json { // programs read c.out
		out = c.shell.errOut
	}
	fmt.Fprintf(out, format+"\n", args...)
}

// receive shows what comes, in the session in use and those that follow it.
func (c *chat) receive(ctx context.Context) error {
	for ctx.Err() == nil {
		c.fit()
		err := c.receiveSome(ctx)
		if err == nil {
			err = c.follow(ctx)
		}
		if isUnreachable(err) && ctx.Err() == nil {
			c.say("!! %s\nTrying again.", printable(err.Error(), "   "))
			pause(ctx, chatPause)
		} else if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// receiveSome shows what comes for a while, or until the next session is asked for.
func (c *chat) receiveSome(ctx context.Context) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-c.renew:
			stop()
		case <-waiting.Done():
		}
	}()
	fresh, err := c.await(waiting)
	heard := false
	for i := range fresh {
		c.show(&fresh[i], c.typed)
		heard = heard || (fresh[i].Kind == kindMessage || fresh[i].Kind == kindFile) && !fresh[i].Own
	}
	c.unsent = append(c.unsent, unsentIn(fresh)...)
	if err != nil || !heard || !c.receipts || ctx.Err() != nil {
		return err
	}
	return c.failed(c.current.session.Acknowledge(ctx, 0))
}

// await waits until something happens, for a while, and keeps it.
func (c *chat) await(ctx context.Context) ([]happening, error) {
	ctx, cancel := context.WithTimeout(ctx, chatWait)
	defer cancel()
	events, err := c.current.session.Receive(ctx)
	if err != nil {
		if ctx.Err() != nil {
			err = nil
		}
		return nil, c.failed(err)
	}
	c.keeping.Lock()
	defer c.keeping.Unlock()
	return c.current.history.add(events, c.current.session.Position())
}

// follow changes to the session that is to be used now, and sends there what is unsent.
func (c *chat) follow(ctx context.Context) error {
	_, open, err := c.sessions(ctx, c.target)
	if err != nil || c.target.session != ids.Empty {
		return err
	}
	if open == ids.Empty && len(c.unsent) == 0 && !c.over.Load() {
		return nil // the next one is made when there is something to say
	}
	if open != c.current.session.ID() {
		if err := c.change(ctx); err != nil {
			return err
		}
	}
	if c.over.Load() {
		return nil // the node does not list it as over yet
	}
	return c.sendUnsent(ctx)
}

// change changes to the session that is to be used now.
func (c *chat) change(ctx context.Context) error {
	c.using.Lock()
	defer c.using.Unlock()
	left, err := c.current.fetch(ctx)
	for i := range left {
		c.show(&left[i], c.typed)
	}
	c.unsent = append(c.unsent, unsentIn(left)...)
	if err != nil && !errors.Is(err, refusal.ErrUnknownSession) {
		return err
	}
	next, err := c.mailbox.current(ctx, c.target)
	if err != nil {
		return err
	}
	c.current.close()
	c.current = next
	c.over.Store(false)
	c.say("-- Another session from here on: %s", next.session.ID())
	return nil
}

// sendUnsent sends what came back of sessions that are over. What this one does not take
// either comes back once more.
func (c *chat) sendUnsent(ctx context.Context) error {
	for len(c.unsent) > 0 {
		_, err := c.current.session.SendAs(ctx, c.unsent[0].kind, c.unsent[0].content)
		over := errors.Is(err, messaging.ErrUnsent)
		if err != nil && !over && !errors.Is(err, messaging.ErrQueued) {
			return c.failed(err)
		}
		c.unsent = c.unsent[1:]
		if over {
			c.over.Store(true)
			return nil
		}
	}
	return nil
}

// show prints what happened. Of the user's own lines on a terminal only their fate is printed.
func (c *chat) show(h *happening, typed bool) {
	typed = h.Kind == kindMessage && h.Own && h.Text != nil && c.echo(*h.Text) && typed
	c.printing.Lock()
	defer c.printing.Unlock()
	if c.shell.json {
		_ = c.shell.line(h.printed(), "")
		return
	}
	when := "     "
	if h.Timestamp != nil {
		when = h.Timestamp.Local().Format("15:04")
	}
	content := fmt.Sprintf("(%d bytes that are no text)", len(h.Data))
	if h.Text != nil {
		content = printable(strings.TrimRight(*h.Text, "\n"), "       ")
	}
	switch {
	case h.Kind == kindKeys || h.Kind == kindTitle:
	case h.Kind == kindFile && h.Own:
		fmt.Fprintf(c.out, "%s  you: [file %q, %d bytes]  [#%d delivered]\n", when, h.File.Name, h.File.Size, h.Sequence)
	case h.Kind == kindFile:
		fmt.Fprintf(c.out, "%s  %s: [file %q, %d bytes: /save %d]\n", when, c.nameOf(h.sender), h.File.Name, h.File.Size, h.Sequence)
	case typed:
		fmt.Fprintf(c.out, "%s  [#%d delivered]\n", when, h.Sequence)
	case h.Kind == kindMessage && h.Own:
		fmt.Fprintf(c.out, "%s  you: %s  [#%d delivered]\n", when, content, h.Sequence)
	case h.Kind == kindMessage:
		fmt.Fprintf(c.out, "%s  %s: %s\n", when, c.nameOf(h.sender), content)
	case h.Kind == kindReceipt:
		fmt.Fprintf(c.out, "%s  [%s has read up to #%d]\n", when, c.nameOf(h.sender), h.Sequence)
	case h.Kind == kindUnsent && h.File != nil:
		fmt.Fprintf(c.out, "%s  [the session is over, and the file %q is not sent: send it again]\n", when, h.File.Name)
	case h.resendable() && c.target.session == ids.Empty:
		fmt.Fprintf(c.out, "%s  [the session is over; in the next one: %s]\n", when, content)
	default:
		fmt.Fprintf(c.out, "%s", c.text(h))
	}
}
