package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
)

// attached is a file that somebody sent, as its sender describes it.
type attached struct {
	Name      string `json:"name"`
	MediaType string `json:"mediaType,omitempty"`
	Size      uint64 `json:"size"`
}

// openFile opens a file that is to be sent, and says how large it is.
func openFile(path string) (*os.File, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, &usageError{err}
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file", path)
	}
	if err != nil {
		_ = file.Close()
		return nil, 0, &usageError{err}
	}
	return file, info.Size(), nil
}

// sendFile sends a file in a session. One that does not get out whole goes on where it ended.
func (c *conversation) sendFile(ctx context.Context, file *os.File, size int64, progress func(sent, of uint32)) (messaging.Sent, error) {
	name := filepath.Base(file.Name())
	sent, err := c.session.SendFile(ctx, name, mime.TypeByExtension(filepath.Ext(name)), file, size, progress)
	if errors.Is(err, messaging.ErrQueued) {
		err = &stoppedError{c.reason(err)}
	}
	return sent, err
}

// sendFile sends a file to a target: in its session, or in the next one if that is over.
func (m *mailbox) sendFile(ctx context.Context, t target, path string, progress func(sent, of uint32)) (messaging.Sent, ids.ID, error) {
	file, size, err := openFile(path)
	if err != nil {
		return messaging.Sent{}, ids.Empty, err
	}
	defer file.Close()
	for tries := 0; ; tries++ {
		c, err := m.current(ctx, t)
		if err != nil {
			return messaging.Sent{}, ids.Empty, err
		}
		sent, err := c.sendFile(ctx, file, size, progress)
		id := c.session.ID()
		c.close()
		if !errors.Is(err, messaging.ErrUnsent) || t.session != ids.Empty || tries == 2 {
			return sent, id, m.failed(err)
		}
	}
}

// stoppedError is a file that did not get out whole.
type stoppedError struct{ err error }

func (e *stoppedError) Error() string {
	return "not all of the file is out, and the same command goes on where it ended: " + e.err.Error()
}
func (e *stoppedError) Unwrap() error { return e.err }

// progress tells how far a file is, on one line of a terminal.
func (s *shell) progress(verb string) func(done, of uint32) {
	return func(done, of uint32) {
		if of > 8 {
			s.note("%s %d %%", verb, uint64(done)*100/uint64(of))
		}
	}
}

type savedResult struct {
	Session  ids.ID   `json:"session"`
	Sequence uint64   `json:"sequence"`
	Sender   string   `json:"sender"`
	File     attached `json:"file"`
	Path     string   `json:"path"`
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
			m, t, err := s.openTarget(c.Context(), args[0])
			if err != nil {
				return err
			}
			path := ""
			if len(args) == 3 {
				path = args[2]
			}
			result, err := m.save(c.Context(), t, sequence, path, s.progress("received"))
			if err != nil {
				return err
			}
			return s.show(result, func(w io.Writer) {
				fields(w, "Saved", result.Path, "Size", fmt.Sprintf("%d bytes", result.File.Size), "From", m.label(result.Sender))
			})
		},
	}
}

// save saves the file that a message of a target announced, in the last session that has one
// of that sequence.
func (m *mailbox) save(ctx context.Context, t target, sequence uint64, path string, progress func(have, of uint32)) (savedResult, error) {
	sessions, _, err := m.sessions(ctx, t)
	if err != nil {
		return savedResult{}, err
	}
	for i := len(sessions) - 1; i >= 0; i-- {
		c, err := m.joinOf(ctx, t, sessions[i])
		if err != nil {
			return savedResult{}, err
		}
		result, found, err := c.save(ctx, sequence, path, progress)
		c.close()
		if found || err != nil {
			return result, err
		}
	}
	return savedResult{}, usage("message #%d with %s announces no file", sequence, m.title(t))
}

func (c *conversation) save(ctx context.Context, sequence uint64, path string, progress func(have, of uint32)) (savedResult, bool, error) {
	if _, err := c.fetch(ctx); err != nil {
		return savedResult{}, false, err
	}
	h := c.history.file(sequence)
	if h == nil {
		return savedResult{}, false, nil
	}
	result, err := c.saveFile(ctx, h, path, progress)
	return result, true, err
}

// file returns what announced a file, nil if no message of that sequence did.
func (h *history) file(sequence uint64) *happening {
	for i := range h.all {
		if h.all[i].Kind == kindFile && h.all[i].Sequence == sequence {
			return &h.all[i]
		}
	}
	return nil
}

func (c *conversation) saveFile(ctx context.Context, h *happening, path string, progress func(have, of uint32)) (savedResult, error) {
	manifest, err := e2ee.ParseManifest(h.Manifest)
	if err != nil {
		return savedResult{}, err
	}
	if path == "" {
		path = safeName(manifest.Name, h.Sequence)
	}
	if err := c.download(ctx, manifest, h, path, progress); err != nil {
		return savedResult{}, err
	}
	return savedResult{Session: h.Session, Sequence: h.Sequence, Sender: h.Sender, File: *h.File, Path: path}, nil
}

// safeName returns the name that a sender gave a file, or another one if programs could take that
// for a setting or an option.
func safeName(name string, sequence uint64) string {
	if trimmed := strings.TrimLeft(name, ".-"); trimmed != name || name == "" {
		return strings.TrimSuffix(fmt.Sprintf("attachment-%d-%s", sequence, trimmed), "-")
	}
	return name
}

// download writes into PATH.part until all is there and verified.
func (c *conversation) download(ctx context.Context, manifest *e2ee.Manifest, h *happening, path string, progress func(have, of uint32)) error {
	if _, err := os.Lstat(path); err == nil {
		return usage("%s exists already and was left as it is: name another PATH", path)
	}
	part, statePath := path+".part", path+".part.state"
	state, err := os.ReadFile(statePath)
	if errors.Is(err, fs.ErrNotExist) { // so what is at PATH.part is not of this command
		if _, err := os.Lstat(part); err == nil {
			return usage("%s exists already and was left as it is: name another PATH, or remove it", part)
		}
		err = os.WriteFile(statePath, nil, 0o600)
	}
	if err != nil {
		return &usageError{err}
	}
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return &usageError{err}
	}
	defer file.Close()
	begun := len(state) > 0
	if !begun {
		state = nil
		if err := file.Truncate(0); err != nil {
			return err
		}
	}
	keep := func(state []byte, have, of uint32) error {
		progress(have, of)
		if err := file.Sync(); err != nil {
			return err
		}
		return os.WriteFile(statePath, state, 0o600)
	}
	err = c.session.Download(ctx, manifest, h.sender, h.Sequence, file, state, keep)
	if errors.Is(err, e2ee.ErrAttachment) && begun { // what is there is of something else
		if err = file.Truncate(0); err == nil {
			err = c.session.Download(ctx, manifest, h.sender, h.Sequence, file, nil, keep)
		}
	}
	if err != nil {
		return c.failed(err)
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	place, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // never over a file that is there by now
	if err != nil {
		return &usageError{err}
	}
	if err := errors.Join(place.Close(), os.Rename(part, path)); err != nil {
		return &usageError{err}
	}
	_ = os.Remove(statePath)
	return nil
}
