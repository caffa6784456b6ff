package rpc

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

func TestEachRefusalHasItsCodeAndChangesNothing(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice, bob, carol, dave := identity(t, 1), identity(t, 2), identity(t, 3), identity(t, 4)
	c.register(alice, bob, carol)
	session := c.open(alice, bob, dave)
	other := c.open(alice, bob)
	_, err := c.SendMessage(t.Context(), c.message(alice, session, "first"))
	require.NoError(t, err)

	encode := func(params any) string {
		encoded, err := json.Marshal(params)
		require.NoError(t, err)
		return string(encoded)
	}
	message := func(change func(*client.SendMessageParams)) string {
		params := c.message(alice, session, "next")
		change(&params)
		return encode(params)
	}
	create := func(change func(*client.CreateSessionParams)) string {
		params := sessionParams(alice, bob)
		change(&params)
		return encode(params)
	}
	register := func(kem, dsa []byte) string {
		return encode(client.RegisterIdentityParams{KEMPublicKey: kem, DSAPublicKey: dsa})
	}
	fresh := identity(t, 8).Public()
	badKEM := append([]byte{0xff, 0xff, 0xff}, fresh.KEM[3:]...)
	foreign := &chain.SendMessage{Session: session, Sender: alice.ID(), Ciphertext: []byte("next")}
	foreignSignature, err := alice.SignDeterministic(foreign.Context(), chain.SigningBytes(ids.ID{9}, foreign))
	require.NoError(t, err)
	deadline, err := c.Deadline(t.Context())
	require.NoError(t, err)
	issue := func(who *pq.Identity, body chain.Body) string {
		tx, err := chain.NewTransaction(c.node.Host().ChainID, body, c.sign(who, body))
		require.NoError(t, err)
		return encode(client.IssueTransactionParams{Bytes: tx.Bytes()})
	}

	for name, test := range map[string]struct {
		method, params string
		code           refusal.Reason
	}{
		"a signature that is too short":   {"SendMessage", message(func(p *client.SendMessageParams) { p.Signature = p.Signature[1:] }), refusal.ErrSignatureSize},
		"a changed signature":             {"SendMessage", message(func(p *client.SendMessageParams) { p.Signature[7] ^= 1 }), refusal.ErrBadSignature},
		"a changed ciphertext":            {"SendMessage", message(func(p *client.SendMessageParams) { p.Ciphertext = []byte("nexT") }), refusal.ErrBadSignature},
		"a signature of another session":  {"SendMessage", message(func(p *client.SendMessageParams) { p.SessionID = other }), refusal.ErrBadSignature},
		"a signature of another chain":    {"SendMessage", message(func(p *client.SendMessageParams) { p.Signature = foreignSignature }), refusal.ErrBadSignature},
		"an empty ciphertext":             {"SendMessage", message(func(p *client.SendMessageParams) { p.Ciphertext = nil }), refusal.ErrCiphertextSize},
		"too long a ciphertext":           {"SendMessage", encode(c.message(alice, session, strings.Repeat("x", 320<<10+1))), refusal.ErrCiphertextSize},
		"an unknown session":              {"SendMessage", encode(c.message(alice, ids.ID{7, 1}, "next")), refusal.ErrUnknownSession},
		"a sender who takes no part":      {"SendMessage", encode(c.message(carol, session, "next")), refusal.ErrNotParticipant},
		"a sender who never registered":   {"SendMessage", encode(c.message(dave, session, "next")), refusal.ErrNotRegistered},
		"a waiting time that is too long": {"SendMessage", message(func(p *client.SendMessageParams) { p.Wait = client.Seconds(61e9) }), refusal.ErrInvalidArgs},
		"a negative waiting time":         {"SendMessage", message(func(p *client.SendMessageParams) { p.Wait = client.Seconds(-1e9) }), refusal.ErrInvalidArgs},
		"a sender in half hex":            {"SendMessage", strings.Replace(message(func(*client.SendMessageParams) {}), `"sender":"`, `"sender":"0x`, 1), refusal.ErrInvalidArgs},
		"a ciphertext that is no hex":     {"SendMessage", strings.Replace(message(func(*client.SendMessageParams) {}), `"ciphertext":"`, `"ciphertext":"z`, 1), refusal.ErrInvalidArgs},
		"an odd number of hex digits":     {"SendMessage", strings.Replace(message(func(*client.SendMessageParams) {}), `"ciphertext":"`, `"ciphertext":"0`, 1), refusal.ErrInvalidArgs},

		"a duplicate participant":         {"CreateSession", create(func(p *client.CreateSessionParams) { p.Participants[1] = p.Participants[0] }), refusal.ErrDuplicateParticipant},
		"no participants":                 {"CreateSession", `{"participants":[],"publicKeys":[]}`, refusal.ErrParticipantCount},
		"a key too few":                   {"CreateSession", create(func(p *client.CreateSessionParams) { p.PublicKeys = p.PublicKeys[1:] }), refusal.ErrKeyCount},
		"a key of the wrong size":         {"CreateSession", create(func(p *client.CreateSessionParams) { p.PublicKeys[0] = p.PublicKeys[0][1:] }), refusal.ErrKeySize},
		"a session key that fails FIPS":   {"CreateSession", create(func(p *client.CreateSessionParams) { p.PublicKeys[0] = badKEM }), refusal.ErrKEMKey},
		"metadata without a key":          {"CreateSession", create(func(p *client.CreateSessionParams) { p.Metadata = map[string]string{"": "x"} }), refusal.ErrMetadata},
		"too much metadata":               {"CreateSession", create(func(p *client.CreateSessionParams) { p.Metadata = map[string]string{"x": strings.Repeat("y", 2000)} }), refusal.ErrMetadata},
		"a deadline that has passed":      {"CreateSession", create(func(p *client.CreateSessionParams) { p.Deadline = 1 }), refusal.ErrDeadlinePassed},
		"a deadline that is too far away": {"CreateSession", create(func(p *client.CreateSessionParams) { p.Deadline = 1 << 50 }), refusal.ErrDeadlineTooFar},
		"a nonce that is no number":       {"CreateSession", strings.Replace(create(func(p *client.CreateSessionParams) { p.Nonce = 1 }), `"1"`, `"x"`, 1), refusal.ErrInvalidArgs},
		"participants that are no list":   {"CreateSession", `{"participants":"x","publicKeys":[]}`, refusal.ErrInvalidArgs},
		"an identity key of wrong size":   {"RegisterIdentity", register(fresh.KEM, fresh.DSA[1:]), refusal.ErrKeySize},
		"an identity key that fails FIPS": {"RegisterIdentity", register(badKEM, fresh.DSA), refusal.ErrKEMKey},

		"a receipt of another transcript": {"IssueTransaction", issue(alice, &chain.Acknowledge{Session: session, Participant: alice.ID(), Sequence: 1}), refusal.ErrTranscript},
		"a receipt ahead of the messages": {"IssueTransaction", issue(alice, &chain.Acknowledge{Session: session, Participant: alice.ID(), Sequence: 2}), refusal.ErrReceiptAhead},
		"a skipped key epoch":             {"IssueTransaction", issue(alice, &chain.RotateKey{Session: session, Participant: alice.ID(), PublicKey: fresh.KEM, Epoch: 2}), refusal.ErrKeyEpoch},
		"a stranger who closes":           {"IssueTransaction", issue(carol, &chain.CloseSession{Session: session, Participant: carol.ID()}), refusal.ErrNotParticipant},
		"a prekey of another number":      {"IssueTransaction", issue(alice, &chain.PublishPrekey{Identity: alice.ID(), PublicKey: make([]byte, chain.PrekeySize), Number: 2, Deadline: deadline}), refusal.ErrPrekeyNumber},
		"a member for an unknown channel": {"IssueTransaction", issue(alice, &chain.AddMember{Channel: ids.ID{1}, Owner: alice.ID(), Member: bob.ID(), Version: 1}), refusal.ErrUnknownChannel},

		"bytes that are no transaction":   {"IssueTransaction", `{"bytes":"00"}`, refusal.ErrMalformed},
		"no bytes":                        {"IssueTransaction", `{"bytes":""}`, refusal.ErrMalformed},
		"to get an unknown session":       {"GetSession", `{"sessionId":"` + ids.ID{7}.String() + `"}`, refusal.ErrUnknownSession},
		"to get an unknown identity":      {"GetIdentity", `{"identityId":"` + ids.ID{7}.String() + `"}`, refusal.ErrNotRegistered},
		"to get an unknown channel":       {"GetChannel", `{"channelId":"` + ids.ID{7}.String() + `"}`, refusal.ErrUnknownChannel},
		"to get an unknown message":       {"GetMessage", `{"messageId":"` + ids.ID{7}.String() + `"}`, refusal.ErrNotFound},
		"to get a message that is none":   {"GetMessage", `{"index":99}`, refusal.ErrNotFound},
		"to get a sequence not there yet": {"GetMessage", `{"sessionId":"` + session.String() + `","sequence":2}`, refusal.ErrNotFound},
		"to get a message in two ways":    {"GetMessage", `{"index":1,"messageId":"` + ids.ID{7}.String() + `"}`, refusal.ErrInvalidArgs},
		"to get no message":               {"GetMessage", `{}`, refusal.ErrInvalidArgs},
		"to get a receipt not left yet":   {"GetReceipt", `{"sessionId":"` + session.String() + `","participant":"` + identityText(bob.ID()) + `"}`, refusal.ErrNotFound},
		"to get a block to come":          {"GetBlock", `{"height":1000}`, refusal.ErrNotFound},
		"to get a height that is none":    {"GetHeader", `{"height":"newest"}`, refusal.ErrInvalidArgs},
		"to list an unknown session":      {"ListMessages", `{"sessionId":"` + ids.ID{7}.String() + `"}`, refusal.ErrUnknownSession},
		"to list too many at once":        {"ListSessions", `{"participant":"` + identityText(alice.ID()) + `","limit":257}`, refusal.ErrInvalidArgs},
		"to list minus one":               {"ListSessions", `{"participant":"` + identityText(alice.ID()) + `","limit":-1}`, refusal.ErrInvalidArgs},
	} {
		block, waiting := c.state()
		got := c.call("sessionvm."+test.method, test.params)
		require.Equal(t, int(test.code), got.code(), "%s: %s %+v", name, got.Result, got.Error)
		require.Equal(t, test.code.Error(), got.Error.Data.Reason, name)
		require.NotEmpty(t, got.Error.Data.Expected, name)
		require.NotEmpty(t, got.Error.Data.Got, name)
		after, waitingAfter := c.state()
		require.Equal(t, block, after, name)
		require.Equal(t, waiting, waitingAfter, name)
	}
}

func TestAReplayedTransactionChangesNothing(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	sent, err := c.SendMessage(t.Context(), c.message(alice, session, "once"))
	require.NoError(t, err)
	found, err := c.GetTransaction(t.Context(), client.GetTransactionParams{TransactionID: sent.MessageID})
	require.NoError(t, err)
	block, _ := c.state()
	again, err := c.IssueTransaction(t.Context(), client.IssueTransactionParams{Bytes: found.Bytes, Wait: client.Seconds(1e9)})
	require.NoError(t, err)
	require.Equal(t, sent.Sequence, again.Sequence)
	after, waiting := c.state()
	require.Equal(t, block, after)
	require.Zero(t, waiting)
}

func TestAChainCanRequireSignedSessions(t *testing.T) {
	c := startChain(t, DefaultConfig(), func(g *chain.Genesis) { g.RequireSignedSessions = true })
	_, err := c.CreateSession(t.Context(), sessionParams(identity(t, 1)))
	require.ErrorIs(t, err, refusal.ErrSignatureRequired)
}

func TestANodeThatBootstrapsTakesNoTransactions(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	require.NoError(t, c.node.SetState(t.Context(), 1))
	_, err := c.CreateSession(t.Context(), sessionParams(identity(t, 1)))
	require.ErrorIs(t, err, refusal.ErrNotReady)
}
