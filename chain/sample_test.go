package chain

import (
	"bytes"

	"github.com/luxfi/ids"
)

// Samples that are the same in every run: what golden vectors and fuzzers begin with.

var sampleChainID = ids.ID{1, 2, 3}

func fill(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }

func sampleID(b byte) (id ids.ID) {
	copy(id[:], fill(b, len(id)))
	return id
}

func sampleBodies() map[string]Body {
	alice, bob := sampleID(0xa1), sampleID(0xb0)
	metadata := []MetadataEntry{{Key: "name", Value: "value"}, {Key: "topic", Value: ""}}
	return map[string]Body{
		"RegisterIdentity":          &RegisterIdentity{KEMPublicKey: fill(1, KEMPublicKeySize), DSAPublicKey: fill(2, DSAPublicKeySize), Deadline: 1700000000000},
		"RegisterWorked":            &RegisterIdentity{KEMPublicKey: fill(1, KEMPublicKeySize), DSAPublicKey: fill(2, DSAPublicKeySize), Deadline: 1700000000000, Work: 300},
		"RegisterAdmitted":          &RegisterIdentity{KEMPublicKey: fill(1, KEMPublicKeySize), DSAPublicKey: fill(2, DSAPublicKeySize), Deadline: 1700000000000, Issuer: 1, Until: 1800000000000, Admission: fill(9, SignatureSize)},
		"PublishPrekey":             &PublishPrekey{Identity: alice, PublicKey: fill(6, PrekeySize), Number: 3, Deadline: 1700000000000},
		"CreateSession":             &CreateSession{Participants: []ids.ID{alice, bob}, PublicKeys: [][]byte{fill(3, KEMPublicKeySize), fill(4, KEMPublicKeySize)}, Metadata: metadata, Creator: alice, Channel: sampleID(0xcc), Nonce: 7, Deadline: 1700000000000, ChannelVersion: 5, Previous: sampleID(7)},
		"CreateSessionPlain":        &CreateSession{Participants: []ids.ID{alice}, PublicKeys: [][]byte{fill(3, KEMPublicKeySize)}, Nonce: 1 << 63, Deadline: 1},
		"CreateSessionSingle":       &CreateSession{Participants: []ids.ID{alice, bob}, Metadata: metadata, Creator: alice, Nonce: 7, Deadline: 1700000000000, Single: true},
		"SendMessage":               &SendMessage{Session: sampleID(7), Sender: alice, Ciphertext: []byte("ciphertext")},
		"Acknowledge":               &Acknowledge{Session: sampleID(7), Participant: bob, Sequence: 300, Transcript: Hash{4}},
		"RotateKey":                 &RotateKey{Session: sampleID(7), Participant: bob, PublicKey: fill(5, KEMPublicKeySize), Epoch: 1},
		"CloseSession":              &CloseSession{Session: sampleID(7), Participant: bob},
		"CreateChannel":             &CreateChannel{Owner: alice, Members: []ids.ID{bob}, Metadata: metadata, Nonce: 8, Deadline: 1700000000000},
		"AddMember":                 &AddMember{Channel: sampleID(0xcc), Owner: alice, Member: bob, Version: 2},
		"TransferChannel":           &TransferChannel{Channel: sampleID(0xcc), Owner: alice, Member: bob, Version: 4},
		"Invite":                    sampleInvite(),
		"RegisterValidatorKey":      sampleValidatorKey(nil, nil),
		"RegisterValidatorKeyAgain": sampleValidatorKey(fill(5, DSAPublicKeySize), fill(6, SignatureSize)),
		"RemoveMember":              &RemoveMember{Channel: sampleID(0xcc), Remover: bob, Member: bob, Version: 3},
	}
}

func sampleValidatorKey(replaces, consent []byte) *RegisterValidatorKey {
	return &RegisterValidatorKey{
		Scheme: SchemeMLDSA65, PublicKey: fill(1, DSAPublicKeySize), BLSPublicKey: fill(2, BLSPublicKeySize), Replaces: replaces, Deadline: 1700000000000,
		BLSSignature: fill(3, BLSSignatureSize), Possession: fill(4, SignatureSize), Consent: consent,
	}
}

func sampleTransaction(body Body) *Transaction {
	var signature []byte
	if body.Actor() != ids.Empty {
		signature = fill(9, SignatureSize)
	}
	tx, err := NewTransaction(sampleChainID, body, signature)
	if err != nil {
		panic(err)
	}
	return tx
}

// sampleRegistration is the registration of the identity that sampleCarrying acts as.
func sampleRegistration() *RegisterIdentity {
	return &RegisterIdentity{KEMPublicKey: fill(1, KEMPublicKeySize), DSAPublicKey: fill(2, DSAPublicKeySize), Work: 300}
}

// sampleCarrying returns a message that carries its sender's registration.
func sampleCarrying(registration *RegisterIdentity) *Transaction {
	sender := IdentityID(registration.KEMPublicKey, registration.DSAPublicKey)
	tx, err := sampleTransaction(&SendMessage{Session: sampleID(7), Sender: sender, Ciphertext: []byte("ciphertext")}).WithRegistration(registration)
	if err != nil {
		panic(err)
	}
	return tx
}

// sampleTransactions are the sample bodies', and some that carry a registration.
func sampleTransactions() map[string]*Transaction {
	all := map[string]*Transaction{"SendMessageCarrying": sampleCarrying(sampleRegistration())}
	admitted := sampleRegistration()
	admitted.Work, admitted.Issuer, admitted.Until, admitted.Admission = 0, 2, 1800000000000, fill(9, SignatureSize)
	all["SendMessageCarryingAdmitted"] = sampleCarrying(admitted)
	for name, body := range sampleBodies() {
		all[name] = sampleTransaction(body)
	}
	contract := sampleWarp().Contract()
	for name, body := range map[string]Body{
		"CreateSessionReceived": &CreateSession{Participants: []ids.ID{contract, sampleID(0xb0)}, Metadata: []MetadataEntry{{Key: "name", Value: "value"}}, Creator: contract, Nonce: 7, Deadline: 1700000000000},
		"SendMessageReceived":   &SendMessage{Session: sampleID(7), Sender: contract, Ciphertext: []byte("ciphertext")},
		"RegisterReceived":      &RegisterIdentity{KEMPublicKey: fill(1, KEMPublicKeySize), DSAPublicKey: fill(2, DSAPublicKeySize), Deadline: 1700000000000},
		"AcknowledgeReceived":   &Acknowledge{Session: sampleID(7), Participant: contract, Sequence: 300, Transcript: Hash{4}},
	} {
		received, err := NewReceived(sampleChainID, body, sampleWarp())
		if err != nil {
			panic(err)
		}
		all[name] = received
	}
	return all
}

// sampleWarp is the Warp message of a contract.
func sampleWarp() *ReceiveWarp {
	return &ReceiveWarp{SourceChain: sampleID(0xee), Address: fill(0xad, 20), Signers: []byte{0x1b}, Signature: fill(9, BLSSignatureSize)}
}

// again encodes a transaction anew.
func again(tx *Transaction) (*Transaction, error) {
	if tx.Warp != nil {
		return NewReceived(sampleChainID, tx.Body, tx.Warp)
	}
	made, err := NewTransaction(sampleChainID, tx.Body, tx.Signature)
	if err != nil || tx.Registration == nil {
		return made, err
	}
	return made.WithRegistration(tx.Registration)
}

func sampleHeader() Header {
	return Header{
		Version: HeaderVersion, ChainID: sampleChainID, Parent: sampleID(4), Height: 1000, Timestamp: 1700000000123,
		StateRoot: Hash(sampleID(5)), PChainHeight: 77, ValidatorSetHash: Hash(sampleID(6)),
	}
}

func sampleBlock() *Block {
	bodies := sampleBodies()
	return NewBlock(sampleHeader(), []*Transaction{
		sampleTransaction(bodies["RegisterIdentity"]),
		sampleTransaction(bodies["SendMessage"]),
		sampleTransaction(bodies["CloseSession"]),
		sampleCarrying(sampleRegistration()),
	})
}

func sampleRecords() map[string]interface{ Bytes() []byte } {
	alice, bob := sampleID(0xa1), sampleID(0xb0)
	return map[string]interface{ Bytes() []byte }{
		"Identity":    &Identity{KEMPublicKey: fill(1, KEMPublicKeySize), DSAPublicKey: fill(2, DSAPublicKeySize), Registered: 5, Number: 6, Channels: 7, Prekey: fill(8, PrekeySize), PrekeyNumber: 9, PrekeyTime: 10, Since: 4, SingleSession: sampleID(7)},
		"Session":     &Session{Status: SessionActive, Participants: []ids.ID{alice, bob}, Created: 1, Expires: 2, Messages: 3, Head: 4, KeysHash: Hash(sampleID(5)), Creator: alice, Channel: sampleID(0xcc), Number: 6, Transcript: Hash{6}, Acted: []bool{true, false}},
		"SessionKeys": &SessionKeys{PublicKeys: [][]byte{fill(3, KEMPublicKeySize), fill(4, KEMPublicKeySize)}, Metadata: []MetadataEntry{{Key: "k", Value: "v"}}},
		"Usage":       &Usage{Transactions: 1, State: 2, Sessions: 3, Keys: 4},
		"RotatedKey":  &RotatedKey{PublicKey: fill(5, KEMPublicKeySize), Epoch: 2},
		"Message":     &Message{ID: sampleID(1), Session: sampleID(7), Sender: alice, Sequence: 2, Timestamp: 3, Previous: 4, Transcript: Hash{5}},
		"Channel":     &Channel{Owner: alice, Members: []ids.ID{alice, bob}, Created: 1, Active: 2, Version: 3, Sessions: 4, Session: sampleID(7), Number: 5},
		"Receipt":     &Receipt{Sequence: 1, Timestamp: 2, Transaction: sampleID(3), Transcript: Hash{7}},
		"Totals": &Totals{Height: 1, Timestamp: 2, Messages: 3, MessagesSwept: 4, Sessions: 5, PendingSwept: 6, ExpirySwept: 7, SessionsSwept: 8,
			PendingSessions: 9, ActiveSessions: 10, Identities: 11, IdentitiesSwept: 12, LiveIdentities: 13, Channels: 14, ChannelsSwept: 15, LiveChannels: 16, Genesis: sampleID(17), Beacon: sampleID(18), BeaconBefore: sampleID(19),
			Prekeys: 20, BucketBits: 21, BucketBitsBefore: 22, InvitationsUntil: 23, ValidatorKeys: 24, ValidatorKeysSwept: 25, LiveValidatorKeys: 26},
		"ValidatorKey": &ValidatorKey{Scheme: SchemeMLDSA65, PublicKey: fill(1, DSAPublicKeySize), BLSPublicKey: fill(2, BLSPublicKeySize), Registered: 3, Number: 4, Seen: 5, Absent: true},
		"Invitations":  &Invitations{Count: 7, Transcript: Hash{8}, Marks: []InvitationMark{{Period: 9}, {Period: 11, Before: 3, Transcript: Hash{10}}}},
	}
}

// parseRecordOf decodes a record of a kind, for tests of all kinds.
func parseRecordOf(kind string, encoded []byte) (interface{ Bytes() []byte }, error) {
	switch kind {
	case "Identity":
		return ParseIdentity(encoded)
	case "Session":
		return ParseSession(encoded)
	case "SessionKeys":
		return ParseSessionKeys(encoded)
	case "Usage":
		return ParseUsage(encoded)
	case "RotatedKey":
		return ParseRotatedKey(encoded)
	case "Message":
		return ParseMessage(encoded)
	case "Channel":
		return ParseChannel(encoded)
	case "Receipt":
		return ParseReceipt(encoded)
	case "ValidatorKey":
		return ParseValidatorKey(encoded)
	case "Invitations":
		return ParseInvitations(encoded)
	default:
		return ParseTotals(encoded)
	}
}
