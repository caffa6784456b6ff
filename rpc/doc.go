// Package rpc serves a chain over HTTP: JSON-RPC 2.0 with LP-42's methods and what users
// need beside them, and a health check. docs/RPC.md describes both for readers.
//
// Beside JSON-RPC, POST /transactions takes many canonical transactions at once.
//
// The parameters and results are the types of package client. A parameter object is
// decoded strictly: a field that is unknown, missing or wrong is refused by its name.
//
// Everything that a client can make large is bounded before anything is made of it: bodies,
// batches, lists, pages, answers, waiting times, what a batch costs, and calls per second for
// each client; and, for all clients together, bytes in memory, calls that run and calls that
// wait, of which no client gets more than half. What runs for a client that has gone ends. The
// service never sees a private key and keeps no state but the clients' rates.
package rpc
