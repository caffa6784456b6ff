package e2ee

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// TestEveryFlippedByteIsRefused: of each kind of protocol message, and nothing changes.
func TestEveryFlippedByteIsRefused(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	alice, bob, carol := group[0], group[1], group[2]
	first := seal(t, alice, testNow, "sealed to identities")
	deliver(t, alice, first, testNow, "sealed to identities", carol)
	flipAll(t, bob, alice, first.Announcement)
	_, err := bob.Open(testNow, alice.Self(), first.Announcement)
	require.NoError(t, err)
	flipAll(t, bob, alice, first.Message)
	deliver(t, alice, Sealed{Message: first.Message, Epoch: first.Epoch, Index: first.Index}, testNow, "sealed to identities", bob)

	tell(t, bob, testNow, "an answer", alice, carol)
	tell(t, carol, testNow, "an answer", alice, bob)
	second := seal(t, alice, testNow, "sealed to announcements")
	require.NotNil(t, second.Announcement)
	flipAll(t, bob, alice, second.Announcement)
	deliver(t, alice, second, testNow, "sealed to announcements", bob)
}

// flipAll flips a bit of every byte of a message: the reader refuses all of them.
func flipAll(t *testing.T, reader, sender *Session, wire []byte) {
	t.Helper()
	before := reader.State()
	for at := range wire {
		changed := bytes.Clone(wire)
		changed[at] ^= 1 << (at % 8)
		_, err := reader.Open(testNow, sender.Self(), changed)
		if err == nil {
			// What is in another member's stanza is not this reader's business; but then the
			// announcement was not the one that was made, and the commitment says so.
			require.Fail(t, "taken", "byte %d of %d", at, len(wire))
		}
		require.True(t, typed(err), "byte %d: %v", at, err)
		require.Equal(t, before, reader.State(), "byte %d", at)
	}
}

// typed reports whether an error is one of the package's.
func typed(err error) bool {
	for _, reason := range []error{
		ErrMalformed, ErrVersion, ErrChunk, ErrSize, ErrSender, ErrRemoved, ErrRosterAhead, ErrRosterStale, ErrEpochUnknown, ErrEpochErased,
		ErrRepeated, ErrTooFarAhead, ErrKeyErased, ErrAuthentication, ErrExhausted, ErrDowngrade, ErrSuite,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// addGolden adds recorded steps to a fuzz target.
func addGolden(f *testing.F, add func(step goldenStep)) {
	f.Helper()
	for _, name := range []string{"ml-kem-768", "x-wing"} {
		encoded, err := os.ReadFile("testdata/" + name + ".json")
		require.NoError(f, err)
		var record goldenConversation
		require.NoError(f, json.Unmarshal(encoded, &record))
		for _, step := range record.Steps {
			add(step)
		}
	}
}

// FuzzOpen gives a member anything: it opens, or is refused with a typed error and leaves
// the state as it was.
func FuzzOpen(f *testing.F) {
	addGolden(f, func(step goldenStep) {
		f.Add([]byte(step.Announcement))
		f.Add([]byte(step.Message))
	})
	start := newParty(f, 2, rosterFor(1, 1, 2, 3), Policy{}).State()
	sender := testIdentity(1).ID()
	f.Fuzz(func(t *testing.T, wire []byte) {
		reader, err := Restore(start, Secrets{Identity: testIdentity(2)}, nil)
		require.NoError(t, err)
		if _, err := reader.Open(testNow, sender, wire); err != nil {
			require.True(t, typed(err), "%v", err)
			require.Equal(t, start, reader.State())
		}
	})
}

// FuzzRestore gives a state of any bytes: what is taken has that one encoding.
func FuzzRestore(f *testing.F) {
	group := newGroup(f, 3, Policy{})
	for i := range group {
		f.Add(group[i].State())
		tell(f, group[i], testNow, "a text", others(group, i)...)
		f.Add(group[i].State())
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		for seed := byte(1); seed <= 3; seed++ {
			if s, err := Restore(state, Secrets{Identity: testIdentity(seed)}, nil); err == nil {
				require.Equal(t, state, s.State())
			}
		}
	})
}

// FuzzParseOffer gives an offer of any bytes: what is taken has that one encoding.
func FuzzParseOffer(f *testing.F) {
	encoded, err := os.ReadFile("testdata/x-wing.json")
	require.NoError(f, err)
	var record goldenConversation
	require.NoError(f, json.Unmarshal(encoded, &record))
	for _, offer := range record.Offers {
		f.Add([]byte(offer))
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if offer, err := ParseOffer(encoded); err == nil {
			require.Equal(t, encoded, offer.Bytes())
		}
	})
}

// A state is authenticated where it is stored. One that is made up must not end the program all the
// same: here this member's place in the roster is not the one that its ID gives.
func TestMadeUpPlaceInTheRosterIsRefused(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	var sealed []Sealed
	for _, member := range group {
		sealed = append(sealed, seal(t, member, testNow, "x"))
	}
	for i, member := range group {
		for position := range uint8(len(group)) {
			state := member.State()
			at := 2 + 3*32 + 8 + (4 + 8 + 4 + 8 + 1 + 1 + 1) + 2 + 8 + hashSize + 1
			require.Equal(t, member.rosters[0].position, state[at])
			state[at] = position
			made, err := Restore(state, member.secrets, nil)
			if err != nil {
				require.ErrorIs(t, err, ErrState)
				continue
			}
			for from := range group {
				if from == i {
					continue
				}
				_, err := made.Open(testNow, group[from].Self(), sealed[from].Announcement)
				require.True(t, err == nil || typed(err), "%v", err)
			}
		}
	}
}

// An announcement that says what none can is refused before anything else is looked at.
func TestImpossibleAnnouncementsAreMalformed(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	first := tell(t, alice, testNow, "x", bob).Announcement
	second, err := alice.Rotate(testNow)
	require.NoError(t, err)
	const flags, previous, stanzas = 2, 15, announcementStart + pq.KEMPublicKeySize
	for name, change := range map[string]func() []byte{
		"an unknown flag":                  func() []byte { return with(second.Announcement, flags, 4|flagHasPrevious) },
		"a previous epoch that is no flag": func() []byte { return with(first, previous+3, 1) },
		"a previous count that is no flag": func() []byte { return with(first, previous+7, 1) },
		"itself as the previous one":       func() []byte { return with(second.Announcement, previous+3, 1) },
		"no stanzas":                       func() []byte { return with(second.Announcement, stanzas, 0) },
		"too many stanzas":                 func() []byte { return with(second.Announcement, stanzas, MaxMembers) },
		"an unknown mode":                  func() []byte { return with(second.Announcement, stanzas+1, 3) },
	} {
		_, err := parseAnnouncement(change())
		require.ErrorIs(t, err, ErrMalformed, name)
		refusedOpen(t, bob, ErrMalformed, testNow, alice.Self(), change())
	}
}

// with returns bytes with another one in a place.
func with(encoded []byte, at int, value byte) []byte {
	changed := bytes.Clone(encoded)
	changed[at] = value
	return changed
}
