package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
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

// chat is one peer, talked to in whichever of its sessions is in use.
type chat struct {
	*mailbox.Mailbox
	shell    *shell
	peer     mailbox.Peer
	receipts bool
	typed    bool     // the user's own lines are on the screen already
	echoed   []string // the lines that are, and are not delivered yet; guarded by printing
	out      io.Writer
	fit      func() // to the terminal, which may have another size by now
	printing sync.Mutex

	using        sync.RWMutex          // held for reading to send, for writing to change the session
	conversation *mailbox.Conversation // nil while no private session takes messages
	waits        int                   // in the outbox while there is none: no invitation takes it
	over         atomic.Bool           // the session in use takes nothing more
	renew        chan struct{}         // asks for the next session
}

func (s *shell) chat(ctx context.Context, to string, receipts bool) error {
	return s.withPeer(ctx, to, func(m *mailbox.Mailbox, peer mailbox.Peer) (err error) {
		c := &chat{Mailbox: m, shell: s, peer: peer, receipts: receipts, out: s.out, fit: func() {}, renew: make(chan struct{}, 1)}
		if c.conversation, err = m.Resume(ctx, peer); err != nil && !errors.Is(err, mailbox.ErrNoSession) {
			return err
		}
		defer func() { c.leave() }()
		lines, restore, err := c.input()
		if err != nil {
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
		return err
	})
}

// greet says who is there, and what was said last.
func (c *chat) greet() {
	if c.shell.json {
		return
	}
	c.say("-- %s. /help for help.", c.Title(c.peer))
	if contact, ok := c.ContactOf(c.peer.Person); ok && !contact.Compared {
		c.say("-- The safety number with %s is not compared yet: session contacts verify %s", contact.Name, contact.Name)
	}
	if c.conversation == nil && c.peer.Group != ids.Empty {
		c.say("-- Nobody has joined yet: what is said waits here until somebody has.")
		return
	}
	if c.conversation == nil {
		c.say("-- No session takes messages: a line is sent in an invitation, and %s answers when they read it.", c.Title(c.peer))
		return
	}
	c.showHistory()
}

// showHistory shows what was said last in the session in use.
func (c *chat) showHistory() {
	all := c.conversation.Entries()
	c.showAll(all[max(0, len(all)-chatHistory):], false)
}

// leave lets go of the session in use.
func (c *chat) leave() {
	if c.conversation != nil {
		c.conversation.Close()
	}
	c.conversation = nil
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
			c.say("!! %s\nTrying again.", printable(c.shell.explain(err), "   "))
			pause(ctx, chatPause)
		} else if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// receiveSome shows what comes for a while, or until the next session is asked for.
func (c *chat) receiveSome(ctx context.Context) error {
	waiting, stop := context.WithTimeout(ctx, chatWait)
	defer stop()
	go func() {
		select {
		case <-c.renew:
			stop()
		case <-waiting.Done():
		}
	}()
	if c.conversation == nil {
		<-waiting.Done()
		return nil
	}
	fresh, err := c.conversation.Await(waiting)
	if waiting.Err() != nil {
		err = nil
	}
	c.showAll(fresh, c.typed)
	heard := slices.ContainsFunc(fresh, func(e mailbox.Entry) bool {
		return (e.Kind == messaging.KindMessage || e.Kind == messaging.KindFile) && !e.Own
	})
	if err != nil || !heard || !c.receipts || ctx.Err() != nil {
		return err
	}
	return c.conversation.Acknowledge(ctx, 0)
}

// follow changes to the session that is to be used now, and sends there what an earlier one has not
// taken.
func (c *chat) follow(ctx context.Context) error {
	_, open, err := c.Sessions(ctx, c.peer)
	if err != nil || c.peer.Session != ids.Empty {
		return err
	}
	if open == ids.Empty && c.Outbox(c.peer) == 0 && !c.over.Load() {
		return nil // the next one is made when there is something to say
	}
	if c.conversation == nil && open == ids.Empty && c.Outbox(c.peer) == c.waits {
		return nil
	}
	if c.conversation == nil || open != c.conversation.ID() {
		return c.change(ctx)
	}
	if c.over.Load() {
		return nil // the node does not list it as over yet
	}
	_, err = c.conversation.Resend(ctx)
	if errors.Is(err, messaging.ErrUnsent) {
		c.over.Store(true)
	} else if !errors.Is(err, messaging.ErrQueued) {
		return err
	}
	return nil
}

// change changes to the session that is to be used now.
func (c *chat) change(ctx context.Context) error {
	c.using.Lock()
	defer c.using.Unlock()
	if c.conversation != nil {
		left, err := c.conversation.Fetch(ctx)
		c.showAll(left, c.typed)
		if err != nil && !errors.Is(err, refusal.ErrUnknownSession) {
			return err
		}
	}
	next, err := c.Resume(ctx, c.peer)
	if errors.Is(err, mailbox.ErrNoSession) {
		return c.inviteAgain(ctx)
	}
	if err != nil {
		return err
	}
	first := c.conversation == nil
	c.leave()
	c.conversation = next
	c.over.Store(false)
	c.say("-- Another session from here on: %s", next.ID())
	if first {
		c.showHistory()
	}
	return nil
}

// inviteAgain sends what the last private session has not taken in invitations to the next one.
func (c *chat) inviteAgain(ctx context.Context) error {
	c.leave()
	c.over.Store(false)
	waits := c.Outbox(c.peer)
	if c.peer.Group != ids.Empty {
		c.waits = waits
		return nil
	}
	err := c.Invite(ctx, c.peer)
	if err != nil && !errors.Is(err, messaging.ErrQueued) { // else Sessions goes on with it
		return err
	}
	if c.waits = c.Outbox(c.peer); waits > c.waits {
		c.say("-- The session is over. %s is invited to another one, with what it did not take.", c.Title(c.peer))
	}
	return nil
}

func (c *chat) showAll(entries []mailbox.Entry, typed bool) {
	for i := range entries {
		c.show(printed(&entries[i]), typed)
	}
}

// show prints an entry. Of the user's own lines on a terminal only their fate is printed.
func (c *chat) show(h *shownEntry, typed bool) {
	typed = h.Kind == messaging.KindMessage && h.Own && h.Text != nil && c.echo(*h.Text) && typed
	c.printing.Lock()
	defer c.printing.Unlock()
	if c.shell.json {
		_ = c.shell.line(h, "")
		return
	}
	when := "     "
	if !h.Time.IsZero() {
		when = h.Time.Local().Format("15:04")
	}
	content := h.content("       ")
	sender, has := h.who(c.Mailbox)
	switch {
	case h.Kind == messaging.KindRotated || h.Kind == messaging.KindTitle || h.Kind == messaging.KindGroup || h.Kind == messaging.KindRevealed && c.peer.Private():
	case h.Kind == messaging.KindFile && h.Own:
		fmt.Fprintf(c.out, "%s  you: [file %q, %d bytes]  [#%d delivered]\n", when, h.File.Name, h.File.Size, h.Sequence)
	case h.Kind == messaging.KindFile:
		fmt.Fprintf(c.out, "%s  %s: [file %q, %d bytes: /save %d]\n", when, sender, h.File.Name, h.File.Size, h.Sequence)
	case typed:
		fmt.Fprintf(c.out, "%s  [#%d delivered]\n", when, h.Sequence)
	case h.Kind == messaging.KindMessage && h.Own:
		where := fmt.Sprintf("#%d delivered", h.Sequence)
		if h.Sequence == 0 {
			where = "in an invitation"
		}
		fmt.Fprintf(c.out, "%s  you: %s  [%s]\n", when, content, where)
	case h.Kind == messaging.KindMessage:
		fmt.Fprintf(c.out, "%s  %s: %s\n", when, sender, content)
	case h.Kind == messaging.KindReceipt:
		fmt.Fprintf(c.out, "%s  [%s read up to #%d]\n", when, has, h.Sequence)
	case h.Kind == messaging.KindUnsent && h.File != nil:
		fmt.Fprintf(c.out, "%s  [the session is over, and the file %q is not sent: send it again]\n", when, h.File.Name)
	case h.Resendable() && c.peer.Session == ids.Empty:
		fmt.Fprintf(c.out, "%s  [the session is over; in the next one: %s]\n", when, content)
	default:
		fmt.Fprint(c.out, h.text(c.Mailbox))
	}
}
