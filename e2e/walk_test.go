package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// walkSections are those of docs/warp.md whose commands people copy, in their order.
var walkSections = []string{"\n### With the command line\n", "\n## A contract that writes\n"}

// walk returns the commands of the page, but for the one that runs a network.
func walk(t *testing.T) string {
	content, err := os.ReadFile("../docs/warp.md")
	require.NoError(t, err)
	var blocks []string
	for _, title := range walkSections {
		_, section, found := strings.Cut(string(content), title)
		require.True(t, found, title)
		section, _, _ = strings.Cut(section, "\n## ")
		for _, block := range regexp.MustCompile("(?s)```bash\n(.*?)```").FindAllStringSubmatch(section, -1) {
			blocks = append(blocks, block[1])
		}
	}
	require.Equal(t, "make network EVM=1\n", blocks[0])
	require.Len(t, blocks, 4)
	return strings.Join(blocks[1:], "")
}

// testWalk: the commands of docs/warp.md do what it says, pasted as they are in a folder with the product's build.
func testWalk(ctx context.Context, t *testing.T) {
	folder, err := os.MkdirTemp(net.Folder(), "walk-")
	require.NoError(t, err)
	build, err := filepath.Abs(filepath.Dir(*sessionBinary))
	require.NoError(t, err)
	require.NoError(t, os.Symlink(build, filepath.Join(folder, "build")))
	environment, err := net.Environment()
	require.NoError(t, err)

	pasted := exec.CommandContext(ctx, "bash", "-e", "-o", "pipefail", "-v")
	pasted.Dir, pasted.Stdin = folder, strings.NewReader(walk(t))
	pasted.Env = append(append(os.Environ(), "HOME="+folder), environment...)
	pasted.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with what it leaves behind if a command fails
	pasted.Cancel = func() error { return syscall.Kill(-pasted.Process.Pid, syscall.SIGTERM) }
	pasted.WaitDelay = 5 * time.Second
	out, err := pasted.CombinedOutput()
	if err != nil && pasted.Process != nil {
		_ = pasted.Cancel()
	}
	t.Logf("%s", out)
	require.NoError(t, err)
	require.Contains(t, string(out), "payment of deposit 0")
	bob := regexp.MustCompile(`Contact +bob\nIdentity +(\S+)`).FindSubmatch(out)
	require.NotNil(t, bob)
	session := regexp.MustCompile(`For +message \d+, or a later one, of session (\S+)`).FindSubmatch(out)
	require.NotNil(t, session)
	require.Regexp(t, fmt.Sprintf(`Said by +%s\nWhen +\d+-.+\nSession +%s\n`, bob[1], session[1]), string(out))
}
