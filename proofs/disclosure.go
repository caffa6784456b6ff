package proofs

import (
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

const (
	// ContextDisclosure is the ML-DSA context of both signatures of a disclosure.
	ContextDisclosure = "sessionvm/disclosure/v1"
	// DisclosureSize is the size of an encoded disclosure, in bytes: the identity's ML-KEM-768 key 1184
	// and ML-DSA-65 key 1952, its signature 3309, and the pseudonym's 3309.
	DisclosureSize = chain.KEMPublicKeySize + chain.DSAPublicKeySize + 2*chain.SignatureSize
)

// Sign makes an ML-DSA-65 signature with a context, as pq.Identity.Sign does.
type Sign func(context string, message []byte) ([]byte, error)

// Disclose adds to a bundle which identity stands behind the pseudonym that has signed its transaction, a
// message or a receipt. Both sign that: with the identity's signature alone anybody could claim what
// another one has said, and with the pseudonym's alone put it into another one's mouth. Who has both keys
// is who can disclose, and nobody else.
//
// It is for the pseudonym in that session, and so says who stands behind all that the pseudonym does
// there. A bundle without it has nothing of the identity.
func (b *Bundle) Disclose(kemPublicKey, dsaPublicKey []byte, identity, pseudonym Sign) error {
	tx, err := chain.ParseTransaction(b.Header.ChainID, b.Transaction)
	if err != nil {
		return err
	}
	if len(kemPublicKey) != chain.KEMPublicKeySize || len(dsaPublicKey) != chain.DSAPublicKeySize {
		return refusal.Wrap(ErrDisclosure, refusal.ErrProof, "the public keys of an identity", fmt.Sprintf("%d and %d bytes", len(kemPublicKey), len(dsaPublicKey)))
	}
	message, err := disclosureMessage(b.Header.ChainID, tx, chain.IdentityID(kemPublicKey, dsaPublicKey))
	if err != nil {
		return err
	}
	disclosure := slices.Concat(kemPublicKey, dsaPublicKey)
	for _, sign := range []Sign{identity, pseudonym} {
		signature, err := sign(ContextDisclosure, message)
		if err != nil {
			return err
		}
		disclosure = append(disclosure, signature...)
	}
	b.Disclosure = disclosure
	return nil
}

// disclosureMessage is what both sign, 128 bytes: chain ID || session ID || ID of the pseudonym || ID of the
// identity that stands behind it.
func disclosureMessage(chainID ids.ID, tx *chain.Transaction, behind ids.ID) ([]byte, error) {
	var session ids.ID
	switch body := tx.Body.(type) {
	case *chain.SendMessage:
		session = body.Session
	case *chain.Acknowledge:
		session = body.Session
	default:
		return nil, refusal.Wrap(ErrDisclosure, refusal.ErrProof, "a message or a receipt", body.Context())
	}
	actor := tx.Body.Actor()
	if actor == behind {
		return nil, refusal.Wrap(ErrDisclosure, refusal.ErrProof, "another identity behind "+actor.String(), "itself")
	}
	return slices.Concat(chainID[:], session[:], actor[:], behind[:]), nil
}

// addDisclosure checks both signatures of a disclosure. The signer's is checked with the keys that the
// transaction's was checked with.
func (s *Statement) addDisclosure(b *Bundle, verify SignatureVerifier) error {
	if len(b.Disclosure) == 0 {
		return nil
	}
	if s.Transaction == nil || len(b.DSAPublicKey) == 0 {
		return refusal.Wrap(ErrDisclosure, refusal.ErrProof, "who stands behind a signer only with its transaction and its public keys", kindOf(s))
	}
	if len(b.Disclosure) != DisclosureSize {
		return refusal.Wrap(ErrDisclosure, refusal.ErrProof, fmt.Sprintf("a disclosure of %d bytes", DisclosureSize), len(b.Disclosure))
	}
	kem, rest := b.Disclosure[:chain.KEMPublicKeySize], b.Disclosure[chain.KEMPublicKeySize:]
	dsa, signatures := rest[:chain.DSAPublicKeySize], rest[chain.DSAPublicKeySize:]
	behind := chain.IdentityID(kem, dsa)
	message, err := disclosureMessage(s.ChainID, s.Transaction, behind)
	if err != nil || verify == nil {
		return err
	}
	for i, key := range [][]byte{dsa, b.DSAPublicKey} {
		signer := [...]ids.ID{behind, s.Transaction.Body.Actor()}[i]
		signature := signatures[i*chain.SignatureSize:][:chain.SignatureSize]
		if err := verify(key, ContextDisclosure, message, signature); err != nil {
			return fmt.Errorf("%w: %w", refusal.Wrap(ErrDisclosure, refusal.ErrProof, "the signature of "+signer.String(), "another"), err)
		}
	}
	s.Behind = behind
	return nil
}
