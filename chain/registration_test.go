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
	contract := func(source ids.ID, address []byte) string {
		return fmt.Sprintf(`{"chain":%q,"address":"%x"}`, source, address)
	}
	one := contract(ids.ID{1}, fill(1, 20))
	many := func(n int) (list string) {
		for i := range n {
			list += "," + contract(ids.ID{1, byte(i)}, fill(1, 20))
		}
		return list[1:]
	}
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

		fmt.Sprintf(`{"mode":"issuer","contracts":[%s]}`, one):                                                     true,
		fmt.Sprintf(`{"mode":"issuer","issuers":[%q],"contracts":[%s]}`, key, one):                                 true,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s,%s]}`, one, contract(ids.ID{2}, fill(1, 20))):                true,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s,%s]}`, one, contract(ids.ID{1}, fill(1, 21))):                true,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s]}`, contract(ids.ID{1}, fill(1, MaxContractAddressBytes))):   true,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s]}`, contract(ids.ID{1}, fill(1, MaxContractAddressBytes+1))): false,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s]}`, contract(ids.ID{1}, nil)):                                false,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s]}`, contract(ids.Empty, fill(1, 20))):                        false,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s,%s]}`, one, one):                                             false,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s]}`, many(maxIssuers)):                                        true,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s]}`, many(maxIssuers+1)):                                      false,
		fmt.Sprintf(`{"mode":"open","contracts":[%s]}`, one):                                                       false,
		fmt.Sprintf(`{"mode":"work","bits":4,"contracts":[%s]}`, one):                                              false,
		`{"mode":"issuer","contracts":[]}`:                                                                         false,
		`{"mode":"issuer","contracts":[{"address":"01"}]}`:                                                         false,
		fmt.Sprintf(`{"mode":"issuer","contracts":[%s,"else":1}]}`, one[:len(one)-1]):                              false,
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

// TestContractsThatAdmitCanBeHeard: a chain that takes no Warp messages has none.
func TestContractsThatAdmitCanBeHeard(t *testing.T) {
	for limit, want := range map[int]error{0: refusal.ErrGenesis, 1: nil} {
		_, err := ParseGenesis(fmt.Appendf(nil, `{"registration":{"mode":"issuer","contracts":[{"chain":%q,"address":"01"}]},"limits":{"maxBlockWarpMessages":%d}}`, ids.ID{1}, limit))
		require.ErrorIs(t, err, want, limit)
	}
}

func TestAGenesisSaysWhichContractsAdmit(t *testing.T) {
	r := Registration{Contracts: []Contract{{Chain: ids.ID{1}, Address: Bytes{1, 2}}, {Chain: ids.ID{2}, Address: Bytes{3}}}}
	for _, test := range []struct {
		source  ids.ID
		address []byte
		admits  bool
	}{{ids.ID{1}, []byte{1, 2}, true}, {ids.ID{2}, []byte{3}, true}, {ids.ID{1}, []byte{3}, false}, {ids.ID{2}, []byte{1, 2}, false}, {ids.ID{1}, []byte{1}, false}} {
		require.Equal(t, test.admits, r.Admits(&ReceiveWarp{SourceChain: test.source, Address: test.address}), "%v", test)
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
