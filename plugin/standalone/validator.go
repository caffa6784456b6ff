package standalone

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// validatorKeyFile holds the validator's BLS secret key in hex.
const validatorKeyFile = "validator.key"

var (
	_ vm.Platform    = (*validator)(nil)
	_ signing.Signer = (*validator)(nil)
)

// validator is the chain's one validator, with all of the weight. What it signs is as in a
// network, so that a client checks both alike; it proves what the one who runs the chain
// says, and no more.
type validator struct {
	*signing.SecretKey
	sources map[ids.ID][]signing.Validator
}

// CurrentHeight implements vm.Platform: there is no platform chain.
func (v *validator) CurrentHeight(context.Context) (uint64, error) { return 0, nil }

// Validators implements vm.Platform.
func (v *validator) Validators(context.Context, uint64) ([]signing.Validator, error) {
	return []signing.Validator{{PublicKey: v.PublicKey().Bytes(), Weight: 1}}, nil
}

// SourceValidators implements vm.Platform: there are no other chains than those that Options names.
func (v *validator) SourceValidators(_ context.Context, chain ids.ID, _ uint64) ([]signing.Validator, error) {
	if members, ok := v.sources[chain]; ok {
		return members, nil
	}
	return nil, refusal.New(refusal.ErrWarpSource, "a chain of the same network; a standalone chain has none", chain)
}

// Ciphersuite implements signing.Signer.
func (v *validator) Ciphersuite(context.Context) (warp.Ciphersuite, error) {
	return warp.CiphersuitePOP, nil
}

// Sign implements signing.Signer.
func (v *validator) Sign(_ context.Context, message *warp.UnsignedMessage) (warp.Signature, error) {
	return v.SecretKey.Sign(warp.CiphersuitePOP, message.Bytes())
}

// ErrNoValidatorKey is a chain whose validator's key is missing.
var ErrNoValidatorKey = errors.New("the chain has blocks, and its validator's key is missing")

// validator returns the folder's validator: with a new key if the chain is new, or may have one.
func (f *Folder) validator(mayMake bool) (*validator, error) {
	path := filepath.Join(f.path, validatorKeyFile)
	encoded, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(f.path, chainFolder)); err == nil && !mayMake {
			return nil, fmt.Errorf("%w: put %s back from a backup; or make another with --new-validator-key, and give light clients a new trust file", ErrNoValidatorKey, path)
		}
		signer, err := signing.NewSecretKey()
		if err != nil {
			return nil, err
		}
		secret, err := signer.Bytes()
		if err != nil {
			return nil, err
		}
		return &validator{SecretKey: signer}, f.write(validatorKeyFile, []byte(hex.EncodeToString(secret)+"\n"))
	} else if err != nil {
		return nil, fmt.Errorf("the validator's key: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(encoded)))
	if err != nil {
		return nil, fmt.Errorf("%s: expected %d bytes in hex: %w", path, signing.SecretKeySize, err)
	}
	signer, err := signing.ParseSecretKey(secret)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &validator{SecretKey: signer}, nil
}
