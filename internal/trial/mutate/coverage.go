package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// test is one test of the package, with how long it takes and which code it runs.
type test struct {
	name   string
	length time.Duration
	blocks map[block]bool
}

// block is a piece of code of the coverage profile: a file's base name, from and to.
type block struct {
	file                               string
	line, column, lastLine, lastColumn int
}

func (b block) has(m mutant) bool {
	line, column := m.at.Line, m.at.Column
	return b.file == filepath.Base(m.file) &&
		(line > b.line || line == b.line && column >= b.column) &&
		(line < b.lastLine || line == b.lastLine && column < b.lastColumn)
}

// profile runs each test of the package alone, the unmutated code.
func (p *pkg) profile(ctx context.Context) ([]test, error) {
	program := filepath.Join(p.temporary, "covered.test")
	if output, err := p.build(ctx, program, nil, "-cover"); err != nil {
		return nil, fmt.Errorf("the package's tests do not build: %w\n%s", err, output)
	}
	p.rapid = []string{"-rapid.nofailfile", "-rapid.seed=1"}
	if p.command(ctx, program, append(p.rapid, "-test.list=^$")...).Run() != nil {
		p.rapid = nil // the tests do without it
	}
	list, err := p.command(ctx, program, "-test.list=.").Output()
	if err != nil {
		return nil, err
	}
	var tests []test
	for name := range strings.Lines(string(list)) {
		name = strings.TrimSpace(name)
		if strings.HasPrefix(name, "Benchmark") {
			continue
		}
		file := filepath.Join(p.temporary, "profile")
		started := time.Now()
		output, err := p.command(ctx, program, p.arguments([]test{{name: name}}, 10*time.Minute, "-test.coverprofile="+file)...).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("%s fails without a mutant: %w\n%s", name, err, output)
		}
		length := time.Since(started)
		blocks, err := readProfile(file)
		if err != nil {
			return nil, err
		}
		tests = append(tests, test{name, length, blocks})
	}
	slices.SortFunc(tests, func(a, b test) int { return int(a.length - b.length) })
	return tests, nil
}

func readProfile(name string) (map[block]bool, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	blocks := make(map[block]bool)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		b := block{file: path.Base(name)}
		var statements, count int
		if _, err := fmt.Sscanf(rest, "%d.%d,%d.%d %d %d", &b.line, &b.column, &b.lastLine, &b.lastColumn, &statements, &count); err == nil {
			blocks[b] = blocks[b] || count > 0
		}
	}
	return blocks, lines.Err()
}

// covering returns the tests that run the mutant's code, the shortest first; all, where the code is
// a declaration that no profile has.
func covering(tests []test, m mutant) []test {
	var those []test
	known := false
	for _, t := range tests {
		for b, run := range t.blocks {
			if b.has(m) {
				known = true
				if run {
					those = append(those, t)
					break
				}
			}
		}
	}
	if !known {
		return tests
	}
	return those
}
