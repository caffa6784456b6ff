// Package service puts together what a chain serves over HTTP, for every host alike: the
// JSON-RPC service at /rpc and the health check at /health, configured by the member
// "rpc" of the node's configuration.
package service
