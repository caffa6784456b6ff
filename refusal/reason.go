// Package refusal is how everything of this module says no: a Reason with a stable number, what
// was expected, and what came instead.
//
// Packages that the chain's numbers do not cover have sentinel errors of their own, and say more
// with Because.
package refusal

import "fmt"

// Reason says why something was refused. Its numbers are stable: they are the error
// codes of the JSON-RPC API. A Reason is an error, to compare with errors.Is.
type Reason int

// Malformed input.
const (
	ErrMalformed   Reason = 1001 // not the canonical encoding
	ErrTooLarge    Reason = 1002 // larger than the bound, refused before it was read
	ErrVersion     Reason = 1003 // a version this software does not know
	ErrWrongChain  Reason = 1004 // made for another chain
	ErrGenesis     Reason = 1005 // the genesis is invalid
	ErrConfig      Reason = 1006 // the node's configuration is invalid, or disagrees with the genesis
	ErrInvalidArgs Reason = 1007 // an argument of a request is missing or wrong
)

// Transactions that are wrong by themselves.
const (
	ErrKeySize              Reason = 1101
	ErrKEMKey               Reason = 1102 // fails the input check of FIPS 203, section 7.2
	ErrSignatureSize        Reason = 1103
	ErrParticipantCount     Reason = 1104
	ErrDuplicateParticipant Reason = 1105
	ErrKeyCount             Reason = 1106
	ErrMetadata             Reason = 1107
	ErrCiphertextSize       Reason = 1108
	ErrUnexpectedSignature  Reason = 1109
	ErrRegistration         Reason = 1110 // a transaction carries a registration that is not its actor's
	ErrInvitation           Reason = 1111 // an invitation's bucket or sizes
	ErrScheme               Reason = 1112 // a signature scheme that this software does not know
	ErrContractCall         Reason = 1113 // not something that a contract of another chain may do, or not its own
)

// Who may act.
const (
	ErrBadSignature      Reason = 1201
	ErrNotRegistered     Reason = 1202
	ErrNotParticipant    Reason = 1203
	ErrNotOwner          Reason = 1204
	ErrNotMember         Reason = 1205
	ErrSignatureRequired Reason = 1206
	ErrWork              Reason = 1207 // a registration or an invitation has too little work, or work for another beacon
	ErrNotAdmitted       Reason = 1208 // no issuer and no contract has admitted the identity
	ErrNotValidator      Reason = 1209 // the BLS key is not in the validator set of the block
	ErrBLSSignature      Reason = 1210
	ErrWarpSource        Reason = 1211 // the platform knows no validators of the contract's chain, or the block has no context
	ErrWarpSignature     Reason = 1212 // too few of them have signed a contract's Warp message
)

// The state does not allow it.
const (
	ErrUnknownSession      Reason = 1301
	ErrSessionExpired      Reason = 1302
	ErrSessionClosed       Reason = 1303
	ErrSessionFull         Reason = 1304
	ErrDuplicate           Reason = 1305 // the transaction is in the chain already
	ErrStaleReceipt        Reason = 1306
	ErrReceiptAhead        Reason = 1307
	ErrKeyEpoch            Reason = 1308
	ErrUnknownChannel      Reason = 1309
	ErrChannelLimit        Reason = 1310
	ErrChannelVersion      Reason = 1311
	ErrAlreadyMember       Reason = 1312
	ErrMemberLimit         Reason = 1313
	ErrPendingBlockLimit   Reason = 1315
	ErrIdentityLimit       Reason = 1316
	ErrIdentityBlockLimit  Reason = 1317
	ErrDeadlinePassed      Reason = 1318
	ErrDeadlineTooFar      Reason = 1319
	ErrChannelClosed       Reason = 1320
	ErrIdentityRenewal     Reason = 1322 // registered, and too fresh to be renewed
	ErrTransactionTooLarge Reason = 1323 // larger than a block of this chain may be
	ErrTranscript          Reason = 1324 // the receipt's participant has read something else
	ErrPrekeyNumber        Reason = 1325
	ErrPreviousSession     Reason = 1326 // a channel's session names another one than its latest as the one before
	ErrSessionInUse        Reason = 1327 // a channel has one session at a time
	ErrBlockStateLimit     Reason = 1328

	// An identity has used an allowance of the genesis up; Expected says when to try again.
	ErrTransactionAllowance Reason = 1329 // bytes of transactions
	ErrStateAllowance       Reason = 1330 // bytes of state
	ErrSessionAllowance     Reason = 1331 // sessions created
	ErrKeyAllowance         Reason = 1332 // prekeys and rotations

	ErrSingleSession Reason = 1333 // the identity has made its single session

	ErrBucketBits           Reason = 1341 // an invitation's bucket is too large or too small
	ErrInvitationLimit      Reason = 1342
	ErrInvitationBlockLimit Reason = 1343

	ErrValidatorKey        Reason = 1351 // a validator has another post-quantum key than the one to be replaced
	ErrValidatorKeyRenewal Reason = 1352 // it is too fresh to be replaced
	ErrValidatorKeyLimit   Reason = 1353

	ErrWarpBlockLimit Reason = 1361
)

// A node's own limits and answers.
const (
	ErrMempoolFull   Reason = 1401
	ErrMempoolSender Reason = 1402 // one sender has too many transactions waiting
	ErrRateLimited   Reason = 1403
	ErrNotFound      Reason = 1404
	ErrPruned        Reason = 1405 // the node no longer has that height's state
	ErrWaitTimeout   Reason = 1406 // not accepted within the wait limit; it may be later
	ErrNotReady      Reason = 1407 // bootstrapping, or shutting down
	ErrDropped       Reason = 1408 // left the mempool without being accepted
	ErrNoQuorum      Reason = 1409 // too little of the validators' weight has signed
	ErrNotHeld       Reason = 1410 // the node does not hold that block: it has forgotten it, or is fetching it
)

// Blocks.
const (
	ErrBlockParent      Reason = 1501
	ErrBlockHeight      Reason = 1502
	ErrBlockTime        Reason = 1503
	ErrBlockLimit       Reason = 1504
	ErrTransactionsRoot Reason = 1505
	ErrStateRoot        Reason = 1506
	ErrValidatorSet     Reason = 1507
	ErrEmptyBlock       Reason = 1508
)

// Proofs.
const (
	ErrProof Reason = 1601 // the proof does not show the statement
)

var reasonText = map[Reason]string{
	ErrMalformed:            "malformed encoding",
	ErrTooLarge:             "too large",
	ErrVersion:              "unknown version",
	ErrWrongChain:           "made for another chain",
	ErrGenesis:              "invalid genesis",
	ErrConfig:               "invalid configuration",
	ErrInvalidArgs:          "invalid argument",
	ErrKeySize:              "wrong key size",
	ErrKEMKey:               "ML-KEM-768 key fails the FIPS 203 input check",
	ErrSignatureSize:        "wrong signature size",
	ErrParticipantCount:     "wrong number of participants",
	ErrDuplicateParticipant: "duplicate participant",
	ErrKeyCount:             "number of keys does not match participants",
	ErrMetadata:             "invalid metadata",
	ErrCiphertextSize:       "wrong ciphertext size",
	ErrUnexpectedSignature:  "signature on a transaction that carries none",
	ErrRegistration:         "registration on a transaction that can't carry it",
	ErrBadSignature:         "ML-DSA-65 signature does not verify",
	ErrNotRegistered:        "identity is not registered",
	ErrNotParticipant:       "not a participant of the session",
	ErrNotOwner:             "not the owner of the channel",
	ErrNotMember:            "not a member of the channel",
	ErrSignatureRequired:    "this chain requires signed sessions",
	ErrWork:                 "too little work",
	ErrScheme:               "unknown signature scheme",
	ErrContractCall:         "no such call of a contract",
	ErrNotValidator:         "not a validator of the block",
	ErrWarpSource:           "unknown source of a Warp message",
	ErrWarpSignature:        "a Warp message that too few validators have signed",
	ErrWarpBlockLimit:       "the block has its maximum of contracts' transactions",
	ErrBLSSignature:         "BLS signature does not verify",
	ErrValidatorKey:         "the validator has another post-quantum key",
	ErrValidatorKeyRenewal:  "the validator's post-quantum key is too fresh to be replaced",
	ErrValidatorKeyLimit:    "the chain has reached its maximum of validators' post-quantum keys",
	ErrNotAdmitted:          "no issuer of this chain, and no contract, has admitted the identity",
	ErrUnknownSession:       "unknown session",
	ErrSessionExpired:       "session has expired",
	ErrSessionClosed:        "session is closed",
	ErrSessionFull:          "session has reached its maximum of messages",
	ErrDuplicate:            "transaction is in the chain already",
	ErrStaleReceipt:         "receipt is not newer than the last one",
	ErrReceiptAhead:         "receipt is ahead of the session's messages",
	ErrTranscript:           "receipt's transcript is not the session's",
	ErrKeyEpoch:             "wrong key epoch",
	ErrPrekeyNumber:         "wrong prekey number",
	ErrPreviousSession:      "another session is the channel's latest",
	ErrSessionInUse:         "the channel has a session that is in use",
	ErrBlockStateLimit:      "the block has reached its maximum of bytes of state",
	ErrTransactionAllowance: "the identity has used up its bytes of transactions",
	ErrStateAllowance:       "the identity has used up its bytes of state",
	ErrSessionAllowance:     "the identity has used up its new sessions",
	ErrKeyAllowance:         "the identity has used up its new keys",
	ErrSingleSession:        "the identity makes one single session",
	ErrUnknownChannel:       "unknown channel",
	ErrChannelLimit:         "the owner has reached its maximum of channels",
	ErrChannelVersion:       "channel has changed since",
	ErrAlreadyMember:        "already a member of the channel",
	ErrMemberLimit:          "channel has reached its maximum of members",
	ErrPendingBlockLimit:    "the block has reached its maximum of unsigned sessions",
	ErrIdentityLimit:        "the chain has reached its maximum of identities",
	ErrIdentityBlockLimit:   "the block has reached its maximum of registrations",
	ErrInvitation:           "invitation of another form",
	ErrBucketBits:           "the invitation's bucket has another number of bits",
	ErrInvitationLimit:      "the chain has reached its maximum of invitations",
	ErrInvitationBlockLimit: "the block has reached its maximum of invitations",
	ErrDeadlinePassed:       "the transaction's deadline has passed",
	ErrDeadlineTooFar:       "the transaction's deadline is too far away",
	ErrChannelClosed:        "channel is closed",
	ErrIdentityRenewal:      "identity is registered and needs no renewal yet",
	ErrTransactionTooLarge:  "transaction is larger than a block may be",
	ErrMempoolFull:          "mempool is full",
	ErrMempoolSender:        "too many waiting transactions of one sender",
	ErrRateLimited:          "too many requests",
	ErrNotFound:             "not found",
	ErrPruned:               "state of that height has been pruned",
	ErrWaitTimeout:          "not accepted within the wait limit",
	ErrNotReady:             "node is not ready",
	ErrDropped:              "transaction was dropped",
	ErrNoQuorum:             "too few validators have signed",
	ErrNotHeld:              "this node does not hold the block",
	ErrBlockParent:          "unknown parent block",
	ErrBlockHeight:          "wrong block height",
	ErrBlockTime:            "wrong block timestamp",
	ErrBlockLimit:           "block exceeds a limit of the genesis",
	ErrTransactionsRoot:     "wrong transactions root",
	ErrStateRoot:            "wrong state root",
	ErrValidatorSet:         "wrong validator set hash",
	ErrEmptyBlock:           "block without transactions",
	ErrProof:                "proof does not verify",
}

// Error implements error.
func (r Reason) Error() string {
	if text, ok := reasonText[r]; ok {
		return text
	}
	return fmt.Sprintf("reason %d", int(r))
}

// Error is a Reason with what was expected and what came instead. All errors that hostile
// input can cause are, or wrap, an *Error.
type Error struct {
	Reason   Reason
	Expected string // what would have been right, and so what to do
	Got      string // what came
}

// New returns an *Error. Expected says what would have been right; got is printed with %v and
// cut after 200 bytes.
func New(reason Reason, expected string, got any) error {
	text := fmt.Sprint(got)
	if len(text) > 200 {
		text = text[:200] + "..."
	}
	return &Error{Reason: reason, Expected: expected, Got: text}
}

// Wrap returns an error that is both cause and the *Error that New returns.
func Wrap(cause error, reason Reason, expected string, got any) error {
	return fmt.Errorf("%w: %w", cause, New(reason, expected, got))
}

// Because returns an error that is cause, and says more, as fmt.Errorf does.
func Because(cause error, format string, arguments ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{cause}, arguments...)...)
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: expected %s, got %s", e.Reason, e.Expected, e.Got)
}

// Unwrap makes errors.Is find the Reason.
func (e *Error) Unwrap() error { return e.Reason }
