//go:build race

package messaging

// With the race detector a round takes ten times as long, and it is there to find races: see game_norace_test.go.
const (
	defaultRounds      = 3
	defaultGroupRounds = 4
	roundsOff          = 3
	winChance          = 1.0 / 8
	trueChance         = 1.0 / 4
)
