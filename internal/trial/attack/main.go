// Command attack runs the program ("sessionvm run"), makes each known attack on it with one
// client and with a hundred, and measures what that costs the others. It prints a Markdown
// table. All of it is on loopback, bounded in time, and ends by itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "attack:", err)
		os.Exit(1)
	}
}

func run() error {
	var o options
	only := flag.String("only", "", "a regular expression: only the attacks with such a name")
	flag.StringVar(&o.program, "binary", "build/sessionvm", "the program to attack")
	flag.DurationVar(&o.lasts, "for", 6*time.Second, "how long each attack lasts at least")
	flag.IntVar(&o.many, "many", 100, "how many identities and addresses are many")
	flag.Int64Var(&o.maxMemory, "max-memory", 4000, "end the server above so many MB of resident memory, so that it does not take the machine down")
	longest := flag.Duration("longest", 20*time.Minute, "give up after this time")
	isVictim := flag.Bool("victim", false, "be the victim, as a process of this program starts it")
	flag.Parse()
	names, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	o.maxMemory *= 1e6
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *longest)
	defer cancel()
	if *isVictim {
		return runVictim(ctx)
	}

	fmt.Println(header)
	for _, a := range attacks() {
		if !names.MatchString(a.name) {
			continue
		}
		for _, attackers := range a.attackers(o.many) {
			result, err := o.measure(ctx, a, attackers)
			if err != nil {
				return fmt.Errorf("%s with %d: %w", a.name, attackers, err)
			}
			fmt.Println(result)
		}
	}
	return nil
}

// attacks returns all attacks, and all at once.
func attacks() []*attack {
	all := append(requests(), states()...)
	return append(all, together(all))
}
