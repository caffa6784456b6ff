package messaging

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		errs  []error // of the tries, the last one of all that follow
		tries int
	}{
		"it is done":          {[]error{nil}, 1},
		"it passes":           {[]error{ErrBehind, errNoPrekey, nil}, 3},
		"another error comes": {[]error{ErrBehind, ErrNode}, 2},
		"it never passes":     {[]error{ErrBehind}, retries},
	} {
		synctest.Test(t, func(t *testing.T) {
			tries, last := 0, time.Time{}
			err := retry(t.Context(), func() error {
				if tries > 0 {
					require.GreaterOrEqual(t, time.Since(last), retryPause/2, name)
					require.Less(t, time.Since(last), retryPause, name)
				}
				tries, last = tries+1, time.Now()
				return test.errs[min(tries, len(test.errs))-1]
			}, ErrBehind, errNoPrekey)
			require.Equal(t, test.errs[len(test.errs)-1], err, name)
			require.Equal(t, test.tries, tries, name)
			require.Equal(t, last, time.Now(), "%s: nothing is waited for after the last try", name)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tries := 0
	require.Equal(t, ErrBehind, retry(ctx, func() error { tries++; return ErrBehind }, ErrBehind))
	require.Equal(t, 1, tries)
}
