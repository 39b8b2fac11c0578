// Package kind has, for each kind of job, what a machine does for it off the chain: it makes the terms of a job from a
// job file, and does the work or does it again. Package x/job has the other half.
//
//	kinds := kind.On(kind.Host{Chain: c, Store: s, Dir: dir, Threads: 2})
//	terms, err := kinds.Terms(ctx, file)   // for who posts a job
//	work, err := kinds.Prepare(ctx, j)     // for who does one: before the job is taken
//	outcome, err := work.Run(ctx)          // what to claim, or to report
//
// A job file (file.go) is TOML: its format and kind, the table [job] which says what is paid, [split] where the work
// makes an asset, and the tables of its kind. It is read here and nowhere else. docs/jobs.md lists the keys.
//
// How the pieces meet. A kind is a file: train.go trains models, measure.go does the short trainings that measure data,
// infer.go checks sessions that gateways serve. Each gets its inputs as verified blobs (fetch.go). Prepare also
// compares what was posted with what follows from the job file, so that nobody works on other terms than were
// published. Works keeps what was prepared, since the same plan is needed to take a job, to do it, and to play a
// dispute about it. Checkpoints outlive the process; an execution for a dispute begins at the nearest one. Package
// dispute below plays the disputes of one account.
//
// What can go wrong: a job file with a mistake is an ErrFile, which names the line. A job that nobody can do is an
// ErrJob, and one whose terms are not those of its file an ErrTerms. A blob that is not to be had, or a chain that does
// not answer, is another error: it may be there later.
package kind
