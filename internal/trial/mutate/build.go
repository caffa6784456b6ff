package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (p *pkg) program() string { return filepath.Join(p.temporary, "mutants.test") }

// compile builds the program with the first mutants that compile, up to sample, and returns them.
func (p *pkg) compile(ctx context.Context, all []mutant, sample int) ([]mutant, error) {
	for {
		tried := all[:min(sample, len(all))]
		output, err := p.build(ctx, p.program(), p.together(tried), "-gcflags=-e")
		if err == nil {
			return tried, nil
		}
		wrong := make(map[int]bool)
		for _, match := range inMutant.FindAllStringSubmatch(string(output), -1) {
			number, _ := strconv.Atoi(match[1])
			wrong[number] = true
		}
		if len(wrong) == 0 {
			return nil, fmt.Errorf("the mutants do not build: %w\n%s", err, output)
		}
		var left []mutant
		for i, m := range all {
			if !wrong[i] {
				left = append(left, m)
			}
		}
		all = left
	}
}

// inMutant finds which mutant a compiler's error is in.
var inMutant = regexp.MustCompile(`mutant(\d+):\d`)

// together returns the files with the mutants of functions: before a function's body are its
// mutated bodies, of which the number in the environment chooses.
func (p *pkg) together(all []mutant) map[string]string {
	files := make(map[string]string)
	bodies := make(map[string]map[function]string)
	for number, m := range all {
		if m.function == nil {
			continue
		}
		end := "return"
		if m.function.results {
			end = `panic("no return")`
		}
		if bodies[m.file] == nil {
			bodies[m.file] = make(map[function]string)
			files[m.file] = string(m.source)
		}
		bodies[m.file][*m.function] += fmt.Sprintf("if mutantNumber == \"%d\" {\n//line mutant%d:1\n%s\n%s\n}\n",
			number, number, m.code(m.function.start, m.function.end), end)
	}
	for file, of := range bodies {
		functions := make([]function, 0, len(of))
		for f := range of {
			functions = append(functions, f)
		}
		slices.SortFunc(functions, func(a, b function) int { return b.start - a.start })
		for _, f := range functions {
			back := fmt.Sprintf("//line %s:%d\n", file, f.line)
			files[file] = files[file][:f.start+1] + "\n" + of[f] + back + files[file][f.start+1:]
		}
		files[filepath.Join(p.dir, "mutant_number.go")] = "package " + p.name + "\n\nimport \"os\"\n\nvar mutantNumber = os.Getenv(\"MUTANT\")\n"
	}
	return files
}

// build builds the package's tests with other contents of files.
func (p *pkg) build(ctx context.Context, program string, files map[string]string, flags ...string) ([]byte, error) {
	replace := make(map[string]string)
	for name, code := range files {
		replace[name] = filepath.Join(p.temporary, filepath.Base(name))
		if err := os.WriteFile(replace[name], []byte(code), 0o600); err != nil {
			return nil, err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	overlayFile := filepath.Join(p.temporary, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return nil, err
	}
	arguments := append([]string{"test", "-c", "-p=1", "-ldflags=-s -w", "-overlay=" + overlayFile, "-o", program}, flags...)
	output, err := p.command(ctx, "go", append(arguments, ".")...).CombinedOutput()
	return []byte(strings.TrimSpace(string(output))), err
}
