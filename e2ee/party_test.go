package e2ee

import (
	"bytes"
	"crypto/sha3"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	testChain   = [32]byte{0: 0xc0}
	testSession = [32]byte{0: 0x07, 31: 0x01}
)

const testNow = 1_800_000_000_000

// testRandom is a source of randomness that a name determines: SHAKE-256 of it.
func testRandom(name string) io.Reader {
	stream := sha3.NewSHAKE256()
	stream.Write([]byte(name))
	return stream
}

// membersOf returns the IDs of members with seed bytes.
func membersOf(seeds ...byte) (members []ID) {
	for _, seed := range seeds {
		members = append(members, testIdentity(seed).ID())
	}
	return members
}

// testPrekey returns the prekey of the member with a seed byte.
func testPrekey(seed byte) *Prekey {
	prekey, err := PrekeyFromSeed(bytes.Repeat([]byte{seed}, PrekeySeedSize))
	if err != nil {
		panic(err)
	}
	return prekey
}

// secretsOf returns all that the member with a seed byte has.
func secretsOf(seed byte) Secrets {
	return Secrets{Identity: testIdentity(seed), Prekeys: []*Prekey{testPrekey(seed)}}
}

// newParty makes the session of the member with a seed byte, which knows the others' prekeys.
func newParty(tb testing.TB, seed byte, policy Policy, members ...byte) *Session {
	tb.Helper()
	return newPartyOf(tb, Config{Chain: testChain, Session: testSession, Secrets: secretsOf(seed), Policy: policy}, members...)
}

func newPartyOf(tb require.TestingT, config Config, members ...byte) *Session {
	config.Members = membersOf(members...)
	party, err := New(config)
	require.NoError(tb, err)
	for _, seed := range members {
		if identity := testIdentity(seed); identity.ID() != party.Self() {
			require.NoError(tb, party.SetPrekey(identity.ID(), identity.Public().KEM, testPrekey(seed).Public()))
		}
	}
	return party
}

// newGroup makes the sessions of members with the seed bytes 1 to count.
func newGroup(tb testing.TB, count int, policy Policy) []*Session {
	tb.Helper()
	var seeds []byte
	for i := range count {
		seeds = append(seeds, byte(i+1))
	}
	group := make([]*Session, count)
	for i, seed := range seeds {
		group[i] = newParty(tb, seed, policy, seeds...)
	}
	return group
}

// wires returns what was sealed, in the order that it is sent in.
func (s Sealed) wires() [][]byte {
	var wires [][]byte
	for _, wire := range [][]byte{s.Announcement, s.Message} {
		if wire != nil {
			wires = append(wires, wire)
		}
	}
	return wires
}

func seal(tb testing.TB, from *Session, now uint64, text string) Sealed {
	tb.Helper()
	sealed, err := from.Seal(now, Seen{}, ContentText, []byte(text))
	require.NoError(tb, err)
	return sealed
}

// tell seals a text and lets all others open it.
func tell(tb testing.TB, from *Session, now uint64, text string, to ...*Session) Sealed {
	tb.Helper()
	sealed := seal(tb, from, now, text)
	for _, reader := range to {
		deliver(tb, from, sealed, now, text, reader)
	}
	return sealed
}

func deliver(tb testing.TB, from *Session, sealed Sealed, now uint64, text string, reader *Session) {
	tb.Helper()
	if sealed.Announcement != nil {
		opened, err := reader.Open(now, from.Self(), sealed.Announcement)
		require.NoError(tb, err)
		require.True(tb, opened.Announcement)
	}
	if sealed.Message != nil {
		opened, err := reader.Open(now, from.Self(), sealed.Message)
		require.NoError(tb, err)
		require.Equal(tb, text, string(opened.Content))
		require.Equal(tb, sealed.Index, opened.Index)
		require.Equal(tb, sealed.Epoch, opened.Epoch)
	}
}

// others returns a group without one of its members.
func others(group []*Session, without int) []*Session {
	var rest []*Session
	for i := range group {
		if i != without {
			rest = append(rest, group[i])
		}
	}
	return rest
}

// refused checks that a call fails with a reason and leaves the state as it was.
func refused(tb testing.TB, s *Session, reason error, call func() error) {
	tb.Helper()
	before := s.State()
	require.ErrorIs(tb, call(), reason)
	require.Equal(tb, before, s.State())
}

func refusedOpen(tb testing.TB, s *Session, reason error, now uint64, sender ID, encoded []byte) {
	tb.Helper()
	refused(tb, s, reason, func() error {
		_, err := s.Open(now, sender, encoded)
		return err
	})
}

// restored returns a session that went through its serialised form.
func restored(tb testing.TB, s *Session) *Session {
	tb.Helper()
	state := s.State()
	back, err := Restore(state, s.secrets, s.random)
	require.NoError(tb, err)
	require.Equal(tb, state, back.State())
	return back
}
