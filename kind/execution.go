package kind

import (
	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// execution is a run of training that can be asked about. As a player.Execution it counts
// steps from 0.
type execution struct {
	*train.Replay
	file []byte // once it was asked for
}

// run is the execution as disputes ask about it.
func (e *execution) run() player.Run { return player.Programs(programs(e.Plan()), e) }

func (e *execution) Pass(step int) (player.Pass, error) {
	r, err := e.Record(step + 1)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (e *execution) File() (file []byte, err error) {
	if e.file == nil {
		e.file, err = e.Replay.File()
	}
	return e.file, err
}

func (e *execution) Input(i int) ([]uint32, error) {
	ids := e.Plan().Inputs[i]
	words := make([]uint32, len(ids))
	for j, id := range ids {
		words[j] = uint32(id)
	}
	return words, nil
}

// Start is the file of the model that training begins with, if it does.
func (e *execution) Start() ([]uint32, error) {
	return blob.Words[uint32](e.Plan().Start), nil
}

// session is an execution of a session. As a player.Execution it counts steps from 0.
type session struct {
	*infer.Replay
	task *verify.Programs
}

// run is the execution as disputes ask about it.
func (s session) run() player.Run { return player.Programs(s.task, s) }

func (s session) Pass(step int) (player.Pass, error) {
	r, err := s.Record(step + 1)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (s session) Input(int) ([]uint32, error) { return s.Given(), nil }
func (s session) Start() ([]uint32, error)    { return s.Begins(), nil }

// File is empty: a session makes none.
func (s session) File() ([]byte, error) { return nil, nil }
