package relay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/sealedfile"
)

// ErrJournal is that the relayer's file can't be read or written, is another relayer's, or in use.
var ErrJournal = errors.New("the relayer's file")

// journal is what a relayer keeps: a transaction that is under way, and up to where all is done, so that it need not ask
// for it all again.
type journal struct {
	path string
	lock *os.File

	Target target `json:"target"`
	// Pending is a signed transaction whose result is not known.
	Pending *types.Transaction `json:"pending,omitempty"`
	// Settled is how many deposits of the escrow, from the first on, are settled or not this relayer's.
	Settled uint64 `json:"settled"`
	// Recorded is, of each session, up to which sequence its messages are in the log.
	Recorded map[ids.ID]uint64 `json:"recorded"`
	// Brought is, of each sender, the place before which all its calls are brought to the session chain, or refused there for good.
	Brought map[common.Address]place `json:"brought,omitempty"`
}

// target is what a relayer acts on: of another one nothing that the file says is true.
type target struct {
	Chain  ids.ID         `json:"chain"`
	EVM    *big.Int       `json:"evm"` // the EVM chain's ID
	Payer  common.Address `json:"payer"`
	Escrow common.Address `json:"escrow"`
	Log    common.Address `json:"log"`
}

func (t target) String() string {
	return fmt.Sprintf("chain %s, EVM chain %s, key %s, escrow %s, log %s", t.Chain, t.EVM, t.Payer, t.Escrow, t.Log)
}

// openJournal opens the journal in a file, a new one if it is not there. Errors: ErrJournal.
func openJournal(path string, of target) (j *journal, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w: %s: %w", ErrJournal, path, err)
		}
	}()
	lock, err := sealedfile.Lock(path)
	if err != nil {
		return nil, err
	}
	j = &journal{path: path, lock: lock, Target: of, Recorded: make(map[ids.ID]uint64), Brought: make(map[common.Address]place)}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err == nil {
		err = json.Unmarshal(content, j)
	}
	if err == nil && j.Target.String() != of.String() {
		err = fmt.Errorf("expected one of %s, got one of %s: name another file", of, j.Target)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return j, nil
}

// save replaces the file, whole or not at all. Errors: ErrJournal.
func (j *journal) save() error {
	content, err := json.MarshalIndent(j, "", "\t")
	if err == nil {
		err = sealedfile.Replace(j.path, content, 0o600)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrJournal, err)
	}
	return nil
}
