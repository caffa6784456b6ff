package messaging

import (
	"encoding/binary"
	"reflect"
	"slices"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// view is what the observer has of a round, sorted by what it belongs to: that is known from the order, and
// from the IDs of sessions.
type view struct {
	o        *observer
	schedule *schedule
	worlds   [2]*world
	roots    []*root
	entries  []submitted // the mempool, in order
	belongs  []object    // of each entry
	invites  []submitted
	sessions []*sessionView
	requests []*request

	preferences map[string]float64    // of linkers
	named       map[*request][]object // see names
}

// root is a person as everybody knows it.
type root struct {
	id      ids.ID
	entries []submitted // what it has signed as itself, and its registration
}

// prekey returns the transaction of a root's latest prekey.
func (r *root) prekey() (last submitted) {
	for _, entry := range r.entries {
		if _, ok := entry.Body.(*chain.PublishPrekey); ok {
			last = entry
		}
	}
	return last
}

// sessionView is what the observer has of a session.
type sessionView struct {
	id      ids.ID
	create  submitted
	entries []submitted
}

// object is what the observer ties to another: an invitation, a session or a person.
type object struct {
	kind objectKind
	n    int
}

type objectKind string

const (
	anInvitation objectKind = "invitation"
	aSession     objectKind = "session"
	aPerson      objectKind = "person"
)

// people returns who sits at an object in a world.
func (w *world) people(o object) []int {
	switch o.kind {
	case anInvitation:
		return w.seats[o.n][:]
	case aSession:
		return w.in(o.n)
	default:
		return []int{o.n}
	}
}

// ties reports whether two objects belong together in a world.
func (w *world) ties(a, b object) bool {
	if a.kind == aSession && b.kind == anInvitation {
		a, b = b, a
	}
	if a.kind == anInvitation && b.kind == aSession {
		if w.groups != nil {
			return w.answers[b.n] == w.about[a.n]
		}
		return w.answers[b.n] == a.n
	}
	for _, one := range w.people(a) {
		for _, other := range w.people(b) {
			if one == other {
				return true
			}
		}
	}
	return false
}

// newView sorts what the observer has seen of a round. Requests after which the mempool had a transaction are
// told by their bytes; a registration that the node made, by its block.
func newView(o *observer, s *schedule, worlds [2]*world, roots []*root, blocks []*chain.Block, requests []*request) *view {
	v := &view{o: o, schedule: s, worlds: worlds, roots: roots, requests: requests, named: make(map[*request][]object)}
	v.entries = o.mempool(requests)
	count := 0
	for _, block := range blocks {
		for _, tx := range block.Transactions {
			if !ofValidators(tx) {
				count++
			}
		}
	}
	require.Len(o.t, v.entries, count, "what was in the mempool is on the chain")
	for _, entry := range v.entries {
		v.belongs = append(v.belongs, v.take(entry))
	}
	return v
}

// ofValidators reports whether a transaction is one that a node makes by itself.
func ofValidators(tx *chain.Transaction) bool {
	_, is := tx.Body.(*chain.RegisterValidatorKey)
	return is
}

// take notes an entry of the mempool, and returns what it belongs to.
func (v *view) take(entry submitted) object {
	switch body := entry.Body.(type) {
	case *chain.Invite:
		v.invites = append(v.invites, entry)
		return object{anInvitation, len(v.invites) - 1}
	case *chain.CreateSession:
		id := chain.SessionID(7, v.o.chainID, entry.ID())
		v.sessions = append(v.sessions, &sessionView{id: id, create: entry, entries: []submitted{entry}})
		return object{aSession, len(v.sessions) - 1}
	case *chain.PublishPrekey:
		return v.ofRoot(body.Identity, entry)
	case *chain.CreateChannel: // it has roots of others too, which are not of its owner
		return object{aPerson, slices.IndexFunc(v.roots, func(root *root) bool { return root.id == body.Owner })}
	case *chain.RegisterIdentity:
		return v.ofRoot(chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey), entry)
	}
	session := sessionOf(entry.Body)
	for n, seen := range v.sessions {
		if seen.id == session {
			seen.entries = append(seen.entries, entry)
			return object{aSession, n}
		}
	}
	require.Fail(v.o.t, "a transaction that the schedule does not have", "%T", entry.Body)
	return object{}
}

func (v *view) ofRoot(id ids.ID, entry submitted) object {
	for n, root := range v.roots {
		if root.id == id {
			root.entries = append(root.entries, entry)
			return object{aPerson, n}
		}
	}
	require.Fail(v.o.t, "a root that nobody knows")
	return object{}
}

// sessionOf returns the session that a transaction names.
func sessionOf(body chain.Body) ids.ID {
	switch body := body.(type) {
	case *chain.SendMessage:
		return body.Session
	case *chain.Acknowledge:
		return body.Session
	case *chain.RotateKey:
		return body.Session
	case *chain.CloseSession:
		return body.Session
	default:
		return ids.Empty
	}
}

// values returns the values of all fields of an object's transactions that are not small numbers.
func (v *view) values(o object) (all [][]byte) {
	var entries []submitted
	switch o.kind {
	case anInvitation:
		entries = v.invites[o.n : o.n+1]
	case aSession:
		entries = v.sessions[o.n].entries
	case aPerson:
		entries = v.roots[o.n].entries
		all = append(all, v.roots[o.n].id[:])
	}
	for _, entry := range entries {
		const hint = 61 // the end of a signature (FIPS 204, HintBitPack): sorted places and their counts, which are few
		all = append(valuesOf(reflect.ValueOf(entry.Body), all), entry.Signature[:max(hint, len(entry.Signature))-hint])
		if entry.Registration != nil {
			all = valuesOf(reflect.ValueOf(entry.Registration), all)
		}
	}
	return all
}

// valuesOf appends the bytes, texts and IDs that are in a value, and numbers of 64 random bits.
func valuesOf(value reflect.Value, all [][]byte) [][]byte {
	switch kind := value.Kind(); {
	case kind == reflect.Pointer:
		return valuesOf(value.Elem(), all)
	case kind == reflect.Struct:
		for n := range value.NumField() {
			if value.Type().Field(n).IsExported() {
				all = valuesOf(value.Field(n), all)
			}
		}
	case kind == reflect.String:
		return append(all, []byte(value.String()))
	case kind == reflect.Uint64 && value.Uint() > 1<<52:
		return append(all, binary.BigEndian.AppendUint64(nil, value.Uint()))
	case (kind == reflect.Slice || kind == reflect.Array) && value.Type().Elem().Kind() == reflect.Uint8:
		content := make([]byte, value.Len())
		reflect.Copy(reflect.ValueOf(content), value)
		return append(all, content)
	case kind == reflect.Slice:
		for n := range value.Len() {
			all = valuesOf(value.Index(n), all)
		}
	}
	return all
}

// maker returns the seat that makes sessions: who was invited, if anybody was; in groups the first.
func (v *view) maker() int {
	if len(v.invites) > 0 && len(v.schedule.made) == 0 {
		return invitee
	}
	return inviter
}

// actors returns who has acted in a session, in order of when first.
func (s *sessionView) actors() (all []ids.ID) {
	for _, entry := range s.entries {
		if actor := entry.Body.Actor(); !slices.Contains(all, actor) {
			all = append(all, actor)
		}
	}
	return all
}

// participantsOf returns the participants of a session, as it was made.
func participantsOf(s *sessionView) []ids.ID {
	return s.create.Body.(*chain.CreateSession).Participants
}

// sent returns the sizes of a seat's messages of a kind in a session, by the first byte of the ciphertext.
func (v *view) sent(session, seat int, kind byte) (sizes []int) {
	seen := v.sessions[session]
	if v.maker() == invitee {
		seat = invitee - seat
	}
	actors := seen.actors()
	for _, entry := range seen.entries {
		body, ok := entry.Body.(*chain.SendMessage)
		if !ok || seat >= len(actors) || body.Sender != actors[seat] {
			continue
		}
		said := body.Ciphertext
		if said[0] == 0x10 && kind == 0x11 {
			said = afterAnnouncement(said)
		}
		if len(said) > 0 && said[0] == kind {
			sizes = append(sizes, len(said))
		}
	}
	return sizes
}
