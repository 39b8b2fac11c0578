//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

import "os"

// lockFile takes no lock where the standard library offers none that ends with
// the process: there, one process a folder is the operator's duty.
func lockFile(root *os.Root, name string) (*os.File, error) {
	return root.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
}
