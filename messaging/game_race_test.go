//go:build race

package messaging

// With the race detector a round takes ten times as long, and it is there to find races: see game_norace_test.go.
const (
	raceDetector       = true
	defaultRounds      = 3
	defaultGroupRounds = 4
	roundsOff          = 3
	winChance          = 0.2 // somebody who guesses is right in all three in one of 8
	trueChance         = 0.6
	restartRuns        = 1
)
