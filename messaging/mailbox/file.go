package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

// SendFile sends a file to a peer: in its session, or in the next one if that is over. Progress, which
// may be nil, is told how many parts are sent. Errors: ErrPath, ErrPartial, those of Send.
func (m *Mailbox) SendFile(ctx context.Context, peer Peer, path string, progress func(sent, of uint32)) (messaging.Sent, ids.ID, error) {
	for tries := 1; ; tries++ {
		c, err := m.Resume(ctx, peer)
		if err != nil {
			return messaging.Sent{}, ids.Empty, err
		}
		sent, err := c.SendFile(ctx, path, progress)
		c.Close()
		if !errors.Is(err, messaging.ErrUnsent) || peer.Session != ids.Empty || tries == sendTries {
			return sent, c.ID(), err
		}
	}
}

// SendFile sends a file in the session. One of which not all is sent goes on where it ended. Errors:
// ErrPath, ErrPartial, those of messaging.Session.SendFile.
func (c *Conversation) SendFile(ctx context.Context, path string, progress func(sent, of uint32)) (messaging.Sent, error) {
	file, err := os.Open(path)
	if err != nil {
		return messaging.Sent{}, refusal.Because(ErrPath, "%w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file", path)
	}
	if err != nil {
		return messaging.Sent{}, refusal.Because(ErrPath, "%w", err)
	}
	name := filepath.Base(path)
	sent, err := c.Session.SendFile(ctx, name, mime.TypeByExtension(filepath.Ext(name)), file, info.Size(), progress)
	if errors.Is(err, messaging.ErrQueued) {
		err = refusal.Because(ErrPartial, "sending it again goes on where it ended: %w", err)
	}
	return sent, err
}

// Save saves the file that a message of a peer announced, in the last session that has one of that
// sequence. See Conversation.Save.
func (m *Mailbox) Save(ctx context.Context, peer Peer, sequence uint64, path string, progress func(have, of uint32)) (Entry, string, error) {
	sessions, _, err := m.Sessions(ctx, peer)
	if err != nil {
		return Entry{}, "", err
	}
	for _, session := range slices.Backward(sessions) {
		c, err := m.Join(ctx, peer, session)
		if errors.Is(err, refusal.ErrUnknownSession) {
			continue
		}
		if err != nil {
			return Entry{}, "", err
		}
		_, err = c.Fetch(ctx)
		var entry Entry
		saved := path
		if err == nil {
			entry, saved, err = c.Save(ctx, sequence, path, progress)
		}
		c.Close()
		if !errors.Is(err, ErrNoFile) {
			return entry, saved, err
		}
	}
	return Entry{}, "", refusal.Because(ErrNoFile, "message #%d with %s announces no file", sequence, m.Title(peer))
}

// Save saves the file that a message announced, at a path that is free, and returns the entry and the
// path; an empty path is the name that its sender gave it, in the working folder. Each part and the whole
// are verified before the file is there: until then they are in PATH.part, where an interrupted Save goes
// on. Progress may be nil. Errors: ErrNoFile, ErrExists, ErrPath, those of messaging.Session.Download.
func (c *Conversation) Save(ctx context.Context, sequence uint64, path string, progress func(have, of uint32)) (Entry, string, error) {
	entry, found := find(c.Entries(), func(e *Entry) bool { return e.Kind == messaging.KindFile && e.Sequence == sequence })
	if !found {
		return Entry{}, "", refusal.Because(ErrNoFile, "message #%d announces no file here", sequence)
	}
	manifest, err := entry.Attachment()
	if err != nil {
		return Entry{}, "", err
	}
	if path == "" {
		path = safeName(manifest.Name, sequence)
	}
	return entry, path, c.download(ctx, manifest, &entry, path, progress)
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
func (c *Conversation) download(ctx context.Context, manifest *e2ee.Manifest, entry *Entry, path string, progress func(have, of uint32)) error {
	if _, err := os.Lstat(path); err == nil {
		return refusal.Because(ErrExists, "%s exists already and was left as it is: choose another path", path)
	}
	part, statePath := path+".part", path+".part.state"
	state, err := os.ReadFile(statePath)
	if errors.Is(err, fs.ErrNotExist) { // so what is at PATH.part is not of this package
		if _, err := os.Lstat(part); err == nil {
			return refusal.Because(ErrExists, "%s exists already and was left as it is: choose another path, or remove it", part)
		}
		err = os.WriteFile(statePath, nil, 0o600)
	}
	if err != nil {
		return refusal.Because(ErrPath, "%w", err)
	}
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return refusal.Because(ErrPath, "%w", err)
	}
	defer file.Close()
	keep := func(state []byte, have, of uint32) error {
		if progress != nil {
			progress(have, of)
		}
		return errors.Join(file.Sync(), os.WriteFile(statePath, state, 0o600))
	}
	err = e2ee.ErrAttachment
	if len(state) > 0 {
		err = c.Session.Download(ctx, manifest, entry.Sender, entry.Sequence, file, state, keep)
	}
	if errors.Is(err, e2ee.ErrAttachment) { // nothing is there, or of something else
		if err = file.Truncate(0); err == nil {
			err = c.Session.Download(ctx, manifest, entry.Sender, entry.Sequence, file, nil, keep)
		}
	}
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	place, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // never over a file that is there by now
	if err == nil {
		err = errors.Join(place.Close(), os.Rename(part, path))
	}
	if err != nil {
		return refusal.Because(ErrPath, "%w", err)
	}
	_ = os.Remove(statePath)
	return nil
}
