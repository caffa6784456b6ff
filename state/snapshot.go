package state

import (
	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// Snapshot reads the state after one accepted block. It is safe for concurrent use and
// never touches the tree that executes. What is not there is a chain.ErrNotFound; a
// height below the node's proof history is a chain.ErrPruned.
type Snapshot struct{}

func (s *Snapshot) Header() *chain.Header                                       { panic("soon") }
func (s *Snapshot) Totals() (*chain.Totals, error)                              { panic("soon") }
func (s *Snapshot) Identity(id ids.ID) (*chain.Identity, error)                 { panic("soon") }
func (s *Snapshot) Session(id ids.ID) (*chain.Session, error)                   { panic("soon") }
func (s *Snapshot) SessionKeys(id ids.ID) (*chain.SessionKeys, error)           { panic("soon") }
func (s *Snapshot) Channel(id ids.ID) (*chain.Channel, error)                   { panic("soon") }
func (s *Snapshot) Receipt(session, participant ids.ID) (*chain.Receipt, error) { panic("soon") }
func (s *Snapshot) Message(index uint64) (*chain.Message, error)                { panic("soon") }

// Prove returns the leaf at key (nil if absent) and the ICS-23 proof of its presence or absence
// against Header().StateRoot.
func (s *Snapshot) Prove(key []byte) (value []byte, proof *ics23.CommitmentProof, err error) {
	panic("soon")
}
