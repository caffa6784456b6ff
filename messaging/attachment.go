package messaging

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

const (
	// maxUploads bounds the attachments of which not all is known to be on the chain.
	maxUploads = 16
	// chunksAtOnce is how many chunks are under way at once.
	chunksAtOnce = 8
	// chunkPage is how many messages are asked for at once where chunks are expected.
	chunkPage = 16
)

// upload is an attachment of which not all is known to be on the chain.
type upload struct {
	Manifest []byte
	Message  ids.ID // that carries the manifest
	Chunks   uint32 // how many of the first ones are on the chain
}

// SendFile sends content of any size as an attachment: a manifest, as a message, and then the
// content in encrypted chunks. It returns where the manifest is. Progress, which may be nil, is
// told how many chunks are on the chain, of how many.
//
// After an error, or a crash, the same name and content go on where it ended: chunks that are on
// the chain are not sent again, and none counts twice.
func (s *Session) SendFile(ctx context.Context, name, mediaType string, content io.ReaderAt, size int64, progress func(sent, of uint32)) (Sent, error) {
	chunkSize := uint64(e2ee.DefaultChunkSize)
	if limit := s.m.genesis.Limits.MaxCiphertextBytes; limit < chunkSize+e2ee.ChunkOverhead {
		chunkSize = limit - min(limit, e2ee.ChunkOverhead)
	}
	manifest, err := e2ee.NewManifest(nil, name, mediaType, io.NewSectionReader(content, 0, size), uint32(chunkSize))
	if err != nil {
		return Sent{}, err
	}
	defer func() { manifest.Wipe() }()
	s.sending.Lock()
	defer s.sending.Unlock()
	if err := s.sealDrafts(ctx); err != nil { // what was given to Send before
		return Sent{}, err
	}
	if err := s.prepare(ctx); err != nil {
		return Sent{}, err
	}
	under, err := s.begun(&manifest)
	if err != nil {
		return Sent{}, err
	}
	if under == nil {
		if under, err = s.announce(manifest); err != nil {
			return Sent{}, err
		}
	}
	if _, err := s.flush(ctx, s.m.wait); err != nil {
		return Sent{}, err
	}
	if err := s.sendChunks(ctx, under, manifest, content, progress); err != nil {
		return Sent{}, err
	}
	accepted, err := s.m.client.GetTransaction(ctx, client.GetTransactionParams{TransactionID: under.Message})
	if err != nil {
		return Sent{}, refusal.Because(ErrQueued, "%w", err)
	}
	sent, err := s.sent(ctx, []*ownMessage{{ID: under.Message}}, []*client.TransactionResult{&accepted.TransactionResult})
	if err != nil {
		return Sent{}, refusal.Because(ErrQueued, "%w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return Sent{}, err
	}
	s.record.Uploads = slices.DeleteFunc(s.record.Uploads, func(u *upload) bool { return u == under })
	return sent, s.commit()
}

// begun finds an upload of the same name and content, and takes its manifest.
func (s *Session) begun(manifest **e2ee.Manifest) (*upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	for _, u := range s.record.Uploads {
		known, err := e2ee.ParseManifest(u.Manifest)
		if err != nil {
			return nil, refusal.Because(ErrFile, "%w", err)
		}
		if known.Name == (*manifest).Name && known.Size == (*manifest).Size && known.Hash == (*manifest).Hash {
			(*manifest).Wipe()
			*manifest = known
			return u, nil
		}
	}
	return nil, nil
}

// announce stores an upload together with the message that carries its manifest.
func (s *Session) announce(manifest *e2ee.Manifest) (*upload, error) {
	encoded := manifest.Bytes()
	u := &upload{Manifest: encoded}
	err := s.enqueue(e2ee.ContentManifest, encoded, func(now uint64) (e2ee.Sealed, error) {
		return s.protocol.Seal(now, s.record.seen(), e2ee.ContentManifest, encoded)
	}, func(own []*ownMessage) {
		u.Message = own[len(own)-1].ID
		s.record.Uploads = append(s.record.Uploads, u)
		if len(s.record.Uploads) > maxUploads {
			s.record.Uploads = slices.Delete(s.record.Uploads, 0, 1)
		}
	})
	return u, s.returned(&Draft{Type: e2ee.ContentManifest, Content: encoded}, err)
}

// sendChunks sends what is not known to be on the chain, some at once.
func (s *Session) sendChunks(ctx context.Context, u *upload, manifest *e2ee.Manifest, content io.ReaderAt, progress func(sent, of uint32)) error {
	place := e2ee.Place{Chain: s.m.chainID, Session: s.id, Sender: s.self.id}
	count := manifest.Chunks()
	for u.Chunks < count {
		var some []*chain.Transaction
		for index := u.Chunks; index < count && len(some) < chunksAtOnce; index++ {
			sealed, err := manifest.SealChunk(place, index, content)
			if err != nil {
				return err
			}
			tx, err := s.self.sign(s.m.chainID, &chain.SendMessage{Session: s.id, Sender: s.self.id, Ciphertext: sealed})
			if err != nil {
				return err
			}
			some = append(some, tx)
			_, err = s.m.client.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: tx.Bytes()})
			if err != nil && !isBusy(err) {
				return s.chunkFailed(err)
			}
		}
		own := make([]*ownMessage, len(some))
		accepted := make([]*client.TransactionResult, len(some))
		for i, tx := range some {
			var err error
			if accepted[i], err = s.m.issue(ctx, tx.ID(), tx.Bytes(), s.m.wait); err != nil {
				return s.chunkFailed(err)
			}
			own[i] = &ownMessage{ID: tx.ID()}
		}
		if _, err := s.sent(ctx, own, accepted); err != nil {
			return s.chunkFailed(err)
		}
		s.mu.Lock()
		err := s.usable()
		if err == nil {
			u.Chunks += uint32(len(some))
			err = s.commit()
		}
		s.mu.Unlock()
		if err != nil {
			return err
		}
		if progress != nil {
			progress(u.Chunks, count)
		}
	}
	return nil
}

// isBusy says that a node takes no more for the moment: the chunk is sent again when those
// before it are in a block.
func isBusy(err error) bool {
	return errors.Is(err, refusal.ErrMempoolSender) || errors.Is(err, refusal.ErrMempoolFull) || errors.Is(err, refusal.ErrRateLimited)
}

func (s *Session) chunkFailed(err error) error {
	if isOver(err) {
		return refusal.Because(ErrUnsent, "%w", err)
	}
	return refusal.Because(ErrQueued, "%w", err)
}

// Download gathers an attachment from the chain, and verifies it: its sender signed every
// chunk, and the whole has the hash that the manifest says. Until then its content is not to
// be used.
//
// Sender and sequence are those of the message that carried the manifest. State is nil, or what
// keep was given last: chunks that are in the file then are not fetched again. Keep, which may
// be nil, is called from time to time and has to see to it that the file is on disk first. The
// error is ErrIncomplete if not all is on the chain yet.
func (s *Session) Download(ctx context.Context, manifest *e2ee.Manifest, sender ids.ID, sequence uint64, file e2ee.File, state []byte, keep func(state []byte, have, of uint32) error) error {
	place := e2ee.Place{Chain: s.m.chainID, Session: s.id, Sender: sender}
	download, err := e2ee.NewDownload(manifest, place, file)
	if err == nil && state != nil {
		download, err = e2ee.RestoreDownload(manifest, place, file, state)
	}
	if err != nil {
		return err
	}
	defer download.Wipe()
	// Most clients send the chunks after the manifest; they may come before it too.
	for _, span := range [][2]uint64{{sequence + 1, s.m.genesis.MaxMessages}, {1, sequence}} {
		if err := s.gather(ctx, download, sender, span[0], span[1], keep); err != nil {
			return err
		}
	}
	if download.Have() < download.Chunks() {
		return refusal.Because(ErrIncomplete, "expected %d chunks, got %d", download.Chunks(), download.Have())
	}
	return download.Verify()
}

// gather adds the chunks among the messages from one sequence to another.
func (s *Session) gather(ctx context.Context, download *e2ee.Download, sender ids.ID, from, to uint64, keep func(state []byte, have, of uint32) error) error {
	for from <= to && download.Have() < download.Chunks() {
		page, err := s.m.client.ListMessages(ctx, client.ListMessagesParams{SessionID: s.id, From: from, Limit: chunkPage})
		if err != nil {
			return err
		}
		changed := false
		for i := range page.Messages {
			added, err := s.addChunk(download, sender, &page.Messages[i])
			if err != nil {
				return err
			}
			changed = changed || added
		}
		if changed && keep != nil {
			if err := keep(download.State(), download.Have(), download.Chunks()); err != nil {
				return err
			}
		}
		if len(page.Messages) == 0 || page.Next <= from || page.Next > page.Total {
			break
		}
		from = page.Next
	}
	return nil
}

// addChunk adds a message that is a chunk of the attachment, and reports whether it was a new one.
func (s *Session) addChunk(download *e2ee.Download, sender ids.ID, m *client.Message) (bool, error) {
	chunk, err := e2ee.ParseChunk(m.Ciphertext)
	if err != nil || chunk.ID != download.ID() || m.Sender != sender {
		return false, nil
	}
	if err := s.verify(m); err != nil {
		return false, err
	}
	added, err := download.Add(m.Ciphertext)
	if errors.Is(err, e2ee.ErrAttachment) {
		return false, nil // its sender signed it, and it is not of the content: another one may be
	}
	return added, err
}

// isChunk reports whether a message is a chunk of an attachment: Download takes those.
func isChunk(ciphertext []byte) bool {
	_, err := e2ee.ParseChunk(ciphertext)
	return err == nil
}
