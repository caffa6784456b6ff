package e2ee

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryFlippedByteIsRefused: of each kind of protocol message, and nothing changes.
func TestEveryFlippedByteIsRefused(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	alice, bob, carol := group[0], group[1], group[2]
	first := seal(t, alice, testNow, "sealed to prekeys")
	deliver(t, alice, first, testNow, "sealed to prekeys", carol)
	flipAll(t, bob, alice, first.Announcement)
	_, err := bob.Open(testNow, alice.Self(), first.Announcement)
	require.NoError(t, err)
	flipAll(t, bob, alice, first.Message)
	deliver(t, alice, Sealed{Message: first.Message, Epoch: first.Epoch, Index: first.Index}, testNow, "sealed to prekeys", bob)

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
		ErrMalformed, ErrVersion, ErrChunk, ErrSize, ErrSender, ErrWiped, ErrEpochUnknown, ErrEpochErased,
		ErrRepeated, ErrTooFarAhead, ErrKeyErased, ErrAuthentication, ErrExhausted, ErrSuite,
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
	for _, step := range readGolden(f).Steps {
		add(step)
	}
}

// FuzzOpen gives a member anything: it opens, or is refused with a typed error and leaves
// the state as it was.
func FuzzOpen(f *testing.F) {
	addGolden(f, func(step goldenStep) {
		f.Add([]byte(step.Announcement))
		f.Add([]byte(step.Message))
		f.Add(slices.Concat([]byte(step.Announcement), []byte(step.Message)))
	})
	start := newParty(f, 2, Policy{}, 1, 2, 3).State()
	sender := testIdentity(1).ID()
	f.Fuzz(func(t *testing.T, wire []byte) {
		reader, err := Restore(start, secretsOf(2), nil)
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

// An announcement that says what none can is refused before anything else is looked at.
func TestImpossibleAnnouncementsAreMalformed(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	alice, bob := pair[0], pair[1]
	first := tell(t, alice, testNow, "x", bob).Announcement
	second, err := alice.Rotate(testNow)
	require.NoError(t, err)
	const flags, previous, stanzas = 2, 7, announcementStart + PrekeySize
	for name, change := range map[string]func() []byte{
		"an unknown flag":                  func() []byte { return with(second.Announcement, flags, 4|flagHasPrevious) },
		"a previous epoch that is no flag": func() []byte { return with(first, previous+3, 1) },
		"a previous count that is no flag": func() []byte { return with(first, previous+7, 1) },
		"itself as the previous one":       func() []byte { return with(second.Announcement, previous+3, 2) },
		"a seat as the previous one":       func() []byte { return with(second.Announcement, previous+3, 0) },
		"the epoch of a seat":              func() []byte { return with(first, 6, 0) },
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

func TestAnotherSuiteIsRefused(t *testing.T) {
	pair := newGroup(t, 2, Policy{})
	sealed := seal(t, pair[0], testNow, "x")
	for _, suite := range []byte{0, 1, 3, 0xff} {
		refusedOpen(t, pair[1], ErrSuite, testNow, pair[0].Self(), with(sealed.Announcement, 1, suite))
	}
}
