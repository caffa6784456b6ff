package e2ee

import (
	"crypto/sha3"
	"fmt"
	"slices"
	"testing"

	"github.com/cloudflare/circl/kem/xwing"
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

// forgetsPrekeys erases a member's prekeys, as the time does.
func forgetsPrekeys(tb testing.TB, members ...*Session) {
	tb.Helper()
	for _, s := range members {
		for _, prekey := range s.secrets.Prekeys {
			prekey.Wipe()
		}
		require.NoError(tb, s.UseSecrets(Secrets{Identity: s.secrets.Identity}))
	}
}

// Forward secrecy: who copies a member's state and identity reads no message that was opened
// before, from the first one on, once the prekeys are erased. Not even who copies all members' does.
func TestForwardSecrecy(t *testing.T) {
	for _, stolen := range [][]int{{0}, {1}, {0, 1}} {
		t.Run(fmt.Sprint(stolen), func(t *testing.T) {
			s := newStage(t, newGroup(t, 2, Policy{MaxMessages: 5})...)
			past := append([]string{s.says(0), s.says(1), s.says(0)}, s.rounds(2)...)
			for s.group[0].slots[0].epoch == 0 || s.group[1].slots[0].epoch == 0 {
				past = append(past, s.rounds(1)...)
			}
			past = append(past, s.calm()...)
			forgetsPrekeys(t, s.group...)
			for _, member := range stolen {
				s.adversary.steals(s.group[member])
			}
			s.cannotRead(past...)
			// It is a real one: what comes next it reads, until keys are renewed.
			s.reads(s.says(0), s.says(1))
		})
	}
}

// The first message is as secret as the others: who steals the identities of both sides later, and
// all else that they have then, reads neither it nor its answer.
func TestFirstMessagesAreForwardSecret(t *testing.T) {
	s := newStage(t, newGroup(t, 3, Policy{})...)
	past := []string{s.says(0), s.says(1), s.says(2)}
	forgetsPrekeys(t, s.group...)
	for seed := range byte(3) {
		s.adversary.stealsSecrets(Secrets{Identity: testIdentity(seed + 1)})
	}
	s.cannotRead(past...)
	past = append(past, s.rounds(2)...)
	for _, member := range s.group {
		s.adversary.steals(member)
	}
	s.cannotRead(past...)
}

// The control: who steals a prekey and the identity while the prekey is there reads what was sealed
// to both, and neither of them opens it alone.
func TestFirstMessagesNeedPrekeyAndIdentity(t *testing.T) {
	for _, c := range []struct {
		identity, prekey byte // of which member
		reads            bool
	}{{2, 2, true}, {2, 3, false}, {3, 2, false}} {
		s := newStage(t, newGroup(t, 2, Policy{})...)
		first := s.says(0)
		s.adversary.stealsSecrets(Secrets{Identity: testIdentity(c.identity), Prekeys: []*Prekey{testPrekey(c.prekey)}})
		require.Equal(t, c.reads, s.adversary.attacks()[first], "%+v", c)
	}
}

// Who copies all members' states and identities while the prekeys are there gets from one epoch to
// the next.
func TestForwardSecrecyOfAllTogetherNeedsThePrekeysErased(t *testing.T) {
	s := newStage(t, newGroup(t, 2, Policy{})...)
	past := s.rounds(3)
	s.adversary.steals(s.group[0])
	s.adversary.steals(s.group[1])
	s.reads(past...)
}

// Hybrid from the first byte: what the X25519 half of the prekey adds is in the key. Who can do
// all of ML-KEM-768, for both keys, has not got it.
func TestFirstMessagesAreHybrid(t *testing.T) {
	alice := newParty(t, 1, Policy{}, 1, 2)
	wire, err := parseAnnouncement(seal(t, alice, testNow, "x").Announcement)
	require.NoError(t, err)
	at := &wire.stanzas[0]
	right := secretsOf(2)
	shared, public, err := right.open(at)
	require.NoError(t, err)
	wrap := func(shared []byte) error {
		key, err := wrappingKey(shared, [keySize]byte{}, wrapContext{
			context: alice.context, sender: alice.Self(), recipient: testIdentity(2).ID(),
			epoch: wire.epoch, stanzaHead: at.head, publicKeys: public, ciphertexts: at.ciphertexts,
		})
		require.NoError(t, err)
		_, err = openOnce(key, at.wrapped, nil)
		return err
	}
	require.NoError(t, wrap(shared))
	expander := sha3.NewSHAKE256()
	expander.Write(testPrekey(2).Seed())
	expanded := make([]byte, 96)
	expander.Read(expanded)
	for name, seeds := range map[string][2][]byte{
		"without the X25519 secret":     {expanded[:64], make([]byte, 32)},
		"without the ML-KEM-768 secret": {make([]byte, 64), expanded[64:]},
	} {
		half := xwingFrom(t, seeds[0], seeds[1], testPrekey(2).public[pq.KEMPublicKeySize:], at.ciphertexts[:xwing.CiphertextSize])
		require.Error(t, wrap(slices.Concat(half, shared[32:])), name)
	}
	require.NoError(t, wrap(slices.Concat(xwingByHand(t, testPrekey(2).Seed(), at.ciphertexts[:xwing.CiphertextSize]), shared[32:])), "with both")
	require.Error(t, wrap(slices.Concat(shared[:32], make([]byte, 32))), "without the identity's secret")
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
