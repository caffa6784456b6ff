// Package relay carries what a SessionVM chain has delivered to contracts on an EVM chain (package warp/contracts): it
// pays out or refunds the deposits of a SessionEscrow, and records the messages of sessions in a SessionLog. The other
// way, it brings what contracts have sent (SessionParticipant) to the session chain.
//
// A Relayer needs no trust. What it brings is signed by the validators of the one chain and verified by the other,
// so a node that lies to it costs fees and time. It keeps the transaction that is under way in a file before it is sent:
// after a crash that one is sent again, and never another one in its place. A contract's call may be brought again, and
// is taken once. That the session chain has refused one for good is its node's word: a Relayer with a new file
// tries all again.
package relay
