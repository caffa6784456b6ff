package e2e

import (
	"context"
	"crypto/mlkem"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/ava-labs/avalanchego/ids"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"

	"github.com/luxfi/session/e2e/network"
)

// messageContext is the ML-DSA context of a message (docs/RPC.md, Signing).
const messageContext = "sessionvm/message/v1"

// longestWait is how long the service waits for acceptance at most.
const longestWait = 20 * time.Second

// person is an identity, made here and not by the product: what it sends is what a second
// implementation would.
type person struct {
	id  ids.ID
	kem []byte
	dsa *mldsa65.PrivateKey
}

// sent is a message that was accepted.
type sent struct {
	ID       ids.ID `json:"messageId"`
	Sequence uint64 `json:"sequence"`
	Height   uint64 `json:"height"`
}

// newPerson makes keys and registers them.
func newPerson(ctx context.Context, node *network.Node) (*person, error) {
	public, private, err := mldsa65.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	kem, err := mlkem.GenerateKey768()
	if err != nil {
		return nil, err
	}
	p := &person{kem: kem.EncapsulationKey().Bytes(), dsa: private}
	var registered struct {
		IdentityID ids.ID `json:"identityId"`
	}
	if err := node.Call(ctx, "RegisterIdentity", map[string]any{
		"kemPublicKey": hex.EncodeToString(p.kem),
		"dsaPublicKey": hex.EncodeToString(public.Bytes()),
		"wait":         longestWait.Seconds(),
	}, &registered); err != nil {
		return nil, fmt.Errorf("registering: %w", err)
	}
	p.id = registered.IdentityID
	return p, nil
}

// newSession makes a plain session of persons, and waits until every node that runs has it.
func newSession(ctx context.Context, node *network.Node, persons ...*person) (ids.ID, error) {
	var participants, keys []string
	for _, p := range persons {
		participants, keys = append(participants, p.id.String()), append(keys, hex.EncodeToString(p.kem))
	}
	var created struct {
		SessionID ids.ID `json:"sessionId"`
	}
	if err := node.Call(ctx, "CreateSession", map[string]any{"participants": participants, "publicKeys": keys, "wait": longestWait.Seconds()}, &created); err != nil {
		return ids.Empty, err
	}
	return created.SessionID, everywhere(ctx, "GetSession", map[string]any{"sessionId": created.SessionID.String()})
}

// send sends a message and waits until it is accepted.
func (p *person) send(ctx context.Context, node *network.Node, chainID, session ids.ID, ciphertext []byte, wait time.Duration) (sent, error) {
	signature := make([]byte, mldsa65.SignatureSize)
	hash := sha256.Sum256(ciphertext)
	signed := append(append(append(append([]byte{}, chainID[:]...), session[:]...), p.id[:]...), hash[:]...)
	if err := mldsa65.SignTo(p.dsa, signed, []byte(messageContext), true, signature); err != nil {
		return sent{}, err
	}
	var answer sent
	err := node.Call(ctx, "SendMessage", map[string]any{
		"sessionId":  session.String(),
		"sender":     p.id.String(),
		"ciphertext": hex.EncodeToString(ciphertext),
		"signature":  hex.EncodeToString(signature),
		"wait":       wait.Seconds(),
	}, &answer)
	return answer, err
}

// listed is a message as a node lists it.
type listed struct {
	ID         ids.ID `json:"id"`
	Ciphertext string `json:"ciphertext"`
	Sequence   uint64 `json:"sequence"`
	Height     uint64 `json:"height"`
}

// list returns all messages of a session that a node has.
func list(ctx context.Context, node *network.Node, session ids.ID) ([]listed, error) {
	var all []listed
	for from := uint64(1); ; {
		var page struct {
			Messages []listed `json:"messages"`
			Next     uint64   `json:"next"`
			Total    uint64   `json:"total"`
		}
		if err := node.Call(ctx, "ListMessages", map[string]any{"sessionId": session.String(), "from": from, "limit": 256}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Messages...)
		if page.Next > page.Total {
			return all, nil
		}
		from = page.Next
	}
}
