package main

import (
	"errors"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/pq"
)

// envelopeHeader is what a message's envelope is bound to: chain ID || session ID ||
// sender ID, 96 bytes. An envelope that is copied into another chain or session, or signed
// by somebody else, does not open there.
func envelopeHeader(chainID, session, sender ids.ID) []byte {
	header := make([]byte, 0, 3*ids.IDLen)
	header = append(header, chainID[:]...)
	header = append(header, session[:]...)
	return append(header, sender[:]...)
}

// maxEpochsTried bounds the earlier keys that are tried on one envelope: the epoch comes
// from a node.
const maxEpochsTried = 256

// sessionKey returns an identity's KEM key of one epoch of a session. Epoch 0 is the
// identity's own key, which its ID commits to, so that whoever makes a session can check
// it; later ones derive from the seed.
func sessionKey(identity *pq.Identity, chainID, session ids.ID, epoch uint64) (*pq.KEMKey, error) {
	if epoch == 0 {
		return identity.KEM(), nil
	}
	return identity.SessionKEM(chainID, session, epoch)
}

// openEnvelope decrypts with the key of the current epoch, then with those before it, the
// identity's own key last: a message keeps the keys that it was sealed to when others
// come after it.
func openEnvelope(identity *pq.Identity, chainID, session, sender ids.ID, epoch uint64, envelope []byte) ([]byte, error) {
	header := envelopeHeader(chainID, session, sender)
	var firstErr error
	try := func(epoch uint64) ([]byte, bool) {
		key, err := sessionKey(identity, chainID, session, epoch)
		if err == nil {
			var plaintext []byte
			if plaintext, err = pq.Open(key, identity.ID(), header, envelope); err == nil {
				return plaintext, true
			}
		}
		if firstErr == nil {
			firstErr = err
		}
		return nil, false
	}
	for tried := 0; epoch > 0 && tried < maxEpochsTried; tried++ {
		if plaintext, ok := try(epoch); ok {
			return plaintext, nil
		}
		if !errors.Is(firstErr, pq.ErrAuthentication) {
			return nil, firstErr // another key would not help
		}
		epoch--
	}
	if plaintext, ok := try(0); ok {
		return plaintext, nil
	}
	return nil, firstErr
}
