package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const source = `package p

const most = 8

func check(n int, ok bool) (int, error) {
	if !ok || n > most {
		return 0, refusal.New("a number of at most 8", n+1)
	}
	n++
	buffer := make([]byte, 0, 2*n)
	use(buffer)
	return n, nil
}
`

func TestEachPlaceHasItsMutants(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.go")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	found, err := mutants(file)
	require.NoError(t, err)
	var texts []string
	for _, m := range found {
		texts = append(texts, m.String())
	}
	require.Equal(t, []string{
		"p.go:3:14: 8 → 9", "p.go:3:14: 8 → 7",
		"p.go:6:9: || → &&", "p.go:6:5: ! → (nothing)", "p.go:6:14: > → >=", "p.go:6:14: > → <=",
		`p.go:7:13: refusal.New("a number of at most 8", n+1) → nil`, "p.go:7:10: 0 → 1", "p.go:7:10: 0 → -1",
		"p.go:9:2: n++ → n--",
		"p.go:10:25: 0 → 1", "p.go:10:25: 0 → -1",
		"p.go:11:2: use(buffer) → (nothing)",
	}, texts)
	require.Equal(t, strings.Replace(source, "most = 8", "most = 9", 1), found[0].code(0, len(source)))
}

func TestTheFirstSampleOfASeedIsTheSame(t *testing.T) {
	m := mutant{file: "p.go", source: []byte(source), text: "9"}
	m.at.Line, m.at.Column = 3, 14
	moved := m
	moved.source, moved.at.Line = []byte("// P.\n"+source), 4
	require.Equal(t, m.rank("1"), moved.rank("1"))
	require.NotEqual(t, m.rank("1"), m.rank("2"))
}
