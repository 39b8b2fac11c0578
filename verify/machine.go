package verify

// A Machine is what the steps of a run are of: a run of Programs, blocks of instructions,
// samples of a picture, batches of a ledger. It is made from a task, so that it holds all
// that the run's outcome depends on, by hash.
//
// The game knows the trace (a Merkle tree over what each step committed to), narrows it
// down to one step, checks what is shown and compares the end. The machine says what is
// below one step, and executes what is left in the end. It has no state: it answers from
// the game alone. Its errors wrap ErrMove.
type Machine interface {
	// Body is the machine's own part of a task's encoding.
	Body() []byte
	Extent() Extent
	// Levels are the machine's levels of narrowing below one step. The first is number Own.
	Levels() []Name
	// Below says what is disputed once the last level of a game has come to one part; nil
	// if the step that is left can be executed.
	Below(g *Game) (*Level, error)
	// Open checks what the claimant shows to open the last level of a game, and completes it.
	Open(g *Game, part []byte) (Level, error)
	// Execute does the step that is left and returns what the disputed part should be: the
	// registers after a step of a line, the word of a value, or the hash of a leaf, in words.
	// It uses the evidence only as far as that leads to what both sides agree on.
	Execute(g *Game, d *Denial) (correct []uint32, err error)
	// Describe adds to a view what only the machine knows of the disputed part.
	Describe(g *Game, v *View)
}

// Extent is how long a run is and what it makes.
type Extent struct {
	Steps  int   // 1 to MaxSteps
	Result int64 // bytes of the file that it makes, a multiple of 4; 0: it makes none
	Sound  bool  // its steps count contradictions, and a claim says that there are none
}

// machines are all there are, by the name in a task. Each reads its own part of that.
var machines = map[string]func(body []byte) (Machine, error){
	"programs": decodePrograms,
}

// Stage is the number of a level of narrowing.
type Stage uint8

// The stages that all machines have. A machine's own come after them.
const (
	Steps         Stage = iota // which step of the run
	Pieces                     // which kibibyte of the file, and which word
	Contradiction              // which step contradicts its inputs
	Own                        // the first of a machine's own
)

// Name is what people call a level, and the words of a value that it has come to.
type Name struct{ Parts, Words string }

var shared = [Own]Name{{Parts: "steps"}, {Parts: "pieces", Words: "place"}, {Parts: "contradiction"}}

// name is what a level is called: by its words if these are what is picked from.
func (t *Task) name(s Stage, words bool) string {
	names := append(shared[:], t.Levels()...)
	switch {
	case int(s) >= len(names):
		return ""
	case words:
		return names[s].Words
	}
	return names[s].Parts
}
