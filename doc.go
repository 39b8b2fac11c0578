// Package minga is the root of a program with which people pool data and
// machines, train AI models together, own them as shares, serve them, and get
// every fee split by contribution that was measured.
//
// Nine words are used everywhere with one meaning each, on the wire, in Go, in
// the commands and on the dashboard:
//
//   - Worker: a staked machine or person that offers to do kinds of work at a price.
//   - Job: paid work of one kind, with a spec, a budget in escrow and a way to prove it.
//   - Claim: what a worker says it did for a job: result hash, units, trace root.
//   - Proof: what settles a claim: a quorum of checkers who did the work again,
//     a referee that executes one step, or a zero-knowledge proof.
//   - Asset: something owned that earns: a dataset, a model. Its parents are assets.
//   - Share: a divisible part of an asset, the coin asset/7.
//   - Vote: a decision counted by a named rule.
//   - Program: a static list of tensor operators: what a job runs. Data, never code.
//   - Blob: bytes named by their hash.
//
// The folders, in the order in which a job meets them: client posts it to
// x/job, which holds its budget; daemon takes it, fetches its blobs and runs
// train, whose Programs come from nn and whose numbers come from kernel;
// verify decides whether the claim stands; x/asset mints the model's shares
// and pays their income; gateway serves the model with infer. chain wires the
// modules into an application and chain/node runs it. cmd/minga is the binary.
//
// This package itself holds only the tests of the house rules: which folder
// may import which, and that every package says what it is for.
package minga
