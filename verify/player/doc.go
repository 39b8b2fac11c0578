// Package player makes the moves of a dispute, for either side, from one's own
// execution of the work.
//
// Package verify decides a game; it has no goroutine and keeps nothing. This package is
// what a machine that earns runs beside it: it executes a disputed step once more, hashes
// all values of it, on all cores, and finds the next move. A Player knows the levels that
// all machines share. What is below one step it asks of a Run, of which there is one for
// each step machine: Programs is that of Programs.
//
// A player keeps nothing that it cannot make again, so a game goes on after a restart. What
// can go wrong: the execution cannot be repeated (a checkpoint is lost); then there is no
// move, and who makes none loses. Whose execution is wrong runs out of moves that follow.
//
// # A new step machine
//
// Its half on chain is a verify.Machine: a file in package verify and a line in the table
// there. Its half here is a Run. Neither the game nor a Player nor x/job changes.
package player
