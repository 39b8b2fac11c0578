// Package verify answers one question: is this claim true?
//
// Somebody says what a piece of work gave. As the work is bit-exact, everybody
// else who does it again gets the same bits or has found a lie. This package
// decides between them. It has no state, no goroutine, no network and no clock, so
// that the chain and everybody who checks the chain decide alike.
//
// # The referee
//
// A Task names the work by hashes: a run of a step machine. A claim commits to the
// whole run with one hash, the root of the trace, a Merkle tree over what each step
// gave. A Game settles what a challenger denies of it. In each round the claimant shows
// what lies in the disputed part (Answer), and the challenger denies the first thing
// that is not its own (Denial); what lies before that, both agree on. So a game goes
// down level by level, 16 ways a round: to a step of the run, and in it to whatever the
// machine has (of a Program a node, an output, an element, a position of its fold). At
// the end one step of the machine is left: the challenger shows what it reads, with
// paths to what is agreed, the step is executed here, and it decides.
//
// Whoever is right always has a next move that follows, so an honest claimant
// never loses and an honest challenger always wins against a false claim; whoever
// sends nothing that follows before the deadline loses. A game is between two, so
// that a challenger who loses on purpose settles nothing for others. No message is
// longer than MaxMessage, and a game has at most MaxExchanges answers.
//
// # Step machines
//
// The game knows no machine. It has three sorts of levels: a Tree, of which hashes are
// shown; a Line, of which registers are shown; and Free, where nothing needs to be shown.
// A Machine says which level comes below which, and executes the last step. Programs is
// the machine of training and inference. A new machine is one more type that implements
// Machine, in a file of its own, and a line in the table in machine.go.
//
// Package player has the other half: it finds the next move from one's own execution.
//
// # The quorum
//
// Quorum is the plainest proof, for work that no machine executes: re-execution by
// checkers, and a majority where they differ. At first only the checkers that the
// job asks for have seats. If all of them agree, the claim stands. The first
// objection makes it a contest with twice as many seats and one; then a result
// holds if more than half of all those seats report it, empty ones included.
// Counting empty seats is what keeps a single liar from slashing an honest worker
// by objecting while nobody else comes.
//
// A new method of proof is a file here with a function like Quorum: from what was
// claimed and shown, to a decision.
//
// What can go wrong: messages come from strangers. Decoders are bounded by what
// they are given, and a move that does not follow is refused with ErrMove and
// changes nothing. A quorum's majority that lies together is believed; in a game
// numbers count for nothing.
package verify
