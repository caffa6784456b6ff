package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// mutant is one change of a source file: text in place of the bytes from start to end.
type mutant struct {
	file       string
	source     []byte
	start, end int
	text       string
	at         token.Position
	function   *function // nil in a declaration
}

// function is where a function's body is, from brace to brace.
type function struct {
	start, end, line int
	results          bool
}

// code returns the file's bytes from start to end with the change.
func (m mutant) code(start, end int) string {
	return string(m.source[start:m.start]) + m.text + string(m.source[m.end:end])
}

func (m mutant) String() string {
	oneLine := strings.Join(strings.Fields(string(m.source[m.start:m.end])), " ")
	return fmt.Sprintf("%s:%d:%d: %s → %s", filepath.Base(m.file), m.at.Line, m.at.Column, oneLine, cmp.Or(m.text, "(nothing)"))
}

// rank orders mutants by chance: by a hash of the seed, the code of the line and the change. So a
// change elsewhere leaves the order of the others as it was.
func (m mutant) rank(seed string) string {
	line := strings.Split(string(m.source), "\n")[m.at.Line-1]
	sum := sha256.Sum256([]byte(strings.Join([]string{seed, filepath.Base(m.file), line, strconv.Itoa(m.at.Column), m.text}, "\x00")))
	return string(sum[:])
}

// swaps has what an operator turns into.
var swaps = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
	token.AND: {token.OR}, token.OR: {token.AND}, token.XOR: {token.AND}, token.SHL: {token.SHR}, token.SHR: {token.SHL},
	token.BREAK: {token.CONTINUE}, token.CONTINUE: {token.BREAK},
}

// What people read, and what only a crash or the race detector would show, is not mutated.
var skipped = regexp.MustCompile(`^(refusal\.|fmt\.|errors\.New|panic\(|[\w.]*[.](log|metrics)\.|[\w.]+\.R?(Lock|Unlock)\()`)

// mutants returns all mutants of a file, those that don't compile among them.
func mutants(file string) ([]mutant, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var (
		found     []mutant
		around    *function     // around the node
		signature *ast.FuncType // of the function or closure around it
	)
	offset := func(pos token.Pos) int { return set.Position(pos).Offset }
	text := func(node ast.Node) string { return string(source[offset(node.Pos()):offset(node.End())]) }
	add := func(from, to token.Pos, texts ...string) {
		for _, text := range texts {
			found = append(found, mutant{file, source, offset(from), offset(to), text, set.Position(from), around})
		}
	}
	swap := func(pos token.Pos, operator token.Token) {
		for _, other := range swaps[operator] {
			add(pos, pos+token.Pos(len(operator.String())), other.String())
		}
	}
	var visit func(ast.Node) bool
	inside := func(t *ast.FuncType, body *ast.BlockStmt) bool {
		outer := signature
		signature = t
		ast.Inspect(body, visit)
		signature = outer
		return false
	}
	visit = func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncDecl:
			if n.Body == nil {
				return false
			}
			around = &function{offset(n.Body.Pos()), offset(n.Body.End()), set.Position(n.Body.Pos()).Line, n.Type.Results != nil}
			inside(n.Type, n.Body)
			around = nil
			return false
		case *ast.FuncLit:
			return inside(n.Type, n.Body)
		case *ast.ImportSpec, *ast.Field:
			return false
		case *ast.CallExpr:
			if text(n.Fun) == "make" { // a capacity changes nothing but time
				n.Args = n.Args[:min(2, len(n.Args))]
			}
			return !skipped.MatchString(text(n))
		case *ast.BinaryExpr:
			if text(n) != "err != nil" { // every success would find it
				swap(n.OpPos, n.Op)
			}
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				add(n.OpPos, n.X.Pos(), "")
			}
		case *ast.BranchStmt:
			if n.Label == nil {
				swap(n.Pos(), n.Tok)
			}
		case *ast.IfStmt:
			switch n.Cond.(type) {
			case *ast.Ident, *ast.SelectorExpr, *ast.CallExpr:
				add(n.Cond.Pos(), n.Cond.End(), "!("+text(n.Cond)+")")
			}
		case *ast.BasicLit:
			if value, err := strconv.ParseUint(n.Value, 0, 62); n.Kind == token.INT && err == nil && !strings.HasPrefix(n.Value, "0o") {
				add(n.Pos(), n.End(), fmt.Sprint(value+1), fmt.Sprint(int64(value)-1))
			}
		case *ast.ExprStmt:
			if call, is := n.X.(*ast.CallExpr); is && !skipped.MatchString(text(call)) {
				add(n.Pos(), n.End(), "")
			}
		case *ast.IncDecStmt:
			add(n.Pos(), n.End(), text(n.X)+map[token.Token]string{token.INC: "--", token.DEC: "++"}[n.Tok])
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE && strings.Trim(text(n.Lhs[0]), "_") != "" {
				blanks := strings.TrimSuffix(strings.Repeat("_, ", len(n.Lhs)), ", ")
				add(n.Pos(), n.Rhs[0].Pos(), blanks+" = ")
			}
		case *ast.ReturnStmt:
			results := signature.Results
			if results == nil || len(n.Results) == 0 || text(results.List[len(results.List)-1].Type) != "error" {
				break
			}
			last := n.Results[len(n.Results)-1]
			if len(n.Results) == results.NumFields() && text(last) != "nil" {
				add(last.Pos(), last.End(), "nil")
			}
		}
		return true
	}
	ast.Inspect(tree, visit)
	return found, nil
}
