package messaging

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// talked is two people who have both announced themselves in a session.
func talked(t testing.TB) (members []*person, sessions []*Session) {
	t.Helper()
	members, sessions = group(t, 2)
	sends(t, sessions[0], "hello")
	until(t, sessions[1], text("hello"))
	sends(t, sessions[1], "hello yourself")
	for _, s := range sessions {
		until(t, s, text("hello yourself"))
	}
	return members, sessions
}

// makes makes a session of two, and returns the maker's side.
func makes(t testing.TB, maker, other *person) *Session {
	t.Helper()
	s, err := maker.NewSession(testContext(t), other.Self())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// leafOfIdentity is an identity's leaf as the chain has it.
func leafOfIdentity(t testing.TB, p *person) *chain.Identity {
	t.Helper()
	leaves, _, err := p.identityLeaves(testContext(t), 0, p.self)
	require.NoError(t, err)
	return leaves[p.self]
}

func TestPrekeysAreReplacedAndErased(t *testing.T) {
	alice := newPerson(t, nil)
	now := time.Now()
	opens := func(after time.Duration) (number uint64, secrets []*e2ee.Prekey) {
		alice.now = func() time.Time { return now.Add(after) }
		require.NoError(t, alice.publishPrekey(testContext(t)))
		own := leafOfIdentity(t, alice)
		secrets = alice.secrets().Prekeys
		require.Equal(t, secrets[len(secrets)-1].Public(), own.Prekey)
		return own.PrekeyNumber, secrets
	}
	number, first := opens(0)
	require.EqualValues(t, 1, number)
	require.Len(t, first, 1)
	idle, err := Open(testContext(t), alice.config)
	require.NoError(t, err)
	elsewhere := idle.secrets().Prekeys
	require.NotEmpty(t, elsewhere[0].Seed())
	number, _ = opens(prekeyPeriod - time.Minute)
	require.EqualValues(t, 1, number, "it is not old yet")
	number, both := opens(prekeyPeriod + time.Minute)
	require.EqualValues(t, 2, number)
	require.Equal(t, first[0].Public(), both[0].Public(), "kept for what was sealed to it")
	number, rest := opens(prekeyPeriod + prekeyGrace + 2*time.Minute)
	require.EqualValues(t, 3, number, "the chain's time is now, and so is the second's age")
	require.NotContains(t, publics(rest), string(first[0].Public()), "its secret is erased")
	require.Empty(t, first[0].Seed(), "in memory too")
	idle.renewPrekey(testContext(t)) // as every poll does
	require.Empty(t, elsewhere[0].Seed(), "in another program's memory too")
	content, err := os.ReadFile(alice.prekeys.file.Path())
	require.NoError(t, err)
	for _, prekey := range rest {
		require.NotContains(t, string(content), string(prekey.Seed()), "the file is encrypted")
	}
}

func publics(prekeys []*e2ee.Prekey) (all []string) {
	for _, prekey := range prekeys {
		all = append(all, string(prekey.Public()))
	}
	return all
}

// A prekey that was stored and did not get onto the chain is the next one that is published.
func TestAPrekeyIsStoredBeforeItIsPublished(t *testing.T) {
	network := newWire(t)
	for name, lose := range map[string][2]bool{"before": {true, false}, "after": {false, true}} {
		alice := newPerson(t, nil)
		config := alice.config
		config.Folder, config.Client = t.TempDir(), connect(t, network)
		network.set(func(method string) (bool, bool) {
			lost := method == "sessionvm.IssueTransaction"
			return lost && lose[0], lost && lose[1]
		}, nil)
		_, err := Open(testContext(t), config)
		require.ErrorIs(t, err, errLost, name)
		network.set(nil, nil)
		again, err := Open(testContext(t), config)
		require.NoError(t, err, name)
		require.Len(t, again.secrets().Prekeys, 1, name)
		require.Equal(t, again.secrets().Prekeys[0].Public(), leafOfIdentity(t, alice).Prekey, name)
	}
}

// Two folders of one identity take turns: each publishes its own prekey when it is opened, and none
// that is old.
func TestAnOldPrekeyIsNotPublishedAgain(t *testing.T) {
	one := newPerson(t, nil)
	first := one.secrets().Prekeys[0].Public()
	other := newPersonOf(t, one)
	require.Equal(t, other.secrets().Prekeys[0].Public(), leafOfIdentity(t, one).Prekey)
	require.NoError(t, one.publishPrekey(testContext(t)))
	require.Equal(t, first, leafOfIdentity(t, one).Prekey)
	require.NoError(t, other.publishPrekey(testContext(t)))
	one.now = func() time.Time { return time.Now().Add(prekeyPeriod + time.Minute) }
	require.NoError(t, one.publishPrekey(testContext(t)))
	require.NotEqual(t, first, leafOfIdentity(t, one).Prekey)
	require.Len(t, one.secrets().Prekeys, 2)
}

// Two programs share a folder: what one publishes the other one opens.
func TestProgramsOfOneFolderSharePrekeys(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	other, err := Open(testContext(t), bob.config)
	require.NoError(t, err)
	other.now = func() time.Time { return time.Now().Add(prekeyPeriod + time.Minute) }
	require.NoError(t, other.publishPrekey(testContext(t)))
	s := makes(t, alice, bob)
	sends(t, s, "to the new one")
	require.Equal(t, []string{"to the new one"}, texts(until(t, bob.joins(t, s.ID()), text("to the new one"))))
}

// First messages need a prekey that is fresh: nothing falls back to keys that never change.
func TestWithoutAPrekeyNothingIsSealed(t *testing.T) {
	alice := newPerson(t, nil)
	var err error
	plain := &person{}
	plain.config.Identity, err = pq.GenerateIdentity()
	require.NoError(t, err)
	public := plain.config.Identity.Public()
	_, err = alice.config.Client.RegisterIdentity(testContext(t), client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA})
	require.NoError(t, err)
	_, err = alice.NewSession(testContext(t), public.ID())
	require.ErrorIs(t, err, ErrPrekey)

	id := public.ID()
	leaf := &chain.Identity{PrekeyNumber: 1, PrekeyTime: 1_700_000_000_000, Prekey: make([]byte, chain.PrekeySize)}
	header := func(age time.Duration) *chain.Header {
		return &chain.Header{Timestamp: leaf.PrekeyTime + uint64(age.Milliseconds())}
	}
	require.NoError(t, checkPrekey(id, leaf, header(prekeyAge)))
	require.ErrorIs(t, checkPrekey(id, leaf, header(prekeyAge+time.Millisecond)), ErrPrekey)
	require.ErrorIs(t, checkPrekey(id, nil, header(0)), ErrPrekey)
	require.ErrorIs(t, checkPrekey(id, &chain.Identity{}, header(0)), ErrPrekey)
}

// A node shows the chain's state of before somebody replaced its prekey, as to whoever has stolen
// the old one; or another key, or none. Nothing is sealed to it, and an honest node is used as
// before.
func TestNoNodeChoosesThePrekey(t *testing.T) {
	network := newWire(t)
	alice, bob := newPerson(t, network), newPerson(t, nil)
	var old []byte // as before the theft
	network.set(nil, func(method string, result []byte) []byte {
		if method == "sessionvm.GetStateProof" {
			old = bytes.Clone(result)
		}
		return result
	})
	require.NoError(t, alice.checkPrekeys(testContext(t), []ids.ID{bob.Self()}))
	stolen := bob.secrets().Prekeys[0]
	bob.now = func() time.Time { return time.Now().Add(prekeyPeriod + time.Minute) }
	require.NoError(t, bob.publishPrekey(testContext(t)))
	network.set(nil, nil)

	s := makes(t, alice, bob)
	network.set(nil, func(method string, result []byte) []byte {
		if method == "sessionvm.GetStateProof" {
			return old
		}
		return result
	})
	_, err := s.Send(testContext(t), []byte("to whom?"))
	require.ErrorIs(t, err, ErrBehind)
	key := chain.IdentityKey(bob.Self())
	forged := leafOfIdentity(t, bob)
	forged.Prekey = stolen.Public()
	proof := treeProof(t, alice.chainID, map[string][]byte{string(key): forged.Bytes()})
	network.set(nil, falsely(t, "GetStateProof", func(r *client.GetStateProofResult) { r.Proof = proof }))
	_, err = s.Send(testContext(t), []byte("to whom?"))
	require.ErrorIs(t, err, ErrNode)
	network.refuse = func(method string, _ []byte) refusal.Reason {
		if method == "sessionvm.GetStateProof" {
			return refusal.ErrNotRegistered
		}
		return 0
	}
	_, err = s.Send(testContext(t), []byte("to whom?"))
	require.ErrorIs(t, err, refusal.ErrNotRegistered)
	network.refuse = nil
	network.set(nil, nil)
	sends(t, s, "to bob")
	thief := &ownPrekeys{keys: []*e2ee.Prekey{stolen}}
	opened, err := e2ee.New(e2ee.Config{
		Chain: alice.chainID, Session: s.ID(), Secrets: e2ee.Secrets{Identity: bob.config.Identity, Prekeys: thief.keys},
		Members: []e2ee.ID{alice.Self(), bob.Self()},
	})
	require.NoError(t, err)
	page, err := connect(t, nil).ListMessages(testContext(t), client.ListMessagesParams{SessionID: s.ID()})
	require.NoError(t, err)
	require.Len(t, page.Messages, 4, "what was refused is sent now, sealed to the prekey of now")
	_, err = opened.Open(0, alice.Self(), page.Messages[0].Ciphertext)
	require.ErrorIs(t, err, e2ee.ErrKeyErased)
	all := []string{"to whom?", "to whom?", "to whom?", "to bob"}
	require.Equal(t, all, texts(until(t, bob.joins(t, s.ID()), text("to bob"))))
}

// Who lost the secrets of its prekeys is reached once it has spoken.
func TestWhoLostTheFilesIsReachedOnceItHasSpoken(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	s := makes(t, alice, bob)
	sends(t, s, "cannot be read")
	lost := newPersonOf(t, bob).joins(t, s.ID())
	events := until(t, lost, is(KindRefused))
	require.ErrorIs(t, events[0].Err, e2ee.ErrKeyErased)
	sends(t, lost, "I lost my files")
	until(t, s, text("I lost my files"))
	sends(t, s, "welcome back")
	require.Contains(t, texts(until(t, lost, text("welcome back"))), "welcome back")
}

// LP-42's session keys are the chain's: junk among them, from the session's start or from a
// participant, keeps nobody from reading.
func TestListedSessionKeysDoNotMatter(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	junk := func() []byte {
		key, err := pq.GenerateKEMKey()
		require.NoError(t, err)
		return key.Public()
	}
	made := func(metadata ...chain.MetadataEntry) ids.ID {
		deadline, err := alice.config.Client.Deadline(testContext(t))
		require.NoError(t, err)
		accepted, err := alice.act(testContext(t), &chain.CreateSession{
			Creator: alice.self, Participants: []ids.ID{alice.self, bob.self}, Metadata: metadata,
			PublicKeys: [][]byte{junk(), junk()}, Nonce: client.Nonce(), Deadline: deadline,
		})
		require.NoError(t, err)
		return accepted.SessionID
	}
	id := made(Metadata()...)
	a, b := alice.joins(t, id), bob.joins(t, id)
	sends(t, a, "hello")
	until(t, b, text("hello"))
	_, err := bob.act(testContext(t), &chain.RotateKey{Session: id, Participant: bob.self, PublicKey: junk(), Epoch: 1})
	require.NoError(t, err)
	sends(t, a, "again")
	require.Equal(t, []string{"again"}, texts(until(t, b, text("again"))))

	for _, metadata := range [][]chain.MetadataEntry{nil, {{Key: metadataSuite, Value: "1"}}, {{Key: metadataSuite, Value: "3"}}} {
		_, err := alice.Join(testContext(t), made(metadata...))
		require.ErrorIs(t, err, e2ee.ErrSuite, "a session of another protocol, or of a weaker one")
	}
}

// The keys of a session that is over go at once, and the session opens again.
func TestTheKeysOfASessionThatIsOverAreErased(t *testing.T) {
	members, sessions := talked(t)
	bob := sessions[1]
	sends(t, sessions[0], "not received yet")
	_, err := members[0].act(testContext(t), &chain.CloseSession{Session: bob.ID(), Participant: members[0].Self()})
	require.NoError(t, err)
	require.NotEmpty(t, bob.protocol.Members())
	require.Equal(t, []string{"not received yet"}, texts(until(t, bob, text("not received yet"))))
	events, err := bob.Check(testContext(t))
	require.NoError(t, err)
	require.Empty(t, events)
	require.True(t, bob.record.Over)
	require.Empty(t, bob.protocol.Members())
	require.NoError(t, bob.Close())
	bob = members[1].joins(t, bob.ID())
	events, err = bob.Check(testContext(t))
	require.NoError(t, err)
	require.Empty(t, events)
	require.Len(t, bob.Members(), 2)
}

// A message says how far its sender had read. Here that was another session: the sender believes
// its node, which has left out a message.
func TestASenderThatWasShownAnotherSessionIsNoticed(t *testing.T) {
	network := newWire(t)
	members, sessions := group(t, 3)
	alice, bob := sessions[0], sessions[1]
	for _, s := range sessions {
		sends(t, s, "start")
	}
	for _, s := range sessions {
		require.Equal(t, 3, len(texts(until(t, s, func(Event) bool { return s.Next() == 4 }))))
	}
	require.NoError(t, sessions[2].Close())
	config := members[2].config
	config.TrustNode, config.Client = true, connect(t, network)
	trusting, err := Open(testContext(t), config)
	require.NoError(t, err)
	carol, err := trusting.Join(testContext(t), alice.ID())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, carol.Close()) })

	sends(t, alice, "carol is not to see this")
	sends(t, alice, "and this she is")
	direct := connect(t, nil)
	network.set(nil, falsely(t, "PollSession", func(p *client.PollSessionResult) {
		leaf := leafOfSession(t, direct, alice.ID())
		p.Messages = p.Messages[1:]
		renumbered(4, bob.record.Transcript, p.Messages)
		leaf.Messages--
		leaf.Transcript = p.Messages[len(p.Messages)-1].Transcript
		p.Proof = treeProof(t, alice.m.chainID, map[string][]byte{string(chain.SessionKey(alice.ID())): leaf.Bytes()})
	}))
	until(t, carol, func(e Event) bool {
		return e.Kind == KindRefused || text("and this she is")(e)
	})
	network.set(nil, nil)
	carol.record.Next++ // so that its own message is not the one that shows it the lie
	sends(t, carol, "I agree")
	for _, s := range []*Session{alice, bob} {
		events := until(t, s, is(KindForked))
		forked := events[len(events)-1]
		require.Equal(t, members[2].Self(), forked.Sender)
		require.Contains(t, texts(events), "I agree")
		for _, event := range events[:len(events)-1] {
			require.NotEqual(t, KindForked, event.Kind, "early")
		}
	}
}

// leafOfSession is a session's leaf as the node's last block has it.
func leafOfSession(t testing.TB, c *client.Client, id ids.ID) *chain.Session {
	t.Helper()
	answer, err := c.GetProof(testContext(t), client.GetProofParams{SessionID: id})
	require.NoError(t, err)
	bundle, err := answer.Bundle()
	require.NoError(t, err)
	statement, err := bundle.Verify(nil)
	require.NoError(t, err)
	return statement.Session
}

func TestTheFileOfPrekeysIsForOneIdentity(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	content, err := os.ReadFile(bob.prekeys.file.Path())
	require.NoError(t, err)
	path := alice.prekeys.file.Path()
	own, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, changed := range map[string][]byte{"another's": content, "cut": own[:len(own)-1], "empty": {}} {
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		_, err = Open(testContext(t), alice.config)
		require.ErrorIs(t, err, ErrFile, name)
	}
	require.NoError(t, os.Remove(path)) // the way out: the next one is published
	_, err = Open(testContext(t), alice.config)
	require.NoError(t, err)
	require.EqualValues(t, 2, leafOfIdentity(t, alice).PrekeyNumber)
	encoded, err := json.Marshal([]ownPrekey{{Seed: []byte{1}}})
	require.NoError(t, err)
	require.NoError(t, alice.prekeys.file.Save(encoded))
	_, err = Open(testContext(t), alice.config)
	require.ErrorIs(t, err, ErrFile, "no seed")
}
