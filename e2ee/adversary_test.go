package e2ee

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/kem/xwing"
)

// adversary holds everything that went over the chain, and copies of members' states and
// secrets. It is bound by none of the rules that a Session keeps: it tries every secret that
// it has on every stanza, goes forward from every ratchet, and takes up what it learns, until
// it learns nothing more. It does not send.
type adversary struct {
	context       [hashSize]byte
	session       [32]byte
	members       map[ID]bool
	wires         []sentWire
	announcements int // how many of the wires are announcements
	kems          []adversaryKEM
	known         map[string]bool // kems and ratchets that are taken up already
	replies       [][keySize]byte // reply keys, to be tried
	chains        []adversaryChain
	unopened      map[int]bool
	read          map[string]bool
	attempts      map[adversaryAttempt]*adversaryProgress // nothing is tried twice
}

type adversaryAttempt struct {
	wire, stanza, kem int
}

type adversaryProgress struct {
	shared []byte
	tried  int // replies
}

type sentWire struct {
	sender  ID
	encoded []byte
}

// adversaryKEM opens one or two ciphertexts.
type adversaryKEM struct {
	mode        stanzaMode
	publicKeys  []byte
	decapsulate func(ciphertexts []byte) []byte
}

// adversaryChain is a sender's ratchet from some index on, or a single key.
type adversaryChain struct {
	sender     ID
	epoch      uint32
	transcript [hashSize]byte
	keys       map[uint32][keySize]byte
}

// adversarySteps is how far it goes from a ratchet: at least as far as anybody has gone, see sees.
const adversarySteps = 32

func newAdversary(observed *Session) *adversary {
	return &adversary{
		context: observed.context, session: observed.session,
		members: map[ID]bool{}, known: map[string]bool{},
		replies: [][keySize]byte{{}}, unopened: map[int]bool{}, read: map[string]bool{},
		attempts: map[adversaryAttempt]*adversaryProgress{},
	}
}

// observes notes what is public of a session: its members.
func (a *adversary) observes(s *Session) {
	for _, id := range s.Members() {
		a.members[id] = true
	}
}

// sees notes what a member put onto the chain.
func (a *adversary) sees(from *Session, sealed Sealed) {
	a.observes(from)
	for _, wire := range sealed.wires() {
		a.unopened[len(a.wires)] = true
		a.wires = append(a.wires, sentWire{from.Self(), bytes.Clone(wire)})
		a.goesAsFarAs(wire)
	}
}

// goesAsFarAs panics where somebody has gone farther from a ratchet than the adversary would. A reply chain goes
// one step for an announcement, at most.
func (a *adversary) goesAsFarAs(encoded []byte) {
	switch encoded[0] {
	case kindAnnouncement:
		a.announcements++
	case kindMessage:
		wire, err := parseMessage(encoded)
		if err != nil {
			panic(err)
		}
		if wire.index >= adversarySteps {
			panic("a message farther from its epoch's beginning than the adversary goes")
		}
	}
	if a.announcements > adversarySteps {
		panic("more announcements than the steps that the adversary goes from a reply chain")
	}
}

// steals copies a member's whole state and secrets.
func (a *adversary) steals(s *Session) {
	a.observes(s)
	copied, err := Restore(s.State(), s.secrets, nil)
	if err != nil {
		panic(err)
	}
	a.stealsSecrets(copied.secrets)
	for i := range copied.slots {
		slot := &copied.slots[i]
		a.addKEM(slot.seed)
		for _, reply := range slot.replies {
			a.addReplies(reply.chain)
			for _, skipped := range reply.skipped {
				a.addReply(skipped.key)
			}
		}
	}
	for i := range copied.peers {
		p := &copied.peers[i]
		if p.reply != nil {
			a.addReplies(p.reply.chain)
		}
		for _, epoch := range p.epochs {
			a.addChain(p.id, epoch.epoch, epoch.transcript, epoch.chain, epoch.next)
			for _, skipped := range epoch.skipped {
				a.chains = append(a.chains, adversaryChain{p.id, epoch.epoch, epoch.transcript, map[uint32][keySize]byte{skipped.index: skipped.key}})
			}
		}
	}
	if sending := copied.sending; sending != nil {
		a.addChain(copied.self, sending.epoch, sending.transcript, sending.chain, sending.next)
	}
}

// stealsSecrets takes a member's identity and those of its prekeys that are not erased.
func (a *adversary) stealsSecrets(secrets Secrets) {
	for _, prekey := range secrets.Prekeys {
		seed := prekey.Seed()
		if len(seed) == 0 {
			continue
		}
		copied, err := PrekeyFromSeed(seed)
		if err != nil {
			panic(err)
		}
		alone := Secrets{Identity: secrets.Identity, Prekeys: []*Prekey{copied}}
		public := slices.Concat(prekey.public, secrets.Identity.KEM().Public())
		a.kems = append(a.kems, adversaryKEM{modePrekey, public, func(ciphertexts []byte) []byte {
			head := append([]byte{byte(modePrekey)}, keyReference(prekey.public, secrets.Identity.KEM().Public())...)
			shared, _, err := alone.open(&stanza{head: head, ciphertexts: ciphertexts})
			if err != nil {
				panic(err)
			}
			return shared
		}})
	}
}

func (a *adversary) addKEM(seed []byte) {
	if name := fmt.Sprintf("kem %x", seed); !a.known[name] {
		a.known[name] = true
		seed = bytes.Clone(seed)
		a.kems = append(a.kems, adversaryKEM{modeRatchet, publicXWing(seed), func(ciphertexts []byte) []byte {
			return xwing.Decapsulate(ciphertexts, seed)
		}})
	}
}

func (a *adversary) addReply(key [keySize]byte) { a.replies = append(a.replies, key) }

func (a *adversary) addReplies(chain [keySize]byte) {
	if name := "reply" + string(chain[:]); !a.known[name] {
		a.known[name] = true
		for range adversarySteps {
			var key [keySize]byte
			key, chain = step(chain, labelReplyTo)
			a.addReply(key)
		}
	}
}

func (a *adversary) addChain(sender ID, epoch uint32, bound [hashSize]byte, chain [keySize]byte, next uint32) {
	known := adversaryChain{sender, epoch, bound, map[uint32][keySize]byte{}}
	for i := range uint32(adversarySteps) {
		known.keys[next+i], chain = step(chain, labelMessage)
	}
	a.chains = append(a.chains, known)
}

// attacks returns every content that can be read.
func (a *adversary) attacks() map[string]bool {
	for progress := true; progress; {
		progress = false
		for i, wire := range a.wires {
			if a.unopened[i] && (a.opensAnnouncement(i, wire) || a.opensMessage(wire)) {
				delete(a.unopened, i)
				progress = true
			}
		}
	}
	return a.read
}

func (a *adversary) opensMessage(sent sentWire) bool {
	if sent.encoded[0] != kindMessage {
		return false
	}
	wire, err := parseMessage(sent.encoded)
	if err != nil {
		panic(err)
	}
	for _, chain := range a.chains {
		key, ok := chain.keys[wire.index]
		if !ok || chain.sender != sent.sender || chain.epoch != wire.epoch {
			continue
		}
		padded, err := openMessage(wire, key, associatedData(a.session, sent.sender, chain.transcript, wire.header))
		if err != nil {
			continue
		}
		opened, err := unpad(padded)
		if err != nil {
			panic(err)
		}
		a.read[string(opened.Content)] = true
		return true
	}
	return false
}

func (a *adversary) opensAnnouncement(number int, sent sentWire) bool {
	if sent.encoded[0] != kindAnnouncement {
		return false
	}
	wire, err := parseAnnouncement(sent.encoded)
	if err != nil {
		panic(err)
	}
	for i := range wire.stanzas {
		for k, kem := range a.kems {
			if kem.mode != wire.stanzas[i].mode {
				continue
			}
			if a.opensStanza(sent, wire, &wire.stanzas[i], kem, adversaryAttempt{number, i, k}) {
				return true
			}
		}
	}
	return false
}

func (a *adversary) opensStanza(sent sentWire, wire *announcementWire, at *stanza, kem adversaryKEM, attempt adversaryAttempt) bool {
	progress := a.attempts[attempt]
	if progress == nil {
		progress = &adversaryProgress{shared: kem.decapsulate(at.ciphertexts)}
		a.attempts[attempt] = progress
	}
	replies := a.replies[progress.tried:]
	progress.tried = len(a.replies)
	for _, reply := range replies {
		if (reply == [keySize]byte{}) == (kem.mode == modeRatchet) {
			continue // zeros stand for none, and none is mixed in for other modes
		}
		for recipient := range a.members {
			if recipient == sent.sender {
				continue
			}
			wrapping, err := wrappingKey(progress.shared, reply, wrapContext{
				context: a.context, sender: sent.sender, recipient: recipient,
				epoch: wire.epoch, stanzaHead: at.head, publicKeys: kem.publicKeys, ciphertexts: at.ciphertexts,
			})
			if err != nil {
				panic(err)
			}
			secret, err := openOnce(wrapping, at.wrapped, nil)
			if err != nil {
				continue
			}
			a.learns(sent, wire, secret)
			return true
		}
	}
	return false
}

// learns takes up an epoch's secret: the ratchet of its sender, and those of all that answer.
func (a *adversary) learns(sent sentWire, wire *announcementWire, secret []byte) {
	bound := transcript(a.context, sent.sender, wire.bound)
	secrets, err := deriveEpoch(secret, bound)
	if err != nil {
		panic(err)
	}
	if subtle.ConstantTimeCompare(secrets.commitment[:], wire.commitment) != 1 {
		panic("an announcement that opens and does not commit")
	}
	a.addChain(sent.sender, wire.epoch, bound, secrets.chain, 0)
	for id := range a.members {
		a.addReplies(replyChain(secrets.reply, id))
	}
}

// forges makes a message as another member would, from that member's ratchet as one of its
// readers has it: what nothing but the sender's signature keeps a member from.
func forges(reader *Session, victim ID, content string) []byte {
	epoch := reader.peer(victim).epochs[0]
	key, _ := step(epoch.chain, labelMessage)
	header := appendMessageHeader(nil, epoch.epoch, epoch.next)
	forged, err := sealMessage(header, key, padded(content), associatedData(reader.session, victim, epoch.transcript, header))
	if err != nil {
		panic(err)
	}
	return forged
}

// padded returns a text as it is sealed.
func padded(text string) []byte {
	padded, err := pad(testRandom(text), Seen{}, ContentText, []byte(text))
	if err != nil {
		panic(err)
	}
	return padded
}
