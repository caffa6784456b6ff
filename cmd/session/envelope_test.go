package main

import (
	"bytes"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

func TestAnEnvelopeOpensWithTheKeyOfItsEpochWhenOthersCameAfterIt(t *testing.T) {
	identity, err := pq.IdentityFromSeed(bytes.Repeat([]byte{1}, pq.SeedSize))
	require.NoError(t, err)
	chainID, session, sender := ids.ID{1}, ids.ID{2}, ids.ID{3}
	for epoch := range uint64(4) {
		key, err := sessionKey(identity, chainID, session, epoch)
		require.NoError(t, err)
		envelope, err := pq.Seal(envelopeHeader(chainID, session, sender), []byte("text"), []pq.Recipient{{ID: identity.ID(), KEMPublicKey: key.Public()}})
		require.NoError(t, err)
		for current := range uint64(5) {
			plaintext, err := openEnvelope(identity, chainID, session, sender, current, envelope)
			if current < epoch {
				require.ErrorIs(t, err, pq.ErrAuthentication)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, "text", string(plaintext))
		}
	}
}

func TestAnEnvelopeIsBoundToChainSessionAndSender(t *testing.T) {
	identity, err := pq.IdentityFromSeed(bytes.Repeat([]byte{1}, pq.SeedSize))
	require.NoError(t, err)
	chainID, session, sender := ids.ID{1}, ids.ID{2}, ids.ID{3}
	envelope, err := pq.Seal(envelopeHeader(chainID, session, sender), []byte("text"), []pq.Recipient{{ID: identity.ID(), KEMPublicKey: identity.KEM().Public()}})
	require.NoError(t, err)
	_, err = openEnvelope(identity, chainID, session, sender, 0, envelope)
	require.NoError(t, err)
	for name, bound := range map[string][3]ids.ID{
		"another chain":   {{9}, session, sender},
		"another session": {chainID, {9}, sender},
		"another sender":  {chainID, session, {9}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openEnvelope(identity, bound[0], bound[1], bound[2], 0, envelope)
			require.ErrorIs(t, err, pq.ErrAuthentication)
		})
	}
}

func TestAHugeEpochCostsABoundedNumberOfTries(t *testing.T) {
	identity, err := pq.IdentityFromSeed(bytes.Repeat([]byte{1}, pq.SeedSize))
	require.NoError(t, err)
	chainID, session, sender := ids.ID{1}, ids.ID{2}, ids.ID{3}
	envelope, err := pq.Seal(envelopeHeader(chainID, session, sender), []byte("text"), []pq.Recipient{{ID: identity.ID(), KEMPublicKey: identity.KEM().Public()}})
	require.NoError(t, err)
	plaintext, err := openEnvelope(identity, chainID, session, sender, 1<<63, envelope)
	require.NoError(t, err, "the identity's own key is always among those tried")
	require.Equal(t, "text", string(plaintext))
}
