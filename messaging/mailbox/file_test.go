package mailbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFileIsNotSavedUnderANameThatProgramsTakeForASetting(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf": "report.pdf", ".profile": "attachment-5-profile", "..x": "attachment-5-x", "-rf": "attachment-5-rf", "": "attachment-5", "...": "attachment-5",
	} {
		require.Equal(t, want, safeName(name, 5), name)
	}
}
