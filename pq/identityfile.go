package pq

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// MaxIdentityFileSize is the largest identity file that is read, in bytes. A file that
// EncryptIdentity writes has about 500.
const MaxIdentityFileSize = 4096

// The scrypt work factors, as powers of two (RFC 7914; r = 8, p = 1, so 1 KiB of memory per
// unit of N). They are variables for tests alone.
var (
	// saveWorkFactor is what new files take: about a second, and 256 MiB.
	saveWorkFactor = 18
	// maxWorkFactor bounds what opening a file may cost: 1 GiB. A made-up file must not be
	// able to occupy the machine.
	maxWorkFactor = 20
)

// An identity file is an armored age file for a passphrase, whose plaintext is three lines:
//
//	sessionvm-identity-v1
//	id 07...
//	seed ...
const (
	identityFilePrefix = "sessionvm-identity-"
	identityFileV1     = identityFilePrefix + "v1"
)

// identityPlaintextSize is the size of the plaintext, in bytes.
const identityPlaintextSize = len(identityFileV1) + 1 + len("id ") + idTextSize + 1 + len("seed ") + 2*SeedSize + 1

// EncryptIdentity writes an identity, encrypted to a passphrase: an armored age file
// (age-encryption.org/v1) with an scrypt recipient, so the age tool can open it too. It
// takes about a second and 256 MiB, as will DecryptIdentity.
func EncryptIdentity(w io.Writer, identity *Identity, passphrase string) error {
	if identity.secret.wiped {
		return fmt.Errorf("%w: load the identity again to save it", ErrWiped)
	}
	if passphrase == "" {
		return fmt.Errorf("%w: expected a passphrase, got none", ErrPassphrase)
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPassphrase, err)
	}
	recipient.SetWorkFactor(saveWorkFactor)
	armored := armor.NewWriter(w)
	encrypted, err := age.Encrypt(armored, recipient)
	if err != nil {
		return fmt.Errorf("encrypting an identity: %w", err)
	}
	plaintext := identityPlaintext(identity)
	defer clear(plaintext)
	if _, err := encrypted.Write(plaintext); err != nil {
		return fmt.Errorf("writing an identity: %w", err)
	}
	if err := encrypted.Close(); err != nil {
		return fmt.Errorf("writing an identity: %w", err)
	}
	if err := armored.Close(); err != nil {
		return fmt.Errorf("writing an identity: %w", err)
	}
	return nil
}

// DecryptIdentity reads what EncryptIdentity wrote.
//
// The errors: ErrIdentityFileSize, ErrIdentityFile (not such a file, or damaged),
// ErrIdentityFileVersion, ErrWorkFactor, and ErrPassphrase. Damage to the few bytes that
// only the passphrase opens looks like a wrong passphrase.
func DecryptIdentity(r io.Reader, passphrase string) (*Identity, error) {
	if passphrase == "" {
		return nil, fmt.Errorf("%w: expected the passphrase of the file, got none", ErrPassphrase)
	}
	file, err := io.ReadAll(io.LimitReader(r, MaxIdentityFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading an identity file: %w", err)
	}
	if len(file) > MaxIdentityFileSize {
		return nil, fmt.Errorf("%w: expected at most %d bytes: is it another file?", ErrIdentityFileSize, MaxIdentityFileSize)
	}
	decrypted, err := age.Decrypt(armor.NewReader(bytes.NewReader(file)), passphraseIdentity(passphrase))
	if err != nil {
		return nil, identityFileError(err)
	}
	plaintext, err := io.ReadAll(decrypted)
	defer clear(plaintext)
	if err != nil {
		return nil, identityFileError(err)
	}
	return parseIdentityPlaintext(plaintext)
}

// identityFileError gives an error that the age package returned one of this package's.
func identityFileError(err error) error {
	for _, own := range []error{ErrIdentityFile, ErrPassphrase, ErrWorkFactor} {
		if errors.Is(err, own) {
			return err
		}
	}
	return fmt.Errorf("%w: expected an armored age file for a passphrase: %w", ErrIdentityFile, err)
}

// passphraseIdentity is an age.Identity that says in this package's errors why it does not
// open a file, and knows what opening it will cost before it pays.
type passphraseIdentity string

// Unwrap implements age.Identity.
func (p passphraseIdentity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "scrypt" || len(stanzas[0].Args) != 2 {
		return nil, fmt.Errorf("%w: expected an age file for one passphrase, got one for keys", ErrIdentityFile)
	}
	workFactor, err := strconv.Atoi(stanzas[0].Args[1])
	if err != nil {
		return nil, fmt.Errorf("%w: expected a number as the scrypt work factor, got %q", ErrIdentityFile, stanzas[0].Args[1])
	}
	if workFactor > maxWorkFactor {
		return nil, fmt.Errorf("%w: expected at most %d, got %d: a file of this program has %d", ErrWorkFactor, maxWorkFactor, workFactor, saveWorkFactor)
	}
	identity, err := age.NewScryptIdentity(string(p))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPassphrase, err)
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	fileKey, err := identity.Unwrap(stanzas)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, fmt.Errorf("%w: it does not open the file: try again, or restore the file if it may be damaged", ErrPassphrase)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIdentityFile, err)
	}
	return fileKey, nil
}

func identityPlaintext(identity *Identity) []byte {
	plaintext := make([]byte, 0, identityPlaintextSize)
	plaintext = append(plaintext, identityFileV1+"\nid "...)
	plaintext = append(plaintext, FormatID(identity.id)...)
	plaintext = append(plaintext, "\nseed "...)
	plaintext = hex.AppendEncode(plaintext, identity.secret.seed[:])
	return append(plaintext, '\n')
}

// parseIdentityPlaintext is strict: it takes exactly what identityPlaintext writes, and the
// seed must give the ID that stands beside it.
func parseIdentityPlaintext(plaintext []byte) (*Identity, error) {
	version, _, _ := strings.Cut(string(plaintext[:min(len(plaintext), 64)]), "\n")
	if !strings.HasPrefix(version, identityFilePrefix) {
		return nil, fmt.Errorf("%w: expected %q on its first line: the file was made by another program", ErrIdentityFile, identityFileV1)
	}
	if version != identityFileV1 {
		return nil, fmt.Errorf("%w: expected %q, got %q: a newer program may open it", ErrIdentityFileVersion, identityFileV1, version)
	}
	if len(plaintext) != identityPlaintextSize {
		return nil, fmt.Errorf("%w: expected %d bytes inside, got %d", ErrIdentityFile, identityPlaintextSize, len(plaintext))
	}
	seed := make([]byte, SeedSize)
	defer clear(seed)
	if _, err := hex.Decode(seed, plaintext[len(plaintext)-1-2*SeedSize:len(plaintext)-1]); err != nil {
		return nil, fmt.Errorf("%w: expected %d hex digits of seed at its end", ErrIdentityFile, 2*SeedSize)
	}
	identity, err := IdentityFromSeed(seed)
	if err != nil {
		return nil, err
	}
	expected := identityPlaintext(identity)
	defer clear(expected)
	if !bytes.Equal(plaintext, expected) {
		return nil, fmt.Errorf("%w: expected the lines of %s, whose seed it has: the ID beside the seed is another, or the lines were edited",
			ErrIdentityFile, FormatID(identity.id))
	}
	return identity, nil
}
