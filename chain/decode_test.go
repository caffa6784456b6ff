package chain

import (
	"bytes"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"testing"

	"github.com/luxfi/session/refusal"
)

func TestTransactionsDecodeToWhatWasEncoded(t *testing.T) {
	for name, tx := range sampleTransactions() {
		parsed, err := ParseTransaction(sampleChainID, tx.Bytes())
		require.NoError(t, err, name)
		require.Equal(t, tx.ID(), parsed.ID(), name)
		require.Equal(t, tx.SigningBytes(), parsed.SigningBytes(), name)
		require.Equal(t, tx.Signature, parsed.Signature, name)
		require.Equal(t, tx.Leaf(), parsed.Leaf(), name)
		require.Equal(t, tx.Carried(), parsed.Carried(), name)
		require.IsType(t, tx.Body, parsed.Body, name)
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
	invite := func(change func(*Invite)) Body {
		body := sampleInvite()
		change(body)
		return body
	}
	validatorKey := func(change func(*RegisterValidatorKey)) Body {
		body := sampleValidatorKey(fill(5, DSAPublicKeySize), fill(6, SignatureSize))
		change(body)
		return body
	}
	for name, test := range map[string]struct {
		body      Body
		signature int
		want      refusal.Reason
	}{
		"KEM key too short":           {&RegisterIdentity{KEMPublicKey: key[1:], DSAPublicKey: fill(1, DSAPublicKeySize)}, 0, refusal.ErrKeySize},
		"DSA key too long":            {&RegisterIdentity{KEMPublicKey: key, DSAPublicKey: fill(1, DSAPublicKeySize+1)}, 0, refusal.ErrKeySize},
		"no keys":                     {&RegisterIdentity{}, 0, refusal.ErrKeySize},
		"signed registration":         {&RegisterIdentity{KEMPublicKey: key, DSAPublicKey: fill(1, DSAPublicKeySize)}, SignatureSize, refusal.ErrUnexpectedSignature},
		"prekey size":                 {&PublishPrekey{Identity: alice, PublicKey: key, Number: 1}, SignatureSize, refusal.ErrKeySize},
		"prekey number 0":             {&PublishPrekey{Identity: alice, PublicKey: fill(1, PrekeySize)}, SignatureSize, refusal.ErrPrekeyNumber},
		"prekey of nobody":            {&PublishPrekey{PublicKey: fill(1, PrekeySize), Number: 1}, 0, refusal.ErrNotParticipant},
		"no participants":             {session(func(s *CreateSession) { s.Participants, s.PublicKeys = nil, nil }), SignatureSize, refusal.ErrParticipantCount},
		"too many participants":       {session(func(s *CreateSession) { s.Participants, s.PublicKeys = many, manyKeys }), SignatureSize, refusal.ErrParticipantCount},
		"duplicate participant":       {session(func(s *CreateSession) { s.Participants[1] = alice }), SignatureSize, refusal.ErrDuplicateParticipant},
		"empty participant":           {session(func(s *CreateSession) { s.Participants[1] = ids.Empty }), SignatureSize, refusal.ErrParticipantCount},
		"fewer keys":                  {session(func(s *CreateSession) { s.PublicKeys = s.PublicKeys[1:] }), SignatureSize, refusal.ErrKeyCount},
		"keys of a single session":    {session(func(s *CreateSession) { s.Single = true }), SignatureSize, refusal.ErrKeyCount},
		"session key size":            {session(func(s *CreateSession) { s.PublicKeys[1] = key[1:] }), SignatureSize, refusal.ErrKeySize},
		"plain session of a channel":  {session(func(s *CreateSession) { s.Creator, s.Channel = ids.Empty, bob }), 0, refusal.ErrSignatureRequired},
		"plain single session":        {session(func(s *CreateSession) { s.Creator, s.PublicKeys, s.Single = ids.Empty, nil, true }), 0, refusal.ErrSignatureRequired},
		"single, of a channel":        {session(func(s *CreateSession) { s.Channel, s.PublicKeys, s.Single = bob, nil, true }), SignatureSize, refusal.ErrSingleSession},
		"plain session, signed":       {session(func(s *CreateSession) { s.Creator = ids.Empty }), SignatureSize, refusal.ErrUnexpectedSignature},
		"signed session, unsigned":    {session(func(*CreateSession) {}), 0, refusal.ErrSignatureSize},
		"metadata not sorted":         {session(func(s *CreateSession) { s.Metadata = entries("b", "a") }), SignatureSize, refusal.ErrMetadata},
		"metadata key twice":          {session(func(s *CreateSession) { s.Metadata = entries("a", "a") }), SignatureSize, refusal.ErrMetadata},
		"metadata without key":        {session(func(s *CreateSession) { s.Metadata = entries("") }), SignatureSize, refusal.ErrMetadata},
		"metadata of too many":        {session(func(s *CreateSession) { s.Metadata = make([]MetadataEntry, MaxMetadataEntries+1) }), SignatureSize, refusal.ErrMetadata},
		"no ciphertext":               {&SendMessage{Sender: alice}, SignatureSize, refusal.ErrCiphertextSize},
		"no sender":                   {&SendMessage{Ciphertext: []byte{1}}, 0, refusal.ErrNotParticipant},
		"signature too short":         {&SendMessage{Sender: alice, Ciphertext: []byte{1}}, SignatureSize - 1, refusal.ErrSignatureSize},
		"no signature":                {&SendMessage{Sender: alice, Ciphertext: []byte{1}}, 0, refusal.ErrSignatureSize},
		"receipt of nothing":          {&Acknowledge{Participant: alice}, SignatureSize, refusal.ErrStaleReceipt},
		"receipt of nobody":           {&Acknowledge{Sequence: 1}, 0, refusal.ErrNotParticipant},
		"rotated key size":            {&RotateKey{Participant: alice, PublicKey: key[1:]}, SignatureSize, refusal.ErrKeySize},
		"rotated by nobody":           {&RotateKey{PublicKey: key}, 0, refusal.ErrNotParticipant},
		"closed by nobody":            {&CloseSession{}, 0, refusal.ErrNotParticipant},
		"channel of nobody":           {&CreateChannel{}, 0, refusal.ErrNotParticipant},
		"channel with too many":       {&CreateChannel{Owner: alice, Members: many}, SignatureSize, refusal.ErrParticipantCount},
		"channel with its owner":      {&CreateChannel{Owner: alice, Members: []ids.ID{alice}}, SignatureSize, refusal.ErrDuplicateParticipant},
		"channel with member twice":   {&CreateChannel{Owner: alice, Members: []ids.ID{bob, bob}}, SignatureSize, refusal.ErrDuplicateParticipant},
		"added member is nobody":      {&AddMember{Owner: alice}, SignatureSize, refusal.ErrParticipantCount},
		"member added by nobody":      {&AddMember{Member: alice}, 0, refusal.ErrNotParticipant},
		"transferred by nobody":       {&TransferChannel{Member: alice}, 0, refusal.ErrNotParticipant},
		"a version of no channel":     {session(func(s *CreateSession) { s.ChannelVersion = 1 }), SignatureSize, refusal.ErrUnknownChannel},
		"previous of no channel":      {session(func(s *CreateSession) { s.Previous = bob }), SignatureSize, refusal.ErrUnknownChannel},
		"member removed by nobody":    {&RemoveMember{Member: alice}, 0, refusal.ErrNotParticipant},
		"invitation of 17 bits":       {invite(func(b *Invite) { b.Bits = 17 }), 0, refusal.ErrInvitation},
		"a bucket beyond its bits":    {invite(func(b *Invite) { b.Bucket = 1 << 10 }), 0, refusal.ErrInvitation},
		"a shorter head":              {invite(func(b *Invite) { b.Head = b.Head[1:] }), 0, refusal.ErrInvitation},
		"a longer sealed part":        {invite(func(b *Invite) { b.Sealed = append(b.Sealed, 1) }), 0, refusal.ErrInvitation},
		"nothing sealed":              {invite(func(b *Invite) { b.Sealed = nil }), 0, refusal.ErrInvitation},
		"signed invitation":           {invite(func(*Invite) {}), SignatureSize, refusal.ErrUnexpectedSignature},
		"no scheme":                   {validatorKey(func(b *RegisterValidatorKey) { b.Scheme = 0 }), 0, refusal.ErrScheme},
		"another scheme":              {validatorKey(func(b *RegisterValidatorKey) { b.Scheme = 2 }), 0, refusal.ErrScheme},
		"validator key too short":     {validatorKey(func(b *RegisterValidatorKey) { b.PublicKey = b.PublicKey[1:] }), 0, refusal.ErrKeySize},
		"BLS key uncompressed":        {validatorKey(func(b *RegisterValidatorKey) { b.BLSPublicKey = fill(2, 2*BLSPublicKeySize) }), 0, refusal.ErrKeySize},
		"replaced key too long":       {validatorKey(func(b *RegisterValidatorKey) { b.Replaces = append(b.Replaces, 1) }), 0, refusal.ErrKeySize},
		"replaced by itself":          {validatorKey(func(b *RegisterValidatorKey) { b.Replaces = b.PublicKey }), 0, refusal.ErrValidatorKey},
		"BLS signature too short":     {validatorKey(func(b *RegisterValidatorKey) { b.BLSSignature = b.BLSSignature[1:] }), 0, refusal.ErrSignatureSize},
		"no possession":               {validatorKey(func(b *RegisterValidatorKey) { b.Possession = nil }), 0, refusal.ErrSignatureSize},
		"no consent":                  {validatorKey(func(b *RegisterValidatorKey) { b.Consent = nil }), 0, refusal.ErrSignatureSize},
		"consent of no key":           {validatorKey(func(b *RegisterValidatorKey) { b.Replaces = nil }), 0, refusal.ErrUnexpectedSignature},
		"signed validator key":        {validatorKey(func(*RegisterValidatorKey) {}), SignatureSize, refusal.ErrUnexpectedSignature},
		"larger than any transaction": {&SendMessage{Sender: alice, Ciphertext: make([]byte, MaxTransactionBytes)}, SignatureSize, refusal.ErrTooLarge},
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
				require.ErrorIs(t, d.decode(encoded), refusal.ErrMalformed, what)
			}
		})
	}
	_, err := ParseHeader(make([]byte, MaxHeaderBytes+1))
	require.ErrorIs(t, err, refusal.ErrTooLarge)
	_, err = ParseTransaction(sampleChainID, make([]byte, MaxTransactionBytes+1))
	require.ErrorIs(t, err, refusal.ErrTooLarge)
	_, err = ParseTransaction(sampleChainID, nil)
	require.ErrorIs(t, err, refusal.ErrMalformed)
	_, err = ParseBlock(sampleChainID, blk.Bytes(), len(blk.Bytes())-1)
	require.ErrorIs(t, err, refusal.ErrTooLarge)
	_, err = ParseBlock(sampleID(9), blk.Bytes(), MaxBlockBytes)
	require.ErrorIs(t, err, refusal.ErrWrongChain)
	_, err = ParseSession(make([]byte, MaxRecordBytes+1))
	require.ErrorIs(t, err, refusal.ErrTooLarge)
	for _, acted := range [][]bool{nil, {true}, {true, false, false}} {
		session := &Session{Participants: []ids.ID{sampleID(1), sampleID(2)}, Acted: acted}
		_, err = ParseSession(session.Bytes())
		require.ErrorIs(t, err, refusal.ErrMalformed, acted)
	}

	header.Version = 9
	_, err = ParseHeader(header.Bytes())
	require.ErrorIs(t, err, refusal.ErrVersion)
	wrong := blockWire{Header: *blk.Header, Transactions: [][]byte{tx.Bytes()}}
	_, err = ParseBlock(sampleChainID, wrong.MarshalCanoto(), MaxBlockBytes)
	require.ErrorIs(t, err, refusal.ErrTransactionsRoot)
	wrong.Header.Version = 3
	_, err = ParseBlock(sampleChainID, wrong.MarshalCanoto(), MaxBlockBytes)
	require.ErrorIs(t, err, refusal.ErrVersion)
	// Many tiny transactions would take more memory than their bytes.
	wrong = blockWire{Header: sampleHeader(), Transactions: make([][]byte, 100_000)}
	_, err = ParseBlock(sampleChainID, wrong.MarshalCanoto(), MaxBlockBytes)
	require.ErrorIs(t, err, refusal.ErrMalformed)
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
