//go:build !fakeclock

package standalone

import "time"

// clock tells the chain the time.
var clock = time.Now
