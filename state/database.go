package state

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble"
	"github.com/cockroachdb/pebble/bloom"
	dbm "github.com/cometbft/cometbft-db"

	"github.com/luxfi/session/refusal"
)

// The database backends, by their names in a node's configuration.
const (
	PebbleDB  = "pebbledb"  // the default
	GoLevelDB = "goleveldb" // pure Go, smaller, slower
	MemDB     = "memdb"     // for tests: gone with the process
)

// databaseName is the name of a backend's database in the data folder; its folder has
// ".db" behind it.
func databaseName(backend string) string { return "chain-" + backend }

// OpenDatabase opens the chain's database in a folder, making both if need be. Backends
// on disk lock the folder against a second process.
func OpenDatabase(backend, folder string) (dbm.DB, error) {
	if backend == MemDB {
		return dbm.NewMemDB(), nil
	}
	if backend != PebbleDB && backend != GoLevelDB {
		return nil, refusal.New(refusal.ErrConfig, fmt.Sprintf("database %q, %q or %q", PebbleDB, GoLevelDB, MemDB), backend)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	for _, other := range []string{PebbleDB, GoLevelDB} {
		if _, err := os.Stat(filepath.Join(folder, databaseName(other)+".db")); other != backend && err == nil {
			return nil, refusal.New(refusal.ErrConfig, fmt.Sprintf("database %q, which the chain in %s was made with", other, folder), backend)
		}
	}
	var (
		db   dbm.DB
		err  error
		name = databaseName(backend)
	)
	if backend == PebbleDB {
		db, err = dbm.NewPebbleDBWithOpts(name, folder, pebbleOptions())
	} else {
		db, err = dbm.NewGoLevelDB(name, folder)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the database in %s (is another process using it?): %w", folder, err)
	}
	return db, nil
}

// Backend returns the backend of the database in a folder, or fs.ErrNotExist.
func Backend(folder string) (string, error) {
	for _, backend := range []string{PebbleDB, GoLevelDB} {
		if _, err := os.Stat(filepath.Join(folder, databaseName(backend)+".db")); err == nil {
			return backend, nil
		}
	}
	return "", fmt.Errorf("%w: a chain's database in %s", fs.ErrNotExist, folder)
}

// BlockFolder returns the folder of the block log of a database on disk in a folder.
func BlockFolder(folder string) string { return filepath.Join(folder, "blocks") }

// pebbleOptions are for what a chain writes: one batch of some megabytes per block.
func pebbleOptions() *pebble.Options {
	level := pebble.LevelOptions{
		// Most reads of a hash find nothing: is this transaction in the chain already?
		FilterPolicy: bloom.FilterPolicy(10),
		// Ciphertexts, signatures and hashes don't compress.
		Compression:    pebble.NoCompression,
		TargetFileSize: 32 << 20,
	}
	return &pebble.Options{
		Cache:                       pebble.NewCache(256 << 20), // memtables count
		MemTableSize:                32 << 20,
		MemTableStopWritesThreshold: 4,
		L0CompactionThreshold:       8,
		L0StopWritesThreshold:       64,
		LBaseMaxBytes:               512 << 20,
		Levels:                      []pebble.LevelOptions{level},
		MaxConcurrentCompactions:    func() int { return 2 },
		Logger:                      silent{},
	}
}

// silent drops Pebble's log of compactions. What goes wrong comes back as errors.
type silent struct{}

func (silent) Infof(string, ...any)  {}
func (silent) Errorf(string, ...any) {}

// Fatalf is called where the database can't go on: to continue would be to lose data.
func (silent) Fatalf(format string, args ...any) { panic(fmt.Sprintf("database: "+format, args...)) }
