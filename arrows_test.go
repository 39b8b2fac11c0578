package minga

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A group is a line of arrows: folders, and what they may import. An arrow goes
// from a group to one word after "<": an earlier group, or one folder of it.
// The group's own name there means that its folders stand in order, and that
// each may import those before it. A line of one folder needs no group name.
type group struct {
	name    string
	folders []string
	imports []string
}

// An arrow allows every folder of one group to import what a word stands for.
type arrow struct{ from, to string }

// A plan says which arrow allows a folder to import another.
type plan struct {
	groups []group
	allows map[string]map[string]arrow
	faults []string
}

func parseGroups(text string) []group {
	var groups []group
	for line := range strings.Lines(text) {
		left, right, _ := strings.Cut(line, "<")
		name, folders, named := strings.Cut(left, ":")
		if !named {
			name, folders = left, left
		}
		if g := (group{strings.TrimSpace(name), strings.Fields(folders), strings.Fields(right)}); g.name != "" {
			groups = append(groups, g)
		}
	}
	return groups
}

// planOf reads the arrows between folders. They can only go up the text, so
// that import circles cannot be written down.
func planOf(text string) *plan {
	p := &plan{allows: map[string]map[string]arrow{}}
	for _, g := range parseGroups(text) {
		for i, folder := range g.folders {
			p.allow(folder, g, g.folders[:i])
		}
		p.groups = append(p.groups, g)
	}
	return p
}

// testPlanOf reads what test files may import beside what the sources of their
// folder may. Their arrows may go down too: Go itself refuses circles.
func testPlanOf(text string, sources *plan) *plan {
	p := &plan{groups: sources.groups, allows: map[string]map[string]arrow{}}
	for _, g := range parseGroups(text) {
		all := sources.folders(g.folders...)
		for _, folder := range all {
			p.allow(folder, g, all)
		}
	}
	return p
}

// allow enters the arrows of a group for one folder of it; own are those of the
// group that it may import if the group has an arrow to itself.
func (p *plan) allow(folder string, g group, own []string) {
	if p.allows[folder] == nil {
		p.allows[folder] = map[string]arrow{}
	}
	for _, word := range g.imports {
		targets := own
		if word != g.name {
			targets = p.folders(word)
			if len(targets) == 0 {
				p.faults = append(p.faults, fmt.Sprintf("%s < %s: no line above has that name", g.name, word))
			}
		}
		for _, target := range targets {
			p.allows[folder][target] = arrow{g.name, word}
		}
	}
}

// folders gives the folders that words stand for; a word is the name of a group
// or one of its folders.
func (p *plan) folders(words ...string) []string {
	var found []string
	for _, g := range p.groups {
		if slices.Contains(words, g.name) {
			found = append(found, g.folders...)
			continue
		}
		for _, folder := range g.folders {
			if slices.Contains(words, folder) {
				found = append(found, folder)
			}
		}
	}
	return found
}

// imports says by folder what it imports of this module, with one file that does.
type imports map[string]map[string]string

// check compares what the code imports with what the arrows allow, and finds
// folders without a line, lines without a folder, and arrows that nobody uses.
// Base allows imports too, and may be nil.
func (p *plan) check(code imports, base *plan) []string {
	faults := slices.Clone(p.faults)
	used := map[arrow]bool{}
	for _, folder := range slices.Sorted(maps.Keys(code)) {
		for target, file := range code[folder] {
			if base != nil && base.permits(folder, target) {
				continue
			}
			a, allowed := p.allows[folder][target]
			used[a] = true
			if !allowed {
				faults = append(faults, fmt.Sprintf("%s imports %s: no arrow of %s allows it", file, target, folder))
			}
		}
	}
	for a := range p.arrows() {
		if !used[a] {
			faults = append(faults, fmt.Sprintf("%s < %s: nobody uses this arrow, take it out", a.from, a.to))
		}
	}
	slices.Sort(faults)
	return faults
}

// permits reports whether sources of a folder may import target; its tests may
// import the folder itself too.
func (p *plan) permits(folder, target string) bool {
	_, ok := p.allows[folder][target]
	return ok || folder == target
}

func (p *plan) arrows() map[arrow]bool {
	all := map[arrow]bool{}
	for _, targets := range p.allows {
		for _, a := range targets {
			all[a] = true
		}
	}
	return all
}

// covers finds folders that no line names, and lines that name no folder.
func (p *plan) covers(folders []string) []string {
	var faults []string
	for _, folder := range folders {
		if p.allows[folder] == nil {
			faults = append(faults, fmt.Sprintf("%s: no line of arrows names this folder: say what it may import", folder))
		}
	}
	for folder := range p.allows {
		if !slices.Contains(folders, folder) {
			faults = append(faults, fmt.Sprintf("%s: a line of arrows names this folder, but it does not exist", folder))
		}
	}
	slices.Sort(faults)
	return faults
}

func TestArrowsAreHeld(t *testing.T) {
	const text = `
		ground: kernel blob
		nn < ground
		x: x/worker x/job < x nn
	`
	for _, test := range []struct {
		name string
		text string
		code imports
		want string
	}{
		{"as allowed", text, imports{"nn": {"blob": "f"}, "x/job": {"x/worker": "f", "nn": "f"}}, ""},
		{"forbidden", text,
			imports{"nn": {"blob": "f", "x/job": "f"}, "x/job": {"x/worker": "f", "nn": "f"}},
			"f imports x/job: no arrow of nn allows it"},
		{"against a group's order", text,
			imports{"nn": {"blob": "f"}, "x/worker": {"x/job": "f", "nn": "f"}, "x/job": {"x/worker": "f"}},
			"f imports x/job: no arrow of x/worker allows it"},
		{"within a group without order", text,
			imports{"nn": {"blob": "f"}, "kernel": {"blob": "f"}, "x/job": {"x/worker": "f", "nn": "f"}},
			"f imports blob: no arrow of kernel allows it"},
		{"stale", text, imports{"x/job": {"x/worker": "f", "nn": "f"}}, "nn < ground: nobody uses this arrow, take it out"},
		{"stale order", text, imports{"nn": {"blob": "f"}, "x/job": {"nn": "f"}},
			"x < x: nobody uses this arrow, take it out"},
		{"upwards", "nn < train\ntrain < nn", imports{"train": {"nn": "f"}}, "nn < train: no line above has that name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(planOf(test.text).check(test.code, nil), "\n"); got != test.want {
				t.Errorf("check says %q, want %q", got, test.want)
			}
		})
	}
}
