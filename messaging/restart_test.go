package messaging

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

var errDisk = errors.New("the disk failed")

// crash fails one write of a person's stores: the count-th, before it is on disk or after.
type crash struct {
	count int
	after bool
	done  bool
}

type crashingStore struct {
	store
	crash *crash
}

func (s *crashingStore) Save(record []byte) error {
	return s.crash.write(func() error { return s.store.Save(record) })
}

func (s *crashingStore) SaveRoster(hash chain.Hash, roster []byte) error {
	return s.crash.write(func() error { return s.store.SaveRoster(hash, roster) })
}

func (c *crash) write(save func() error) error {
	c.count--
	if c.count != 0 {
		return save()
	}
	c.done = true
	if c.after {
		if err := save(); err != nil {
			return err
		}
	}
	return errDisk
}

func (p *person) crashes(c *crash) {
	session := p.Messenger
	session.openStore = func(id ids.ID, self *pq.Identity) (store, error) {
		opened, err := openStore(p.config.Folder, session.chainID, id, self)
		if err != nil {
			return nil, err
		}
		return &crashingStore{opened, c}, nil
	}
}

// program is a program that uses a session, and starts again when a write fails.
type program struct {
	t       testing.TB
	person  *person
	id      ids.ID
	session *Session
	seen    map[uint64]string // what it has stored of the messages, by sequence
}

func (p *program) start() {
	for {
		opened, err := p.person.Join(testContext(p.t), p.id)
		if err == nil {
			p.session = opened
			return
		}
		require.ErrorIs(p.t, err, ErrStore)
	}
}

func (p *program) restart(err error) {
	require.ErrorIs(p.t, err, ErrStore)
	require.ErrorIs(p.t, err, errDisk)
	_, err = p.session.Send(testContext(p.t), []byte("from a session that is broken"))
	require.ErrorIs(p.t, err, ErrStore)
	require.NoError(p.t, p.session.Close())
	p.start()
}

func (p *program) send(text string) {
	_, err := p.session.Send(testContext(p.t), []byte(text))
	if err == nil {
		return
	}
	p.restart(err)
	stored := slices.ContainsFunc(p.session.record.Own, func(own *ownMessage) bool { return string(own.Content) == text }) ||
		slices.ContainsFunc(p.session.record.Drafts, func(d *Draft) bool { return string(d.Content) == text })
	if stored {
		_, err := p.session.Flush(testContext(p.t))
		require.NoError(p.t, err)
		return
	}
	_, err = p.session.Send(testContext(p.t), []byte(text))
	require.NoError(p.t, err)
}

func (p *program) receive(count int) {
	for len(p.seen) < count {
		events, err := p.session.Receive(testContext(p.t))
		if err != nil {
			p.restart(err)
			continue
		}
		for _, event := range events {
			requireOpened(p.t, event)
			if m := &event; m.Kind == KindMessage {
				if before, again := p.seen[m.Sequence]; again {
					require.Equal(p.t, before, m.Text())
				}
				p.seen[m.Sequence] = m.Text()
			}
		}
	}
}

func TestARestartAtEveryWriteLosesNothing(t *testing.T) {
	for _, who := range []string{"the one who began", "the other"} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stored %t", who, after), func(t *testing.T) {
				t.Parallel()
				network := newWire(t)
				alice, bob := newPerson(t, network), newPerson(t, network)
				alice.Messenger.config.Policy.MaxMessages = 1
				crashing := alice
				if who == "the other" {
					crashing = bob
				}
				writes := 0
				for c := (&crash{}); writes == 0 || c.done; {
					writes++
					alice.crashes(&crash{})
					bob.crashes(&crash{})
					made, err := alice.NewSession(testContext(t), bob.Self())
					require.NoError(t, err)
					require.NoError(t, made.Close())
					*c = crash{count: writes, after: after}
					crashing.crashes(c)
					talk(t, alice, bob, made.ID())
				}
				require.Greater(t, writes, 4, "each of these failed once")
			})
		}
	}
}

func talk(t testing.TB, alice, bob *person, session ids.ID) {
	a := &program{t: t, person: alice, id: session, seen: make(map[uint64]string)}
	b := &program{t: t, person: bob, id: session, seen: make(map[uint64]string)}
	a.start()
	b.start()
	a.send("one")
	a.receive(1)
	a.send("two")
	b.receive(1)
	b.send("three")
	a.receive(3)
	b.receive(3)
	require.Equal(t, a.seen, b.seen)
	var all []string
	for _, text := range a.seen {
		all = append(all, text)
	}
	require.ElementsMatch(t, []string{"one", "two", "three"}, all)
	require.NoError(t, a.session.Close())
	require.NoError(t, b.session.Close())
}

func TestWhatWasReturnedIsReturnedAgainAfterARestart(t *testing.T) {
	members, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	first := until(t, bob, text("one"))
	require.NoError(t, bob.Close())
	bob = members[1].joins(t, bob.ID())
	require.Equal(t, first[len(first)-1], until(t, bob, text("one"))[len(first)-1])
	sends(t, alice, "two")
	require.Equal(t, []string{"two"}, texts(until(t, bob, text("two"))))
	require.NotContains(t, string(mustRecord(t, bob)), "b25l", "what was taken is erased") // "one" in base64
	require.NoError(t, bob.Close())
	_, err := bob.Receive(testContext(t))
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, bob.Close())
}

func mustRecord(t testing.TB, s *Session) []byte {
	record, err := s.store.Load()
	require.NoError(t, err)
	return record
}

func TestALostConnectionIsMadeUpFor(t *testing.T) {
	for name, lose := range map[string]func(string) (bool, bool){
		"before": func(method string) (bool, bool) { return method == "sessionvm.IssueTransaction", false },
		"after":  func(method string) (bool, bool) { return false, method == "sessionvm.IssueTransaction" },
	} {
		t.Run(name, func(t *testing.T) {
			network := newWire(t)
			members, sessions := groupOver(t, 2, network)
			alice, bob := sessions[0], sessions[1]
			network.set(lose, nil)
			_, err := alice.Send(testContext(t), []byte("one"))
			require.ErrorIs(t, err, ErrQueued)
			require.ErrorIs(t, err, errLost)
			_, err = alice.Send(testContext(t), []byte("two"))
			require.ErrorIs(t, err, ErrQueued)
			require.NoError(t, alice.Close())
			alice = members[0].joins(t, alice.ID())
			network.set(nil, nil)
			sent := sends(t, alice, "three")
			require.Equal(t, uint64(3), sent.Sequence)
			require.Equal(t, []string{"one", "two", "three"}, texts(until(t, bob, text("three"))))
			require.Equal(t, []string{"one", "two", "three"}, texts(until(t, alice, text("three"))))

			network.set(lose, nil)
			_, err = alice.Send(testContext(t), []byte("four"))
			require.ErrorIs(t, err, ErrQueued)
			network.set(nil, nil)
			require.Equal(t, []string{"four"}, texts(until(t, alice, text("four"))), "Receive sends it again")
		})
	}
}

func pathOf(s *Session) string { return s.store.(*fileStore).Path() }

func TestAnOldCopyOfTheFileSendsNothing(t *testing.T) {
	members, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	path := pathOf(alice)
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	sends(t, alice, "two")
	require.NoError(t, alice.Close())

	require.NoError(t, os.WriteFile(path, old, 0o600))
	alice = members[0].joins(t, alice.ID())
	_, err = alice.Send(testContext(t), []byte("three"))
	require.ErrorIs(t, err, ErrOldState)
	events := until(t, alice, is(KindRefused))
	require.ErrorIs(t, events[len(events)-1].Err, ErrSentElsewhere)
	_, err = alice.Send(testContext(t), []byte("three"))
	require.ErrorIs(t, err, ErrOldState)
	require.NoError(t, alice.Close())

	require.NoError(t, os.Remove(path))
	alice = members[0].joins(t, alice.ID())
	events = until(t, alice, is(KindMissing))
	require.Equal(t, []Event{{Kind: KindMissing, Sequence: 1, To: 2}}, events)
	sends(t, alice, "anew")
	require.Equal(t, []string{"one", "two", "anew"}, texts(until(t, bob, text("anew"))))
	sends(t, bob, "welcome back")
	require.Equal(t, []string{"anew", "welcome back"}, texts(until(t, alice, text("welcome back"))))
}

// TestAnOldCopyAndANodeBehindShowNothing: a restored backup, and a node that does not have the
// last message yet, make one key seal two texts, and both are on the chain for ever. Who knows one of
// them does not read the other.
func TestAnOldCopyAndANodeBehindShowNothing(t *testing.T) {
	members, sessions := group(t, 2)
	alice := sessions[0]
	sends(t, alice, "one")
	until(t, alice, text("one"))
	path := pathOf(alice)
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	known, secret := "meet me at noon by pier", "the launch code is 0000"
	first := sends(t, alice, secret)
	require.NoError(t, alice.Close())

	require.NoError(t, os.WriteFile(path, old, 0o600))
	network := newWire(t)
	proven := uint64(0)
	network.set(nil, falsely(t, "PollSession", func(p *client.PollSessionResult) {
		*p = client.PollSessionResult{Height: proven}
	}))
	config := members[0].config
	config.Client = connect(t, network)
	again, err := Open(testContext(t), config)
	require.NoError(t, err)
	copied, err := again.Join(testContext(t), alice.ID())
	require.NoError(t, err)
	defer copied.Close()
	proven = copied.record.Proven
	_, err = copied.Send(testContext(t), []byte(known))
	require.NoError(t, err, "that nothing has happened needs no proof")

	page, err := connect(t, nil).ListMessages(testContext(t), client.ListMessagesParams{SessionID: alice.ID(), From: first.Sequence})
	require.NoError(t, err)
	require.Len(t, page.Messages, 2)
	one, two := page.Messages[0].Ciphertext, page.Messages[1].Ciphertext
	const header, nonce = 9, 24
	require.Equal(t, one[:header], two[:header], "one place, and so one key")
	require.NotEqual(t, one[header:header+nonce], two[header:header+nonce])
	read := make([]byte, len(secret))
	for i := range read {
		at := header + nonce + 57 + i // 57: type, salt, and what was seen
		read[i] = one[at] ^ two[at] ^ known[i]
	}
	require.NotEqual(t, secret, string(read))
}

func TestTheFileIsForOneIdentityAndOneProgram(t *testing.T) {
	members, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	_, err := members[0].Join(testContext(t), alice.ID())
	require.ErrorIs(t, err, ErrLocked)
	sends(t, alice, "a text to look for")
	ofAlice, err := os.ReadFile(pathOf(alice))
	require.NoError(t, err)
	require.NotContains(t, string(ofAlice), "text")
	path := pathOf(bob)
	require.NoError(t, bob.Close())
	ofBob, err := os.ReadFile(path)
	require.NoError(t, err)
	flipped := append([]byte(nil), ofBob...)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"of another identity": ofAlice, "empty": {}, "cut": ofBob[:len(ofBob)-1], "flipped": flipped,
		"of a later version": append([]byte{2}, ofBob[1:]...),
	} {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		_, err := members[1].Join(testContext(t), bob.ID())
		require.ErrorIs(t, err, ErrFile, name)
	}
	require.NoError(t, os.WriteFile(path, ofBob, 0o600))
	bob = members[1].joins(t, bob.ID())
	require.Equal(t, []string{"a text to look for"}, texts(until(t, bob, text("a text to look for"))))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotEqual(t, ofBob[1:25], again[1:25], "each write has a nonce of its own")
	left, err := filepath.Glob(filepath.Join(members[1].config.Folder, "*.next"))
	require.NoError(t, err)
	require.Empty(t, left)
}
