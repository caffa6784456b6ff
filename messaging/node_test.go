package messaging

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

func TestANodeThatLiesChangesNothing(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"one", "two", "three"} {
		sends(t, alice, text)
	}
	identify := func(m *client.Message) {
		m.ID = chain.MessageID(bob.m.chainID, m.SessionID, m.Sender, sha256.Sum256(m.Ciphertext))
	}
	for name, lie := range map[string]struct {
		change func(*client.ListMessagesResult)
		want   error
	}{
		"leaves out the first": {func(p *client.ListMessagesResult) { p.Messages = p.Messages[1:] }, ErrWithheld},
		"leaves out one":       {func(p *client.ListMessagesResult) { p.Messages = append(p.Messages[:1], p.Messages[2:]...) }, ErrWithheld},
		"leaves out all":       {func(p *client.ListMessagesResult) { p.Messages = nil }, ErrWithheld},
		"reorders":             {func(p *client.ListMessagesResult) { p.Messages[1], p.Messages[2] = p.Messages[2], p.Messages[1] }, ErrWithheld},
		"repeats":              {func(p *client.ListMessagesResult) { p.Messages[2] = p.Messages[1]; p.Messages[2].Sequence++ }, ErrNode},
		"changes a byte":       {func(p *client.ListMessagesResult) { p.Messages[1].Ciphertext[40] ^= 1 }, ErrNode},
		"forges a message":     {func(p *client.ListMessagesResult) { p.Messages[1].Ciphertext[40] ^= 1; identify(&p.Messages[1]) }, ErrNode},
		"changes the sender":   {func(p *client.ListMessagesResult) { p.Messages[1].Sender = bob.m.self; identify(&p.Messages[1]) }, ErrNode},
		"invents a sender":     {func(p *client.ListMessagesResult) { p.Messages[1].Sender = ids.ID{9}; identify(&p.Messages[1]) }, ErrNode},
		"takes another session's": {func(p *client.ListMessagesResult) {
			p.Messages[0].SessionID = ids.ID{7}
			identify(&p.Messages[0])
		}, ErrNode},
	} {
		network.set(nil, falsely(t, "ListMessages", lie.change))
		_, err := bob.Receive(testContext(t))
		require.ErrorIs(t, err, lie.want, name)
	}
	network.set(nil, nil)
	require.Equal(t, []string{"one", "two", "three"}, texts(until(t, bob, text("three"))))

	sends(t, alice, "four")
	network.set(nil, falsely(t, "ListMessages", func(p *client.ListMessagesResult) {
		if len(p.Messages) > 0 {
			p.Messages[0].Sequence = 1
		}
	}))
	_, err := bob.Receive(testContext(t))
	require.ErrorIs(t, err, ErrNode, "gives what was received a second time")
	network.set(nil, nil)
	require.Equal(t, []string{"four"}, texts(until(t, bob, text("four"))))
}

// TestANodeThatRenumbersIsFoundOut has a node hide a message and swap two, first with the
// chain's transcripts, then with transcripts of its own that agree with what it shows.
func TestANodeThatRenumbersIsFoundOut(t *testing.T) {
	for name, lie := range map[string]func(*client.ListMessagesResult){
		"hides":    func(p *client.ListMessagesResult) { p.Messages = append(p.Messages[:2], p.Messages[3:]...) },
		"reorders": func(p *client.ListMessagesResult) { p.Messages[1], p.Messages[2] = p.Messages[2], p.Messages[1] },
	} {
		t.Run(name, func(t *testing.T) {
			network := newWire(t)
			_, sessions := groupOver(t, 2, network)
			alice, bob := sessions[0], sessions[1]
			for _, text := range []string{"do not pay", "wait", "pay"} {
				sends(t, alice, text)
			}
			until(t, alice, text("pay"))

			network.set(nil, falsely(t, "ListMessages", func(p *client.ListMessagesResult) {
				lie(p)
				for i := range p.Messages {
					p.Messages[i].Sequence = uint64(i + 1)
				}
			}))
			_, err := bob.Receive(testContext(t))
			require.ErrorIs(t, err, ErrTranscript)

			forged := func(p *client.ListMessagesResult) {
				if len(p.Messages) > 2 {
					lie(p)
					renumbered(1, chain.FirstTranscript(alice.ID()), p)
				}
			}
			network.set(nil, falsely(t, "ListMessages", forged))
			_, err = bob.Receive(testContext(t))
			require.NoError(t, err, "nothing that it shows contradicts itself")

			network.set(nil, nil)
			require.ErrorIs(t, bob.Acknowledge(testContext(t), 0), chain.ErrTranscript, "the chain takes no receipt of what it does not hold")
			sends(t, alice, "thanks")
			_, err = bob.Receive(testContext(t))
			require.ErrorIs(t, err, ErrTranscript, "an honest node's messages do not follow")
		})
	}
}

func TestAMessageBeforeItsAnnouncementIsOpenedAfterIt(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	network.set(nil, falsely(t, "ListMessages", func(p *client.ListMessagesResult) { // another order on its word
		p.Messages = p.Messages[1:]
		renumbered(1, chain.FirstTranscript(alice.ID()), p)
	}))
	events, err := bob.Receive(testContext(t))
	require.NoError(t, err)
	require.ErrorIs(t, events[0].(*Refused).Err, e2ee.ErrEpochUnknown)
	require.NoError(t, bob.Close())
	bob = members[1].joins(t, bob.ID())
	events, err = bob.Receive(testContext(t))
	require.NoError(t, err)
	require.ErrorIs(t, events[0].(*Refused).Err, e2ee.ErrEpochUnknown, "as it was before the restart")
	announcement := func(p *client.ListMessagesResult) {
		if len(p.Messages) > 0 {
			page, err := connect(t, nil).ListMessages(testContext(t), client.ListMessagesParams{SessionID: alice.ID()})
			require.NoError(t, err)
			p.Messages = page.Messages[:1]
			renumbered(2, bob.record.Transcript, p)
		}
	}
	network.set(nil, falsely(t, "ListMessages", announcement))
	events, err = bob.Receive(testContext(t))
	require.NoError(t, err)
	require.Len(t, events, 2)
	require.IsType(t, &Rotated{}, events[0])
	require.Equal(t, "one", events[1].(*Message).Text())
	require.Equal(t, uint64(1), events[1].(*Message).Sequence)
}

func TestKeysAndReceiptsNeedTheirMembersSignature(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	until(t, alice, text("one"))
	until(t, bob, text("one"))

	network.set(nil, falsely(t, "GetSession", func(r *client.GetSessionResult) {
		r.Session.KeyEpochs[1]++
		r.Session.PublicKeys[1] = members[0].config.Identity.Public().KEM
	}))
	_, err := alice.Send(testContext(t), []byte("two"))
	require.ErrorIs(t, err, ErrNode)

	network.set(nil, nil)
	require.NoError(t, bob.Acknowledge(testContext(t), 1))
	network.set(nil, falsely(t, "GetReceipt", func(r *client.GetReceiptResult) { r.Receipt.Sequence = 2 }))
	_, err = alice.Receive(testContext(t))
	require.ErrorIs(t, err, ErrNode)
	network.set(nil, falsely(t, "GetTransaction", func(r *client.GetTransactionResult) {
		tx, err := chain.ParseTransaction(alice.m.chainID, r.Bytes)
		require.NoError(t, err)
		tx.Signature[100] ^= 1
		tx, err = chain.NewTransaction(alice.m.chainID, tx.Body, tx.Signature)
		require.NoError(t, err)
		r.Bytes = tx.Bytes()
	}))
	_, err = alice.Receive(testContext(t))
	require.ErrorIs(t, err, pq.ErrSignature)
	network.set(nil, nil)
	events, err := alice.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, uint64(1), events[0].(*Receipt).Sequence)
}

func TestMessagesThatHaveLeftTheChainAreMissing(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"one", "two"} {
		sends(t, alice, text)
	}
	members[1].now = func() time.Time { return time.Now().Add(31 * 24 * time.Hour) }
	network.set(nil, falsely(t, "ListMessages", func(p *client.ListMessagesResult) { p.Messages = nil }))
	events, err := bob.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []Event{&Missing{From: 1, To: 3}}, events)
	network.set(nil, nil)
	sends(t, alice, "three")
	events = until(t, bob, func(event Event) bool { return sequenceOf(event) == 4 })
	require.ErrorIs(t, events[0].(*Refused).Err, e2ee.ErrEpochUnknown)
	sends(t, bob, "I could not read that")
	until(t, alice, text("I could not read that"))
	sends(t, alice, "three again")
	require.Contains(t, texts(until(t, bob, text("three again"))), "three again")
}

// TestANodesTimesAndCountsLoseNothing has a node say that messages are old enough to have left
// the chain, or that there are more than a session can have.
func TestANodesTimesAndCountsLoseNothing(t *testing.T) {
	network := newWire(t)
	reader, writer := newPerson(t, network), newPerson(t, network)
	both := func(lies ...func(string, []byte) []byte) func(string, []byte) []byte {
		return func(method string, result []byte) []byte {
			for _, lie := range lies {
				result = lie(method, result)
			}
			return result
		}
	}
	empty := func(total uint64) func(string, []byte) []byte {
		return falsely(t, "ListMessages", func(p *client.ListMessagesResult) { p.Messages, p.Total = nil, total })
	}

	made, err := writer.NewSession(testContext(t), reader.Self())
	require.NoError(t, err)
	sends(t, made, "hello")
	old := falsely(t, "GetSession", func(r *client.GetSessionResult) { r.Session.Created = time.Unix(1, 0) })
	network.set(nil, both(old, empty(2)))
	late, err := reader.Join(testContext(t), made.ID())
	require.NoError(t, err)
	_, err = late.Check(testContext(t))
	require.ErrorIs(t, err, ErrWithheld, "whoever made the session has signed when")
	network.set(nil, empty(1<<62))
	_, err = late.Check(testContext(t))
	require.ErrorIs(t, err, ErrNode, "no session has as many")
	network.set(nil, falsely(t, "ListMessages", func(p *client.ListMessagesResult) {
		for i := range p.Messages {
			p.Messages[i].Timestamp = time.Unix(1, 0)
		}
	}))
	_, err = late.Check(testContext(t))
	require.ErrorIs(t, err, ErrTranscript, "the times are in the transcript")
	network.set(nil, nil)
	until(t, late, text("hello"))
	sends(t, made, "more")
	network.set(nil, empty(3))
	_, err = late.Check(testContext(t))
	require.ErrorIs(t, err, ErrWithheld, "it has not had the time to leave the chain")
	network.set(nil, nil)
	require.Equal(t, []string{"more"}, texts(until(t, late, text("more"))))
	require.NoError(t, late.Close())
	require.NoError(t, made.Close())
}

func TestWhatWasGivenUpAndIsOnTheChainIsKnown(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	network.set(func(method string) (bool, bool) { return false, method == "sessionvm.IssueTransaction" }, nil)
	_, err := alice.Send(testContext(t), []byte("one"))
	require.ErrorIs(t, err, ErrQueued)
	require.ErrorIs(t, alice.giveUp(chain.ErrSessionClosed), ErrUnsent, "as if the node had said so, after it took the first")
	network.set(nil, nil)
	events, err := alice.Check(testContext(t))
	require.NoError(t, err)
	require.IsType(t, &Unsent{}, events[0])
	events, err = alice.Check(testContext(t))
	require.NoError(t, err)
	require.IsType(t, &Rotated{}, events[0], "its announcement")
	sends(t, alice, "two")
	require.Equal(t, []string{"two"}, texts(until(t, alice, text("two"))))
	require.Equal(t, []string{"two"}, texts(until(t, bob, text("two"))), "the node never had the first")
}

// TestWhatIsSentWhileNoNodeAnswersIsStored seals and stores without a node, over a restart, and
// sends in order once there is one.
func TestWhatIsSentWhileNoNodeAnswersIsStored(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	until(t, alice, text("one"))
	network.set(func(string) (bool, bool) { return true, false }, nil)
	for _, text := range []string{"two", "three"} {
		_, err := alice.Send(testContext(t), []byte(text))
		require.ErrorIs(t, err, ErrQueued)
	}
	require.NoError(t, alice.Close())
	again, err := members[0].Join(testContext(t), alice.ID())
	require.NoError(t, err)
	_, err = again.Send(testContext(t), []byte("four"))
	require.ErrorIs(t, err, errLost, "it has not received what the chain has since it was opened")
	require.NotErrorIs(t, err, ErrQueued)
	network.set(nil, nil)
	require.Equal(t, []string{"one", "two", "three"}, texts(until(t, again, text("three"))))
	require.Equal(t, []string{"one", "two", "three"}, texts(until(t, bob, text("three"))))
}

// TestANodeShowsNoZeroTranscript has a node answer zeros, which stand for "not known" in a
// session's record: for messages, and where a receipt of an earlier one asks.
func TestANodeShowsNoZeroTranscript(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"one", "two"} {
		sends(t, alice, text)
	}
	members[1].now = func() time.Time { return time.Now().Add(31 * 24 * time.Hour) }
	network.set(nil, falsely(t, "ListMessages", func(p *client.ListMessagesResult) { // the first is gone: its transcript is not known
		p.Messages = p.Messages[1:]
		for i := range p.Messages {
			p.Messages[i].Transcript = chain.Hash{}
		}
	}))
	_, err := bob.Receive(testContext(t))
	require.ErrorIs(t, err, ErrTranscript)
	members[1].now = time.Now
	network.set(nil, nil)
	until(t, bob, text("two"))
	network.set(nil, falsely(t, "GetMessage", func(r *client.GetMessageResult) { r.Message.Transcript = chain.Hash{} }))
	require.ErrorIs(t, bob.Acknowledge(testContext(t), 1), ErrTranscript)
}

// TestAReceiptOfAnEarlierMessageSaysWhatWasRead has a node show another transcript of an earlier
// message, and leave out what leads from there to what was received.
func TestAReceiptOfAnEarlierMessageSaysWhatWasRead(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"one", "two"} {
		sends(t, alice, text)
	}
	until(t, bob, text("two"))
	network.set(nil, falsely(t, "GetMessage", func(r *client.GetMessageResult) { r.Message.Transcript[0] ^= 1 }))
	require.ErrorIs(t, bob.Acknowledge(testContext(t), 1), ErrTranscript)
	other := chain.Hash{1}
	first := falsely(t, "GetMessage", func(r *client.GetMessageResult) { r.Message.Transcript = other })
	rest := falsely(t, "ListMessages", func(p *client.ListMessagesResult) { renumbered(2, other, p) })
	network.set(nil, func(method string, result []byte) []byte { return rest(method, first(method, result)) })
	require.ErrorIs(t, bob.Acknowledge(testContext(t), 1), ErrTranscript, "it agrees with itself, and does not lead to what was received")
	network.set(nil, falsely(t, "ListMessages", func(p *client.ListMessagesResult) { p.Messages = p.Messages[1:] }))
	require.ErrorIs(t, bob.Acknowledge(testContext(t), 1), ErrWithheld)
	network.set(nil, falsely(t, "ListMessages", func(p *client.ListMessagesResult) { p.Messages = nil }))
	require.ErrorIs(t, bob.Acknowledge(testContext(t), 1), ErrWithheld)
	network.set(nil, nil)
	require.NoError(t, bob.Acknowledge(testContext(t), 1))
}

// TestAReceiptOfAnotherMemberShowsWhatANodeHid has a node lie to one member from the first message
// on, with transcripts of its own that agree with that. The other's signed receipt does not.
func TestAReceiptOfAnotherMemberShowsWhatANodeHid(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"do not pay", "wait", "pay"} {
		sends(t, alice, text)
	}
	var transcript chain.Hash
	reorders := falsely(t, "ListMessages", func(p *client.ListMessagesResult) {
		if len(p.Messages) == 0 {
			return
		}
		if first := p.Messages[0].Sequence; first == 1 {
			p.Messages[1], p.Messages[2] = p.Messages[2], p.Messages[1]
			renumbered(1, chain.FirstTranscript(alice.ID()), p)
			transcript = p.Messages[len(p.Messages)-1].Transcript
		} else {
			renumbered(first, transcript, p)
		}
	})
	network.set(nil, reorders)
	_, err := bob.Receive(testContext(t))
	require.NoError(t, err, "nothing that it shows contradicts itself")
	sends(t, bob, "paid")
	until(t, bob, text("paid"))
	network.set(nil, nil)
	until(t, alice, text("paid"))
	require.NoError(t, alice.Acknowledge(testContext(t), 0))
	network.set(nil, reorders)
	_, err = bob.Receive(testContext(t))
	require.ErrorIs(t, err, ErrTranscript, "alice has signed what she read")
}
