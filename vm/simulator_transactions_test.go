package vm

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/warp/signing"
)

// simulatedPeople are the identities of the simulator. Making one costs more than a block.
var simulatedPeople = sync.OnceValue(func() (people []*pq.Identity) {
	for n := range 6 {
		people = append(people, identity(1000+n))
	}
	return people
})

// simulatedTransactions makes random transactions, most of which a state allows.
type simulatedTransactions struct {
	random *rand.Rand
	people []*pq.Identity
	nonce  uint64

	regular  uint64                     // see platformHeight
	signers  map[chain.Hash][]string    // see oracleContracts
	together map[int]*signing.SecretKey // the sums of validators' keys, by whose they are
}

// pick returns a random element.
func pick[E any](random *rand.Rand, elements []E) E { return elements[random.IntN(len(elements))] }

// sortedKeys returns a map's keys in an order that the seed repeats.
func sortedKeys[V any](m map[ids.ID]V) []ids.ID {
	return slices.SortedFunc(maps.Keys(m), func(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) })
}

// chance is true with a probability of n in 100.
func (g *simulatedTransactions) chance(n int) bool { return g.random.IntN(100) < n }

func (g *simulatedTransactions) person() *pq.Identity { return pick(g.random, g.people) }

// someID returns one of the keys of a map, and now and then one that nothing has.
func someID[V any](g *simulatedTransactions, m map[ids.ID]V) ids.ID {
	if len(m) == 0 || g.chance(4) {
		return ids.ID{7, byte(g.random.IntN(4)), 0xee}
	}
	return pick(g.random, sortedKeys(m))
}

// someSession returns a session, mostly one that is open and has room.
func (g *simulatedTransactions) someSession(o *oracle) ids.ID {
	open := make(map[ids.ID]oracleSession)
	for id, session := range o.sessions {
		if session.status <= chain.SessionActive && uint64(len(session.messages)) < o.genesis.MaxMessages {
			open[id] = session
		}
	}
	if len(open) == 0 || g.chance(15) {
		return someID(g, o.sessions)
	}
	return someID(g, open)
}

// signer returns the identity of an ID; any, if nobody has it.
func (g *simulatedTransactions) signer(id ids.ID) *pq.Identity {
	for _, person := range g.people {
		if person.ID() == id {
			return person
		}
	}
	return g.person()
}

// among returns one of the identities, and now and then anybody.
func (g *simulatedTransactions) among(identities []ids.ID) *pq.Identity {
	if len(identities) == 0 || g.chance(8) {
		return g.person()
	}
	return g.signer(pick(g.random, identities))
}

// some returns up to n different people.
func (g *simulatedTransactions) some(n int) []*pq.Identity {
	shuffled := slices.Clone(g.people)
	g.random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	return shuffled[:1+g.random.IntN(n)]
}

func (g *simulatedTransactions) metadata() []chain.MetadataEntry {
	switch g.random.IntN(12) {
	case 0:
		return []chain.MetadataEntry{{Key: "topic", Value: "tea"}, {Key: "zone", Value: "utc"}}
	case 1:
		return []chain.MetadataEntry{{Key: "topic", Value: string(bytes.Repeat([]byte{'x'}, 40))}} // too long
	default:
		return nil
	}
}

func (g *simulatedTransactions) deadline(o *oracle) uint64 {
	switch g.random.IntN(25) {
	case 0:
		return o.now - 1
	case 1:
		return o.now + o.genesis.Limits.TransactionWindow*1000 + 60_000
	default:
		return o.now + 1000*g.random.Uint64N(o.genesis.Limits.TransactionWindow+1)
	}
}

// body returns a random body and who signs it, nil if nobody does.
func (g *simulatedTransactions) body(o *oracle) (*pq.Identity, chain.Body) {
	g.nonce++
	if g.chance(7) {
		return nil, g.invitation(o)
	}
	if g.chance(8) {
		return nil, g.validatorKey(o)
	}
	switch n := g.random.IntN(100); {
	case n < 8 || len(o.identities) < 2:
		return nil, g.registration(o)
	case n < 12:
		owner := g.among(sortedKeys(o.identities))
		number := o.identities[owner.ID()].prekeyNumber + 1
		if g.chance(10) {
			number = 1 + g.random.Uint64N(number+1)
		}
		return owner, &chain.PublishPrekey{Identity: owner.ID(), PublicKey: prekey(g.person(), byte(g.nonce)), Number: number, Deadline: g.deadline(o)}
	case n < 26 || len(o.sessions) == 0:
		return g.createSession(o)
	case n < 60:
		id := g.someSession(o)
		sender := g.among(o.sessions[id].participants)
		text := fmt.Appendf(nil, "message %d", g.nonce)
		switch {
		case g.chance(10):
			text = bytes.Repeat(text, 4) // too long for the trial rule set
		case g.chance(3):
			text = bytes.Repeat(text, 10) // too long
		}
		return sender, &chain.SendMessage{Session: id, Sender: sender.ID(), Ciphertext: text}
	case n < 68:
		id := g.someSession(o)
		participant := g.among(o.sessions[id].participants)
		sequence := max(1, g.random.IntN(len(o.sessions[id].messages)+2))
		receipt := &chain.Acknowledge{Session: id, Participant: participant.ID(), Sequence: uint64(sequence)}
		if sequence <= len(o.sessions[id].messages) && !g.chance(10) {
			receipt.Transcript = o.transcript(id, sequence)
		}
		return participant, receipt
	case n < 76:
		id := g.someSession(o)
		session := o.sessions[id]
		participant := g.among(session.participants)
		epoch := uint64(1)
		if position := slices.Index(session.participants, participant.ID()); position >= 0 && !g.chance(10) {
			epoch = session.epochs[position] + 1
		}
		return participant, &chain.RotateKey{Session: id, Participant: participant.ID(), PublicKey: g.person().Public().KEM, Epoch: epoch}
	case n < 80:
		id := g.someSession(o)
		participant := g.among(o.sessions[id].participants)
		return participant, &chain.CloseSession{Session: id, Participant: participant.ID()}
	case n < 88 || len(o.channels) == 0:
		owner := g.among(sortedKeys(o.identities))
		body := &chain.CreateChannel{Owner: owner.ID(), Metadata: g.metadata(), Nonce: g.nonce, Deadline: g.deadline(o)}
		for _, member := range g.some(3) {
			if member != owner {
				body.Members = append(body.Members, member.ID())
			}
		}
		return owner, body
	case n < 90:
		id := someID(g, o.channels)
		channel := o.channels[id]
		owner := g.among([]ids.ID{channel.owner})
		return owner, &chain.TransferChannel{Channel: id, Owner: owner.ID(), Member: g.among(channel.members).ID(), Version: g.version(channel)}
	case n < 95:
		id := someID(g, o.channels)
		channel := o.channels[id]
		owner := g.among([]ids.ID{channel.owner})
		return owner, &chain.AddMember{Channel: id, Owner: owner.ID(), Member: g.person().ID(), Version: g.version(channel)}
	default:
		id := someID(g, o.channels)
		channel := o.channels[id]
		remover := g.among([]ids.ID{channel.owner})
		member := g.among(channel.members)
		if g.chance(30) {
			remover = member
		}
		return remover, &chain.RemoveMember{Channel: id, Remover: remover.ID(), Member: member.ID(), Version: g.version(channel)}
	}
}

func (g *simulatedTransactions) version(channel oracleChannel) uint64 {
	if g.chance(8) {
		return channel.version + 1
	}
	return channel.version
}

func (g *simulatedTransactions) createSession(o *oracle) (*pq.Identity, chain.Body) {
	body := &chain.CreateSession{Metadata: g.metadata(), Nonce: g.nonce, Deadline: g.deadline(o)}
	participants := g.some(4)
	var creator *pq.Identity
	if g.chance(60) {
		creator = g.among(sortedKeys(o.identities))
		body.Creator = creator.ID()
		if !slices.Contains(participants, creator) && !g.chance(10) {
			participants[0] = creator
		}
		if len(o.channels) > 0 && g.chance(40) {
			body.Channel = someID(g, o.channels)
			if channel, ok := o.channels[body.Channel]; ok && !g.chance(15) {
				creator = g.signer(pick(g.random, channel.members))
				body.Creator = creator.ID()
				participants = participants[:0]
				for _, member := range channel.members {
					participants = append(participants, g.signer(member))
				}
				body.ChannelVersion, body.Previous = g.version(channel), channel.session
				if !g.chance(8) {
					body.Metadata = channel.metadata
				}
				if g.chance(8) {
					body.Previous = someID(g, o.sessions)
				}
				if g.chance(8) {
					participants = participants[1:]
				}
			}
		}
	}
	body.Single = creator != nil && body.Channel == ids.Empty && g.chance(25)
	keyless := creator != nil && g.chance(10)
	for _, participant := range participants {
		body.Participants = append(body.Participants, participant.ID())
		if !body.Single && !keyless {
			body.PublicKeys = append(body.PublicKeys, participant.Public().KEM)
		}
	}
	return creator, body
}
