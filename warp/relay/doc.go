// Package relay carries what a SessionVM chain has delivered to contracts on an EVM chain (package warp/contracts): it
// pays out or refunds the deposits of a SessionEscrow, and records the messages of sessions in a SessionLog.
//
// A Relayer needs no trust. What it brings is signed by the validators of the session chain and verified by the EVM chain,
// so a node that lies to it costs fees and time. It keeps the transaction that is under way in a file before it is sent:
// after a crash that one is sent again, and never another one in its place.
package relay
