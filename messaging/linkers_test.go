package messaging

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/luxfi/session/chain"
)

// linker is one way to tell two worlds apart: above 0, the second is likelier, below, the first.
type linker struct {
	name    string
	prefers func(*view) float64
}

// ofChain are what an observer of the chain tries, in this order.
var ofChain = []linker{
	{"bytes that repeat", repeatedBytes},
	{"the bucket", buckets},
	{"a nonce that follows from a key", derivedNonces},
	{"places of participants", ranks},
	{"what a root signs just before", neighbours},
	{"sizes", sizes},
	{"clocks", clocks},
}

// preference returns what a linker prefers, which it computes once.
func (v *view) preference(l linker) float64 {
	if v.preferences == nil {
		v.preferences = make(map[string]float64)
	}
	if _, known := v.preferences[l.name]; !known {
		v.preferences[l.name] = l.prefers(v)
	}
	return v.preferences[l.name]
}

// tie says for a world that two objects belong together: what it prefers by that.
func (v *view) tie(a, b object) (preference float64) {
	for i, sign := range []float64{-1, 1} {
		if v.worlds[i].ties(a, b) {
			preference += sign
		}
	}
	return preference
}

// repeatedBytes finds every 8 bytes that are in the fields of two objects, wherever they are: an ID, a key, a part of
// either. What all invitations, all sessions or all persons have is the format.
func repeatedBytes(v *view) (preference float64) {
	const window = 8
	var objects []object
	var format []uint64
	for _, kind := range []struct {
		kind  objectKind
		count int
	}{{anInvitation, len(v.invites)}, {aSession, len(v.sessions)}, {aPerson, len(v.roots)}} {
		all := uint64(0)
		for n := range kind.count {
			all |= 1 << len(objects)
			objects = append(objects, object{kind.kind, n})
		}
		if kind.count > 1 {
			format = append(format, all)
		}
	}
	in := make(map[uint64]uint64) // of each window, the objects
	for i, o := range objects {
		for _, content := range v.values(o) {
			for at := 0; at+window <= len(content); at++ {
				if bytes.Count(content[at:at+window], []byte{0}) < 3 { // else it is a number of the protocol
					in[binary.BigEndian.Uint64(content[at:])] |= 1 << i
				}
			}
		}
	}
	count := make(map[uint64]int)
	for _, where := range in {
		if where&(where-1) != 0 && !slices.ContainsFunc(format, func(all uint64) bool { return where&all == all }) {
			count[where]++
		}
	}
	for where, n := range count {
		for i := range objects {
			for j := range i {
				if where&(1<<i) != 0 && where&(1<<j) != 0 {
					preference += float64(n) * v.tie(objects[i], objects[j])
				}
			}
		}
	}
	return preference
}

// buckets looks at who can be meant by the bucket of an invitation.
func buckets(v *view) (preference float64) {
	for n, invite := range v.invites {
		to := invite.Body.(*chain.Invite).To()
		for i, sign := range []float64{-1, 1} {
			if chain.BucketOf(v.roots[v.worlds[i].seats[n][invitee]].id, to.Bits) == to {
				preference += sign
			}
		}
	}
	return preference
}

// derivedNonces tries whether a session's nonce is derived, as that of an answer is, from something of a person that
// everybody knows.
func derivedNonces(v *view) (preference float64) {
	for n, seen := range v.sessions {
		body := seen.create.Body.(*chain.CreateSession)
		for p, root := range v.roots {
			known := [][]byte{root.id[:]}
			for _, entry := range root.entries {
				switch of := entry.Body.(type) {
				case *chain.PublishPrekey:
					known = append(known, of.PublicKey)
				case *chain.RegisterIdentity:
					known = append(known, of.KEMPublicKey, of.DSAPublicKey)
				}
			}
			for _, secret := range known {
				if answerNonce(v.o.chainID, secret, body.Creator) == body.Nonce {
					preference += v.tie(object{aSession, n}, object{aPerson, p})
				}
			}
		}
	}
	return preference
}

// neighbours ties what a root signs as itself to what comes to the mempool next.
func neighbours(v *view) (preference float64) {
	for i, o := range v.belongs {
		if i+1 < len(v.belongs) && o.kind == aPerson && v.belongs[i+1].kind != aPerson {
			preference += v.tie(o, v.belongs[i+1])
		}
	}
	return preference
}

// deadlineOf returns the deadline of a transaction that the clock of who makes it sets, 0 if it has none.
func deadlineOf(body chain.Body) uint64 {
	switch body := body.(type) {
	case *chain.Invite:
		return body.Deadline
	case *chain.CreateSession:
		return body.Deadline
	case *chain.PublishPrekey:
		return body.Deadline
	default:
		return 0
	}
}

// ahead returns how far a deadline is after the arrival, in milliseconds.
func (s submitted) ahead() float64 {
	return float64(int64(deadlineOf(s.Body)) - s.arrived.UnixMilli())
}

// clocks compares how far deadlines are ahead with the prekeys of who may have set them.
func clocks(v *view) float64 {
	var errors [2]float64
	compare := func(entry submitted, person [2]int) {
		for i, p := range person {
			difference := entry.ahead() - v.roots[p].prekey().ahead()
			errors[i] += difference * difference
		}
	}
	for n, invite := range v.invites {
		compare(invite, [2]int{v.worlds[0].seats[n][inviter], v.worlds[1].seats[n][inviter]})
	}
	for n, seen := range v.sessions {
		compare(seen.create, [2]int{v.worlds[0].in(n)[v.maker()], v.worlds[1].in(n)[v.maker()]})
	}
	return clearly(errors)
}

// clearly prefers the world whose error is far less.
func clearly(errors [2]float64) float64 {
	if 25*min(errors[0], errors[1]) >= max(errors[0], errors[1]) {
		return 0
	}
	return errors[0] - errors[1]
}

// sizes compares the sizes of envelopes, messages and chunks with those of who may have written them: everybody's
// contents are known to be some bytes longer than others'.
func sizes(v *view) (preference float64) {
	var errors [3][2]float64
	for i, w := range v.worlds {
		var envelopes, messages, chunks []float64 // by how much the size exceeds the content's
		for n, invite := range v.invites {
			if w.groups != nil {
				break // nobody chooses how long they are
			}
			size := v.firstSize(n) + w.seats[n][inviter]%styles
			envelopes = append(envelopes, float64(len(invite.Body.(*chain.Invite).Sealed)-size))
		}
		for n := range v.sessions {
			for seat, person := range w.in(n) {
				texts, files := v.written(n, seat)
				messages = append(messages, differences(v.sent(n, seat, 0x11), texts, person%styles)...)
				chunks = append(chunks, differences(v.sent(n, seat, 0x12), files, person%styles)...)
			}
		}
		for kind, values := range [][]float64{envelopes, messages, chunks} {
			errors[kind][i] = scatter(values)
		}
	}
	for _, of := range errors {
		preference += clearly(of)
	}
	return preference
}

// firstSize returns the size of the first message of an invitation, as the schedule has it.
func (v *view) firstSize(invitation int) int {
	at := slices.IndexFunc(v.schedule.steps, func(s move) bool { return s.does == doesInvite && s.at == invitation })
	return v.schedule.steps[at].size
}

// written returns the sizes of what a seat writes in a session, as the schedule has it; 0 for what nobody chooses.
func (v *view) written(session, seat int) (texts, files []int) {
	if len(v.schedule.made) > 0 {
		texts = v.schedule.greeting()
	} else if seat == invitee && len(v.invites) > 0 {
		texts = []int{0} // the proof of who answers
	}
	for _, s := range v.schedule.steps {
		if s.at != session || s.seat != seat {
			continue
		}
		switch s.does {
		case doesSend:
			texts = append(texts, s.size)
		case doesSendFile:
			texts, files = append(texts, 0), append(files, s.size) // a manifest, and one chunk
		}
	}
	return texts, files
}

// differences returns by how much sizes exceed those of contents with a style.
func differences(seen, written []int, style int) (all []float64) {
	for i := range min(len(seen), len(written)) {
		if written[i] > 0 {
			all = append(all, float64(seen[i]-written[i]-style))
		}
	}
	return all
}

// scatter returns the sum of the squared distances from the mean.
func scatter(values []float64) (sum float64) {
	mean := 0.0
	for _, value := range values {
		mean += value / float64(len(values))
	}
	for _, value := range values {
		sum += (value - mean) * (value - mean)
	}
	return sum
}
