package standalone

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// Check verifies the chain in a data folder, which must not be running: see state.Store.Check.
func Check(data string, report func(problem string)) (found state.Checked, err error) {
	folder, err := OpenFolder(data)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	encoded, err := folder.Genesis()
	if err != nil {
		return found, err
	}
	if encoded == nil {
		return found, refusal.New(refusal.ErrConfig, "the data folder of a chain", folder.Path())
	}
	genesis, err := chain.ParseGenesis(encoded)
	if err != nil {
		return found, fmt.Errorf("%s: %w", folder.genesisPath(), err)
	}
	at := filepath.Join(folder.Path(), chainFolder)
	backend, err := state.Backend(at)
	if err != nil {
		return found, err
	}
	db, err := state.OpenDatabase(backend, at)
	if err != nil {
		return found, err
	}
	store, err := state.Open(db, genesis.StandaloneChainID(), genesis, state.Options{
		CacheNodes:  10_000,
		History:     1 << 62, // nothing is pruned
		BlockFolder: state.BlockFolder(at),
	})
	if err != nil {
		return found, errors.Join(err, db.Close())
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return store.Check(report)
}
