package refusal

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryReasonHasATextAndANumberOfItsOwn(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	require.NoError(t, err)
	numbers := make(map[string]string)
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Err") {
			return true
		}
		number := spec.Values[0].(*ast.BasicLit).Value
		require.NotContains(t, numbers, number, spec.Names[0].Name)
		numbers[number] = spec.Names[0].Name
		return true
	})
	require.Len(t, reasonText, len(numbers))
	require.NotEmpty(t, numbers)
	require.Equal(t, "reason 7", Reason(7).Error())
	err = New(ErrKeySize, "one size", strings.Repeat("x", 1000))
	require.ErrorIs(t, err, ErrKeySize)
	require.Less(t, len(err.Error()), 300)
}

func TestAnErrorIsItsCauseAndItsReason(t *testing.T) {
	cause := errors.New("the cause")
	err := Wrap(cause, ErrProof, "this", "that")
	require.ErrorIs(t, err, cause)
	require.ErrorIs(t, err, ErrProof)
	var refused *Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, Error{ErrProof, "this", "that"}, *refused)

	err = Because(cause, "expected %d, got %d", 1, 2)
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, "the cause: expected 1, got 2")
}
