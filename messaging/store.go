package messaging

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// store keeps one session's record. Save replaces it whole or not at all.
type store interface {
	// Load returns nil if nothing was saved yet.
	Load() ([]byte, error)
	Save(record []byte) error
	// SaveRoster stores a group's roster beside the record that is to name its hash, LoadRoster returns it, and DropRosters
	// erases all others.
	SaveRoster(hash chain.Hash, roster []byte) error
	LoadRoster(hash chain.Hash) ([]byte, error)
	DropRosters(but chain.Hash)
	Close() error
}

// fileStore keeps the record in a file that is sealed under Identity.StoreKey, for the
// chain's, the session's and the identity's ID.
type fileStore struct {
	*sealedfile.File
	lock *os.File
}

// sessionFile names the file of one identity in one session of a chain.
func sessionFile(folder string, chainID, session ids.ID, identity *pq.Identity) (*sealedfile.File, error) {
	self := identity.ID()
	key, err := identity.StoreKey(chainID, session)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	purpose := append([]byte(nil), chainID[:]...)
	purpose = append(purpose, session[:]...)
	return sealedfile.New(filepath.Join(folder, session.String()+sessionSuffix(self)), key, append(purpose, self[:]...))
}

// sessionFiles is a pattern of the names of all identities' files.
const sessionFiles = "*-*.session"

// cutSessionFile returns the session's ID in a file's name, and how the name ends.
func cutSessionFile(path string) (session, suffix string) {
	name := filepath.Base(path)
	session, _, _ = strings.Cut(name, "-")
	return session, name[len(session):]
}

// sessionSuffix is how the names of an identity's files end, after the session's ID.
func sessionSuffix(self ids.ID) string { return fmt.Sprintf("-%x.session", self[:8]) }

// openStore opens, and locks, the file of one identity in one session of a chain.
func openStore(folder string, chainID, session ids.ID, identity *pq.Identity) (store, error) {
	file, err := sessionFile(folder, chainID, session, identity)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, refusal.Because(ErrStore, "%w", err)
	}
	lock, err := sealedfile.Lock(file.Path())
	if errors.Is(err, sealedfile.ErrLocked) {
		return nil, refusal.Because(ErrLocked, "%s", file.Path())
	} else if err != nil {
		return nil, refusal.Because(ErrStore, "%w", err)
	}
	return &fileStore{file, lock}, nil
}

func (s *fileStore) Load() ([]byte, error) {
	record, err := s.File.Load()
	if err != nil {
		return nil, refusal.Because(ErrFile, "%w", err)
	}
	return record, nil
}

func (s *fileStore) Save(record []byte) error {
	if err := s.File.Save(record); err != nil {
		return refusal.Because(ErrStore, "%w", err)
	}
	return nil
}

// rosterFiles returns the path of the file of a roster, or a pattern of all that are beside a session's file.
func rosterFiles(session, hash string) string {
	return strings.TrimSuffix(session, ".session") + "-" + hash + ".roster"
}

func (s *fileStore) roster(hash chain.Hash) *sealedfile.File {
	name := hex.EncodeToString(hash[:16])
	return s.Beside(rosterFiles(s.Path(), name), "roster "+name)
}

func (s *fileStore) SaveRoster(hash chain.Hash, roster []byte) error {
	if err := s.roster(hash).Save(roster); err != nil {
		return refusal.Because(ErrStore, "%w", err)
	}
	return nil
}

func (s *fileStore) LoadRoster(hash chain.Hash) ([]byte, error) {
	roster, err := s.roster(hash).Load()
	if err != nil {
		return nil, refusal.Because(ErrFile, "%w", err)
	}
	if sha256.Sum256(roster) != hash {
		return nil, refusal.Because(ErrFile, "expected the roster that the session's file names, in %s", s.roster(hash).Path())
	}
	return roster, nil
}

func (s *fileStore) DropRosters(but chain.Hash) {
	paths, _ := filepath.Glob(rosterFiles(s.Path(), "*")) // the pattern is well-formed
	for _, path := range paths {
		if path != s.roster(but).Path() {
			_ = os.Remove(path)
		}
	}
}

func (s *fileStore) Close() error { return s.lock.Close() }
