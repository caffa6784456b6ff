// Package client calls a SessionVM chain's JSON-RPC API (LP-42) from Go, and defines the
// parameters and results of its methods: the service decodes and answers these same types.
//
// The service never sees a private key. What an identity does is signed by the caller, and sent
// with SendTransaction, which builds, signs, submits and waits. LP-42's CreateSession and
// SendMessage take the fields and the signature instead. GetBlock, GetChannel and GetWarpMessage
// are for explorers, and for who relays messages to other chains.
//
// A refusal is an *Error whose Code is a refusal.Reason, so that
//
//	errors.Is(err, refusal.ErrSessionClosed)
//
// works across the network. Every call takes a context; a call without a deadline has the
// client's time-out. Answers are bounded in size.
//
// On the wire, IDs are CB58, bytes and hashes are lower-case hex without a prefix, times
// are RFC 3339 but for LP-42's expires (Unix seconds) and deadlines (Unix milliseconds, as
// they are signed). A parameter is optional if it is left out when it is zero.
package client
