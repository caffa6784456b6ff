package messaging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// prekeyPeriod is how old this identity's prekey is when the next one is published.
	prekeyPeriod = 7 * 24 * time.Hour
	// prekeyGrace is how long the secret of a prekey is kept after the next one was published:
	// what was sealed to it is to be received until then.
	prekeyGrace = 7 * 24 * time.Hour
	// prekeyAge is how old a prekey may be to be sealed to: its owner has not been there since.
	prekeyAge = 30 * 24 * time.Hour
	// checkPeriod is how long after it was last proven that the chain has the identity and its prekey a program
	// that starts does not look again: both are asked for by name, right before its private sessions are.
	checkPeriod = 24 * time.Hour
)

// ownPrekey is the secret half of a prekey of this identity.
type ownPrekey struct {
	Seed     []byte
	Made     time.Time
	Replaced time.Time `json:",omitzero"` // when the next one was published
	Checked  time.Time `json:",omitzero"` // when it was last proven that the chain has it as the latest
}

// ownPrekeys are the prekeys of this identity that are not erased, oldest first. They are in one
// file for all programs that use the folder: each takes over what another one has published.
type ownPrekeys struct {
	file *sealedfile.File

	mu      sync.Mutex
	changed time.Time // of the file that was read
	keys    []*e2ee.Prekey
	due     time.Time // when the next one is to be published, or that is to be tried again
}

func (m *Messenger) openPrekeys(context.Context) error {
	key, err := m.config.Identity.StoreKey(m.chainID, ids.Empty)
	if err != nil {
		return err
	}
	defer clear(key)
	path := filepath.Join(m.config.Folder, fmt.Sprintf("%s-%x.prekeys", m.chainID, m.self[:8]))
	purpose := append(append([]byte("prekeys"), m.chainID[:]...), m.self[:]...)
	file, err := sealedfile.New(path, key, purpose)
	m.prekeys = &ownPrekeys{file: file}
	return err
}

func (p *ownPrekeys) load() (list []ownPrekey, err error) {
	if err = p.file.LoadJSON(&list); err != nil {
		err = refusal.Because(ErrFile, "%w", err)
	}
	return list, err
}

func (p *ownPrekeys) save(list []ownPrekey) error {
	if err := p.file.SaveJSON(list); err != nil {
		return refusal.Because(ErrStore, "%w", err)
	}
	return nil
}

// secrets returns this identity's secrets as they are now.
func (m *Messenger) secrets() e2ee.Secrets {
	p := m.prekeys
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Stat(p.file.Path())
	if err == nil && !info.ModTime().Equal(p.changed) {
		var list []ownPrekey
		if list, err = p.load(); err == nil {
			p.replace(list)
			p.changed = info.ModTime()
		}
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		m.warn(refusal.Because(ErrFile, "%w", err))
	}
	return e2ee.Secrets{Identity: m.config.Identity, Prekeys: p.keys}
}

// replace takes the prekeys that the file has, and wipes those that it has no more: this program's
// sessions hold the same ones.
func (p *ownPrekeys) replace(list []ownPrekey) {
	var kept []*e2ee.Prekey
	for i := range list {
		prekey, err := e2ee.PrekeyFromSeed(list[i].Seed)
		if err != nil {
			continue
		}
		if at := slices.IndexFunc(p.keys, func(k *e2ee.Prekey) bool { return bytes.Equal(k.Public(), prekey.Public()) }); at >= 0 {
			prekey.Wipe()
			prekey = p.keys[at]
		}
		kept = append(kept, prekey)
	}
	for _, prekey := range p.keys {
		if !slices.Contains(kept, prekey) {
			prekey.Wipe()
		}
	}
	p.keys = kept
}

// renewPrekey publishes a prekey if that is due.
func (m *Messenger) renewPrekey(ctx context.Context) {
	m.prekeys.mu.Lock()
	due := !m.now().Before(m.prekeys.due)
	if due {
		m.prekeys.due = m.now().Add(time.Hour) // else
	}
	m.prekeys.mu.Unlock()
	if due {
		if err := m.publishPrekey(ctx); err != nil {
			m.warn(err)
		}
	}
	m.secrets() // wipes what another program has erased
}

// publishPrekey sees to it that the chain has a prekey of this identity that is not old and whose
// secret is here, and erases those that are past their time.
func (m *Messenger) publishPrekey(ctx context.Context) error {
	lock, err := sealedfile.LockSoon(ctx, m.prekeys.file.Path())
	if err != nil {
		return refusal.Because(ErrStore, "%w", err)
	}
	defer lock.Close()
	// The block of the last one may have no certificate yet.
	return retry(ctx, func() error { return m.publishOnce(ctx) }, refusal.ErrPrekeyNumber, refusal.ErrNotRegistered)
}

func (m *Messenger) publishOnce(ctx context.Context) error {
	list, err := m.prekeys.load()
	if err != nil {
		return err
	}
	defer func() {
		for i := range list {
			clear(list[i].Seed)
		}
	}()
	leaves, header, err := m.identityLeaves(ctx, 0, m.self)
	if err != nil {
		return err
	}
	own := leaves[m.self]
	if own == nil {
		return refusal.New(refusal.ErrNotRegistered, "this identity in the chain's state", pq.FormatID(m.self))
	}
	now := m.now()
	if certified := header.Time(); certified.After(now) {
		now = certified
	}
	published := time.UnixMilli(int64(own.PrekeyTime))
	var last *e2ee.Prekey
	if len(list) > 0 {
		if last, err = e2ee.PrekeyFromSeed(bytes.Clone(list[len(list)-1].Seed)); err != nil {
			return refusal.Because(ErrFile, "%w", err)
		}
	}
	here := last != nil && bytes.Equal(own.Prekey, last.Public())
	if !here || now.Sub(published) >= prekeyPeriod {
		// One that was stored and is not on the chain is published, unless it is old: another
		// folder of this identity has published its own since.
		if last == nil || here || now.Sub(list[len(list)-1].Made) >= prekeyPeriod {
			if last, err = e2ee.NewPrekey(nil); err != nil {
				return err
			}
			list = append(list, ownPrekey{Seed: last.Seed(), Made: now})
			if err := m.prekeys.save(list); err != nil {
				return err
			}
		}
		body := &chain.PublishPrekey{Identity: m.self, PublicKey: last.Public(), Number: own.PrekeyNumber + 1}
		if body.Deadline, err = m.client.Deadline(ctx); err != nil {
			return err
		}
		if _, err := m.act(ctx, body); err != nil {
			return err
		}
		published = now
	}
	kept, changed := list[:0:0], false
	for i := range list {
		at := &list[i]
		if i < len(list)-1 && at.Replaced.IsZero() {
			at.Replaced, changed = now, true
		}
		if at.Replaced.IsZero() || now.Sub(at.Replaced) < prekeyGrace {
			kept = append(kept, *at)
		}
	}
	m.prekeys.mu.Lock()
	m.prekeys.due = published.Add(prekeyPeriod)
	m.prekeys.mu.Unlock()
	if latest := &kept[len(kept)-1]; here && now.Sub(published) < prekeyPeriod && m.now().Sub(latest.Checked) >= checkPeriod/2 {
		latest.Checked, changed = m.now(), true
	}
	if !changed && len(kept) == len(list) {
		return nil
	}
	return m.prekeys.save(kept)
}

// unlessChecked does a step that registers or renews this identity, or publishes its prekey, unless it was proven not
// long ago that nothing of it is due.
func (m *Messenger) unlessChecked(step func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		list, err := m.prekeys.load()
		if err != nil {
			return err
		}
		if n := len(list); n > 0 && !m.config.TrustNode { // whose word proves nothing
			checked := m.now().Sub(list[n-1].Checked)
			if checked >= 0 && checked < checkPeriod && m.now().Sub(list[n-1].Made) < prekeyPeriod {
				return nil
			}
		}
		return step(ctx)
	}
}

// identityLeaves returns the leaves of identities that are registered, in a state of the chain at a
// height or above, and that state's header. Their keys are kept.
func (m *Messenger) identityLeaves(ctx context.Context, height uint64, identities ...ids.ID) (map[ids.ID]*chain.Identity, *chain.Header, error) {
	keys := make([][]byte, len(identities))
	for i := range identities {
		keys[i] = chain.IdentityKey(identities[i])
	}
	state, err := m.stateFrom(ctx, height, keys...)
	if err != nil {
		return nil, nil, err
	}
	leaves := make(map[ids.ID]*chain.Identity, len(identities))
	for i, id := range identities {
		value, err := state.Leaf(keys[i])
		if err == nil && value == nil {
			continue
		}
		leaf, err := leafOf(state, keys[i], chain.ParseIdentity)
		if err != nil {
			return nil, nil, err
		}
		if got := chain.IdentityID(leaf.KEMPublicKey, leaf.DSAPublicKey); got != id {
			return nil, nil, refusal.Because(ErrNode, "expected the keys of %s, got those of %s", pq.FormatID(id), pq.FormatID(got))
		}
		if state.Header.Timestamp < leaf.Registered+m.genesis.IdentityLife() {
			leaves[id] = leaf
			m.keep(id, pq.PublicIdentity{KEM: leaf.KEMPublicKey, DSA: leaf.DSAPublicKey})
		}
	}
	return leaves, state.Header, nil
}

// checkPrekeys refuses identities of whom one can't be written to: ErrPrekey.
func (m *Messenger) checkPrekeys(ctx context.Context, identities []ids.ID) error {
	return retry(ctx, func() error {
		leaves, header, err := m.identityLeaves(ctx, 0, identities...)
		for i := 0; err == nil && i < len(identities); i++ {
			err = checkPrekey(identities[i], leaves[identities[i]], header)
		}
		return err
	}, errNoPrekey)
}

// errNoPrekey is an ErrPrekey that may pass: one may have been published just now.
var errNoPrekey = fmt.Errorf("%w: none yet", ErrPrekey)

// checkPrekey refuses an identity whose leaf, nil if it has none, has no prekey to seal to at the
// time of a block.
func checkPrekey(id ids.ID, leaf *chain.Identity, header *chain.Header) error {
	if leaf == nil {
		return refusal.Because(errNoPrekey, "expected a registered identity, got %s", pq.FormatID(id))
	}
	if leaf.PrekeyNumber == 0 {
		return refusal.Because(errNoPrekey, "expected one of %s, got none", pq.FormatID(id))
	}
	if published := time.UnixMilli(int64(leaf.PrekeyTime)); header.Time().Sub(published) > prekeyAge {
		return refusal.Because(ErrPrekey, "expected one of %s of the last %d days, got one of %s", pq.FormatID(id), prekeyAge/(24*time.Hour), published.UTC().Format(time.DateOnly))
	}
	return nil
}

// prekeysDo reports whether no prekeys are needed, or those that were taken do: of the last hour, where
// no announcement is due by itself.
func (s *Session) prekeysDo() bool {
	return len(s.protocol.Silent()) == 0 || s.self.pair != nil || // pseudonyms publish none: they have seats
		s.protocol.RotationDue(s.unix()) == e2ee.ReasonNone && s.m.now().Sub(s.record.Prekeys) < time.Hour
}

// takePrekeys takes the latest prekeys of the members that the next announcement is sealed to with
// them. It is ErrPrekey if the one other
// member can't be written to; in a larger session such a member is left out with a warning.
func (s *Session) takePrekeys(ctx context.Context) error {
	s.mu.Lock()
	err, silent, proven, enough := s.usable(), s.protocol.Silent(), s.record.Proven, s.prekeysDo()
	pair := len(s.record.Members) == 2
	s.mu.Unlock()
	if err != nil || enough {
		return err
	}
	members := make([]ids.ID, len(silent))
	for i := range silent {
		members[i] = silent[i]
	}
	leaves, header, err := s.m.identityLeaves(ctx, proven, members...)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	for _, id := range members {
		err := checkPrekey(id, leaves[id], header)
		if err == nil {
			err = s.protocol.SetPrekey(id, leaves[id].KEMPublicKey, leaves[id].Prekey)
		}
		if err != nil && pair {
			return err
		} else if err != nil {
			s.m.warn(fmt.Errorf("%s can't read what is sent in session %s: %w", pq.FormatID(id), s.id, err))
		}
	}
	s.record.Prekeys = s.m.now()
	return nil
}
