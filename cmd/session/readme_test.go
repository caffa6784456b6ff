package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheReadmesCommandsVerifyWithoutTheServerWhenPasted(t *testing.T) {
	for _, tool := range []string{"bash", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the commands need %s", tool)
		}
	}
	content, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(content), "## Verify without trusting the server\n")
	require.True(t, found)
	script := regexp.MustCompile("(?s)```bash\n(.*?)```").FindStringSubmatch(section)
	require.NotNil(t, script)

	folder := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "build", "session"), ".")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	// The identities are there already, and cheaper to open than those that it would make.
	commands := script[1]
	for file, makes := range map[string]string{"example.age": "session id new && ", "friend.age": "session id new --identity build/friend.age && "} {
		require.Contains(t, commands, makes)
		commands = strings.Replace(commands, makes, "", 1)
		p := newPerson(t, nodeAddress)
		identity, err := os.ReadFile(filepath.Join(p.home, ".session", "identity.age"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, "build", file), identity, 0o600))
	}

	pasted := exec.CommandContext(t.Context(), "bash", "-e")
	pasted.Stdin = strings.NewReader(strings.Replace(commands, "=example\n", "='"+testPassphrase+"'\n", 1))
	pasted.Dir = folder
	pasted.Env = append(os.Environ(), "HOME="+folder, envNode+"="+nodeAddress)
	output, err = pasted.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "VERIFIED: message #1 of the session was delivered to the chain.")
	require.Contains(t, string(output), "Signed by  1 of 1 of the validators' weight")
}
