package e2ee

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// goldenStep is one step of a golden conversation: what a member does, and what comes of it.
type goldenStep struct {
	Member       int      `json:"member"`       // of the roster: its identity's seed is 32 times this number
	Does         string   `json:"does"`         // seal or rotate
	Time         uint64   `json:"time"`         // Unix milliseconds
	Seen         uint64   `json:"seen"`         // how far the member had read; the transcript is 32 times this number
	Content      string   `json:"content"`      // what is sealed
	Reason       string   `json:"reason"`       // why there is an announcement
	Announcement hexBytes `json:"announcement"` // what goes onto the chain first
	Message      hexBytes `json:"message"`      // and then
	StateHash    hexBytes `json:"stateHash"`    // SHA-256 of the member's state, afterwards
}

// goldenConversation has all that a second implementation needs to make the same bytes. The
// randomness of member n is SHAKE-256 of the name and n, as one byte: read in the order that
// prepareEpoch says, and then a message's salt.
type goldenConversation struct {
	Name    string       `json:"name"`
	Suite   uint8        `json:"suite"`
	Chain   hexBytes     `json:"chain"`
	Session hexBytes     `json:"session"`
	Members []hexBytes   `json:"members"` // identity IDs
	Prekeys []hexBytes   `json:"prekeys"` // their seeds
	Steps   []goldenStep `json:"steps"`
}

const goldenName = "conversation"

// golden plays a conversation of three members and returns its record.
func golden(t *testing.T) *goldenConversation {
	t.Helper()
	record := &goldenConversation{Name: goldenName, Suite: Suite, Chain: testChain[:], Session: testSession[:]}
	members := []byte{1, 2, 3}
	var parties []*Session
	for _, seed := range members {
		id := testIdentity(seed).ID()
		record.Members = append(record.Members, id[:])
		record.Prekeys = append(record.Prekeys, testPrekey(seed).Seed())
		parties = append(parties, newPartyOf(t, Config{
			Chain: testChain, Session: testSession, Secrets: secretsOf(seed),
			Policy: Policy{MaxMessages: 3}, Random: testRandom(goldenName + string(rune(seed))),
		}, members...))
	}
	now := uint64(testNow)
	record.step(t, parties, 0, "seal", &now, "first")
	record.step(t, parties, 0, "seal", &now, "")
	record.step(t, parties, 1, "seal", &now, "an answer")
	record.step(t, parties, 2, "seal", &now, "a third voice")
	record.step(t, parties, 0, "seal", &now, "in a new epoch, because the others have new keys")
	for range 4 {
		record.step(t, parties, 1, "seal", &now, "more than one epoch holds")
	}
	record.step(t, parties, 2, "rotate", &now, "")
	record.step(t, parties, 0, "seal", &now, "after the rotation")
	record.step(t, parties, 1, "seal", &now, "that was it")
	return record
}

func stateHash(s *Session) []byte {
	hash := sha256.Sum256(s.State())
	return hash[:]
}

func testSeed(value byte, size int) []byte {
	seed := make([]byte, size)
	for i := range seed {
		seed[i] = value
	}
	return seed
}

func (g *goldenConversation) step(t *testing.T, parties []*Session, member int, does string, now *uint64, text string) {
	t.Helper()
	*now += 1000
	var (
		sealed Sealed
		seen   Seen
		err    error
	)
	if does == "rotate" {
		sealed, err = parties[member].Rotate(*now)
	} else {
		seen.Sequence = uint64(len(g.Steps))
		copy(seen.Transcript[:], testSeed(byte(seen.Sequence), hashSize))
		sealed, err = parties[member].Seal(*now, seen, ContentText, []byte(text))
	}
	require.NoError(t, err)
	for _, reader := range others(parties, member) {
		deliver(t, parties[member], sealed, *now, text, reader)
	}
	g.Steps = append(g.Steps, goldenStep{
		Member: member + 1, Does: does, Time: *now, Seen: seen.Sequence, Content: text, Reason: sealed.Reason.String(),
		Announcement: sealed.Announcement, Message: sealed.Message, StateHash: stateHash(parties[member]),
	})
}

func TestGoldenConversation(t *testing.T) {
	path := filepath.Join("testdata", goldenName+".json")
	encoded, err := json.MarshalIndent(golden(t), "", " ")
	require.NoError(t, err)
	encoded = append(encoded, '\n')
	if *update {
		require.NoError(t, os.WriteFile(path, encoded, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(encoded))
}

func readGolden(tb testing.TB) (record goldenConversation) {
	tb.Helper()
	encoded, err := os.ReadFile(filepath.Join("testdata", goldenName+".json"))
	require.NoError(tb, err)
	require.NoError(tb, json.Unmarshal(encoded, &record))
	return record
}

// TestGoldenMessagesOpen opens a recorded conversation with its identities and prekeys alone: what
// was written once can be read later.
func TestGoldenMessagesOpen(t *testing.T) {
	reader := newParty(t, 2, Policy{MaxMessages: 3}, 1, 2, 3)
	for _, step := range readGolden(t).Steps[:2] {
		sender := testIdentity(byte(step.Member)).ID()
		if len(step.Announcement) > 0 {
			_, err := reader.Open(step.Time, sender, step.Announcement)
			require.NoError(t, err)
		}
		opened, err := reader.Open(step.Time, sender, step.Message)
		require.NoError(t, err)
		require.Equal(t, step.Content, string(opened.Content))
		require.EqualValues(t, step.Seen, opened.Seen.Sequence)
	}
}
