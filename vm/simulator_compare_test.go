package vm

import (
	"bytes"
	"cmp"
	"slices"

	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// everSeen are the IDs of everything that any block of a simulation has made: what a state
// does not hold of it must be absent.
type everSeen struct {
	people       []ids.ID
	sessions     map[ids.ID]struct{}
	channels     map[ids.ID]struct{}
	transactions map[ids.ID]*chain.Transaction
}

// encoded is a record of the tree.
type encoded interface {
	comparable
	Bytes() []byte
}

// requireRecord holds one record against the oracle's; nil: it must be absent.
func requireRecord[R encoded](is *require.Assertions, expected, got R, err error, what string, id any) {
	var absent R
	if expected == absent {
		is.ErrorIs(err, refusal.ErrNotFound, "%s %v must be absent", what, id)
		return
	}
	is.NoError(err, "%s %v", what, id)
	if !bytes.Equal(expected.Bytes(), got.Bytes()) {
		is.Equal(expected, got, "%s %v", what, id)
	}
}

// requireState holds everything that a snapshot shows against the oracle.
func (o *oracle) requireState(is *require.Assertions, snapshot *state.Snapshot, seen *everSeen) {
	is.EqualValues(o.leaves(), snapshot.Leaves(), "leaves")
	totals, err := snapshot.Totals()
	requireRecord(is, o.totals(), totals, err, "totals of height", o.height)
	for _, id := range seen.people {
		var expected *chain.Identity
		if identity, ok := o.identities[id]; ok {
			expected = &chain.Identity{KEMPublicKey: identity.kem, DSAPublicKey: identity.dsa, Registered: identity.since, Number: uint64(identity.number), Channels: identity.channels, Prekey: identity.prekey, PrekeyNumber: identity.prekeyNumber, PrekeyTime: identity.prekeyTime, Since: identity.first, SingleSession: identity.single}
		}
		got, err := snapshot.Identity(id)
		requireRecord(is, expected, got, err, "identity", id)
		var used *chain.Usage
		if until := o.identities[id].used; until != [4]uint64{} {
			used = &chain.Usage{Transactions: until[0], State: until[1], Sessions: until[2], Keys: until[3]}
		}
		gotUsage, err := snapshot.Usage(id)
		requireRecord(is, used, gotUsage, err, "usage of", id)
	}
	for _, source := range simulatedSources {
		var used *chain.Usage
		if until := o.usedBy[source]; until != [4]uint64{} {
			used = &chain.Usage{Transactions: until[0], State: until[1], Sessions: until[2], Keys: until[3]}
		}
		got, err := snapshot.Usage(source)
		requireRecord(is, used, got, err, "usage of the contracts of", source)
	}
	o.requireInvitations(is, snapshot)
	for id := range seen.sessions {
		o.requireSession(is, snapshot, id)
	}
	for id := range seen.channels {
		var expected *chain.Channel
		if channel, ok := o.channels[id]; ok {
			expected = &chain.Channel{
				Owner: channel.owner, Members: channel.members, Metadata: channel.metadata, Created: channel.created, Active: channel.active,
				Version: channel.version, Sessions: channel.sessions, Session: channel.session, Number: uint64(channel.number),
			}
		}
		got, err := snapshot.Channel(id)
		requireRecord(is, expected, got, err, "channel", id)
	}
	for i := range len(o.messages) + 2 { // index 0 is none, and neither is the next one
		var expected *chain.Message
		if i > o.messagesSwept && i <= len(o.messages) {
			message := o.messages[i-1]
			expected = &chain.Message{ID: message.id, Session: message.session, Sender: message.sender, Sequence: message.sequence, Timestamp: message.timestamp, Previous: message.previous, Transcript: message.transcript}
		}
		got, err := snapshot.Message(uint64(i))
		requireRecord(is, expected, got, err, "message", i)
	}
}

func (o *oracle) requireSession(is *require.Assertions, snapshot *state.Snapshot, id ids.ID) {
	session, ok := o.sessions[id]
	got, err := snapshot.Session(id)
	keys, keysErr := snapshot.SessionKeys(id)
	if !ok {
		is.ErrorIs(err, refusal.ErrNotFound, "session %s must be absent", id)
		is.ErrorIs(keysErr, refusal.ErrNotFound, "keys of session %s must be absent", id)
		return
	}
	is.NoError(err)
	is.NoError(keysErr)
	expected := &chain.Session{
		Transcript: o.transcript(id, len(session.messages)),
		Status:     session.status, Participants: session.participants, Created: session.created, Expires: session.expires,
		Messages: uint64(len(session.messages)), KeysHash: keys.Hash(), Creator: session.creator, Channel: session.channel, Number: uint64(session.number),
		Acted: session.acted,
	}
	if n := len(session.messages); n > 0 {
		expected.Head = session.messages[n-1]
	}
	requireRecord(is, expected, got, err, "session", id)
	requireRecord(is, &chain.SessionKeys{PublicKeys: session.first, Metadata: session.metadata}, keys, keysErr, "keys and metadata of session", id)
	for i, participant := range session.participants {
		var expected *chain.RotatedKey
		if epoch := session.epochs[i]; epoch > 0 {
			expected = &chain.RotatedKey{PublicKey: session.keys[i], Epoch: epoch}
		}
		rotated, err := snapshot.RotatedKey(id, participant)
		requireRecord(is, expected, rotated, err, "rotated key of", participant)
	}
	for _, participant := range session.participants {
		var expected *chain.Receipt
		if receipt, ok := o.receipts[[2]ids.ID{id, participant}]; ok {
			expected = &chain.Receipt{Sequence: receipt.sequence, Timestamp: receipt.timestamp, Transaction: receipt.transaction, Transcript: receipt.transcript}
		}
		receipt, err := snapshot.Receipt(id, participant)
		requireRecord(is, expected, receipt, err, "receipt of", participant)
	}
}

// requireAnswers holds what the indexes of a node say against the oracle.
func (o *oracle) requireAnswers(is *require.Assertions, vm *VM, seen *everSeen) {
	o.requireListedInvitations(is, vm)
	for id := range seen.sessions {
		sequences := uint64(0)
		for i, message := range o.messages {
			if message.session != id {
				continue
			}
			sequences++
			is.Equal(sequences, message.sequence, "sequences are dense")
			index, err := vm.MessageAt(id, sequences)
			if i < o.messagesSwept {
				is.ErrorIs(err, refusal.ErrNotFound, "sequence %d of %s is past retention", sequences, id)
				continue
			}
			is.NoError(err)
			is.EqualValues(i+1, index)
			index, err = vm.MessageIndex(message.id)
			is.NoError(err)
			is.EqualValues(i+1, index)
		}
		_, err := vm.MessageAt(id, sequences+1)
		is.ErrorIs(err, refusal.ErrNotFound)
	}
	for _, person := range seen.people {
		for _, acted := range []bool{false, true} {
			expected := make([]state.ListedSession, 0)
			for id, session := range o.sessions {
				if i := slices.Index(session.participants, person); i >= 0 && session.acted[i] == acted {
					expected = append(expected, state.ListedSession{ID: id, Creator: session.creator, Number: uint64(session.number)})
				}
			}
			slices.SortFunc(expected, func(a, b state.ListedSession) int { return cmp.Compare(b.Number, a.Number) })
			is.Equal(expected, sessionsOf(is, vm, person, acted, 0, 1000), "sessions of %s, newest first", person)
			if n := len(expected); n > 2 { // paged
				is.Equal(expected[1:n-1], sessionsOf(is, vm, person, acted, expected[0].Number, n-2))
			}
		}
	}
	for id, tx := range seen.transactions {
		status, inclusion, err := vm.TransactionStatus(id)
		expected, ok := o.transactions[id]
		if !ok {
			is.NotEqual(TransactionAccepted, status, "transaction %s of kind %T", id, tx.Body)
			continue
		}
		is.NoError(err)
		is.Equal(TransactionAccepted, status, "transaction %s of kind %T", id, tx.Body)
		header, err := vm.HeaderAt(expected.height)
		is.NoError(err)
		is.Equal(Inclusion{Block: header.ID(), Height: expected.height, Position: expected.position, Timestamp: header.Timestamp, Message: expected.message, Sequence: expected.sequence}, inclusion)
		stored, _, err := vm.Transaction(id)
		is.NoError(err)
		is.Equal(id, stored.ID())
	}
}

// requireProof proves what is at a key, or that nothing is, against the header alone.
func requireProof(is *require.Assertions, snapshot *state.Snapshot, key []byte, present bool) {
	value, proof, err := snapshot.Prove(key)
	is.NoError(err)
	root := snapshot.Header().StateRoot
	if present {
		is.True(ics23.VerifyMembership(ics23.IavlSpec, root[:], proof, key, value), "inclusion of %x", key)
		is.False(ics23.VerifyMembership(ics23.IavlSpec, root[:], proof, key, append([]byte{1}, value...)))
		is.False(ics23.VerifyNonMembership(ics23.IavlSpec, root[:], proof, key))
		return
	}
	is.Nil(value)
	is.True(ics23.VerifyNonMembership(ics23.IavlSpec, root[:], proof, key), "absence of %x", key)
}

// requireProofs proves a random sample of what is there and what is not.
func (o *oracle) requireProofs(is *require.Assertions, g *simulatedTransactions, snapshot *state.Snapshot, seen *everSeen) {
	requireProof(is, snapshot, chain.TotalsKey(), true)
	bucket := chain.BucketOf(ids.ID{byte(g.random.Uint32())}, g.random.Uint64N(3))
	requireProof(is, snapshot, chain.InvitationsKey(bucket), len(o.buckets[bucket]) > 0)
	person := pick(g.random, seen.people)
	_, ok := o.identities[person]
	requireProof(is, snapshot, chain.IdentityKey(person), ok)
	requireProof(is, snapshot, chain.UsageKey(person), o.identities[person].used != [4]uint64{})
	if len(seen.sessions) > 0 {
		id := pick(g.random, sortedKeys(seen.sessions))
		_, ok = o.sessions[id]
		requireProof(is, snapshot, chain.SessionKey(id), ok)
		requireProof(is, snapshot, chain.SessionKeysKey(id), ok)
		_, ok = o.receipts[[2]ids.ID{id, person}]
		requireProof(is, snapshot, chain.ReceiptKey(id, person), ok)
		position := slices.Index(o.sessions[id].participants, person)
		requireProof(is, snapshot, chain.RotatedKeyKey(id, person), position >= 0 && o.sessions[id].epochs[position] > 0)
	}
	index := g.random.IntN(len(o.messages) + 2)
	requireProof(is, snapshot, chain.MessageKey(uint64(index)), index > o.messagesSwept && index <= len(o.messages))
}

// sessionsOf returns a participant's sessions, at most limit.
func sessionsOf(is *require.Assertions, vm *VM, participant ids.ID, acted bool, before uint64, limit int) []state.ListedSession {
	listed := make([]state.ListedSession, 0)
	is.NoError(vm.EachSessionOf(participant, acted, before, func(s state.ListedSession) bool {
		listed = append(listed, s)
		return len(listed) < limit
	}))
	return listed
}
