package e2ee

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sentItem is something that a member sent, and what whoever may read it must find.
type sentItem struct {
	from    ID
	wire    []byte
	text    string // empty for announcements
	readers []ID   // members when it was sent, but its sender
	version uint64 // of the roster
}

// world is a chain with members that come and go: everything that is sent is on it, in
// order, and each member reads when it likes.
type world struct {
	t       *rapid.T
	now     uint64
	version uint64
	members []byte // seeds
	parties map[byte]*Session
	chain   []sentItem
	read    map[byte]int // how far each member has read the chain
	texts   int
}

func (w *world) roster() Roster { return rosterFor(w.version, w.members...) }

// join makes a member's session: it reads the chain from here on.
func (w *world) join(seed byte) {
	party, err := New(Config{
		Chain: testChain, Session: testSession, Suite: SuiteMLKEM768, Secrets: Secrets{Identity: testIdentity(seed)},
		Roster: w.roster(), Policy: Policy{MaxMessages: 5}, Now: w.now,
		FirstEpoch: uint32(w.version) << 16, // above what it announced in another life here
		Random:     testRandom(fmt.Sprint(seed, w.version)),
	})
	require.NoError(w.t, err)
	w.parties[seed] = party
	w.read[seed] = len(w.chain)
}

// change lets one member join or leave. All take the new roster at once, as they read it
// from the chain; what is in flight stays in flight.
func (w *world) change(seed byte) {
	at := slices.Index(w.members, seed)
	if at >= 0 && len(w.members) <= 2 {
		return
	}
	for _, member := range w.members { // nothing of before may be missed by what follows
		w.catchUp(member)
	}
	w.version++
	if at >= 0 {
		w.members = slices.Delete(slices.Clone(w.members), at, at+1)
		delete(w.parties, seed)
	} else {
		w.members = append(slices.Clone(w.members), seed)
		slices.Sort(w.members)
	}
	for member, party := range w.parties {
		_, err := party.Update(w.now, w.roster())
		require.NoError(w.t, err, "member %d", member)
	}
	if at < 0 {
		w.join(seed)
	}
}

func (w *world) send(seed byte) {
	party := w.parties[seed]
	w.texts++
	text := fmt.Sprintf("%d from %d", w.texts, seed)
	sealed, err := party.Seal(w.now, ContentText, []byte(text))
	require.NoError(w.t, err)
	w.put(party.Self(), sealed, text)
}

func (w *world) rotate(seed byte) {
	sealed, err := w.parties[seed].Rotate(w.now)
	require.NoError(w.t, err)
	w.put(w.parties[seed].Self(), sealed, "")
}

func (w *world) put(from ID, sealed Sealed, text string) {
	item := sentItem{from: from, version: w.version}
	for _, member := range w.members {
		if id := testIdentity(member).ID(); id != from {
			item.readers = append(item.readers, id)
		}
	}
	if sealed.Announcement != nil {
		announced := item
		announced.wire = sealed.Announcement
		w.chain = append(w.chain, announced)
	}
	if sealed.Message != nil {
		item.wire, item.text = sealed.Message, text
		w.chain = append(w.chain, item)
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
		if !slices.Contains(item.readers, party.Self()) {
			require.Error(w.t, err, "member %d reads what is not for it", seed)
			continue
		}
		require.NoError(w.t, err, "member %d, item %d", seed, w.read[seed]-1)
		require.Equal(w.t, item.text, string(opened.Content))
		_, err = party.Open(w.now, item.from, item.wire)
		require.Error(w.t, err, "opened twice")
	}
}

func (w *world) catchUp(seed byte) { w.reads(seed, len(w.chain)) }

// TestEverybodyReadsExactlyWhatTheyShould in any interleaving of senders, slow readers,
// rotations, joins, leaves and restarts; no key seals twice; states are bounded.
func TestEverybodyReadsExactlyWhatTheyShould(t *testing.T) {
	recordKeys(true)
	defer recordKeys(false)
	rapid.Check(t, func(t *rapid.T) {
		recordKeys(true)
		w := &world{t: t, now: testNow, version: 1, members: []byte{1, 2, 3}, parties: make(map[byte]*Session), read: make(map[byte]int)}
		for _, seed := range w.members {
			w.join(seed)
		}
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
			case does < 17:
				w.change(rapid.ByteRange(1, 5).Draw(t, "joins or leaves"))
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
