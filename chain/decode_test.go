package chain

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
)

func TestTransactionsDecodeToWhatWasEncoded(t *testing.T) {
	for name, body := range sampleBodies() {
		tx := sampleTransaction(body)
		parsed, err := ParseTransaction(sampleChainID, tx.Bytes())
		require.NoError(t, err, name)
		require.Equal(t, tx.ID(), parsed.ID(), name)
		require.Equal(t, tx.SigningBytes(), parsed.SigningBytes(), name)
		require.Equal(t, tx.Signature, parsed.Signature, name)
		require.IsType(t, body, parsed.Body, name)
		other, err := ParseTransaction(ids.ID{9}, tx.Bytes())
		require.NoError(t, err, name)
		require.NotEqual(t, tx.ID(), other.ID(), "another chain, another ID")
	}
}

func TestIDsDoNotCoverSignatures(t *testing.T) {
	body := sampleBodies()["SendMessage"]
	one, err := NewTransaction(sampleChainID, body, fill(1, SignatureSize))
	require.NoError(t, err)
	two, err := NewTransaction(sampleChainID, body, fill(2, SignatureSize))
	require.NoError(t, err)
	require.Equal(t, one.ID(), two.ID())
	header := sampleHeader()
	require.NotEqual(t, NewBlock(header, []*Transaction{one}).ID(), NewBlock(header, []*Transaction{two}).ID(), "a block's ID does")
}

func TestSessionIDsHaveThePrefix(t *testing.T) {
	require.EqualValues(t, 0x07, SessionID(0x07, sampleChainID, sampleID(1))[0])
	one, two := SessionID(7, sampleChainID, sampleID(1)), SessionID(8, sampleChainID, sampleID(1))
	require.Equal(t, one[1:], two[1:])
	require.NotEqual(t, SessionID(7, ids.ID{9}, sampleID(1)), one)
}

// TestTransactionsThatAreWrongByThemselvesAreRefused: each by its own reason.
func TestTransactionsThatAreWrongByThemselvesAreRefused(t *testing.T) {
	alice, bob := sampleID(0xa1), sampleID(0xb0)
	key := fill(1, KEMPublicKeySize)
	many := make([]ids.ID, MaxParticipants+1)
	manyKeys := make([][]byte, len(many))
	for i := range many {
		many[i], manyKeys[i] = ids.ID{1, byte(i), byte(i >> 8)}, key
	}
	entries := func(keys ...string) (list []MetadataEntry) {
		for _, key := range keys {
			list = append(list, MetadataEntry{Key: key})
		}
		return list
	}
	session := func(change func(*CreateSession)) Body {
		body := &CreateSession{Participants: []ids.ID{alice, bob}, PublicKeys: [][]byte{key, key}, Creator: alice}
		change(body)
		return body
	}
	for name, test := range map[string]struct {
		body      Body
		signature int
		want      Reason
	}{
		"KEM key too short":           {&RegisterIdentity{KEMPublicKey: key[1:], DSAPublicKey: fill(1, DSAPublicKeySize)}, 0, ErrKeySize},
		"DSA key too long":            {&RegisterIdentity{KEMPublicKey: key, DSAPublicKey: fill(1, DSAPublicKeySize+1)}, 0, ErrKeySize},
		"no keys":                     {&RegisterIdentity{}, 0, ErrKeySize},
		"signed registration":         {&RegisterIdentity{KEMPublicKey: key, DSAPublicKey: fill(1, DSAPublicKeySize)}, SignatureSize, ErrUnexpectedSignature},
		"prekey size":                 {&PublishPrekey{Identity: alice, PublicKey: key, Number: 1}, SignatureSize, ErrKeySize},
		"prekey number 0":             {&PublishPrekey{Identity: alice, PublicKey: fill(1, PrekeySize)}, SignatureSize, ErrPrekeyNumber},
		"prekey of nobody":            {&PublishPrekey{PublicKey: fill(1, PrekeySize), Number: 1}, 0, ErrNotParticipant},
		"no participants":             {session(func(s *CreateSession) { s.Participants, s.PublicKeys = nil, nil }), SignatureSize, ErrParticipantCount},
		"too many participants":       {session(func(s *CreateSession) { s.Participants, s.PublicKeys = many, manyKeys }), SignatureSize, ErrParticipantCount},
		"duplicate participant":       {session(func(s *CreateSession) { s.Participants[1] = alice }), SignatureSize, ErrDuplicateParticipant},
		"empty participant":           {session(func(s *CreateSession) { s.Participants[1] = ids.Empty }), SignatureSize, ErrParticipantCount},
		"fewer keys":                  {session(func(s *CreateSession) { s.PublicKeys = s.PublicKeys[1:] }), SignatureSize, ErrKeyCount},
		"session key size":            {session(func(s *CreateSession) { s.PublicKeys[1] = key[1:] }), SignatureSize, ErrKeySize},
		"plain session of a channel":  {session(func(s *CreateSession) { s.Creator, s.Channel = ids.Empty, bob }), 0, ErrSignatureRequired},
		"plain session, signed":       {session(func(s *CreateSession) { s.Creator = ids.Empty }), SignatureSize, ErrUnexpectedSignature},
		"signed session, unsigned":    {session(func(*CreateSession) {}), 0, ErrSignatureSize},
		"metadata not sorted":         {session(func(s *CreateSession) { s.Metadata = entries("b", "a") }), SignatureSize, ErrMetadata},
		"metadata key twice":          {session(func(s *CreateSession) { s.Metadata = entries("a", "a") }), SignatureSize, ErrMetadata},
		"metadata without key":        {session(func(s *CreateSession) { s.Metadata = entries("") }), SignatureSize, ErrMetadata},
		"metadata of too many":        {session(func(s *CreateSession) { s.Metadata = make([]MetadataEntry, MaxMetadataEntries+1) }), SignatureSize, ErrMetadata},
		"no ciphertext":               {&SendMessage{Sender: alice}, SignatureSize, ErrCiphertextSize},
		"no sender":                   {&SendMessage{Ciphertext: []byte{1}}, 0, ErrNotParticipant},
		"signature too short":         {&SendMessage{Sender: alice, Ciphertext: []byte{1}}, SignatureSize - 1, ErrSignatureSize},
		"no signature":                {&SendMessage{Sender: alice, Ciphertext: []byte{1}}, 0, ErrSignatureSize},
		"receipt of nothing":          {&Acknowledge{Participant: alice}, SignatureSize, ErrStaleReceipt},
		"receipt of nobody":           {&Acknowledge{Sequence: 1}, 0, ErrNotParticipant},
		"rotated key size":            {&RotateKey{Participant: alice, PublicKey: key[1:]}, SignatureSize, ErrKeySize},
		"rotated by nobody":           {&RotateKey{PublicKey: key}, 0, ErrNotParticipant},
		"closed by nobody":            {&CloseSession{}, 0, ErrNotParticipant},
		"channel of nobody":           {&CreateChannel{}, 0, ErrNotParticipant},
		"channel with too many":       {&CreateChannel{Owner: alice, Members: many}, SignatureSize, ErrParticipantCount},
		"channel with its owner":      {&CreateChannel{Owner: alice, Members: []ids.ID{alice}}, SignatureSize, ErrDuplicateParticipant},
		"channel with member twice":   {&CreateChannel{Owner: alice, Members: []ids.ID{bob, bob}}, SignatureSize, ErrDuplicateParticipant},
		"added member is nobody":      {&AddMember{Owner: alice}, SignatureSize, ErrParticipantCount},
		"member added by nobody":      {&AddMember{Member: alice}, 0, ErrNotParticipant},
		"transferred by nobody":       {&TransferChannel{Member: alice}, 0, ErrNotParticipant},
		"a version of no channel":     {session(func(s *CreateSession) { s.ChannelVersion = 1 }), SignatureSize, ErrUnknownChannel},
		"previous of no channel":      {session(func(s *CreateSession) { s.Previous = bob }), SignatureSize, ErrUnknownChannel},
		"member removed by nobody":    {&RemoveMember{Member: alice}, 0, ErrNotParticipant},
		"larger than any transaction": {&SendMessage{Sender: alice, Ciphertext: make([]byte, MaxTransactionBytes)}, SignatureSize, ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewTransaction(sampleChainID, test.body, make([]byte, test.signature))
			require.ErrorIs(t, err, test.want)
			wire := test.body.wire()
			wire.Signature = make([]byte, test.signature)
			_, err = ParseTransaction(sampleChainID, wire.MarshalCanoto())
			require.ErrorIs(t, err, test.want, "decoded")
		})
	}
}

func TestDecodingIsStrict(t *testing.T) {
	header := sampleHeader()
	tx := sampleTransaction(sampleBodies()["SendMessage"])
	blk := sampleBlock()
	decoders := map[string]struct {
		valid  []byte
		decode func([]byte) error
	}{
		"header":      {header.Bytes(), func(b []byte) error { _, err := ParseHeader(b); return err }},
		"transaction": {tx.Bytes(), func(b []byte) error { _, err := ParseTransaction(sampleChainID, b); return err }},
		"block":       {blk.Bytes(), func(b []byte) error { _, err := ParseBlock(sampleChainID, b, MaxBlockBytes); return err }},
	}
	for kind, record := range sampleRecords() {
		decoders[kind] = struct {
			valid  []byte
			decode func([]byte) error
		}{record.Bytes(), func(b []byte) error { _, err := parseRecordOf(kind, b); return err }}
	}
	for name, d := range decoders {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, d.decode(d.valid))
			for what, encoded := range map[string][]byte{
				"trailing zero":     append(bytes.Clone(d.valid), 0),
				"trailing field":    append(bytes.Clone(d.valid), 0xf8, 0x01, 0x01), // field 31, varint 1
				"first field twice": append(bytes.Clone(d.valid[:2]), d.valid...),
				"cut short":         d.valid[:len(d.valid)-1],
				"rubbish":           []byte("rubbish"),
			} {
				require.ErrorIs(t, d.decode(encoded), ErrMalformed, what)
			}
		})
	}
	_, err := ParseHeader(make([]byte, MaxHeaderBytes+1))
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = ParseTransaction(sampleChainID, make([]byte, MaxTransactionBytes+1))
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = ParseTransaction(sampleChainID, nil)
	require.ErrorIs(t, err, ErrMalformed)
	_, err = ParseBlock(sampleChainID, blk.Bytes(), len(blk.Bytes())-1)
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = ParseBlock(sampleID(9), blk.Bytes(), MaxBlockBytes)
	require.ErrorIs(t, err, ErrWrongChain)
	_, err = ParseSession(make([]byte, MaxRecordBytes+1))
	require.ErrorIs(t, err, ErrTooLarge)

	header.Version = 2
	_, err = ParseHeader(header.Bytes())
	require.ErrorIs(t, err, ErrVersion)
	wrong := blockWire{Header: *blk.Header, Transactions: [][]byte{tx.Bytes()}}
	_, err = ParseBlock(sampleChainID, wrong.MarshalCanoto(), MaxBlockBytes)
	require.ErrorIs(t, err, ErrTransactionsRoot)
	wrong.Header.Version = 3
	_, err = ParseBlock(sampleChainID, wrong.MarshalCanoto(), MaxBlockBytes)
	require.ErrorIs(t, err, ErrVersion)
	// Many tiny transactions would take more memory than their bytes.
	wrong = blockWire{Header: sampleHeader(), Transactions: make([][]byte, 100_000)}
	_, err = ParseBlock(sampleChainID, wrong.MarshalCanoto(), MaxBlockBytes)
	require.ErrorIs(t, err, ErrMalformed)
	two := transactionWire{SendMessage: &SendMessage{}, CloseSession: &CloseSession{}}
	require.False(t, two.ValidCanoto(), "one body each")
}

func TestSessionStatusFollowsTheTime(t *testing.T) {
	s := Session{Status: SessionActive, Expires: 10}
	require.Equal(t, SessionActive, s.StatusAt(9))
	require.Equal(t, SessionExpired, s.StatusAt(10))
	s.Status = SessionClosed
	require.Equal(t, SessionClosed, s.StatusAt(11), "nothing leaves closed")
	for status, text := range map[SessionStatus]string{SessionPending: "pending", SessionActive: "active", SessionExpired: "expired", SessionClosed: "closed", 9: "status 9"} {
		require.Equal(t, text, status.String())
	}
}

func TestEveryReasonHasATextAndANumberOfItsOwn(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	require.NoError(t, err)
	numbers := make(map[string]string)
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Err") {
			return true
		}
		number := spec.Values[0].(*ast.BasicLit).Value
		require.NotContains(t, numbers, number, spec.Names[0].Name)
		numbers[number] = spec.Names[0].Name
		return true
	})
	require.Len(t, reasonText, len(numbers))
	require.NotEmpty(t, numbers)
	require.Equal(t, "reason 7", Reason(7).Error())
	err = Refuse(ErrKeySize, "one size", strings.Repeat("x", 1000))
	require.ErrorIs(t, err, ErrKeySize)
	require.Less(t, len(err.Error()), 300)
}

// TestLightPackagesStayLight: what light clients build needs no node, no tree, no database
// and no cgo, and builds for a browser.
func TestLightPackagesStayLight(t *testing.T) {
	packages := []string{"../chain", "../pq", "../proofs"}
	goTool := func(environment []string, arguments ...string) string {
		command := exec.Command("go", append(arguments, packages...)...)
		command.Env = append(os.Environ(), environment...)
		output, err := command.CombinedOutput()
		require.NoError(t, err, string(output))
		return string(output)
	}
	for _, dependency := range strings.Fields(goTool(nil, "list", "-deps")) {
		for _, heavy := range []string{"luxfi/node", "luxfi/consensus", "cosmos/iavl", "cometbft-db", "cockroachdb", "goleveldb", "google.golang.org/grpc"} {
			require.NotContains(t, dependency, heavy)
		}
	}
	goTool([]string{"CGO_ENABLED=0", "GOOS=js", "GOARCH=wasm"}, "build")
	goTool([]string{"CGO_ENABLED=0"}, "build")
}
