// Package commons is the example that the demo and the tutorial run: four small
// texts and the training job that learns from them. README.md says where the
// texts come from.
package commons

import "embed"

// Files holds the texts and train.toml.
//
//go:embed *.txt train.toml
var Files embed.FS
