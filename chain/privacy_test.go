package chain

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fieldNames appends the names of the encoded fields of a struct, and of those that it has as fields: what has a
// canoto tag reaches the chain, and nothing else.
func fieldNames(of reflect.Type, name string, names []string) []string {
	for i := range of.NumField() {
		field := of.Field(i)
		if _, encoded := field.Tag.Lookup("canoto"); !encoded {
			continue
		}
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			names = fieldNames(inner, inner.Name(), names)
		}
		if inner.Kind() != reflect.Struct || field.Name != inner.Name() && inner.Name() != "Header" { // else it is no more than its fields
			names = append(names, name+"."+field.Name)
		}
	}
	return names
}

// tableOfFields returns the rows of the table of all fields in docs/PRIVACY.md.
func tableOfFields(t *testing.T) (rows [][]string) {
	content, err := os.ReadFile("../docs/PRIVACY.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(content), "\n## Every byte that reaches the chain\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | "); strings.HasPrefix(line, "| `") {
			require.Len(t, cells, 3, line)
			rows = append(rows, cells)
		}
	}
	return rows
}

// TestEveryFieldThatReachesTheChainIsInTheTable: who adds, removes or renames one says in docs/PRIVACY.md what it holds
// and what it tells of who talks to whom.
func TestEveryFieldThatReachesTheChainIsInTheTable(t *testing.T) {
	fields := fieldNames(reflect.TypeFor[transactionWire](), "Transaction", nil)
	fields = fieldNames(reflect.TypeFor[blockWire](), "Block", fields)
	slices.Sort(fields)
	fields = slices.Compact(fields)
	require.Contains(t, fields, "Invite.Head")
	require.Contains(t, fields, "Transaction.Registration")

	var listed []string
	name := regexp.MustCompile("`([A-Za-z]+\\.[A-Za-z]+)`")
	for _, row := range tableOfFields(t) {
		for _, match := range name.FindAllStringSubmatch(row[0], -1) {
			listed = append(listed, match[1])
		}
		for _, cell := range row[1:] {
			require.NotEmpty(t, strings.TrimSpace(cell), "%s: what it holds, and what it tells", row[0])
		}
	}
	slices.Sort(listed)
	require.Equal(t, fields, listed)
}

// TestTheTestsThatPrivacyNamesExist: a line of docs/PRIVACY.md that names a test is shown by one.
func TestTheTestsThatPrivacyNamesExist(t *testing.T) {
	content, err := os.ReadFile("../docs/PRIVACY.md")
	require.NoError(t, err)
	missing := make(map[string]bool)
	for _, match := range regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(content), -1) {
		missing[match[1]] = true
	}
	require.NotEmpty(t, missing)
	declared := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
	require.NoError(t, filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, match := range declared.FindAllStringSubmatch(string(code), -1) {
			delete(missing, match[1])
		}
		return err
	}))
	require.Empty(t, missing)
}
