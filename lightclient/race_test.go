//go:build race

package lightclient

const raceEnabled = true
