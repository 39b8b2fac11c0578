package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNothingControlsTheTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"Moby-Dick, ñandú 日本語 └─ 9\t½\n": "Moby-Dick, ñandú 日本語 └─ 9\t½\n",
		"a\x1b[2Jb":               `a\u001b[2Jb`,
		"ACCEPTED\rREFUSED\a\x7f": `ACCEPTED\u000dREFUSED\u0007\u007f`,
		"right\u202eleft\u200b":   `right\u202eleft\u200b`,
		"\u009b31m, \xff":         `\u009b31m, \xff`,
	} {
		var whole, bytewise strings.Builder
		p, q := &plain{to: &whole}, &plain{to: &bytewise}
		n, err := p.Write([]byte(text))
		require.NoError(t, err)
		require.Equal(t, len(text), n)
		require.Equal(t, want, whole.String())
		for i := range len(text) {
			_, err := q.Write([]byte{text[i]})
			require.NoError(t, err)
		}
		require.Equal(t, want, bytewise.String(), "in whatever pieces it comes")
	}
}

// A command cannot forget it: what cobra gives them to write to is plain.
func TestCommandsWritePlainText(t *testing.T) {
	root, err := newRoot()
	require.NoError(t, err)
	for _, cmd := range root.Commands() {
		require.IsType(t, &plain{}, cmd.OutOrStdout(), cmd.Name())
		require.IsType(t, &plain{}, cmd.ErrOrStderr(), cmd.Name())
	}
}
