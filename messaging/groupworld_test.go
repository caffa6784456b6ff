package messaging

import (
	"math/rand/v2"
	"slices"
)

// The observer's game of private groups. There are two, in the two slots of a schedule. In each phase both do what is
// alike, so that what follows may be of either: a world says who is in them, which of them is in which slot, and who takes
// which seat in a session.

// What a step of a group does, beside the actions of sessions.
const (
	doesFound action = "found"  // the owner asks two others
	doesAdd   action = "add"    // the owner asks one more
	doesJoin  action = "join"   // somebody who was asked answers; at is the number of the answer
	doesMake  action = "make"   // a session
	doesGreet action = "arrive" // somebody joins it, and tells its next seats
)

// groupPersons are the people who are in a group some time: the owner, who stays, who is removed where somebody is, and who is added.
const groupPersons = 4

// phase is how a session of a group comes about.
type phase int

const (
	isFirst   phase = iota // the owner makes it, with those who have answered
	isNext                 // any member makes it, after the one before was closed
	isWithout              // the owner removes a member, after the one before was closed
	isWith                 // the owner adds a member, after the one before was closed
)

// groupSession is a session of a group, as a schedule has it. Its seats are in the order in which they act first.
type groupSession struct {
	phase phase
	turn  int // 0: first, 1: next, 2: changed
	slot  int
	seats int
}

// groupInvitation is one of a group, as a schedule has it.
type groupInvitation struct {
	turn, slot int
	seats      [2]int // in the group
}

// newGroupSchedule returns a random schedule of two groups.
func newGroupSchedule(random *rand.Rand, of shape) *schedule {
	s := &schedule{bare: of.bare}
	if !of.bare {
		var lists [2][]move
		for slot := range lists {
			lists[slot] = []move{{does: doesFound, at: slot}, {does: doesJoin, at: slot, seat: 1}, {does: doesJoin, at: slot, seat: 2}}
		}
		for _, next := range interleave(random, lists[:]...) {
			s.invite(0, next)
		}
	}
	before := s.round(random, of, 0, [2]groupSession{{isFirst, 0, 0, 3}, {isFirst, 0, 1, 3}}, nil)
	if of.turns > 1 {
		before = s.round(random, of, 1, [2]groupSession{{isNext, 1, 0, 3}, {isNext, 1, 1, 3}}, before)
	}
	if of.turns > 2 && random.IntN(2) == 0 {
		s.round(random, of, 2, [2]groupSession{{isWithout, 2, 0, 2}, {isWith, 2, 1, 4}}, before)
	}
	return s
}

// invite adds the step of somebody who asks or answers in a turn.
func (s *schedule) invite(turn int, next move) {
	slot := next.at
	add := func(from, to int) {
		s.asked = append(s.asked, groupInvitation{turn, slot, [2]int{from, to}})
	}
	switch next.does {
	case doesFound:
		add(0, 1)
		add(0, 2)
	case doesAdd:
		next.at = len(s.asked)
		add(0, 3)
	case doesJoin:
		next.at = len(s.asked)
		add(next.seat, 0)
	}
	s.steps = append(s.steps, next)
	s.invitations = len(s.asked)
}

// round adds what happens in one turn of both slots: the sessions before are closed, new ones are made, all join them, and
// some of them do something. It returns the numbers of the sessions.
func (s *schedule) round(random *rand.Rand, of shape, turn int, made [2]groupSession, before []int) []int {
	var closes []move
	for _, session := range before {
		closes = append(closes, move{does: doesClose, at: session, seat: random.IntN(3)})
	}
	random.Shuffle(len(closes), func(i, j int) { closes[i], closes[j] = closes[j], closes[i] })
	if !of.bare {
		s.steps = append(s.steps, closes...)
	}
	if made[1].phase == isWith {
		s.invite(turn, move{does: doesAdd, at: 1})
		s.invite(turn, move{does: doesJoin, at: 1, seat: 3})
	}
	order := random.Perm(2)
	numbers := make([]int, 2)
	var arrivals, doings [][]move
	for _, slot := range order {
		n := len(s.made)
		numbers[slot] = n
		s.made = append(s.made, made[slot])
		list := []move{{does: doesMake, at: n}}
		for seat := 1; seat < made[slot].seats && !of.bare; seat++ {
			list = append(list, move{does: doesGreet, at: n, seat: seat})
		}
		arrivals = append(arrivals, list)
		var does []move
		for i := range of.length {
			next := newMove(random, of, n, false)
			next.seat = random.IntN(made[slot].seats)
			if of.bare { // who has not acted before
				next.seat = i % made[slot].seats
			}
			does = append(does, next)
		}
		doings = append(doings, does)
	}
	s.sessions = len(s.made)
	s.steps = append(s.steps, arrivals[0][0], arrivals[1][0]) // in the order of their numbers
	s.steps = append(s.steps, interleave(random, arrivals[0][1:], arrivals[1][1:])...)
	var restarts []move
	for range of.restarts {
		n := numbers[random.IntN(2)]
		restarts = append(restarts, move{does: doesRestart, at: n, seat: random.IntN(s.made[n].seats)})
	}
	s.steps = append(s.steps, interleave(random, append(doings, restarts)...)...)
	return numbers
}

// interleave puts lists together at random, each in its order.
func interleave(random *rand.Rand, lists ...[]move) (all []move) {
	for {
		left := 0
		for _, list := range lists {
			left += len(list)
		}
		if left == 0 {
			return all
		}
		at := random.IntN(left)
		for i, list := range lists {
			if at < len(list) {
				all, lists[i] = append(all, list[0]), list[1:]
				break
			}
			at -= len(list)
		}
	}
}

// newGroupWorld returns a random world of a schedule of groups.
func newGroupWorld(random *rand.Rand, of shape, s *schedule) *world {
	w := new(world)
	people := random.Perm(of.people)
	for slot := range 2 {
		w.groups = append(w.groups, people[slot*groupPersons:(slot+1)*groupPersons])
	}
	if of.again && random.IntN(2) == 0 { // somebody is in both
		w.groups[1][1] = w.groups[0][2]
	}
	var in [3][2]int // the groups in the slots, for each turn
	in[0] = [2]int{0, 1}
	for turn := 1; turn < of.turns; turn++ {
		first := random.IntN(2)
		in[turn] = [2]int{first, 1 - first}
	}
	for _, asked := range s.asked {
		group := in[asked.turn][asked.slot]
		w.about = append(w.about, group)
		w.seats = append(w.seats, [2]int{w.groups[group][asked.seats[0]], w.groups[group][asked.seats[1]]})
	}
	for _, made := range s.made {
		group := in[made.turn][made.slot]
		w.answers = append(w.answers, group)
		seats := slices.Clone(w.groups[group][:made.seats])
		if made.phase == isNext { // whoever makes it, and comes next
			random.Shuffle(len(seats), func(i, j int) { seats[i], seats[j] = seats[j], seats[i] })
		}
		w.sessions = append(w.sessions, seats)
	}
	return w
}

// groupWorldsDiffer reports whether two worlds differ in who invites whom, who makes each session and is not in it in the other, which
// rank that one has, and which session follows which.
func groupWorldsDiffer(a, b *world, s *schedule) bool {
	for i := range a.seats {
		if a.seats[i][inviter] == b.seats[i][inviter] || a.seats[i][invitee] == b.seats[i][invitee] {
			return false
		}
	}
	for n, made := range s.made {
		if slices.Contains(a.sessions[n], b.sessions[n][0]) || slices.Contains(b.sessions[n], a.sessions[n][0]) || made.phase == isNext && a.rank(n, a.sessions[n][0]) == b.rank(n, b.sessions[n][0]) {
			return false
		}
	}
	return len(a.sessions) < 4 || (a.answers[0] == a.answers[2]) != (b.answers[0] == b.answers[2])
}

// rank returns the place of a person in the group that a session is of.
func (w *world) rank(session, person int) int {
	return slices.Index(w.groups[w.answers[session]], person)
}

// greeting returns how many messages somebody sends in a session of a group before others that somebody chooses.
func (s *schedule) greeting() []int {
	if s.bare {
		return nil
	}
	return make([]int, 1)
}

// ranks compares the places in which those who act in a session are among its participants with those in the group.
func ranks(v *view) float64 {
	if len(v.schedule.made) == 0 {
		return 0
	}
	var errors [2]float64
	for n, seen := range v.sessions {
		participants := participantsOf(seen)
		for i, w := range v.worlds {
			for seat, actor := range seen.actors() {
				difference := float64(slices.Index(participants, actor) - w.rank(n, w.sessions[n][seat]))
				errors[i] += difference * difference
			}
		}
	}
	return clearly(errors)
}
