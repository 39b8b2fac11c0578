package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/client"
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
it from --source: serve the store there (minga blob serve).`,
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
			if msg.Bytes, msg.Records, err = measure(args[0]); err != nil {
				return err
			}
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
	if made, ok := client.Event[*asset.EventRegistered](r.Events); ok {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d bytes, %d lines\n", asset.Denom(made.Asset), msg.Name, msg.Bytes, msg.Records)
	}
	return nil
}

// measure counts a file's bytes and lines; a last line without an end is one.
func measure(file string) (size, lines uint64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	last := byte('\n')
	for {
		b, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, 0, err
		}
		size++
		if b == '\n' {
			lines++
		}
		last = b
	}
	if last != '\n' {
		lines++
	}
	return size, lines, nil
}
