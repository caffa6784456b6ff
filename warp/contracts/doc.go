// Package contracts has Solidity contracts that act on what a SessionVM chain has delivered, or write there, and Go bindings to deploy
// and call them on an EVM chain with the Warp precompile of AvalancheGo. docs/warp.md shows how to use them.
//
//   - SessionDelivery.sol decodes deliveries and certified blocks, SessionProof.sol verifies ICS-23 proofs against their
//     state roots, SessionState.sol decodes what these show: libraries for other contracts.
//   - SessionEscrow.sol pays for a message that was delivered or read, and refunds what was not.
//   - SessionLog.sol answers whether an identity said a message, and when.
//   - SessionParticipant.sol is for contracts that make sessions and write in them themselves, and SessionSender.sol is one
//     that does for its owner. SessionAdmission.sol has who pays registered there, if the chain's genesis names it.
package contracts

//go:generate go run ./generate
