package trial

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

// Person is an identity, and a client with an address of its own.
type Person struct {
	*pq.Identity
	Seed   []byte // of the identity
	Client *client.Client
	HTTP   *http.Client
}

// NewPerson returns somebody whose connections come from an address of loopback (Linux has 2^24 of
// them): 0 is 127.0.0.1, the others differ.
func NewPerson(rpc string, address int) (*Person, error) {
	seed := make([]byte, pq.SeedSize)
	rand.Read(seed)
	return PersonFromSeed(rpc, address, seed)
}

// PersonFromSeed is NewPerson with the seed of its identity.
func PersonFromSeed(rpc string, address int, seed []byte) (*Person, error) {
	identity, err := pq.IdentityFromSeed(seed)
	if err != nil {
		return nil, err
	}
	p := &Person{Identity: identity, Seed: seed, HTTP: HTTPFrom(address)}
	p.Client, err = client.New(rpc, client.Options{HTTPClient: p.HTTP, Timeout: time.Minute})
	return p, err
}

// HTTPFrom returns an HTTP client whose connections come from an address of loopback.
func HTTPFrom(address int) *http.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: Address(address)}, Timeout: 10 * time.Second}
	return &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 64}}
}

// Address returns an address of loopback.
func Address(n int) net.IP { return net.IPv4(127, byte(n>>14), byte(n>>7&127), byte(1+n&127)) }

// Register registers the identity.
func (p *Person) Register(ctx context.Context) error {
	deadline, err := p.Client.Deadline(ctx)
	if err != nil {
		return err
	}
	return p.RegisterUntil(ctx, time.UnixMilli(int64(deadline)))
}

// RegisterUntil registers the identity, by a deadline.
func (p *Person) RegisterUntil(ctx context.Context, deadline time.Time) error {
	public := p.Public()
	_, err := p.Client.RegisterIdentity(ctx, client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: uint64(deadline.UnixMilli())})
	return err
}

// Session makes a session of the person and others, signed, and waits for it.
func (p *Person) Session(ctx context.Context, others ...ids.ID) (ids.ID, error) {
	body, err := p.SessionBody(ctx, others...)
	if err != nil {
		return ids.Empty, err
	}
	result, err := p.Client.SendTransaction(ctx, body, p)
	if err != nil {
		return ids.Empty, err
	}
	return result.SessionID, nil
}

// SessionBody returns what makes a session of the person and others.
func (p *Person) SessionBody(ctx context.Context, others ...ids.ID) (*chain.CreateSession, error) {
	deadline, err := p.Client.Deadline(ctx)
	if err != nil {
		return nil, err
	}
	body := &chain.CreateSession{Creator: p.ID(), Nonce: client.Nonce(), Deadline: deadline, Participants: append([]ids.ID{p.ID()}, others...)}
	for range body.Participants {
		body.PublicKeys = append(body.PublicKeys, p.Public().KEM)
	}
	return body, nil
}

// Channel makes a channel, and waits for it.
func (p *Person) Channel(ctx context.Context) error {
	deadline, err := p.Client.Deadline(ctx)
	if err != nil {
		return err
	}
	_, err = p.Client.SendTransaction(ctx, &chain.CreateChannel{Owner: p.ID(), Nonce: client.Nonce(), Deadline: deadline}, p)
	return err
}

// Invitation returns an invitation of somebody, for which the work is done.
func (p *Person) Invitation(ctx context.Context) (*chain.Transaction, error) {
	info, err := p.Client.GetChainInfo(ctx)
	if err != nil {
		return nil, err
	}
	deadline, err := p.Client.Deadline(ctx)
	if err != nil {
		return nil, err
	}
	bucket := chain.BucketOf(Strangers(1)[0], info.Invitations.BucketBits)
	body := &chain.Invite{Bits: bucket.Bits, Bucket: bucket.Number, Head: Random(chain.InvitationHeadSize), Sealed: Random(chain.InvitationSizes[0]), Deadline: deadline}
	challenge := chain.NewInvitationChallenge(info.ChainID, chain.TransactionID(info.ChainID, body), info.Invitations.Beacon)
	if body.Work, err = challenge.Find(ctx, info.Invitations.Bits); err != nil {
		return nil, err
	}
	return p.Client.SignTransaction(ctx, body, nil)
}

// Message returns a signed message of so many random bytes.
func (p *Person) Message(ctx context.Context, session ids.ID, size int) (*chain.Transaction, error) {
	return p.Client.SignTransaction(ctx, &chain.SendMessage{Session: session, Sender: p.ID(), Ciphertext: Random(size)}, p)
}

// Issue submits a transaction, and waits for its acceptance for a while.
func (p *Person) Issue(ctx context.Context, tx *chain.Transaction, wait time.Duration) (*client.TransactionResult, error) {
	result, err := p.Client.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: tx.Bytes(), Wait: client.Seconds(wait)})
	if err != nil {
		return nil, err
	}
	if wait > 0 && result.Status != client.TransactionAccepted {
		return result, fmt.Errorf("after %s the transaction is %s", wait, result.Status)
	}
	return result, nil
}

// Random returns so many random bytes.
func Random(size int) []byte {
	content := make([]byte, size)
	_, _ = rand.Read(content) // it never fails
	return content
}

// Strangers returns so many IDs that are nobody's.
func Strangers(count int) []ids.ID {
	all := make([]ids.ID, count)
	for i := range all {
		all[i] = ids.ID(Random(len(ids.ID{})))
	}
	return all
}

// PlainSession makes LP-42's session, which nobody signs, and waits for it.
func (p *Person) PlainSession(ctx context.Context) error {
	body, err := p.SessionBody(ctx, Strangers(1)...)
	if err != nil {
		return err
	}
	body.Creator = ids.Empty
	_, err = p.Client.SendTransaction(ctx, body, nil)
	return err
}
