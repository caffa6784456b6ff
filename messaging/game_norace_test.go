//go:build !race

package messaging

const (
	defaultRounds      = 20 // of the game that the observer is to lose
	defaultGroupRounds = 10 // of that of groups
	roundsOff          = 10 // of each one that it is to win: all are to be right
	// winChance is how likely somebody who guesses may win as often as the observer has to.
	winChance = 1e-3
	// trueChance is the same of each way to tell two worlds apart.
	trueChance = 0.05
	// restartRuns are how many times a private group's programs are restarted at other writes.
	restartRuns = 3
)
