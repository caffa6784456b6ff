package messaging

import (
	"fmt"
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

// steals returns a thief who has a person's identity, and the files of a folder.
func (p *person) steals(t testing.TB, folder string) *person {
	t.Helper()
	thief := &person{config: p.config}
	thief.config.Folder, thief.config.Client = folder, connect(t, nil)
	var err error
	thief.Messenger, err = Open(testContext(t), thief.config)
	require.NoError(t, err)
	return thief
}

// TestWhatAThiefFinds: with the identity alone, nothing of private sessions, and with the folder beside it, those that
// are kept there.
func TestWhatAThiefFinds(t *testing.T) {
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	require.NoError(t, b.Close())
	carol.invites(t, bob, "waits")
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, os.DirFS(bob.config.Folder)))

	thief := bob.steals(t, t.TempDir())
	pairs, err := thief.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Empty(t, pairs)
	contacts, strangers, err := thief.Invitations(testContext(t))
	require.NoError(t, err)
	require.Empty(t, append(contacts, strangers...), "the secrets of prekeys do not derive from the identity")
	_, err = thief.Join(testContext(t), b.ID())
	require.ErrorIs(t, err, refusal.ErrNotParticipant)

	thief = bob.steals(t, copied)
	pairs, err = thief.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Equal(t, alice.Self(), pairs[0].With)
	require.Equal(t, []string{"hello"}, texts(until(t, thief.joins(t, pairs[0].Session), text("hello"))))
	require.Equal(t, carol.Self(), thief.invited(t).From)
}

// heads returns all invitations' heads that the chain has for a person's bucket.
func (p *person) heads(t testing.TB) (heads [][]byte) {
	t.Helper()
	at := new(privateFile).bucket(p.chainID, chain.BucketOf(p.self, 0)).Cursor
	for {
		page, err := p.invitationPage(testContext(t), at)
		require.NoError(t, err)
		for i := range page.heads {
			heads = append(heads, page.heads[i].Head)
		}
		if at = page.next; len(page.heads) == 0 {
			return heads
		}
	}
}

// TestAThiefOfTheSeedGuessesInVain: no label that can be guessed gives a pseudonym, no key that derives from the identity
// opens an invitation, and the identity has no place in the session.
func TestAThiefOfTheSeedGuessesInVain(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	defer b.Close()
	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	real, err := bob.config.Identity.Private("pseudonym " + kept.Pairs[0].Label)
	require.NoError(t, err)
	require.Contains(t, b.Members(), ids.ID(real.ID()), "with the label from the folder")
	require.Len(t, kept.Pairs[0].Label, 26, "130 bits")

	identity, session := bob.config.Identity, b.ID()
	labels := []string{"", "alice", "bob", session.String(), alice.Self().String(), pq.FormatID(alice.Self()), bob.Self().String(), b.With().String()}
	for i := range 100 {
		labels = append(labels, fmt.Sprint(i))
	}
	var guesses []*pq.Identity
	for _, label := range labels {
		for _, prefix := range []string{"pseudonym ", ""} {
			guess, err := identity.Private(prefix + label)
			if err != nil {
				require.ErrorIs(t, err, pq.ErrLabel)
				continue
			}
			require.NotContains(t, b.Members(), ids.ID(guess.ID()))
			guesses = append(guesses, guess)
		}
	}

	var derived []*e2ee.Prekey
	for _, guess := range append(guesses[:20], identity) {
		for _, place := range []ids.ID{{}, session, alice.Self(), bob.Self()} {
			seed, err := guess.StoreKey(bob.chainID, place)
			require.NoError(t, err)
			prekey, err := e2ee.PrekeyFromSeed(seed)
			require.NoError(t, err)
			derived = append(derived, prekey)
		}
	}
	opened := 0
	for _, head := range bob.heads(t) {
		require.Nil(t, e2ee.OpenHead(derived, bob.chainID, head))
		if e2ee.OpenHead(bob.secrets().Prekeys, bob.chainID, head) != nil {
			opened++
		}
	}
	require.Equal(t, 1, opened, "with the prekey from the folder")

	var members []e2ee.ID
	for _, member := range b.Members() {
		members = append(members, member)
	}
	_, err = e2ee.New(e2ee.Config{Chain: bob.chainID, Session: session, Secrets: e2ee.Secrets{Identity: identity, Prekeys: derived}, Members: members})
	require.Error(t, err, "the identity is no member")
}

// TestAThiefOfTheSeedIsInvitedFromThenOn: it can publish a prekey as the person. Who invites seals to that one.
func TestAThiefOfTheSeedIsInvitedFromThenOn(t *testing.T) {
	alice, carol, bob := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "before")
	before := leafOfIdentity(t, bob)
	thief := bob.steals(t, t.TempDir())
	require.Equal(t, before.PrekeyNumber+1, leafOfIdentity(t, bob).PrekeyNumber, "which the chain shows")
	carol.invites(t, bob, "after")
	require.Equal(t, carol.Self(), thief.invited(t).From)
	require.Equal(t, alice.Self(), bob.invited(t).From, "and the person does not get it")
}

// TestAThiefWhoComesLaterFindsLess: with seed, folder and all of the chain, what was sealed to a prekey opens until that is
// erased, two weeks after it was made, and what was received and taken out of the inbox does not.
func TestAThiefWhoComesLaterFindsLess(t *testing.T) {
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	copies := func(p *person) string {
		folder := t.TempDir()
		require.NoError(t, os.CopyFS(folder, os.DirFS(p.config.Folder)))
		return folder
	}
	alice.invites(t, bob, "hello")
	waiting := copies(alice)
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	sends(t, b, "the first words")
	a := alice.answered(t, bob)
	sends(t, a, "a secret")
	until(t, b, text("a secret"))
	sends(t, b, "forget it")
	until(t, a, text("forget it"))
	until(t, b, text("forget it"))
	_, err = b.Check(testContext(t)) // the last ones leave the inbox
	require.NoError(t, err)
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())
	carol.invites(t, bob, "not scanned yet")
	opens := func(thief *person) (count int) {
		for _, head := range thief.heads(t) {
			if e2ee.OpenHead(thief.secrets().Prekeys, thief.chainID, head) != nil {
				count++
			}
		}
		return count
	}
	early := copies(bob)
	for _, later := range []time.Duration{prekeyPeriod + time.Minute, prekeyPeriod + prekeyGrace + 2*time.Minute} {
		bob.now = func() time.Time { return time.Now().Add(later) }
		require.NoError(t, bob.publishPrekey(testContext(t)))
	}
	late := copies(bob)

	thief := bob.steals(t, late)
	require.Zero(t, opens(thief), "neither what was answered nor what was not")
	pairs, err := thief.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Equal(t, alice.Self(), pairs[0].With, "who it was with stays")
	s := thief.joins(t, pairs[0].Session)
	events, err := s.Check(testContext(t))
	require.NoError(t, err)
	require.Empty(t, texts(events), "what was received is erased")
	require.NoError(t, s.Close())

	thief = bob.steals(t, early)
	require.Equal(t, 2, opens(thief), "the answered one and the one that waits")
	require.Equal(t, carol.Self(), thief.invited(t).From)

	// Without the session's own file, from the chain and the keys beside it: who has copied the folder while the invitation
	// waited opens what who answers says until both have spoken, and who copies it later nothing.
	require.Empty(t, anew(t, bob.steals(t, early), b.ID()))
	require.Equal(t, []string{"the first words"}, anew(t, alice.steals(t, waiting), b.ID()), "until both have begun to talk")
	require.Empty(t, anew(t, alice.steals(t, copies(alice)), b.ID()))
}

// anew returns what the other side's messages in a session say to a thief who has all of the chain, and the keys that are
// kept beside the session's own file.
func anew(t *testing.T, thief *person, session ids.ID) (opened []string) {
	t.Helper()
	kept, err := thief.loadPrivate()
	require.NoError(t, err)
	self, err := thief.actorFor(kept.Pairs[0])
	require.NoError(t, err)
	made, err := thief.made(testContext(t), session)
	require.NoError(t, err)
	protocol, err := e2ee.New(e2ee.Config{
		Chain: thief.chainID, Session: session, Secrets: self.secrets(), Members: []e2ee.ID{made.Participants[0], made.Participants[1]}, Seat: kept.Pairs[0].Seat,
	})
	require.NoError(t, err)
	page, err := thief.config.Client.ListMessages(testContext(t), client.ListMessagesParams{SessionID: session})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(page.Messages), 4)
	for _, m := range page.Messages {
		if m.Sender == self.id {
			continue
		}
		said, err := protocol.Open(uint64(m.Timestamp.Unix()), m.Sender, m.Ciphertext)
		if err == nil && said.Type == e2ee.ContentAnswer {
			answer, err := e2ee.ParseAnswer(said.Content)
			require.NoError(t, err)
			said.Content = answer.Content
		}
		if err == nil && len(said.Content) > 0 {
			opened = append(opened, string(said.Content))
		}
	}
	return opened
}
