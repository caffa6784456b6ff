package e2ee

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// activeAdversary stands in the node's place: members get what it gives them, when it likes. It
// delivers what was sent in any order, to anybody, again and again, or never; changes it; puts
// pieces of several messages together; names other senders; and has all of another session of the
// same members. It can't sign for a member, which is for the caller of Open to see to, and here it
// tries that, too.
type activeAdversary struct {
	t         *rapid.T
	w         *world
	elsewhere []sentItem
	opened    map[string]bool // what each reader has opened, by reader and place on the chain
}

// forged is what the adversary makes of something that was sent.
func (a *activeAdversary) forged(item sentItem) []byte {
	wire := bytes.Clone(item.wire)
	pick := func() []byte { return rapid.SampledFrom(a.w.chain).Draw(a.t, "other").wire }
	at := rapid.IntRange(0, len(wire)-1).Draw(a.t, "at")
	switch rapid.IntRange(0, 5).Draw(a.t, "change") {
	case 0:
		wire[at] ^= 1 << rapid.IntRange(0, 7).Draw(a.t, "bit")
	case 1:
		wire = wire[:at]
	case 2:
		wire = append(wire, rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(a.t, "more")...)
	case 3: // the start of one, the end of another
		other := pick()
		wire = append(wire[:at], other[min(at, len(other)):]...)
	case 4: // another place in the epochs
		copy(wire[1:9], pick()[1:9])
	default: // another announcement's stanzas
		if other := pick(); len(other) > announcementStart+PrekeySize && len(wire) > announcementStart+PrekeySize {
			wire = append(wire[:announcementStart+PrekeySize], other[announcementStart+PrekeySize:]...)
		}
	}
	return wire
}

// gives lets a member open something, which must be refused unless it is what its sender sent, and
// was not opened before.
func (a *activeAdversary) gives(seed byte, sender ID, wire []byte) {
	reader := a.w.parties[seed]
	before := reader.State()
	opened, err := reader.Open(a.w.now, sender, wire)
	if err != nil {
		require.True(a.t, typed(err), "%v", err)
		require.Equal(a.t, before, reader.State())
		return
	}
	genuine := slices.IndexFunc(a.w.chain, func(item sentItem) bool { return item.from == sender && bytes.Equal(item.wire, wire) })
	require.GreaterOrEqual(a.t, genuine, 0, "member %d opens what nobody sent", seed)
	name := fmt.Sprint(seed, genuine)
	require.False(a.t, a.opened[name], "member %d opens it twice", seed)
	a.opened[name] = true
	require.Equal(a.t, a.w.chain[genuine].text, string(opened.Content))
	require.Equal(a.t, a.w.chain[genuine].seen, opened.Seen)
}

// acts does one thing to a member.
func (a *activeAdversary) acts(seed byte) {
	item := rapid.SampledFrom(a.w.chain).Draw(a.t, "item")
	switch rapid.IntRange(0, 9).Draw(a.t, "adversary") {
	case 0, 1, 2, 3, 4:
		a.gives(seed, item.from, item.wire)
	case 5:
		a.gives(seed, testIdentity(rapid.SampledFrom(a.w.members).Draw(a.t, "named")).ID(), item.wire)
	case 6:
		foreign := rapid.SampledFrom(a.elsewhere).Draw(a.t, "foreign")
		a.gives(seed, foreign.from, foreign.wire)
	default:
		a.gives(seed, item.from, a.forged(item))
	}
}

// TestAnActiveAdversaryGetsNothingAccepted whatever it delivers: members take what was sent to them,
// by who sent it, once, and nothing else. Once everything arrives in order, they talk as before.
// And it reads nothing.
func TestAnActiveAdversaryGetsNothingAccepted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, 1, 2, 3)
		other := newWorld(t, 1, 2, 3)
		for seed, party := range other.parties {
			party.session[1], party.context = 9, sessionContext(testChain, [32]byte{0: 0x07, 1: 9, 31: 0x01}, party.Members())
			_ = seed
		}
		for _, seed := range other.members {
			other.send(seed)
			other.send(seed)
		}
		a := &activeAdversary{t: t, w: w, elsewhere: other.chain, opened: map[string]bool{}}
		w.send(1)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			seed := rapid.SampledFrom(w.members).Draw(t, "who")
			switch does := rapid.IntRange(0, 9).Draw(t, "does"); {
			case does < 3:
				w.send(seed)
			case does < 4:
				w.rotate(seed)
			default:
				a.acts(seed)
			}
		}
		passive := newAdversary(w.parties[1])
		passive.observes(w.parties[1])
		for i, item := range w.chain {
			passive.unopened[i] = true
			passive.wires = append(passive.wires, sentWire{item.from, item.wire})
		}
		require.Empty(t, passive.attacks())

		deliverAll := func() {
			for at, item := range w.chain {
				for _, seed := range w.members {
					if w.parties[seed].Self() != item.from && !a.opened[fmt.Sprint(seed, at)] {
						a.gives(seed, item.from, item.wire)
					}
				}
			}
		}
		for range 3 { // what was held back, and keys that replace those that are erased
			deliverAll()
			for _, seed := range w.members {
				w.send(seed)
				deliverAll()
			}
		}
		for _, seed := range w.members {
			w.send(seed)
			deliverAll()
			for _, reader := range w.members {
				require.True(t, reader == seed || a.opened[fmt.Sprint(reader, len(w.chain)-1)], "member %d reads member %d again", reader, seed)
			}
		}
	})
}
