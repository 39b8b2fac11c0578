package main

import (
	"fmt"
	"os"

	"github.com/minga-network/minga/kernel"
)

// kernelName is the instruction set that MINGA_KERNEL asks for; empty is the best
// of this machine.
func kernelName() (string, error) {
	name := os.Getenv("MINGA_KERNEL")
	if _, err := kernel.New(name, 1); err != nil {
		return "", usage(fmt.Errorf("MINGA_KERNEL: %w", err))
	}
	return name, nil
}
