package main

import "io/fs"

// Verify is what the program does with a bundle.
func Verify(dir fs.FS) (string, error) { return verify(dir, trust{}) }
