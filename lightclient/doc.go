// Package lightclient checks what a SessionVM chain holds without trusting whoever says so:
// it follows the chain's headers by their validators' certificates, and verifies messages,
// receipts, absence and whole sessions against the headers that it trusts.
//
// # What is trusted
//
// Trust begins with a checkpoint: a header and the validator set that stands behind it,
// from a source that is trusted by other means, such as the platform chain that the
// validators are registered on. With it come the network ID, the chain ID and the
// ciphersuite (TrustOptions). Nothing of these is ever taken from a server.
//
// From a trusted block the client goes to a later one that a server shows it. The rules are
// those of CometBFT's light client, with one more that aggregated signatures need:
//
//   - Less than a third of a trusted set's weight is assumed to be dishonest, for the
//     trusting period after the block's time. Honest validators sign accepted blocks only.
//   - So if more than a third of a trusted set's weight has signed a block, at least one
//     honest validator has, and the block was accepted: with its header, which commits to
//     the validator set behind it.
//   - More than two thirds (the quorum; 67% if nothing else is said) of that new set's
//     weight has to have signed as well: then the block can be trusted as the old one was,
//     and no second block of that height can have been signed without a third of the
//     weight being dishonest.
//
// # Why handovers
//
// A certificate is one aggregated signature, checked with the sum of the signers' keys. If
// some of these keys are not known to be held by anybody, the sum proves nothing: whoever
// chooses the last key can make it cancel out all others, and sign for validators that have
// signed nothing (a rogue key attack). The keys of a trusted set are safe: the platform
// demanded a proof of possession of each. The keys of a new set, that a server shows, are
// not safe before the header that commits to them is trusted.
//
// So that "more than a third of the trusted set" counts, it must be shown with trusted keys
// alone. Either all signers of the new block's certificate are in the trusted set, or the
// block comes with a Handover: a second certificate of the same block, whose bit set is
// over the trusted set. When sets do not change, neither is needed, and a block is its
// header and one certificate.
//
// # What may go wrong
//
// A trusted block that is older than the trusting period is of no use any more: its
// validators may have left, and have nothing to lose (ErrOldHeaderExpired). Client.Renew
// takes a new checkpoint. A set that changes by more than two thirds at once cannot be
// followed (ErrTrustLost); it takes a new checkpoint too.
//
// If a third or more of the weight is dishonest, there may be two certified blocks of one
// height. A client that asks only its primary can be shown the wrong one. So it asks its
// witnesses for the same height, and two blocks that both verify are Evidence: kept,
// returned (ErrDivergence), and neither is trusted.
//
// What is below a trusted block needs no signatures: each header names its parent, up to
// the trusted one (VerifyBackwards).
//
// # What a result rests on
//
// Every result has a Basis: the block, its time, how much weight of the total has signed
// it, and how. By default that is BLS12-381, which is not post-quantum secure. The
// message itself is signed by its sender with ML-DSA-65 (FIPS 204), which is: so somebody
// with a quantum computer could claim that a message was or was not delivered, but not make
// up what its sender said. With PolicyMLDSA or PolicyBoth in the trust options the validators'
// ML-DSA-65 signatures are demanded too, and that is all that a result rests on.
//
// The package has no dependency on a node, a database or cgo, and builds for js/wasm.
package lightclient
