package relay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
	"github.com/luxfi/ids"
)

// ErrJournal is that the relayer's file can't be read or written.
var ErrJournal = errors.New("the relayer's file")

// journal is what a relayer keeps. All but the transaction that is under way could be found out again.
type journal struct {
	path string

	// Settled is how many of the escrow's deposits, from the first on, are settled.
	Settled uint64 `json:"settled"`
	// Recorded is, of each session, up to which sequence its messages are in the log.
	Recorded map[ids.ID]uint64 `json:"recorded"`
	// Pending is a signed transaction whose result is not known.
	Pending *types.Transaction `json:"pending,omitempty"`
	// Target is what the journal is about: a file of another relayer is refused.
	Target target `json:"target"`
}

// target is what a relayer acts on.
type target struct {
	Chain   ids.ID         `json:"chain"`
	EVM     string         `json:"evm"` // its chain ID
	Payer   common.Address `json:"payer"`
	Escrow  common.Address `json:"escrow"`
	Message common.Address `json:"log"`
}

// openJournal returns the journal in a file, a new one if it is not there.
func openJournal(path string, of target) (*journal, error) {
	j := &journal{path: path, Recorded: make(map[ids.ID]uint64), Target: of}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err == nil {
		err = json.Unmarshal(content, j)
	}
	if err == nil && j.Target != of {
		err = fmt.Errorf("expected one of %+v, got %+v: use another file", of, j.Target)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrJournal, path, err)
	}
	return j, nil
}

// save replaces the file, all of it or nothing.
func (j *journal) save() error {
	content, err := json.MarshalIndent(j, "", "\t")
	if err == nil {
		err = replace(j.path, content)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrJournal, err)
	}
	return nil
}

func replace(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
