package e2ee

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
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
	Members      []hexBytes      `json:"members"` // IDs, in their order
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
	Epoch          uint32   `json:"epoch"`
	Index          uint32   `json:"index"`
	Type           uint8    `json:"type"`
	Salt           hexBytes `json:"salt"`
	Seen           uint64   `json:"seen"` // sequence, and:
	SeenTranscript hexBytes `json:"seenTranscript"`
	Content        string   `json:"content"`
	Padded         hexBytes `json:"padded"`
	Associated     hexBytes `json:"associated"`
	SealKey        hexBytes `json:"sealKey"`  // both from the message key of this index
	NonceKey       hexBytes `json:"nonceKey"` //
	Nonce          hexBytes `json:"nonce"`
	Message        hexBytes `json:"message"`
}

func TestGoldenSchedule(t *testing.T) {
	members := []ID{{1}, {2}, {3}}
	context := sessionContext(testChain, testSession, members)
	sender, recipient := members[0], members[1]
	bound := []byte("an announcement up to its commitment")
	secret := testSeed(0x5e, secretSize)
	record := goldenSchedule{
		Chain: testChain[:], Session: testSession[:], Suite: Suite, Context: context[:],
		Sender: sender[:], Recipient: recipient[:],
		Bound: bound, Secret: secret, PaddedSizes: map[int]int{},
	}
	for i := range members {
		record.Members = append(record.Members, members[i][:])
	}
	hash := transcript(context, sender, bound)
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

	prekey, identity := testPrekey(2).Public(), testIdentity(2).Public().KEM
	record.KeyReference = keyReference(prekey, identity)
	stanzas := []struct {
		head, publicKeys, reply, shared []byte
		ciphertexts                     int
	}{
		{append([]byte{byte(modePrekey)}, record.KeyReference...), slices.Concat(prekey, identity), make([]byte, keySize), testSeed(0x11, 64), modePrekey.ciphertextSize()},
		{[]byte{byte(modeRatchet), 0, 0, 0, 4, 0, 0, 0, 1}, testPrekey(3).Public(), record.ReplyKeys[1], testSeed(0x22, 32), modeRatchet.ciphertextSize()},
	}
	for i, s := range stanzas {
		stanza := goldenStanza{
			Epoch: uint32(i + 4), Head: s.head, Shared: s.shared, Reply: s.reply, PublicKeys: s.publicKeys,
			Ciphertexts: testSeed(byte(0x30+i), s.ciphertexts),
		}
		stanza.WrappingKey, err = wrappingKey(s.shared, [keySize]byte(s.reply), wrapContext{
			context: context, sender: sender, recipient: recipient, epoch: stanza.Epoch,
			stanzaHead: s.head, publicKeys: stanza.PublicKeys, ciphertexts: stanza.Ciphertexts,
		})
		require.NoError(t, err)
		stanza.Wrapped, err = sealOnce(nil, stanza.WrappingKey, secret, nil)
		require.NoError(t, err)
		record.Stanzas = append(record.Stanzas, stanza)
	}
	for i, content := range []string{"", "a short message", string(testSeed('x', 200))} {
		m := goldenMessage{Epoch: 4, Index: uint32(i), Type: uint8(i), Seen: uint64(7 * i), Content: content}
		m.Salt, m.SeenTranscript = testSeed(byte(0x50+i), saltSize), testSeed(byte(0x60+i), hashSize)
		m.Padded, err = pad(bytes.NewReader(m.Salt), Seen{m.Seen, [hashSize]byte(m.SeenTranscript)}, ContentType(i), []byte(content))
		require.NoError(t, err)
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
