package chain

import (
	"context"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func TestRegistrationOfAGenesis(t *testing.T) {
	g, err := ParseGenesis([]byte(`{}`))
	require.NoError(t, err)
	require.Equal(t, Registration{Mode: RegistrationWork, Bits: 22}, g.Registration)
	key, other := hex.EncodeToString(fill(1, DSAPublicKeySize)), hex.EncodeToString(fill(2, DSAPublicKeySize))
	for text, ok := range map[string]bool{
		`{"mode":"open"}`:           true,
		`{"mode":"open","bits":1}`:  false,
		`{"mode":"work","bits":1}`:  true,
		`{"mode":"work","bits":40}`: true,
		`{"mode":"work","bits":41}`: false,
		`{"mode":"work"}`:           false,
		`{"mode":"issuer"}`:         false,
		`{"mode":"credit"}`:         false,
		`{}`:                        false,
		`{"mode":"open","else":1}`:  false,
		fmt.Sprintf(`{"mode":"issuer","issuers":[%q,%q]}`, key, other):    true,
		fmt.Sprintf(`{"mode":"issuer","issuers":[%q,%q]}`, key, key):      false,
		fmt.Sprintf(`{"mode":"open","issuers":[%q]}`, key):                false,
		fmt.Sprintf(`{"mode":"issuer","issuers":[%q]}`, key[:len(key)-2]): false,
		fmt.Sprintf(`{"mode":"issuer","bits":4,"issuers":[%q]}`, key):     false,
	} {
		g, err := ParseGenesis(fmt.Appendf(nil, `{"registration":%s}`, text))
		if !ok {
			require.ErrorIs(t, err, refusal.ErrGenesis, text)
			continue
		}
		require.NoError(t, err, text)
		again, err := ParseGenesis(g.Bytes())
		require.NoError(t, err)
		require.Equal(t, g.Registration, again.Registration)
		require.Equal(t, g.Hash(), again.Hash())
	}
}

func TestPriceRisesAsTheRoomShrinks(t *testing.T) {
	g := &Genesis{Registration: Registration{Mode: RegistrationWork, Bits: 20}, Limits: Limits{MaxIdentities: 1_000_000}}
	for live, bits := range map[uint64]uint64{
		0: 20, 499_999: 20, 500_000: 21, 749_999: 21, 750_000: 22, 990_000: 26, 999_999: 39, 1_000_000: 39, 1 << 60: 39,
	} {
		require.Equal(t, bits, g.NewBits(live), live)
	}
	g.Limits.MaxIdentities, g.Registration.Bits = 1, maxGenesisBits
	require.EqualValues(t, maxGenesisBits, g.NewBits(0))
	g.Limits.MaxIdentities = 1 << 40
	require.EqualValues(t, MaxWorkBits, g.NewBits(1<<40), "the bits are bounded")
}

func TestBeaconsTurnWhenAWindowBegins(t *testing.T) {
	g := &Genesis{Limits: Limits{TransactionWindow: 10}}
	parent := sampleID(9)
	totals := &Totals{Timestamp: 15_000, Beacon: sampleID(1), BeaconBefore: sampleID(2)}
	require.Equal(t, [2]ids.ID{sampleID(1), sampleID(2)}, totals.BeaconsAt(g, 19_999, parent))
	require.Equal(t, [2]ids.ID{parent, sampleID(1)}, totals.BeaconsAt(g, 20_000, parent))
	require.Equal(t, [2]ids.ID{parent, sampleID(1)}, totals.BeaconsAt(g, 1<<50, parent))
}

func TestWorkBelongsToOneIdentityChainAndBeacon(t *testing.T) {
	const bits = 12
	challenge := NewChallenge(sampleChainID, sampleID(1), sampleID(2))
	work, err := challenge.Find(t.Context(), bits)
	require.NoError(t, err)
	require.GreaterOrEqual(t, challenge.Bits(work), uint64(bits))
	for name, other := range map[string]Challenge{
		"identity": NewChallenge(sampleChainID, sampleID(3), sampleID(2)),
		"beacon":   NewChallenge(sampleChainID, sampleID(1), sampleID(3)),
		"chain":    NewChallenge(sampleID(1), sampleID(1), sampleID(2)),
	} {
		require.Less(t, other.Bits(work), uint64(bits), name)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = challenge.Find(ended, 64)
	require.ErrorIs(t, err, context.Canceled)
}

func TestAdmissionBytesAreAFixedLayout(t *testing.T) {
	signed := AdmissionBytes(sampleChainID, sampleID(7), 0x0102)
	require.Len(t, signed, 72)
	require.Equal(t, sampleChainID[:], signed[:32])
	require.Equal(t, fill(7, 32), signed[32:64])
	require.Equal(t, []byte{0, 0, 0, 0, 0, 0, 1, 2}, signed[64:])
}

func BenchmarkWork(b *testing.B) {
	challenge := NewChallenge(sampleChainID, sampleID(1), sampleID(2))
	for work := uint64(0); b.Loop(); work++ {
		challenge.Bits(work)
	}
}
