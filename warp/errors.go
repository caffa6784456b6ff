package warp

import "errors"

// One error for each way in which something signed can be wrong. Each is wrapped together
// with a refusal.Error that says what was expected and what came.
var (
	ErrCodec       = errors.New("not the linear codec's encoding of it")
	ErrPayloadType = errors.New("another type of payload or signature")

	ErrWrongNetwork     = errors.New("made for another network")
	ErrWrongChain       = errors.New("made for another chain")
	ErrWrongBlock       = errors.New("certificate of another block")
	ErrWrongHeight      = errors.New("certificate of another height")
	ErrWrongSet         = errors.New("not the validator set that the header commits to")
	ErrWrongCiphersuite = errors.New("signed with another ciphersuite")

	ErrSignerBits         = errors.New("signers' bit set is padded or too long")
	ErrUnknownSigner      = errors.New("signer is not in the validator set")
	ErrRepeatedSigner     = errors.New("signer is counted already")
	ErrInsufficientWeight = errors.New("too little weight has signed")

	ErrPublicKey      = errors.New("not a BLS12-381 public key")
	ErrSignaturePoint = errors.New("not a point that can be a BLS12-381 signature")
	ErrBadSignature   = errors.New("BLS signature does not verify")

	ErrKeySet      = errors.New("not the post-quantum keys of a validator set")
	ErrNoKey       = errors.New("signer has no post-quantum key")
	ErrAttestation = errors.New("ML-DSA-65 signature of a block does not verify")

	ErrValidatorSet   = errors.New("not a canonical validator set")
	ErrWeightOverflow = errors.New("weights add up to more than 64 bits")
	ErrThreshold      = errors.New("not a fraction above 0 and up to 1")
	ErrCiphersuite    = errors.New("unknown ciphersuite")
)
