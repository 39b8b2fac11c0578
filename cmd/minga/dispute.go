package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/x/job"
)

// tellDisputes lets `minga query job dispute` tell a dispute round by round. With
// --output json it still prints the record itself.
func tellDisputes(query *cobra.Command) error {
	cmd, _, err := query.Find([]string{"job", "dispute"})
	if err != nil {
		return err
	}
	record := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if format, err := cmd.Flags().GetString(flags.FlagOutput); err != nil || format != flags.OutputFormatText {
			return record(cmd, args)
		}
		id, err := strconv.ParseUint(args[0], 10, 64)
		if err != nil {
			return usage(fmt.Errorf("%q is no dispute: give a number that `minga query job disputes` shows", args[0]))
		}
		return tellDispute(cmd, id)
	}
	return nil
}

func tellDispute(cmd *cobra.Command, id uint64) error {
	c, err := dial(cmd)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := job.NewQueryClient(c).Dispute(cmd.Context(), &job.QueryDisputeRequest{Id: id})
	if err != nil {
		return err
	}
	for _, line := range index.Dispute(r.Dispute, r.View, func(address string) string { return address }) {
		fmt.Fprintln(cmd.OutOrStdout(), line)
	}
	switch {
	case r.Dispute.Ended != 0:
	case r.Dispute.Due == 0:
		fmt.Fprintln(cmd.OutOrStdout(), "waiting for its turn: others about the job are played first")
	default:
		fmt.Fprintf(cmd.OutOrStdout(), "waiting for the %s until height %d\n", r.View.Turn, r.Dispute.Due)
	}
	return nil
}
