//go:build !race

package lightclient

const raceEnabled = false
