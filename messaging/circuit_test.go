package messaging

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
)

// eavesdropped is all that was asked for on one connection, as text and as the bytes that base64 hides.
type eavesdropped struct {
	mu     sync.Mutex
	asked  []byte
	proofs [][]byte // requests for proofs
}

var base64Text = regexp.MustCompile(`"[A-Za-z0-9+/]{40,}={0,2}"`)

func (e *eavesdropped) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.asked = append(e.asked, body...)
	if bytes.Contains(body, []byte("sessionvm.PollSession")) || bytes.Contains(body, []byte("sessionvm.GetStateProof")) {
		e.proofs = append(e.proofs, body)
	}
	for _, text := range base64Text.FindAll(body, -1) {
		if decoded, err := base64.StdEncoding.DecodeString(strings.Trim(string(text), `"`)); err == nil {
			e.asked = append(e.asked, decoded...)
		}
	}
	e.mu.Unlock()
	request.Body = io.NopCloser(bytes.NewReader(body))
	return http.DefaultTransport.RoundTrip(request)
}

// names reports whether an ID was asked for, in any form.
func (e *eavesdropped) names(id ids.ID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return bytes.Contains(e.asked, id[:]) || bytes.Contains(e.asked, []byte(id.String())) || bytes.Contains(e.asked, []byte(hex.EncodeToString(id[:])))
}

// onCircuits has a person ask on a connection of its own for each circuit. It returns what was asked for on the
// identity's own, and a function for that on the others.
func onCircuits(t *testing.T) (p *person, own *eavesdropped, circuits func() map[ids.ID]*eavesdropped) {
	own = new(eavesdropped)
	p = newPerson(t, own)
	var mu sync.Mutex
	all := make(map[ids.ID]*eavesdropped)
	p.config.Circuit = func(circuit ids.ID) (*client.Client, error) {
		mu.Lock()
		defer mu.Unlock()
		require.Nil(t, all[circuit], "each is asked for once")
		all[circuit] = new(eavesdropped)
		return connect(t, all[circuit]), nil
	}
	p.Messenger.config.Circuit = p.config.Circuit
	return p, own, func() map[ids.ID]*eavesdropped {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

// TestAStartNamesNobody whose registration and prekey were proven to be in order within a day.
func TestAStartNamesNobody(t *testing.T) {
	p := newPerson(t, nil).reopened(t) // it has published, and seen that
	start := func(trusts bool) *eavesdropped {
		own := new(eavesdropped)
		config := p.config
		config.Client, config.TrustNode = connect(t, own), trusts
		_, err := Open(testContext(t), config)
		require.NoError(t, err)
		return own
	}
	require.False(t, start(false).names(p.Self()))
	list, err := p.prekeys.load()
	require.NoError(t, err)
	list[0].Checked = list[0].Checked.Add(-checkPeriod)
	require.NoError(t, p.prekeys.save(list))
	require.True(t, start(false).names(p.Self()), "a day later")
	require.False(t, start(false).names(p.Self()))
	require.True(t, start(true).names(p.Self()), "a node's word is no proof: another chain may have the same ID")
}

// TestNoConnectionTiesPseudonyms: what is asked for on one names one pseudonym or none, and never the identity beside
// it, whoever invites.
func TestNoConnectionTiesPseudonyms(t *testing.T) {
	alice, own, circuits := onCircuits(t)
	bob, carol := newPerson(t, nil), newPerson(t, nil)
	talk := func(s, other *Session) {
		sends(t, s, "hello")
		until(t, other, text("hello"))
		sends(t, other, "hello to you")
		until(t, s, text("hello to you"))
		require.NoError(t, s.Acknowledge(testContext(t), 0))
		_, err := s.Acknowledged(testContext(t))
		require.NoError(t, err)
		_, err = alice.SessionInfo(testContext(t), s.ID())
		require.NoError(t, err)
		require.NoError(t, alice.AwaitMessage(testContext(t), s.ID(), 1, 0))
	}
	alice.invites(t, bob, "she invites")
	bob.invited(t)
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	defer b.Close()
	withBob := alice.answered(t, bob)
	talk(withBob, b)

	carol.invites(t, alice, "she is invited")
	alice.invited(t)
	withCarol, err := alice.Accept(testContext(t), carol.Self())
	require.NoError(t, err)
	defer withCarol.Close()
	c := carol.answered(t, alice)
	talk(withCarol, c)
	open, err := alice.SessionOpen(testContext(t), withBob.ID())
	require.NoError(t, err)
	require.True(t, open)
	_, err = alice.CloseSession(testContext(t), withBob.ID())
	require.NoError(t, err)

	pseudonyms := []ids.ID{withBob.Self(), withCarol.Self(), b.Self(), c.Self()}
	for _, private := range append(pseudonyms, withBob.ID(), withCarol.ID(), bob.Self()) {
		require.False(t, own.names(private))
	}
	require.True(t, own.names(alice.Self()))
	require.Len(t, circuits(), 4, "two pseudonyms, a question for a prekey, and an invitation")
	for circuit, asked := range circuits() {
		require.NotContains(t, string(asked.proofs[0]), "trustedHeight", "that of an answer elsewhere")
		require.False(t, asked.names(alice.Self()))
		require.False(t, asked.names(carol.Self()))
		require.Equal(t, slices.Contains(pseudonyms, circuit), asked.names(circuit))
		for _, s := range []*Session{withBob, withCarol} {
			for _, id := range append(s.Members(), s.ID()) {
				require.Equal(t, circuit == s.Self(), asked.names(id))
			}
		}
	}
}
