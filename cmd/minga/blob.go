package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/blob/transfer"
)

const (
	flagListen = "listen"
	// storeLimit is how much disk the blobs of a home may take, in bytes.
	storeLimit = 100 << 30
)

func blobCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "blob", Short: "Keep, fetch and serve bytes named by their hash",
		Long: `Keep, fetch and serve bytes named by their hash, in the folder blobs of the home.

One process at a time has the folder open: publish first and then serve, or give
the server a home of its own.`,
	}
	cmd.AddCommand(blobPut(), blobGet(), blobServe())
	return cmd
}

func blobPut() *cobra.Command {
	return &cobra.Command{
		Use: "put FILE", Short: "Keep a file in the store and show its name", Example: "  minga blob put whales.txt",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			hash, err := keep(cmd, args[0])
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), hash)
			}
			return err
		},
	}
}

// keep puts a file into the store for good.
func keep(cmd *cobra.Command, file string) (blob.Hash, error) {
	f, err := os.Open(file)
	if err != nil {
		return blob.Hash{}, err
	}
	defer f.Close()
	s, err := openStore(cmd)
	if err != nil {
		return blob.Hash{}, err
	}
	defer s.Close()
	hash, err := s.Put(f)
	if err != nil {
		return hash, err
	}
	return hash, s.Pin(hash)
}

func openStore(cmd *cobra.Command) (*store.Store, error) {
	home, err := cmd.Flags().GetString(flagHome)
	if err != nil {
		return nil, err
	}
	return store.Open(filepath.Join(home, "blobs"), storeLimit)
}

func blobGet() *cobra.Command {
	var out, source string
	cmd := &cobra.Command{
		Use: "get HASH", Short: "Write a blob out, fetching it if need be",
		Long: `Write a blob out. If it is not in the store it is fetched, from --source and from
the workers that the node knows, and every piece is checked as it comes.`,
		Example: "  minga blob get 5f2c... --out whales.txt\n  minga blob get 5f2c... --source http://192.0.2.7:8081",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			hash, err := blob.ParseHash(args[0])
			if err != nil {
				return usage(err)
			}
			s, err := openStore(cmd)
			if err != nil {
				return err
			}
			defer s.Close()
			if err := fetch(cmd, s, hash, source); err != nil {
				return err
			}
			return writeBlob(cmd, s, hash, out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write; standard output if empty")
	cmd.Flags().StringVar(&source, "source", "", "address that serves the blob")
	return cmd
}

// transport is how blobs are fetched: without the addresses that a stranger may have written down
// to have this machine ask its neighbours, unless --private-sources allows them.
func transport(cmd *cobra.Command) (http.RoundTripper, error) {
	private, err := cmd.Flags().GetBool(flagPrivate)
	if err != nil || !private {
		return nil, err
	}
	return transfer.AnyAddress(), nil
}

// fetch gets a blob into the store. With a source, a node is not needed; that address was given by
// who runs the command, so it may be a private one.
func fetch(cmd *cobra.Command, s *store.Store, hash blob.Hash, source string) error {
	if s.Has(hash) {
		return nil
	}
	over, err := transport(cmd)
	if err != nil {
		return err
	}
	if source != "" && transfer.Fetch(cmd.Context(), transfer.AnyAddress(), s, hash, []string{source}, storeLimit) == nil {
		return nil
	}
	c, err := dial(cmd)
	if err != nil {
		return err
	}
	defer c.Close()
	sources, err := c.Sources(cmd.Context(), source)
	if err != nil {
		return err
	}
	return transfer.Fetch(cmd.Context(), over, s, hash, sources, storeLimit)
}

func writeBlob(cmd *cobra.Command, s *store.Store, hash blob.Hash, out string) error {
	content, _, err := s.Get(hash)
	if err != nil {
		return err
	}
	defer content.Close()
	if out == "" {
		_, err = io.Copy(rawOut(cmd), content)
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}

// rawOut is standard output for bytes, which a file or another program gets as they are. A terminal gets text.
func rawOut(cmd *cobra.Command) io.Writer {
	if info, err := os.Stdout.Stat(); err == nil && info.Mode()&os.ModeCharDevice == 0 {
		return os.Stdout
	}
	return cmd.OutOrStdout()
}

func blobServe() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the store's blobs until interrupted",
		Long: `Serve the blobs of the home over HTTP until interrupted. It listens on this machine
only, unless told otherwise.`,
		Example: "  minga blob serve --listen 0.0.0.0:8081",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := openStore(cmd)
			if err != nil {
				return err
			}
			defer s.Close()
			url, wait, err := transfer.Serve(cmd.Context(), listen, transfer.Handler(s))
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "serves blobs at %s\n", url)
			return wait()
		},
	}
	cmd.Flags().StringVar(&listen, flagListen, "127.0.0.1:0", "address to serve at; port 0 is any free one")
	return cmd
}
