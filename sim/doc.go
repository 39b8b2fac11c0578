// Package sim has whole networks under test, with liars and crashes; tests only.
//
// A Village is a chain, and people who have keys, coins, blob stores and machines.
// Chain, daemons and gateways are those of the program; only the people are invented.
// Build one in a test, let people publish and post, start workers, and wait for what
// follows on the chain.
// Everything ends with the test.
//
// NewVillage stands on a solo chain without a network, in a bubble of
// testing/synctest. Time there is virtual: a block passes when nobody has anything
// to do before it, and a step of training takes 50 ms by the bubble's clock. So a
// test waits for nothing, and nobody is late because the machine is slow.
// NewNetwork is a chain of one validator that makes blocks in real time, for tests
// whose workers are processes of their own, to be killed.
//
// What can go wrong: a step that fails ends the test with what the chain said. A
// wait that never ends is ended after two minutes, or two hours of a bubble.
package sim
