package messaging

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

// ofNode are what the node that all ask tries beside, in this order.
var ofNode = []linker{
	{"the connection", connections},
	{"a prekey asked for before an invitation", askedFor},
}

// ofCircuits is what the node tries that sees one circuit as it sees one connection.
var ofCircuits = []linker{
	{"a circuit", circuits},
	{"the height that a reader trusts", heights},
	{"what a start asks for", starts},
}

// ofTimes is what the node tries that sees which circuits are used one right after the other.
var ofTimes = []linker{{"what is asked for just before a new circuit", newCircuits}}

// names returns what a request names: roots and sessions, by their IDs and by those of who is in them.
func (v *view) names(r *request) (named []object) {
	if named, known := v.named[r]; known || r.Method == "sessionvm.IssueTransaction" {
		return named
	}
	defer func() { v.named[r] = named }()
	text := string(r.Params)
	has := func(id ids.ID) bool {
		return id != ids.Empty && (strings.Contains(text, id.String()) || strings.Contains(text, chain.Bytes(id[:]).String()))
	}
	for n, root := range v.roots {
		if has(root.id) {
			named = append(named, object{aPerson, n})
		}
	}
	for n, seen := range v.sessions {
		if has(seen.id) || slices.ContainsFunc(participantsOf(seen), has) {
			named = append(named, object{aSession, n})
		}
	}
	return named
}

// submits returns what a request submits a transaction of.
func (v *view) submits(r *request) (o object, ok bool) {
	if tx := v.o.transaction(r); tx != nil {
		for i, entry := range v.entries {
			if entry.ID() == tx.ID() {
				return v.belongs[i], true
			}
		}
	}
	return object{}, false
}

// connections ties what is submitted or asked for over a connection to the root that has registered over it.
func connections(v *view) (preference float64) {
	for _, r := range v.requests {
		person := object{aPerson, r.Connection}
		if o, ok := v.submits(r); ok {
			preference += v.tie(person, o)
			continue
		}
		for _, o := range v.names(r) {
			if o.kind == aSession {
				preference += v.tie(person, o)
			}
		}
	}
	return preference
}

// circuits ties what is submitted or asked for over one circuit.
func circuits(v *view) (preference float64) {
	on := make(map[string][]object)
	for _, r := range v.requests {
		all := v.names(r)
		if o, ok := v.submits(r); ok {
			all = append(all, o)
		}
		for _, o := range all {
			if slices.Contains(on[r.Circuit], o) {
				continue
			}
			for _, other := range on[r.Circuit] {
				preference += v.tie(o, other)
			}
			on[r.Circuit] = append(on[r.Circuit], o)
		}
	}
	return preference
}

// newCircuits ties a session that is the first over a circuit to the one that was asked for just before, over another one.
func newCircuits(v *view) (preference float64) {
	last := -1
	known := make(map[string]bool)
	for _, r := range v.requests {
		for _, o := range v.names(r) {
			if o.kind != aSession {
				continue
			}
			if last >= 0 && last != o.n && !known[r.Circuit] {
				preference += v.tie(object{aSession, last}, o)
			}
			known[r.Circuit], last = true, o.n
		}
	}
	return preference
}

// askedFor ties an invitation to the root whose leaf was asked for last.
func askedFor(v *view) (preference float64) {
	last := -1
	for _, r := range v.requests {
		if o, ok := v.submits(r); ok && o.kind == anInvitation && last >= 0 {
			for i, sign := range []float64{-1, 1} {
				if v.worlds[i].seats[o.n][invitee] == last {
					preference += sign
				}
			}
		}
		if r.Method == "sessionvm.GetStateProof" {
			for _, o := range v.names(r) {
				if o.kind == aPerson {
					last = o.n
				}
			}
		}
	}
	return preference
}

// starts ties a program's start, which registers or renews its root, to the sessions that are asked for after it, as
// long as nothing is submitted.
func starts(v *view) (preference float64) {
	var person *object
	for _, r := range v.requests {
		if r.Method == "sessionvm.IssueTransaction" {
			person = nil
		}
		if r.Method == "sessionvm.RegisterIdentity" {
			var params client.RegisterIdentityParams
			require.NoError(v.o.t, json.Unmarshal(r.Params, &params))
			id := chain.IdentityID(params.KEMPublicKey, params.DSAPublicKey)
			person = &object{aPerson, slices.IndexFunc(v.roots, func(root *root) bool { return root.id == id })}
		}
		for _, o := range v.names(r) {
			if o.kind == aSession && person != nil {
				preference += v.tie(*person, o)
			}
		}
	}
	return preference
}

// heights follows a device by the height that it trusts, which was in the answer that it had before, and ties the
// sessions that it asks for.
func heights(v *view) (preference float64) {
	type device struct{ asked map[object]bool }
	at := make(map[uint64]*device) // who had this height in an answer last
	for _, r := range v.requests {
		var params struct{ TrustedHeight *uint64 }
		var result struct{ Height uint64 }
		if json.Unmarshal(r.Params, &params) != nil || params.TrustedHeight == nil || json.Unmarshal(r.Result, &result) != nil {
			continue
		}
		d := at[*params.TrustedHeight]
		if d == nil {
			d = &device{make(map[object]bool)}
		}
		delete(at, *params.TrustedHeight)
		at[result.Height] = d
		for _, o := range v.names(r) {
			if o.kind == aSession && !d.asked[o] {
				for other := range d.asked {
					preference += v.tie(o, other)
				}
				d.asked[o] = true
			}
		}
	}
	return preference
}
