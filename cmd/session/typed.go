package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// talk sends the user's lines until there are no more, or until receiving has ended.
func (c *chat) talk(ctx context.Context, lines func() (string, error), ended chan error) error {
	type line struct {
		text string
		err  error
	}
	read := make(chan line)
	go func() {
		for {
			text, err := lines()
			select {
			case read <- line{text, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil // the user had enough
		case err := <-ended:
			ended <- nil
			return err
		case l := <-read:
			if errors.Is(l.err, io.EOF) || l.err == nil && strings.TrimSpace(l.text) == "/quit" {
				return nil
			}
			if l.err != nil {
				return l.err
			}
			c.line(ctx, l.text)
		}
	}
}

// line does what a line says. A failure is shown, and the chat goes on.
func (c *chat) line(ctx context.Context, text string) {
	command := strings.TrimSpace(text)
	var err error
	switch {
	case command == "":
	case command == "/help":
		c.say("-- Each line is a message. /file PATH: send a file. /save NUMBER [PATH]: save one. /who: members and\n-- safety numbers. /rotate: new keys. /quit: the end.")
	case command == "/who":
		c.members()
	case strings.HasPrefix(command, "/file "):
		err = c.file(ctx, strings.TrimSpace(strings.TrimPrefix(command, "/file ")))
	case strings.HasPrefix(command, "/save "):
		err = c.save(ctx, strings.Fields(command)[1:])
	case command == "/rotate":
		err = c.inSession(func(conversation *mailbox.Conversation) error { return conversation.Rotate(ctx) })
	case strings.HasPrefix(command, "/") && !strings.HasPrefix(command, "//"):
		c.say("-- %s is no command: /help. A message that begins with / is written with //.", printable(command, ""))
	default:
		err = c.send(ctx, strings.TrimPrefix(text, "/"))
	}
	if errors.Is(err, messaging.ErrUnsent) && c.peer.Session == ids.Empty {
		c.over.Store(true)
		select {
		case c.renew <- struct{}{}:
		default:
		}
		err = nil // it goes into the next session; of a file show says that it does not
	}
	if err != nil && ctx.Err() == nil {
		c.say("!! %s", printable(c.shell.explain(err), "   "))
	}
}

// send sends a line. It is stored before the node is asked, and goes out by itself, in this chat or
// the next. After an error that is shown as "!! NOT SENT" it is not stored.
func (c *chat) send(ctx context.Context, text string) error {
	c.printing.Lock()
	c.echoed = append(c.echoed, text)
	c.printing.Unlock()
	err := c.inSession(func(conversation *mailbox.Conversation) error {
		_, err := conversation.Send(ctx, []byte(text))
		return err
	})
	if errors.Is(err, mailbox.ErrNoSession) {
		return c.invite(ctx, text)
	}
	if err == nil {
		return nil
	}
	c.echo(text) // it is shown with its text once it is delivered
	if errors.Is(err, messaging.ErrQueued) && ctx.Err() == nil {
		c.stored(text)
	} else if !errors.Is(err, messaging.ErrUnsent) && ctx.Err() == nil {
		c.say("!! NOT SENT: %s", printable(text, "   "))
	}
	return err // line says why
}

// stored says that a line is not sent yet.
func (c *chat) stored(text string) {
	why := "NOT SENT yet, stored until a node answers"
	if c.shell.delay > 0 && c.peer.Private() {
		why = "stored, and sent in a while (--delay)"
	}
	c.say("-- %s: %s", why, printable(text, "   "))
}

// echo reports whether a line of the user's is on the screen, and forgets it.
func (c *chat) echo(text string) bool {
	c.printing.Lock()
	defer c.printing.Unlock()
	position := slices.Index(c.echoed, text)
	if position < 0 {
		return false
	}
	c.echoed = slices.Delete(c.echoed, position, position+1)
	return true
}

// file sends a file. If the session is over meanwhile, the user sends it again in the next one.
// So does the user after another failure: it goes on where it ended.
func (c *chat) file(ctx context.Context, path string) error {
	return c.inSession(func(conversation *mailbox.Conversation) error {
		_, err := conversation.SendFile(ctx, path, nil)
		return err
	})
}

func (c *chat) save(ctx context.Context, args []string) error {
	sequence, err := parseSequence(args[0])
	if err != nil {
		return err
	}
	path := strings.Join(args[1:], " ")
	err = c.inSession(func(conversation *mailbox.Conversation) (err error) {
		_, path, err = conversation.Save(ctx, sequence, path, nil)
		return err
	})
	if err == nil {
		c.say("-- saved as %s", path)
	}
	return err
}

// inSession does something in the session in use. Errors: mailbox.ErrNoSession.
func (c *chat) inSession(do func(*mailbox.Conversation) error) error {
	c.using.RLock()
	defer c.using.RUnlock()
	if c.conversation == nil {
		return refusal.Because(mailbox.ErrNoSession, "%s has not answered yet", c.Title(c.peer))
	}
	return do(c.conversation)
}

// invite sends a line in an invitation: there is no private session that takes it.
func (c *chat) invite(ctx context.Context, text string) error {
	_, session, err := c.Send(ctx, c.peer, e2ee.ContentText, []byte(text))
	c.echo(text)
	switch {
	case err == nil && session == ids.Empty && c.peer.Group != ids.Empty:
		c.say("-- stored until somebody has joined: %s", printable(text, "   "))
	case err == nil && session == ids.Empty:
		c.say("-- %s is invited, and reads it when they answer: %s", c.Title(c.peer), printable(text, "   "))
	case errors.Is(err, messaging.ErrQueued) && ctx.Err() == nil:
		c.stored(text)
	case err != nil && ctx.Err() == nil:
		c.say("!! NOT SENT: %s", printable(text, "   "))
	}
	return err
}

func (c *chat) members() {
	c.using.RLock()
	members := []ids.ID{c.Self(), c.peer.Person}
	if c.conversation != nil && c.conversation.With() == ids.Empty {
		members = c.conversation.Identities()
	}
	c.using.RUnlock()
	for _, member := range members {
		if member == c.Self() {
			c.say("-- %s  you", pq.FormatID(member))
			continue
		}
		state := "not compared"
		if contact, ok := c.ContactOf(member); ok && contact.Compared {
			state = "compared"
		}
		c.say("-- %s  %s\n   safety number %s (%s)", pq.FormatID(member), c.NameOf(member), pq.SafetyNumber(c.Self(), member), state)
	}
}
