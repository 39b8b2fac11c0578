// Package verify answers one question: is this claim true?
//
// Somebody says what a piece of work gave. As the work is bit-exact, everybody
// else who does it again gets the same bits or has found a lie. This package
// decides between them; it has no state, no network and no clock, so the chain
// and everybody who checks the chain decide alike.
//
// # The referee
//
// A Task names the work by hashes: a run of steps, each a Program over states
// and inputs. A claim commits to the whole run with one hash, the Merkle root
// over what each step gave. A Game settles what a challenger denies of it: the
// claimant shows the hashes below (Answer), the challenger denies the first that
// is not its own (Denial), from the steps to the nodes of one step, the outputs
// of one node, a kibibyte, an element, and the positions of its fold (nn.Fold),
// 16 ways a round. What lies before a denied place is agreed by both. At the end
// one scalar step is left: the challenger shows its operands with paths to what
// is agreed, the step is executed, and it decides. A Player makes the moves of
// either side from its own execution, a Run.
//
// Whoever is right always has a next move that follows, so an honest claimant
// never loses and an honest challenger always wins against a false claim; whoever
// sends nothing that follows before the deadline loses. A game is between two, so
// that a challenger who loses on purpose settles nothing for others. No message is
// longer than MaxMessage, and a game has at most MaxExchanges answers.
//
// # The quorum
//
// Quorum is the plainest proof, for work that has no Program: re-execution by
// checkers, and a majority where they differ. At first only the checkers that the
// job asks for have seats. If all of them agree, the claim stands. The first
// objection makes it a contest with twice as many seats and one; then a result
// holds if more than half of all those seats report it, empty ones included.
// Counting empty seats is what keeps a single liar from slashing an honest worker
// by objecting while nobody else comes.
//
// What can go wrong: messages come from strangers. Decoders are bounded by what
// they are given, and a move that does not follow is refused with ErrMove and
// changes nothing. A quorum's majority that lies together is believed; in a game
// numbers count for nothing.
package verify
