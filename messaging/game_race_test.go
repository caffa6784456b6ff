//go:build race

package messaging

// With the race detector a round takes ten times as long, and it is there to find races: see game_norace_test.go.
const (
	defaultRounds      = 2
	defaultGroupRounds = 2
	roundsOff          = 1
	winChance          = 0.6 // somebody who guesses is right in one of 2
	trueChance         = 0.6
	restartRuns        = 1
)
