package e2ee

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sentItem is something that a member sent, and what the others must find.
type sentItem struct {
	from ID
	wire []byte
	text string // empty for announcements
	seen Seen
}

// world is a chain: everything that is sent is on it, in order, and each member reads when it likes.
type world struct {
	t       *rapid.T
	now     uint64
	members []byte // seeds
	parties map[byte]*Session
	chain   []sentItem
	read    map[byte]int // how far each member has read the chain
	texts   int
}

func newWorld(t *rapid.T, members ...byte) *world {
	w := &world{t: t, now: testNow, members: members, parties: make(map[byte]*Session), read: make(map[byte]int)}
	for _, seed := range members {
		w.parties[seed] = newPartyOf(t, Config{
			Chain: testChain, Session: testSession, Secrets: secretsOf(seed), Policy: Policy{MaxMessages: 5}, Random: testRandom(fmt.Sprint(seed)),
		}, members...)
	}
	return w
}

func (w *world) send(seed byte) {
	party := w.parties[seed]
	w.texts++
	text := fmt.Sprintf("%d from %d", w.texts, seed)
	seen := Seen{Sequence: uint64(w.read[seed]), Transcript: [hashSize]byte{seed}}
	sealed, err := party.Seal(w.now, seen, ContentText, []byte(text))
	require.NoError(w.t, err)
	w.put(party.Self(), sealed, text, seen)
}

func (w *world) rotate(seed byte) {
	sealed, err := w.parties[seed].Rotate(w.now)
	require.NoError(w.t, err)
	w.put(w.parties[seed].Self(), sealed, "", Seen{})
}

func (w *world) put(from ID, sealed Sealed, text string, seen Seen) {
	if sealed.Announcement != nil {
		w.chain = append(w.chain, sentItem{from: from, wire: sealed.Announcement})
	}
	if sealed.Message != nil {
		w.chain = append(w.chain, sentItem{from, sealed.Message, text, seen})
	}
}

// reads lets a member read the next things of the chain, in order.
func (w *world) reads(seed byte, count int) {
	party := w.parties[seed]
	for ; count > 0 && w.read[seed] < len(w.chain); count-- {
		item := w.chain[w.read[seed]]
		w.read[seed]++
		if item.from == party.Self() {
			continue
		}
		opened, err := party.Open(w.now, item.from, item.wire)
		require.NoError(w.t, err, "member %d, item %d", seed, w.read[seed]-1)
		require.Equal(w.t, item.text, string(opened.Content))
		require.Equal(w.t, item.seen, opened.Seen)
		_, err = party.Open(w.now, item.from, item.wire)
		require.Error(w.t, err, "opened twice")
	}
}

func (w *world) catchUp(seed byte) { w.reads(seed, len(w.chain)) }

// TestEverybodyReadsExactlyWhatTheyShould in any interleaving of senders, slow readers,
// rotations and restarts; no key seals twice; states are bounded.
func TestEverybodyReadsExactlyWhatTheyShould(t *testing.T) {
	recordKeys(true)
	defer recordKeys(false)
	rapid.Check(t, func(t *rapid.T) {
		recordKeys(true)
		w := newWorld(t, 1, 2, 3)
		steps := rapid.IntRange(1, 60).Draw(t, "steps")
		for range steps {
			seed := rapid.SampledFrom(w.members).Draw(t, "who")
			switch does := rapid.IntRange(0, 19).Draw(t, "does"); {
			case does < 9:
				w.send(seed)
			case does < 15:
				w.reads(seed, rapid.IntRange(1, 12).Draw(t, "count"))
			case does < 16:
				w.rotate(seed)
			case does < 18:
				w.now += rapid.Uint64Range(1, 7*60*60*1000).Draw(t, "pause")
				for _, member := range w.members { // nobody sleeps longer than keys are kept
					w.catchUp(member)
				}
			default: // a restart
				party := w.parties[seed]
				state := party.State()
				require.Less(t, len(state), MaxState)
				again, err := Restore(state, party.secrets, party.random)
				require.NoError(t, err)
				require.Equal(t, state, again.State())
				w.parties[seed] = again
			}
			// What nobody has read yet stays within what is kept for it.
			for _, member := range w.members {
				if len(w.chain)-w.read[member] > 12 {
					w.catchUp(member)
				}
			}
		}
		for _, member := range w.members {
			w.catchUp(member)
		}
		if _, most := mostUsedKey(); most > 1 {
			t.Fatalf("a key sealed %d times", most)
		}
	})
}
