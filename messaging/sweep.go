package messaging

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/refusal"
)

// sweep erases the keys of all sessions in the folder that are over for so long that the chain
// has none of their messages any more. That is reckoned from the deadline that each session's
// maker has signed, whatever a node says. Later it forgets the private ones, so that their number has a bound. What
// can't be swept is warned of.
func (m *Messenger) sweep(ctx context.Context) {
	kept, err := m.loadPrivate()
	if err != nil {
		m.warn(err)
		kept = new(privateFile)
	}
	goesOn := kept.lastRounds()
	pairs := make(map[string]*pair, len(kept.Pairs)) // by how the names of the pseudonym's files end
	for _, p := range kept.Pairs {
		pairs[sessionSuffix(p.Self)], pairs[p.Session.String()+sessionSuffix(p.Self)] = p, p
	}
	paths, _ := filepath.Glob(filepath.Join(m.config.Folder, sessionFiles)) // the pattern is well-formed
	for _, path := range paths {
		name, suffix := cutSessionFile(path)
		p, private := pairs[name+suffix]
		if !private { // one that was looked at for an answer
			p, private = pairs[suffix]
		}
		if !private && suffix != sessionSuffix(m.self) {
			continue // another identity's
		}
		past := private && m.past(p) && !goesOn[p.Session]
		if info, err := os.Stat(path); err != nil || !past && m.now().Sub(info.ModTime()) < m.retention() {
			continue // it has been in use since
		}
		session, err := strictjson.ParseID(name)
		self := m.root()
		if err == nil && private {
			self, err = m.actorFor(p)
		}
		over := false
		if err == nil {
			over, err = m.sweepOne(session, self)
		}
		switch {
		case errors.Is(err, ErrLocked): // it is in use
		case err != nil:
			m.warn(refusal.Because(ErrFile, "%s: %w", path, err))
		case over && past:
			_ = os.Remove(path)
			rosters, _ := filepath.Glob(rosterFiles(path, "*"))
			for _, roster := range rosters {
				_ = os.Remove(roster)
			}
		case over: // it needs no look for as long again
			_ = os.Chtimes(path, m.now(), m.now())
		}
	}
	if !slices.ContainsFunc(kept.Pairs, m.past) {
		return
	}
	err = m.updatePrivate(ctx, func(kept *privateFile) error {
		goesOn := kept.lastRounds()
		kept.Pairs = slices.DeleteFunc(kept.Pairs, func(p *pair) bool { return m.past(p) && !goesOn[p.Session] })
		return nil
	})
	if err != nil {
		m.warn(err)
	}
}

// lastRounds returns the last sessions of the groups that this identity is in: without them it could not go on.
func (f *privateFile) lastRounds() map[ids.ID]bool {
	last := make(map[ids.ID]bool)
	for _, g := range f.Groups {
		if rounds := f.rounds(g.ID); !g.Out && len(rounds) > 0 {
			last[rounds[len(rounds)-1].Session] = true
		}
	}
	return last
}

// sessionLife is how long the chain has something of a session, from when it was made.
func (m *Messenger) sessionLife() time.Duration {
	return time.Duration(m.genesis.SessionTTL)*time.Second + m.retention()
}

// sweepOne erases the keys of a session if it is over for long enough, and reports whether they
// are erased.
func (m *Messenger) sweepOne(session ids.ID, self *actor) (over bool, err error) {
	kept, err := m.openStore(session, self.identity)
	if err != nil {
		return false, err
	}
	defer kept.Close()
	encoded, err := kept.Load()
	if err != nil || encoded == nil {
		return false, nil // it is another chain's, or damaged: who joins it is told
	}
	defer clear(encoded)
	record, err := decodeRecord(encoded)
	if err != nil {
		return false, err
	}
	if record.Over || !m.now().After(record.Made.Add(m.sessionLife())) {
		return record.Over, nil
	}
	protocol, err := e2ee.Restore(record.Protocol, e2ee.Secrets{Identity: self.identity}, nil)
	if err != nil {
		return false, err
	}
	protocol.Wipe()
	record.Protocol, record.Over = protocol.State(), true
	swept, err := record.encode()
	if err != nil {
		return false, err
	}
	defer clear(swept)
	return true, kept.Save(swept)
}

// forgetOver erases the keys of a session that is over and was received to its end, its total of
// messages. That was proven; where the node is believed, or says that the chain knows no such session, the
// end and what comes after it are reckoned from the deadline that the session's maker signed.
func (s *Session) forgetOver(total uint64, after time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := s.record.Made.Add(time.Duration(s.m.genesis.SessionTTL)*time.Second + after)
	proven := after == 0 && s.m.light.client != nil
	if err := s.usable(); err != nil || s.record.Over || !s.over || total >= s.record.Next || !proven && !s.m.now().After(end) {
		return err
	}
	s.protocol.Wipe()
	s.record.Over = true
	return s.commit()
}

func (m *Messenger) retention() time.Duration {
	return time.Duration(m.genesis.Options.RetentionDays) * 24 * time.Hour
}
