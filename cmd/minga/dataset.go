package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/data/record"
	"github.com/minga-network/minga/x/asset"
)

func datasetCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "dataset", Short: "Publish data to train on"}
	cmd.AddCommand(signing(datasetPublish()))
	return cmd
}

func datasetPublish() *cobra.Command {
	var name, licence, price, source string
	cmd := &cobra.Command{
		Use: "publish FILE", Short: "Publish a text as a dataset that earns",
		Long: `Publish a text. Its bytes go into the store, its hash, size and number of lines to
the chain; who trains on it gives part of the model to its owner. Workers fetch
it from --source: serve the store there (minga blob serve).

It takes two transactions. The first commits to the text without showing its hash;
its block is the moment from which the text counts as yours. A sketch of the text goes
along, by which the chain warns of texts that repeat an earlier one.`,
		Example: "  minga dataset publish whales.txt --licence CC0-1.0 --source http://192.0.2.7:8081 --from ana",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			msg := &asset.MsgRegister{Name: name, Licence: licence, Source: source}
			if name == "" {
				msg.Name = filepath.Base(args[0])
			}
			var err error
			if msg.Price, err = client.ParseAmount(price); err != nil {
				return usage(fmt.Errorf("--price: %w", err))
			}
			text, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			describe(msg, text)
			root, err := keep(cmd, args[0])
			if err != nil {
				return err
			}
			msg.Root = root[:]
			return register(cmd, msg)
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", "", "what to call it (default: the file's name)")
	f.StringVar(&licence, "licence", "", "its licence as SPDX expression, as in CC0-1.0")
	f.StringVar(&price, "price", "0uminga", "what a training job pays to use it")
	f.StringVar(&source, "source", "", "address that serves it")
	for _, needed := range []string{"licence", "source"} {
		if err := cmd.MarkFlagRequired(needed); err != nil {
			panic(err) // the flags are above
		}
	}
	return cmd
}

func register(cmd *cobra.Command, msg *asset.MsgRegister) error {
	c, s, err := openSigner(cmd)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.Register(cmd.Context(), s, msg)
	if err != nil {
		return err
	}
	made, ok := client.Event[*asset.EventRegistered](r.Events)
	if !ok {
		return nil
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d bytes, %d lines\n",
		asset.Denom(made.Asset), msg.Name, msg.Bytes, msg.Records)
	return warnOfSimilar(cmd.Context(), cmd.OutOrStdout(), c, made.Asset)
}

// warnOfSimilar tells when a dataset looks like an earlier one.
func warnOfSimilar(ctx context.Context, w io.Writer, c *client.Client, id uint64) error {
	q := asset.NewQueryClient(c)
	r, err := q.Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil || r.Asset.Similar == 0 {
		return err
	}
	first, err := q.Asset(ctx, &asset.QueryAssetRequest{Id: r.Asset.Similar})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, `warning: %s %s of %s.
It is registered, and everybody can see this. A job that trains on both leaves out what
%s has too, because it was there first.
`, asset.Denom(id), likeness(r.Asset, first.Asset), first.Asset.Creator, asset.Denom(first.Asset.Id))
	return nil
}

// likeness says how an asset repeats an earlier one.
func likeness(a, earlier asset.Asset) string {
	if bytes.Equal(a.Root, earlier.Root) {
		return "is the same, byte for byte, as " + asset.Denom(earlier.Id)
	}
	return fmt.Sprintf("nearly repeats %s (%d %% of the one stands in the other, by their sketches)",
		asset.Denom(earlier.Id), asset.Likeness(a, earlier)/100)
}

// describe fills in what follows from a dataset's text. A last line without a line end
// counts as a line.
func describe(msg *asset.MsgRegister, text []byte) {
	msg.Bytes, msg.Records = uint64(len(text)), uint64(bytes.Count(text, []byte("\n")))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		msg.Records++
	}
	msg.Sketch = record.NewSketch(text).Encode()
}
