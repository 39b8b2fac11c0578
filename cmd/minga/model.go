package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/x/asset"
)

// formats are the ways to write a model out. A model's own file is safetensors.
var formats = []string{"safetensors", "gguf", "gguf-f16"}

func modelCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "model", Short: "Take a trained model home"}
	cmd.AddCommand(modelExport())
	return cmd
}

func modelExport() *cobra.Command {
	var format, out string
	cmd := &cobra.Command{
		Use: "export ASSET", Short: "Write a model to a file that other programs read",
		Long: `Fetch a model from the workers that have it, check every byte against the chain,
and write it: safetensors with all that belongs to it, or GGUF for llama.cpp
(gguf with 32 bits a weight, the same numbers; gguf-f16 with 16).`,
		Example: "  minga model export asset/5 --format gguf --out model.gguf",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, ok := asset.ParseDenom(args[0])
			if !ok {
				return usage(fmt.Errorf("%q is no asset: write it as asset/5", args[0]))
			}
			stored, err := fetchModel(cmd, id)
			if err != nil {
				return err
			}
			content, err := convert(stored, format)
			if err != nil {
				return err
			}
			if err := os.WriteFile(out, content, 0o644); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d bytes\n", out, format, len(content))
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", formats[0], strings.Join(formats, ", "))
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	if err := cmd.MarkFlagRequired("out"); err != nil {
		panic(err) // the flag is above
	}
	return cmd
}

// fetchModel gets the file of a model by way of the store.
func fetchModel(cmd *cobra.Command, id uint64) ([]byte, error) {
	c, err := dial(cmd)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	r, err := asset.NewQueryClient(c).Asset(cmd.Context(), &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return nil, err
	}
	if r.Asset.Kind != asset.KindModel {
		return nil, fmt.Errorf("%s is not a model but a dataset", asset.Denom(id))
	}
	s, err := openStore(cmd)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	root := blob.Hash(r.Asset.Root)
	if err := fetch(cmd, s, root, r.Asset.Source); err != nil {
		return nil, err
	}
	return s.Bytes(root)
}

func convert(content []byte, format string) ([]byte, error) {
	m, err := file.Decode(content)
	if err != nil {
		return nil, err
	}
	switch format {
	case "safetensors":
		return content, nil
	case "gguf":
		return m.GGUF(false)
	case "gguf-f16":
		return m.GGUF(true)
	}
	return nil, usage(fmt.Errorf("--format %s: one of %s", format, strings.Join(formats, ", ")))
}
