// Package trial runs "sessionvm run" as a process of its own and watches it from outside: what
// the programs attack and soak are made of. Everything is on loopback, and no process outlives
// its longest run.
package trial
