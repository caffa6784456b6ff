package e2ee

import "bytes"

// AnnouncedKey is the KEM key of an announcement. A member that goes on in another session with
// some of the same people need not begin with keys that never change: what others seal to it
// there first is sealed to the last key that it announced here (Member.Carried).
type AnnouncedKey struct {
	Suite     Suite
	Epoch     uint32 // of its owner, in the session of the announcement
	PublicKey []byte
}

// ParseAnnouncedKey returns the key of an announcement, which its sender has signed.
func ParseAnnouncedKey(announcement []byte) (*AnnouncedKey, error) {
	wire, err := parseAnnouncement(announcement)
	if err != nil {
		return nil, err
	}
	return &AnnouncedKey{Suite: wire.suite, Epoch: wire.epoch, PublicKey: bytes.Clone(wire.publicKey)}, nil
}

// EpochKey returns the secret half of the key that this member announced with an epoch, to be
// one of the Secrets.Offers of another session. ErrKeyErased if it is not here any more. This session
// keeps its latest key for as long as others may seal to it: Wipe it, and store that, once it is over.
// Else who copies its state later reads what the other one began with.
func (s *Session) EpochKey(epoch uint32) (*OfferKey, error) {
	slot := s.slot(epoch)
	if slot == nil {
		return nil, wrapf(ErrKeyErased, "the key of this member's epoch %d", epoch)
	}
	return OfferKeyFromSeed(s.suite, slot.seed)
}
