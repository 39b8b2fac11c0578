package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

func assetCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "asset", Short: "See who owns a dataset or a model, and why"}
	cmd.AddCommand(assetShow(), assetWhy())
	return cmd
}

func assetShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ASSET", Short: "Show who owns an asset, and why, as a tree",
		Long: `Show an asset as a tree: how its shares were first given out, by role, and what each
dataset did for a model; the earlier dataset that one repeats; the model that it was
trained from and the royalty it pays for that; what its answers owe the data that they
repeat; who holds the shares now; its income.`,
		Example: "  minga asset show 5",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, c, err := openOrigin(cmd, args[0])
			if err != nil {
				return err
			}
			defer c.Close()
			owners, err := banktypes.NewQueryClient(c).DenomOwners(cmd.Context(), &banktypes.QueryDenomOwnersRequest{
				Denom: asset.Denom(o.asset.Id), Pagination: &query.PageRequest{Limit: mostOwners},
			})
			if err != nil {
				return err
			}
			return ownersTree(o, owners.DenomOwners).write(cmd.OutOrStdout(), "", "")
		},
	}
}

func assetWhy() *cobra.Command {
	return &cobra.Command{
		Use: "why ASSET ADDRESS", Short: "Explain one holder's shares, from records to coins",
		Long: `Explain the shares of one holder: for which dataset or work it first got how many,
what that data was measured to do for the model, what was bought or sold since, what
is not vested yet, and what the shares have earned.`,
		Example: "  minga asset why asset/5 minga1…",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, c, err := openOrigin(cmd, args[0])
			if err != nil {
				return err
			}
			defer c.Close()
			h, err := findHolder(cmd.Context(), c, o.asset.Id, args[1])
			if err != nil {
				return err
			}
			return whyTree(o, h).write(cmd.OutOrStdout(), "", "")
		},
	}
}

// origin is an asset with all that explains its shares.
type origin struct {
	asset asset.Asset
	// others are its ancestors and the datasets that those repeat.
	others map[uint64]asset.Asset
	// job made the model; nil for a dataset. measured is nil where nothing was measured.
	job      *job.Job
	measured *job.Measured
}

// openOrigin asks for an asset by its number or name. Close the client.
func openOrigin(cmd *cobra.Command, name string) (*origin, *client.Client, error) {
	id, ok := asset.ParseDenom(name)
	if !ok {
		var err error
		if id, err = strconv.ParseUint(name, 10, 64); err != nil {
			return nil, nil, usage(fmt.Errorf("%q is no asset: write it as asset/5 or 5", name))
		}
	}
	c, err := dial(cmd)
	if err != nil {
		return nil, nil, err
	}
	o, err := findOrigin(cmd.Context(), c, id)
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return o, c, nil
}

func findOrigin(ctx context.Context, c *client.Client, id uint64) (*origin, error) {
	q := asset.NewQueryClient(c)
	r, err := q.Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return nil, err
	}
	line, err := q.Lineage(ctx, &asset.QueryLineageRequest{Id: id})
	if err != nil {
		return nil, err
	}
	o := &origin{asset: r.Asset, others: map[uint64]asset.Asset{}}
	for _, a := range line.Ancestors {
		o.others[a.Id] = a
	}
	for _, a := range append(line.Ancestors, r.Asset) {
		if _, known := o.others[a.Similar]; known || a.Similar == 0 {
			continue
		}
		earlier, err := q.Asset(ctx, &asset.QueryAssetRequest{Id: a.Similar})
		if err != nil {
			return nil, err
		}
		o.others[a.Similar] = earlier.Asset
	}
	return o, o.findJob(ctx, job.NewQueryClient(c))
}

// findJob asks for the job that made a model and for what it measured.
func (o *origin) findJob(ctx context.Context, q job.QueryClient) error {
	if o.asset.Job == 0 {
		return nil
	}
	r, err := q.Job(ctx, &job.QueryJobRequest{Id: o.asset.Job})
	if err != nil {
		return err
	}
	o.job = &r.Job
	m, err := q.Measured(ctx, &job.QueryMeasuredRequest{Job: o.asset.Job})
	if status.Code(err) == codes.NotFound {
		return nil
	}
	if err == nil {
		o.measured = &m.Measured
	}
	return err
}

// holder is one account's shares of an asset.
type holder struct {
	address string
	shares  uint64 // now
	income  *asset.QueryIncomeResponse
	locked  *asset.QueryLockedResponse
}

func findHolder(ctx context.Context, c *client.Client, id uint64, address string) (holder, error) {
	h := holder{address: address}
	q := asset.NewQueryClient(c)
	var err error
	if h.income, err = q.Income(ctx, &asset.QueryIncomeRequest{Asset: id, Holder: address}); err != nil {
		return h, err
	}
	if h.locked, err = q.Locked(ctx, &asset.QueryLockedRequest{Asset: id, Holder: address}); err != nil {
		return h, err
	}
	shares := &banktypes.QueryBalanceRequest{Address: address, Denom: asset.Denom(id)}
	b, err := banktypes.NewQueryClient(c).Balance(ctx, shares)
	if err == nil {
		h.shares = b.Balance.Amount.Uint64()
	}
	return h, err
}
