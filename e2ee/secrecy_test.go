package e2ee

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// stage is a group whose every message is on a chain that an adversary sees.
type stage struct {
	tb        testing.TB
	group     []*Session
	adversary *adversary
	said      int
}

func newStage(tb testing.TB, group ...*Session) *stage {
	return &stage{tb: tb, group: group, adversary: newAdversary(group[0])}
}

// says lets one member send, and the others read. It returns the content.
func (s *stage) says(from int) string {
	s.tb.Helper()
	s.said++
	text := fmt.Sprintf("message %d of member %d", s.said, from)
	s.adversary.sees(s.group[from], tell(s.tb, s.group[from], testNow, text, others(s.group, from)...))
	return text
}

// rounds lets everybody send in turn.
func (s *stage) rounds(count int) (texts []string) {
	s.tb.Helper()
	for range count {
		for i := range s.group {
			texts = append(texts, s.says(i))
		}
	}
	return texts
}

func (s *stage) rotates(member int) {
	s.tb.Helper()
	sealed, err := s.group[member].Rotate(testNow)
	require.NoError(s.tb, err)
	s.adversary.sees(s.group[member], sealed)
	for _, reader := range others(s.group, member) {
		deliver(s.tb, s.group[member], sealed, testNow, "", reader)
	}
}

func (s *stage) reads(texts ...string) {
	s.tb.Helper()
	read := s.adversary.attacks()
	for _, text := range texts {
		require.True(s.tb, read[text], "the adversary should read %q", text)
	}
}

func (s *stage) cannotRead(texts ...string) {
	s.tb.Helper()
	read := s.adversary.attacks()
	for _, text := range texts {
		require.False(s.tb, read[text], "the adversary reads %q", text)
	}
}

func TestAdversaryWithoutSecretsReadsNothing(t *testing.T) {
	s := newStage(t, newGroup(t, 3, Policy{})...)
	s.rounds(4)
	require.Empty(t, s.adversary.attacks())
}

// calm lets everybody send until nobody is about to begin an epoch.
func (s *stage) calm() (texts []string) {
	s.tb.Helper()
	calm := func() bool {
		for _, member := range s.group {
			if member.RotationDue(testNow) != ReasonNone || member.sending.next+2 >= member.policy.MaxMessages {
				return false
			}
		}
		return true
	}
	for range 50 {
		if calm() {
			return texts
		}
		texts = append(texts, s.rounds(1)...)
	}
	s.tb.Fatal("they never are")
	return nil
}

// Forward secrecy: who copies a member's state and identity reads no message that was opened
// before, but for those of the first epochs, which were sealed to its identity: an identity's
// key is never erased. Not even who copies all members' does, once the keys of the first
// epochs are erased.
func TestForwardSecrecy(t *testing.T) {
	for _, stolen := range [][]int{{0}, {1}, {0, 1}} {
		t.Run(fmt.Sprint(stolen), func(t *testing.T) {
			s := newStage(t, newGroup(t, 2, Policy{MaxMessages: 5})...)
			first := s.says(0) // sealed to the identity of member 1
			s.says(1)
			past := append([]string{s.says(0)}, s.rounds(2)...)
			for s.group[0].slots[0].epoch == 0 || s.group[1].slots[0].epoch == 0 {
				past = append(past, s.rounds(1)...)
			}
			past = append(past, s.calm()...)
			for _, member := range stolen {
				s.adversary.steals(s.group[member])
			}
			s.cannotRead(past...)
			if stolen[0] == 0 && len(stolen) == 1 {
				s.cannotRead(first)
			} else {
				s.reads(first)
			}
			// It is a real one: what comes next it reads, until keys are renewed.
			s.reads(s.says(0), s.says(1))
		})
	}
}

// Who copies all members' states and identities while the keys of the first epochs are there
// gets from one epoch to the next.
func TestForwardSecrecyOfAllTogetherNeedsTheFirstKeysErased(t *testing.T) {
	s := newStage(t, newGroup(t, 2, Policy{})...)
	past := s.rounds(3)
	s.adversary.steals(s.group[0])
	s.adversary.steals(s.group[1])
	s.reads(past...)
}

// With offers that are erased, the first epochs are as secret as the others.
func TestForwardSecrecyOfTheFirstEpochWithOffers(t *testing.T) {
	for _, suite := range []Suite{SuiteMLKEM768, SuiteXWing} {
		t.Run(suite.String(), func(t *testing.T) {
			group, keys := newOfferGroup(t, 2, suite, Policy{})
			s := newStage(t, group...)
			past := s.rounds(3)
			for i := range group {
				require.NoError(t, group[i].UseSecrets(Secrets{Identity: testIdentity(byte(i + 1))}))
				keys[i].Wipe()
			}
			past = append(past, s.rounds(2)...)
			s.adversary.steals(group[0])
			s.adversary.steals(group[1])
			s.cannotRead(past...)
		})
	}
}

// A key kept for a message that is late is what a thief gets, until it arrives.
func TestSkippedKeysAreStolen(t *testing.T) {
	s := newStage(t, newGroup(t, 2, Policy{})...)
	s.rounds(3)
	late := seal(t, s.group[0], testNow, "late")
	s.adversary.sees(s.group[0], late)
	s.says(0)
	s.adversary.steals(s.group[1])
	s.reads("late")
}

// Post-compromise security: once a member has renewed its keys and another has answered,
// who copied its state and identity before reads nothing new between them.
func TestPostCompromiseSecurity(t *testing.T) {
	for _, initiator := range []int{0, 1} {
		t.Run(fmt.Sprintf("member %d renews", initiator), func(t *testing.T) {
			s := newStage(t, newGroup(t, 2, Policy{})...)
			past := s.rounds(4)[2:]
			s.adversary.steals(s.group[1])
			s.reads(s.rounds(2)...)
			s.rotates(initiator)
			s.rounds(1) // the answer, and what is sealed to it
			s.says(initiator)
			s.cannotRead(s.rounds(3)...)
			s.cannotRead(past[2:]...)
		})
	}
}

// Until the other has answered, it still seals to the key that was stolen.
func TestPostCompromiseNeedsAnAnswer(t *testing.T) {
	s := newStage(t, newGroup(t, 2, Policy{})...)
	s.rounds(4)
	s.adversary.steals(s.group[1])
	sealed, err := s.group[1].Rotate(testNow)
	require.NoError(t, err)
	s.adversary.sees(s.group[1], sealed)
	before := seal(t, s.group[0], testNow, "has not seen the rotation")
	s.adversary.sees(s.group[0], before)
	s.reads("has not seen the rotation")
	// The one that renewed is safe at once in what it sends.
	own := seal(t, s.group[1], testNow, "sent after the rotation")
	s.adversary.sees(s.group[1], own)
	s.cannotRead("sent after the rotation")
}

// The policy renews by itself.
func TestAutomaticRotationHeals(t *testing.T) {
	s := newStage(t, newGroup(t, 3, Policy{MaxMessages: 5, CoverAfter: 2})...)
	s.rounds(3)
	s.adversary.steals(s.group[2])
	s.reads(s.says(0))
	s.rounds(15)
	s.cannotRead(s.rounds(3)...)
}

// In a group, too, and a theft from each member in turn.
func TestPostCompromiseSecurityInGroups(t *testing.T) {
	s := newStage(t, newGroup(t, 4, Policy{CoverAfter: 2})...)
	s.rounds(6)
	for _, thiefOf := range []int{0, 3} {
		s.adversary.steals(s.group[thiefOf])
	}
	s.reads(s.rounds(1)...)
	s.rotates(0)
	s.rounds(5)
	s.cannotRead(s.rounds(2)...)
}

func TestRemovedMemberReadsNothingNew(t *testing.T) {
	s := newStage(t, newGroup(t, 3, Policy{})...)
	s.rounds(4)
	s.adversary.steals(s.group[2])
	s.reads(s.says(0))
	updateAll(t, rosterFor(2, 1, 2), s.group[0], s.group[1])
	s.group = s.group[:2]
	s.cannotRead(s.rounds(3)...)
}

// Until a member has seen the removal, the removed one reads what it sends.
func TestRemovalTakesEffectWhereItIsSeen(t *testing.T) {
	s := newStage(t, newGroup(t, 3, Policy{})...)
	s.rounds(4)
	s.adversary.steals(s.group[2])
	updateAll(t, rosterFor(2, 1, 2), s.group[0])
	s.adversary.sees(s.group[1], seal(t, s.group[1], testNow, "has not seen the removal"))
	s.reads("has not seen the removal")
}

func TestNewMemberReadsNothingFromBefore(t *testing.T) {
	s := newStage(t, newGroup(t, 2, Policy{})...)
	past := s.rounds(4)
	roster := rosterFor(2, 1, 2, 3)
	updateAll(t, roster, s.group...)
	s.group = append(s.group, newParty(t, 3, roster, Policy{}))
	since := s.rounds(2)
	s.adversary.steals(s.group[2])
	since = append(since, s.rounds(1)...)
	s.cannotRead(past...)
	s.reads(since[len(since)-1])
	// With its identity it reads the first epochs that were sealed to it, none from before.
	s.reads(since[0])
}

// Whoever lists a false session key for somebody reads nothing, as long as the identity is
// known; without it, it does.
func TestFalseSessionKey(t *testing.T) {
	for _, registered := range []bool{true, false} {
		roster := rosterFor(1, 1, 2)
		if registered {
			roster.Members[1].SessionKey = kemKeyOf(9).Public()
		} else {
			roster.Members[1] = Member{ID: roster.Members[1].ID, SessionKey: kemKeyOf(9).Public()}
		}
		alice := newParty(t, 1, roster, Policy{AllowUnverified: true})
		mallory := newAdversary(alice)
		mallory.stealsSecrets(Secrets{Identity: testIdentity(9), SessionKeys: []*pq.KEMKey{kemKeyOf(9)}})
		mallory.sees(alice, seal(t, alice, testNow, "for Bob"))
		require.Equal(t, !registered, mallory.attacks()["for Bob"])
	}
}

// Within a group, only the signature over the transaction says who wrote a message.
func TestMembersForgeWhereSignaturesAreNotChecked(t *testing.T) {
	group := newGroup(t, 3, Policy{})
	tell(t, group[0], testNow, "mine", group[1], group[2])
	opened, err := group[2].Open(testNow, group[0].Self(), forges(group[1], group[0].Self(), "not mine"))
	require.NoError(t, err)
	require.Equal(t, "not mine", string(opened.Content))
}

// Who stole the identity too, and sends, takes the member's place: rotation does not help.
func TestThiefWhoSendsTakesTheMembersPlace(t *testing.T) {
	s := newStage(t, newGroup(t, 2, Policy{})...)
	s.rounds(3)
	thief := restored(t, s.group[1])
	sealed, err := thief.Rotate(testNow)
	require.NoError(t, err)
	deliver(t, thief, sealed, testNow, "", s.group[0])
	answer := seal(t, s.group[0], testNow, "to the thief")
	deliver(t, s.group[0], answer, testNow, "to the thief", thief)
	// It shows: the member itself cannot open the answer.
	refusedOpen(t, s.group[1], ErrKeyErased, testNow, s.group[0].Self(), answer.Announcement)
}
