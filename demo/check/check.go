// Package check says for itself whether what a story of the demo claims is true. It
// sees none of the story's variables: a check gets a World, which is the chain's
// queries, blobs by their hash and what the gateway answered, and the numbers of
// the things to look at.
//
// Each Check can be broken on purpose: Break puts something between the check and
// one thing that it looks at, so that what it sees is not true any more. A check
// that holds all the same looks at nothing.
package check

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"

	"github.com/minga-network/minga/blob"
)

// World is what a check may look at.
type World struct {
	Chain   grpc.ClientConnInterface
	Blob    func(ctx context.Context, root blob.Hash, size int64) ([]byte, error)
	Answers []string // bodies of the gateway's answers, as they came
}

// Subject names what a story is about.
type Subject struct {
	Training uint64    // the job that trains the model
	Session  uint64    // the job that pays for answers; 0 if there is none
	Noise    uint64    // the dataset that teaches nothing
	Lie      blob.Hash // what the liar wrote down before it claimed
}

// Check is one thing that must hold.
type Check struct {
	Name  string // what must hold, as a sentence
	Holds func(context.Context, World, Subject) error
	Break func(*World)
}

// All looks at everything. It returns what holds, by name, and an error that names
// what does not, and why. Broken is the name of a check to break, or empty.
func All(ctx context.Context, w World, s Subject, checks []Check, broken string) (map[string]bool, error) {
	holds, wrong := map[string]bool{}, []string{}
	for _, c := range checks {
		seen := w
		if c.Name == broken {
			c.Break(&seen)
		}
		err := c.Holds(ctx, seen, s)
		holds[c.Name] = err == nil
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", c.Name, err))
		}
	}
	if len(wrong) > 0 {
		return holds, fmt.Errorf("the story was played, but not everything holds:\n%s", strings.Join(wrong, "\n"))
	}
	return holds, nil
}

// Known returns an error if no check has this name.
func Known(checks []Check, name string) error {
	var names []string
	for _, c := range checks {
		if c.Name == name {
			return nil
		}
		names = append(names, fmt.Sprintf("%q", c.Name))
	}
	return fmt.Errorf("no check is named %q: choose one of %s", name, strings.Join(names, ", "))
}

// lens is a chain of which some answers are not what they were.
type lens struct {
	grpc.ClientConnInterface
	bend func(reply any)
}

// Invoke implements grpc.ClientConnInterface.
func (l lens) Invoke(ctx context.Context, method string, request, reply any, options ...grpc.CallOption) error {
	err := l.ClientConnInterface.Invoke(ctx, method, request, reply, options...)
	if err == nil {
		l.bend(reply)
	}
	return err
}

// bent returns a Break that changes the chain's answers of one type.
func bent[T any](bend func(*T)) func(*World) {
	return func(w *World) {
		w.Chain = lens{w.Chain, func(reply any) {
			if r, ok := reply.(*T); ok {
				bend(r)
			}
		}}
	}
}
