package sim_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/sim"
)

// process is a worker in a process of its own, which can be killed at a step and
// started again.
type process struct {
	*sim.Person // with the address of its blobs; the process has the store
	village     *sim.Village
	home        string
	lie         int // the step that it lies about, if not 0
	cmd         *exec.Cmd
	said        *bufio.Scanner
	more        io.WriteCloser // a byte lets it take another step
}

// newProcess starts the worker of a name.
func newProcess(v *sim.Village, name string) *process { return newLiar(v, name, 0) }

// newLiar starts a worker that lies about a step; 0: about none.
func newLiar(v *sim.Village, name string, step int) *process {
	p := &process{Person: &sim.Person{Name: name, Signer: sim.Signer(name)}, village: v, home: v.TempDir(), lie: step}
	p.start("127.0.0.1:0")
	v.Cleanup(p.kill)
	return p
}

// start runs the process and reads where it serves its blobs.
func (p *process) start(listen string) {
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(os.Environ(), envName+"="+p.Name, envNode+"="+p.village.URL, envHome+"="+p.home,
		envListen+"="+listen)
	if p.lie != 0 {
		p.cmd.Env = append(p.cmd.Env, fmt.Sprintf("%s=%d", envLie, p.lie))
	}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	require.NoError(p.village, err)
	p.more, err = p.cmd.StdinPipe()
	require.NoError(p.village, err)
	require.NoError(p.village, p.cmd.Start())
	p.said = bufio.NewScanner(out)
	_, err = fmt.Sscanf(p.next(), "serves %s", &p.URL)
	require.NoError(p.village, err)
}

// again starts the process anew at the same address.
func (p *process) again() { p.start(strings.TrimPrefix(p.URL, "http://")) }

// next is the next line that the process writes.
func (p *process) next() string {
	p.village.Helper()
	require.True(p.village, p.said.Scan(), "the worker process has ended")
	line := p.said.Text()
	require.False(p.village, strings.HasPrefix(line, "ended"), line)
	return line
}

// step waits until the process has done a step, and returns which. The process waits then.
func (p *process) step(role daemon.Role) (n int) {
	p.village.Helper()
	_, err := fmt.Sscanf(p.next(), string(role)+" %d", &n)
	require.NoError(p.village, err)
	return n
}

// reach lets the process do steps up to one, after which it waits.
func (p *process) reach(role daemon.Role, step int) {
	p.village.Helper()
	for p.step(role) < step {
		_, err := p.more.Write([]byte{0})
		require.NoError(p.village, err)
	}
}

// free lets the process go on without waiting.
func (p *process) free() {
	_ = p.more.Close()
	said := p.said
	go func() {
		for said.Scan() {
		}
	}()
}

// kill is kill -9: the process has no time to save anything.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // that it was killed
	}
}
