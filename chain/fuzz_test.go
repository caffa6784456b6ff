package chain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever a decoder takes is the one encoding of what it returns.

func FuzzParseHeader(f *testing.F) {
	header := sampleHeader()
	f.Add(header.Bytes())
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if header, err := ParseHeader(encoded); err == nil {
			require.Equal(t, encoded, header.Bytes())
		}
	})
}

func FuzzParseTransaction(f *testing.F) {
	for _, tx := range sampleTransactions() {
		f.Add(tx.Bytes())
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		tx, err := ParseTransaction(sampleChainID, encoded)
		if err != nil {
			return
		}
		made, err := again(tx)
		require.NoError(t, err)
		require.Equal(t, encoded, made.Bytes())
		require.Equal(t, tx.ID(), made.ID())
		require.Equal(t, tx.WithoutRegistration().ID(), made.ID())
	})
}

func FuzzParseBlock(f *testing.F) {
	f.Add(sampleBlock().Bytes())
	f.Add(NewBlock(sampleHeader(), nil).Bytes())
	f.Fuzz(func(t *testing.T, encoded []byte) {
		blk, err := ParseBlock(sampleChainID, encoded, 1<<20)
		if err != nil {
			return
		}
		again := NewBlock(*blk.Header, blk.Transactions)
		require.Equal(t, encoded, again.Bytes())
		require.Equal(t, blk.ID(), again.ID())
	})
}

func FuzzParseRecord(f *testing.F) {
	kinds := sorted(sampleRecords())
	for i, kind := range kinds {
		f.Add(uint8(i), sampleRecords()[kind].Bytes())
	}
	f.Fuzz(func(t *testing.T, kind uint8, encoded []byte) {
		if record, err := parseRecordOf(kinds[int(kind)%len(kinds)], encoded); err == nil {
			require.Equal(t, encoded, record.Bytes())
		}
	})
}

func FuzzParseGenesis(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add(DefaultGenesis().Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		g, err := ParseGenesis(text)
		if err != nil {
			return
		}
		again, err := ParseGenesis(g.Bytes())
		require.NoError(t, err)
		require.Equal(t, g.Bytes(), again.Bytes())
		require.Positive(t, g.SweepBudget())
	})
}

func FuzzHashText(f *testing.F) {
	f.Add(Hash{1}.String())
	f.Fuzz(func(t *testing.T, text string) {
		var h Hash
		if err := h.UnmarshalText([]byte(text)); err == nil {
			require.Equal(t, lower(text), h.String())
		}
	})
}

func lower(text string) string {
	out := []byte(text)
	for i, c := range out {
		if 'A' <= c && c <= 'F' {
			out[i] = c + 'a' - 'A'
		}
	}
	return string(out)
}
