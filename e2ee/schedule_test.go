package e2ee

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// goldenSchedule has the inputs and the result of each step of the key schedule, as
// docs/PROTOCOL.md describes it: a second implementation checks itself by it piece by piece.
type goldenSchedule struct {
	Chain        hexBytes        `json:"chain"`
	Session      hexBytes        `json:"session"`
	Suite        uint8           `json:"suite"`
	Context      hexBytes        `json:"context"`
	Roster       goldenRoster    `json:"roster"`
	Sender       hexBytes        `json:"sender"`
	Recipient    hexBytes        `json:"recipient"`
	Bound        hexBytes        `json:"bound"` // stands for an announcement up to its commitment
	Transcript   hexBytes        `json:"transcript"`
	Secret       hexBytes        `json:"secret"`
	EpochChain   hexBytes        `json:"epochChain"`
	ReplyRoot    hexBytes        `json:"replyRoot"`
	Commitment   hexBytes        `json:"commitment"`
	MessageKeys  []hexBytes      `json:"messageKeys"`
	ReplyChain   hexBytes        `json:"replyChain"` // of the recipient
	ReplyKeys    []hexBytes      `json:"replyKeys"`
	Stanzas      []goldenStanza  `json:"stanzas"`
	KeyReference hexBytes        `json:"keyReference"` // of the public keys of the first stanza
	Messages     []goldenMessage `json:"messages"`
	PaddedSizes  map[int]int     `json:"paddedSizes"` // by size of the content
}

type goldenRoster struct {
	Members []goldenMember `json:"members"`
	Hash    hexBytes       `json:"hash"`
}

type goldenMember struct {
	ID         hexBytes `json:"id"`
	Identity   hexBytes `json:"identity,omitempty"`   // KEM keys
	SessionKey hexBytes `json:"sessionKey,omitempty"` //
	OfferSuite uint8    `json:"offerSuite,omitempty"`
	OfferKey   hexBytes `json:"offerKey,omitempty"`
}

type goldenStanza struct {
	Epoch       uint32   `json:"epoch"`
	Head        hexBytes `json:"head"`
	PublicKeys  hexBytes `json:"publicKeys"`
	Ciphertexts hexBytes `json:"ciphertexts"`
	Shared      hexBytes `json:"shared"`
	Reply       hexBytes `json:"reply"` // reply key, zeros if none
	WrappingKey hexBytes `json:"wrappingKey"`
	Wrapped     hexBytes `json:"wrapped"`
}

type goldenMessage struct {
	Epoch      uint32   `json:"epoch"`
	Index      uint32   `json:"index"`
	Type       uint8    `json:"type"`
	Content    string   `json:"content"`
	Padded     hexBytes `json:"padded"`
	Associated hexBytes `json:"associated"`
	SealKey    hexBytes `json:"sealKey"`  // both from the message key of this index
	NonceKey   hexBytes `json:"nonceKey"` //
	Nonce      hexBytes `json:"nonce"`
	Message    hexBytes `json:"message"`
}

func TestGoldenSchedule(t *testing.T) {
	suite := SuiteXWing
	context := sessionContext(testChain, testSession, suite)
	key := func(value byte, suite Suite) []byte {
		public, err := suite.publicKey(testSeed(value, suite.seedSize()))
		require.NoError(t, err)
		return public
	}
	members := []member{
		{id: ID{1}, identity: key(1, SuiteMLKEM768)},
		{id: ID{2}, identity: key(2, SuiteMLKEM768), sessionKey: key(3, SuiteMLKEM768)},
		{id: ID{3}, identity: key(4, SuiteMLKEM768), offerSuite: SuiteXWing, offerKey: key(5, SuiteXWing)},
	}
	roster := rosterHash(members)
	sender, recipient := members[0].id, members[1].id
	bound := []byte("an announcement up to its commitment")
	secret := testSeed(0x5e, secretSize)
	record := goldenSchedule{
		Chain: testChain[:], Session: testSession[:], Suite: uint8(suite), Context: context[:],
		Roster: goldenRoster{Hash: roster[:]}, Sender: sender[:], Recipient: recipient[:],
		Bound: bound, Secret: secret, PaddedSizes: map[int]int{},
	}
	for _, m := range members {
		record.Roster.Members = append(record.Roster.Members, goldenMember{m.id[:], m.identity, m.sessionKey, uint8(m.offerSuite), m.offerKey})
	}
	hash := transcript(context, roster, sender, bound)
	record.Transcript = hash[:]
	secrets, err := deriveEpoch(secret, hash)
	require.NoError(t, err)
	record.EpochChain, record.ReplyRoot, record.Commitment = secrets.chain[:], secrets.reply[:], secrets.commitment[:]

	keys := func(chain [keySize]byte, label string) (keys []hexBytes) {
		for range 3 {
			var key [keySize]byte
			key, chain = step(chain, label)
			keys = append(keys, key[:])
		}
		return keys
	}
	record.MessageKeys = keys(secrets.chain, labelMessage)
	replies := replyChain(secrets.reply, recipient)
	record.ReplyChain, record.ReplyKeys = replies[:], keys(replies, labelReplyTo)

	first := []kemKey{{SuiteMLKEM768, members[1].identity}, {SuiteMLKEM768, members[1].sessionKey}}
	record.KeyReference = keyReference(first)
	stanzas := []struct {
		head         []byte
		keys         []kemKey
		reply        []byte
		sharedSecret []byte
	}{
		{append([]byte{byte(modeIdentity | modeSession)}, record.KeyReference...), first, make([]byte, keySize), testSeed(0x11, 64)},
		{[]byte{byte(modeRatchet), 0, 0, 0, 4, 0, 0, 0, 1}, []kemKey{{suite, members[2].offerKey}}, record.ReplyKeys[1], testSeed(0x22, 32)},
	}
	for i, s := range stanzas {
		stanza := goldenStanza{Epoch: uint32(i + 4), Head: s.head, Shared: s.sharedSecret, Reply: s.reply}
		for j, key := range s.keys {
			stanza.PublicKeys = append(stanza.PublicKeys, key.public...)
			stanza.Ciphertexts = append(stanza.Ciphertexts, testSeed(byte(0x30+j), key.suite.ciphertextSize())...)
		}
		stanza.WrappingKey, err = wrappingKey(s.sharedSecret, [keySize]byte(s.reply), wrapContext{
			context: context, roster: roster, sender: sender, recipient: recipient, epoch: stanza.Epoch,
			stanzaHead: s.head, publicKeys: stanza.PublicKeys, ciphertexts: stanza.Ciphertexts,
		})
		require.NoError(t, err)
		stanza.Wrapped, err = sealOnce(nil, stanza.WrappingKey, secret, nil)
		require.NoError(t, err)
		record.Stanzas = append(record.Stanzas, stanza)
	}
	for i, content := range []string{"", "a short message", string(testSeed('x', 200))} {
		m := goldenMessage{Epoch: 4, Index: uint32(i), Type: uint8(i), Content: content, Padded: pad(ContentType(i), []byte(content))}
		header := appendMessageHeader(nil, m.Epoch, m.Index)
		m.Associated = associatedData(testSession, sender, hash, header)
		keys, err := deriveMessageKeys([keySize]byte(record.MessageKeys[i]))
		require.NoError(t, err)
		nonce := keys.syntheticNonce(m.Associated, m.Padded)
		m.SealKey, m.NonceKey, m.Nonce = keys.seal[:], keys.nonce[:], nonce[:]
		m.Message, err = sealMessage(header, [keySize]byte(record.MessageKeys[i]), m.Padded, m.Associated)
		require.NoError(t, err)
		record.Messages = append(record.Messages, m)
	}
	for _, size := range []int{0, 1, 62, 63, 64, 100, 126, 127, 1000, 5000, 65536, MaxContent} {
		record.PaddedSizes[size] = PaddedSize(size)
	}

	path := filepath.Join("testdata", "schedule.json")
	encoded, err := json.MarshalIndent(record, "", " ")
	require.NoError(t, err)
	encoded = append(encoded, '\n')
	if *update {
		require.NoError(t, os.WriteFile(path, encoded, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(encoded))
}
