//go:build !trialrules

package trial

const built = false
