//go:build trialrules

package trialrules

const built = true
