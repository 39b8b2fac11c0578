package demo

import (
	"encoding/json"
	"os"
)

// Report is what a run of the demo did, as --json writes it. Amounts are
// decimal strings in uminga; times are in seconds.
type Report struct {
	Validators int       `json:"validators"`
	Workers    int       `json:"workers"`
	Height     int64     `json:"height"`
	Datasets   []Dataset `json:"datasets"`
	Model      Model     `json:"model"`
	Inference  Inference `json:"inference"`
	Split      []Part    `json:"split"`
	Remainder  string    `json:"remainder"`
	Conserved  bool      `json:"conserved"`
	Seconds    Seconds   `json:"seconds"`
}

// Dataset is one contributor's text.
type Dataset struct {
	Asset       string `json:"asset"`
	Contributor string `json:"contributor"`
	Bytes       uint64 `json:"bytes"`
	Records     uint64 `json:"records"`
}

// Model is what the training job made. Losses are of the validation text, in nats a token.
type Model struct {
	Asset      string   `json:"asset"`
	Parameters int      `json:"parameters"`
	LossFirst  float32  `json:"loss_first"`
	LossLast   float32  `json:"loss_last"`
	Steps      int      `json:"steps"`
	StateHash  string   `json:"state_hash"`
	TrainedBy  string   `json:"trained_by"`
	VerifiedBy []string `json:"verified_by"`
}

// Inference is what the paying client asked and paid.
type Inference struct {
	Requests         int    `json:"requests"`
	PromptTokens     int64  `json:"prompt_tokens"`
	CompletionTokens int64  `json:"completion_tokens"`
	Fee              string `json:"fee"`
}

// Part is one holder's part of the fee. Shares is 0 for serving, which is paid
// for the work and not for shares.
type Part struct {
	Holder string `json:"holder"`
	Role   string `json:"role"`
	Shares string `json:"shares"`
	Amount string `json:"amount"`
}

// Seconds is where the time went.
type Seconds struct {
	Network float64 `json:"network"`
	Train   float64 `json:"train"`
	Verify  float64 `json:"verify"`
	Serve   float64 `json:"serve"`
	Total   float64 `json:"total"`
}

func (r *Report) write(path string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
