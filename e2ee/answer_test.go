package e2ee

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

func TestAnAnswerProvesWhoGivesIt(t *testing.T) {
	root, other := testIdentity(1), testIdentity(2)
	member := privateOf(t, root, "a label").ID()
	answer, err := AnswerAs(root, testChain, testSession, member, ContentTitle, []byte("a title"))
	require.NoError(t, err)
	encoded := answer.Bytes()
	require.Len(t, encoded, AnswerOverhead+len("a title"))
	parsed, err := ParseAnswer(encoded)
	require.NoError(t, err)
	require.Equal(t, answer, parsed)
	require.NoError(t, parsed.Verify(testChain, testSession, member, root.ID(), root.Public().DSA))
	clear(encoded)
	require.NoError(t, parsed.Verify(testChain, testSession, member, root.ID(), root.Public().DSA), "it shares memory with what it was parsed from")

	proof, err := ProveIdentity(root, testChain, testSession, member)
	require.NoError(t, err)
	require.NoError(t, (&Answer{Signature: proof.Signature}).Verify(testChain, testSession, member, root.ID(), root.Public().DSA), "it is the signature of a proof")

	for name, of := range map[string]func() error{
		"another chain":   func() error { return parsed.Verify([32]byte{1}, testSession, member, root.ID(), root.Public().DSA) },
		"another session": func() error { return parsed.Verify(testChain, [32]byte{1}, member, root.ID(), root.Public().DSA) },
		"another member": func() error {
			return parsed.Verify(testChain, testSession, privateOf(t, root, "another").ID(), root.ID(), root.Public().DSA)
		},
		"another identity": func() error { return parsed.Verify(testChain, testSession, member, other.ID(), root.Public().DSA) },
		"another key":      func() error { return parsed.Verify(testChain, testSession, member, root.ID(), other.Public().DSA) },
		"no key":           func() error { return parsed.Verify(testChain, testSession, member, root.ID(), nil) },
		"the member itself": func() error {
			return parsed.Verify(testChain, testSession, root.ID(), root.ID(), root.Public().DSA)
		},
	} {
		require.ErrorIs(t, of(), ErrProof, name)
	}
	_, err = AnswerAs(root, testChain, testSession, root.ID(), ContentText, nil)
	require.ErrorIs(t, err, ErrProof)
}

func TestParseAnswerIsStrict(t *testing.T) {
	good := (&Answer{Signature: make([]byte, pq.DSASignatureSize), Type: ContentText}).Bytes()
	_, err := ParseAnswer(good)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		encoded []byte
		want    error
	}{
		"nothing":         {nil, ErrVersion},
		"another version": {append([]byte{2}, good[1:]...), ErrVersion},
		"no type":         {good[:len(good)-1], ErrMalformed},
		"half":            {good[:100], ErrMalformed},
		"an answer in it": {append(bytes.Clone(good[:len(good)-1]), byte(ContentAnswer)), ErrMalformed},
	} {
		_, err := ParseAnswer(c.encoded)
		require.ErrorIs(t, err, c.want, name)
	}
}
