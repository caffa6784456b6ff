package chain

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

func checkActor(actor ids.ID) error {
	if actor == ids.Empty {
		return refusal.New(refusal.ErrNotParticipant, "the ID of the identity that signs", "none")
	}
	return nil
}

func checkSize(what string, key []byte, size int) error {
	if len(key) != size {
		return refusal.New(refusal.ErrKeySize, fmt.Sprintf("an %s of %d bytes", what, size), len(key))
	}
	return nil
}

// checkSignature refuses a signature where nobody signs, and none or one of another size where somebody
// does; signed says what would have one.
func checkSignature(signs bool, signed string, signature []byte) error {
	switch {
	case signs && len(signature) != SignatureSize:
		return refusal.New(refusal.ErrSignatureSize, fmt.Sprintf("an ML-DSA-65 signature of %d bytes", SignatureSize), len(signature))
	case !signs && len(signature) != 0:
		return refusal.New(refusal.ErrUnexpectedSignature, "no signature, or "+signed, len(signature))
	}
	return nil
}

func checkIdentities(what string, identities []ids.ID, least int) error {
	if n := len(identities); n < least || n > MaxParticipants {
		return refusal.New(refusal.ErrParticipantCount, fmt.Sprintf("%d to %d %s", least, MaxParticipants, what), n)
	}
	seen := make(map[ids.ID]struct{}, len(identities))
	for _, id := range identities {
		if id == ids.Empty {
			return refusal.New(refusal.ErrParticipantCount, what+" with IDs that are not empty", id)
		}
		if _, ok := seen[id]; ok {
			return refusal.New(refusal.ErrDuplicateParticipant, "each of the "+what+" once", id)
		}
		seen[id] = struct{}{}
	}
	return nil
}

func checkMetadata(entries []MetadataEntry) error {
	if len(entries) > MaxMetadataEntries {
		return refusal.New(refusal.ErrMetadata, fmt.Sprintf("at most %d metadata entries", MaxMetadataEntries), len(entries))
	}
	for i := range entries {
		if entries[i].Key == "" {
			return refusal.New(refusal.ErrMetadata, "metadata keys that are not empty", `""`)
		}
		if i > 0 && entries[i-1].Key >= entries[i].Key {
			return refusal.New(refusal.ErrMetadata, "metadata sorted by key, each key once", entries[i].Key)
		}
	}
	return nil
}

// MetadataSize returns the bytes of keys and values together.
func MetadataSize(entries []MetadataEntry) int {
	size := 0
	for i := range entries {
		size += len(entries[i].Key) + len(entries[i].Value)
	}
	return size
}
