package pq

import "errors"

// The ways a call of this package is refused. Each error that is returned wraps one of
// them, and says what was expected, what came, and what to do.
var (
	// ErrSeed: a seed of the wrong size.
	ErrSeed = errors.New("seed of the wrong size")
	// ErrID: text that is not an identity ID.
	ErrID = errors.New("not an identity ID")
	// ErrLabel: a label that a private identity cannot have.
	ErrLabel = errors.New("label of a private identity refused")
	// ErrWiped: a secret was used after Wipe.
	ErrWiped = errors.New("the secret was wiped")
	// ErrSecret: a secret was about to be written in the clear.
	ErrSecret = errors.New("a secret is not written in the clear")

	// ErrKEMPublicKey: not an ML-KEM-768 encapsulation key (FIPS 203, section 7.2).
	ErrKEMPublicKey = errors.New("not an ML-KEM-768 public key")
	// ErrKEMCiphertext: not an ML-KEM-768 ciphertext (FIPS 203, section 7.3).
	ErrKEMCiphertext = errors.New("not an ML-KEM-768 ciphertext")

	// ErrDSAPublicKey: not an ML-DSA-65 public key.
	ErrDSAPublicKey = errors.New("not an ML-DSA-65 public key")
	// ErrContext: a signing context above 255 bytes (FIPS 204, section 5.2).
	ErrContext = errors.New("signing context too long")
	// ErrSignature: a signature that does not verify.
	ErrSignature = errors.New("signature refused")

	// ErrIdentityFile: not an identity file, or a damaged one.
	ErrIdentityFile = errors.New("not an identity file, or damaged")
	// ErrIdentityFileSize: larger than an identity file can be.
	ErrIdentityFileSize = errors.New("identity file too large")
	// ErrIdentityFileVersion: an identity file of a version that this code does not know.
	ErrIdentityFileVersion = errors.New("unknown identity file version")
	// ErrIdentityFileExists: saving would overwrite a file.
	ErrIdentityFileExists = errors.New("identity file exists")
	// ErrPassphrase: the passphrase is empty, or does not open the file.
	ErrPassphrase = errors.New("passphrase refused")
	// ErrWorkFactor: opening the file would cost more than this code is willing to spend.
	ErrWorkFactor = errors.New("scrypt work factor too large")
)
