// Package node fits the chain to a node that runs it as a plugin: the gRPC protocol of
// github.com/luxfi/node/vms/rpcchainvm, which AvalancheGo speaks too.
//
// ChainVM is the node module's block.ChainVM over a vm.VM. The server around it embeds the
// node module's VMServer and repairs what that one drops or gets wrong:
//
//   - Connected, Disconnected and Shutdown reach the chain, so that its database is closed;
//   - a failed Initialize writes no file in /tmp, a Shutdown after it or a second one does
//     not panic, and the health of a chain that is not initialized is an error, not a panic;
//   - the modes of an accepted state summary are the protocol's numbers, which the module's
//     constants are not.
//
// Serve is the plugin's life: the handshake, the server, and the end. It ends when the node
// says so (Shutdown, then SIGTERM) and when the node is gone, however it went: no orphan
// holds the chain's database. Signals before Shutdown are ignored: a Ctrl-C in the node's
// terminal reaches the plugin too, and the node still needs it to shut down in order.
package node
