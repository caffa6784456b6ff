package statesync

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// summaryVersion is the first byte of a summary.
const summaryVersion = 1

// Summary names a state that can be fetched: that after the block of a header.
type Summary struct{ Header *chain.Header }

// Bytes returns the encoding: the version (1 byte) and the header.
func (s Summary) Bytes() []byte { return append([]byte{summaryVersion}, s.Header.Bytes()...) }

// ParseSummary decodes a summary of a chain strictly. It says nothing about whether the block was
// accepted.
func ParseSummary(chainID ids.ID, encoded []byte) (Summary, error) {
	if len(encoded) == 0 || encoded[0] != summaryVersion {
		return Summary{}, refusal.New(refusal.ErrVersion, fmt.Sprintf("a summary of version %d", summaryVersion), fmt.Sprintf("%x", encoded[:min(len(encoded), 1)]))
	}
	header, err := chain.ParseHeader(encoded[1:])
	if err != nil {
		return Summary{}, err
	}
	if header.ChainID != chainID {
		return Summary{}, refusal.New(refusal.ErrWrongChain, chainID.String(), header.ChainID)
	}
	if header.Height > 0 && header.ValidatorSetHash == (chain.Hash{}) {
		return Summary{}, refusal.New(refusal.ErrValidatorSet, "a block whose header commits to a validator set", fmt.Sprintf("block %d, which does not", header.Height))
	}
	return Summary{header}, nil
}
