// Package rpc serves a chain over HTTP: JSON-RPC 2.0 with LP-42's methods and what users
// need beside them, and a health check. docs/RPC.md describes both for readers.
//
// The protocol itself (batches, notifications, error objects) is github.com/creachadair/jrpc2;
// a server of its own answers each HTTP request over a channel in memory, so that requests
// share nothing: a notification that waits for a block holds up nobody else, and whatever
// runs for a client that has gone ends with its request.
//
// The parameters and results are the types of package client. A parameter object is
// decoded strictly: a field that is unknown, missing or wrong is refused by its name.
//
// Everything that a client can make large is bounded: bodies, batches, pages, answers,
// waiting times, and requests per second for each client. The service never sees a private
// key and keeps no state but the clients' rates.
package rpc
