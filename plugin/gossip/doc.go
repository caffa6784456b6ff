// Package gossip carries transactions between the mempools of a chain's nodes, so that the
// next proposer has what was submitted to any of them.
//
// Stem: a transaction that a client submits here first goes from node to node, one at a time, so that
// who spreads it is not who was asked (Dandelion++), see stem.go. It has a message of its own, StemHandlerID.
// Push: at the end of its stem it goes to some validators at once, as far as
// what was pushed before is in blocks: what is beyond pushWindow waits here, for blocks of
// others or of this node, in an order that is fair to its senders. In a network that is larger than one push reaches, a node that takes
// a pushed one passes it on to a few more, once, unless a block has it by then.
// Pull: every second a node whose mempool does not fill a block asks one peer for what it lacks,
// with a Bloom filter of what it has; that finds what pushes have lost. The messages are those of AvalancheGo's gossip
// (sdk.proto: PushGossip, PullGossipRequest, PullGossipResponse), with chain transactions
// as they are encoded, as handler p2p.TxGossipHandlerID of the chain's p2p.Network.
//
// Everything has a bound, see limits.go: messages, rates of each peer, queues, and how many
// signatures are checked at a time. What can't be taken is dropped and counted; a later
// pull may bring it again. A peer that sends what no honest node passes on is ignored for
// a while, see peers.go. What is merely late or early is not held against anyone: nodes do
// not accept blocks at the same moment. What may become valid with the next block is tried
// again then.
//
// A peer can make a node do bounded work, and withhold what only it knows: what is dropped on its
// stem is spread later by who sent it on. It can't learn what is on its stem at another node, make
// the node take what Submit would refuse, stop it, or keep a transaction out by sending
// another one with the same ID: what is remembered covers the signature.
package gossip
