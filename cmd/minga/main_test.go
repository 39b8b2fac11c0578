package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/minga-network/minga/client"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"minga": main})
}

// Each file of testdata is a story of the program's use, every command a process of its own.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: it starts networks; run without -short, as make long does")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			ports := []string{"RPC1", "LISTEN1", "RPC2", "LISTEN2", "BLOBS1", "BLOBS2", "BLOBS3", "BLOBS4", "API", "STATUS"}
			for _, name := range ports {
				env.Setenv(name, freeAddress(t))
			}
			env.Setenv("PACE", "400ms") // a second node follows no faster chain on a busy machine
			env.Setenv("IDLE", "1s")
			env.Setenv("HOME", env.WorkDir)
			return os.CopyFS(env.WorkDir+"/examples", os.DirFS("../../examples"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"height": waitHeight, "exits": exits, "let": let, "until": until,
		},
	})
}

// freeAddress finds a port that nobody listens on. Systems give ports from 32768 on to
// whoever calls out, so one of those could be gone by the time a script uses it.
func freeAddress(t *testing.T) string {
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue // somebody's
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("found no free port in 100 tries")
	return ""
}

// waitHeight waits until the node at an address has a height: height ADDRESS N.
func waitHeight(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var c *client.Client
	for {
		c, err = client.Dial(ctx, "http://"+args[0])
		if err == nil || ctx.Err() != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Check(err)
	defer c.Close()
	for h := range c.Blocks(ctx) {
		if h >= want {
			return
		}
	}
	ts.Fatalf("%s did not reach height %d", args[0], want)
}

// exits runs a command and compares its exit code and what it writes to standard
// error: exits CODE PATTERN COMMAND...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var stderr bytes.Buffer
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir, cmd.Stderr = ts.Getenv("WORK"), &stderr
	for _, name := range []string{"HOME", "PATH"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Check(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, not %d: %s", got, want, &stderr)
	}
	if !regexp.MustCompile(args[1]).Match(stderr.Bytes()) {
		ts.Fatalf("standard error does not match %q: %s", args[1], &stderr)
	}
	told := regexp.MustCompile(`\A(warning: .+\n)?(gas estimate: \d+\n)?error: .+\nhint: .+\n\z`)
	if want != 0 && !told.Match(stderr.Bytes()) {
		ts.Fatalf("an error takes two lines: %s", &stderr)
	}
}

// until repeats a command until it writes what matches: until PATTERN COMMAND...
func until(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[0])
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		cmd := exec.Command(args[1], args[2:]...)
		cmd.Dir, cmd.Env = ts.Getenv("WORK"), []string{"HOME=" + ts.Getenv("HOME"), "PATH=" + ts.Getenv("PATH")}
		if out, err := cmd.Output(); err == nil && pattern.Match(out) {
			return
		}
	}
	ts.Fatalf("%q never wrote %s", args[1:], pattern)
}

// let sets a variable to a file's text without the space around it: let NAME FILE.
func let(ts *testscript.TestScript, _ bool, args []string) {
	text := []byte(ts.ReadFile(args[1]))
	ts.Setenv(args[0], string(bytes.TrimSpace(text)))
}

func TestHomeIsInTheUsersFolder(t *testing.T) {
	t.Setenv("HOME", "/somewhere")
	if got := defaultHome(); got != "/somewhere/.minga" {
		t.Fatal(got)
	}
	if os.Unsetenv("HOME"); defaultHome() != ".minga" {
		t.Fatal("without a home the folder is here")
	}
}
