package warp

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	peer "github.com/luxfi/node/vms/platformvm/warp"
	peerpayload "github.com/luxfi/node/vms/platformvm/warp/payload"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func drawID(t *rapid.T, label string) ids.ID {
	return ids.ID(rapid.SliceOfN(rapid.Byte(), ids.IDLen, ids.IDLen).Draw(t, label))
}

// The peer is the platform's own package.
func TestEncodingsEqualThePlatforms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hash := drawID(t, "hash")
		theirHash, err := peerpayload.NewHash(hash)
		require.NoError(t, err)
		require.Equal(t, theirHash.Bytes(), HashPayload(hash))
		parsedHash, err := ParseHashPayload(theirHash.Bytes())
		require.NoError(t, err)
		require.Equal(t, hash, parsedHash)

		call := &AddressedCall{
			SourceAddress: rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "address"),
			Payload:       rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "payload"),
		}
		theirCall, err := peerpayload.NewAddressedCall(call.SourceAddress, call.Payload)
		require.NoError(t, err)
		require.Equal(t, theirCall.Bytes(), call.Bytes())
		parsedCall, err := ParseAddressedCall(theirCall.Bytes())
		require.NoError(t, err)
		require.Equal(t, call.Bytes(), parsedCall.Bytes())
		_, err = peerpayload.ParseAddressedCall(call.Bytes())
		require.NoError(t, err)

		unsigned := &UnsignedMessage{NetworkID: rapid.Uint32().Draw(t, "network"), SourceChainID: drawID(t, "chain"), Payload: call.Bytes()}
		theirUnsigned, err := peer.NewUnsignedMessage(unsigned.NetworkID, unsigned.SourceChainID, unsigned.Payload)
		require.NoError(t, err)
		require.Equal(t, theirUnsigned.Bytes(), unsigned.Bytes())
		require.Equal(t, theirUnsigned.ID(), unsigned.ID())
		parsedUnsigned, err := ParseUnsignedMessage(theirUnsigned.Bytes())
		require.NoError(t, err)
		require.Equal(t, unsigned, parsedUnsigned)

		signed := &Message{
			UnsignedMessage: *unsigned,
			Signers:         NewSigners(rapid.SliceOfN(rapid.IntRange(0, 90), 0, 20).Draw(t, "signers")...),
			Signature:       Signature(rapid.SliceOfN(rapid.Byte(), SignatureSize, SignatureSize).Draw(t, "signature")),
		}
		theirs, err := peer.NewMessage(theirUnsigned, &peer.BitSetSignature{Signers: signed.Signers, Signature: signed.Signature})
		require.NoError(t, err)
		require.Equal(t, theirs.Bytes(), signed.Bytes())
		parsed, err := ParseMessage(theirs.Bytes())
		require.NoError(t, err)
		require.Equal(t, signed.Bytes(), parsed.Bytes())
		theirParsed, err := peer.ParseMessage(signed.Bytes())
		require.NoError(t, err)
		n, err := theirParsed.Signature.NumSigners()
		require.NoError(t, err)
		require.Equal(t, n, signed.Signers.Len())
	})
}

func TestWhatThePlatformRefusesIsRefused(t *testing.T) {
	unsigned := testDelivery().UnsignedMessage(testNetworkID)
	signed := &Message{UnsignedMessage: *unsigned, Signers: NewSigners(0, 9), Signature: Signature{1}}
	certificate := &Certificate{NetworkID: testNetworkID, SourceChainID: testChainID, BlockID: ids.ID{5}, Signers: NewSigners(1)}
	changed := func(encoded []byte, at int, value byte) []byte {
		c := bytes.Clone(encoded)
		c[at] = value
		return c
	}
	parseUnsigned := func(b []byte) error { _, err := ParseUnsignedMessage(b); return err }
	parseMessage := func(b []byte) error { _, err := ParseMessage(b); return err }
	parseHash := func(b []byte) error { _, err := ParseHashPayload(b); return err }
	parseCall := func(b []byte) error { _, err := ParseAddressedCall(b); return err }
	parseCertificate := func(b []byte) error { _, err := ParseCertificate(b); return err }
	parseDelivery := func(b []byte) error {
		_, err := (&UnsignedMessage{SourceChainID: testChainID, Payload: b}).Delivery()
		return err
	}
	delivery := func(address, payload []byte) []byte {
		return (&AddressedCall{SourceAddress: address, Payload: payload}).Bytes()
	}
	u, s, h, c := unsigned.Bytes(), signed.Bytes(), HashPayload(ids.ID{1}), unsigned.Payload
	sender, other := ids.ID{1}, testDelivery()
	other.ChainID = ids.ID{9}
	for name, test := range map[string]struct {
		parse func([]byte) error
		bytes []byte
		way   error
		want  refusal.Reason
	}{
		"unsigned: nothing":                  {parseUnsigned, nil, ErrCodec, refusal.ErrMalformed},
		"unsigned: another codec version":    {parseUnsigned, changed(u, 1, 1), ErrCodec, refusal.ErrVersion},
		"unsigned: cut short":                {parseUnsigned, u[:len(u)-1], ErrCodec, refusal.ErrMalformed},
		"unsigned: one byte more":            {parseUnsigned, append(bytes.Clone(u), 0), ErrCodec, refusal.ErrMalformed},
		"unsigned: a length of 4 GiB":        {parseUnsigned, changed(changed(u, 38, 0xff), 39, 0xff), ErrCodec, refusal.ErrTooLarge},
		"unsigned: too large":                {parseUnsigned, make([]byte, MaxUnsignedMessageBytes+1), ErrCodec, refusal.ErrTooLarge},
		"message: an unsigned one":           {parseMessage, u, ErrCodec, refusal.ErrMalformed},
		"message: another signature type":    {parseMessage, changed(s, len(u)+3, 1), ErrPayloadType, refusal.ErrMalformed},
		"message: one byte more":             {parseMessage, append(bytes.Clone(s), 0), ErrCodec, refusal.ErrMalformed},
		"message: cut short":                 {parseMessage, s[:len(s)-1], ErrCodec, refusal.ErrMalformed},
		"message: padded signers":            {parseMessage, changed(s, len(u)+8, 0), ErrSignerBits, refusal.ErrMalformed},
		"message: signers beyond the bound":  {parseMessage, changed(s, len(u)+6, 0x80), ErrCodec, refusal.ErrTooLarge},
		"hash: an addressed call":            {parseHash, c, ErrPayloadType, refusal.ErrMalformed},
		"hash: one byte more":                {parseHash, append(bytes.Clone(h), 0), ErrCodec, refusal.ErrMalformed},
		"hash: cut short":                    {parseHash, h[:len(h)-1], ErrCodec, refusal.ErrMalformed},
		"hash: another codec version":        {parseHash, changed(h, 0, 1), ErrCodec, refusal.ErrVersion},
		"call: a hash":                       {parseCall, h, ErrPayloadType, refusal.ErrMalformed},
		"call: one byte more":                {parseCall, append(bytes.Clone(c), 0), ErrCodec, refusal.ErrMalformed},
		"call: cut short":                    {parseCall, c[:len(c)-1], ErrCodec, refusal.ErrMalformed},
		"call: too large":                    {parseCall, make([]byte, MaxPayloadBytes+1), ErrCodec, refusal.ErrTooLarge},
		"certificate: a delivery":            {parseCertificate, s, ErrPayloadType, refusal.ErrMalformed},
		"certificate: one byte more":         {parseCertificate, append(certificate.Bytes(), 0), ErrCodec, refusal.ErrMalformed},
		"delivery: a hash":                   {parseDelivery, h, ErrPayloadType, refusal.ErrMalformed},
		"delivery: an address of 20 bytes":   {parseDelivery, delivery(sender[:20], testDelivery().Bytes()), ErrPayloadType, refusal.ErrMalformed},
		"delivery: nothing":                  {parseDelivery, delivery(sender[:], nil), ErrPayloadType, refusal.ErrVersion},
		"delivery: another type":             {parseDelivery, delivery(sender[:], changed(testDelivery().Bytes(), 0, 2)), ErrPayloadType, refusal.ErrVersion},
		"delivery: one byte more":            {parseDelivery, delivery(sender[:], append(testDelivery().Bytes(), 0)), ErrPayloadType, refusal.ErrMalformed},
		"delivery: cut short":                {parseDelivery, delivery(sender[:], testDelivery().Bytes()[:DeliverySize-1]), ErrPayloadType, refusal.ErrMalformed},
		"delivery: another chain's delivery": {parseDelivery, delivery(sender[:], other.Bytes()), ErrWrongChain, refusal.ErrWrongChain},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.parse(test.bytes)
			require.ErrorIs(t, err, test.way)
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestEveryPrefixIsRefused(t *testing.T) {
	unsigned := testDelivery().UnsignedMessage(testNetworkID)
	encoded := (&Message{UnsignedMessage: *unsigned, Signers: NewSigners(3)}).Bytes()
	for n := range encoded {
		_, err := ParseMessage(encoded[:n])
		require.Error(t, err, n)
	}
}

func TestDeliveryBindsEachOfItsFields(t *testing.T) {
	d := testDelivery()
	parsed, err := d.UnsignedMessage(testNetworkID).Delivery()
	require.NoError(t, err)
	require.Equal(t, d, parsed)
	require.Len(t, d.Bytes(), DeliverySize)
	for name, change := range map[string]func(*Delivery){
		"chain":      func(d *Delivery) { d.ChainID[0]++ },
		"height":     func(d *Delivery) { d.Height++ },
		"root":       func(d *Delivery) { d.StateRoot[0]++ },
		"session":    func(d *Delivery) { d.Session[0]++ },
		"id":         func(d *Delivery) { d.Transaction[0]++ },
		"type":       func(d *Delivery) { d.Type = ReceiptType },
		"transcript": func(d *Delivery) { d.Transcript[0]++ },
		"sequence":   func(d *Delivery) { d.Sequence++ },
		"sender":     func(d *Delivery) { d.Sender[0]++ },
	} {
		other := *d
		change(&other)
		require.NotEqual(t, d.UnsignedMessage(testNetworkID).Bytes(), other.UnsignedMessage(testNetworkID).Bytes(), name)
	}
}

func TestSignersAreTheNumberWithTheirBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		indices := rapid.SliceOfNDistinct(rapid.IntRange(0, 300), 0, 30, rapid.ID[int]).Draw(t, "indices")
		s := NewSigners(indices...)
		require.NoError(t, s.check())
		require.Equal(t, len(indices), s.Len())
		require.ElementsMatch(t, indices, s.Indices())
		for i := -1; i < 320; i++ {
			require.Equal(t, i >= 0 && bytes.Contains(toBytes(indices), toBytes([]int{i})), s.Contains(i), i)
		}
	})
	require.Empty(t, NewSigners())
	require.Equal(t, Signers{1, 0}, NewSigners(8))
}

// toBytes makes a string in which each index stands apart.
func toBytes(indices []int) (b []byte) {
	for _, i := range indices {
		b = append(b, 0xff, 0xff, byte(i>>8), byte(i), 0xff, 0xfe)
	}
	return b
}

func goldenFile(t *testing.T, name string, encoded []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".hex")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(hex.EncodeToString(encoded)+"\n"), 0o644))
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(text)), hex.EncodeToString(encoded))
}

// The golden files are what the platform decodes and encodes, too.
func TestThePlatformReadsTheGoldenFiles(t *testing.T) {
	golden := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("testdata", name+".hex"))
		require.NoError(t, err)
		decoded, err := hex.DecodeString(strings.TrimSpace(string(text)))
		require.NoError(t, err)
		return decoded
	}
	for name, payload := range map[string]string{"block-unsigned": "hash-payload", "delivery-unsigned": "addressed-call"} {
		m, err := peer.ParseUnsignedMessage(golden(name))
		require.NoError(t, err)
		require.EqualValues(t, testNetworkID, m.NetworkID)
		require.Equal(t, testChainID, m.SourceChainID)
		require.Equal(t, golden(payload), []byte(m.Payload))
	}
	hash, err := peerpayload.ParseHash(golden("hash-payload"))
	require.NoError(t, err)
	header, err := chain.ParseHeader(golden("header"))
	require.NoError(t, err)
	require.Equal(t, header.ID(), ids.ID(hash.Hash))
	call, err := peerpayload.ParseAddressedCall(golden("addressed-call"))
	require.NoError(t, err)
	require.Equal(t, testDelivery().Sender[:], []byte(call.SourceAddress))
	require.Equal(t, golden("delivery"), []byte(call.Payload))
	for name, unsigned := range map[string]string{"certificate-pop": "block-unsigned", "delivery-message-pop": "delivery-unsigned"} {
		m, err := peer.ParseMessage(golden(name))
		require.NoError(t, err)
		require.Equal(t, golden(unsigned), m.UnsignedMessage.Bytes())
		require.Equal(t, golden(name), m.Bytes())
	}
}

func TestGoldenVectors(t *testing.T) {
	signers, set := testSet(t, 10, 20, 30, 40, 50)
	header := testHeader(set)
	hash := set.Hash(testNetworkID, testChainID)
	for _, suite := range []struct {
		name  string
		suite Ciphersuite
	}{{"pop", CiphersuitePOP}, {"nul", CiphersuiteNUL}} {
		goldenFile(t, "certificate-"+suite.name, testMessage(t, suite.suite, BlockMessage(testNetworkID, testChainID, header.ID()), set, signers, 0, 3, 4).Bytes())
		goldenFile(t, "delivery-message-"+suite.name, testMessage(t, suite.suite, testDelivery().UnsignedMessage(testNetworkID), set, signers, 1, 2, 3, 4).Bytes())
	}
	goldenFile(t, "delivery", testDelivery().Bytes())
	goldenFile(t, "delivery-unsigned", testDelivery().UnsignedMessage(testNetworkID).Bytes())
	goldenFile(t, "block-unsigned", BlockMessage(testNetworkID, testChainID, header.ID()).Bytes())
	goldenFile(t, "hash-payload", HashPayload(header.ID()))
	goldenFile(t, "addressed-call", testDelivery().UnsignedMessage(testNetworkID).Payload)
	goldenFile(t, "header", header.Bytes())
	goldenFile(t, "validator-set", set.Bytes())
	goldenFile(t, "validator-set-hash", hash[:])
	goldenFile(t, "public-key", signers[0].PublicKey().Bytes())
}
