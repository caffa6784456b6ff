//go:build fakeclock

package standalone

import (
	"fmt"
	"os"
	"time"
)

// clock reads the time of a file, for trials of clocks that are wrong (internal/trial): the machine's time in
// Unix milliseconds, the clock's time then, and the clock's milliseconds for each of the machine's.
func clock() time.Time {
	content, err := os.ReadFile(os.Getenv("SESSIONVM_CLOCK"))
	if err != nil {
		return time.Now()
	}
	var real, fake, speed int64
	if _, err := fmt.Sscanf(string(content), "%d %d %d", &real, &fake, &speed); err != nil {
		return time.Now()
	}
	return time.UnixMilli(fake + (time.Now().UnixMilli()-real)*speed)
}
