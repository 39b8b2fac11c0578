package main

import (
	"errors"
	"io/fs"
)

// Verify is what the program does with a bundle.
func Verify(dir fs.FS) (string, error) { return verify(dir, trust{}) }

// Place is where a bundle was refused.
func Place(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.place
	}
	return ""
}
