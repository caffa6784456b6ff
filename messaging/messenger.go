package messaging

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// DefaultPoll is how long a Receive waits for messages before it looks for receipts.
const DefaultPoll = 2 * time.Second

// Config is what a Messenger is made from.
type Config struct {
	// Client calls the chain's service.
	Client *client.Client
	// Circuit, if it is not nil, returns what calls the service for a pseudonym, by its ID, or for one invitation, by
	// a random number: over another connection, proxy user or node for each. Else the node that is asked can tie
	// them to each other and to the identity.
	Circuit func(circuit ids.ID) (*client.Client, error)
	// Identity signs, and opens what was sealed to it. The sessions' files are encrypted with
	// a key of it.
	Identity *pq.Identity
	// Folder is where the sessions' files are; it is made if it is not there.
	Folder string

	// Known are public keys of identities that may not be registered.
	Known []pq.PublicIdentity
	// Policy says when keys rotate.
	Policy e2ee.Policy
	// Poll is how long a Receive waits for messages before it looks for receipts, 0 for
	// DefaultPoll.
	Poll time.Duration

	// Trust is what the node's answers are verified against. Nil for what Folder has pinned for
	// the chain: the validators that the node named when the chain was first used.
	Trust *lightclient.TrustOptions
	// FirstUse, if it is not nil, is told what was pinned on the node's word.
	FirstUse func(*lightclient.TrustOptions)
	// Contact, if it is not nil, reports whether an identity is known: what it says in an invitation is
	// shown, and apart from what strangers send.
	Contact func(ids.ID) bool
	// Delay, if it is not 0, is how long at the mean, at random, what this identity sends in private waits before a node
	// gets it: so its time says less of what it follows. Meanwhile it is stored, and the error is ErrQueued: a Receive,
	// Flush, Pairs or Group sends it once it is due. Receipts, files and what makes a group's sessions do not wait.
	Delay time.Duration
	// Warn, if it is not nil, is told what was left out because it can't be checked or read: a
	// session, a file.
	Warn func(error)
	// Chain is the chain that is meant; empty for that of Trust, or the one that the Client's node
	// was of when Folder was used with it first.
	Chain ids.ID
	// TrustNode believes the node which messages there are, in which order, and what else the
	// chain's state holds: nothing is verified but signatures of members.
	TrustNode bool
}

// Messenger is one identity on one chain. It is safe for concurrent use.
type Messenger struct {
	*shared
	client *client.Client // what is asked: Config.Client's, or a circuit's
	seen   *atomic.Uint64 // on a circuit: height of the last state that was verified there
}

// shared is what a Messenger has in common on all circuits.
type shared struct {
	own       *Messenger // that of Config.Client: what the identity does under its own name
	config    Config
	self      ids.ID
	chainID   ids.ID
	genesis   *chain.Genesis
	light     *light
	prekeys   *ownPrekeys
	private   *sealedfile.File // a privateFile
	wait      client.Seconds   // for acceptance, at most
	openStore func(session ids.ID, self *pq.Identity) (store, error)
	// savePrivate stores what is kept of private sessions.
	savePrivate func(*privateFile) error
	now         func() time.Time

	mu         sync.Mutex
	foundings  map[ids.ID]founding // of channels' sessions
	identities map[ids.ID]pq.PublicIdentity
	circuits   map[ids.ID]*Messenger
	joined     map[sessionSide]*Session // those that were joined, and not closed
	unasked    map[ids.ID]time.Time     // when somebody could not be asked to join a private group
}

// sessionSide is a member's side of a session.
type sessionSide struct{ session, self ids.ID }

// Open asks which chain it is, registers the identity there or renews it, verifies that the node
// tells the chain's rules, and publishes a prekey if there is none that is fresh.
func Open(ctx context.Context, config Config) (*Messenger, error) {
	switch {
	case config.Client == nil:
		return nil, refusal.Because(ErrConfig, "expected a Client")
	case config.Identity == nil:
		return nil, refusal.Because(ErrConfig, "expected an Identity")
	case config.Folder == "":
		return nil, refusal.Because(ErrConfig, "expected a Folder for the sessions' files")
	}
	if config.Poll <= 0 {
		config.Poll = DefaultPoll
	}
	m := &Messenger{shared: &shared{config: config, self: config.Identity.ID(), now: time.Now}, client: config.Client}
	m.own = m
	var err error
	if m.chainID, err = config.Client.ChainID(ctx); errors.Is(err, client.ErrResponse) {
		return nil, refusal.Because(ErrNode, "it names no chain: %w", err)
	} else if err != nil {
		return nil, err
	}
	if err := m.checkNode(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(config.Folder, 0o700); err != nil {
		return nil, refusal.Because(ErrStore, "%w", err)
	}
	if m.genesis, err = config.Client.Genesis(ctx); err != nil {
		return nil, err
	}
	limits, err := config.Client.Limits(ctx)
	if err != nil {
		return nil, err
	}
	m.wait = limits.MaxWait
	m.openStore = func(session ids.ID, self *pq.Identity) (store, error) {
		return openStore(config.Folder, m.chainID, session, self)
	}
	register, publish := m.unlessChecked(m.register), m.unlessChecked(m.publishPrekey)
	for _, step := range []func(context.Context) error{m.openPrekeys, register, m.openLight, m.checkGenesis, m.keepNode, m.openPairs, publish} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	m.sweep(ctx)
	return m, nil
}

// warn tells the program of what was left out.
func (m *Messenger) warn(err error) {
	if m.config.Warn != nil {
		m.config.Warn(err)
	}
}

// Self returns the identity's ID.
func (m *Messenger) Self() ids.ID { return m.self }

// Chain returns the chain's ID.
func (m *Messenger) Chain() ids.ID { return m.chainID }

// Genesis returns the chain's rules.
func (m *Messenger) Genesis() *chain.Genesis { return m.genesis }

// NewSession makes a session of this identity and others, and joins it. The others join it by its
// ID. They must be registered and have published a prekey, else it is ErrPrekey.
func (m *Messenger) NewSession(ctx context.Context, with ...ids.ID) (*Session, error) {
	if err := checkMembers(with); err != nil {
		return nil, err
	}
	if err := m.checkPrekeys(ctx, with); err != nil { // else somebody could not be written to
		return nil, err
	}
	return m.create(ctx, &chain.CreateSession{Participants: append([]ids.ID{m.self}, with...), Metadata: Metadata()})
}

// create makes a session, and joins it. A participant whose keys are not known is listed with this
// identity's own: the encryption does not use what is listed.
func (m *Messenger) create(ctx context.Context, body *chain.CreateSession) (*Session, error) {
	if err := m.meet(ctx, body.Participants); err != nil {
		return nil, err
	}
	for _, participant := range body.Participants {
		public, known := m.known(participant)
		if !known {
			public = m.config.Identity.Public()
		}
		body.PublicKeys = append(body.PublicKeys, public.KEM)
	}
	body.Creator, body.Nonce = m.self, client.Nonce()
	var err error
	if body.Deadline, err = m.client.Deadline(ctx); err != nil {
		return nil, err
	}
	accepted, err := m.act(ctx, body)
	if err != nil {
		return nil, err
	}
	id := accepted.SessionID
	if want := chain.SessionID(id[0], m.chainID, accepted.TransactionID); id != want {
		return nil, refusal.Because(ErrNode, "expected session %s, got %s", want, id)
	}
	return m.Join(ctx, id)
}

// checkMembers refuses what no session of this protocol can have, before the chain has it.
func checkMembers(others []ids.ID) error {
	if count := len(others) + 1; count < 2 || count > e2ee.MaxMembers {
		return refusal.Because(ErrConfig, "expected 2 to %d members, got %d", e2ee.MaxMembers, count)
	}
	return nil
}

// CloseSession closes a session for good, as who this identity is in it.
func (m *Messenger) CloseSession(ctx context.Context, session ids.ID) (*client.TransactionResult, error) {
	on, self, err := m.in(session)
	if err != nil {
		return nil, err
	}
	tx, err := self.sign(m.chainID, &chain.CloseSession{Session: session, Participant: self.id})
	if err != nil {
		return nil, err
	}
	return on.issueAs(ctx, self, tx.ID(), tx.Bytes(), m.wait)
}

// issue submits a transaction and waits until it is accepted. The chain takes it once, however
// often it is sent.
func (m *Messenger) issue(ctx context.Context, id ids.ID, encoded []byte, wait client.Seconds) (*client.TransactionResult, error) {
	result, err := m.client.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: encoded, Wait: wait})
	return m.accepted(id, result, err)
}

// accepted checks what a node says of a transaction that was submitted.
func (m *Messenger) accepted(id ids.ID, result *client.TransactionResult, err error) (*client.TransactionResult, error) {
	if err != nil {
		return nil, err
	}
	if result.TransactionID != id {
		return nil, refusal.Because(ErrNode, "expected transaction %s, got %s", id, result.TransactionID)
	}
	if result.Status != client.TransactionAccepted {
		return nil, fmt.Errorf("transaction %s is %s: %w", id, result.Status, refusal.ErrWaitTimeout)
	}
	return result, nil
}

// made returns what made a session: its ID commits to the transaction, so who takes part does not
// rest on the node's word. Whoever made it has signed that.
func (m *Messenger) made(ctx context.Context, session ids.ID) (*chain.CreateSession, error) {
	answer, err := m.client.GetSession(ctx, client.GetSessionParams{SessionID: session})
	if err != nil {
		return nil, err
	}
	listed := &answer.Session
	if listed.ID != session {
		return nil, refusal.Because(ErrNode, "expected session %s, got %s", session, listed.ID)
	}
	id := listed.TransactionID
	if want := chain.SessionID(listed.ID[0], m.chainID, id); want != listed.ID {
		return nil, refusal.Because(ErrNode, "transaction %s makes session %s, and not %s", id, want, listed.ID)
	}
	tx, err := m.transaction(ctx, id)
	if err != nil {
		return nil, err
	}
	body, ok := tx.Body.(*chain.CreateSession)
	if !ok {
		return nil, refusal.Because(ErrNode, "transaction %s makes no session", id)
	}
	if !tx.Signs() { // nobody does, or a contract has made it
		return body, nil
	}
	creator, err := m.identity(ctx, body.Creator)
	if errors.Is(err, refusal.ErrNotRegistered) && m.light.client != nil { // it has lapsed since: the chain has checked
		return body, nil
	}
	if err != nil {
		return nil, err
	}
	if err := pq.Verify(creator.DSA, body.Context(), chain.SigningBytes(m.chainID, body), tx.Signature); err != nil {
		return nil, refusal.Because(ErrNode, "transaction %s: %w", id, err)
	}
	return body, nil
}

// transaction returns the accepted transaction of an ID.
func (m *Messenger) transaction(ctx context.Context, id ids.ID) (*chain.Transaction, error) {
	answer, err := m.client.GetTransaction(ctx, client.GetTransactionParams{TransactionID: id})
	if err != nil {
		return nil, err
	}
	if answer.Status != client.TransactionAccepted {
		return nil, refusal.Because(ErrNode, "transaction %s, which it told of, is %s", id, answer.Status)
	}
	tx, err := chain.ParseTransaction(m.chainID, answer.Bytes)
	if err != nil {
		return nil, refusal.Because(ErrNode, "transaction %s: %w", id, err)
	}
	if tx.ID() != id {
		return nil, refusal.Because(ErrNode, "expected transaction %s, got %s", id, tx.ID())
	}
	return tx, nil
}
