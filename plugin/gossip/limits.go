package gossip

import (
	"time"

	"github.com/luxfi/session/chain"
)

// Push.
const (
	// pushValidators is how many validators get what is submitted here. In a network that
	// is not larger all have it after one step.
	pushValidators = 16
	// relayValidators is how many validators get what was pushed to this node. Three reach
	// 19 of 20 nodes of any network that is large (the share s with s = 1 - exp(-3s)).
	relayValidators = 3
	// relayDelay is how long what was pushed to this node waits for a block to take it,
	// before it is passed on: in a small network everybody has it already.
	relayDelay = 100 * time.Millisecond
	// pushWindow is how many bytes of what was submitted here are pushed and in no block yet. More
	// than that waits for blocks: where clients send more than the network carries, copies of what
	// waits only take the place of blocks on the links. A transaction counts for pushTime at most.
	pushWindow = 1 << 20
	pushTime   = 10 * time.Second
	// maxPushBytes bounds the transactions of one push, if there is more than one.
	maxPushBytes = 128 << 10
	// outboxSize is how many transactions wait to be pushed, and as many to be passed on; outboxBytes
	// is how many bytes of the former.
	outboxSize  = 4096
	outboxBytes = 32 << 20
)

// Stem.
const (
	// stemPeers is how many nodes a node's stems go to in an epoch, which is stemEpoch or up to twice that.
	stemPeers = 2
	stemEpoch = 5 * time.Minute
	// stemDiffuses is the share of the nodes that spread what comes along a stem in an epoch. So stems have two steps
	// on average; more of them hide little more (Fanti et al., 2018, section 4), and cost each node a signature. With a small
	// share, in two epochs of five none of a few validators would spread anything before its time is over.
	stemDiffuses = 0.5
	// A node that has sent a transaction on along its stem spreads it stemFloor and a time of stemMean on average later,
	// stemWait at most, if nobody else has. Most stems are over by the floor. From there on the time is
	// exponential: it has no memory, so that of those who wait who began is hardly more likely to be the first.
	stemFloor = 500 * time.Millisecond
	stemMean  = time.Second
	stemWait  = 5 * time.Second
	// stemWindow is how many bytes are sent on and still on their stems. What is beyond it waits for its turn, for stemWait
	// at most.
	stemWindow = 2 << 20
	// stemArrivals is from how many nodes a transaction is taken on.
	stemArrivals = 16
	stemRefresh  = time.Second
	// stemSweep is how often a node looks whether stems are over, or take too long. What waits for the one before of its
	// signer begins then, when that has reached the others too.
	stemSweep = 100 * time.Millisecond
)

// Pull.
const (
	// pullInterval is the mean time between two pulls.
	pullInterval = time.Second
	// maxAsked is how many peers owe an answer at a time.
	maxAsked = 8
	// answerTime is after what an answer does not come any more. Nodes say earlier that
	// there is none.
	answerTime = 30 * time.Second
	// maxAnswerBytes bounds the transactions of one answer, if there is more than one.
	maxAnswerBytes = 512 << 10
	// falsePositives is the share of what a peer lacks that a filter hides. The next one
	// hides others.
	falsePositives = 0.01
	// minFilter is for how many transactions the smallest filter is made: the share of a
	// tiny one would vary much.
	minFilter = 128
	// maxFilterBytes bounds a filter: enough for 100,000 transactions.
	maxFilterBytes = 128 << 10
	saltSize       = 32
)

// Messages. A node carries up to 2 MiB.
const (
	// maxMessageTransactions bounds the transactions of a message.
	maxMessageTransactions = 1024
	// maxMessageBytes bounds a message: one transaction of the largest size, or many.
	maxMessageBytes = chain.MaxTransactionBytes + 64
)

// Each peer.
const (
	peerBytes             = 16 << 20 // pushed, per second and at once
	peerTransactions      = 4000     // new here, per second
	peerTransactionsBurst = 8000
	// peerUnsigned is how many transactions are taken of a peer, per second, that nobody signs or that carry a registration.
	// Nobody answers for them, so the peer does: they fill the room for registrations and plain
	// sessions.
	peerUnsigned      = 32
	peerUnsignedBurst = 256
	peerPulls         = 2 // per second
	peerPullsBurst    = 4
	// peerQueue is how much of the queue one peer may take.
	peerQueue      = queueSize / 2
	peerQueueBytes = queueBytes / 2

	// A peer is ignored for ignoreTime when its score reaches maxScore. Each fault adds 1;
	// the score halves every scoreHalfLife. So five faults are enough within some seconds.
	maxScore      = 4.5
	scoreHalfLife = time.Minute
	ignoreTime    = time.Minute
	// rememberedPeers is of how many peers that is remembered, also when they disconnect.
	rememberedPeers = 1024
)

// What is received.
const (
	// queueSize and queueBytes bound what waits for its checks.
	queueSize  = 2048
	queueBytes = 32 << 20
	// earlySize and earlyBytes bound what waits for the next block, earlyTime for how long.
	earlySize  = 256
	earlyBytes = 8 << 20
	earlyTime  = 5 * time.Second
	// recentSize is how many transactions are remembered that are not wanted again, for
	// queueTime while they wait for their checks, staleTime if the state refuses them, and
	// invalidTime if they are wrong in themselves.
	recentSize  = 8192
	queueTime   = 10 * time.Second
	staleTime   = 2 * time.Second
	invalidTime = time.Minute
)
