package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/receipt"
	"github.com/minga-network/minga/x/asset"
)

func receiptCommand() *cobra.Command {
	var out string
	var texts bool
	cmd := &cobra.Command{
		Use: "receipt SESSION", Short: "Write down why each holder got its part of a fee",
		Long: `Write the receipt of a paid session: its fee, the model that earned it, who held the
shares, how they were given out and what was measured for that, each record with a
proof against one signed block. Whoever has minga-verify checks it off line and
computes all of it again. SESSION is the number of its job, or the hash of the
transaction of its claim. A node forgets old states: ask soon after the session is paid.`,
		Example: "  minga receipt 17 --out receipt-17\n  minga-verify receipt-17",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := dial(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			session, err := receipt.Session(cmd.Context(), c, args[0])
			if err != nil {
				return err
			}
			if out == "" {
				out = fmt.Sprintf("receipt-%d", session)
			}
			var o receipt.Options
			if texts {
				o.Text = func(_ context.Context, a asset.Asset) ([]byte, error) { return textOf(cmd, a) }
			}
			b, err := receipt.Make(cmd.Context(), c, session, o)
			if err != nil {
				return err
			}
			if err := b.Write(out); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: the receipt of job %d, %d records; check it with `minga-verify %s`\n",
				out, session, len(b.Entries), out)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to make (default: receipt- and the job's number)")
	cmd.Flags().BoolVar(&texts, "texts", false, "put the datasets' texts into it")
	return cmd
}

// textOf gets a dataset's bytes by way of the store.
func textOf(cmd *cobra.Command, a asset.Asset) ([]byte, error) {
	s, err := openStore(cmd)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	root := blob.Hash(a.Root)
	if err := fetch(cmd, s, root, a.Source); err != nil {
		return nil, err
	}
	return s.Bytes(root)
}
