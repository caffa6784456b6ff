package main

import (
	"encoding/hex"
	"errors"

	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
)

// publicKeys is the public half of an identity as "session id show --json" prints it and
// --contact reads it.
type publicKeys struct {
	ID           string `json:"id"`
	KEMPublicKey string `json:"kemPublicKey"` // ML-KEM-768, hex
	DSAPublicKey string `json:"dsaPublicKey"` // ML-DSA-65, hex
}

const maxPublicKeysBytes = 64 << 10

func newPublicKeys(public pq.PublicIdentity) publicKeys {
	return publicKeys{
		ID:           pq.FormatID(public.ID()),
		KEMPublicKey: hex.EncodeToString(public.KEM),
		DSAPublicKey: hex.EncodeToString(public.DSA),
	}
}

// readPublicKeys reads a --contact file. The keys must be those of the ID beside them.
func readPublicKeys(path string) (pq.PublicIdentity, error) {
	content, err := readFile(path, maxPublicKeysBytes)
	if err != nil {
		return pq.PublicIdentity{}, err
	}
	var c publicKeys
	if err := strictjson.Unmarshal(content, &c); err != nil {
		return pq.PublicIdentity{}, usage("%s is no contact file, as \"session id show --json\" writes it: %v", path, err)
	}
	id, err := mailbox.ParseIdentity(c.ID)
	if err != nil {
		return pq.PublicIdentity{}, usage("%s: %w", path, err)
	}
	kem, kemErr := hex.DecodeString(c.KEMPublicKey)
	dsa, dsaErr := hex.DecodeString(c.DSAPublicKey)
	if err := errors.Join(kemErr, dsaErr); err != nil {
		return pq.PublicIdentity{}, usage("%s: %w", path, err)
	}
	return pq.IdentityOf(id, kem, dsa)
}
