package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/plugin/standalone"
	"github.com/luxfi/session/rpc"
)

// maxConfigBytes bounds a node's configuration file.
const maxConfigBytes = 1 << 20

// runOptions are the flags of "sessionvm run".
type runOptions struct {
	data, http, genesis, config, upgrades string
	blockInterval, maxRun                 time.Duration
	logLevel                              slog.Level
	logJSON, newKey, acceptTime           bool
	levelGiven, jsonGiven                 bool
}

// configure changes the log as a configuration wants it, but for what a flag says.
func (o *runOptions) configure(logs *logging) func(slog.Level, bool) {
	return func(level slog.Level, json bool) {
		if o.levelGiven {
			level = o.logLevel
		}
		if o.jsonGiven {
			json = o.logJSON
		}
		logs.set(level, json)
	}
}

func runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run a chain with one validator, served over HTTP",
		Long: `Run a chain with one validator, served over HTTP.

The data folder is the chain. The first start makes its genesis, from --genesis or from the
flags of LP-42's options; later starts need neither, and refuse what disagrees with it.
SIGINT or SIGTERM ends it in order. Whatever was answered as accepted is on disk, also if
the process is killed.`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&o.data, "data", "", "data `folder` (default ~/.sessionvm)")
	flags.StringVar(&o.http, "http", "127.0.0.1:9652", "`address` of JSON-RPC (/rpc), /health and /metrics; port 0 takes a free one")
	flags.StringVar(&o.genesis, "genesis", "", "genesis `file` of a new chain (see sessionvm genesis)")
	flags.StringVar(&o.config, "config", "", "configuration `file` of the node, JSON (see docs/operations.md)")
	flags.StringVar(&o.upgrades, "upgrades", "", "upgrade `file` of the chain, JSON (see docs/operations.md)")
	flags.DurationVar(&o.blockInterval, "block-interval", standalone.DefaultBlockInterval, "least time between two blocks that are not full")
	flags.DurationVar(&o.maxRun, "max-run", 0, "stop in order after this time; 0 means never")
	flags.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "DEBUG, INFO, WARN or ERROR; the log goes to stderr (before logLevel of the configuration)")
	flags.BoolVar(&o.logJSON, "log-json", false, "log JSON, an object per line (before logJSON of the configuration)")
	flags.BoolVar(&o.acceptTime, "accept-time", false, "the clock is right, however long ago the last block was")
	flags.BoolVar(&o.newKey, "new-validator-key", false, "the chain may get another validator key; light clients need a new trust file then")
	genesis := addGenesisFlags(flags)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		context.AfterFunc(ctx, stop) // a second signal ends the process at once
		o.levelGiven, o.jsonGiven = flags.Changed("log-level"), flags.Changed("log-json")
		return run(ctx, cmd.OutOrStdout(), o, genesis)
	}
	return cmd
}

// run runs the chain until ctx ends, or it fails.
func run(ctx context.Context, out io.Writer, o runOptions, flags *genesisFlags) (err error) {
	if o.maxRun > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.maxRun)
		defer cancel()
	}
	var logs logging
	logs.set(o.logLevel, o.logJSON)
	log := logs.logger(os.Stderr)
	setProcessors()
	setMemory(0.8, log)
	config, err := readOptional(o.config, maxConfigBytes)
	if err != nil {
		return err
	}
	upgrades, err := readOptional(o.upgrades, chain.MaxUpgradeBytes)
	if err != nil {
		return err
	}
	folder, err := openFolder(o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	if err := settleGenesis(folder, o.genesis, flags); err != nil {
		return err
	}
	running, err := standalone.Open(folder, standalone.Options{
		Config:     config,
		Upgrades:   upgrades,
		AcceptTime: o.acceptTime,

		NewValidatorKey: o.newKey,
		BlockInterval:   o.blockInterval,
		Version:         versionInfo().Version,
		Log:             log,
		SetLog:          o.configure(&logs),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.Close()) }()
	server, err := standalone.Listen(o.http, running.Door(), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	warnIfPublic(log, server.Address())
	announce(out, folder, running, server)

	select {
	case <-ctx.Done():
		log.Info("stopping")
		return nil
	case err := <-running.Failed():
		return fmt.Errorf("the chain has stopped: %w", err)
	case err := <-server.Failed():
		return fmt.Errorf("the HTTP server has stopped: %w", err)
	}
}

func openFolder(path string) (*standalone.Folder, error) {
	path, err := dataPath(path)
	if err != nil {
		return nil, err
	}
	return standalone.OpenFolder(path)
}

// dataPath returns the data folder that a user means.
func dataPath(path string) (string, error) {
	if path != "" {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("there is no home folder; say with --data where the chain shall be: %w", err)
	}
	return filepath.Join(home, ".sessionvm"), nil
}

// settleGenesis makes the genesis of a new chain, and holds what the user asks for against
// that of an existing one.
func settleGenesis(folder *standalone.Folder, file string, flags *genesisFlags) error {
	if file != "" {
		encoded, err := readBounded(file, chain.MaxGenesisBytes)
		if err != nil {
			return err
		}
		if err := flags.agree(encoded, time.Now()); err != nil {
			return err
		}
		if err := folder.SetGenesis(encoded); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		return nil
	}
	existing, err := folder.Genesis()
	if err != nil {
		return err
	}
	if existing != nil {
		return flags.agree(existing, time.Now())
	}
	encoded, err := flags.make(time.Now())
	if err != nil {
		return err
	}
	return folder.SetGenesis(encoded)
}

// announce says where everything is. Programs may read it: a name, spaces, a value.
func announce(out io.Writer, folder *standalone.Folder, running *standalone.Chain, server *standalone.Server) {
	at := "http://" + server.Address()
	header := running.VM().Snapshot().Header()
	fmt.Fprintf(out, "SessionVM   %s\n", versionInfo().Version)
	fmt.Fprintf(out, "data        %s\n", folder.Path())
	fmt.Fprintf(out, "chain ID    %s\n", header.ChainID)
	fmt.Fprintf(out, "height      %d\n", header.Height)
	fmt.Fprintf(out, "health      %s%s\n", at, rpc.HealthPath)
	fmt.Fprintf(out, "metrics     %s%s\n", at, standalone.MetricsPath)
	fmt.Fprintf(out, "JSON-RPC    %s%s\n", at, rpc.RPCPath)
}

// warnIfPublic reminds whoever serves other machines of what the service does not have.
func warnIfPublic(log *slog.Logger, address string) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && !ip.IsLoopback() {
		log.Warn("serving other machines: the service has no TLS and no accounts; put a proxy before it", "address", address)
	}
}
