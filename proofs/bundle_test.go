package proofs

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func encode(t testing.TB, b *Bundle) []byte {
	t.Helper()
	text, err := json.Marshal(b)
	require.NoError(t, err)
	return text
}

// shown is a statement in a form to compare: caches of decoders left out.
func shown(t testing.TB, s *Statement) string {
	t.Helper()
	copied := *s
	var transaction []byte
	if s.Transaction != nil { // the signature may differ if nobody checks it
		transaction = s.Transaction.SigningBytes()
	}
	copied.Transaction = nil
	text, err := json.Marshal(copied)
	require.NoError(t, err)
	return string(text) + string(transaction)
}

func TestBundlesShowWhatTheTreeHolds(t *testing.T) {
	tt := newTestTree(t, 50)
	for name, b := range tt.bundles() {
		t.Run(name, func(t *testing.T) {
			s, err := b.Verify(pq.Verify)
			require.NoError(t, err)
			absent := strings.HasPrefix(name, "no")
			require.Equal(t, !absent, s.Present)
			require.Equal(t, tt.header.ID(), s.BlockID)
			require.Equal(t, tt.header.StateRoot, s.StateRoot)
			for _, form := range [][]byte{b.Bytes(), encode(t, b), append([]byte(" \n"), encode(t, b)...)} {
				parsed, err := Parse(form)
				require.NoError(t, err)
				again, err := parsed.Verify(pq.Verify)
				require.NoError(t, err)
				require.Equal(t, shown(t, s), shown(t, again))
				require.Equal(t, b.Bytes(), parsed.Bytes())
			}
		})
	}
	s, err := tt.delivery().Verify(pq.Verify)
	require.NoError(t, err)
	require.Equal(t, KindMessage, s.Kind)
	require.EqualValues(t, 3, s.Index)
	require.EqualValues(t, 2, s.Message.Sequence)
	require.True(t, s.SignatureVerified)
	s, err = tt.delivery().Verify(nil)
	require.NoError(t, err)
	require.False(t, s.SignatureVerified)
}

// TestEveryChangedByteIsRefusedOrMeansTheSame changes each byte of each form of each bundle
// in several ways.
func TestEveryChangedByteIsRefusedOrMeansTheSame(t *testing.T) {
	tt := newTestTree(t, 5)
	for name, b := range tt.bundles() {
		want, err := b.Verify(pq.Verify)
		require.NoError(t, err)
		meaning := shown(t, want)
		// A commitment changed alone, with the key known to the verifier.
		t.Run(name+"/commitment", func(t *testing.T) {
			t.Parallel()
			value, present, err := verifyCommitment(b.Header.StateRoot, b.Key, b.Commitment)
			require.NoError(t, err)
			mutate(b.Commitment, 1, 3, func(changed []byte) {
				if got, there, err := verifyCommitment(b.Header.StateRoot, b.Key, changed); err == nil {
					require.Equal(t, present, there)
					require.Equal(t, value, got)
				}
			})
		})
		for form, encoded := range map[string][]byte{"binary": b.Bytes(), "json": encode(t, b)} {
			t.Run(name+"/"+form, func(t *testing.T) {
				t.Parallel()
				step, ways := 1, 3
				if form == "json" {
					ways = 1
				}
				if testing.Short() || race.Enabled {
					step = 17
				}
				mutate(encoded, step, ways, func(changed []byte) {
					parsed, err := Parse(changed)
					if err != nil {
						return
					}
					s, err := parsed.Verify(pq.Verify)
					if err == nil {
						require.Equal(t, meaning, shown(t, s))
					}
				})
			})
		}
	}
}

// mutate calls check with copies in which one byte differs, in up to three ways: one bit,
// another, and all of them.
func mutate(valid []byte, step, ways int, check func([]byte)) {
	changed := bytes.Clone(valid)
	for i := 0; i < len(valid); i += step {
		for _, mask := range []byte{1 << (i % 8), 1 << ((i + 5) % 8), 0xff}[:ways] {
			changed[i] = valid[i] ^ mask
			check(changed)
		}
		changed[i] = valid[i]
	}
}

func TestBundlesThatDoNotFitAreRefused(t *testing.T) {
	tt := newTestTree(t, 20)
	for name, test := range map[string]struct {
		change func(b *Bundle)
		want   error
	}{
		"another header":             {func(b *Bundle) { b.Header.Height++ }, refusal.ErrProof},
		"another root":               {func(b *Bundle) { b.Header.StateRoot[0] ^= 1; b.BlockID = b.Header.ID() }, ErrRoot},
		"another key":                {func(b *Bundle) { b.Key = chain.MessageKey(5) }, ErrKey},
		"a key of nothing":           {func(b *Bundle) { b.Key = []byte{0x77} }, refusal.ErrProof},
		"no key":                     {func(b *Bundle) { b.Key = nil }, refusal.ErrProof},
		"a longer key":               {func(b *Bundle) { b.Key = append(chain.MessageKey(3), 0) }, refusal.ErrProof},
		"another version":            {func(b *Bundle) { b.Version = 2 }, refusal.ErrVersion},
		"another header version":     {func(b *Bundle) { b.Header.Version = 2 }, refusal.ErrVersion},
		"no commitment":              {func(b *Bundle) { b.Commitment = nil }, ErrForm},
		"another message":            {func(b *Bundle) { b.Transaction = tt.messages[0].Bytes() }, refusal.ErrProof},
		"no message at all":          {func(b *Bundle) { b.Transaction = tt.receipt.Bytes() }, refusal.ErrProof},
		"another's keys":             {func(b *Bundle) { b.KEMPublicKey = bytes.Repeat([]byte{1}, chain.KEMPublicKeySize) }, refusal.ErrProof},
		"half of the keys":           {func(b *Bundle) { b.KEMPublicKey = nil }, refusal.ErrProof},
		"keys without a transaction": {func(b *Bundle) { b.Transaction = nil }, refusal.ErrProof},
		"session keys of a message":  {func(b *Bundle) { b.SessionKeys = tt.keys.Bytes() }, refusal.ErrProof},
		"a bad signature": {func(b *Bundle) {
			b.Transaction = bytes.Clone(b.Transaction)
			b.Transaction[len(b.Transaction)-1] ^= 1
		}, refusal.ErrBadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			b := tt.delivery()
			test.change(b)
			_, err := b.Verify(pq.Verify)
			require.ErrorIs(t, err, test.want)
		})
	}
	b := tt.bundle(chain.SessionKey(tt.session))
	b.SessionKeys = (&chain.SessionKeys{PublicKeys: [][]byte{{1}}}).Bytes()
	_, err := b.Verify(nil)
	require.ErrorIs(t, err, refusal.ErrProof)
	b = tt.bundle(chain.SessionKey(ids.ID{1}))
	b.Transaction = tt.messages[0].Bytes()
	_, err = b.Verify(nil)
	require.ErrorIs(t, err, refusal.ErrProof)
	failing := errors.New("failing")
	_, err = tt.delivery().Verify(func([]byte, string, []byte, []byte) error { return failing })
	require.ErrorIs(t, err, failing)
	require.ErrorIs(t, err, refusal.ErrBadSignature)
}

func TestParseRefusesWhatIsNoBundle(t *testing.T) {
	b := newTestTree(t, 3).delivery()
	text := string(encode(t, b))
	for name, test := range map[string]struct {
		file string
		want refusal.Reason
	}{
		"nothing":           {"", refusal.ErrVersion},
		"rubbish":           {"rubbish", refusal.ErrMalformed},
		"a trailing byte":   {string(b.Bytes()) + "\x00", refusal.ErrMalformed},
		"cut short":         {string(b.Bytes()[:len(b.Bytes())-1]), refusal.ErrMalformed},
		"more JSON":         {text + "{}", refusal.ErrMalformed},
		"an unknown field":  {`{"extra":1,` + text[1:], refusal.ErrMalformed},
		"wrong hex":         {strings.Replace(text, `"key":"`, `"key":"zz`, 1), refusal.ErrMalformed},
		"too large":         {string(make([]byte, MaxBundleBytes+1)), refusal.ErrTooLarge},
		"too large as JSON": {"{" + strings.Repeat(" ", 2*MaxBundleBytes+64<<10), refusal.ErrTooLarge},
		"JSON of nothing":   {"{}", refusal.ErrVersion},
		"no hash":           {strings.Replace(text, `"stateRoot":"`, `"stateRoot":"00`, 1), refusal.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.file))
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestBundlesCanBeVerifiedByManyAtOnce(t *testing.T) {
	b := newTestTree(t, 20).delivery()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := b.Verify(pq.Verify)
			require.NoError(t, err)
		})
	}
	group.Wait()
}

func TestCompletenessFindsWhatIsWithheld(t *testing.T) {
	tt := newTestTree(t, 5)
	statement := func(key []byte) *Statement {
		s, err := tt.bundle(key).Verify(nil)
		require.NoError(t, err)
		return s
	}
	session := statement(chain.SessionKey(tt.session))
	one, two, three := statement(chain.MessageKey(1)), statement(chain.MessageKey(3)), statement(chain.MessageKey(5))
	foreign := statement(chain.MessageKey(2))
	require.NoError(t, VerifyComplete(session, []*Statement{one, two, three}))
	require.NoError(t, VerifySince(session, 2, []*Statement{two, three}), "the last two")
	require.ErrorIs(t, VerifyComplete(session, []*Statement{two, three}), ErrIncomplete, "the first withheld")
	for name, messages := range map[string][]*Statement{
		"the last withheld":   {one, two},
		"the middle withheld": {one, three},
		"swapped":             {two, one, three},
		"twice":               {one, two, two, three},
		"one of another":      {foreign, two, three},
		"one too many":        {one, one, two, three},
		"no message":          {session},
	} {
		require.ErrorIs(t, VerifyComplete(session, messages), refusal.ErrProof, name)
	}
	require.ErrorIs(t, VerifyComplete(one, nil), refusal.ErrProof)
	require.NoError(t, VerifyNoMessage(session, 4))
	require.NoError(t, VerifyNoMessage(session, 0))
	require.ErrorIs(t, VerifyNoMessage(session, 3), refusal.ErrProof)
	require.ErrorIs(t, VerifyNoMessage(one, 9), refusal.ErrProof)
	require.NoError(t, VerifyNoMessage(statement(chain.SessionKey(ids.ID{1})), 1), "no session, no message")
}

func TestGoldenBundles(t *testing.T) {
	for name, b := range newTestTree(t, 10).bundles() {
		path := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".json")
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, append(encode(t, b), '\n'), 0o644))
			require.NoError(t, os.WriteFile(strings.TrimSuffix(path, ".json")+".bundle", b.Bytes(), 0o644))
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(text), string(encode(t, b))+"\n", name)
		binary, err := os.ReadFile(strings.TrimSuffix(path, ".json") + ".bundle")
		require.NoError(t, err)
		require.Equal(t, binary, b.Bytes(), name)
	}
}
