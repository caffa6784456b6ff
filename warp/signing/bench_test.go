package signing

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/warp"
)

// benchNetwork is validators in this process, who sign as soon as they are asked, and remember nothing.
type benchNetwork struct {
	message  []byte // what they sign with BLS
	attested []byte // and with ML-DSA-65
	secrets  map[ids.NodeID]*SecretKey
	keys     map[ids.NodeID]*pq.DSAKey
}

func (n *benchNetwork) RequestSignature(_ context.Context, node ids.NodeID, _ []byte) ([]byte, error) {
	signature, err := n.secrets[node].Sign(warp.CiphersuitePOP, n.message)
	return responseBytes(signature), err
}

func (n *benchNetwork) RequestAttestation(_ context.Context, node ids.NodeID, _ []byte) ([]byte, error) {
	return n.keys[node].Sign(warp.ContextAttestation, n.attested)
}

// BenchmarkCertificates makes and checks certificates of both kinds, one after the other, by all but as few validators of equal
// weight as can be: signing, collecting from validators that are in this process and answer at once, and verifying. What a network
// adds to collecting is the way to the slowest of those who are needed, and back. "pq/bls" is how many times the ML-DSA-65 one takes
// what the one of BLS takes.
func BenchmarkCertificates(b *testing.B) {
	for _, size := range []int{5, 100, 1000} {
		b.Run(fmt.Sprint(size, " validators"), func(b *testing.B) {
			ctx := context.Background()
			network := &benchNetwork{secrets: make(map[ids.NodeID]*SecretKey), keys: make(map[ids.NodeID]*pq.DSAKey)}
			var members []Validator
			keyOf := make(map[string][]byte)
			for i := range size {
				seed := binary.BigEndian.AppendUint32(make([]byte, SeedSize-4), uint32(i))
				secret, err := SecretKeyFromSeed(seed)
				require.NoError(b, err)
				key, err := pq.DSAKeyFromSeed(seed)
				require.NoError(b, err)
				node := ids.NodeID{1, byte(i >> 8), byte(i)}
				network.secrets[node], network.keys[node] = secret, key
				members = append(members, Validator{Node: node, PublicKey: secret.PublicKey().Uncompressed(), Weight: 1})
				keyOf[string(secret.PublicKey().Bytes())] = key.Public()
			}
			set, err := NewValidators(members)
			require.NoError(b, err)
			packed := make([][]byte, size)
			for i := range packed {
				packed[i] = keyOf[string(set.Validator(i).PublicKey.Bytes())]
			}
			keys, err := warp.NewKeySet(set.ValidatorSet, packed)
			require.NoError(b, err)
			header := &chain.Header{Version: chain.HeaderVersion, ChainID: chainID, Height: 7, ValidatorSetHash: set.Hash(networkID, chainID)}
			message := warp.BlockMessage(networkID, chainID, header.ID())
			network.message, network.attested = message.Bytes(), warp.AttestedBytes(networkID, chainID, 7, header.ID())
			aggregator := &Aggregator{Responder: newResponder(newKey(b, 9)), Attestor: NewAttestor(networkID, fakeChain{}, nil), Network: network}
			verifier := warp.Verifier{NetworkID: networkID, ChainID: chainID, Ciphersuite: warp.CiphersuitePOP}

			took := make(map[string]time.Duration)
			timed := func(what string, f func() error) {
				started := time.Now()
				require.NoError(b, f())
				took[what] += time.Since(started)
			}
			var classical *warp.Certificate
			var attested *warp.PostQuantumCertificate
			rounds := 0
			for b.Loop() {
				rounds++
				node := members[rounds%size].Node
				timed("bls-sign", func() error { _, err := network.RequestSignature(ctx, node, nil); return err })
				timed("pq-sign", func() error { _, err := network.RequestAttestation(ctx, node, nil); return err })
				timed("bls-collect", func() error {
					signed, err := aggregator.Aggregate(ctx, message, set, warp.TwoThirds)
					if err == nil {
						classical, err = signed.Certificate()
					}
					return err
				})
				timed("pq-collect", func() (err error) {
					attested, err = aggregator.Attest(ctx, header, set, keys, warp.TwoThirds)
					return err
				})
				verifier.Quorum = warp.TwoThirds
				timed("bls-verify", func() error { _, err := verifier.VerifyCertificate(classical, header, set.ValidatorSet); return err })
				timed("pq-verify", func() error { _, err := verifier.VerifyPostQuantum(attested, header, keys, warp.TwoThirds); return err })
			}
			for _, what := range []string{"sign", "collect", "verify"} {
				classical, attested := took["bls-"+what], took["pq-"+what]
				b.ReportMetric(classical.Seconds()*1000/float64(rounds), "bls-"+what+"-ms")
				b.ReportMetric(attested.Seconds()*1000/float64(rounds), "pq-"+what+"-ms")
				b.ReportMetric(float64(attested)/float64(classical), "pq/bls-"+what)
			}
			b.ReportMetric(float64(len(classical.Bytes())), "bls-bytes")
			b.ReportMetric(float64(attested.Size()), "pq-bytes")
		})
	}
}
