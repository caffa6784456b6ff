// Command mutate changes a package's code in one place at a time and runs the tests that run that
// place. A mutant that no test notices has survived: a test is missing, the code is not needed, or
// the change is none.
//
// All functions' mutants are in one program beside the code as it is, and the environment chooses
// one; so a mutant costs its tests alone. A declaration's mutant is a program of its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	var (
		dir    = flag.String("pkg", "./warp", "the package's folder")
		sample = flag.Int("sample", 100, "how many mutants are tried")
		seed   = flag.String("seed", "1", "which sample")
		only   = flag.String("only", "", "a pattern of the mutants to try, as they are printed: FILE:LINE:COLUMN: BEFORE → AFTER")
		short  = flag.Bool("short", false, "run the tests with -short")
	)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := pkg{dir: *dir, short: *short, only: regexp.MustCompile(*only)}
	if err := p.run(ctx, *sample, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// pkg is a package under trial.
type pkg struct {
	dir, name, temporary string
	short                bool
	only                 *regexp.Regexp
	rapid                []string // arguments to tests with pgregory.net/rapid
}

func (p *pkg) run(ctx context.Context, sample int, seed string) (err error) {
	if p.dir, err = filepath.Abs(p.dir); err != nil {
		return err
	}
	if p.temporary, err = os.MkdirTemp("", "mutate"); err != nil {
		return err
	}
	defer os.RemoveAll(p.temporary)
	all, err := p.mutants(ctx, seed)
	if err != nil {
		return err
	}
	tests, err := p.profile(ctx)
	if err != nil {
		return err
	}
	found := len(all)
	all = slices.DeleteFunc(all, func(m mutant) bool { return len(covering(tests, m)) == 0 })
	covered := len(all)
	if all, err = p.compile(ctx, all, sample); err != nil {
		return err
	}
	counts := make(map[string]int)
	for number, m := range all {
		verdict, killer, err := p.try(ctx, m, number, covering(tests, m))
		if err != nil {
			return err
		}
		counts[verdict]++
		fmt.Println(verdict, m, killer)
	}
	fmt.Printf("| places | run by a test | tried | killed | too slow | survived |\n| --- | --- | --- | --- | --- | --- |\n")
	fmt.Printf("| %d | %d | %d | %d | %d | %d |\n", found, covered, len(all)-counts[invalid], counts[killed], counts[late], counts[survived])
	return nil
}

// mutants returns the package's mutants in the seed's order. Generated code has none.
func (p *pkg) mutants(ctx context.Context, seed string) ([]mutant, error) {
	list, err := p.command(ctx, "go", "list", "-f", `{{.Name}} {{join .GoFiles " "}}`, ".").Output()
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(list))
	p.name = names[0]
	var all []mutant
	for _, name := range names[1:] {
		if strings.HasSuffix(name, ".canoto.go") {
			continue
		}
		found, err := mutants(filepath.Join(p.dir, name))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	all = slices.DeleteFunc(all, func(m mutant) bool { return !p.only.MatchString(m.String()) })
	slices.SortStableFunc(all, func(a, b mutant) int { return strings.Compare(a.rank(seed), b.rank(seed)) })
	return all, nil
}

// What becomes of a mutant.
const (
	survived = "SURVIVED"
	killed   = "killed"
	late     = "too slow"
	invalid  = "invalid" // does not compile
)

// try runs tests until one fails: first the short ones, then the others.
func (p *pkg) try(ctx context.Context, m mutant, number int, tests []test) (verdict, killer string, err error) {
	program := p.program()
	if m.function == nil {
		program = filepath.Join(p.temporary, "declaration.test")
		if _, err := p.build(ctx, program, map[string]string{m.file: m.code(0, len(m.source))}); err != nil {
			return invalid, "", ctx.Err()
		}
	}
	for len(tests) > 0 {
		first, length := 0, time.Duration(0)
		for first < len(tests) && (first == 0 || length+tests[first].length < 3*time.Second) {
			length += tests[first].length
			first++
		}
		limit := 20*time.Second + 8*length
		run, cancel := context.WithTimeout(ctx, limit)
		command := p.command(run, program, p.arguments(tests[:first], limit, "-test.failfast")...)
		command.Env = append(command.Env, fmt.Sprintf("MUTANT=%d", number))
		output, err := command.CombinedOutput()
		tooLate := run.Err()
		cancel()
		switch {
		case ctx.Err() != nil:
			return "", "", ctx.Err()
		case tooLate != nil || strings.Contains(string(output), "panic: test timed out"):
			return late, "", nil
		case err != nil:
			return killed, failed.FindString(string(output)), nil
		}
		tests = tests[first:]
	}
	return survived, "", nil
}

// failed finds the first test that failed.
var failed = regexp.MustCompile(`(?m)--- FAIL: \w+`)

func (p *pkg) arguments(tests []test, limit time.Duration, more ...string) []string {
	names := make([]string, len(tests))
	for i, t := range tests {
		names[i] = t.name
	}
	arguments := append(slices.Concat(p.rapid, more), "-test.run=^("+strings.Join(names, "|")+")$", "-test.timeout="+limit.String())
	if p.short {
		arguments = append(arguments, "-test.short")
	}
	return arguments
}

// command makes a command that runs in the package's folder and ends with all that it has started.
func (p *pkg) command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = p.dir
	command.Env = append(os.Environ(), "TMPDIR="+p.temporary)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second
	return command
}
