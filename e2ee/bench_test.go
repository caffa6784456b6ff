package e2ee

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/luxfi/session/pq"
)

const benchContext = "sessionvm/message/v1"

// BenchmarkMessage seals and signs, and verifies and opens, a message of 100 bytes in an
// epoch that has begun. "ratio" is beside the AEAD and the one ML-DSA-65 operation that this
// needs, measured in the same run. Bytes are the protocol's own, without padding and
// without the signature.
func BenchmarkMessage(b *testing.B) {
	content := make([]byte, 100)
	signer := testIdentity(1)
	public := signer.Public()
	cache := pq.NewVerifierCache(16)
	verify := func(message, signature []byte) {
		err := cache.Verify(signer.ID(), func() ([]byte, error) { return public.DSA, nil }, benchContext, message, signature)
		require.NoError(b, err)
	}
	begun := func() (alice, bob *Session) {
		group := newGroup(b, 2, Policy{MaxMessages: 1 << 30})
		settle(b, group[0], group[1], testNow)
		return group[0], group[1]
	}
	b.Run("seal", func(b *testing.B) {
		alice, _ := begun()
		needed := timed(b, func() {
			aead, err := chacha20poly1305.New(make([]byte, 32))
			require.NoError(b, err)
			sealed := aead.Seal(nil, make([]byte, 12), content, nil)
			_, err = signer.Sign(benchContext, sealed)
			require.NoError(b, err)
		})
		var size int
		for b.Loop() {
			sealed, err := alice.Seal(testNow, Seen{}, ContentText, content)
			require.NoError(b, err)
			_, err = signer.Sign(benchContext, sealed.Message)
			require.NoError(b, err)
			size = len(sealed.Message)
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(needed), "ratio")
		b.ReportMetric(float64(size-PaddedSize(len(content))), "overhead-B")
		b.ReportMetric(float64(size), "message-B")
	})
	b.Run("open", func(b *testing.B) {
		alice, bob := begun()
		sign := func(message []byte) []byte {
			signature, err := signer.Sign(benchContext, message)
			require.NoError(b, err)
			return signature
		}
		sealed := seal(b, alice, testNow, string(content))
		deliver(b, alice, sealed, testNow, string(content), bob)
		aead, err := chacha20poly1305.New(make([]byte, 32))
		require.NoError(b, err)
		box := aead.Seal(nil, make([]byte, 12), content, nil)
		signature := sign(box)
		needed := timed(b, func() {
			aead, err := chacha20poly1305.New(make([]byte, 32))
			require.NoError(b, err)
			verify(box, signature)
			_, err = aead.Open(nil, make([]byte, 12), box, nil)
			require.NoError(b, err)
		})
		const batch = 200 // messages sealed and signed with the clock stopped
		var messages, signatures [][]byte
		for b.Loop() {
			if len(messages) == 0 {
				b.StopTimer()
				for range batch {
					sealed := seal(b, alice, testNow, string(content))
					messages, signatures = append(messages, sealed.Message), append(signatures, sign(sealed.Message))
				}
				b.StartTimer()
			}
			verify(messages[0], signatures[0])
			_, err := bob.Open(testNow, alice.Self(), messages[0])
			require.NoError(b, err)
			messages, signatures = messages[1:], signatures[1:]
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(needed), "ratio")
	})
}

// timed returns how long a call takes: the least of several rounds.
func timed(b *testing.B, call func()) time.Duration {
	b.Helper()
	const rounds, calls = 5, 200
	least := time.Duration(1 << 62)
	for range rounds {
		started := time.Now()
		for range calls {
			call()
		}
		least = min(least, time.Since(started)/calls)
	}
	return least
}

// BenchmarkEpoch begins epochs: the first one, sealed to prekeys and identities, and later ones,
// sealed to announcements, for groups of 2, 10 and 100. Bytes are those of the announcement.
func BenchmarkEpoch(b *testing.B) {
	for _, members := range []int{2, 10, 100} {
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) { benchmarkEpoch(b, members) })
	}
}

func benchmarkEpoch(b *testing.B, members int) {
	group := newGroup(b, members, Policy{})
	b.Run("start", func(b *testing.B) {
		state := group[0].State()
		var size int
		for b.Loop() {
			b.StopTimer()
			fresh, err := Restore(state, group[0].secrets, nil)
			require.NoError(b, err)
			b.StartTimer()
			sealed, err := fresh.Seal(testNow, Seen{}, ContentText, nil)
			require.NoError(b, err)
			size = len(sealed.Announcement)
		}
		b.ReportMetric(float64(size), "announcement-B")
	})
	for i := range group {
		sealed, err := group[i].Rotate(testNow)
		require.NoError(b, err)
		for _, reader := range others(group, i) {
			_, err := reader.Open(testNow, group[i].Self(), sealed.Announcement)
			require.NoError(b, err)
		}
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			sealed, err := group[0].Rotate(testNow)
			require.NoError(b, err)
			b.StartTimer()
			_, err = group[1].Open(testNow, group[0].Self(), sealed.Announcement)
			require.NoError(b, err)
		}
	})
	b.Run("rotate", func(b *testing.B) {
		var size int
		for b.Loop() {
			sealed, err := group[0].Rotate(testNow)
			require.NoError(b, err)
			size = len(sealed.Announcement)
		}
		b.ReportMetric(float64(size), "announcement-B")
	})
}

// BenchmarkChunk seals and opens a chunk of 128 KiB. "ratio" is beside the bare
// XChaCha20-Poly1305, measured in the same run: the rest is the HMAC of the nonce, mostly.
func BenchmarkChunk(b *testing.B) {
	content := testContent("content", DefaultChunkSize)
	m, err := NewManifest(nil, "", "", bytes.NewReader(content), DefaultChunkSize)
	require.NoError(b, err)
	chunk, err := m.SealChunk(testPlace(), 0, bytes.NewReader(content))
	require.NoError(b, err)
	aead, err := chacha20poly1305.NewX(make([]byte, 32))
	require.NoError(b, err)
	nonce := make([]byte, nonceSize)
	box := aead.Seal(nil, nonce, content, nil)
	b.Run("seal", func(b *testing.B) {
		needed := timed(b, func() { aead.Seal(nil, nonce, content, nil) })
		b.SetBytes(DefaultChunkSize)
		for b.Loop() {
			_, err := m.SealChunk(testPlace(), 0, bytes.NewReader(content))
			require.NoError(b, err)
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(needed), "ratio")
		b.ReportMetric(ChunkOverhead, "overhead-B")
	})
	b.Run("open", func(b *testing.B) {
		needed := timed(b, func() {
			_, err := aead.Open(nil, nonce, box, nil)
			require.NoError(b, err)
		})
		d, err := NewDownload(m, testPlace(), &memoryFile{bytes: make([]byte, DefaultChunkSize)})
		require.NoError(b, err)
		b.SetBytes(DefaultChunkSize)
		for b.Loop() {
			_, err := d.Add(chunk)
			require.NoError(b, err)
			clear(d.have) // so that each is written
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(needed), "ratio")
	})
}
