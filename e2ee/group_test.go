package e2ee

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// goldenGroup is a content of private groups. Seat n has the ID of the test identity n, the test prekey n, and a reply root of bytes n; group 7 is 32
// times 7, and so are the members' IDs.
type goldenGroup struct {
	Content string     `json:"content"` // offer, seats or roster
	Seats   []hexBytes `json:"seats"`   // their numbers, of each member of a roster
	Title   string     `json:"title"`
	Encoded hexBytes   `json:"encoded"`
}

const goldenGroupsPath = "testdata/groups.json"

func testSeat(seed byte) Seat {
	return Seat{ID: testIdentity(seed).ID(), Prekey: testPrekey(seed).Public(), Reply: testSeed(seed, keySize)}
}

func testSeats(seeds ...byte) (seats []Seat) {
	for _, seed := range seeds {
		seats = append(seats, testSeat(seed))
	}
	return seats
}

func testGroup(value byte) ID { return ID(testSeed(value, pq.IDSize)) }

// testRoster is one of members 101, 102 and so on, the first of whom owns the group, with the seats of these numbers.
func testRoster(seats ...hexBytes) *Roster {
	r := &Roster{Group: testGroup(7), Owner: testGroup(101), Title: "team"}
	for i := range seats {
		r.Members = append(r.Members, RosterMember{testGroup(byte(101 + i)), testSeats(seats[i]...)})
	}
	return r
}

// make encodes what a golden vector says, and decodes it again.
func (g *goldenGroup) make(t *testing.T) {
	switch g.Content {
	case "offer":
		offer := &Offer{Group: testGroup(7), Title: g.Title, Members: []ID{testGroup(102), testGroup(103)}}
		g.Encoded = offer.Bytes()
		parsed, err := ParseOffer(g.Encoded)
		require.NoError(t, err)
		require.Equal(t, offer, parsed)
	case "seats":
		seats := &Seats{Group: testGroup(7), After: 3, Seats: testSeats(g.Seats[0]...)}
		g.Encoded = seats.Bytes()
		parsed, err := ParseSeats(g.Encoded)
		require.NoError(t, err)
		require.Equal(t, seats, parsed)
	case "roster":
		roster := testRoster(g.Seats...)
		roster.Title, roster.Changed = g.Title, true
		g.Encoded = roster.Bytes()
		parsed, err := ParseRoster(g.Encoded)
		require.NoError(t, err)
		require.Equal(t, roster, parsed)
	}
}

func readGoldenGroups(tb testing.TB) (goldens []goldenGroup) {
	tb.Helper()
	encoded, err := os.ReadFile(goldenGroupsPath)
	require.NoError(tb, err)
	require.NoError(tb, json.Unmarshal(encoded, &goldens))
	return goldens
}

func TestGoldenGroups(t *testing.T) {
	made := []goldenGroup{
		{Content: "offer", Title: "雪"}, {Content: "seats", Seats: []hexBytes{{1, 2}}}, {Content: "seats", Seats: []hexBytes{{}}},
		{Content: "roster", Seats: []hexBytes{{1, 2}, {3}}, Title: "a team"},
	}
	for i := range made {
		made[i].make(t)
	}
	if *update {
		encoded, err := json.MarshalIndent(made, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(goldenGroupsPath, append(encoded, '\n'), 0o644))
	}
	goldens := readGoldenGroups(t)
	require.Equal(t, goldens, made)
	require.Len(t, goldens[1].Encoded, 1+32+1+2*SeatSize)
	require.Equal(t, 1_280, SeatSize)
	require.Len(t, goldens[3].Encoded, 1+32+32+1+1+6+(32+1+2*SeatSize)+(32+1+SeatSize))
}

// parseGroup decodes a content of private groups, and returns its encoding.
func parseGroup(content string, encoded []byte) ([]byte, error) {
	var parsed interface{ Bytes() []byte }
	var err error
	switch content {
	case "offer":
		parsed, err = ParseOffer(encoded)
	case "seats":
		parsed, err = ParseSeats(encoded)
	default:
		parsed, err = ParseRoster(encoded)
	}
	if err != nil {
		return nil, err
	}
	return parsed.Bytes(), nil
}

// TestACutContentOfAGroupIsRefused at every length, unless what is left has an encoding of its own: whole members or seats.
func TestACutContentOfAGroupIsRefused(t *testing.T) {
	for _, golden := range readGoldenGroups(t) {
		whole := 0
		for size := range golden.Encoded {
			again, err := parseGroup(golden.Content, golden.Encoded[:size])
			if err == nil {
				require.Equal(t, []byte(golden.Encoded[:size]), again, "%s, %d bytes", golden.Content, size)
				whole++
			} else {
				require.True(t, typed(err), "%v", err)
			}
		}
		require.Equal(t, map[string]int{"offer": 2, "seats": len(slices.Concat(golden.Seats...)), "roster": 1}[golden.Content], whole, golden.Content)
		_, err := parseGroup(golden.Content, append(slices.Clone(golden.Encoded), 0))
		require.ErrorIs(t, err, ErrMalformed, "one byte more")
	}
}

// TestEveryBitOfAContentOfAGroupCounts: one that is flipped is refused, or comes back.
func TestEveryBitOfAContentOfAGroupCounts(t *testing.T) {
	for _, golden := range readGoldenGroups(t) {
		for at := range golden.Encoded {
			changed := bytes.Clone(golden.Encoded)
			changed[at] ^= 1 << (at % 8)
			again, err := parseGroup(golden.Content, changed)
			if err == nil {
				require.Equal(t, changed, again, "%s, byte %d", golden.Content, at)
			} else {
				require.True(t, typed(err), "%v", err)
			}
		}
		for _, version := range []byte{0, 2, 0xff} {
			_, err := parseGroup(golden.Content, with(golden.Encoded, 0, version))
			require.ErrorIs(t, err, ErrVersion)
		}
	}
}

func TestWhatNoContentOfAGroupIs(t *testing.T) {
	roster := testRoster([]byte{1}, []byte{2})
	const changed, owner = 1 + 32 + 32, 1 + 32
	header := changed + 1 + 1 + len(roster.Title)
	for name, encoded := range map[string][]byte{
		"a flag that is none":                  with(roster.Bytes(), changed, 2),
		"a title past the end":                 with(roster.Bytes(), changed+1, 255)[:header],
		"nobody":                               roster.Bytes()[:header],
		"a member without a seat":              with(roster.Bytes(), header+32, 0),
		"more seats than there are":            with(roster.Bytes(), header+32, 2),
		"too many seats":                       with(roster.Bytes(), header+32, MaxSeats+1),
		"a member twice":                       testRosterOf(RosterMember{testGroup(1), testSeats(1)}, RosterMember{testGroup(1), testSeats(2)}),
		"a pseudonym twice":                    testRosterOf(RosterMember{testGroup(1), testSeats(1)}, RosterMember{testGroup(2), testSeats(1)}),
		"a pseudonym twice, of one":            testRosterOf(RosterMember{testGroup(1), testSeats(1, 1)}),
		"a pseudonym that is an identity":      testRosterOf(RosterMember{testGroup(1), testSeats(1)}, RosterMember{testSeat(1).ID, testSeats(2)}),
		"a pseudonym that is its own":          testRosterOf(RosterMember{testSeat(1).ID, testSeats(1)}),
		"a prekey that is none":                with(with(roster.Bytes(), header+33+32, 0xff), header+33+33, 0xff),
		"more members than a group may have":   bigRoster(MaxGroup+1, 1).Bytes(),
		"a member with more seats than it may": bigRoster(2, MaxSeats+1).Bytes(),
	} {
		_, err := ParseRoster(encoded)
		require.ErrorIs(t, err, ErrMalformed, name)
	}
	for name, seats := range map[string][]Seat{"a pseudonym twice": testSeats(1, 2, 1), "too many": bigRoster(1, MaxSeats+1).Members[0].Seats} {
		_, err := ParseSeats((&Seats{Seats: seats}).Bytes())
		require.ErrorIs(t, err, ErrMalformed, name)
	}
	_, err := ParseOffer((&Offer{Members: make([]ID, MaxGroup)}).Bytes())
	require.ErrorIs(t, err, ErrMalformed)
}

func testRosterOf(members ...RosterMember) []byte {
	return (&Roster{Group: testGroup(7), Members: members}).Bytes()
}

// bigRoster is one of many, with seats of other IDs and the same keys.
func bigRoster(members, seats int) *Roster {
	r, seat := &Roster{Group: testGroup(7), Owner: ID{0}, Title: strings.Repeat("t", MaxGroupTitle)}, testSeat(1)
	for i := range members {
		member := RosterMember{Identity: ID{byte(i)}}
		for j := range seats {
			seat.ID = ID{byte(i), byte(j + 1)}
			member.Seats = append(member.Seats, seat)
		}
		r.Members = append(r.Members, member)
	}
	return r
}

// TestTheLargestRosterIsReadAgain: what members of a large group tell of themselves is more than one message holds.
func TestTheLargestRosterIsReadAgain(t *testing.T) {
	largest := bigRoster(MaxGroup, MaxSeats)
	require.Greater(t, len(largest.Bytes()), 6*MaxContent)
	again, err := ParseRoster(largest.Bytes())
	require.NoError(t, err)
	require.Equal(t, largest, again)
}

func TestFitLeavesOutWhatIsFurthestAhead(t *testing.T) {
	for _, c := range []struct{ members, seats, fit int }{
		{1, MaxSeats, MaxSeats}, {9, MaxSeats, 16}, {10, MaxSeats, 15}, {19, 8, 8}, {20, 8, 7}, {40, 8, 3}, {MaxGroup, 8, 2}, {MaxGroup, 1, 1},
	} {
		r := bigRoster(c.members, c.seats)
		r.Fit(MaxSeats)
		require.LessOrEqual(t, len(r.Bytes()), MaxContent, "%+v", c)
		for i := range r.Members {
			require.Equal(t, bigRoster(c.members, c.fit).Members[i], r.Members[i], "%+v", c)
		}
	}
	uneven := testRoster([]byte{1}, []byte{2, 3, 4})
	uneven.Fit(MaxSeats)
	require.Equal(t, testRoster([]byte{1}, []byte{2, 3, 4}), uneven)
	(&Roster{}).Fit(MaxSeats)
}

func TestSeatedAndAt(t *testing.T) {
	r := testRoster([]byte{1, 2}, []byte{3})
	require.Equal(t, &r.Members[0], r.Seated(testSeat(1).ID))
	require.Nil(t, r.Seated(testSeat(2).ID), "it has that seat later")
	require.Nil(t, r.Seated(r.Members[0].Identity))
	require.Equal(t, &r.Members[1], r.At(r.Members[1].Identity))
	require.Nil(t, r.At(testSeat(1).ID))
}

func TestTell(t *testing.T) {
	one := testSeat(1).ID
	for name, c := range map[string]struct {
		after uint8
		told  []byte
		want  []byte
	}{
		"one more": {1, []byte{5}, []byte{1, 2, 5}}, "in place of one": {0, []byte{5, 6}, []byte{1, 5, 6}}, "nothing": {1, nil, []byte{1, 2}}, "it leaves": {0, nil, []byte{1}},
	} {
		r := testRoster([]byte{1, 2}, []byte{3, 4})
		require.NoError(t, r.Tell(one, &Seats{Group: r.Group, After: c.after, Seats: testSeats(c.told...)}), name)
		require.Equal(t, testRoster(c.want, []byte{3, 4}), r, name)
	}
	for name, told := range map[string]*Seats{
		"of another group":           {Group: testGroup(8), Seats: testSeats(5)},
		"after more than it has":     {Group: testGroup(7), After: 2, Seats: testSeats(5)},
		"another's":                  {Group: testGroup(7), Seats: testSeats(4)},
		"another's in this session":  {Group: testGroup(7), Seats: testSeats(3)},
		"its own again":              {Group: testGroup(7), Seats: testSeats(2)},
		"one twice":                  {Group: testGroup(7), Seats: testSeats(5, 5)},
		"a member's identity":        {Group: testGroup(7), Seats: []Seat{{testGroup(102), testSeat(5).Prekey, testSeat(5).Reply}}},
		"too many":                   {Group: testGroup(7), Seats: bigRoster(1, MaxSeats).Members[0].Seats},
		"too many with those before": {Group: testGroup(7), After: 1, Seats: bigRoster(1, MaxSeats-1).Members[0].Seats},
	} {
		r := testRoster([]byte{1, 2}, []byte{3, 4})
		require.ErrorIs(t, r.Tell(one, told), ErrMalformed, name)
		require.Equal(t, testRoster([]byte{1, 2}, []byte{3, 4}), r, name)
	}
	r := testRoster([]byte{1, 2}, []byte{3, 4})
	require.ErrorIs(t, r.Tell(testSeat(2).ID, &Seats{Group: r.Group, Seats: testSeats(5)}), ErrMalformed, "nobody of this session")
}

func TestAdd(t *testing.T) {
	r := testRoster([]byte{1, 2})
	require.NoError(t, r.Add(RosterMember{testGroup(102), testSeats(3)}))
	require.Equal(t, testRoster([]byte{1, 2}, []byte{3}), r)
	require.NoError(t, r.Add(RosterMember{testGroup(102), testSeats(3, 4)}), "in its own place")
	require.Equal(t, testRoster([]byte{1, 2}, []byte{3, 4}), r)
	for name, member := range map[string]RosterMember{
		"no seat": {testGroup(103), nil}, "too many": {testGroup(103), bigRoster(1, MaxSeats+1).Members[0].Seats}, "another's seat": {testGroup(103), testSeats(5, 2)},
		"one twice": {testGroup(103), testSeats(5, 5)}, "an identity's": {testSeat(5).ID, testSeats(5)}, "as another's seat": {testSeat(1).ID, testSeats(5)},
	} {
		require.ErrorIs(t, r.Add(member), ErrMalformed, name)
		require.Equal(t, testRoster([]byte{1, 2}, []byte{3, 4}), r, name)
	}
}

func TestNextIsOfThoseWhoHaveASeatAndHaveNotLeft(t *testing.T) {
	r := testRoster([]byte{1, 2, 3}, []byte{4}, []byte{5, 6})
	r.Changed = true
	next := r.Next(nil)
	require.Equal(t, &Roster{Group: r.Group, Owner: r.Owner, Title: r.Title, Members: []RosterMember{{testGroup(101), testSeats(2, 3)}, {testGroup(103), testSeats(6)}}}, next)
	require.Empty(t, r.Next([]ID{testGroup(101), testGroup(103)}).Members)
	require.Equal(t, testRoster([]byte{1, 2, 3}, []byte{4}, []byte{5, 6}).Members, r.Members)
}

// FuzzGroup gives anything as each of the contents of private groups: what is taken has that one encoding, and a roster
// that anything was told is read again.
func FuzzGroup(f *testing.F) {
	for _, golden := range readGoldenGroups(f) {
		f.Add([]byte(golden.Encoded))
	}
	f.Add(testRoster([]byte{1}, []byte{2}).Bytes())
	f.Add((&Seats{Group: testGroup(7), Seats: testSeats(5, 3)}).Bytes())
	f.Fuzz(func(t *testing.T, encoded []byte) {
		for _, content := range []string{"offer", "seats", "roster"} {
			again, err := parseGroup(content, encoded)
			if err != nil {
				require.True(t, typed(err), "%v", err)
				continue
			}
			require.Equal(t, encoded, again, content)
		}
		if told, err := ParseSeats(encoded); err == nil {
			r := testRoster([]byte{1, 2}, []byte{3, 4})
			told.Group = r.Group
			if err := r.Tell(testSeat(1).ID, told); err != nil {
				require.ErrorIs(t, err, ErrMalformed)
			}
			again, err := ParseRoster(r.Bytes())
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
	})
}
