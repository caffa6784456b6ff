package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMetadataIsNoPartOfTheMessages(t *testing.T) {
	var out strings.Builder
	sessionText(&out, &showResult{sessionRow: sessionRow{Messages: 3, Metadata: map[string]string{"e2ee": "2", "Status": "closed"}}})
	require.Regexp(t, `(?m)^Messages  3\nMetadata  Status: closed\n {10}e2ee: 2$`, out.String())
}
