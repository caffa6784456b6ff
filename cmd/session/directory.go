package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/pq"
)

// contact is the public half of an identity as "session id show --json" prints it and
// --contact reads it.
type contact struct {
	ID           string `json:"id"`
	KEMPublicKey string `json:"kemPublicKey"` // ML-KEM-768, hex
	DSAPublicKey string `json:"dsaPublicKey"` // ML-DSA-65, hex
}

const maxContactBytes = 64 << 10

func newContact(public pq.PublicIdentity) contact {
	return contact{
		ID:           pq.FormatID(public.ID()),
		KEMPublicKey: hex.EncodeToString(public.KEM),
		DSAPublicKey: hex.EncodeToString(public.DSA),
	}
}

// readContact reads a contact file. The keys must be those of the ID beside them.
func readContact(path string) (pq.PublicIdentity, error) {
	content, err := readFile(path, maxContactBytes)
	if err != nil {
		return pq.PublicIdentity{}, err
	}
	var c contact
	if err := json.Unmarshal(content, &c); err != nil {
		return pq.PublicIdentity{}, usage("%s is no contact file, as \"session id show --json\" writes it: %v", path, err)
	}
	id, err := parseIdentityID(c.ID)
	if err != nil {
		return pq.PublicIdentity{}, usage("%s: %w", path, err)
	}
	kem, kemErr := hex.DecodeString(c.KEMPublicKey)
	dsa, dsaErr := hex.DecodeString(c.DSAPublicKey)
	if err := errors.Join(kemErr, dsaErr); err != nil {
		return pq.PublicIdentity{}, usage("%s: %w", path, err)
	}
	return certify(id, kem, dsa)
}

// certify returns the identity of two public keys if they are what the ID commits to. So
// it does not matter who handed them over.
func certify(id ids.ID, kem, dsa []byte) (pq.PublicIdentity, error) {
	public, err := pq.NewPublicIdentity(kem, dsa)
	if err != nil {
		return pq.PublicIdentity{}, fmt.Errorf("keys of %s: %w", pq.FormatID(id), err)
	}
	if got := public.ID(); got != id {
		return pq.PublicIdentity{}, fmt.Errorf("the keys given for %s are not its keys but those of %s: do not use them", pq.FormatID(id), pq.FormatID(got))
	}
	return public, nil
}

// parseIdentityID reads an identity's ID: 07 and 64 hex digits, or what parseID reads.
func parseIdentityID(text string) (ids.ID, error) {
	if id, err := pq.ParseID(text); err == nil {
		return id, nil
	}
	id, err := parseID(text)
	if err != nil {
		return ids.Empty, usage("%q is no identity: expected 07 and 64 hex digits, as \"session id show\" prints", text)
	}
	return id, nil
}

// parseID reads 64 hex digits, with or without 0x, or CB58.
func parseID(text string) (ids.ID, error) {
	id, err := strictjson.ParseID(text)
	if err != nil {
		return ids.Empty, usage("%.80q is no ID: expected 64 hex digits, or CB58", text)
	}
	return id, nil
}

// parseSession reads a session's ID.
func parseSession(text string) (ids.ID, error) {
	id, err := parseID(text)
	if err != nil {
		return ids.Empty, usage("%q is no session: expected its ID, as \"session create\" and \"session sessions\" print", text)
	}
	return id, nil
}

// short writes an ID of an identity so that people can tell a few apart. It is for
// showing only: nothing is ever looked up by it.
func short(id ids.ID) string {
	text := pq.FormatID(id)
	return text[:10] + ".." + text[len(text)-4:]
}
