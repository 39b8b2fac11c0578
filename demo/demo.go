// Package demo plays stories on this machine for someone who has never seen them:
// each shows from beginning to end one thing that the network can do. "flywheel" is
// the whole economy: people publish texts, one posts a training job, a worker
// trains, another does it again to check, the model answers a paying customer, and
// the fee reaches everyone who made the model. In "liar" the first who trains
// cheats, and is found out.
//
// A story is a list of acts on a stage (package stage), with real validators,
// workers and transfers. It has a file of its own, and stands in the table stories.
// The acts leave figures in the Report. Whether the story is true is for the checks
// to say (package check), which look at the chain and know nothing of the story.
// An act that fails ends the story with what happened; the caller turns that into
// the exit status.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/minga-network/minga/demo/check"
	"github.com/minga-network/minga/demo/stage"
)

// Options are the flags of the command.
type Options struct {
	Seed   uint64 // of the training job: initial weights and order of the data
	Steps  int    // of training; 0 keeps the story's
	Short  bool   // play the same acts with less work
	Kernel string // instruction set; empty is the best of this machine
	Exit   bool   // end after the last act
	Break  string // the name of a check that is to fail
	JSON   string // file to write the Report to
	Out    io.Writer
	Log    *slog.Logger
}

// story is what can be played.
type story struct {
	name   string
	cast   func() market
	acts   func(*play) []act
	checks func(Options) []check.Check
	ending string // what to say when all checks hold
}

// act is a part of a story.
type act func(context.Context) error

// stories are all that there are; the first is played when none is named.
var stories = []story{flywheel, liar}

// All is the name under which every story is played, one after the other.
const All = "all"

// Names lists the stories.
func Names() (names []string) {
	for _, s := range stories {
		names = append(names, s.name)
	}
	return names
}

// Check refuses a name that no story has, and the name of a check that the story does
// not have.
func Check(name string, o Options) error {
	if name == All {
		if o.Break != "" {
			return fmt.Errorf("--break %q: name the story whose check it is", o.Break)
		}
		return nil
	}
	s, err := find(name)
	if err != nil || o.Break == "" {
		return err
	}
	return check.Known(s.checks(o), o.Break)
}

// Run plays a story, the first one if name is empty. It returns nil only if every
// check holds.
func Run(ctx context.Context, name string, o Options) error {
	if err := Check(name, o); err != nil {
		return err
	}
	if name == All {
		return runAll(ctx, o)
	}
	s, err := find(name)
	if err != nil {
		return err
	}
	_, err = s.run(ctx, o)
	return err
}

// runAll plays every story to its end, and writes a list of reports.
func runAll(ctx context.Context, o Options) error {
	file := o.JSON
	o.Exit, o.JSON = true, ""
	var reports []*Report
	var failed []error
	for _, s := range stories {
		fmt.Fprintf(o.Out, "\n== %s\n", s.name)
		r, err := s.run(ctx, o)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
		reports = append(reports, r)
	}
	return errors.Join(append(failed, write(file, reports))...)
}

func find(name string) (story, error) {
	for _, s := range stories {
		if s.name == name || name == "" {
			return s, nil
		}
	}
	return story{}, fmt.Errorf("no story is named %q: choose %s or %s", name, strings.Join(Names(), ", "), All)
}

// play is one performance of a story.
type play struct {
	Options
	*stage.Stage
	market
	report  Report
	subject check.Subject
	trained
	measuring func() float64 // seconds since the measuring began
	served
	lying
}

// run plays the story on a stage of its own.
func (s story) run(ctx context.Context, o Options) (*Report, error) {
	p := &play{Options: o, market: s.cast()}
	err := stage.Play(ctx, p.config(), func(ctx context.Context, st *stage.Stage) error {
		p.Stage = st
		if err := s.perform(ctx, p); err != nil {
			return err
		}
		err := errors.Join(s.judge(ctx, p, o.Break), write(o.JSON, &p.report))
		if err != nil || o.Exit {
			return err
		}
		return p.stay(ctx)
	})
	return &p.report, err
}

// config is the stage that the story needs. Short stories have blocks twice as often:
// what takes their time is waiting for blocks.
func (p *play) config() stage.Config {
	c := stage.Config{People: p.people(), Kernel: p.Kernel, Out: p.Out, Log: p.Log}
	if p.Short {
		c.Blocks = 200 * time.Millisecond
	}
	return c
}

// perform plays the acts.
func (s story) perform(ctx context.Context, p *play) error {
	p.report.Story, p.report.Validators = s.name, len(p.Net.Nodes)
	p.report.Seconds.Network = p.Elapsed().Seconds()
	for _, act := range s.acts(p) {
		if err := act(ctx); err != nil {
			return err
		}
	}
	p.report.Height = p.Net.Nodes[0].Height()
	p.report.Seconds.Total = p.Elapsed().Seconds()
	return nil
}

// judge lets the checks look at what is left of the story, one of them perhaps
// through something that bends what it sees.
func (s story) judge(ctx context.Context, p *play, broken string) (err error) {
	p.report.Checks, err = check.All(ctx, p.World(), p.subject, s.checks(p.Options), broken)
	if p.report.Income != nil {
		p.report.Conserved = p.report.Checks[check.BooksHold.Name]
	}
	if err != nil {
		return err
	}
	p.Act("All checks hold: " + s.ending)
	return nil
}

// since returns a function that gives the seconds from now until it is called.
func since() func() float64 {
	start := time.Now()
	return func() float64 { return time.Since(start).Seconds() }
}
