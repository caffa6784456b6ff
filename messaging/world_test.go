package messaging

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
)

// The observer's game. A schedule says what happens: invitations and sessions are numbered, and each has
// two seats. A world says who sits in them. The observer knows the schedule and two worlds, sees what one
// of them has left, and guesses which.

// The seats of an invitation, and of the session that answers it.
const (
	inviter = 0
	invitee = 1
)

// action is what a step does.
type action string

const (
	doesInvite      action = "invite"
	doesAccept      action = "accept"
	doesSend        action = "send"
	doesSendFile    action = "file"
	doesAcknowledge action = "acknowledge"
	doesRotate      action = "rotate"
	doesClose       action = "close"
	doesRestart     action = "restart"
)

// move is one step of a schedule.
type move struct {
	does action
	at   int // number of the invitation or the session
	seat int
	size int // of the content, the same whoever writes it but for the style
}

func (s move) String() string { return fmt.Sprintf("%s %d/%d (%d)", s.does, s.at, s.seat, s.size) }

// schedule is what happens, in order.
type schedule struct {
	invitations int
	sessions    int
	before      []int // for each session, how many invitations were sent before it is made
	steps       []move

	// Of groups.
	asked []groupInvitation
	made  []groupSession
	bare  bool // the sessions alone
}

// world says who does it: who sits in the seats of an invitation, and which invitation a session answers.
type world struct {
	seats   [][2]int // of each invitation, persons
	answers []int    // of each session, an invitation; or its group

	// Of groups.
	about    []int   // of each invitation, the group
	groups   [][]int // persons, the owner first
	sessions [][]int // of each session, persons
}

// in returns who sits in the seats of a session.
func (w *world) in(session int) []int {
	if w.sessions != nil {
		return w.sessions[session]
	}
	return w.seats[w.answers[session]][:]
}

// shape says which schedules are made.
type shape struct {
	people      int
	invitations int
	sessions    int
	actions     []action // in a session, beside accept
	length      int      // how many of them in each session
	restarts    int
	public      bool // sessions have no invitations: number n is of the seats of invitation n
	again       bool // in half of the worlds two people talk twice: each invites the other; or somebody is in both groups
	turns       int  // of two groups: 1 first sessions, 2 and the next ones, 3 in half of the rounds those with other members; 0: sessions of two
	bare        bool // the sessions of groups alone, with nothing that is sent before
}

// styles are how many bytes a person's contents are longer than others' would be, so that the sizes of the
// chain would tell, if they were not padded.
const styles = 8

// sizeOf returns a random size of a content that pads to the same size in each style.
func sizeOf(random *rand.Rand, most int, padded func(int) int) int {
	for {
		size := 1 + random.IntN(most-styles)
		if padded(size) == padded(size+styles) {
			return size
		}
	}
}

// envelopeOf returns the size of an invitation with a content.
func envelopeOf(content int) int {
	for i, most := range []int{1472, 5568, e2ee.MaxInvitationContent} {
		if content <= most {
			return chain.InvitationSizes[i]
		}
	}
	return 0
}

// fileSize returns the size that a file of a size is padded to.
func fileSize(size int) int {
	const frame = 1 + 16 + 8 + 32 + 1 // of a message's content
	return e2ee.PaddedSize(size - frame)
}

// newSchedule returns a random schedule.
func newSchedule(random *rand.Rand, of shape) *schedule {
	if of.turns > 0 {
		return newGroupSchedule(random, of)
	}
	s := &schedule{invitations: of.invitations, sessions: of.sessions}
	var left []int // steps that each session has still
	sent, restarts := 0, of.restarts
	if of.public {
		sent = of.invitations
	}
	for {
		var open []int
		for j, n := range left {
			if n > 0 {
				open = append(open, j)
			}
		}
		switch {
		case sent < of.invitations && (sent < 2 || random.IntN(3) == 0):
			s.steps = append(s.steps, move{does: doesInvite, at: sent, size: sizeOf(random, []int{1000, 5000, 20000}[random.IntN(3)], envelopeOf)})
			sent++
		case len(left) < min(of.sessions, sent) && random.IntN(4) == 0:
			s.steps = append(s.steps, move{does: doesAccept, at: len(left), seat: invitee})
			s.before = append(s.before, sent)
			left = append(left, of.length)
		case restarts > 0 && len(left) > 0 && random.IntN(6) == 0:
			s.steps = append(s.steps, move{does: doesRestart, at: random.IntN(len(left)), seat: random.IntN(2)})
			restarts--
		case len(open) > 0:
			j := open[random.IntN(len(open))]
			left[j]--
			s.steps = append(s.steps, newMove(random, of, j, left[j] == 0))
		case sent == of.invitations && len(left) == of.sessions && restarts == 0:
			return s
		}
	}
}

// newMove returns a random step of a session.
func newMove(random *rand.Rand, of shape, session int, last bool) move {
	next := move{does: of.actions[random.IntN(len(of.actions))], at: session, seat: random.IntN(2)}
	if next.does == doesClose && !last { // nothing follows it
		next.does = doesSend
	}
	switch next.does {
	case doesSend:
		next.size = sizeOf(random, []int{100, 1000, 8000}[random.IntN(3)], e2ee.PaddedSize)
	case doesSendFile:
		next.size = sizeOf(random, 40000, fileSize)
	}
	return next
}

// newWorlds returns two worlds of a schedule that differ in who talks to whom. In most of them somebody invites twice and
// somebody is invited twice; nobody invites another one twice, whom one answer would do for.
func newWorlds(random *rand.Rand, of shape, s *schedule) (worlds [2]*world) {
	for range 100_000 { // some hundreds are enough
		for i := range worlds {
			worlds[i] = newWorld(random, of, s)
		}
		if of.turns > 0 && groupWorldsDiffer(worlds[0], worlds[1], s) || of.turns == 0 && worldsDiffer(worlds[0], worlds[1], of.public) {
			return worlds
		}
	}
	panic("too few seats for two worlds that differ")
}

func newWorld(random *rand.Rand, of shape, s *schedule) *world {
	if of.turns > 0 {
		return newGroupWorld(random, of, s)
	}
	w := new(world)
	for w.seats = nil; len(w.seats) < s.invitations; {
		var columns [2][]int
		for seat := range columns { // the first person of a random order sits in two
			order := random.Perm(of.people)[:s.invitations-1]
			columns[seat] = append(order, order[0])
			random.Shuffle(s.invitations, func(i, j int) {
				columns[seat][i], columns[seat][j] = columns[seat][j], columns[seat][i]
			})
		}
		w.seats = w.seats[:0]
		for i := range s.invitations {
			pair := [2]int{columns[inviter][i], columns[invitee][i]}
			back := [2]int{pair[1], pair[0]}
			if pair[0] != pair[1] && !slices.Contains(w.seats, pair) && !slices.Contains(w.seats, back) {
				w.seats = append(w.seats, pair)
			}
		}
	}
	if i, j := random.IntN(s.invitations), random.IntN(s.invitations); of.again && i != j && random.IntN(2) == 0 {
		w.seats[j] = [2]int{w.seats[i][invitee], w.seats[i][inviter]}
	}
	for session := range s.sessions {
		for {
			at := session
			if !of.public {
				at = random.IntN(s.before[session])
			}
			if !slices.Contains(w.answers, at) {
				w.answers = append(w.answers, at)
				break
			}
		}
	}
	return w
}

// worldsDiffer reports whether two worlds differ in each invitation, and in who sits in two: what would tie these
// two together in one world ties nothing in the other.
func worldsDiffer(a, b *world, public bool) bool {
	for i := range a.seats {
		if a.seats[i][inviter] == b.seats[i][inviter] || a.seats[i][invitee] == b.seats[i][invitee] {
			return false
		}
	}
	return !a.repeats(b) && !b.repeats(a) && (public || len(a.answers) == 0 || !slices.Equal(a.answers, b.answers))
}

// repeats reports whether two invitations, or their sessions, in which one person has the same seat, have a person in
// common in another world too.
func (w *world) repeats(other *world) bool {
	for _, kind := range []objectKind{anInvitation, aSession} {
		count := len(w.seats)
		if kind == aSession {
			count = len(w.answers)
		}
		for i := range count {
			for j := range i {
				a, b := object{kind, i}, object{kind, j}
				for seat := range 2 {
					if w.people(a)[seat] == w.people(b)[seat] && other.ties(a, b) {
						return true
					}
				}
			}
		}
	}
	return false
}
