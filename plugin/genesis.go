package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// genesisFlags are LP-42's options, and what else of a genesis is often chosen, as flags.
type genesisFlags struct {
	set     *pflag.FlagSet
	genesis *chain.Genesis // with the flags' values, once they are parsed
	options []genesisOption
	time    string
}

// genesisOption is a flag and the field of the genesis that it sets.
type genesisOption struct {
	flag, name string
	value      func(*chain.Genesis) any
}

func addGenesisFlags(set *pflag.FlagSet) *genesisFlags {
	g := chain.DefaultGenesis()
	f := &genesisFlags{set: set, genesis: g}
	number := func(flag, name, usage string, field func(*chain.Genesis) *uint64) {
		set.Uint64Var(field(g), flag, *field(g), usage)
		f.options = append(f.options, genesisOption{flag, name,
			func(g *chain.Genesis) any { return *field(g) }})
	}
	number("session-ttl", "sessionTTL", "lifetime of a session in `seconds`", func(g *chain.Genesis) *uint64 { return &g.SessionTTL })
	number("max-messages", "maxMessages", "maximum of messages of a session", func(g *chain.Genesis) *uint64 { return &g.MaxMessages })
	number("max-channels", "maxChannels", "maximum of channels of one owner", func(g *chain.Genesis) *uint64 { return &g.MaxChannels })
	number("retention-days", "retentionDays", "`days` that a message stays in the tree", func(g *chain.Genesis) *uint64 { return &g.RetentionDays })
	number("fresh-share", "allowances.freshShare", "a new identity has one part in so many of what it may use at once", func(g *chain.Genesis) *uint64 { return &g.Allowances.FreshShare })
	set.StringVar(&g.IDPrefix, "id-prefix", g.IDPrefix, "first byte of session IDs, two `hex` digits")
	f.options = append(f.options, genesisOption{"id-prefix", "idPrefix",
		func(g *chain.Genesis) any { return g.IDPrefix }})
	set.BoolVar(&g.RequireSignedSessions, "require-signed-sessions", g.RequireSignedSessions, "refuse LP-42's plain CreateSession, which nobody signs")
	f.options = append(f.options, genesisOption{"require-signed-sessions", "requireSignedSessions",
		func(g *chain.Genesis) any { return g.RequireSignedSessions }})
	set.Var(registrationMode{&g.Registration}, "registration", "what a registration costs: open (nothing) or work; issuers are named in a genesis file")
	f.options = append(f.options, genesisOption{"registration", "registration.mode",
		func(g *chain.Genesis) any { return g.Registration.Mode }})
	set.StringVar(&f.time, "timestamp", "now", "`time` of block 0: now, RFC 3339, or Unix milliseconds")
	f.options = append(f.options, genesisOption{"timestamp", "timestamp",
		func(g *chain.Genesis) any { return g.Timestamp }})
	return f
}

// registrationMode is the flag of a chain.Registration without issuers.
type registrationMode struct{ of *chain.Registration }

func (m registrationMode) String() string {
	if m.of == nil {
		return ""
	}
	return m.of.Mode
}

func (registrationMode) Type() string { return "mode" }

// Set implements pflag.Value.
func (m registrationMode) Set(mode string) error {
	switch mode {
	case chain.RegistrationOpen:
		*m.of = chain.Registration{Mode: mode}
	case chain.RegistrationWork:
		*m.of = chain.DefaultGenesis().Registration
	default:
		return refusal.New(refusal.ErrInvalidArgs, `--registration "open" or "work"`, mode)
	}
	return nil
}

// make returns the genesis that the flags say, checked.
func (f *genesisFlags) make(now time.Time) ([]byte, error) {
	if err := f.parseTime(now); err != nil {
		return nil, err
	}
	// A pending session lives no longer than others; there is no flag for it.
	f.genesis.Limits.PendingTTL = min(f.genesis.Limits.PendingTTL, f.genesis.SessionTTL)
	encoded := f.genesis.Bytes()
	_, err := chain.ParseGenesis(encoded)
	return encoded, err
}

func (f *genesisFlags) parseTime(now time.Time) error {
	at := now
	if f.time != "now" {
		if millis, err := strconv.ParseUint(f.time, 10, 64); err == nil {
			f.genesis.Timestamp = millis
			return nil
		}
		var err error
		if at, err = time.Parse(time.RFC3339, f.time); err != nil || at.UnixMilli() < 0 {
			return refusal.New(refusal.ErrInvalidArgs, `--timestamp of "now", RFC 3339 from 1970 on, or Unix milliseconds`, f.time)
		}
	}
	f.genesis.Timestamp = uint64(at.UnixMilli())
	return nil
}

// given returns the first flag that the user gave; "" if none.
func (f *genesisFlags) given() string {
	for _, option := range f.options {
		if f.set.Changed(option.flag) {
			return option.flag
		}
	}
	return ""
}

// agree holds the flags that the user gave against the genesis of a chain that exists.
func (f *genesisFlags) agree(existing []byte, now time.Time) error {
	if f.given() == "" {
		return nil
	}
	genesis, err := chain.ParseGenesis(existing)
	if err != nil {
		return err
	}
	if err := f.parseTime(now); err != nil {
		return err
	}
	for _, option := range f.options {
		if !f.set.Changed(option.flag) {
			continue
		}
		if has, wants := option.value(genesis), option.value(f.genesis); has != wants {
			return refusal.New(refusal.ErrConfig,
				fmt.Sprintf("--%s %v, %s in the genesis", option.flag, has, option.name), wants)
		}
	}
	return nil
}

func genesisCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "genesis",
		Short: "Print a genesis made from flags, to edit and to give to a node or to run --genesis",
		Args:  cobra.NoArgs,
	}
	flags := addGenesisFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		encoded, err := flags.make(time.Now())
		if err != nil {
			return err
		}
		_, err = cmd.OutOrStdout().Write(encoded)
		return err
	}
	return cmd
}

// readOptional is readBounded; no path is no bytes.
func readOptional(path string, most int64) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	return readBounded(path, most)
}

// readBounded reads a file of at most as many bytes.
func readBounded(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("%s of at most %d bytes", path, most), info.Size())
	}
	return os.ReadFile(path)
}
