package demo

import (
	"encoding/json"
	"os"
)

// Report is what a story did, as --json writes it. Amounts are decimal strings in
// uminga; times are in seconds. What a story does not show is left out.
type Report struct {
	Story      string          `json:"story"`
	Checks     map[string]bool `json:"checks"` // what must hold, and whether it does
	Validators int             `json:"validators"`
	Workers    int             `json:"workers"`
	Height     int64           `json:"height"`
	Datasets   []Dataset       `json:"datasets"`
	Model      Model           `json:"model"`
	Measure    *Measure        `json:"measure,omitempty"`
	Dispute    *Dispute        `json:"dispute,omitempty"`
	*Income
	Seconds Seconds `json:"seconds"`
}

// Dataset is one contributor's text. Value is what it did for the model, in nats of
// validation loss; Contribution its part of the data's shares, as a decimal: those
// of all sum to 1. Proxies counts the runs that some of it took part in.
type Dataset struct {
	Asset        string `json:"asset"`
	Contributor  string `json:"contributor"`
	Bytes        uint64 `json:"bytes"`
	Records      uint64 `json:"records"`
	Contribution string `json:"contribution,omitempty"`
	Value        string `json:"value,omitempty"`
	Proxies      int    `json:"proxies,omitempty"`
}

// Measure is how the values of the datasets were found. Seconds are from the posting
// of the runs to the last payment, with whatever else the workers did in that time;
// CostShare is what all runs compute over what the training does.
type Measure struct {
	Method    string  `json:"method"`
	Units     int     `json:"units"` // portions; the name is from before they were called so
	Runs      int     `json:"runs"`
	Seconds   float64 `json:"seconds"`
	CostShare float64 `json:"cost_share"`
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

// Income is what the model earned, and who got it.
type Income struct {
	Inference Inference `json:"inference"`
	Split     []Part    `json:"split"`
	Remainder string    `json:"remainder"`
	Conserved bool      `json:"conserved"` // the check of that name, under its earlier name
}

// Inference is what the paying client asked and paid.
type Inference struct {
	Requests         int    `json:"requests"`
	PromptTokens     int64  `json:"prompt_tokens"`
	CompletionTokens int64  `json:"completion_tokens"`
	Fee              string `json:"fee"`
}

// Part is one holder's part of the fee. Shares is 0 for serving, which is paid
// for the work, and for data that answers repeat (role quoted).
type Part struct {
	Holder string `json:"holder"`
	Role   string `json:"role"`
	Shares string `json:"shares"`
	Amount string `json:"amount"`
}

// Dispute is how the chain found out who lied. Step counts from 1 over the whole
// run; the others from 0. Claimed and Correct are words, as 0x and 8 hex digits.
type Dispute struct {
	Rounds         uint32  `json:"rounds"`
	Step           uint64  `json:"step"`
	Node           uint64  `json:"node"`
	Operator       string  `json:"operator"`
	Element        uint64  `json:"element"`
	Position       uint64  `json:"position"`
	Claimed        string  `json:"claimed"`
	Correct        string  `json:"correct"`
	Winner         string  `json:"winner"`
	Slashed        string  `json:"slashed"`
	LargestMessage uint32  `json:"largest_message"`
	Blocks         int64   `json:"blocks"`
	Seconds        float64 `json:"seconds"`
}

// Seconds is where the time went.
type Seconds struct {
	Network float64 `json:"network"`
	Train   float64 `json:"train"`
	Verify  float64 `json:"verify"`
	Serve   float64 `json:"serve,omitempty"`
	Total   float64 `json:"total"`
}

// write writes a report, or a list of them, as JSON.
func write(path string, report any) error {
	if path == "" {
		return nil
	}
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
