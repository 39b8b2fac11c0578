// Package sim has whole networks under test, with liars and crashes; tests only.
//
// A Village is a real chain of one validator with people on it who have keys,
// coins, blob stores and machines; nothing in it is made up but the people. Build
// one in a test, let people publish and post, start workers (in this process, or
// in one of their own that is then killed), and await what the chain makes of it.
// Everything ends with the test.
//
// What can go wrong: a step that fails ends the test with what the chain said. A
// wait that never ends is ended after two minutes.
package sim
