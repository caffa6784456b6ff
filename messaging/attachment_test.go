package messaging

import (
	"bytes"
	crand "crypto/rand"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

func content(size int) []byte {
	bytes := make([]byte, size)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(bytes)
	return bytes
}

func sendsFile(t testing.TB, s *Session, name string, whole []byte) (Sent, error) {
	t.Helper()
	return s.SendFile(testContext(t), name, "application/octet-stream", bytes.NewReader(whole), int64(len(whole)), nil)
}

// manifestIn returns the attachment that is announced among events.
func manifestIn(t testing.TB, s *Session) (Event, *e2ee.Manifest) {
	t.Helper()
	for _, event := range until(t, s, is(KindFile)) {
		if event.Kind == KindFile {
			manifest, err := event.Attachment()
			require.NoError(t, err)
			return event, manifest
		}
	}
	return Event{}, nil
}

func saved(t testing.TB) *os.File {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(t.TempDir(), "saved"), os.O_RDWR|os.O_CREATE, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func TestAFileIsSentInChunksAndVerified(t *testing.T) {
	_, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	for _, size := range []int{0, 1000, 300 << 10} {
		whole := content(size)
		sent, err := sendsFile(t, alice, "report.pdf", whole)
		require.NoError(t, err)
		for _, s := range sessions {
			m, manifest := manifestIn(t, s)
			require.Equal(t, sent.ID, m.ID)
			require.Equal(t, sent.Sequence, m.Sequence)
			require.Equal(t, "report.pdf", manifest.Name)
			require.Equal(t, uint64(size), manifest.Size)
			file := saved(t)
			require.NoError(t, s.Download(testContext(t), manifest, m.Sender, m.Sequence, file, nil, nil))
			got, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<30))
			require.NoError(t, err)
			require.True(t, bytes.Equal(whole, got))
		}
	}
	sends(t, bob, "thanks")
	require.Equal(t, []string{"thanks"}, texts(until(t, alice, text("thanks"))))
	require.Equal(t, []string{"thanks"}, texts(until(t, bob, text("thanks"))), "chunks are no messages")
}

func TestAnUploadGoesOnWhereItEnded(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	whole := content(2 << 20) // 17 chunks
	calls := 0
	network.set(func(method string) (bool, bool) {
		if method == "sessionvm.IssueTransaction" {
			calls++
		}
		return calls > 20, false
	}, nil)
	_, err := sendsFile(t, alice, "large", whole)
	require.ErrorIs(t, err, ErrQueued)
	require.NoError(t, alice.Close())
	alice = members[0].joins(t, alice.ID())
	require.Len(t, alice.record.Uploads, 1)
	require.Equal(t, uint32(8), alice.record.Uploads[0].Chunks)

	network.set(nil, nil)
	m, manifest := manifestIn(t, bob)
	file := saved(t)
	var state []byte
	keep := func(kept []byte, have, of uint32) error {
		state = kept
		require.Equal(t, manifest.Chunks(), of)
		return nil
	}
	err = bob.Download(testContext(t), manifest, m.Sender, m.Sequence, file, nil, keep)
	require.ErrorIs(t, err, ErrIncomplete)
	require.NotEmpty(t, state)

	calls = 0
	network.set(func(method string) (bool, bool) {
		if method == "sessionvm.IssueTransaction" {
			calls++
		}
		return false, false
	}, nil)
	_, err = sendsFile(t, alice, "large", whole)
	require.NoError(t, err)
	require.LessOrEqual(t, calls, 2*(int(manifest.Chunks())-8), "the first ones are not sent again")
	require.Empty(t, alice.record.Uploads)
	require.NoError(t, bob.Download(testContext(t), manifest, m.Sender, m.Sequence, file, state, keep))
	got, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<30))
	require.NoError(t, err)
	require.True(t, bytes.Equal(whole, got))
	listed, err := members[0].config.Client.GetSession(testContext(t), client.GetSessionParams{SessionID: alice.ID()})
	require.NoError(t, err)
	require.Equal(t, 1+uint64(manifest.Chunks()), listed.Session.Messages, "a manifest, and each chunk once")
	sends(t, alice, "that was it")
}

func TestADownloadTakesTheSendersChunksAlone(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	_, err := sendsFile(t, alice, "file", content(5000))
	require.NoError(t, err)
	m, manifest := manifestIn(t, bob)
	last := func(p *client.ListMessagesResult) *client.Message { return &p.Messages[len(p.Messages)-1] }
	for name, lie := range map[string]struct {
		change func(*client.ListMessagesResult)
		want   error
	}{
		"another sender": {func(p *client.ListMessagesResult) { last(p).Sender = bob.m.self }, ErrIncomplete},
		"a changed byte": {func(p *client.ListMessagesResult) { last(p).Ciphertext[100] ^= 1 }, ErrNode},
		"left out":       {func(p *client.ListMessagesResult) { p.Messages = p.Messages[:len(p.Messages)-1] }, ErrIncomplete},
	} {
		network.set(nil, falsely(t, "ListMessages", lie.change))
		require.ErrorIs(t, bob.Download(testContext(t), manifest, m.Sender, m.Sequence, saved(t), nil, nil), lie.want, name)
	}
	network.set(nil, nil)
	require.ErrorIs(t, bob.Download(testContext(t), manifest, bob.m.self, m.Sequence, saved(t), nil, nil), ErrIncomplete)
	failing := errors.New("no room")
	err = bob.Download(testContext(t), manifest, m.Sender, m.Sequence, saved(t), nil, func([]byte, uint32, uint32) error { return failing })
	require.ErrorIs(t, err, failing)
}

func TestWhoStandsBehindAPrivateIdentityIsShownToMembersAlone(t *testing.T) {
	root := newPerson(t, nil).config.Identity
	private, err := root.Private("a session with bob")
	require.NoError(t, err)
	p := &person{config: Config{Identity: private, Folder: t.TempDir(), Poll: DefaultPoll, Client: connect(t, nil)}}
	p.Messenger, err = Open(testContext(t), p.config)
	require.NoError(t, err)
	bob := newPerson(t, nil)
	alice, err := p.NewSession(testContext(t), bob.Self())
	require.NoError(t, err)
	defer alice.Close()
	sent, err := alice.Reveal(testContext(t), root)
	require.NoError(t, err)
	s := bob.joins(t, alice.ID())
	events := until(t, s, is(KindRevealed))
	shown := events[len(events)-1]
	require.Equal(t, Event{Kind: KindRevealed, ID: sent.ID, Sender: p.Self(), Identity: root.ID(), Sequence: sent.Sequence, Time: shown.Time}, shown)
	events = until(t, alice, is(KindRevealed))
	require.True(t, events[len(events)-1].Own)

	// Bob passes on what he was shown, as if it were about him.
	proof, err := e2ee.ProveIdentity(root, p.chainID, alice.ID(), p.Self())
	require.NoError(t, err)
	_, err = s.SendAs(testContext(t), e2ee.ContentProof, proof.Bytes())
	require.NoError(t, err)
	events = until(t, alice, is(KindRefused))
	require.ErrorIs(t, events[len(events)-1].Err, e2ee.ErrProof)
	require.NotEqual(t, pq.FormatID(root.ID()), pq.FormatID(p.Self()))
}

// TestChunksMayComeBeforeTheirManifest has a client send the chunks first.
func TestChunksMayComeBeforeTheirManifest(t *testing.T) {
	_, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	whole := content(3 << 10)
	manifest, err := e2ee.NewManifest(crand.Reader, "chunks first", "application/octet-stream", bytes.NewReader(whole), 1<<10)
	require.NoError(t, err)
	require.NoError(t, alice.sendChunks(testContext(t), &upload{Manifest: manifest.Bytes()}, manifest, bytes.NewReader(whole), nil))
	_, err = alice.SendAs(testContext(t), e2ee.ContentManifest, manifest.Bytes())
	require.NoError(t, err)
	m, got := manifestIn(t, bob)
	file := saved(t)
	require.NoError(t, bob.Download(testContext(t), got, m.Sender, m.Sequence, file, nil, nil))
	read, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	require.Equal(t, whole, read)
}
