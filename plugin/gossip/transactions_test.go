package gossip

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
)

// identity returns an identity that is the same in every run.
func identity(n int) *pq.Identity {
	seed := make([]byte, pq.SeedSize)
	binary.BigEndian.PutUint32(seed, uint32(n))
	identity, err := pq.IdentityFromSeed(seed)
	if err != nil {
		panic(err)
	}
	return identity
}

func deadline() uint64 { return uint64(time.Now().Add(4 * time.Minute).UnixMilli()) }

// sign returns the signed transaction of a body; nil signs nothing.
func sign(t *testing.T, signer *pq.Identity, body chain.Body) *chain.Transaction {
	t.Helper()
	var signature []byte
	if signer != nil {
		var err error
		signature, err = signer.SignDeterministic(body.Context(), chain.SigningBytes(testChainID, body))
		require.NoError(t, err)
	}
	tx, err := chain.NewTransaction(testChainID, body, signature)
	require.NoError(t, err)
	return tx
}

func registration(t *testing.T, n int) *chain.Transaction {
	public := identity(n).Public()
	return sign(t, nil, &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: deadline()})
}

// plain returns a session that nobody signs, the cheapest of transactions.
func plain(t *testing.T, nonce int) *chain.Transaction {
	body := &chain.CreateSession{Nonce: uint64(nonce), Deadline: deadline()}
	for i := range 2 {
		public := twoIdentities()[i].Public()
		body.Participants = append(body.Participants, twoIdentities()[i].ID())
		body.PublicKeys = append(body.PublicKeys, public.KEM)
	}
	return sign(t, nil, body)
}

var twoIdentities = sync.OnceValue(func() [2]*pq.Identity { return [2]*pq.Identity{identity(1), identity(2)} })

// session registers two identities on all nodes and returns their session.
func (n *testNetwork) session() ids.ID {
	t, first := n.t, n.nodes[0]
	t.Helper()
	submit := first.submit
	if n.stem { // what a peer has pushed is in the next block
		submit = func(tx *chain.Transaction) { first.pushes(ids.NodeID{255}, push(tx)) }
	}
	submit(registration(t, 1))
	submit(registration(t, 2))
	first.block(n.nodes...)
	create := plain(t, 0).Body.(*chain.CreateSession)
	create.Creator = twoIdentities()[0].ID()
	tx := sign(t, twoIdentities()[0], create)
	submit(tx)
	first.block(n.nodes...)
	return chain.SessionID(first.Genesis().Prefix(), testChainID, tx.ID())
}

func message(t *testing.T, session ids.ID, text string) *chain.Transaction {
	sender := twoIdentities()[0]
	return sign(t, sender, &chain.SendMessage{Session: session, Sender: sender.ID(), Ciphertext: []byte(text)})
}

// forged returns the transaction with a signature that is wrong, and so the same ID.
func forged(t *testing.T, tx *chain.Transaction, at int) *chain.Transaction {
	signature := append([]byte(nil), tx.Signature...)
	signature[at] ^= 1
	bad, err := chain.NewTransaction(testChainID, tx.Body, signature)
	require.NoError(t, err)
	return bad
}

func push(transactions ...*chain.Transaction) (message []byte) {
	for _, tx := range transactions {
		message = appendTransaction(message, tx)
	}
	return message
}
