package main

import (
	"os"
	"strings"
	"testing"
)

// TestTutorialIsTested finds each command of the tutorial in the script that runs it.
func TestTutorialIsTested(t *testing.T) {
	script := read(t, "testdata/village.txtar")
	for name, value := range map[string]string{
		"RPC1": "127.0.0.1:26657", "LISTEN1": "127.0.0.1:26656", "RPC2": "127.0.0.1:26667", "LISTEN2": "127.0.0.1:26666",
		"BLOBS1": "127.0.0.1:8090", "BLOBS2": "127.0.0.1:8091", "BLOBS3": "127.0.0.1:8092", "BLOBS4": "127.0.0.1:8093",
		"API":  "127.0.0.1:8080",
		"PACE": "500ms", "IDLE": "15s",
	} {
		script = strings.ReplaceAll(script, "$"+name, value)
	}
	script = strings.ReplaceAll(script, " --node http://127.0.0.1:26657", "") // what --node is anyway
	shell := false
	commands := 0
	for line := range strings.Lines(read(t, "../../docs/tutorial.md")) {
		if rest, ok := strings.CutPrefix(line, "```"); ok {
			shell = rest == "sh\n"
			continue
		}
		at := strings.Index(line, "minga --home")
		if shell && strings.HasPrefix(line, "minga ") {
			at = 0
		}
		if !shell || at < 0 {
			continue
		}
		commands++
		command, _, _ := strings.Cut(strings.TrimRight(line[at:], ")\n"), " | ")
		if !strings.Contains(script, "exec "+command) && !strings.Contains(script, " "+command) {
			t.Errorf("not in village.txtar: %s", command)
		}
	}
	if commands < 25 {
		t.Errorf("found %d commands only", commands)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
