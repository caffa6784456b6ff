package chain

import "github.com/luxfi/ids"

const (
	// Name is the VM's name (LP-42).
	Name = "sessionvm"

	// HeaderVersion is the version of a header under rule set 1, which every chain begins with.
	HeaderVersion = 1

	// KEMPublicKeySize is the size of an ML-KEM-768 encapsulation key (FIPS 203), in bytes.
	KEMPublicKeySize = 1184
	// DSAPublicKeySize is the size of an ML-DSA-65 public key (FIPS 204), in bytes.
	DSAPublicKeySize = 1952
	// PrekeySize is the size of a prekey, an X-Wing public key: ML-KEM-768's, then X25519's of
	// 32 bytes.
	PrekeySize = KEMPublicKeySize + 32
	// SignatureSize is the size of an ML-DSA-65 signature (FIPS 204), in bytes.
	SignatureSize = 3309

	// MaxTransactionBytes bounds one encoded transaction, whatever a genesis says.
	MaxTransactionBytes = 1 << 20
	// MaxBlockBytes bounds one encoded block, whatever a genesis says. A genesis for a
	// network stays well below the 2 MiB that hosts allow for a message.
	MaxBlockBytes = 64 << 20
	// MaxParticipants bounds the participants of a session and the members of a channel,
	// whatever a genesis says.
	MaxParticipants = 256
	// MaxMetadataEntries bounds the metadata pairs of a session or a channel.
	MaxMetadataEntries = 16
)

// VMID is the ID of the VM: the bytes of Name padded with zeros,
// speKUgLBX6WRD5cfGeEfLa43LxTXUBckvtv4td6F3eTXvRP48 (LP-42).
var VMID = func() (id ids.ID) {
	copy(id[:], Name)
	return id
}()
