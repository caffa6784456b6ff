package messaging

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

// player is a person of the game. Rounds have the same persons, as the chain has; nothing else of a round is in the
// next one.
type player struct {
	*person
	number int
	joined map[int]*Session // by the session's number
}

// The library's calls of private sessions, in one place.

func (p *player) sendsInvitation(t testing.TB, with *player, content []byte) (pseudonym ids.ID) {
	pair, err := p.Invite(testContext(t), with.Self(), content)
	require.NoError(t, err)
	return pair.Self
}

func (p *player) accepts(t testing.TB, from *player) *Session {
	p.finds(t, from)
	s, err := p.Accept(testContext(t), from.Self())
	require.NoError(t, err)
	return s
}

// finds scans for the invitation of somebody.
func (p *player) finds(t testing.TB, from *player) Invitation {
	contacts, strangers, err := p.Invitations(testContext(t))
	require.NoError(t, err)
	all := append(contacts, strangers...)
	at := slices.IndexFunc(all, func(i Invitation) bool { return i.From == from.Self() })
	require.GreaterOrEqual(t, at, 0)
	return all[at]
}

// findsAnswer returns the session that answers the invitation of somebody under a pseudonym.
func (p *player) findsAnswer(t testing.TB, with *player, pseudonym ids.ID) ids.ID {
	for try := 0; ; try++ { // the block may have no certificate yet
		pairs, err := p.Pairs(testContext(t), with.Self())
		require.NoError(t, err)
		at := slices.IndexFunc(pairs, func(pair Pair) bool { return pair.Self == pseudonym })
		if answer := pairs[at].Session; answer != ids.Empty {
			return answer
		}
		require.Less(t, try, 100)
		time.Sleep(p.config.Poll)
	}
}

// boxedOf returns what the box has of somebody.
func (p *player) boxedOf(t testing.TB, from *player) *boxed {
	p.finds(t, from)
	kept, err := p.loadPrivate()
	require.NoError(t, err)
	at := slices.IndexFunc(kept.Box, func(b *boxed) bool { return b.From == from.Self() })
	return kept.Box[at]
}

// forgets ends a round. What was not answered is found and forgotten too.
func (p *player) forgets(t testing.TB) {
	p.leaves(t)
	_, _, err := p.Invitations(testContext(t))
	require.NoError(t, err)
	require.NoError(t, p.updatePrivate(testContext(t), func(kept *privateFile) error {
		kept.Pairs, kept.Groups, kept.Box = nil, nil, nil
		return nil
	}))
}

// leaves closes a person's sessions, and returns their numbers.
func (p *player) leaves(t testing.TB) (left []int) {
	for j, s := range p.joined {
		require.NoError(t, s.Close())
		left = append(left, j)
	}
	p.joined = make(map[int]*Session)
	slices.Sort(left)
	return left
}

// rules are how the persons of a game do what they do. What is nil is done as the library does it.
type rules struct {
	invites func(g *game, i int, from, with *player, content []byte)
	accepts func(g *game, j int, by, from *player)
	sends   func(g *game, s *Session, content []byte)
	groups  *groupRules
}

// game is a round of it: the persons do what a schedule says, in a world.
type game struct {
	t          testing.TB
	players    []*player
	public     bool
	rules      rules
	world      *world
	pseudonyms []ids.ID       // of who invites
	ids        map[int]ids.ID // of sessions

	groups map[int]ids.ID   // of the world's
	actors map[int][]*actor // of sessions that the library does not make
}

// newPlayers returns persons for whose IDs fit has true, and whom an observer watches.
func newPlayers(t testing.TB, url string, o *observer, count int, seed string, fit func(n int, id ids.ID) bool) (players []*player) {
	for try := 0; len(players) < count; try++ {
		material := make([]byte, pq.SeedSize)
		binary.BigEndian.PutUint32(material[copy(material, seed):], uint32(try))
		identity, err := pq.IdentityFromSeed(material)
		require.NoError(t, err)
		n := len(players)
		if !fit(n, identity.ID()) {
			continue
		}
		p := &player{number: n, person: &person{config: Config{Identity: identity, Folder: t.TempDir(), Poll: 20 * time.Millisecond}}, joined: make(map[int]*Session)}
		on := func(circuit string) (*client.Client, error) {
			return client.New(url, client.Options{HTTPClient: &http.Client{Transport: tap{o, n, fmt.Sprint(n, circuit)}}})
		}
		p.config.Client, err = on("")
		require.NoError(t, err)
		p.config.Circuit = func(circuit ids.ID) (*client.Client, error) { return on(circuit.String()) }
		p.Messenger, err = Open(testContext(t), p.config)
		require.NoError(t, err)
		players = append(players, p)
	}
	return players
}

// play does all steps of a schedule.
func (g *game) play(s *schedule) {
	g.pseudonyms, g.ids = make([]ids.ID, s.invitations), make(map[int]ids.ID)
	g.groups, g.actors = make(map[int]ids.ID), make(map[int][]*actor)
	for _, next := range s.steps {
		switch {
		case g.groupStep(s, next):
		case len(s.made) > 0:
			g.inGroup(next)
		default:
			g.step(next)
		}
	}
	for _, p := range g.players {
		p.forgets(g.t)
	}
}

// content returns a content of a size and the style of who writes it.
func (p *player) content(size int) []byte { return bytes.Repeat([]byte("a"), size+p.number%styles) }

func (g *game) step(s move) {
	t, ctx := g.t, testContext(g.t)
	switch s.does {
	case doesInvite:
		seats := g.world.seats[s.at]
		from, with := g.players[seats[inviter]], g.players[seats[invitee]]
		if g.rules.invites != nil {
			g.rules.invites(g, s.at, from, with, from.content(s.size))
		} else {
			g.pseudonyms[s.at] = from.sendsInvitation(t, with, from.content(s.size))
		}
		return
	case doesAccept:
		g.accept(s.at)
		return
	case doesRestart:
		g.players[g.world.in(s.at)[s.seat]].restarts(g)
		return
	}
	p := g.players[g.world.in(s.at)[s.seat]]
	session := g.session(p, s.at)
	var err error
	switch {
	case s.does == doesSend && g.rules.sends != nil:
		g.rules.sends(g, session, p.content(s.size))
	case s.does == doesClose:
		_, err = p.CloseSession(ctx, session.id)
	default:
		err = doIn(ctx, session, s, p.content(s.size))
	}
	require.NoError(t, err, s)
}

// accept has a session made.
func (g *game) accept(j int) {
	seats := g.world.in(j)
	from, by := g.players[seats[inviter]], g.players[seats[invitee]]
	switch {
	case g.public:
		s, err := from.NewSession(testContext(g.t), by.Self())
		require.NoError(g.t, err)
		from.joined[j], g.ids[j] = s, s.ID()
	case g.rules.accepts != nil:
		g.rules.accepts(g, j, by, from)
	default:
		by.joined[j] = by.accepts(g.t, from)
		g.ids[j] = by.joined[j].ID()
	}
}

// session returns a person's side of a session.
func (g *game) session(p *player, j int) *Session {
	if s := p.joined[j]; s != nil {
		return s
	}
	if seats := g.world.in(j); !g.public && seats[inviter] == p.number {
		require.Equal(g.t, g.ids[j], p.findsAnswer(g.t, g.players[seats[invitee]], g.pseudonyms[g.world.answers[j]]))
	}
	s, err := p.Join(testContext(g.t), g.ids[j])
	require.NoError(g.t, err)
	p.joined[j] = s
	return s
}

// restarts ends a person's program and starts it again, which does what programs do then.
func (p *player) restarts(g *game) {
	left := p.leaves(g.t)
	p.person = p.reopened(g.t)
	if !g.public {
		_, err := p.Pairs(testContext(g.t), ids.Empty)
		require.NoError(g.t, err)
		p.groupsGoOn(g.t)
	}
	for _, j := range left {
		_, err := g.session(p, j).Check(testContext(g.t))
		require.NoError(g.t, err)
	}
}

// tailBelow returns the smallest number of wins of some rounds that who guesses has with at most a probability.
func tailBelow(rounds int, probability float64) int {
	tail := 0.0
	for wins := rounds; wins >= 0; wins-- {
		choose, _ := math.Lgamma(float64(rounds + 1))
		a, _ := math.Lgamma(float64(wins + 1))
		b, _ := math.Lgamma(float64(rounds - wins + 1))
		tail += math.Exp(choose - a - b - float64(rounds)*math.Ln2)
		if tail > probability {
			return wins + 1
		}
	}
	return 0
}

// random returns a source that is the same in every run of a test.
func randomOf(name string) *rand.Rand {
	var seed [32]byte
	copy(seed[:], name+strings.Repeat(".", len(seed)))
	return rand.New(rand.NewChaCha8(seed))
}

// genesisWithBuckets returns a genesis whose bits of buckets follow from the identities of 15 seconds later: one of
// its windows begins then, and the next a while after.
func genesisWithBuckets(identities uint64) *chain.Genesis {
	genesis := *testGenesis
	genesis.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: 1}
	genesis.Invitations.BucketIdentities = identities
	now := time.Now()
	for begins := now.Unix() + 15; ; begins++ {
		for window := int64(120); window < 600; window++ {
			if begins%window == 0 {
				genesis.Limits.TransactionWindow, genesis.Timestamp = uint64(window), uint64(now.UnixMilli())
				return &genesis
			}
		}
	}
}
