package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	errorsmod "cosmossdk.io/errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/kind"
)

// The exit codes, as the help shows them.
const exitCodes = `
Exit codes:
  0  done
  1  failed
  2  wrong command line
  3  no node answers, or it is catching up
  4  the chain refused
  5  the chain stopped
`

const (
	done = iota
	failed
	misused
	unreachable
	refused
	stopped
)

// errUsage marks a wrong command line.
var errUsage = errors.New("")

func usage(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w%w", err, errUsage)
}

// complain writes what happened and what to do about it, and returns the exit code.
func complain(w io.Writer, cmd *cobra.Command, err error) int {
	if err == nil {
		return done
	}
	code := exitCode(err)
	fmt.Fprintf(w, "error: %s\n", oneLine(err))
	fmt.Fprintf(w, "hint: %s\n", hint(err, code, cmd))
	return code
}

func exitCode(err error) int {
	var chainError *errorsmod.Error
	grpc, isGRPC := status.FromError(err)
	switch {
	case errors.Is(err, errUsage), strings.HasPrefix(err.Error(), "unknown command"),
		strings.HasPrefix(err.Error(), "required flag"):
		return misused
	case errors.Is(err, node.ErrStopped):
		return stopped
	case errors.Is(err, client.ErrUnreachable), errors.Is(err, syscall.ECONNREFUSED),
		strings.Contains(err.Error(), "connection refused"), catchingUp(err):
		return unreachable
	case noSuchKey(err):
		return failed
	case errors.As(err, &chainError), isGRPC && grpc.Code() != codes.OK:
		return refused
	}
	return failed
}

// catchingUp tells whether a node refuses because it does not know the latest blocks yet.
func catchingUp(err error) bool { return strings.Contains(err.Error(), "catching up") }

// noSuchKey tells whether the keyring has no key of a name. The keyring's error is the
// same as that of a missing record on the chain.
func noSuchKey(err error) bool { return strings.Contains(err.Error(), ".info: key not found") }

// sourceLine is where the SDK made an error.
var sourceLine = regexp.MustCompile(` \[\S+\.go:\d+\]`)

// oneLine is the message without what the SDK and transports put around it.
func oneLine(err error) string {
	text := err.Error()
	if s, ok := status.FromError(err); ok {
		text = s.Message()
	}
	text = sourceLine.ReplaceAllString(strings.TrimSpace(text), "")
	return strings.ReplaceAll(text, "\n", " ")
}

// hint says what to do.
func hint(err error, code int, cmd *cobra.Command) string {
	switch {
	case errors.Is(err, node.ErrNoHome):
		return "make a node with `minga node init`, or name its folder with --home"
	case errors.Is(err, node.ErrExists):
		return "start it with `minga node start`, or name another folder with --home"
	case errors.Is(err, sdkerrors.ErrInsufficientFunds):
		return "`minga query bank balances ADDRESS` shows what the account has"
	case errors.Is(err, sdkerrors.ErrInsufficientFee):
		return "offer a price for gas with --gas-prices, as in --gas-prices 0.01uminga"
	case errors.Is(err, client.ErrMaxFee):
		return "`minga query gas params` shows what a node says of the price of gas: another node may say otherwise"
	case noSuchKey(err):
		return "`minga keys list` shows the keys there are"
	case catchingUp(err):
		return "wait until the node has caught up with the chain, or name another with --node"
	case errors.Is(err, store.ErrLocked):
		return "stop the worker, gateway or server of this home first, or name another folder with --home"
	case errors.Is(err, kind.ErrFile):
		return "correct the file and post it again; examples/commons/train.toml is one that works"
	case errors.Is(err, transfer.ErrNoSource):
		return "what has arrived is kept: try again when who has the blob is up, or name an address with --source"
	case code == unreachable:
		return "start a node with `minga node start`, or name one with --node"
	case code == stopped:
		return "start the node again, it goes on from its last block; if it stops there again, ask the other operators"
	case code == refused:
		return fmt.Sprintf("nothing was changed; `%s --help` shows an example", path(cmd))
	}
	return fmt.Sprintf("see `%s --help`", path(cmd))
}

func path(cmd *cobra.Command) string {
	if cmd == nil {
		return "minga"
	}
	return cmd.CommandPath()
}
