package vm

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// oracle is the state of the chain as plain maps, after one block. It is written from the
// rules that LP-42, DESIGN and the comments of package chain state, and shares nothing with
// the implementation but the bytes: it has no tree, no layers, no queues and no budgets.
// Values in the maps are never changed in place, so that a block's oracle can be a shallow
// copy of its parent's.
type oracle struct {
	genesis *chain.Genesis // the values that the block executes by
	rules   *oracleRules
	height  uint64
	now     uint64

	identities   map[ids.ID]oracleIdentity
	sessions     map[ids.ID]oracleSession
	channels     map[ids.ID]oracleChannel
	receipts     map[[2]ids.ID]oracleReceipt
	messages     []oracleMessage // every message there ever was; the first has index 1
	transactions map[ids.ID]oracleInclusion

	sessionsMade  []ids.ID // the first has number 1
	registrations []ids.ID // the first has number 1
	channelEvents []ids.ID // the first has number 1

	// How far each walk has come.
	messagesSwept, pendingSwept, expirySwept, sessionsSwept, identitiesSwept, channelsSwept int

	oracleInvitations
	oracleValidators
	oracleContracts

	beacons []ids.ID // for the work of registrations: the latest, and the one before

	position              int
	registered, plainMade uint64 // in this block
	wrote                 uint64 // bytes of state in this block
}

type oracleIdentity struct {
	kem, dsa []byte
	since    uint64
	first    uint64 // registration since it lapsed
	number   int
	channels uint64

	used                     [4]uint64 // of its allowances: until when
	prekey                   []byte
	prekeyNumber, prekeyTime uint64
	single                   ids.ID // session
}

type oracleSession struct {
	status           chain.SessionStatus
	participants     []ids.ID
	created, expires uint64
	messages         []uint64 // their indexes
	first            [][]byte // keys
	keys             [][]byte
	epochs           []uint64
	metadata         []chain.MetadataEntry
	creator, channel ids.ID
	number           int
	acted            []bool
}

type oracleChannel struct {
	owner           ids.ID
	members         []ids.ID
	metadata        []chain.MetadataEntry
	created, active uint64
	version         uint64
	sessions        uint64
	session         ids.ID
	number          int
}

type oracleReceipt struct {
	sequence, timestamp uint64
	transaction         ids.ID
	transcript          chain.Hash
}

type oracleMessage struct {
	id, session, sender           ids.ID
	sequence, timestamp, previous uint64
	transcript                    chain.Hash
}

type oracleInclusion struct {
	height   uint64
	position int
	message  uint64
	sequence uint64 // of the message
}

func newOracle(genesis *chain.Genesis, upgradeTime uint64) *oracle {
	return &oracle{
		genesis:      genesis,
		rules:        newOracleRules(genesis, upgradeTime),
		now:          genesis.Timestamp,
		beacons:      make([]ids.ID, 2),
		identities:   make(map[ids.ID]oracleIdentity),
		sessions:     make(map[ids.ID]oracleSession),
		channels:     make(map[ids.ID]oracleChannel),
		receipts:     make(map[[2]ids.ID]oracleReceipt),
		transactions: make(map[ids.ID]oracleInclusion),

		oracleInvitations: oracleInvitations{buckets: make(map[chain.Bucket][]oracleInvitation)},
		oracleValidators:  oracleValidators{validatorKeys: make(map[string]oracleValidatorKey)},
		oracleContracts:   oracleContracts{usedBy: make(map[ids.ID][4]uint64)},
	}
}

// next returns the state at the beginning of a child block, and how many records have left
// or changed because of the time alone. The platform's height says who its validators are.
func (o *oracle) next(timestamp uint64, parent ids.ID, pChainHeight uint64) (child *oracle, swept int) {
	clone := *o
	child = &clone
	child.height++
	child.genesis = o.rules.after(o.now)
	child.now, child.pChainHeight = timestamp, pChainHeight
	child.turnBeacon(o.now, parent)
	child.turnInvitations(o)
	child.nextContracts(pChainHeight)
	child.position, child.registered, child.plainMade, child.wrote = 0, 0, 0, 0
	child.identities = maps.Clone(o.identities)
	child.sessions = maps.Clone(o.sessions)
	child.channels = maps.Clone(o.channels)
	child.receipts = maps.Clone(o.receipts)
	child.transactions = maps.Clone(o.transactions)
	child.messages = slices.Clip(o.messages)
	child.sessionsMade = slices.Clip(o.sessionsMade)
	child.registrations = slices.Clip(o.registrations)
	child.channelEvents = slices.Clip(o.channelEvents)
	child.validatorKeys = maps.Clone(o.validatorKeys)
	child.keyEvents = slices.Clip(o.keyEvents)
	return child, child.sweep()
}

func (o *oracle) retention() uint64    { return o.genesis.RetentionDays * 24 * 3600 * 1000 }
func (o *oracle) identityLife() uint64 { return o.genesis.Limits.IdentityDays * 24 * 3600 * 1000 }

// totals returns the chain's counters, counted.
func (o *oracle) totals() *chain.Totals {
	count := func(status chain.SessionStatus) (n uint64) {
		for _, session := range o.sessions {
			if session.status == status {
				n++
			}
		}
		return n
	}
	return o.countInvitations(&chain.Totals{
		Height:          o.height,
		Timestamp:       o.now,
		Genesis:         o.genesis.Hash(),
		Messages:        uint64(len(o.messages)),
		MessagesSwept:   uint64(o.messagesSwept),
		Sessions:        uint64(len(o.sessionsMade)),
		PendingSwept:    uint64(o.pendingSwept),
		ExpirySwept:     uint64(o.expirySwept),
		SessionsSwept:   uint64(o.sessionsSwept),
		PendingSessions: count(chain.SessionPending),
		ActiveSessions:  count(chain.SessionActive),
		Identities:      uint64(len(o.registrations)),
		IdentitiesSwept: uint64(o.identitiesSwept),
		LiveIdentities:  uint64(len(o.identities)),
		Channels:        uint64(len(o.channelEvents)),
		ChannelsSwept:   uint64(o.channelsSwept),
		LiveChannels:    uint64(len(o.channels)),
		Beacon:          o.beacons[0],
		BeaconBefore:    o.beacons[1],

		ValidatorKeys:      uint64(len(o.keyEvents)),
		ValidatorKeysSwept: uint64(o.keysSwept),
		LiveValidatorKeys:  uint64(len(o.validatorKeys)),
	})
}

// leaves returns how many leaves the tree must have.
func (o *oracle) leaves() int {
	others := 0
	for _, session := range o.sessions {
		for _, epoch := range session.epochs {
			others += int(min(1, epoch))
		}
	}
	for _, identity := range o.identities {
		if identity.used != [4]uint64{} {
			others++
		}
	}
	for _, used := range o.usedBy {
		if used != [4]uint64{} {
			others++
		}
	}
	return 1 + len(o.validatorKeys) + len(o.buckets) + len(o.identities) + 2*len(o.sessions) + others + len(o.channels) + len(o.receipts) + len(o.messages) - o.messagesSwept
}

// pendingSessions returns how many sessions are pending.
func (o *oracle) pendingSessions() uint64 { return o.totals().PendingSessions }

// apply does a transaction that has no refusals.
func (o *oracle) apply(tx *chain.Transaction) {
	registration := o.registration(tx)
	if registration != nil {
		*o = *o.register(registration)
	}
	written := o.written(tx, registration)
	if tx.Warp != nil {
		o.usedBy[tx.Warp.SourceChain], _ = o.use(o.usedBy[tx.Warp.SourceChain], 0, tx)
		o.received++
	}
	if actor, ok := o.identities[tx.Body.Actor()]; ok {
		actor.used, _ = o.use(actor.used, actor.first, tx)
		o.identities[tx.Body.Actor()] = actor
	}
	inclusion := oracleInclusion{height: o.height, position: o.position}
	switch body := tx.Body.(type) {
	case *chain.PublishPrekey:
		identity := o.identities[body.Identity]
		identity.prekey, identity.prekeyTime = body.PublicKey, o.now
		identity.prekeyNumber++
		o.identities[body.Identity] = identity
	case *chain.CreateSession:
		o.createSession(chain.SessionID(o.genesis.Prefix(), testChainID, tx.ID()), body)
	case *chain.SendMessage:
		session := o.acted(body.Session, body.Sender)
		message := oracleMessage{
			id:        tx.ID(),
			session:   body.Session,
			sender:    body.Sender,
			sequence:  uint64(len(session.messages)) + 1,
			timestamp: o.now,
		}
		before := o.transcript(body.Session, len(session.messages))
		message.transcript = sha256.Sum256(slices.Concat([]byte("sessionvm/transcript/v1\x00"), before[:], message.id[:], binary.BigEndian.AppendUint64(nil, o.now)))
		if len(session.messages) > 0 {
			message.previous = session.messages[len(session.messages)-1]
		}
		o.messages = append(o.messages, message)
		inclusion.message, inclusion.sequence = uint64(len(o.messages)), message.sequence
		session.messages = append(slices.Clip(session.messages), inclusion.message)
		o.sessions[body.Session] = session
	case *chain.Acknowledge:
		o.sessions[body.Session] = o.acted(body.Session, body.Participant)
		o.receipts[[2]ids.ID{body.Session, body.Participant}] = oracleReceipt{body.Sequence, o.now, tx.ID(), body.Transcript}
	case *chain.RotateKey:
		session := o.acted(body.Session, body.Participant)
		position := slices.Index(session.participants, body.Participant)
		session.keys, session.epochs = slices.Clone(session.keys), slices.Clone(session.epochs)
		session.keys[position] = body.PublicKey
		session.epochs[position]++
		o.sessions[body.Session] = session
	case *chain.CloseSession:
		session := o.acted(body.Session, body.Participant)
		session.status = chain.SessionClosed
		o.sessions[body.Session] = session
	case *chain.CreateChannel:
		id := chain.ChannelID(testChainID, tx.ID())
		owner := o.identities[body.Owner]
		owner.channels++
		o.identities[body.Owner] = owner
		o.touchChannel(id, oracleChannel{
			owner:    body.Owner,
			members:  append([]ids.ID{body.Owner}, body.Members...),
			metadata: body.Metadata,
			created:  o.now,
			version:  1,
		})
	case *chain.Invite:
		o.invite(body, tx)
	case *chain.RegisterValidatorKey:
		o.putValidatorKey(string(body.BLSPublicKey), oracleValidatorKey{public: body.PublicKey, registered: o.now})
	case *chain.TransferChannel:
		channel := o.channels[body.Channel]
		before, after := o.identities[body.Owner], o.identities[body.Member]
		before.channels -= min(1, before.channels) // who lapsed and came back counts from 0
		after.channels++
		o.identities[body.Owner], o.identities[body.Member] = before, after
		channel.owner = body.Member
		channel.version++
		o.touchChannel(body.Channel, channel)
	case *chain.AddMember:
		channel := o.channels[body.Channel]
		o.endSession(channel)
		channel.members = append(slices.Clip(channel.members), body.Member)
		channel.version++
		o.touchChannel(body.Channel, channel)
	case *chain.RemoveMember:
		channel := o.channels[body.Channel]
		o.endSession(channel)
		if channel.owner == body.Member {
			o.removeChannel(body.Channel)
			break
		}
		channel.members = slices.DeleteFunc(slices.Clone(channel.members), func(id ids.ID) bool { return id == body.Member })
		channel.version++
		o.touchChannel(body.Channel, channel)
	}
	o.transactions[tx.ID()] = inclusion
	o.wrote += written
	o.position++
}

// transcript returns a session's transcript after a number of messages, as docs/PROTOCOL.md
// has it.
func (o *oracle) transcript(session ids.ID, messages int) chain.Hash {
	if messages == 0 {
		return sha256.Sum256(append([]byte("sessionvm/transcript/v1\x00"), session[:]...))
	}
	return o.messages[o.sessions[session].messages[messages-1]-1].transcript
}

func (o *oracle) createSession(id ids.ID, body *chain.CreateSession) {
	status := chain.SessionActive
	if body.Creator == ids.Empty {
		status = chain.SessionPending
		o.plainMade++
	}
	if body.Channel != ids.Empty {
		channel := o.channels[body.Channel]
		channel.sessions++
		channel.session = id
		o.touchChannel(body.Channel, channel)
	}
	if body.Single {
		creator := o.identities[body.Creator]
		creator.single = id
		o.identities[body.Creator] = creator
	}
	keys := body.PublicKeys
	if len(keys) == 0 {
		keys = make([][]byte, len(body.Participants))
	}
	o.sessionsMade = append(o.sessionsMade, id)
	o.sessions[id] = oracleSession{
		status:       status,
		participants: body.Participants,
		created:      o.now,
		expires:      o.now + o.genesis.SessionTTL*1000,
		first:        keys,
		keys:         keys,
		epochs:       make([]uint64, len(body.Participants)),
		metadata:     body.Metadata,
		creator:      body.Creator,
		channel:      body.Channel,
		number:       len(o.sessionsMade),
		acted:        make([]bool, len(body.Participants)),
	}
	if body.Creator != ids.Empty {
		o.sessions[id] = o.acted(id, body.Creator)
	}
}

// endSession closes the session of a channel whose members change.
func (o *oracle) endSession(channel oracleChannel) {
	if session := o.sessions[channel.session]; session.status == chain.SessionActive {
		session.status = chain.SessionClosed
		o.sessions[channel.session] = session
	}
}

// acted returns a session in which a participant has just acted.
func (o *oracle) acted(id, participant ids.ID) oracleSession {
	session := o.sessions[id]
	session.acted = slices.Clone(session.acted)
	session.acted[slices.Index(session.participants, participant)] = true
	if session.status == chain.SessionPending {
		session.status = chain.SessionActive
	}
	return session
}

// touchChannel writes a channel in which something has happened.
func (o *oracle) touchChannel(id ids.ID, channel oracleChannel) {
	o.channelEvents = append(o.channelEvents, id)
	channel.number = len(o.channelEvents)
	channel.active = o.now
	o.channels[id] = channel
}

func (o *oracle) removeChannel(id ids.ID) {
	owner := o.channels[id].owner
	delete(o.channels, id)
	if identity, ok := o.identities[owner]; ok && identity.channels > 0 {
		identity.channels--
		o.identities[owner] = identity
	}
}
