// Package network runs a network of AvalancheGo nodes on loopback whose subnet has a
// SessionVM chain: five validators, as many of them running as wanted.
//
// Everything is in one folder: each node's data and log, and the plugin. Nodes are started
// as processes and ended by their process IDs; Stop ends all of them, and the folder goes
// with it unless it is to be kept. The parts of a node that outlive a kill, its plugins, end
// by themselves.
package network
