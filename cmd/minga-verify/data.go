package main

import (
	"encoding/hex"
	"io"
	"path"
)

// textsOf checks the datasets' bytes, where the bundle has them.
func (r *reasons) textsOf() error {
	r.say("DATA")
	for _, d := range r.datasets {
		r.say("          %s %q of %s, %s: %d bytes, %d records", denom(d.id), d.name, d.creator, d.licence, d.bytes,
			d.records)
		name := hex.EncodeToString(d.root)
		if _, here := r.blobs[name]; !here {
			r.say("          %s (not in this bundle)", name)
			continue
		}
		r.blobs[name] = true
		if err := r.text(d, name); err != nil {
			return err
		}
	}
	return nil
}

func (r *reasons) text(d *asset, name string) error {
	what := "text of " + denom(d.id)
	f, err := r.dir.Open(path.Join(blobFolder, name))
	if err != nil {
		return refuse(what, "cannot be read: %s", err)
	}
	defer f.Close()
	root, size, records, err := blobName(io.LimitReader(f, int64(min(d.bytes, 1<<40))+1))
	switch {
	case err != nil:
		return refuse(what, "cannot be read: %s", err)
	case uint64(size) != d.bytes || string(root[:]) != string(d.root):
		return refuse(what, "does not hash to the dataset's root %x", d.root)
	}
	r.say("          %s (in this bundle: its hash is right; %d lines)", name, records)
	return nil
}
