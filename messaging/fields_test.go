package messaging

import (
	"slices"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
)

// requireFields requires of each transaction of a round of private sessions that its fields have what the table in
// docs/PRIVACY.md says: nothing but what is random, what the chain says, and sizes of a few.
func (v *view) requireFields() {
	registered := make(map[ids.ID]bool)
	for i, entry := range v.entries {
		t := v.o.t
		if actor := entry.Body.Actor(); actor != ids.Empty && v.belongs[i].kind == aSession {
			require.Equal(t, !registered[actor], entry.Registration != nil, "a pseudonym registers with what it does first")
			registered[actor] = true
		}
		if carried := entry.Registration; carried != nil {
			require.Zero(t, carried.Deadline)
			require.Zero(t, carried.Issuer)
			require.Zero(t, carried.Until)
			require.Empty(t, carried.Admission)
			require.Less(t, carried.Work, uint64(1<<16), "the smallest that does, of a bit or two")
		}
		switch body := entry.Body.(type) {
		case *chain.Invite:
			require.Equal(t, chain.BucketOf(v.roots[0].id, body.Bits), body.To(), "all are of one bucket")
			require.Less(t, body.Work, uint64(1<<16))
		case *chain.CreateSession:
			n := v.belongs[i].n
			require.Len(t, body.Participants, len(v.worlds[0].in(n)))
			require.Empty(t, body.PublicKeys)
			require.Equal(t, body.Creator, body.Participants[0])
			require.True(t, slices.IsSortedFunc(body.Participants[1:], ids.ID.Compare), "in an order that says nothing")
			require.Len(t, body.Metadata, 1)
			require.Equal(t, metadataSuite, body.Metadata[0].Key)
			require.NoError(t, checkSuite(body))
			require.True(t, body.Single)
			require.Zero(t, body.Channel)
			require.Zero(t, body.ChannelVersion)
			require.Zero(t, body.Previous)
		case *chain.SendMessage:
			require.True(t, sizeFits(body.Ciphertext, len(participantsOf(v.sessions[v.belongs[i].n]))), "%x..., %d bytes", body.Ciphertext[:8], len(body.Ciphertext))
		case *chain.Acknowledge, *chain.CloseSession: // the session's own numbers alone
		default:
			require.Fail(t, "a transaction that private sessions do not have", "%T", body)
		}
	}
}

// sizeFits reports whether a ciphertext has one of the sizes that announcements, messages and chunks have in a session of
// some members.
func sizeFits(ciphertext []byte, members int) bool {
	size := len(ciphertext)
	switch ciphertext[0] {
	case 0x10: // a stanza to each other's seat, or announcement, and a message
		rest := afterAnnouncement(ciphertext)
		return size-len(rest) == 1264+1177*(members-1) && (len(rest) == 0 || sizeFits(rest, members))
	case 0x11:
		return paddedTo(size - 49)
	case 0x12:
		return paddedTo(size - 61)
	default:
		return false
	}
}

// afterAnnouncement returns the message that stands after an announcement, empty if there is none.
func afterAnnouncement(ciphertext []byte) []byte {
	const start = 15 + e2ee.PrekeySize
	at := start + 1
	for range ciphertext[start] {
		at += 9 + map[byte]int{0: 0, 1: 1120 + 1088 + 48, 2: 1120 + 48}[ciphertext[at]]
	}
	return ciphertext[at+32:]
}

// paddedTo reports whether something may be padded to a size.
func paddedTo(size int) bool {
	frame := e2ee.PaddedSize(0) - 6 // of a message's content: it fills all of the smallest but 6
	return size == e2ee.PaddedSize(size-frame)
}

// requireGreetings requires that what members of groups send first in a session is as long as docs/PRIVACY.md says: it shows whether
// others were in it before, how many they are, and who has the roster, and nothing of who they are.
func (v *view) requireGreetings() {
	const oneSeat, proofAndSeats = 1457, 15921
	withRoster := map[int]int{2: 23601, 3: 25649, 4: 31793} // by the number of members
	for n, made := range v.schedule.made {
		for seat := range made.seats {
			want := proofAndSeats
			switch {
			case made.phase == isNext:
				want = oneSeat
			case seat == 0:
				want = withRoster[made.seats]
			}
			require.Equal(v.o.t, want, v.sent(n, seat, 0x11)[0])
		}
	}
}
