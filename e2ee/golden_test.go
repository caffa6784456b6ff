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
	Does         string   `json:"does"`         // seal, rotate or update
	Time         uint64   `json:"time"`         // Unix milliseconds
	Content      string   `json:"content"`      // what is sealed
	Reason       string   `json:"reason"`       // why there is an announcement
	Announcement hexBytes `json:"announcement"` // what goes onto the chain first
	Message      hexBytes `json:"message"`      // and then
	StateHash    hexBytes `json:"stateHash"`    // SHA-256 of the member's state, afterwards
}

// goldenConversation has all that a second implementation needs to make the same bytes. The
// randomness of member n is SHAKE-256 of the name and n, as one byte: read in the order that
// prepareEpoch says.
type goldenConversation struct {
	Name    string       `json:"name"`
	Suite   uint8        `json:"suite"`
	Chain   hexBytes     `json:"chain"`
	Session hexBytes     `json:"session"`
	Members []hexBytes   `json:"members"` // identity IDs
	Offers  []hexBytes   `json:"offers"`  // encoded; if they have any
	Steps   []goldenStep `json:"steps"`
}

// golden plays a conversation of three members and returns its record.
func golden(t *testing.T, name string, suite Suite, offers bool) *goldenConversation {
	t.Helper()
	record := &goldenConversation{Name: name, Suite: uint8(suite), Chain: testChain[:], Session: testSession[:]}
	members := []byte{1, 2, 3}
	roster := rosterFor(1, members...)
	secrets := make([]Secrets, len(members))
	for i, seed := range members {
		identity := testIdentity(seed)
		id := identity.ID()
		secrets[i].Identity = identity
		record.Members = append(record.Members, id[:])
		if offers {
			// ML-DSA signatures are not unique: the offer is made with a fixed key, and signed
			// deterministically.
			key, err := OfferKeyFromSeed(suite, testSeed(seed, suite.seedSize()))
			require.NoError(t, err)
			offer := &Offer{Suite: suite, Chain: testChain, Identity: id, Expires: testNow + 1_000_000, PublicKey: key.public}
			offer.Signature, err = identity.SignDeterministic(ContextOffer, offer.unsigned())
			require.NoError(t, err)
			require.NoError(t, offer.Verify(identity.Public(), testChain, testNow))
			roster.Members[i].Offer = offer
			secrets[i].Offers = []*OfferKey{key}
			record.Offers = append(record.Offers, offer.Bytes())
		}
	}
	var parties []*Session
	for i, seed := range members {
		party, err := New(Config{
			Chain: testChain, Session: testSession, Suite: suite, Secrets: secrets[i], Roster: roster, Now: testNow,
			Policy: Policy{MaxMessages: 3}, Random: testRandom(name + string(rune(seed))),
		})
		require.NoError(t, err)
		parties = append(parties, party)
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
	// The third member leaves.
	rest := roster
	rest.Version, rest.Members = 2, roster.Members[:2]
	parties = parties[:2]
	for i := range parties {
		_, err := parties[i].Update(now, rest)
		require.NoError(t, err)
		record.Steps = append(record.Steps, goldenStep{Member: i + 1, Does: "update", Time: now, StateHash: stateHash(parties[i])})
	}
	record.step(t, parties, 1, "seal", &now, "without the third")
	record.step(t, parties, 0, "seal", &now, "that was it")
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
		err    error
	)
	if does == "rotate" {
		sealed, err = parties[member].Rotate(*now)
	} else {
		sealed, err = parties[member].Seal(*now, ContentText, []byte(text))
	}
	require.NoError(t, err)
	for _, reader := range others(parties, member) {
		deliver(t, parties[member], sealed, *now, text, reader)
	}
	g.Steps = append(g.Steps, goldenStep{
		Member: member + 1, Does: does, Time: *now, Content: text, Reason: sealed.Reason.String(),
		Announcement: sealed.Announcement, Message: sealed.Message, StateHash: stateHash(parties[member]),
	})
}

func TestGoldenConversations(t *testing.T) {
	for name, c := range map[string]struct {
		suite  Suite
		offers bool
	}{"ml-kem-768": {SuiteMLKEM768, false}, "x-wing": {SuiteXWing, true}, "x-wing-without-offers": {SuiteXWing, false}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".json")
			encoded, err := json.MarshalIndent(golden(t, name, c.suite, c.offers), "", " ")
			require.NoError(t, err)
			encoded = append(encoded, '\n')
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, encoded, 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), string(encoded))
		})
	}
}

// TestGoldenMessagesOpen opens a recorded conversation with its identities alone: what was
// written once can be read later.
func TestGoldenMessagesOpen(t *testing.T) {
	encoded, err := os.ReadFile("testdata/ml-kem-768.json")
	require.NoError(t, err)
	var record goldenConversation
	require.NoError(t, json.Unmarshal(encoded, &record))
	reader := newParty(t, 2, rosterFor(1, 1, 2, 3), Policy{MaxMessages: 3})
	for _, step := range record.Steps[:2] {
		sender := testIdentity(byte(step.Member)).ID()
		if len(step.Announcement) > 0 {
			_, err := reader.Open(step.Time, sender, step.Announcement)
			require.NoError(t, err)
		}
		opened, err := reader.Open(step.Time, sender, step.Message)
		require.NoError(t, err)
		require.Equal(t, step.Content, string(opened.Content))
	}
}
